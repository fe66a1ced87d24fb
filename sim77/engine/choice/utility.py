"""Day plans and their utilities: what the compiled kernels compute, said once in plain NumPy.

A worker at work picks one plan of the day (utils; coefficients of time and money are per trip and
apply to both ways):

- **office** ``V = theta max_m(V_m + t_m) + presence``, by rail or by car;
- **home** ``V = asc_home + taste_home + b_fibre fibre - g_isolation isolation + g_norm norm``;
- **telecentre k** ``V = asc_home + asc_tc + taste_tc + g_norm norm + g_company log1p(company)
  + theta (b_time m_access access minutes + b_cost (access euros + price borne))``;
- **half a day at k** the office journey off-peak, the way to k on top, half the presence and half
  of the place terms.

Full-day remote plans get ``b_weekday``, half plans half of it; the kind of plan of the last day
worked gets ``g_habit``. Remote plans form one nest, half plans another, of scale ``mu_remote``
(Ben-Akiva and Lerman 1985, chapter 10). The day's errors are additive, so that somebody switches
only if something in that person's world changed (`sim77.core.draws.log_positive_stable`).
"""

from __future__ import annotations

import numpy as np


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
