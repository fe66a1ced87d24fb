"""What the browser is given once: geometry, indicators, presets, words, stories."""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from sim77.app.explore.sides import names_of
from sim77.app.levers.specs import lever_specs
from sim77.app.measures import key_figures, measure_names, measure_payload
from sim77.app.options import Options, is_sample, is_shipped, labels, scale_of, workers_of
from sim77.app.state.address import versions
from sim77.app.state.state import default_state, scenarios_on
from sim77.app.words import words
from sim77.core.units import OCCUPATION_GROUPS, PLAN_KINDS
from sim77.registry.indicators import described
from sim77.registry.levers import lever_groups
from sim77.report.geography import Geography
from sim77.report.locale import words_by_language
from sim77.report.scales import nice_ceiling
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import SHIPPED, Territory

_SHOWN_LINE = "R"
_RAIL_MOST = 10_000.0
_WIDEST = 1.6
"""The widest line of a map, as a multiple of the one with that many riders."""


def boot_of(geography: Geography, options: Options) -> dict[str, Any]:
    """Return all that no state changes.

    Parameters
    ----------
    geography : Geography
    options : Options
        How the app was started.
    """
    territory = geography.territory
    return _fixed(geography) | {
        "stories": [each.payload() for each in options.stories.values()],
        "territories": [{"name": name, **text} for name, text in labels(options).items()],
        "sample": _sample(territory, options),
        **_without_desks(territory, options),
    }


def _sample(territory: Territory, options: Options) -> dict[str, Any] | None:
    """Describe the sample that is simulated; None for all workers."""
    scale = scale_of(territory, options)
    if scale == 1.0:
        return None
    named = [] if is_shipped(territory) else ["--territory", options.territory or territory.name]
    whole = shlex.join(["sim77", "app", "--scale", "1", *named])
    return {"share": scale, "workers": workers_of(territory), "whole": whole}


def _without_desks(territory: Territory, options: Options) -> dict[str, Any]:
    """Leave out use of desks and refusals where the app chose a sample, which is small.

    One person simulated stands for more than a centre has desks: some are full, most are empty, and
    neither is so with all workers.
    """
    shown = key_figures(_first_line(territory))
    if not is_sample(territory, options):
        return {"key_figures": shown, "few_desks": False}
    return {"key_figures": [name for name in shown if name != "desks_occupied"], "few_desks": True}


@lru_cache(maxsize=4)
def _fixed(geography: Geography) -> dict[str, Any]:
    territory = geography.territory
    default, known = default_state(territory), scenarios_on(territory)
    pair = known[default.scenario_a], known[default.scenario_b]
    shipped = is_shipped(territory)
    figures = key_figures(_first_line(territory))
    return {
        **geography.payload(),
        "left_out": not shipped,
        "territory": territory.name,
        "place": territory.labels,
        "versions": versions(territory),
        "rail_most": _rail_most(territory),
        "indicators": [measure_payload(name) for name in measure_names()],
        "labels": {name: _label(name) for name in figures},
        "lever_groups": [{"name": name, **text} for name, text in lever_groups().items()],
        "levers": lever_specs(*pair, territory),
        "presets": [_preset(each) for each in known.values()],
        "kinds": list(PLAN_KINDS),
        "groups": [
            {"name": group, **{lang: text[group] for lang, text in words_by_language().items()}}
            for group in OCCUPATION_GROUPS
        ],
        "words": words(),
        "credits": _credits(territory),
    }


def _credits(territory: Territory) -> dict[str, str]:
    """Return whose data the territory is made of, short enough to stand under a picture."""
    key = "exp_credits" if territory.folder.parent == SHIPPED.parent else "exp_credits_other"
    return {lang: text[key] for lang, text in words().items()}


def _first_line(territory: Territory) -> str | None:
    """Return the line whose load is shown first: it asks the most of a commuter's patience.

    In Seine-et-Marne that is line R, most of whose riders live there; elsewhere the line on which
    commuters to the default scopes would spend the most time, if all took public transport. None
    where no train runs.
    """
    if is_shipped(territory):
        return _SHOWN_LINE
    if territory.lines.empty:
        return None
    flows, segments = territory.flows, territory.od.transit.segments
    scope = territory.workplaces["zone"].to_numpy()[flows["workplace"]]
    mine = flows[~flows["at_home"] & np.isin(scope, territory.default_zones)]
    pairs = pd.MultiIndex.from_frame(territory.od.pairs)
    workers = mine.groupby(["commune", "workplace"])["workers"].sum().reindex(pairs, fill_value=0)
    ridden = territory.od.transit.paths.T @ np.repeat(workers.to_numpy(), 2)
    return str((segments["minutes"] * ridden).groupby(segments["line"]).sum().idxmax())


def _places(territory: Territory) -> pd.Series:
    """Return the most places an hour of each line."""
    trains = territory.od.transit.segments.groupby("line", observed=True)["trains_per_hour"].max()
    return trains * territory.lines.set_index("line")["places_per_train"].reindex(trains.index)


def _rail_most(territory: Territory) -> float:
    """Return the riders an hour that are drawn ten units wide on the map."""
    most = float(_places(territory).max()) if len(territory.lines) else 0.0
    return max(_RAIL_MOST, nice_ceiling(most / _WIDEST))


def _label(name: str) -> dict[str, str]:
    text = described(name)
    return {"fr": text.label_fr, "en": text.label_en, "unit": text.daily_unit}


def _preset(scenario: Scenario) -> dict[str, str]:
    return {
        **names_of(scenario),
        "description_fr": scenario.description_fr,
        "description_en": scenario.description_en,
        "from": scenario.start.isoformat(),
        "to": scenario.end.isoformat(),
    }
