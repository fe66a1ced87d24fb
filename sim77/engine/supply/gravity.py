"""Which workplace within a zone: a gravity model, and its one parameter."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from sim77.core.units import WORKPLACE_ZONES
from sim77.engine.supply.access import Floats, table_km, within_commune_km
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

DECAY_BOUNDS_PER_KM = (0.005, 1.0)
"""Where `fit_decay` looks: from the whole département at one's door to one's own commune only."""


def own_commune(communes: pd.DataFrame, workplaces: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which workplaces lie in the commune of residence, (n_communes, n_workplaces)."""
    codes = workplaces["code"].to_numpy(str)
    return np.asarray(communes["code"].to_numpy(str)[:, None] == codes[None, :])


def workplace_km(communes: pd.DataFrame, workplaces: pd.DataFrame) -> Floats:
    """Return crow-fly kilometres from communes to workplaces, (n_communes, n_workplaces).

    Within one's own commune half its equivalent radius (`within_commune_km`).
    """
    own_km = within_commune_km(0.0, communes["area_km2"].to_numpy(float))[:, None]
    own = own_commune(communes, workplaces)
    return np.where(own, own_km, table_km(communes, workplaces))


def gravity_shares(distance_km: Floats, jobs: Floats, decay_per_km: float) -> Floats:
    """Return where workers go, (n_communes, n_workplaces), rows sum to 1.

    ``P(j) ~ jobs_j exp(-decay km)``: a singly constrained gravity model (Wilson 1971).

    Parameters
    ----------
    distance_km : (n_communes, n_workplaces) float64
    jobs : (n_workplaces,) float64
        Weight of each workplace.
    decay_per_km : float

    Returns
    -------
    (n_communes, n_workplaces) float64
    """
    # Only differences matter; the nearest as zero keeps the exponential from underflowing.
    nearer_km = distance_km - distance_km.min(axis=1, keepdims=True)
    weight = jobs * np.exp(-decay_per_km * nearer_km)
    return weight / weight.sum(axis=1, keepdims=True)


def destination_probabilities(
    territory: Territory, parameters: ParameterSet, zone: str
) -> tuple[NDArray[np.int64], Floats]:
    """Return where the workers of each commune who work in a zone go, as cumulated probabilities.

    A draw u goes to the first workplace whose cumulated probability exceeds u.

    Parameters
    ----------
    territory : Territory
    parameters : ParameterSet
    zone : str
        Workplace zone.

    Returns
    -------
    rows : (n_destinations,) int64
        The zone's rows of ``territory.workplaces``.
    cumulated : (n_communes, n_destinations) float64
        Cumulated probabilities, the last exactly 1.
    """
    rows = np.flatnonzero((territory.workplaces["zone"] == zone).to_numpy())
    there = territory.workplaces.iloc[rows]
    km = workplace_km(territory.communes, there)
    jobs = there["jobs_weight"].to_numpy(float)
    cumulated = np.cumsum(gravity_shares(km, jobs, parameters.gravity_decay_per_km), axis=1)
    return rows, cumulated / cumulated[:, -1:]


@dataclass(frozen=True)
class CommuteDistances:
    """Crow-fly kilometres to work between communes over all workers, and who stays at home."""

    mean_km: float
    median_km: float
    share_own_commune: float


def commute_distances(
    territory: Territory, workers: NDArray[np.int64], decay_per_km: float
) -> CommuteDistances:
    """Return how far workers go to work, as INSEE counts it: 0 within the commune of residence.

    Parameters
    ----------
    territory : Territory
    workers : (n_communes, 4) int64
        Workers by workplace zone.
    decay_per_km : float

    Returns
    -------
    CommuteDistances
    """
    communes, workplaces = territory.communes, territory.workplaces
    zone = workplaces["zone"].to_numpy(str)
    km = workplace_km(communes, workplaces)
    jobs = workplaces["jobs_weight"].to_numpy(float)
    trips = np.empty(km.shape)
    for column, name in enumerate(WORKPLACE_ZONES):
        there = zone == name
        shares = gravity_shares(km[:, there], jobs[there], decay_per_km)
        trips[:, there] = shares * workers[:, column, None]
    own = own_commune(communes, workplaces)
    counted_km = np.where(own, 0.0, km).ravel()
    order = np.argsort(counted_km, kind="stable")
    cumulated = np.cumsum(trips.ravel()[order])
    median = order[np.searchsorted(cumulated, cumulated[-1] / 2)]
    return CommuteDistances(
        mean_km=float(counted_km @ trips.ravel() / trips.sum()),
        median_km=float(counted_km[median]),
        share_own_commune=float(trips[own].sum() / trips.sum()),
    )


def fit_decay(
    territory: Territory, workers: NDArray[np.int64], mean_km: float, median_km: float
) -> float:
    """Return the decay per kilometre that meets an observed mean and median best.

    Least squares of the two relative errors: one parameter cannot meet both exactly.
    """

    def missed(decay_per_km: float) -> float:
        model = commute_distances(territory, workers, decay_per_km)
        return (model.mean_km / mean_km - 1) ** 2 + (model.median_km / median_km - 1) ** 2

    fitted = minimize_scalar(missed, bounds=DECAY_BOUNDS_PER_KM, method="bounded")
    return float(fitted.x)
