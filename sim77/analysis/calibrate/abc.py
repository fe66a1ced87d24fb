"""Stage (b): approximate Bayes by sequential Monte Carlo (Toni and others 2009), with pyABC.

pyABC's own samplers take whichever particle is accepted first in time, so that the number of
workers and their luck decide the answer. `SeededSampler` instead numbers the proposals of a
generation: proposal k of generation t is drawn with a seed made from the study's seed, t and k;
proposals are evaluated in batches, in parallel, and the first n accepted *in order of number* are
the generation. The same seed gives the same posterior on one worker or many, and after a kill.

Each generation starts from pyABC's database (`History`, SQLite), also when nothing was interrupted:
there is one path, and resuming is nothing special. The database gets its name once it holds the one
run that all generations belong to, and a generation is added in one transaction; killed at any
moment, it holds the generations that were whole. The threshold of a generation is the weighted
median of the distances of the one before, but never below half an error of each family of targets
(`Profile.half_an_error_each`): the generation with that threshold is the last. Proposals are drawn
with the whole covariance of the generation before: with pyABC's narrower default a few particles
take nearly all the weight where there are ten free parameters (one in two hundred, in a trial), and
a posterior looks narrow that is only thin. `Generation.effective` is how many independent draws the
weights are worth.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.adjust import effective_size
from sim77.analysis.calibrate.evaluations import Evaluations, check_database
from sim77.analysis.calibrate.profile import Profile
from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.core.errors import StudyError
from sim77.core.extras import needs
from sim77.core.files import replacing

with needs("calibrate"):
    import pyabc
    from pyabc.inference_util import evaluate_proposal, generate_valid_proposal
    from pyabc.sampler import Sampler

DATABASE = "generations.db"
LARGEST_BATCH = 24
"""Proposals evaluated together; changes nothing but how many are in vain at the end."""

EVERYTHING = 1e9
"""Threshold of generation 0, which is the prior."""

Values = dict[str, float]


@dataclass(frozen=True)
class Generation:
    """One generation, for progress and the manifest.

    Attributes
    ----------
    number : int
    epsilon : float
        Greatest distance accepted.
    evaluations : int
        Points looked at for it.
    median_distance : float
    effective : float
        Effective sample size, ``1 / sum(weight**2)``.
    """

    number: int
    epsilon: float
    evaluations: int
    median_distance: float
    effective: float


class Prior(pyabc.Distribution):
    """Independent uniforms, cut to the points that a study allows."""

    def __init__(self, study: CalibrationStudy):
        ranges = {
            each.name: pyabc.RV("uniform", each.low, each.high - each.low) for each in study.free
        }
        super().__init__(**ranges)
        self.allows = study.allows

    def copy(self) -> Prior:
        """Return itself: it never changes."""
        return self

    def rvs(self, *args: Any, **kwargs: Any) -> pyabc.Parameter:
        """Draw a point by rejection."""
        while True:
            point = super().rvs(*args, **kwargs)
            if self.allows(point):
                return point

    def pdf(self, x: Mapping[str, float]) -> float:
        """Return the density up to the constant of the cut."""
        return float(super().pdf(x)) if self.allows(x) else 0.0


class SeededSampler(Sampler):
    """Proposals by number; see the module.

    Parameters
    ----------
    prepare : callable
        Evaluates points, given as a list, so that the model knows them.
    seed : int
    most_evaluations : int
        Points that may still be looked at; a generation that would need more is given up.
    """

    def __init__(self, prepare: Callable[[list[Values]], None], seed: int, most_evaluations: int):
        super().__init__()
        self._prepare, self._seed, self._most = prepare, seed, most_evaluations

    def sample_until_n_accepted(
        self, n: int, simulate_one: Callable, t: int, **_: Any
    ) -> pyabc.population.Sample:
        """Return a generation: the first n accepted proposals in order of number."""
        given = simulate_one.keywords  # type: ignore[attr-defined]
        propose = {key: given[key] for key in _PROPOSE}
        judge = {key: given[key] for key in _JUDGE}
        sample = self._create_empty_sample()
        number = 0
        while sample.n_accepted < n:
            if number >= self._most:
                sample.ok = False
                break
            size = min(n, LARGEST_BATCH, self._most - number)
            batch = [self._proposal(propose, t, number + k) for k in range(size)]
            self._prepare([dict(point) for _, point in batch])
            for m, point in batch:
                if sample.n_accepted < n:
                    number += 1
                    sample.append(evaluate_proposal(m, point, **judge))
        self.nr_evaluations_ = number
        return sample

    def _proposal(self, propose: Mapping[str, Any], t: int, number: int) -> tuple[int, Any]:
        with numpy_seed(self._seed, t, number):
            return generate_valid_proposal(**propose)


_PROPOSE = (
    "t", "m", "p", "model_prior", "parameter_priors", "model_perturbation_kernel", "transitions",
)  # fmt: skip
_JUDGE = (
    "t", "models", "summary_statistics", "distance_function", "eps", "acceptor", "x_0",
    "weight_function", "proposal_id",
)  # fmt: skip


@contextmanager
def numpy_seed(*words: int) -> Iterator[None]:
    """Seed NumPy's global generator, which pyABC and SciPy draw from, and put it back."""
    before = np.random.get_state()
    np.random.seed(np.random.SeedSequence(words).generate_state(8))
    try:
        yield
    finally:
        np.random.set_state(before)


class _Known:
    """The model as pyABC sees it: a table of the points evaluated so far."""

    __name__ = "sim77"

    def __init__(self, profile: Profile, evaluations: Evaluations):
        self._profile, self._evaluations = profile, evaluations
        self._statistics: dict[tuple[tuple[str, float], ...], Values] = {}

    def learn(self, points: Sequence[Values]) -> None:
        summaries = self._evaluations([self._profile.evaluation(point) for point in points])
        for point, found in zip(points, summaries, strict=True):
            self._statistics[tuple(sorted(point.items()))] = self._profile.statistics(point, found)

    def __call__(self, point: Mapping[str, float]) -> Values:
        return self._statistics[tuple(sorted(point.items()))]


def sample_posterior(
    profile: Profile,
    evaluations: Evaluations,
    folder: Path,
    tell: Callable[[Generation], None] | None = None,
) -> list[Generation]:
    """Run, or go on with, the generations of a study.

    Parameters
    ----------
    profile : Profile
    evaluations : Evaluations
    folder : Path
        Holds the database of generations.
    tell : callable, optional
        Called with each generation when it is done.

    Returns
    -------
    list of Generation
        All of them, those found included.
    """
    logging.getLogger("ABC").setLevel(logging.ERROR)
    study = profile.study
    done = generations(folder)
    floor = profile.half_an_error_each
    while len(done) < study.generations and not (done and done[-1].epsilon <= floor):
        left = study.most_evaluations - sum(each.evaluations for each in done)
        if left <= 0 or not _one_generation(profile, evaluations, folder, done, left):
            break
        done = generations(folder)
        if tell is not None:
            tell(done[-1])
    return done


def _one_generation(
    profile: Profile, evaluations: Evaluations, folder: Path, done: list[Generation], left: int
) -> bool:
    """Add a generation to the database; False if it would take too many evaluations."""
    known = _Known(profile, evaluations)
    smc = pyabc.ABCSMC(
        models=known,
        parameter_priors=Prior(profile.study),
        distance_function=lambda x, _: profile.distance(x),
        population_size=profile.study.population,
        eps=pyabc.ConstantEpsilon(
            max(done[-1].median_distance, profile.half_an_error_each) if done else EVERYTHING
        ),
        sampler=SeededSampler(known.learn, profile.study.seed, left),
        transitions=kernel(),
    )
    if not (folder / DATABASE).exists():
        # Begun in three transactions: killed between them, it would hold no run, or a part of one.
        with replacing(folder / DATABASE) as partial:
            smc.new(_address(partial), dict(profile.observed))
    smc.load(_address(folder / DATABASE), history_of(folder).id)
    smc.run(max_nr_populations=1)
    return smc.history.max_t == len(done)


def kernel() -> pyabc.MultivariateNormalTransition:
    """Return what proposals are drawn with, once fitted to a generation."""
    return pyabc.MultivariateNormalTransition(bandwidth_selector=_whole_covariance)


def _whole_covariance(n_particles: int, n_parameters: int) -> float:
    """Return the bandwidth of proposals relative to the particles' covariance."""
    return 1.0


def generations(folder: Path) -> list[Generation]:
    """Return the whole generations in a folder's database."""
    if not (folder / DATABASE).exists():
        return []
    history = history_of(folder)
    populations = history.get_all_populations()
    found = []
    for row in populations[populations["t"] >= 0].itertuples():
        table = history.get_weighted_distances(row.t)
        distance, weight = table["distance"].to_numpy(), table["w"].to_numpy()
        found.append(
            Generation(
                int(row.t),
                float(row.epsilon),
                int(row.samples),
                _weighted_median(distance, weight),
                effective_size(weight),
            )
        )
    return found


def all_particles(folder: Path) -> pd.DataFrame:
    """Return the particles of all generations, one row each, in order of generation."""
    history = history_of(folder)
    return pd.concat(
        [history.get_distribution(0, t)[0] for t in range(history.max_t + 1)], ignore_index=True
    ).rename_axis(None, axis=1)


def history_of(folder: Path) -> pyabc.History:
    """Return the database of generations of a folder.

    Raises
    ------
    StudyError
        If it is damaged, or of another version of pyabc.
    """
    file = folder / DATABASE
    remedy = "delete it, and the same command makes it again from what is evaluated"
    check_database(file, remedy)
    try:
        history = pyabc.History(_address(file), create=False)
    except (AssertionError, ValueError) as error:
        raise StudyError(f"pyabc cannot read '{file}': {remedy}.") from error
    if history.id is None:
        raise StudyError(f"'{file}' holds no run of pyabc: {remedy}.")
    return history


def _address(file: Path) -> str:
    return f"sqlite:///{file.resolve()}"


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(cumulated, 0.5 * cumulated[-1])])
