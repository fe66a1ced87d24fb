"""From paired outcomes to tidy tables of effects with intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import pandas as pd
import scipy

from sim77.core.files import dates_of
from sim77.core.units import (
    EMPLOYER_SIZES,
    HALF_COLUMNS,
    OCCUPATION_GROUPS,
    OFFICE_COLUMNS,
    PLAN_KINDS,
    WEEKDAYS,
)
from sim77.core.variance import LEVEL, half_widths, parameter_share_interval, variance_parts
from sim77.registry.indicators import described, indicators_shown, is_sum
from sim77.runs.effects import derived, worker_indicators
from sim77.runs.pair import SITE_COLUMNS, PairOutcome
from sim77.territory.territory import Territory


def student_half_width(values: np.ndarray) -> np.ndarray:
    """Return half the 95 % interval of the mean over seeds (first axis); NaN with one seed."""
    n = values.shape[0]
    if n < 2:
        return np.full(values.shape[1:], np.nan)
    spread = values.std(axis=0, ddof=1) / np.sqrt(n)
    return np.asarray(scipy.stats.t.ppf(0.5 + LEVEL / 2, n - 1) * spread)


def unpaired_half_width(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return half the 95 % interval that two independent samples of seeds would give."""
    n = a.shape[0]
    if n < 2:
        return np.full(a.shape[1:], np.nan)
    spread = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / n)
    return np.asarray(scipy.stats.t.ppf(0.5 + LEVEL / 2, 2 * n - 2) * spread)


@dataclass(frozen=True)
class Sample:
    """The paired outcomes, and how an interval comes of them.

    Attributes
    ----------
    outcomes : list of PairOutcome
        One a seed; those that share a draw of the parameters stand together.
    seeds_per_draw : int or None
        None: all have the same parameters.
    """

    outcomes: list[PairOutcome]
    seeds_per_draw: int | None = None

    def by_draw(self, values: np.ndarray) -> np.ndarray:
        """Return values of seeds, (n_seeds, …), by draw: (n_draws, n_seeds_per_draw, …)."""
        return values.reshape(-1, self.seeds_per_draw or 1, *values.shape[1:])

    def half_width(self, values: np.ndarray) -> np.ndarray:
        """Return half the 95 % interval of values of seeds, (n_seeds, …)."""
        if self.seeds_per_draw is None:
            return student_half_width(values)
        return half_widths(self.by_draw(values)).whole

    def unpaired_half_width(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the same of B - A from two samples with draws and seeds of their own."""
        if self.seeds_per_draw is None:
            return unpaired_half_width(a, b)
        freedom = len(a) // self.seeds_per_draw - 1
        both = np.hypot(self.half_width(a), self.half_width(b))
        narrower = (
            scipy.stats.t.ppf(0.5 + LEVEL / 2, (2 * freedom, freedom)) if freedom else (1.0, 1.0)
        )
        return np.asarray(both * narrower[0] / narrower[1])

    def same_sign(self, values: np.ndarray) -> np.ndarray:
        """Return in how many draws the mean has the sign of the mean over all of them."""
        means = self.by_draw(values).mean(axis=1)
        return np.asarray((np.sign(means) == np.sign(means.mean(axis=0))).sum(axis=0))

    def parts(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Return what of variance and interval seeds and parameters make, by column; or nothing."""
        if (self.seeds_per_draw or 1) < 2:
            return {}
        by_draw = self.by_draw(values)
        variance, half = variance_parts(by_draw[None]), half_widths(by_draw)
        low, high = parameter_share_interval(by_draw)
        return {
            "sampling_variance": variance.sampling,
            "parameter_variance": variance.parameter,
            "parameter_share": variance.shares().parameter,
            "parameter_share_low": low,
            "parameter_share_high": high,
            "sampling_half_width": half.sampling,
            "parameter_half_width": half.parameter,
        }


def comparison_tables(
    outcomes: list[PairOutcome], territory: Territory, seeds_per_draw: int | None = None
) -> dict[str, pd.DataFrame]:
    """Return every table of a comparison.

    Parameters
    ----------
    outcomes : list of PairOutcome
        One a seed.
    territory : Territory
    seeds_per_draw : int, optional
        So many in a row share a draw of a posterior.

    Returns
    -------
    dict of str to pandas.DataFrame
    """
    sample = Sample(outcomes, seeds_per_draw)
    return {
        "effects": _effects(sample),
        "transitions": _transitions(sample),
        "transitions_by_group": _transitions_by_group(sample),
        "communes": _communes(sample, territory),
        "groups": _groups(sample),
        "weekdays": _weekdays(sample),
        "weeks": _weeks(sample),
        "equity": _equity(sample),
        "telecentres": _telecentres(outcomes, territory),
    }


def _stack(
    outcomes: list[PairOutcome], sums_of: Callable[[PairOutcome], np.ndarray], names: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return indicators of A and B, (n_seeds, n_names, …), as means a day where they are sums."""
    sides: tuple[list, list] = ([], [])
    for outcome in outcomes:
        n_days = len(outcome.days)
        for side, sums in enumerate(sums_of(outcome)):
            values = derived(sums, outcome.parameters[side])
            sides[side].append([values[name] / (n_days if is_sum(name) else 1) for name in names])
    return np.array(sides[0]), np.array(sides[1])


def _without_absent_modes(
    names: list[str], a: np.ndarray, b: np.ndarray
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Leave out the counts of modes that nobody takes in A or in B, as where there are none."""
    used = {name for place, name in enumerate(names) if a[:, place].any() or b[:, place].any()}
    by_mode = zip(OFFICE_COLUMNS, HALF_COLUMNS, strict=True)
    absent = {name for counts in by_mode if used.isdisjoint(counts) for name in counts}
    kept = [place for place, name in enumerate(names) if name not in absent]
    return [names[place] for place in kept], a[:, kept], b[:, kept]


def _intervals(sample: Sample, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    effect = (b - a).mean(axis=0)
    paired, unpaired = sample.half_width(b - a), sample.unpaired_half_width(a, b)
    return {
        "a": a.mean(axis=0),
        "b": b.mean(axis=0),
        "effect": effect,
        "low": effect - paired,
        "high": effect + paired,
        "unpaired_low": effect - unpaired,
        "unpaired_high": effect + unpaired,
    }


def _levels(sample: Sample, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """Return the 95 % intervals of the means of A and of B themselves."""
    ends: dict[str, np.ndarray] = {}
    for side, values in (("a", a), ("b", b)):
        mean, half = values.mean(axis=0), sample.half_width(values)
        ends |= {f"{side}_low": mean - half, f"{side}_high": mean + half}
    return ends


def _effects(sample: Sample) -> pd.DataFrame:
    names, outcomes = worker_indicators(), sample.outcomes
    a, b = _stack(outcomes, lambda outcome: outcome.by_day.sum(axis=1), names)
    names, a, b = _without_absent_modes(names, a, b)
    other = list(outcomes[0].other)
    pairs = np.array([[outcome.other[name] for name in other] for outcome in outcomes])
    gini = np.array([outcome.gini for outcome in outcomes])
    a = np.concatenate((a, pairs[:, :, 0], gini[:, :1]), axis=1)
    b = np.concatenate((b, pairs[:, :, 1], gini[:, 1:]), axis=1)
    shown = [*names, *other, "gini_travel_min"]
    units = [described(name).daily_unit for name in shown]
    columns = {**_intervals(sample, a, b), **_levels(sample, a, b)}
    frame = pd.DataFrame({"indicator": shown, "unit": units, **columns})
    frame = frame.assign(seeds=len(outcomes))
    if sample.seeds_per_draw is None:
        return frame
    draws = len(outcomes) // sample.seeds_per_draw
    return frame.assign(draws=draws, draws_same_sign=sample.same_sign(b - a), **sample.parts(b - a))


def _long(
    sample: Sample,
    sums_of: Callable[[PairOutcome], np.ndarray],
    keys: pd.DataFrame,
    *,
    of_places: bool = True,
) -> pd.DataFrame:
    """One row a key and indicator that tables show, with effect and interval.

    Those in which places have a part may be left out, for keys that have none.
    """
    shown = indicators_shown("tables")
    names = [name for name in shown if of_places or not described(name).of_places]
    names, a, b = _without_absent_modes(names, *_stack(sample.outcomes, sums_of, names))
    columns = {key: value.ravel() for key, value in _intervals(sample, a, b).items()}
    # Rather than a table of each indicator: putting these together takes most of the time.
    repeated = pd.concat([keys] * len(names), ignore_index=True)
    return repeated.assign(indicator=pd.Series(names).repeat(len(keys)).array, **columns)


def _communes(sample: Sample, territory: Territory) -> pd.DataFrame:
    communes = territory.communes
    keys = pd.DataFrame(
        {
            "commune_code": communes["code"],
            "name": communes["name"],
            # The same in all seeds at full scale; of a sample, the fewest.
            "simulated_workers": np.min([each.simulated for each in sample.outcomes], axis=0),
        }
    )
    return _long(sample, lambda outcome: outcome.communes, keys)


def _groups(sample: Sample) -> pd.DataFrame:
    sizes = len(EMPLOYER_SIZES)
    last = len(OCCUPATION_GROUPS) - 1
    n_kinds = last * sizes + 1
    group = [OCCUPATION_GROUPS[min(place // sizes, last)] for place in range(n_kinds)]
    size = [*(EMPLOYER_SIZES[place % sizes] for place in range(n_kinds - 1)), "none"]
    by_size = pd.DataFrame({"group": group, "employer_size": size})
    of_group = np.array([np.array(group) == name for name in OCCUPATION_GROUPS], dtype=float)
    whole = pd.DataFrame({"group": list(OCCUPATION_GROUPS), "employer_size": "all"})
    return pd.concat(
        (
            _long(sample, lambda each: of_group @ each.kinds_of_worker, whole, of_places=False),
            _long(sample, lambda each: each.kinds_of_worker, by_size, of_places=False),
        ),
        ignore_index=True,
    )


def _weekdays(sample: Sample) -> pd.DataFrame:
    weekday = np.array([day.weekday() for day in sample.outcomes[0].days])
    keys = pd.DataFrame({"weekday": list(WEEKDAYS)})
    return _by_day(sample, np.array([weekday == each for each in range(len(WEEKDAYS))]), keys)


def _weeks(sample: Sample) -> pd.DataFrame:
    days = sample.outcomes[0].days
    monday = np.array([day - dt.timedelta(days=day.weekday()) for day in days])
    mondays = np.unique(monday)
    keys = pd.DataFrame({"week": dates_of(mondays)})
    return _by_day(sample, np.array([monday == each for each in mondays]), keys)


def _by_day(sample: Sample, chosen: np.ndarray, keys: pd.DataFrame) -> pd.DataFrame:
    """Give means over the chosen days, (n_keys, n_days), that compare with those of ``effects``.

    Keys of which the period has no day are left out.
    """
    there = np.flatnonzero(chosen.any(axis=1))
    chosen, keys = chosen[there], keys.iloc[there].reset_index(drop=True)
    mean = chosen * (chosen.shape[1] / chosen.sum(axis=1, keepdims=True))
    return _long(sample, lambda outcome: mean @ outcome.by_day, keys)


def _transitions(sample: Sample) -> pd.DataFrame:
    return _transition_frame(sample, lambda by_group: by_group.sum(axis=0))


def _transitions_by_group(sample: Sample) -> pd.DataFrame:
    frames = []
    for place, group in enumerate(OCCUPATION_GROUPS):
        frame = _transition_frame(sample, itemgetter(place))
        frame.insert(0, "group", group)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _transition_frame(sample: Sample, of: Callable[[np.ndarray], np.ndarray]) -> pd.DataFrame:
    """Give worker-days a day, and travel time saved, by plan in A and in B.

    `of` takes the (4, 4) of the groups wanted from those of all groups, (n_groups, 4, 4).
    """
    outcomes = sample.outcomes
    counts = np.array([of(each.transitions) / len(each.days) for each in outcomes])
    minutes = np.array([of(each.transition_minutes) / len(each.days) for each in outcomes])
    mean, half = counts.mean(axis=0), sample.half_width(counts)
    saved, saved_half = minutes.mean(axis=0), sample.half_width(minutes)
    rows = [
        (
            start, end, mean[i, j], mean[i, j] - half[i, j], mean[i, j] + half[i, j],
            saved[i, j], saved[i, j] - saved_half[i, j], saved[i, j] + saved_half[i, j],
        )
        for i, start in enumerate(PLAN_KINDS)
        for j, end in enumerate(PLAN_KINDS)
    ]  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=[
            "from", "to", "worker_days_per_day", "low", "high",
            "minutes_saved_per_day", "minutes_low", "minutes_high",
        ],
    )  # fmt: skip


def _telecentres(outcomes: list[PairOutcome], territory: Territory) -> pd.DataFrame:
    """Give the telecentres open on any day in A or B, both sides.

    Desks, and those in use, are means over the days of opening; the others over all days.
    """
    sites = np.mean([outcome.sites for outcome in outcomes], axis=0)
    column = {name: sites[:, :, place] for place, name in enumerate(SITE_COLUMNS)}
    all_days_per_open = len(outcomes[0].days) / np.maximum(column["open"], 1.0)
    values = {
        "days_open": column["open"],
        "desks": column["desks"] * all_days_per_open,
        "desks_occupied": column["occupied"] * all_days_per_open,
        "user_days_per_day": column["user_days"],
        "refusals_per_day": column["refusals"],
    }
    ever = np.flatnonzero((column["open"] > 0).any(axis=0))
    frame = territory.sites[["telecentre_id", "name", "commune_code", "lat", "lon"]]
    frame = frame.iloc[ever].reset_index(drop=True)
    for name, both in values.items():
        for side, letter in enumerate("ab"):
            frame[f"{name}_{letter}"] = both[side, ever]
    return frame


def _equity(sample: Sample) -> pd.DataFrame:
    outcomes = sample.outcomes
    gain = np.array([outcome.decile_gain_min for outcome in outcomes])
    half = sample.half_width(gain)
    mean = gain.mean(axis=0)
    return pd.DataFrame(
        {
            "decile_of_commute": np.arange(1, gain.shape[1] + 1),
            "workers": np.mean([outcome.decile_workers for outcome in outcomes], axis=0),
            "commute_min": np.mean([outcome.decile_commute_min for outcome in outcomes], axis=0),
            "gain_min_per_day": mean,
            "low": mean - half,
            "high": mean + half,
        }
    )
