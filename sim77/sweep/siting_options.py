"""How to search for the places of telecentres: the options of `sim77 site`, checked."""

from __future__ import annotations

from dataclasses import dataclass

from sim77.errors import StudyError, nearest
from sim77.sweep.siting_assess import FRESH
from sim77.sweep.siting_candidates import SIZES
from sim77.sweep.siting_evaluate import OBJECTIVES


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
        if self.objective not in OBJECTIVES:
            raise StudyError(
                f"unknown objective '{self.objective}'.{nearest(self.objective, OBJECTIVES)}"
            )
        least = {
            "days": 1, "evaluations": 0, "training_seeds": 1, "fresh_seeds": 2, "random": 0,
            "draws": 0, "seed": 0,
        }  # fmt: skip
        for name, low in least.items():
            if getattr(self, name) < low:
                given = getattr(self, name)
                raise StudyError(f"'{name}' must be at least {low}, not {given}.")
        if not self.sizes or min(self.sizes) < 1:
            raise StudyError("the numbers of desks must be whole numbers from 1 on.")

    @property
    def training(self) -> tuple[int, ...]:
        """Seeds of the search."""
        return tuple(range(self.seed, self.seed + self.training_seeds))

    @property
    def fresh(self) -> tuple[int, ...]:
        """Seeds of the judgement, none of which the search has seen."""
        first = self.seed + max(FRESH, self.training_seeds)
        return tuple(range(first, first + self.fresh_seeds))
