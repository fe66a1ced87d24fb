"""Plain-text tables of the scenarios: all of them, or one in full."""

from sim77.report.listing import record, table
from sim77.scenario.scenario import Change, Scenario, load_scenario, scenario_names
from sim77.territory.new_line import NewLine
from sim77.territory.territory import Territory


def scenarios_text(name: str | None = None, territory: Territory | None = None) -> str:
    """Return the scenarios as a table, or one (a name or a YAML file) in full.

    Parameters
    ----------
    name : str, optional
    territory : Territory, optional
        List those that run on it, its own first; the shipped ones if left out.
    """
    if name is not None:
        return _scenario_in_full(load_scenario(name, territory))
    listed = [load_scenario(each, territory) for each in scenario_names(territory)]
    rows = [(each.name, f"{each.start} to {each.end}", each.label_en) for each in listed]
    return table(("name", "period", "what it is"), rows)


def _scenario_in_full(scenario: Scenario) -> str:
    overrides = "; ".join(f"{name} = {value:g}" for name, value in scenario.parameters.items())
    text = record(
        scenario.name,
        {
            "label": scenario.label_en,
            "en français": scenario.label_fr,
            "period": f"{scenario.start} to {scenario.end}",
            "description": scenario.description_en,
            "parameters": overrides or "as in the registry",
            "telecentres": str(len(scenario.network)),
            "new lines": "; ".join(map(_new_line, scenario.new_lines)),
        },
    )
    if not scenario.changes:
        return text
    head = ("date", "until", "lever", "target", "value")
    return f"{text}\n\n{table(head, [_change(each) for each in scenario.changes])}"


def _new_line(line: NewLine) -> str:
    first, last = line.stops[0], line.stops[-1]
    return (
        f"{line.line}: {first.stop} to {last.stop}, {len(line.stops)} stops, "
        f"{last.minutes - first.minutes:g} minutes, {line.trains_per_hour:g} trains an hour "
        f"({line.source})"
    )


def _change(change: Change) -> tuple[str, ...]:
    until = "" if change.until is None else str(change.until)
    target = "" if change.target is None else str(change.target)
    value = "" if change.value is None else str(change.value)
    return str(change.date), until, change.lever, target, value
