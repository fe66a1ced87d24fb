"""How to search for the places of telecentres: the options of `sim77 site`, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sim77.analysis.siting.assess import FRESH
from sim77.analysis.siting.candidates import SIZES
from sim77.analysis.siting.evaluate import OBJECTIVES
from sim77.analysis.sweep.entries import MisplacedError
from sim77.analysis.sweep.schema import LAST_SEED, SOME
from sim77.core.schema import Flag, Number, OneOf, Part, validated, whole


class _Allowed(Part):
    """What each option may be."""

    sites: Annotated[int, whole(1, 1000)]
    budget: Annotated[float, Number(0, above=True)] | None = None
    objective: Annotated[str, OneOf("objective", tuple(OBJECTIVES))]
    from_scratch: Flag
    sizes: Annotated[list[Annotated[int, whole(1, 2000)]], *SOME]
    days: Annotated[int, whole(1, 5000)]
    evaluations: Annotated[int, whole(0, 1_000_000)]
    training_seeds: Annotated[int, whole(1, 1000)]
    fresh_seeds: Annotated[int, whole(2, 1000)]
    random: Annotated[int, whole(0, 10_000)]
    draws: Annotated[int, whole(0, 10_000)]
    seed: Annotated[int, whole(0, LAST_SEED - 3000)]


@dataclass(frozen=True)
class Options:
    """How to search.

    Attributes
    ----------
    sites : int
        Telecentres to open.
    budget : float or None
        Euros a year for all of them; None: what sites of about ten desks cost where they cost most.
    objective : str
        One of `OBJECTIVES`.
    from_scratch : bool
        Whether the scenario's own telecentres are taken away first.
    sizes : tuple of int
        Numbers of desks to choose from.
    days : int
        Working days of a run.
    evaluations : int
        Runs that the search may make.
    training_seeds, fresh_seeds : int
        Seeds of the search, and of the judgement.
    random : int
        Random networks of the same budget to compare with.
    draws : int
        Draws of the uncertain parameters for the regret; 0: none.
    seed : int
        The first training seed.
    """

    sites: int
    budget: float | None = None
    objective: str = "surplus"
    from_scratch: bool = False
    sizes: tuple[int, ...] = SIZES
    days: int = 20
    evaluations: int = 200
    training_seeds: int = 2
    fresh_seeds: int = 5
    random: int = 20
    draws: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        validated(_Allowed, vars(self), MisplacedError)

    @property
    def training(self) -> tuple[int, ...]:
        """Seeds of the search."""
        return tuple(range(self.seed, self.seed + self.training_seeds))

    @property
    def fresh(self) -> tuple[int, ...]:
        """Seeds of the judgement, none of which the search has seen."""
        first = self.seed + max(FRESH, self.training_seeds)
        return tuple(range(first, first + self.fresh_seeds))
