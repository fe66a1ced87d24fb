"""The utility of a day plan, written once: a table of its terms.

The utility of a plan (utils) is linear in the terms,
``V = sum of sign x weight x coefficient x attribute``, with the weight of the kind of plan. The
compiled kernels, the explanation of a day, the estimation from a survey, the static siting and the
ODD page all read signs, weights and coefficients here: a change to `TERMS` reaches every one of
them. A kind of plan without an attribute (no centre, no journey) has weight 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim77.core.units import Plan
from sim77.engine.arrays import Coefficients
from sim77.registry.parameters import ParameterSet


@dataclass(frozen=True)
class UtilityTerm:
    """One term of the utility of a day plan.

    Attributes
    ----------
    name : str
    sign : int
        1 or -1.
    parameters : tuple of str
        Their product is the coefficient; braces stand for the member of a family.
    weight : tuple of float
        By kind of plan, in the order of `PLAN_KINDS`; powers of two, so that weighing is exact.
    attribute : str
        What the coefficient multiplies.
    """

    name: str
    sign: int
    parameters: tuple[str, ...]
    weight: tuple[float, float, float, float]
    attribute: str

    def parameter_names(self, **members: str) -> tuple[str, ...]:
        """Return the names of the parameters of given members: ``weekday="friday"``."""
        return tuple(each.format(**members) for each in self.parameters)

    def coefficient(self, parameters: ParameterSet) -> float:
        """Return the product of the parameters, those of families left out."""
        return math.prod(parameters[each] for each in self.parameters if "{" not in each)

    def signed_weight(self, kind: Plan) -> float:
        """Return sign times weight of a kind of plan."""
        return self.sign * self.weight[kind] + 0.0  # no minus zero


_ACCESS_MIN = ("theta", "beta_time_per_min", "multiplier_access_telecentre")
_MONEY = ("theta", "beta_cost_per_eur")

_TERMS = (
    #           name               sign  coefficient                office half home telecentre
    UtilityTerm("journey",            1, ("theta",),                (1.0, 1.0, 0.0, 0.0),
                "utility of the journey to the office and back by the better mode (section 7.4); "
                "off-peak for half days"),
    UtilityTerm("half_constant",      1, ("asc_half",),             (0.0, 1.0, 0.0, 0.0), "1"),
    UtilityTerm("presence",           1, ("g_peer",),               (1.0, 0.5, 0.0, 0.0),
                "share of the team expected at the office that weekday"),
    UtilityTerm("home_constant",      1, ("asc_home_{occupation}",), (0.0, 0.5, 1.0, 1.0), "1"),
    UtilityTerm("taste_home",         1, ("sd_taste_home",),        (0.0, 0.0, 1.0, 0.0),
                "the worker's lasting taste for home, standard normal"),
    UtilityTerm("centre_constant",    1, ("asc_tc_{centre_kind}",), (0.0, 0.5, 0.0, 1.0), "1"),
    UtilityTerm("own_account",        1, ("asc_own_account",),      (0.0, 0.0, 0.0, 1.0),
                "1 for who works at home for oneself, else 0"),
    UtilityTerm("services",           1, ("utility_per_service",),  (0.0, 0.5, 0.0, 1.0),
                "services of the centre above `reference_services`"),
    UtilityTerm("colocation",         1, ("g_colocation",),         (0.0, 0.5, 0.0, 1.0),
                "log(1 + desks occupied there on a day of last week)"),
    UtilityTerm("taste_telecentre",   1, ("sd_taste_telecentre",),  (0.0, 0.5, 0.0, 1.0),
                "the worker's lasting taste for telecentres, standard normal"),
    UtilityTerm("fibre",              1, ("b_fibre",),              (0.0, 0.0, 1.0, 0.0),
                "share of the commune's premises with fibre"),
    UtilityTerm("isolation",         -1, ("g_isolation",),          (0.0, 0.0, 1.0, 0.0),
                "stock of recent days at home"),
    UtilityTerm("norm",               1, ("g_norm",),               (0.0, 0.5, 1.0, 1.0),
                "share of the team's worker-days that were remote last week"),
    UtilityTerm("centre_access",      1, _ACCESS_MIN,               (0.0, 1.0, 0.0, 1.0),
                "perceived minutes to the centre and back"),
    UtilityTerm("centre_access_cost", 1, _MONEY,                    (0.0, 1.0, 0.0, 1.0),
                "euros of the access leg to the centre and back"),
    UtilityTerm("price",              1, _MONEY,                    (0.0, 1.0, 0.0, 1.0),
                "euros of the desk that the worker bears, of a day or of half a day"),
    UtilityTerm("weekday",            1, ("b_weekday_{weekday}",),  (0.0, 0.5, 1.0, 1.0), "1"),
    UtilityTerm("habit",              1, ("g_habit",),              (1.0, 1.0, 1.0, 1.0),
                "1 if the last day worked was of this kind, else 0"),
)  # fmt: skip

TERMS = {term.name: term for term in _TERMS}
"""The terms by name, in the order in which an explanation lists them."""


def signed_weights(name: str) -> np.ndarray:
    """Return sign times weight of a term by kind of plan, shape (4,)."""
    return np.array([TERMS[name].signed_weight(kind) for kind in _KINDS])


def by_kind(**values: ArrayLike) -> np.ndarray:
    """Add up terms by kind of plan.

    Parameters
    ----------
    **values : array_like, shape (...)
        Coefficient times attribute by the name of the term (utils), before sign and weight.

    Returns
    -------
    numpy.ndarray, shape (4, ...)

    Examples
    --------
    >>> by_kind(home_constant=-2.0, taste_home=0.5)
    array([ 0. , -1. , -1.5, -2. ])
    """
    parts = (np.multiply.outer(signed_weights(name), value) for name, value in values.items())
    return np.asarray(sum(parts))


def coefficients(parameters: ParameterSet) -> np.ndarray:
    """Return `Coefficients` of each kind of plan, signs and weights applied, shape (4, 9)."""
    return np.column_stack(
        [by_kind(**{name: TERMS[name].coefficient(parameters)}) for name in Coefficients._fields]
    )


_KINDS = tuple(kind for kind in Plan if kind is not Plan.NOT_AT_WORK)
