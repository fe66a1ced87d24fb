"""The page of the levers: units, bounds, real instances, and what each moves."""

from __future__ import annotations

from docs.generator.markdown import code, number, render, table
from sim77.registry.levers import Instance, Lever, lever_groups, levers

_SIGNS = {1: "+", 0: "0", -1: "−"}


def levers_page() -> str:
    """Return ``levers.md``."""
    return render(
        "levers.md",
        links=" · ".join(f"[{name.capitalize()}](#{name})" for name in lever_groups()),
        groups="\n\n".join(_group(name) for name in lever_groups()),
    )


def _group(name: str) -> str:
    members = [each for each in levers().values() if each.group == name]
    head = (
        "lever",
        "what it does",
        "en français",
        "unit",
        "bounds",
        "target",
        "expected_signs",
        "in",
    )
    rows = [
        (
            code(each.name),
            each.label_en,
            each.label_fr,
            each.unit,
            _bounds(each),
            "" if each.target == "nothing" else each.target,
            ", ".join(f"{code(key)} {_SIGNS[sign]}" for key, sign in each.expected_signs.items()),
            each.test_case.scenario if each.test_case else "",
        )
        for each in members
    ]
    notes = "\n".join(line for each in members for line in _notes(each))
    return f"## {name.capitalize()}\n\n{table(head, rows)}\n\n{notes}"


def _bounds(found: Lever) -> str:
    if found.low is None or found.high is None:
        return ""
    return f"{number(found.low)} to {number(found.high)}"


def _notes(found: Lever) -> list[str]:
    sets = f" Sets the parameter `{found.parameter}`." if found.parameter else ""
    return [
        f"- `{found.name}`: {found.source_en}.{sets}",
        *(_told(each) for each in found.instances),
    ]


def _told(instance: Instance) -> str:
    return f"  - {instance.date}: {instance.what_en}. {instance.source}"
