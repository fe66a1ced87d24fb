"""From paired outcomes to tidy tables of effects with intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import t as student

from sim77.indicators import indicators, with_derived
from sim77.kernels_account import ACCOUNT
from sim77.pair import PairOutcome
from sim77.territory import Territory
from sim77.units import EMPLOYER_SIZES, OCCUPATION_GROUPS, PLAN_KINDS, WEEKDAYS

LEVEL = 0.95
SHOWN = (
    "workers_at_work", "remote_days", "share_remote", "home", "telecentre", "office_rail",
    "office_car", "travel_min", "minutes_saved", "minutes_saved_per_worker", "co2e_travel_kg",
    "co2e_total_kg", "consumer_surplus_eur", "cost_eur", "local_spending_eur",
)  # fmt: skip
"""Indicators given by commune, group and weekday; ``effects`` has them all."""


def student_half_width(values: np.ndarray) -> np.ndarray:
    """Return half the 95 % interval of the mean over seeds (first axis); NaN with one seed."""
    n = values.shape[0]
    if n < 2:
        return np.full(values.shape[1:], np.nan)
    spread = values.std(axis=0, ddof=1) / np.sqrt(n)
    return np.asarray(student.ppf(0.5 + LEVEL / 2, n - 1) * spread)


def unpaired_half_width(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return half the 95 % interval that two independent samples of seeds would give."""
    n = a.shape[0]
    if n < 2:
        return np.full(a.shape[1:], np.nan)
    spread = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / n)
    return np.asarray(student.ppf(0.5 + LEVEL / 2, 2 * n - 2) * spread)


def comparison_tables(outcomes: list[PairOutcome], territory: Territory) -> dict[str, pd.DataFrame]:
    """Return every table of a comparison.

    Parameters
    ----------
    outcomes : list of PairOutcome
        One a seed.
    territory : Territory

    Returns
    -------
    dict of str to pandas.DataFrame
    """
    return {
        "effects": _effects(outcomes),
        "switches": _switches(outcomes),
        "switches_by_group": _switches_by_group(outcomes),
        "communes": _communes(outcomes, territory),
        "groups": _groups(outcomes),
        "weekdays": _weekdays(outcomes),
        "equity": _equity(outcomes),
    }


def _derived(outcome: PairOutcome, sums: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Return indicators of A and of B from sums of shape (2, …, N_ACCOUNT)."""
    return [
        with_derived(
            {name: sums[side][..., place] for place, name in enumerate(ACCOUNT)},
            outcome.parameters[side],
        )
        for side in (0, 1)
    ]


def _stack(
    outcomes: list[PairOutcome], sums_of: Callable[[PairOutcome], np.ndarray], names: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return indicators of A and B, (n_seeds, n_names, …), as means a day where they are sums."""
    sides: tuple[list, list] = ([], [])
    for outcome in outcomes:
        n_days = len(outcome.days)
        for side, values in enumerate(_derived(outcome, sums_of(outcome))):
            sides[side].append([values[name] / _per_day(name, n_days) for name in names])
    return np.array(sides[0]), np.array(sides[1])


def _per_day(name: str, n_days: int) -> int:
    """Shares and means a worker are ratios already; sums are brought to a day."""
    is_ratio = name.startswith(("share_", "mean_")) or name.endswith("_per_worker")
    return 1 if is_ratio else n_days


def _intervals(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    effect = (b - a).mean(axis=0)
    paired, unpaired = student_half_width(b - a), unpaired_half_width(a, b)
    return {
        "a": a.mean(axis=0),
        "b": b.mean(axis=0),
        "effect": effect,
        "low": effect - paired,
        "high": effect + paired,
        "unpaired_low": effect - unpaired,
        "unpaired_high": effect + unpaired,
    }


def _effects(outcomes: list[PairOutcome]) -> pd.DataFrame:
    names = list(indicators())
    a, b = _stack(outcomes, lambda outcome: outcome.by_day.sum(axis=1), names)
    other = list(outcomes[0].other)
    pairs = np.array([[outcome.other[name] for name in other] for outcome in outcomes])
    gini = np.array([outcome.gini for outcome in outcomes])
    a = np.concatenate((a, pairs[:, :, 0], gini[:, :1]), axis=1)
    b = np.concatenate((b, pairs[:, :, 1], gini[:, 1:]), axis=1)
    frame = pd.DataFrame(
        {
            "indicator": [*names, *other, "gini_travel_min"],
            "unit": [
                *(_unit_of_mean(name) for name in names),
                *(_unit_of_other(name) for name in other),
                "index 0-1",
            ],
            **_intervals(a, b),
        }
    )
    return frame.assign(seeds=len(outcomes))


def _unit_of_mean(name: str) -> str:
    unit = indicators()[name].unit
    return unit if _per_day(name, 2) == 1 else f"{unit} a day"


def _unit_of_other(name: str) -> str:
    if name.startswith(("load_factor", "share", "road_ratio")):
        return "ratio"
    if name.startswith("peak_riders"):
        return "riders in the peak hour"
    return "euros a day" if name.endswith("_eur") else f"{name.split('_')[0]} a day"


def _long(
    outcomes: list[PairOutcome], sums_of: Callable[[PairOutcome], np.ndarray], keys: pd.DataFrame
) -> pd.DataFrame:
    """One row a key and indicator of `SHOWN`, with effect and interval."""
    a, b = _stack(outcomes, sums_of, list(SHOWN))
    columns = _intervals(a, b)
    frames = [
        keys.assign(indicator=name, **{key: value[place] for key, value in columns.items()})
        for place, name in enumerate(SHOWN)
    ]
    return pd.concat(frames, ignore_index=True)


def _communes(outcomes: list[PairOutcome], territory: Territory) -> pd.DataFrame:
    communes = territory.communes
    keys = pd.DataFrame({"commune_code": communes["code"], "name": communes["name"]})
    return _long(outcomes, lambda outcome: outcome.communes, keys)


def _groups(outcomes: list[PairOutcome]) -> pd.DataFrame:
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
            _long(outcomes, lambda outcome: of_group @ outcome.kinds_of_worker, whole),
            _long(outcomes, lambda outcome: outcome.kinds_of_worker, by_size),
        ),
        ignore_index=True,
    )


def _weekdays(outcomes: list[PairOutcome]) -> pd.DataFrame:
    weekday = np.array([day.weekday() for day in outcomes[0].days])
    share = np.array([(weekday == each) / max((weekday == each).sum(), 1) for each in range(5)])
    # Means over the days of a weekday, so that they compare with the mean day of ``effects``.
    scaled = share * weekday.size
    keys = pd.DataFrame({"weekday": list(WEEKDAYS)})
    return _long(outcomes, lambda outcome: scaled @ outcome.by_day, keys)


def _switches(outcomes: list[PairOutcome]) -> pd.DataFrame:
    counts = np.array([outcome.switches.sum(axis=0) / len(outcome.days) for outcome in outcomes])
    return _switch_frame(counts)


def _switches_by_group(outcomes: list[PairOutcome]) -> pd.DataFrame:
    frames = []
    for place, group in enumerate(OCCUPATION_GROUPS):
        counts = np.array([each.switches[place] / len(each.days) for each in outcomes])
        frames.append(_switch_frame(counts).assign(group=group))
    return pd.concat(frames, ignore_index=True)


def _switch_frame(counts: np.ndarray) -> pd.DataFrame:
    """Worker-days a day from each plan in A to each plan in B; counts (n_seeds, 4, 4)."""
    mean, half = counts.mean(axis=0), student_half_width(counts)
    rows = [
        (start, end, mean[i, j], mean[i, j] - half[i, j], mean[i, j] + half[i, j])
        for i, start in enumerate(PLAN_KINDS)
        for j, end in enumerate(PLAN_KINDS)
    ]
    return pd.DataFrame(rows, columns=["from", "to", "worker_days_per_day", "low", "high"])


def _equity(outcomes: list[PairOutcome]) -> pd.DataFrame:
    gain = np.array([outcome.decile_gain_min for outcome in outcomes])
    half = student_half_width(gain)
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
