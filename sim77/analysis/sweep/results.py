"""What a study has found so far: a tidy table, labelled arrays, means with intervals, failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import xarray as xr
from scipy.special import stdtrit

from sim77.analysis.sweep.factors import Factor
from sim77.analysis.sweep.file import load_study
from sim77.analysis.sweep.store import (
    DESIGN_FILE,
    DRAW,
    ERROR_COLUMNS,
    FAILURES,
    POINT,
    RUN_ID,
    RUNS,
    SEED,
    read_shards,
    shard_key,
)
from sim77.analysis.sweep.study import Study
from sim77.core.errors import ResultError, nearest
from sim77.core.files import dates_of
from sim77.core.variance import variance_parts
from sim77.registry.indicators import Indicator
from sim77.runs.store import FILES, SWEEP, kind_of, read_file, read_manifest, read_table

DESIGN, REPLICATION = "design", "replication"
_ID = (DESIGN, REPLICATION, SEED)

_SIDES = {"effect": "Effect on: ", "baseline": "Baseline: "}
"""What stands before the label of an outcome, by the beginning of its name."""

_DIMENSIONS = {
    DESIGN: "Row of the design point in the study",
    REPLICATION: "Number of the run at its design point",
    "day": "Day",
    "commune": "INSEE code of the commune",
    "telecentre": "Identifier of the telecentre",
}
"""Labels of the dimensions of the labelled arrays."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """The runs of a study as far as they are there; each question reads the folder again.

    Attributes
    ----------
    folder : Path
    study : Study
    manifest : dict
        Versions, hashes, columns, and the days, communes or telecentres of lists.
    """

    folder: Path
    study: Study
    manifest: dict[str, Any]

    def __repr__(self) -> str:
        varied = ", ".join(factor.name for factor in self.factors)
        return f"<sim77 study {self.folder.name}: {varied}; {len(self.study.points)} points>"

    @property
    def factors(self) -> tuple[Factor, ...]:
        """What the study varies."""
        return self.study.factors

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The columns of scalar outcomes, ``baseline_…`` and ``effect_…`` ones included."""
        return self.study.scalars

    def description(self, outcome: str) -> Indicator:
        """Return the unit and labels of a scalar outcome, whatever its prefix."""
        known = {each.name: each for each in self.study.kept}
        name = outcome if outcome in known else outcome.partition("_")[2]
        if self.study.evaluator or name not in known:
            return Indicator(outcome, "", "", "", outcome, outcome, "mean")
        return known[name].description

    def check_outcome(self, outcome: str) -> None:
        """Raise `ResultError` if the sweep does not hold a scalar outcome."""
        if outcome not in self.outcomes:
            raise ResultError(
                f"the study has no outcome '{outcome}'.{nearest(outcome, self.outcomes)}"
            )

    def as_it_is(self) -> Sweep:
        """Return the sweep with its runs read once: all that is said of it is of the same runs."""
        return _Snapshot(self.folder, self.study, self.manifest)

    def table(self) -> pd.DataFrame:
        """Return one row a run.

        Returns
        -------
        pandas.DataFrame
            ``design``, ``replication``, ``seed`` (and ``draw`` with a posterior), the factors, the
            scalar outcomes, ``seconds``; by design and replication.
        """
        frame = self._frame(RUNS, (*self.outcomes, "seconds"))
        numbers = {name: float for name in (*self.outcomes, "seconds")}
        return frame.drop(columns=[RUN_ID, POINT]).astype(numbers)

    @property
    def n_runs(self) -> int:
        """How many runs of the study are there."""
        # Counted by pieces: this is asked at the end of every study, however large.
        designs = self._design[POINT].value_counts()
        last = self.study.seed + self.study.repeats.at_most - 1
        found = 0
        shared = self._read(RUNS, (POINT, SEED)).group_by([POINT, SEED]).aggregate([])
        for batch in shared.to_batches():
            runs = batch.to_pandas()
            mine = runs.loc[runs[SEED].between(self.study.seed, last), POINT]
            found += int(mine.map(designs).sum())
        return found

    def points(self, outcome: str) -> pd.DataFrame:
        """Return the mean of a scalar outcome by design point.

        Parameters
        ----------
        outcome : str

        Returns
        -------
        pandas.DataFrame
            ``design``, the factors, ``mean``, ``low`` and ``high`` (95 % interval of the mean by
            Student's t, NaN for a single run) and ``n``, the runs. Seeds that share a draw of a
            posterior count as one.
        """
        self.check_outcome(outcome)
        runs = self.table()
        draw = runs[REPLICATION] // self.study.seeds_per_draw
        by_draw = runs.groupby([DESIGN, draw])[outcome].mean().groupby(DESIGN)
        mean, n = by_draw.mean(), runs.groupby(DESIGN)[outcome].count()
        half = half_width(by_draw.std().to_numpy(), by_draw.count().to_numpy())
        found = pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half, "n": n})
        factors = self._design.set_index(DESIGN)[self.study.factor_names]
        return factors.join(found, how="inner").reset_index()

    @property
    def n_imprecise(self) -> int:
        """How many points have all replications and an interval wider than the study asks for.

        None does where the number of replications is fixed.
        """
        repeats = self.study.repeats
        if repeats.fixed:
            return 0
        found = self.points(repeats.outcome)
        narrow = found["high"] - found["mean"] <= repeats.half_width
        return int((~narrow & (found["n"] == repeats.at_most)).sum())

    def variance_parts(self) -> pd.DataFrame:
        """Return what seeds, parameters and scenarios make of the variance of each outcome.

        Design points are the scenarios, one as likely as another; parameters are the draws of the
        posterior, of which those count whose seeds have all run at every point that has runs. See
        `sim77.core.variance.variance_parts` for the formulas.

        Returns
        -------
        pandas.DataFrame
            One row a scalar outcome: ``outcome``, ``mean``; ``sampling``, ``parameter`` and
            ``scenario``, variances in the outcome's unit squared, unbiased and therefore perhaps
            below zero; ``sampling_share``, ``parameter_share`` and ``scenario_share``, for which
            what is below zero counts as nothing; ``points``, ``draws``, ``seeds_per_draw``.

        Raises
        ------
        ResultError
            If the study has no posterior, fewer than two seeds a draw, or uncertainties; or if
            fewer than two draws are complete.
        """
        values = self._by_draw()
        parts = variance_parts(values)
        columns: dict[str, Any] = {"outcome": self.outcomes, "mean": values.mean(axis=(0, 1, 2))}
        columns |= parts._asdict()
        columns |= {f"{name}_share": share for name, share in parts.shares()._asdict().items()}
        points, draws, seeds = values.shape[:3]
        return pd.DataFrame(columns).assign(points=points, draws=draws, seeds_per_draw=seeds)

    def _by_draw(self) -> np.ndarray:
        """Return the outcomes, (n_points, n_draws, n_seeds_per_draw, n_outcomes)."""
        each = self.study.seeds_per_draw
        if each < 2:
            raise ResultError(
                "chance and parameters can be separated only in studies with a posterior and "
                "seeds_per_draw of 2 or more."
            )
        uncertain = [factor.name for factor in self.factors if not factor.is_lever]
        if uncertain:
            raise ResultError(
                f"'{uncertain[0]}' varies with the points as an uncertainty: variance_parts takes "
                "points that differ by levers and scenarios only, and parameters of the posterior."
            )
        frame = self.table()
        designs, place = np.unique(frame[DESIGN], return_inverse=True)
        draws = self.study.repeats.at_most // each
        values = np.full((designs.size, draws * each, len(self.outcomes)), np.nan)
        kept = (frame[REPLICATION] < draws * each).to_numpy()
        rows = (place[kept], frame[REPLICATION].to_numpy()[kept])
        values[rows] = frame[list(self.outcomes)].to_numpy(float)[kept]
        by_draw = values.reshape(designs.size, draws, each, len(self.outcomes))
        complete = np.isfinite(by_draw).all(axis=(0, 2, 3))
        if complete.sum() < 2:
            raise ResultError("fewer than two draws have run with all their seeds at every point.")
        return by_draw[:, complete]

    def failures(self) -> pd.DataFrame:
        """Return one row a run that has failed and not succeeded since: its error and factors."""
        frame = self._frame(FAILURES, ERROR_COLUMNS)
        stored = set(self._read(RUNS, [RUN_ID])[RUN_ID].to_pylist()) if len(frame) else set()
        left = frame[~frame[RUN_ID].isin(stored)].drop_duplicates([DESIGN, SEED], keep="last")
        return left.drop(columns=[RUN_ID, POINT]).reset_index(drop=True)

    def sample(self) -> np.ndarray:
        """Return the numbers of the design points in the order of the design's sample.

        Sobol and Morris designs may visit a point twice; SALib wants it twice.
        """
        return self.study.sample

    def to_xarray(self) -> xr.Dataset:
        """Return all outcomes as labelled arrays; what has not run is NaN.

        Returns
        -------
        xarray.Dataset
            Dimensions ``design`` and ``replication``, and ``day``, ``commune`` or ``telecentre`` of
            lists; the factors are coordinates along ``design``. Of lists of paired studies
            ``effect_…`` too.
        """
        lists = [name for name, _ in self.study.lists]
        scalars = (*self.outcomes, "seconds")
        frame = self._frame(RUNS, (*scalars, *lists))
        shape = (self.study.n_points, int(frame[REPLICATION].max() + 1) if len(frame) else 0)
        at = (frame[DESIGN].to_numpy(int), frame[REPLICATION].to_numpy(int))
        data: dict[str, Any] = {}
        for name in scalars:
            data[name] = ((DESIGN, REPLICATION), np.full(shape, np.nan))
            data[name][1][at] = frame[name].to_numpy(float)
        known = self.manifest["coordinates"]
        for name, outcome in self.study.lists:
            values = np.full((*shape, len(known[outcome.by])), np.nan)
            if len(frame):
                values[at] = np.stack(frame[name].to_list())
            data[name] = ((DESIGN, REPLICATION, outcome.by), values)
        for name, _ in self.study.lists:
            if f"baseline_{name}" in data:
                dims, values = data[name]
                data[f"effect_{name}"] = (dims, values - data[f"baseline_{name}"][1])
        coords = {DESIGN: np.arange(shape[0]), REPLICATION: np.arange(shape[1])} | {
            what: dates_of(labels) if what == "day" else labels for what, labels in known.items()
        }
        dataset = xr.Dataset(data, coords)
        for factor in self.factors:
            attributes = {"units": factor.unit, "long_name": factor.label_en}
            dataset.coords[factor.name] = (DESIGN, self.study.points[factor.name], attributes)
        return self._described(dataset)

    def _described(self, dataset: xr.Dataset) -> xr.Dataset:
        for name in dataset.data_vars:
            if name == "seconds":
                dataset[name].attrs = {"units": "s", "long_name": "computing time of the run"}
                continue
            found = self.description(str(name))
            # The function of a study with its own evaluator names what it returns by itself.
            what = "" if found.label_en == name else _SIDES.get(str(name).partition("_")[0], "")
            dataset[name].attrs = {"units": found.daily_unit, "long_name": what + found.label_en}
        for name, label in _DIMENSIONS.items():
            if name in dataset.coords:
                dataset[name].attrs["long_name"] = label
        return dataset

    @cached_property
    def _design(self) -> pd.DataFrame:
        return read_table(self.folder, DESIGN_FILE, self.manifest)

    def _read(self, what: str, columns: Sequence[str]) -> pa.Table:
        return read_shards(self.folder / what, columns, shard_key(self.manifest))

    def _frame(self, what: str, columns: tuple[str, ...]) -> pd.DataFrame:
        """Read runs or failures, and keep those that the study as it is now has."""
        draw = (DRAW,) if self.study.draws is not None else ()
        table = self._read(what, (RUN_ID, POINT, SEED, *draw, *columns))
        frame: pd.DataFrame = table.to_pandas()
        if what == RUNS:
            frame = frame.drop_duplicates(RUN_ID)
        frame[REPLICATION] = pd.to_numeric(frame[SEED]) - self.study.seed
        frame = frame[frame[REPLICATION].between(0, self.study.repeats.at_most - 1)]
        frame = self._design.merge(frame, on=POINT).sort_values(
            [DESIGN, REPLICATION], kind="stable"
        )
        order = [RUN_ID, POINT, *_ID, *draw, *self.study.factor_names, *columns]
        whole = dict.fromkeys((*_ID, *draw), "int64")
        return frame[order].astype(whole).reset_index(drop=True)


class _Snapshot(Sweep):
    """A sweep whose runs are read once."""

    @cached_property
    def _runs(self) -> pd.DataFrame:
        return super().table()

    def table(self) -> pd.DataFrame:
        """Return one row a run, as `Sweep.table`."""
        return self._runs.copy()


def half_width(deviation: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return half of the 95 % interval of a mean (Student's t); NaN for fewer than two values.

    Parameters
    ----------
    deviation : numpy.ndarray
        Standard deviation with n - 1.
    n : numpy.ndarray
        Number of values.
    """
    n = np.asarray(n, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 1, stdtrit(n - 1, 0.975) * deviation / np.sqrt(n), np.nan)


def resampled_half_width(drawn: np.ndarray, n: int) -> np.ndarray:
    """Return half of the 95 % interval of what follows from the mean of few cases.

    Quantiles of resamples are too narrow for few cases: of two they hold half of what they should,
    of five 84 %. The spread of the resamples, freed of its bias, is taken as the standard error and
    Student's t beside it, so that of a mean the interval is that of `half_width`.

    Parameters
    ----------
    drawn : numpy.ndarray, shape (n_resamples, …)
        From cases drawn again, with replacement.
    n : int
        Cases; NaN is returned for fewer than two.
    """
    if n < 2:
        return np.full(drawn.shape[1:], np.nan)
    # Of n cases drawn from n the mean varies by (n - 1) / n of what it does from sample to sample.
    return half_width(np.nanstd(drawn, axis=0) * n / np.sqrt(n - 1.0), np.array(n))


def load_sweep(folder: str | Path) -> Sweep:
    """Read the store of a study, finished or not; `sim77.load` reads whatever a folder holds.

    Parameters
    ----------
    folder : path
        Made by ``sim77 sweep``.

    Returns
    -------
    Sweep

    Raises
    ------
    ResultError
        If the folder is no store, or its copy of the study is not as it was written; runs that
        are damaged are left out, and told in a `sim77.core.errors.DamageWarning`.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if kind_of(manifest) != SWEEP:
        raise ResultError(f"{folder} holds a {kind_of(manifest)}, not a {SWEEP}.")
    for name in manifest.get(FILES, ()):
        read_file(folder, name, manifest)
    return Sweep(folder, load_study(folder), manifest)
