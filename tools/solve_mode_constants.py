"""Solve the constants of the car by arrondissement on the census shares of public transport.

    python tools/solve_mode_constants.py

For workplaces in Paris the share by rail among rail and car must equal the census share of public
transport among public transport and car (other modes, 2.33 % of the département's commuters to
Paris, are taken as equal everywhere). For other workplaces one constant reproduces 30 % public
transport over all residents of the outer ring (2011), 12 % of them using neither (assumed).
Shares are expected ones: within a cell the logit of its utilities over ``mu_mode``, at the fixed
point of the loaded network. The printed values belong into ``sim77/parameters.yaml``.
"""

import numpy as np

from sim77.model import CommuteModel
from sim77.network import Demand
from sim77.parameters import resolve
from sim77.travel import CellTravel
from sim77.units import ARRONDISSEMENTS, WORKPLACE_ZONES
from sim77.world import BASE_DAY

SHARE_PT_TO_PARIS = {
    "fontainebleau": 0.8465, "meaux": 0.7495, "melun": 0.8214, "provins": 0.7802, "torcy": 0.7851,
}  # fmt: skip
"""Main mode public transport of residents working in Paris (INSEE RP2014, MOBPRO)."""
SHARE_NEITHER_TO_PARIS = 1.0 - 0.7892 - 0.1875
SHARE_PT_ALL = 0.30
SHARE_PARIS = 0.1497
SHARE_NEITHER_ELSEWHERE = 0.12
TOLERANCE = 1e-4
MOST_ITERATIONS = 30


def main() -> None:
    """Print the constants that reproduce the shares."""
    model = CommuteModel("no-telecentres", workplaces=WORKPLACE_ZONES)
    population = model.population
    attendance = population.weight * model.world.attendance(model.parameters)
    persons = np.bincount(population.cell, weights=attendance)
    arrondissement = (
        model.territory.communes["arrondissement"].map(ARRONDISSEMENTS.index).to_numpy()
    )[population.cell_commune]
    names = [f"asc_car_{name}" for name in ARRONDISSEMENTS] + ["asc_car_other"]
    region = np.where(population.cell_zone == 0, arrondissement, len(ARRONDISSEMENTS))
    target = np.array(_targets())
    values = dict.fromkeys(names, 0.0)
    for _ in range(MOST_ITERATIONS):
        parameters = resolve(BASE_DAY, values)
        journeys = model.world.journeys(model.effects.supply, model.effects.stations, parameters)
        share = _share_by_rail(model, journeys, parameters, persons)
        found = np.bincount(region, weights=persons * share) / np.bincount(region, weights=persons)
        miss = np.log(found / (1 - found)) - np.log(target / (1 - target))
        for name, change in zip(names, parameters.mu_mode * miss, strict=True):
            values[name] = float(values[name] + change)
        if np.abs(found - target).max() < TOLERANCE:
            break
    for name, value, share, wanted in zip(names, values.values(), found, target, strict=True):
        print(f"{name}: {value:.3f}   share by rail {share:.4f}, target {wanted:.4f}")


def _targets() -> list[float]:
    paris = [share / (1.0 - SHARE_NEITHER_TO_PARIS) for share in SHARE_PT_TO_PARIS.values()]
    elsewhere = (SHARE_PT_ALL - SHARE_PARIS * 0.7892) / (1.0 - SHARE_PARIS)
    return [*paris, elsewhere / (1.0 - SHARE_NEITHER_ELSEWHERE)]


def _share_by_rail(model, journeys: CellTravel, parameters, persons: np.ndarray) -> np.ndarray:
    """Return the expected share by rail of each cell at the fixed point of the base year."""

    def share(expected_min: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        difference = journeys.car(ratio) - journeys.rail(expected_min)
        by_rail = 1.0 / (1.0 + np.exp(difference / parameters.mu_mode))
        return np.where(model.population.cell_car == 1, by_rail, 1.0)

    def demand_of(expected_min: np.ndarray, ratio: np.ndarray) -> Demand:
        rail = share(expected_min, ratio)
        return Demand(
            journeys.boardings(persons * rail, len(expected_min)),
            journeys.drivers(persons * (1.0 - rail), len(ratio)),
        )

    expected_min, ratio, _ = model.network.fixed_point(demand_of, model.effects.supply, parameters)
    return share(expected_min, ratio)


if __name__ == "__main__":
    main()
