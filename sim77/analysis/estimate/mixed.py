"""The mixed logit of the day plans, by simulated maximum likelihood with xlogit.

What a person likes lasts (model section 4): home has a taste, centres another, correlated. They are
the sum of a component shared by all remote plans and one of its own each, all normal and drawn once
a person (Train 2009, chapter 6), so that with standard deviations c, h and t

``sd_taste_home**2 = c**2 + h**2``, ``sd_taste_telecentre**2 = c**2 + t**2``,
``corr_taste = c**2 / (sd_taste_home sd_taste_telecentre)``.

The shared component does the work of the nest: ``mu_remote`` is 1. xlogit maximises; the standard
errors are worked out here, as its own take the days of a person for those of strangers.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy
from scipy.special import ndtri

from sim77.analysis.estimate.design import ChoiceDesign
from sim77.analysis.estimate.nested import Fit, differentiate, fit_nested
from sim77.core.errors import StudyError
from sim77.core.extras import needs
from sim77.engine.choice.terms import signed_weights

COMPONENTS = ("taste_shared", "taste_home", "taste_centre")
_FIRST_DRAWS = 100  # of Halton's sequences, whose first points are correlated
_STRETCH = 12_347  # where the next seed begins
_CELLS = 4_000_000  # numbers held at a time


def components(design: ChoiceDesign) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the components of the taste and how much of each a plan has.

    Returns
    -------
    names : tuple of str
        Three, or `taste_home` alone where the survey has no centre.
    loading : numpy.ndarray, shape (n_plans, n_components)
    """
    home, centre = (
        signed_weights(taste)[design.kind] for taste in ("taste_home", "taste_telecentre")
    )
    if not (design.available & (centre != 0)).any():
        return COMPONENTS[1:2], home[:, None]
    return COMPONENTS, np.column_stack((home + centre, home, centre))


def draws_of(n_persons: int, n_draws: int, n_components: int, seed: int) -> np.ndarray:
    """Return standard normal Halton draws, shape (n_persons, n_components, n_draws)."""
    sequence = scipy.stats.qmc.Halton(d=n_components, scramble=False)
    sequence.fast_forward(_skipped(seed))
    units = sequence.random(n_persons * n_draws).reshape(n_persons, n_draws, n_components)
    found: np.ndarray = ndtri(units).transpose(0, 2, 1)
    return found


def _skipped(seed: int) -> int:
    return _FIRST_DRAWS + (seed - 1) * _STRETCH


def fit_mixed(design: ChoiceDesign, n_draws: int = 500, seed: int = 1) -> Fit:
    """Estimate the mixed logit.

    Parameters
    ----------
    design : ChoiceDesign
    n_draws : int
        Halton draws a person.
    seed : int
        Which stretch of Halton's sequences is used, from 1.

    Raises
    ------
    StudyError
        If xlogit is not installed, a constant of home or of a centre is held, each person has one
        day only, or the likelihood is not maximised.
    """
    names, loading = components(design)
    _check(design)
    start = fit_nested(design, hold_mu=1.0)
    fitted = _xlogit_fit(design, names, loading, start.values, n_draws, seed)
    n_terms = len(design.names)
    # A deviation may come out negative: on a given set of draws its sign counts, its size is meant.
    values = np.concatenate((fitted.coeff_[:n_terms], fitted.coeff_[n_terms + len(names) :]))
    values[:n_terms] += _means_as_constants(design, names, fitted.coeff_[n_terms:])
    draws = draws_of(design.n_persons, n_draws, len(names), seed)

    def scores_at(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return simulated_log_likelihood(design, loading, draws, point)

    ll, scores = scores_at(values)
    return Fit(
        names=(*design.names, *names),
        values=values,
        log_likelihood=float(ll.sum()),
        hessian=differentiate(lambda point: -scores_at(point)[1].sum(axis=0), values),
        scores=scores,
        starts=1,
        starts_agreeing=int(bool(fitted.convergence)),
    )


def _check(design: ChoiceDesign) -> None:
    for family in ("asc_home_", "asc_tc_"):
        held = [name for name in design.held if name.startswith(family)]
        if held:
            raise StudyError(
                f"{held[0]} is held, but the mixed logit estimates the constants with the tastes: "
                "use --method nested."
            )
    if design.n_days == design.n_persons:
        raise StudyError(
            "every person has one day only, so lasting tastes cannot be told from the day's: "
            "use --method nested."
        )


def _xlogit_fit(
    design: ChoiceDesign, names: tuple[str, ...], loading: np.ndarray, start: np.ndarray,
    n_draws: int, seed: int,
) -> Any:  # fmt: skip
    """Let xlogit maximise; its coefficients are terms, means and deviations of the components."""
    with needs("estimate"):
        from xlogit import MixedLogit
    n, j = design.available.shape
    random = np.broadcast_to(loading, (n, j, len(names))) * design.available[:, :, None]
    x = np.concatenate((design.x, random), axis=2)

    def long(column: np.ndarray) -> np.ndarray:
        return np.repeat(column, j)

    settings = {
        "X": x.reshape(n * j, -1),
        "y": (np.arange(j) == design.chosen[:, None]).ravel(),
        "varnames": [*design.names, *names],
        "alts": np.tile(np.arange(j), n),
        "ids": long(np.arange(n)),
        "panels": long(design.person),
        "weights": long(design.weight),
        "avail": design.available.astype(np.float64).ravel(),
        "addit": design.fixed.ravel(),
        "randvars": dict.fromkeys(names, "n"),
        "init_coeff": np.concatenate((start, np.zeros(len(names)), np.full(len(names), 0.5))),
        "n_draws": n_draws,
        "halton_opts": {"drop": _skipped(seed)},
        "batch_size": max(1, _CELLS // (n * j)),
        # A component's mean is a sum of constants, so one direction is flat: this method never
        # leaves the span of the gradients and is not troubled.
        "optim_method": "L-BFGS-B",
        "skip_std_errs": True,
        "verbose": 0,
    }
    model = MixedLogit()
    with warnings.catch_warnings():
        # xlogit hands SciPy an option, `disp`, that SciPy no longer knows; it changes nothing.
        warnings.filterwarnings("ignore", message=".*disp")
        model.fit(**settings)
    return model


def _means_as_constants(
    design: ChoiceDesign, names: tuple[str, ...], rest: np.ndarray
) -> np.ndarray:
    """Return what the means of the components add to the constants of home and of centres."""
    mean = dict(zip(names, rest[: len(names)], strict=True))
    home = mean.get("taste_shared", 0.0) + mean["taste_home"]
    centre = mean.get("taste_centre", 0.0) - mean["taste_home"]
    return np.array(
        [
            home if name.startswith("asc_home_") else centre if name.startswith("asc_tc_") else 0.0
            for name in design.names
        ]
    )


def simulated_log_likelihood(
    design: ChoiceDesign, loading: np.ndarray, draws: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each person's simulated log-likelihood and its gradient, weighted.

    Parameters
    ----------
    design : ChoiceDesign
    loading : numpy.ndarray, shape (n_plans, n_components)
    draws : numpy.ndarray, shape (n_persons, n_components, n_draws)
        Standard normal.
    values : numpy.ndarray, shape (n_terms + n_components,)
        Coefficients, then standard deviations.

    Returns
    -------
    tuple of numpy.ndarray
        Shapes (n_persons,) and (n_persons, n_terms + n_components).
    """
    n_terms = design.x.shape[2]
    coefficients, deviations = values[:n_terms], values[n_terms:]
    fixed = np.where(design.available, design.fixed + design.x @ coefficients, -np.inf)
    ll, scores = np.empty(design.n_persons), np.empty((design.n_persons, values.size))
    for persons, days in _blocks(design, draws.shape[2]):
        z = draws[design.person[days]]  # (days, components, draws)
        utility = fixed[days, :, None] + np.einsum("jc,ncr->njr", loading * deviations, z)
        p, chosen = _logit(utility), design.chosen[days]
        log_p = np.log(p[np.arange(chosen.size), chosen])  # (days, draws)
        starts = np.flatnonzero(np.diff(design.person[days], prepend=-1))
        log_person = np.add.reduceat(log_p, starts, axis=0)
        top = log_person.max(axis=1, keepdims=True)
        weight = np.exp(log_person - top)
        ll[persons] = top[:, 0] + np.log(weight.mean(axis=1))
        weight /= weight.sum(axis=1, keepdims=True)
        posterior = weight[design.person[days] - persons.start]  # (days, draws)
        gap = -p * posterior[:, None, :]
        gap[np.arange(chosen.size), chosen] += posterior
        by_term = np.einsum("nj,njk->nk", gap.sum(axis=2), design.x[days])
        by_deviation = np.einsum("njr,jc,ncr->nc", gap, loading, z, optimize=True)
        both = np.hstack((by_term, by_deviation))
        scores[persons] = np.add.reduceat(both, starts, axis=0)
    weight_of = design.weight[np.flatnonzero(np.diff(design.person, prepend=-1))]
    return weight_of * ll, weight_of[:, None] * scores


def _logit(utility: np.ndarray) -> np.ndarray:
    p: np.ndarray = np.exp(utility - utility.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p


def _blocks(design: ChoiceDesign, n_draws: int) -> Iterator[tuple[slice, slice]]:
    """Yield persons and their days, so few at a time that memory stays small."""
    first_day = np.append(np.flatnonzero(np.diff(design.person, prepend=-1)), design.n_days)
    days = max(1, _CELLS // (n_draws * design.available.shape[1]))
    person = 0
    while person < design.n_persons:
        last = int(np.searchsorted(first_day, first_day[person] + days, side="right")) - 1
        last = min(max(last, person + 1), design.n_persons)
        yield slice(person, last), slice(int(first_day[person]), int(first_day[last]))
        person = last
