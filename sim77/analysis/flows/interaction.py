"""The spatial-interaction model behind the flows: shares in Paris, other zones, whole numbers.

The census gives the share working in Paris by arrondissement and the other zones for the
département. Within an arrondissement the share follows a logit in travel times and urban type; the
slopes have five observations between them, so they stay near what is assumed for them
(``flow_targets.csv``, role *prior*).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq, least_squares

from sim77.core.errors import TerritoryError
from sim77.core.units import ARRONDISSEMENTS, URBAN_TYPES
from sim77.engine.supply.access import Floats, station_access, table_km
from sim77.engine.supply.level_of_service import best_station, car_min, road_level_of_service
from sim77.engine.supply.network import bpr_ratio
from sim77.engine.supply.rail_tree import rail_supply, rail_tree
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

CENSUS_DAY = date(2014, 1, 1)
OTHER_ZONES = ("within", "inner-ring", "outer-ring")
FURNESS_ITERATIONS = 200

# Rows of flow_targets.csv.
PARIS_SHARES = tuple(f"rp2014_share_paris_{name}" for name in ARRONDISSEMENTS)
OTHER_TOTALS = (
    "rp2014_share_77",
    "rp2014_share_petite_couronne",
    "rp2014_share_other_outer_ring",
)
SLOPES = ("rail_per_min", "car_per_min", "suburb", "rural")
DECAYS = ("inner_ring_decay_per_km", "outer_ring_decay_per_km")
DISTANCES = ("commute_km_mean_2008", "commute_km_median_2008")
OCCUPATION_MEDIANS = {
    "managers": "commute_km_median_managers_2008",
    "clerical": "commute_km_median_clerical_2008",
}
PRINTED = ("rp2014_share_paris", "employees_in_own_commune_2004", "fontainebleau_area_to_paris")


@dataclass(frozen=True)
class Target:
    """A row of ``flow_targets.csv``: a number and, for targets and priors, its spread."""

    value: float
    sd: float


@dataclass(frozen=True)
class Observed:
    """What the estimate starts from; n communes, 5 arrondissements.

    Attributes
    ----------
    workers : (n,) int64
        Residents at work.
    arrondissement : (n,) int64
        Index into ``ARRONDISSEMENTS``.
    covariates : (n, 4) float64
        In the order of `SLOPES`: rail and car minutes to Paris, suburb and rural as 0 or 1.
    share_paris : (5,) float64
        Share of the arrondissement's workers who work in Paris.
    share_sd : (5,) float64
        How closely the first stage has to meet it.
    prior, prior_sd : (4,) float64
        Assumed slopes and their standard deviations.
    """

    workers: NDArray[np.int64]
    arrondissement: NDArray[np.int64]
    covariates: Floats
    share_paris: Floats
    share_sd: Floats
    prior: Floats
    prior_sd: Floats


def read_targets(folder: Path) -> dict[str, Target]:
    """Read ``flow_targets.csv`` of a territory, by id."""
    path = folder / "flow_targets.csv"
    if not path.is_file():
        raise TerritoryError(f"The flows of {folder} cannot be estimated: it has no {path.name}.")
    table = pd.read_csv(path, usecols=["id", "value", "sd"])
    rows = zip(table["id"], table["value"], table["sd"], strict=True)
    targets = {str(name): Target(float(value), float(sd)) for name, value, sd in rows}
    groups = OCCUPATION_MEDIANS.values()
    for needed in (
        *PARIS_SHARES, *OTHER_TOTALS, *SLOPES, *DECAYS, *DISTANCES, *groups, *PRINTED,
    ):  # fmt: skip
        if needed not in targets:
            raise TerritoryError(f"{path.name} of {folder}, column id, must have a row '{needed}'.")
    return targets


def observe(territory: Territory, parameters: ParameterSet, targets: dict[str, Target]) -> Observed:
    """Gather what the estimate starts from."""
    communes = territory.communes
    return Observed(
        workers=communes["residents_at_work"].to_numpy(np.int64),
        arrondissement=communes["arrondissement"].map(ARRONDISSEMENTS.index).to_numpy(np.int64),
        covariates=journey_covariates(territory, parameters),
        share_paris=np.array([targets[name].value for name in PARIS_SHARES]) / 100,
        share_sd=np.array([targets[name].sd for name in PARIS_SHARES]) / 100,
        prior=np.array([targets[name].value for name in SLOPES]),
        prior_sd=np.array([targets[name].sd for name in SLOPES]),
    )


def journey_covariates(territory: Territory, parameters: ParameterSet) -> Floats:
    """Return what the share working in Paris depends on, (n_communes, 4), order of `SLOPES`.

    Rail minutes are physical, door to door from the best station, the mean over workers with and
    without a car at hand; car minutes are those at base volumes.
    """
    p = parameters
    communes, stations, lines = territory.communes, territory.stations, territory.lines
    tree = rail_tree(stations, lines)
    supply = rail_supply(tree, stations, lines, territory.rail_changes, CENSUS_DAY)
    access = station_access(communes, stations, p)
    rail = best_station(access, tree, supply, stations, lines, p)
    paris = territory.workplaces.loc[territory.workplaces["zone"] == "paris"].iloc[0]
    road = road_level_of_service(communes, paris, p)
    ratio = bpr_ratio(np.array(p.base_volume_capacity), p.bpr_alpha, p.bpr_beta)
    urban_type = communes["urban_type"].map(URBAN_TYPES.index).to_numpy()
    share_car = p.array("car_available", [name.replace("-", "_") for name in URBAN_TYPES])
    with_car = share_car[urban_type]
    rail_min = rail.physical_min[:, 0] * (1 - with_car) + rail.physical_min[:, 1] * with_car
    suburb, rural = (urban_type == URBAN_TYPES.index(name) for name in URBAN_TYPES[1:])
    return np.column_stack([rail_min, car_min(road, ratio), suburb, rural]).astype(float)


def logistic(utility: Floats) -> Floats:
    """Return ``1 / (1 + exp(-utility))``."""
    return 1.0 / (1.0 + np.exp(-utility))


def mean_by_arrondissement(shares: Floats, observed: Observed) -> Floats:
    """Return the shares of the arrondissements, (5,), from those of the communes, (n,)."""
    count = len(ARRONDISSEMENTS)
    there = np.bincount(observed.arrondissement, shares * observed.workers, minlength=count)
    return there / np.bincount(observed.arrondissement, observed.workers, minlength=count)


def fit_slopes(observed: Observed, use: NDArray[np.bool_] | None = None) -> tuple[float, Floats]:
    """Fit one constant and the slopes on the arrondissements' shares.

    Least squares of shares over their ``sd`` plus a ridge of slopes around what is assumed, over
    theirs (the mode of a normal posterior).

    Parameters
    ----------
    observed : Observed
    use : (5,) bool, optional
        Arrondissements to fit on; all if left out.

    Returns
    -------
    constant : float
    slopes : (4,) float64
    """
    used = np.ones(len(ARRONDISSEMENTS), bool) if use is None else use

    def residuals(theta: Floats) -> Floats:
        shares = logistic(theta[0] + observed.covariates @ theta[1:])
        missed = (
            mean_by_arrondissement(shares, observed) - observed.share_paris
        ) / observed.share_sd
        return np.concatenate([missed[used], (theta[1:] - observed.prior) / observed.prior_sd])

    start = np.concatenate([[0.0], observed.prior])
    found = least_squares(residuals, start, x_scale=np.concatenate([[1.0], observed.prior_sd]))
    return float(found.x[0]), found.x[1:]


def leave_one_out(observed: Observed) -> Floats:
    """Predict each arrondissement's share from a fit without it, (5,)."""
    predicted = np.empty(len(ARRONDISSEMENTS))
    for left_out in range(len(ARRONDISSEMENTS)):
        constant, slopes = fit_slopes(observed, np.arange(len(ARRONDISSEMENTS)) != left_out)
        shares = logistic(constant + observed.covariates @ slopes)
        predicted[left_out] = mean_by_arrondissement(shares, observed)[left_out]
    return predicted


def mean_of_others(observed: Observed) -> Floats:
    """Return the share in Paris of all the other arrondissements together, (5,).

    What one would say of an arrondissement without any model: `leave_one_out` has to do better.
    """
    workers = np.bincount(observed.arrondissement, observed.workers, len(ARRONDISSEMENTS))
    in_paris = workers * observed.share_paris
    return (in_paris.sum() - in_paris) / (workers.sum() - workers)


def share_missed(
    constant: float, utility: Floats, workers: NDArray[np.int64], target: float
) -> float:
    """Return by how much a constant puts a group of communes over its share in Paris."""
    return float(workers @ logistic(constant + utility) / workers.sum() - target)


def share_paris_by_commune(observed: Observed, slopes: Floats) -> Floats:
    """Return the share working in Paris, (n,), each arrondissement's constant solved exactly."""
    utility = observed.covariates @ slopes
    shares = np.empty(len(utility))
    for index, target in enumerate(observed.share_paris):
        here = observed.arrondissement == index
        logit = np.log(target / (1 - target))
        # At the one end every commune is below the target, at the other above it.
        low, high = logit - utility[here].max() - 1, logit - utility[here].min() + 1
        known = (utility[here], observed.workers[here], target)
        shares[here] = logistic(brentq(share_missed, low, high, args=known) + utility[here])
    return shares


def largest_remainder(values: Floats, total: int) -> NDArray[np.int64]:
    """Round to whole numbers that sum to `total`: up where the remainder is largest.

    Examples
    --------
    >>> largest_remainder(np.array([1.5, 2.4, 2.1]), 6).tolist()
    [2, 2, 2]
    """
    floors = np.floor(values).astype(np.int64)
    first = np.argsort(floors - values, kind="stable")[: total - floors.sum()]
    floors[first] += 1
    return floors


def paris_workers(observed: Observed, shares: Floats) -> NDArray[np.int64]:
    """Return whole workers in Paris by commune, (n,), true to every arrondissement's total."""
    expected = shares * observed.workers
    workers = np.zeros(len(expected), np.int64)
    for index in range(len(ARRONDISSEMENTS)):
        here = observed.arrondissement == index
        workers[here] = largest_remainder(expected[here], int(np.rint(expected[here].sum())))
    return workers


def other_workers(
    territory: Territory, targets: dict[str, Target], elsewhere: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Share those who do not work in Paris out over `OTHER_ZONES`, (n, 3).

    A multinomial logit: 0 within the département, and for each ring a constant less an assumed
    decay times the kilometres to the ring's nearest point. The constants meet the département's
    totals.

    Parameters
    ----------
    territory : Territory
    targets : dict of str to Target
    elsewhere : (n,) int64
        Workers by commune who do not work in Paris.

    Returns
    -------
    (n, 3) int64
    """
    share = np.array([targets[name].value for name in OTHER_TOTALS])
    totals = largest_remainder(elsewhere.sum() * share / share.sum(), int(elsewhere.sum()))
    utility = np.zeros((len(elsewhere), len(OTHER_ZONES)))
    for column, decay in enumerate(DECAYS, start=1):
        points = territory.workplaces.loc[territory.workplaces["zone"] == OTHER_ZONES[column]]
        ring_km = table_km(territory.communes, points).min(axis=1)
        utility[:, column] = -targets[decay].value * ring_km
    expected = _meet_totals(np.exp(utility), elsewhere, totals)
    inner, outer = (
        largest_remainder(expected[:, column], int(totals[column])) for column in (1, 2)
    )
    return np.column_stack([elsewhere - inner - outer, inner, outer])


def _meet_totals(odds: Floats, workers: NDArray[np.int64], totals: NDArray[np.int64]) -> Floats:
    """Return expected workers (n, 3): rows sum to workers, columns to totals (Furness 1965)."""
    expected = odds
    for _ in range(FURNESS_ITERATIONS):
        expected = expected * (workers / expected.sum(axis=1))[:, None]
        expected = expected * (totals / expected.sum(axis=0))
    return expected
