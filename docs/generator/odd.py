"""The ODD protocol of the model (Grimm et al. 2020), made from the code it describes.

The template ``odd.md.j2`` holds the prose that belongs to the protocol; what a submodel
computes is said by its docstrings, and every number, column, lever and scenario by its registry.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

import pandas as pd

from docs.generator.dictionary import result_tables, territory_texts
from docs.generator.markdown import (
    DocumentationError,
    Entry,
    code,
    docstring_of,
    is_function,
    number,
    public_members,
    public_parts,
    render,
    table,
)
from docs.generator.parameters import ASSUMED, symbol_table, value_text
from docs.generator.reading import commented_fields, parameters_read
from sim77.core import draws
from sim77.core.errors import nearest
from sim77.core.units import PLAN_KINDS, Plan
from sim77.engine import agents
from sim77.engine.arrays import Choosers, Workers
from sim77.engine.choice.terms import TERMS
from sim77.engine.model import PHASES
from sim77.engine.population.population import Population
from sim77.registry.indicators import indicators
from sim77.registry.levers import levers
from sim77.registry.parameters import load_parameters
from sim77.scenario.scenario import load_scenario, scenario_names
from sim77.territory.schema import TABLES
from sim77.territory.territory import Territory, load_territory


def odd_page() -> str:
    """Return ``odd.md``.

    Raises
    ------
    DocumentationError
        If something the page describes has no docstring, or the engine reads a parameter that no
        table of the page holds.
    """
    page = _Page()
    text = render("odd.md", **page.context())
    page.check()
    return text


class _Page:
    """What the template can ask for, and a record of what it has asked for."""

    def __init__(self) -> None:
        self._described: list[str] = []
        self._listed: set[str] = set()

    def context(self) -> Mapping[str, Any]:
        """Return the names that the template may use."""
        return {
            "ASSUMED": ASSUMED,
            "module": self.module,
            "about": self.about,
            "symbols": self.symbols,
            "p": parameter_name,
            "value": parameter_value,
            "agents": self.agents,
            "worker_state": worker_state,
            "phases": phases_part,
            "terms": terms_part,
            "purposes": [code(purpose.name.lower()) for purpose in draws.Purpose],
            "indicators": indicators_part,
            "scenarios": scenarios_part,
            "levers": levers_part,
            "territory": territory_part,
            "results": results_part,
            "count": _counts(),
        }

    def module(self, name: str) -> str:
        """Describe a module: its docstring, and its public functions and classes."""
        self._described.append(name)
        return module_part(name)

    def about(self, name: str) -> str:
        """Return the docstring of a module whose members are no science, yet must have theirs."""
        self.module(name)
        return module_head(name)

    def agents(self) -> str:
        """Describe the agent classes."""
        self._described.append("engine.agents")
        return agents_part()

    def symbols(self, *modules: str, also: tuple[str, ...] = ()) -> str:
        """List the parameters that modules read, and those whose names fit a pattern."""
        wanted = {name for module in modules for name in parameters_read(module)}
        for pattern in also:
            fitting = [name for name in load_parameters() if re.fullmatch(pattern, name)]
            if not fitting:
                raise DocumentationError(f"odd.md.j2: no parameter fits the pattern '{pattern}'.")
            wanted.update(fitting)
        if not wanted:
            asked = " and ".join(modules)
            raise DocumentationError(f"odd.md.j2 lists the parameters of {asked}: there is none.")
        self._listed |= wanted
        return symbol_table(each for name, each in load_parameters().items() if name in wanted)

    def check(self) -> None:
        """Raise `DocumentationError` if a described module reads a parameter not listed."""
        for module in self._described:
            for name in parameters_read(module):
                if name not in self._listed:
                    raise DocumentationError(
                        f"{module}.py reads '{name}', which no table of odd.md.j2 lists."
                    )


# Parts of the page -------------------------------------------------------------------------


def parameter_name(name: str) -> str:
    """Return a parameter's name as code, if there is one."""
    if name not in load_parameters():
        raise DocumentationError(
            f"odd.md.j2 names a parameter '{name}' that there is not."
            f"{nearest(name, load_parameters())}"
        )
    return code(name)


def parameter_value(name: str) -> str:
    """Return a parameter's value in digits, without its unit."""
    parameter_name(name)
    return value_text(load_parameters()[name])


def module_part(name: str) -> str:
    """Describe a module of the engine by its docstrings.

    Parameters
    ----------
    name : str
        Without ``sim77.``.

    Raises
    ------
    DocumentationError
        If the module, or something public in it, has no docstring.
    """
    members = public_members(import_module(f"sim77.{name}"))
    items = (_member(f"{name}.{key}", key, member) for key, member in members.items())
    return "\n\n".join([module_head(name), "\n".join(items)]).rstrip()


def module_head(name: str) -> str:
    """Return the name and the docstring of a module of the engine."""
    text = docstring_of(import_module(f"sim77.{name}"), f"sim77.{name}")
    return f"**`sim77.{name}`** {text.prose}"


def _member(path: str, name: str, member: Any) -> str:
    text = docstring_of(member, f"sim77.{path}")
    item = _item(_signature(name, member), text.prose)
    if not inspect.isclass(member):
        return item
    fields = [_item(code(", ".join(e.names)), _meaning(e.kind, e.meaning)) for e in text.attributes]
    parts = [
        _item(_signature(key, part), docstring_of(part, f"sim77.{path}.{key}").prose)
        for key, part in public_parts(member).items()
    ]
    return "\n".join([item, *(_indented(each) for each in (*fields, *parts))])


def _signature(name: str, member: Any) -> str:
    if not is_function(member):
        return code(name)
    function = getattr(member, "py_func", member)
    names = [each for each in inspect.signature(function).parameters if each != "self"]
    return code(f"{name}({', '.join(names)})")


def _meaning(kind: str, meaning: str) -> str:
    return f"{kind}. {meaning}" if kind and meaning else kind or meaning


def _item(head: str, text: str) -> str:
    first, _, rest = text.partition("\n")
    return f"- {head} {first}" + (f"\n{_indented(rest)}" if rest else "")


def _indented(text: str) -> str:
    return "\n".join(f"  {row}" if row.strip() else "" for row in text.splitlines())


def agents_part() -> str:
    """Describe every agent class with its attributes."""
    about = docstring_of(agents, "sim77.engine.agents").prose
    classes = [
        kind
        for kind in public_members(agents).values()
        if inspect.isclass(kind) and kind is not agents.PlacedAgent
    ]
    return "\n\n".join([about, *(_agent(kind) for kind in classes)])


def _agent(kind: type) -> str:
    rows = [
        (code(name), docstring_of(part, f"agents.{kind.__name__}.{name}").summary)
        for name, part in public_parts(kind).items()
    ]
    about = docstring_of(kind, f"agents.{kind.__name__}").prose
    return f"**{kind.__name__}.** {about}\n\n{table(('attribute', 'meaning'), rows)}"


def worker_state() -> str:
    """Return the table of what a worker is and remembers."""
    of_population = {
        name: entry
        for entry in docstring_of(Population, "population.Population").attributes
        for name in entry.names
    }
    rows = [
        (", ".join(code(name) for name in entry.names), "`Population`", entry.kind, _spelled(entry))
        for entry in dict.fromkeys(of_population.values())
        if not entry.names[0].startswith(_NOT_OF_WORKERS)
    ]
    for kind in (Workers, Choosers):
        rows += [
            (code(entry.names[0]), code(kind.__name__), "", entry.meaning)
            for entry in commented_fields(kind)
            if entry.names[0] not in of_population and entry.meaning
        ]
    return table(("variable", "held in", "type", "meaning"), rows)


_NOT_OF_WORKERS = ("cell_", "employer_", "commune_start", "team_size", "unrepresented")
"""Columns of a population with another axis than workers."""


def _spelled(entry: Entry) -> str:
    """Return the meaning of a field, or its name in words if that says it all."""
    return entry.meaning or ", ".join(name.replace("_", " ") for name in entry.names)


def phases_part() -> str:
    """Return the phases of a simulated day in order, in the words of the plan."""
    for phase in PHASES:
        if not phase.description:
            raise DocumentationError(f"the phase '{phase.name}' has no description.")
    return "\n".join(
        f"{place}. `{phase.name}`: {phase.description}"
        for place, phase in enumerate(PHASES, start=1)
    )


def terms_part() -> str:
    """Return the table of the terms of the utility of a day plan."""
    rows = [
        (
            code(term.name),
            " ".join(code(each) for each in term.parameters),
            term.attribute,
            *(number(term.signed_weight(kind)) for kind in _KINDS),
        )
        for term in TERMS.values()
    ]
    return table(("term", "coefficient", "attribute", *PLAN_KINDS), rows)


_KINDS = [kind for kind in Plan if kind is not Plan.NOT_AT_WORK]


def indicators_part() -> str:
    """Return the table of the indicators."""
    rows = [
        (code(each.name), each.unit, each.formula, each.source) for each in indicators().values()
    ]
    return table(("indicator", "unit", "formula", "source"), rows)


def scenarios_part() -> str:
    """Return the table of the shipped scenarios."""
    rows = []
    for each in (load_scenario(name) for name in scenario_names()):
        period = f"{each.start} to {each.end}"
        size = str(len(each.network))
        rows.append((code(each.name), period, size, each.label_en, each.description_en))
    return table(("scenario", "period", "telecentres", "label", "what it is"), rows)


def levers_part() -> str:
    """Return the table of the levers."""
    rows = [
        (code(each.name), each.label_en, each.unit, _bounds(each.low, each.high), each.target)
        for each in levers().values()
    ]
    return table(("lever", "what it does", "unit", "bounds", "target"), rows)


def _bounds(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{number(low)} to {number(high)}"


def territory_part() -> str:
    """Return the table of a territory's tables with the rows of the shipped one."""
    shipped = load_territory()
    rows = [
        (
            code(f"{name}{form.suffix}"),
            str(len(_table(shipped, name))),
            territory_texts()[name].en,
        )
        for name, form in TABLES.items()
    ]
    return table(("table", "rows", "content"), rows)


def _table(territory: Territory, name: str) -> pd.DataFrame:
    of_modes = {"mode_choice": territory.od.mode_choice, "base_loads": territory.od.base_loads}
    found = of_modes[name] if name in of_modes else getattr(territory, name)
    return cast(pd.DataFrame, found)


def results_part() -> str:
    """Return the table of a result's tables."""
    return table(
        ("table", "content"), [(code(name), text.en) for name, text in result_tables().items()]
    )


def _counts() -> Callable[[str], int]:
    shipped = load_territory()
    flows = shipped.flows
    there = shipped.workplaces["zone"].to_numpy()[flows["workplace"]]
    to_paris = int(flows.loc[(there == "paris") & ~flows["at_home"], "workers"].sum())

    def count(what: str) -> int:
        known = {
            "workers": int(flows.loc[~flows["at_home"], "workers"].sum()),
            "to_paris": to_paris,
            "segments": len(shipped.od.transit.segments),
            "sections": len(shipped.od.road.sections),
        }
        return known[what] if what in known else len(getattr(shipped, what))

    return count
