"""How the app was started, and what follows from it for each territory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sim77.app.explore.sides import Scope
from sim77.app.state.state import Checker, State, scenarios_on
from sim77.app.story.story import Story, shipped_stories
from sim77.app.studies.folders import Catalogue
from sim77.territory.territory import SHIPPED, Territory, load_territory, territory_labels

MOST_WORKERS = 500_000
"""In a territory with more, a sample answers: a lever moved must be answered in seconds."""

SAMPLE_WORKERS = 80_000
_TYPICAL_MONTH = 9
"""September: neither a public holiday nor a school holiday."""


@dataclass(frozen=True)
class Options:
    """How the app was started.

    Attributes
    ----------
    scale : float or None
        Share of the workers simulated; if not given, all of them, or a sample of a large territory.
    start, end : datetime.date or None
        Days simulated in place of the scenarios' own.
    seeds : int
        Paired seeds of the intervals.
    territory : str or None
        The one shown, as `load_territory` takes it.
    stories : mapping
        Stories by name (`sim77.app.story.story`).
    studies : Catalogue
        Where stored studies are looked for.
    territories : mapping
        Those that can be chosen: by name, what `load_territory` takes.
    """

    scale: float | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    seeds: int = 5
    territory: str | None = None
    stories: Mapping[str, Story] = field(default_factory=dict)
    studies: Catalogue = field(default_factory=Catalogue)
    territories: Mapping[str, str | None] = field(default_factory=dict)

    def on(self, territory: str | None) -> Options:
        """Return the same on a territory, with what ships about it."""
        place = load_territory(territory)
        return replace(
            self, territory=territory,
            stories=shipped_stories(Checker(place)),
            studies=self.studies if is_shipped(place) else replace(self.studies, shipped=None),
        )  # fmt: skip


def is_shipped(territory: Territory) -> bool:
    """Say whether this is Seine-et-Marne, which the shipped studies are about."""
    return territory.folder == SHIPPED


def choices(given: str | None) -> dict[str, str | None]:
    """Return the territories that can be chosen, the one given on start among them, by name.

    One given stands before a shipped one of the same name.
    """
    shipped = {name: None if name == SHIPPED.name else name for name in territory_labels()}
    return shipped if given is None else shipped | {load_territory(given).name: given}


def labels(options: Options) -> dict[str, dict[str, str]]:
    """Return what the territories that can be chosen are called, by name."""
    shipped = territory_labels()
    return {
        name: shipped[name]
        if name in shipped and given in (None, name)
        else load_territory(given).labels
        for name, given in options.territories.items()
    }


@lru_cache(maxsize=4)
def workers_of(territory: Territory) -> int:
    """Return how many workers a run of the whole territory simulates."""
    flows = territory.flows
    there = territory.workplaces["zone"].isin(territory.default_zones).to_numpy()
    mine = ~flows["at_home"] & there[flows["workplace"].to_numpy()]
    return int(flows.loc[mine, "workers"].sum())


def is_sample(territory: Territory, options: Options) -> bool:
    """Say whether the app chose a sample: nobody gave a scale, and the territory is large."""
    return options.scale is None and workers_of(territory) > MOST_WORKERS


def scale_of(territory: Territory, options: Options) -> float:
    """Return the share of the workers that is simulated."""
    if options.scale is not None:
        return options.scale
    workers = workers_of(territory)
    return float(f"{SAMPLE_WORKERS / workers:.2g}") if workers > MOST_WORKERS else 1.0


def scope_of(state: State, options: Options, whole: bool = False) -> Scope:
    """Return what both sides of the comparison of a state have in common: A's period, or the app's.

    Parameters
    ----------
    state : State
    options : Options
    whole : bool
        Of a large territory too the whole period, not the typical month that answers first.
    """
    territory = load_territory(options.territory)
    a = scenarios_on(territory)[state.scenario_a]
    start, end = options.start or a.start, options.end or a.end
    if is_sample(territory, options) and options.start is None and not whole:
        start, end = typical_month(start, end)
    return Scope(
        state.seed, start, end, scale_of(territory, options), territory.default_zones,
        options.territory,
    )  # fmt: skip


def typical_month(start: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first whole September of a period, or its last whole month, or all of it.

    >>> typical_month(dt.date(2019, 10, 1), dt.date(2020, 2, 20))
    (datetime.date(2020, 1, 1), datetime.date(2020, 1, 31))
    """
    firsts = [dt.date(year, month, 1) for year in range(start.year, end.year + 1)
              for month in range(1, 13)]  # fmt: skip
    whole = [(each, _last_of(each)) for each in firsts if start <= each and _last_of(each) <= end]
    typical = [each for each in whole if each[0].month == _TYPICAL_MONTH]
    return next(iter(typical), whole[-1] if whole else (start, end))


def _last_of(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
