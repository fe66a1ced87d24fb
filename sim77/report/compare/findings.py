"""What a comparison found, as numbers that its text and its page both say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import scipy

from sim77.analysis.compare.comparison import Comparison
from sim77.analysis.compare.tables import LEVEL
from sim77.core.errors import ResultError
from sim77.core.units import OCCUPATION_GROUPS
from sim77.report.locale import FINEST
from sim77.report.names import printed
from sim77.report.run.facts import LEAST_WORKERS
from sim77.report.tables import records

_ROUNDING = 1e-12
"""Of the levels: a difference below it is none."""
TINY = 1e-3
"""Of the level: a difference below it is too small to be told as a change, however sure it is."""
TRAVEL = "travel_min_per_worker"
"""What gains and losses of time are read from: not the travel avoided by working elsewhere, which
faster journeys make less of."""
HOME_BASED = "home_based_min"
"""Minutes of who works at home on the way to centres, told beside those of commuters."""
HOME_BASED_DAYS = "home_based_days"
"""Their days at centres, told beside the changes of commuters."""
_COLUMNS = ("a", "b", "effect", "low", "high", "unpaired_low", "unpaired_high")


@dataclass(frozen=True)
class Effect:
    """An effect with its intervals, in one unit; not a number where there is no interval."""

    a: float
    b: float
    effect: float
    low: float
    high: float
    unpaired_low: float = math.nan
    unpaired_high: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is an interval: more than one seed."""
        return math.isfinite(self.low)

    @property
    def half(self) -> float:
        """Half the interval."""
        return 0.5 * (self.high - self.low)

    @property
    def nothing(self) -> bool:
        """Whether A and B are the same in every seed, but for rounding errors of the arithmetic."""
        size = abs(self.effect) if math.isnan(self.half) else max(abs(self.effect), self.half)
        return size <= max(_ROUNDING * max(abs(self.a), abs(self.b)), 0.5 * 10.0**-FINEST)

    @property
    def tiny(self) -> bool:
        """Whether it is less than a thousandth of the level."""
        return abs(self.effect) < TINY * max(abs(self.a), abs(self.b))

    @property
    def noise(self) -> bool:
        """Whether the interval holds zero, without being nothing at all."""
        return self.known and not self.nothing and self.low <= 0.0 <= self.high

    @property
    def sure(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.known and not (self.low <= 0.0 <= self.high)

    @property
    def nearest_zero(self) -> float:
        """The end of the interval nearest to zero, 0 if zero is inside: how much is sure."""
        return min(self.low, self.high, key=abs) if self.sure else 0.0

    @property
    def times_wider(self) -> float:
        """How many times wider the interval of unpaired runs is."""
        width = self.high - self.low
        return (self.unpaired_high - self.unpaired_low) / width if width > 0 else math.nan

    def times(self, factor: float) -> Effect:
        """Return the effect in another unit, or turned round."""
        # A zero turned round is no negative zero.
        values = {name: factor * getattr(self, name) + 0.0 for name in _COLUMNS}
        for low, high in (("low", "high"), ("unpaired_low", "unpaired_high")):
            if factor < 0.0:
                values[low], values[high] = values[high], values[low]
        return Effect(**values)


def effect_of(row: Mapping[str, Any]) -> Effect:
    """Return the effect in a row of a table of a comparison."""
    return Effect(*(float(row[name]) for name in _COLUMNS))


@dataclass(frozen=True)
class Findings:
    """A comparison and what follows from it.

    Attributes
    ----------
    comparison : Comparison

    Raises
    ------
    ResultError
        The comparison, by an earlier version, lacks an effect that all have today.
    """

    comparison: Comparison

    def __post_init__(self) -> None:
        found = set(self.comparison.effects["indicator"])
        missing = [name for name in (TRAVEL, HOME_BASED, HOME_BASED_DAYS) if name not in found]
        if missing:
            raise ResultError(
                f"Expected an effect on '{missing[0]}' in a comparison; this one, made by another "
                f"version of sim77, has none: compare again."
            )

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What was compared."""
        return self.comparison.manifest

    @property
    def seeds(self) -> int:
        """How many pairs."""
        return len(self.manifest["seeds"])

    @property
    def draws(self) -> int | None:
        """How many draws of a posterior; None if all pairs have the same parameters."""
        drawn = self.manifest.get("posterior")
        return None if drawn is None else self.seeds // int(drawn["seeds_per_draw"])

    @property
    def has_parts(self) -> bool:
        """Whether chance and parameters are told apart in the intervals."""
        return "parameter_share" in self.comparison.effects

    @cached_property
    def parameter_shares(self) -> Mapping[str, float]:
        """What parameters make of the variance of a pair, by indicator; NaN if nothing varies."""
        return {
            row["indicator"]: row["parameter_share"] for row in records(self.comparison.effects)
        }

    @cached_property
    def effects(self) -> Mapping[str, Effect]:
        """Effects on a mean day by indicator."""
        return {row["indicator"]: effect_of(row) for row in records(self.comparison.effects)}

    @property
    def lines(self) -> list[str]:
        """The railway lines of which there is a load."""
        stem = "load_factor_"
        return [name.removeprefix(stem) for name in self.effects if name.startswith(stem)]

    @property
    def identical(self) -> bool:
        """Whether nothing at all differs in any seed."""
        return all(effect.nothing for effect in self.effects.values())

    @property
    def times_wider(self) -> float:
        """How many times wider unpaired intervals are: the median over indicators."""
        ratios = [each.times_wider for each in self.effects.values() if each.a != 0.0]
        found = [ratio for ratio in ratios if math.isfinite(ratio)]
        return float(np.median(found)) if found else math.nan

    # Who changes -----------------------------------------------------------------------------

    @cached_property
    def transitions(self) -> list[dict[str, Any]]:
        """The rows of the transition matrix of those who change, most first."""
        rows = records(self.comparison.transitions)
        moved = [row for row in rows if row["from"] != row["to"] and row["worker_days_per_day"] > 0]
        return sorted(moved, key=lambda row: -row["worker_days_per_day"])

    @property
    def changed(self) -> float:
        """Workers a day who do something else in B."""
        return float(sum(row["worker_days_per_day"] for row in self.transitions))

    @property
    def unchanged(self) -> float:
        """Workers a day who do the same in both."""
        total = float(self.comparison.transitions["worker_days_per_day"].sum())
        return max(total - self.changed, 0.0)

    @property
    def home_based(self) -> float:
        """How many more of those who work at home for themselves go to a telecentre a day in B."""
        return self.effects[HOME_BASED_DAYS].effect

    @property
    def minutes_each(self) -> float:
        """Travel time saved, on average, to one who changes, on the day of the change."""
        minutes = sum(row["minutes_saved_per_day"] for row in self.transitions)
        return float(minutes / self.changed) if self.changed else 0.0

    # For whom --------------------------------------------------------------------------------

    def communes(self, indicator: str) -> list[Effect]:
        """Return the effects by commune, in the order of the territory."""
        return self._of_communes.get(indicator, [])

    def groups(self, indicator: str) -> dict[str, Effect]:
        """Return the effects by occupation; of groups without workers nothing."""
        return self._of_groups.get(indicator, {})

    def weekdays(self, indicator: str) -> dict[str, Effect]:
        """Return the effects by weekday; of weekdays outside the period nothing."""
        table = self.comparison.weekdays
        present = self._present(table, "weekday")
        rows = records(table[table["indicator"] == indicator])
        return {row["weekday"]: effect_of(row) for row in rows if row["weekday"] in present}

    def weeks(self, indicator: str) -> tuple[list[pd.Timestamp], list[Effect]]:
        """Return the Mondays and the effects by week."""
        table = self.comparison.weeks
        chosen = table[table["indicator"] == indicator]
        return list(chosen["week"]), [effect_of(row) for row in records(chosen)]

    def group_gains(self) -> dict[str, Effect]:
        """Return the travel minutes that B saves a worker, by occupation."""
        return {name: effect.times(-1.0) for name, effect in self.groups(TRAVEL).items()}

    def weekday_gains(self) -> dict[str, Effect]:
        """Return the same by weekday."""
        return {name: effect.times(-1.0) for name, effect in self.weekdays(TRAVEL).items()}

    def surest_gains(self, sign: float, most: int) -> list[tuple[int, Effect]]:
        """Return the communes that surely gain (1) or lose (-1); see `surest`."""
        return [(row, effect.times(-1.0)) for row, effect in self.surest(TRAVEL, -sign, most)]

    @cached_property
    def _of_groups(self) -> dict[str, dict[str, Effect]]:
        table = self.comparison.groups
        table = table[table["employer_size"] == "all"]
        present, found = self._present(table, "group"), dict[str, dict[str, Effect]]()
        for row in records(table):
            of = found.setdefault(row["indicator"], {})
            if row["group"] in OCCUPATION_GROUPS and row["group"] in present:
                of[row["group"]] = effect_of(row)
        return found

    @cached_property
    def _of_communes(self) -> dict[str, list[Effect]]:
        """Effects of all communes by indicator: read once, since pages ask for each many times."""
        table, found = self.comparison.communes, dict[str, list[Effect]]()
        rows = table[list(_COLUMNS)].to_numpy(float).tolist()
        for name, row in zip(table["indicator"], rows, strict=True):
            found.setdefault(name, []).append(Effect(*row))
        return found

    @staticmethod
    def _present(table: pd.DataFrame, key: str) -> set[str]:
        at_work = table[(table["indicator"] == "workers_at_work") & (table["a"] > 0)]
        return set(at_work[key])

    @cached_property
    def names(self) -> list[str]:
        """The names of the communes."""
        table = self.comparison.communes
        names = table.loc[table["indicator"] == "workers_at_work", "name"]
        return printed(names)

    @cached_property
    def few(self) -> np.ndarray:
        """Communes of which too few workers were simulated for a mean, bool (n_communes,)."""
        return self.simulated < LEAST_WORKERS

    @cached_property
    def simulated(self) -> np.ndarray:
        """Workers simulated by commune, (n_communes,)."""
        table = self.comparison.communes
        chosen = table["indicator"] == "workers_at_work"
        return table.loc[chosen, "simulated_workers"].to_numpy()

    def surest(self, indicator: str, sign: float, most: int) -> list[tuple[int, Effect]]:
        """Return the communes whose effect is surely above (1) or below (-1) zero.

        Of so many communes some leave zero out by chance: those are returned whose false
        discovery rate is at most 5 % (Benjamini and Hochberg 1995), if the effect is not tiny.

        Parameters
        ----------
        indicator : str
        sign : float
        most : int
            How many at most.

        Returns
        -------
        list of (int, Effect)
            The row of the commune and its effect, the largest effect that is sure first.
        """
        effects = self.communes(indicator)
        tested = [row for row, effect in enumerate(effects) if not self.few[row] and effect.known]
        found = [
            (tested[place], effects[tested[place]])
            for place in _discoveries([effects[row] for row in tested], self.draws or self.seeds)
            if sign * effects[tested[place]].effect > 0.0 and not effects[tested[place]].tiny
        ]
        return sorted(found, key=lambda each: -sign * each[1].nearest_zero)[:most]


def _discoveries(effects: list[Effect], sample: int) -> np.ndarray:
    """Return the places of the effects that the rule of Benjamini and Hochberg retains."""
    freedom = sample - 1
    if freedom < 1:
        return np.zeros(0, dtype=np.int64)
    half = np.array([effect.half for effect in effects])
    size = np.array([abs(effect.effect) for effect in effects])
    critical = scipy.stats.t.ppf(0.5 + LEVEL / 2, freedom)
    statistic = np.divide(critical * size, half, out=np.zeros_like(half), where=half > 0)
    p = 2.0 * scipy.stats.t.sf(statistic, freedom)
    order = np.argsort(p, kind="stable")
    below = p[order] <= (1.0 - LEVEL) * np.arange(1, p.size + 1) / max(p.size, 1)
    return order[: np.flatnonzero(below).max(initial=-1) + 1]
