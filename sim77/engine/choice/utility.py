"""The utility of a day plan from its terms, and the shares that utilities lead to.

A worker at work picks one plan of the day: the office by its best mode, home, a whole day at a
telecentre, or half a day there and half at the office. `sim77.engine.choice.terms` says what each
is worth, term by term. Coefficients of time and money are per trip and apply to both ways. The
functions that add the terms up, `of_journey`, `of_person`, `of_weekday` and `at_centre`, are
compiled into the kernels and take NumPy arrays elsewhere, as does `employer_part`; with `habit`
they make the utility of a day.

Remote plans form one nest, half plans another, of scale ``mu_remote`` (Ben-Akiva and Lerman 1985,
chapter 10). Within them the desks of one place (`sim77.engine.places`) form a nest of their own, of
scale ``mu_place`` relative to that. It is small: desks at one place hardly differ
(the same, chapter 9), so that a centre cut into n draws ``n ** mu_place`` times the odds that it
had. Which of several centres at a place one prefers lasts, so that who comes often can subscribe.
The day's errors are additive, so that somebody switches only if something in that
person's world changed (`sim77.core.draws.log_positive_stable`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special


def of_journey(b: Any, journey: Any) -> Any:
    """Return the part of a plan with a journey to the office that comes of it.

    Parameters
    ----------
    b : Coefficients
        Of the kind of plan.
    journey : float or array
        Utility of the journey.
    """
    return b.half_constant + b.journey * journey


def of_person(b: Any, lasting: Any, fibre: Any, isolation: Any, norm: Any) -> Any:
    """Return the part that neither the journey, the weekday nor a centre changes.

    Parameters
    ----------
    b : Coefficients
        Of the kind of plan.
    lasting : float or array
        Constants and lasting tastes (util).
    fibre, isolation, norm : float or array
        Attributes.
    """
    return lasting + b.fibre * fibre + b.isolation * isolation + b.norm * norm


def of_weekday(b: Any, presence: Any, bonus: Any) -> Any:
    """Return the part that differs by weekday: share of the team there, the weekday's constant."""
    return b.presence * presence + b.weekday * bonus


def at_centre(b: Any, person: Any, attraction: Any, travel: Any, price_eur: Any) -> Any:
    """Add to the rest of a plan's utility what a centre is worth: itself, the way, the price."""
    return person + attraction + travel + b.price * price_eur


def employer_part(share: Any, price_eur: Any, ceiling_eur: Any, left_eur: Any) -> Any:
    """Return what an employer pays of the price of a desk: its share, within ceiling and budget.

    Parameters
    ----------
    share : float or array
        Of the price, 0 for whom no employer pays.
    price_eur : float or array
    ceiling_eur : float or array
        That the employer pays for this day, or half day.
    left_eur : float or array
        Of the worker's budget of the month; not above 0 when it is spent.
    """
    part = np.minimum(np.minimum(share * price_eur, ceiling_eur), left_eur)
    return np.maximum(part, 0.0)


def inclusive_value(utilities: np.ndarray, mu: float) -> float:
    """Return ``mu log sum exp(V / mu)``; minus infinity when no plan is available.

    Parameters
    ----------
    utilities : numpy.ndarray, shape (n_plans,)
        Minus infinity marks a plan that is not available.
    mu : float
        Scale of the nest, 0 < mu <= 1.

    Returns
    -------
    float
    """
    if utilities.size == 0 or np.isneginf(utilities).all():
        return -np.inf
    top = utilities.max()
    return float(top + mu * np.log(np.exp((utilities - top) / mu).sum()))


def nested_by_place(
    utilities: np.ndarray, place: np.ndarray, mu: float, mu_place: float
) -> np.ndarray:
    """Return utilities that in one nest lead to the shares of a nest a place within it.

    With ``I`` the inclusive value of the plans of a place, ``I + (V - I) / mu_place``; a plan that
    is alone at its place keeps its utility.

    Parameters
    ----------
    utilities : numpy.ndarray, shape (..., n_plans)
        Minus infinity marks a plan that is not available.
    place : numpy.ndarray, shape (n_plans,)
        Equal values mark plans of one place.
    mu, mu_place : float
        Scales of the nest, and of a place relative to it.

    Returns
    -------
    numpy.ndarray, shape (..., n_plans)
    """
    nested, scale = utilities.copy(), mu * mu_place
    for each in np.unique(place):
        here = place == each
        if np.count_nonzero(here) > 1:
            mine = utilities[..., here]
            value = scale * special.logsumexp(mine / scale, axis=-1, keepdims=True)
            value = np.where(np.isneginf(value), 0.0, value)
            nested[..., here] = value + (mine - value) / mu_place
    return nested


def nested_logit_shares(office: float, nests: list[np.ndarray], mu: float) -> list[np.ndarray]:
    """Return the choice probabilities of the office and of every plan of the nests.

    Parameters
    ----------
    office : float
        Utility of the office, a nest of its own.
    nests : list of numpy.ndarray
        Utilities of the plans of each nest (remote, half).
    mu : float
        Scale of the nests, 0 < mu <= 1.

    Returns
    -------
    list of numpy.ndarray
        First the office, shape (1,), then one array a nest, summing to 1 together.
    """
    inclusive = np.array([office] + [inclusive_value(nest, mu) for nest in nests])
    outer = np.exp(inclusive - inclusive.max())
    outer /= outer.sum()
    shares = [outer[:1]]
    for probability, value, nest in zip(outer[1:], inclusive[1:], nests, strict=True):
        inner = np.zeros(nest.size) if np.isneginf(value) else np.exp((nest - value) / mu)
        shares.append(probability * inner)
    return shares


def logit(utilities: np.ndarray) -> np.ndarray:
    """Return multinomial logit probabilities, last axis alternatives (McFadden 1974)."""
    exponential = np.exp(utilities - utilities.max(axis=-1, keepdims=True))
    return exponential / exponential.sum(axis=-1, keepdims=True)
