"""How the app was started."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim77.app.sides import Scope
from sim77.app.state import State, scenarios_on
from sim77.app.stories import Story
from sim77.app.studies import Catalogue
from sim77.territory.territory import load_territory


@dataclass(frozen=True)
class Options:
    """How the app was started.

    Attributes
    ----------
    scale : float
        Share of the workers simulated.
    start, end : datetime.date or None
        Days simulated in place of the scenarios' own.
    seeds : int
        Paired seeds of the intervals.
    territory : str or None
    stories : mapping
        Stories by name (`sim77.app.stories`).
    studies : Catalogue
        Where stored studies are looked for.
    """

    scale: float = 1.0
    start: dt.date | None = None
    end: dt.date | None = None
    seeds: int = 5
    territory: str | None = None
    stories: Mapping[str, Story] = field(default_factory=dict)
    studies: Catalogue = field(default_factory=Catalogue)


def scope_of(state: State, options: Options) -> Scope:
    """Return what both sides of the comparison of a state have in common: A's period, or the app's.

    Parameters
    ----------
    state : State
    options : Options
    """
    a = scenarios_on(load_territory(options.territory))[state.scenario_a]
    return Scope(
        state.seed, options.start or a.start, options.end or a.end, options.scale,
        territory=options.territory,
    )  # fmt: skip
