"""Constants of the car, solved on census shares of public transport: stage (a), travel.

For workplaces in Paris the share by rail among rail and car must equal the census share of public
transport among public transport and car, by arrondissement; people who use neither are taken to be
as many everywhere. For other workplaces one constant reproduces the share of public transport over
all residents of the outer ring, an assumed share of them using neither. Shares are expected ones:
within a market the logit of its utilities over ``mu_mode``, at the fixed point of the loaded
network of the base year. The contraction ``asc += mu_mode (logit found - logit target)`` is that of
Berry, Levinsohn and Pakes (1995) with the logit's own scale as step.

Constants depend on ``mu_mode``, which no observation here identifies, so they are solved for
several values of it and interpolated between them (`ModeConstants`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from sim77.core.errors import StudyError
from sim77.core.units import ARRONDISSEMENTS, WORKPLACE_ZONES
from sim77.engine.model import CommuteModel
from sim77.engine.supply.network import Demand
from sim77.engine.travel import MarketTravel
from sim77.engine.world import BASE_DAY
from sim77.registry.parameters import ParameterSet, resolve
from sim77.runs.execute import RunSpec, start_model

NAMES = (*(f"asc_car_{name}" for name in ARRONDISSEMENTS), "asc_car_other")
SHARE_NEITHER_ELSEWHERE = 0.12
"""Residents working outside Paris who use neither public transport nor a car (assumed)."""

TOLERANCE = 1e-4
MOST_ITERATIONS = 60


@dataclass(frozen=True)
class ModeConstants:
    """Solved constants of the car as functions of the scale of mode tastes.

    Attributes
    ----------
    mu_mode : numpy.ndarray, shape (n,)
    values : numpy.ndarray, shape (n, 6)
        By value of ``mu_mode``, in the order of `NAMES`.
    shares : numpy.ndarray, shape (n, 6)
        Shares by rail found with them.
    targets : numpy.ndarray, shape (6,)
    """

    mu_mode: np.ndarray
    values: np.ndarray
    shares: np.ndarray
    targets: np.ndarray

    def at(self, mu_mode: float) -> dict[str, float]:
        """Return the constants at a value of ``mu_mode`` between the solved ones."""
        curve = PchipInterpolator(self.mu_mode, self.values, axis=0)
        return dict(zip(NAMES, curve(mu_mode).tolist(), strict=True))


def rail_targets(percent: Mapping[str, float]) -> np.ndarray:
    """Return the share by rail among rail and car, by arrondissement and for other workplaces.

    Parameters
    ----------
    percent : mapping of str to float
        Census rows by id, in percent.

    Returns
    -------
    numpy.ndarray, shape (6,)
    """
    to_paris = percent["rp2014_paris_mode_pt"] / 100.0
    either = to_paris + percent["rp2014_paris_mode_car"] / 100.0
    by_area = [percent[f"rp2014_paris_mode_pt_{name}"] / 100.0 for name in ARRONDISSEMENTS]
    share_paris = percent["rp2014_share_paris"] / 100.0
    everywhere = percent["pt_share_outer_ring_2011"] / 100.0
    elsewhere = (everywhere - share_paris * to_paris) / (1.0 - share_paris)
    shares = [*(share / either for share in by_area), elsewhere / (1.0 - SHARE_NEITHER_ELSEWHERE)]
    return np.array(shares)


def solve_mode_constants(
    percent: Mapping[str, float],
    *,
    mu_modes: Sequence[float],
    scale: float = 1.0,
    seed: int = 1,
    overrides: Mapping[str, float] | None = None,
) -> ModeConstants:
    """Solve the constants of the car for several scales of mode tastes.

    Parameters
    ----------
    percent : mapping of str to float
        Census rows by id, in percent (`rail_targets`).
    mu_modes : sequence of float
        Scales of mode tastes, rising.
    scale : float
        Share of the residents at work.
    seed : int
    overrides : mapping of str to float, optional
        Other registry parameters that differ from their values.

    Returns
    -------
    ModeConstants

    Raises
    ------
    StudyError
        If a share cannot be reached.
    """
    spec = RunSpec("no-telecentres", workplaces=WORKPLACE_ZONES, scale=scale, seed=seed)
    model = start_model(spec)
    targets = rail_targets(percent)
    values, shares = [], []
    start = np.zeros(len(NAMES))
    for mu_mode in mu_modes:
        start, found = _solve_one(model, {**(overrides or {}), "mu_mode": mu_mode}, targets, start)
        values.append(start)
        shares.append(found)
    return ModeConstants(np.array(mu_modes), np.array(values), np.array(shares), targets)


def _solve_one(
    model: CommuteModel, overrides: Mapping[str, float], targets: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    people = model.population
    persons = np.bincount(
        people.market, weights=people.weight * model.world.attendance(model.parameters)
    )
    area = model.territory.communes["arrondissement"].map(ARRONDISSEMENTS.index).to_numpy()
    paris = people.market_zone == WORKPLACE_ZONES.index("paris")
    region = np.where(paris, area[people.market_commune], len(ARRONDISSEMENTS))
    values = start.copy()
    for _ in range(MOST_ITERATIONS):
        constants = dict(zip(NAMES, values.tolist(), strict=True))
        parameters = resolve(BASE_DAY, {**overrides, **constants}, check_ranges=False)
        journeys = model.world.supply.travel(
            model.effects.supply, model.effects.stations, parameters
        )
        share = _share_by_rail(model, journeys, parameters, persons)
        found = np.bincount(region, weights=persons * share) / np.bincount(region, weights=persons)
        if np.abs(found - targets).max() < TOLERANCE:
            return values, found
        values = values + parameters.mu_mode * (_logit(found) - _logit(targets))
    raise StudyError(
        f"mode constants do not reach the census shares with mu_mode = {overrides['mu_mode']:g}: "
        f"expected {np.round(targets, 3).tolist()}, found {np.round(found, 3).tolist()}."
    )


def _logit(share: np.ndarray) -> np.ndarray:
    return np.log(share / (1.0 - share))


def _share_by_rail(
    model: CommuteModel, journeys: MarketTravel, parameters: ParameterSet, persons: np.ndarray
) -> np.ndarray:
    """Return the expected share by rail of each market at the fixed point of the base year."""

    def share(expected_min: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        public_transport, car = journeys.utility(expected_min, ratio).T
        difference = car - public_transport
        by_rail = 1.0 / (1.0 + np.exp(difference / parameters.mu_mode))
        return np.where(model.population.market_car == 1, by_rail, 1.0)

    def demand_of(expected_min: np.ndarray, ratio: np.ndarray) -> Demand:
        rail = share(expected_min, ratio)
        return Demand(
            journeys.boardings(persons * rail, len(expected_min)),
            journeys.drivers(persons * (1.0 - rail), len(ratio)),
        )

    expected_min, ratio, _ = model.network.fixed_point(demand_of, model.effects.supply, parameters)
    return share(expected_min, ratio)
