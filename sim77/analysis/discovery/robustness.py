"""How combinations of levers do when the uncertain turns out otherwise: regret and robustness.

A lever combination is compared with the others *under the same state of the world*: a combination
of the uncertainties, or, in a study without uncertainties, one seed of the common random numbers.
Every combination must therefore have been run in every state, as in a grid of levers times
uncertainties.

References
----------
McPhail, C. et al. (2018). Robustness metrics: How are they calculated, when should they be used and
why do they give different results? Earth's Future 6, 169–191. Savage, L. J. (1951). The theory of
statistical decision. Journal of the American Statistical Association 46, 55–67.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim77.analysis.sweep.frames import NotApplicableError
from sim77.analysis.sweep.results import resampled_half_width
from sim77.core.errors import ResultError

if TYPE_CHECKING:
    from sim77.analysis.sweep.results import Sweep

DIRECTIONS = ("lower", "higher")
RESAMPLES = 1000


@dataclass(frozen=True)
class _Crossed:
    """Outcomes of lever combinations in states of the world.

    Attributes
    ----------
    combinations : pandas.DataFrame
        A row a combination of levers.
    values : numpy.ndarray, shape (n_combinations, n_states, n_replications)
    """

    combinations: pd.DataFrame
    values: np.ndarray


def robustness(
    sweep: Sweep,
    outcome: str,
    *,
    better: str,
    threshold: float | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """Return regret and robustness by combination of levers.

    Parameters
    ----------
    sweep : Sweep
        In which every combination of levers was run in every state of the world.
    outcome : str
    better : str
        ``lower`` or ``higher``: which outcome is the better one.
    threshold : float, optional
        What a state must reach to count as satisfactory, in the outcome's unit; with it the table
        has ``satisficing``.
    seed : int
        Of the resampling behind the intervals.

    Returns
    -------
    pandas.DataFrame
        A row a combination, the smallest maximum regret first: the levers, then

        - ``mean``: mean over the states (Laplace's principle of insufficient reason);
        - ``worst``: the worst state (Wald 1950, maximin);
        - ``max_regret``, ``mean_regret``, ``regret_q90``: regret is how much worse a combination is
          than the best one in the same state; the greatest (Savage 1951), the mean, and the 90 %
          quantile over the states;
        - ``max_regret_low`` … ``mean_regret_high``: 95 % intervals by resampling the replications
          together for all combinations (`sim77.analysis.sweep.results.resampled_half_width`; NaN
          with one replication, 0 at least). Chance alone makes the best of several combinations
          look better than it is, so that regrets are a little too great;
        - ``signal_to_noise``: mean over standard deviation of the states, signed so that more is
          better (Hamarat et al. 2014; NaN in a single state);
        - ``satisficing``: share (0–1) of the states that reach the threshold (Starr 1962);
        - ``n_states``, ``replications`` (draws of a posterior where seeds share one).

    Raises
    ------
    NotApplicableError
        No levers, or combinations that were not run in the same states.
    ResultError
        An unknown outcome or direction.
    """
    if better not in DIRECTIONS:
        raise ResultError(f"better is '{better}', expected lower or higher.")
    crossed = _crossed(sweep, outcome)
    sign = 1.0 if better == "higher" else -1.0
    gain = sign * crossed.values
    by_state = gain.mean(axis=2)
    regret = _regret(by_state)
    table = crossed.combinations.assign(
        mean=sign * by_state.mean(axis=1),
        worst=sign * by_state.min(axis=1),
        max_regret=regret.max(axis=1),
        mean_regret=regret.mean(axis=1),
        regret_q90=np.quantile(regret, 0.9, axis=1),
        **_intervals(gain, regret, seed),
        signal_to_noise=_signal(by_state),
        n_states=by_state.shape[1],
        replications=gain.shape[2],
    )
    if threshold is not None:
        table.insert(
            table.columns.tolist().index("n_states"),
            "satisficing",
            (by_state >= sign * threshold).mean(axis=1),
        )
    return table.sort_values(["max_regret", "mean_regret"], kind="stable").reset_index(drop=True)


def _regret(gain: np.ndarray) -> np.ndarray:
    """Return how much worse each combination is than the best in the same state (axis 1)."""
    return gain.max(axis=0, keepdims=True) - gain


def _signal(gain: np.ndarray) -> np.ndarray:
    """Return the mean over the standard deviation of the states."""
    if gain.shape[1] < 2:
        return np.full(len(gain), np.nan)
    spread = gain.std(axis=1, ddof=1)
    return np.divide(gain.mean(axis=1), spread, out=np.full(len(gain), np.nan), where=spread > 0)


def _intervals(gain: np.ndarray, regret: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return 95 % intervals of regrets, by drawing the replications again."""
    replications = gain.shape[2]
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES if replications > 1 else 1):
        again = gain[:, :, random.integers(replications, size=replications)].mean(axis=2)
        drawn.append(_summaries(_regret(again)))
    half = resampled_half_width(np.array(drawn), replications)
    found: dict[str, np.ndarray] = {}
    for name, value, each in zip(("max_regret", "mean_regret"), _summaries(regret), half,
                                 strict=True):  # fmt: skip
        found |= {f"{name}_low": np.maximum(value - each, 0.0), f"{name}_high": value + each}
    return found


def _summaries(regret: np.ndarray) -> np.ndarray:
    """Return the greatest and the mean regret of each combination, (2, n_combinations)."""
    return np.stack((regret.max(axis=1), regret.mean(axis=1)))


def _crossed(sweep: Sweep, outcome: str) -> _Crossed:
    """Return the outcomes by combination of levers, state and replication."""
    sweep.check_outcome(outcome)
    levers = [factor.name for factor in sweep.factors if factor.is_lever]
    uncertain = [factor.name for factor in sweep.factors if not factor.is_lever]
    if not levers:
        raise NotApplicableError(
            "lever", "regret compares combinations of levers, and the study has no lever."
        )
    table = sweep.table()
    table = table[np.isfinite(table[outcome].to_numpy(float))]
    each = sweep.study.seeds_per_draw
    if uncertain and each > 1:
        # Seeds of one draw of a posterior are no independent cases; their means are.
        table = _of_draws(table, [*levers, *uncertain], outcome, each)
    # Without uncertainties a state of the world is a seed.
    states = uncertain or ["replication"]
    chance = ["replication"] if uncertain else []
    wide = table.pivot_table(index=levers, columns=states + chance, values=outcome, sort=True)
    if len(wide) < 2:
        raise NotApplicableError(
            "lever", "regret compares combinations of levers, and the study has only one."
        )
    wide = wide.dropna(axis=1, how="any")
    if uncertain:
        # States that kept all the replications that the fullest state has.
        counts = wide.columns.to_frame(index=False).groupby(uncertain, sort=True)["replication"]
        most = int(counts.size().max()) if len(wide.columns) else 0
        full = counts.size()[counts.size() == most].index
        keys = wide.columns.to_frame(index=False).set_index(uncertain).index
        wide = wide.loc[:, keys.isin(full)] if most else wide
    else:
        most = 1
    if wide.shape[1] == 0:
        raise NotApplicableError(
            "crossed",
            "regret needs every combination of levers in the same states of the uncertainties, and "
            f"the design '{sweep.study.plan.method}' has none run for all: use the method grid, "
            "or a table of points that crosses them; of this one, see PRIM and feature scores.",
        )
    values = wide.to_numpy(float).reshape(len(wide), -1, most)
    return _Crossed(wide.index.to_frame(index=False), values)


def _of_draws(table: pd.DataFrame, names: list[str], outcome: str, each: int) -> pd.DataFrame:
    """Return the means over the seeds of each draw of which all have run."""
    by_draw = table.assign(replication=table["replication"] // each).groupby(
        [*names, "replication"]
    )[outcome]
    return by_draw.mean()[by_draw.size() == each].reset_index()
