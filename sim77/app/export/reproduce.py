"""The same numbers again, without the app: as Python, as a command line and as scenario files."""

from __future__ import annotations

import shlex
from typing import Any

from sim77.app.explore.sides import Scope
from sim77.app.state.state import State, scenarios_on
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory, load_territory


def reproduction(state: State, scope: Scope, seeds: int) -> dict[str, Any]:
    """Return how to make the numbers of a comparison again.

    Parameters
    ----------
    state : State
    scope : Scope
        Its seed is the first.
    seeds : int
        Paired seeds of the intervals.

    Returns
    -------
    dict
        ``python``, ``command`` (compare), ``command_run`` (B alone, one seed), and ``files``: by
        name, the YAML of each scenario that no name gives.
    """
    territory = load_territory(scope.territory)
    a, b = state.scenarios(territory)
    files = {
        f"{_file_stem(each)}-{letter}.yaml": each.to_yaml()
        for letter, each in (("a", a), ("b", b))
        if not _is_named(each, territory)
    }
    names = [
        each.name if _is_named(each, territory) else f"{_file_stem(each)}-{letter}.yaml"
        for letter, each in (("a", a), ("b", b))
    ]
    return {
        "python": _python(names, (a, b), scope, seeds),
        "command": _command(["compare", *names, "--seeds", str(seeds),
                             *(["--first-seed", str(scope.seed)] if scope.seed != 1 else [])],
                            scope, (a, b)),
        "command_run": _command(["run", names[1], "--seed", str(scope.seed)], scope, (a, b)),
        "files": files,
    }  # fmt: skip


def _is_named(scenario: Scenario, territory: Territory) -> bool:
    """Say whether the name alone gives the scenario."""
    named = scenarios_on(territory).get(scenario.name)
    return named is not None and named.hash == scenario.hash


def _file_stem(scenario: Scenario) -> str:
    return scenario.name.replace("+", "-")


def _period(scope: Scope, sides: tuple[Scenario, Scenario]) -> list[str]:
    """Return the options that give the period, where the scenarios do not."""
    own = all((each.start, each.end) == (scope.start, scope.end) for each in sides)
    return [] if own else ["--from", scope.start.isoformat(), "--to", scope.end.isoformat()]


def _command(words: list[str], scope: Scope, sides: tuple[Scenario, Scenario]) -> str:
    scale = [] if scope.scale == 1.0 else ["--scale", str(scope.scale)]
    place = [] if scope.territory is None else ["--territory", scope.territory]
    return shlex.join(["sim77", *words, *scale, *_period(scope, sides), *place])


def _python(names: list[str], sides: tuple[Scenario, Scenario], scope: Scope, seeds: int) -> str:
    given = [f"seeds={seeds}"]
    run = [f"seed={scope.seed}"]
    if scope.seed != 1:
        given.append(f"first_seed={scope.seed}")
    both = []
    if scope.scale != 1.0:
        both.append(f"scale={scope.scale}")
    lines = ["import sim77"]
    if _period(scope, sides):
        lines.insert(0, "import datetime as dt")
        for key, day in (("start", scope.start), ("end", scope.end)):
            both.append(f"{key}=dt.date({day.year}, {day.month}, {day.day})")
    if scope.territory is not None:
        both.append(f"territory={scope.territory!r}")
    return "\n".join(
        (
            *lines,
            "",
            f"comparison = sim77.compare({names[0]!r}, {names[1]!r}, {', '.join(given + both)})",
            "print(sim77.text(comparison))",
            f"run = sim77.run({names[1]!r}, {', '.join(run + both)})",
            "print(run.summary())",
            "",
        )
    )
