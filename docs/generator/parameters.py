"""The page of the parameters: values by date, units, ranges, confidence and sources."""

from __future__ import annotations

from collections.abc import Iterable

from docs.generator.markdown import code, number, render, table
from docs.generator.reading import readers
from sim77.registry.parameters import GROUPS, Parameter, load_parameters
from sim77.report.listing import CONFIDENCE

NOT_READ = "–"
ASSUMED = "°"


def parameters_page() -> str:
    """Return ``parameters.md``."""
    return render(
        "parameters.md",
        ASSUMED=ASSUMED,
        NOT_READ=NOT_READ,
        letters="\n".join(f"- **{letter}** {meaning}" for letter, meaning in CONFIDENCE.items()),
        links=" · ".join(f"[{_title(name)}](#{_anchor(name)})" for name in GROUPS),
        groups="\n\n".join(_group(name) for name in GROUPS),
        sources="\n".join(f"- **{key}** {text}" for key, text in sources_cited().items()),
    )


def sources_cited() -> dict[str, str]:
    """Return the full text of every source that a parameter cites, by key, in order of keys."""
    found: dict[str, str] = {}
    for parameter in load_parameters().values():
        rest = parameter.source
        for key in reversed(parameter.source_ids[1:]):
            rest, _, found[key] = rest.rpartition(f"; {key}: ")
        if parameter.source_ids:
            first = parameter.source_ids[0]
            found[first] = rest.removeprefix(f"{first}: ")
    return dict(sorted(found.items()))


def value_text(parameter: Parameter) -> str:
    """Return the value, or every value with the date from which it holds."""
    if not parameter.values:
        return number(parameter.value)
    word = "on" if parameter.path else "from"
    text = "; ".join(f"{number(value)} {word} {since}" for since, value in parameter.values.items())
    return f"{text}; on a path between them" if parameter.path else text


def range_text(parameter: Parameter) -> str:
    """Return the plausible interval, and whether it is assumed."""
    text = f"{number(parameter.low)} to {number(parameter.high)}"
    return f"{text}{ASSUMED}" if parameter.range_assumed else text


def symbol_table(parameters: Iterable[Parameter]) -> str:
    """Return the table that maps the symbols of equations to parameters, values and sources."""
    head = ("symbol", "parameter", "value", "unit", "range", "", "meaning", "sources")
    rows = [
        (
            code(each.symbol or each.name),
            code(each.name),
            value_text(each),
            each.unit,
            range_text(each),
            each.confidence,
            each.label_en,
            ", ".join(each.source_ids),
        )
        for each in parameters
    ]
    return table(head, rows)


def _group(name: str) -> str:
    head = ("parameter", "symbol", "value", "unit", "range", "", "meaning", "en français",
            "sources", "read by")  # fmt: skip
    members = [each for each in load_parameters().values() if each.group == name]
    rows = [
        (
            code(each.name),
            code(each.symbol),
            value_text(each),
            each.unit,
            range_text(each),
            each.confidence,
            each.label_en,
            each.label_fr,
            ", ".join(each.source_ids),
            ", ".join(code(module) for module in readers(each)) or NOT_READ,
        )
        for each in members
    ]
    notes = "\n".join(f"- `{each.name}`: {each.note}" for each in members if each.note)
    return f"## {_title(name)}\n\n{table(head, rows)}\n\n{notes}".rstrip()


def _title(group: str) -> str:
    return group.replace("_", " ").capitalize()


def _anchor(group: str) -> str:
    return _title(group).lower().replace(" ", "-")
