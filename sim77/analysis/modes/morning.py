"""What a territory says of a morning on which everybody goes to the office.

Times, crowding and traffic are those on which a run of the base year starts. Shares of modes are
expected ones, those of the logit that workers draw from, so that they hold no chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import softmax

from sim77.analysis.modes.fit import sums_by
from sim77.core.units import AREA_TYPES, MODES, Mode
from sim77.engine.population.flows import flow_rows
from sim77.engine.supply.mode_constants import (
    area_constants,
    density_slopes,
    occupation_constants,
)
from sim77.engine.supply.network import Loads
from sim77.engine.supply.pair_travel import PairTravel, pair_travel
from sim77.engine.supply.pairs import PairTables, pair_tables, trains_of
from sim77.registry.parameters import ParameterSet
from sim77.runs.execute import RunSpec, start_model
from sim77.territory.territory import Territory

MOST_WORKERS = 600_000
"""A larger territory's crowding and traffic are found with a sample of so many."""
BOARD_6_TO_10 = 0.55
"""Of those who go by public transport, who board between 6 and 10 on an average working day:
absence, part time and other hours taken off. Assumed."""


@dataclass(frozen=True)
class Morning:
    """A morning of the base year.

    Attributes
    ----------
    territory : Territory
    parameters : ParameterSet
    loads : Loads
        Riders and vehicles of the peak hour, those who are not simulated included.
    ratio : numpy.ndarray, shape (n_sections,)
        Minutes on the road over those in free flow.
    travellers : numpy.ndarray, shape (2, n_pairs, n_modes)
        Expected workers by mode, without and with a car at hand.
    minutes : numpy.ndarray, shape (2, n_pairs, n_modes)
        Door to door, one way, in traffic.
    attendance : float
        Share of the workers who are at work on a day of the base year.
    """

    territory: Territory
    parameters: ParameterSet
    loads: Loads
    ratio: np.ndarray
    travellers: np.ndarray
    minutes: np.ndarray
    attendance: float

    @cached_property
    def boardings(self) -> pd.Series:
        """Boardings from 6 to 10, by line and station.

        Who rides some way on a line boards it at each station that they leave more often than
        they reach.
        """
        segments, paths = self.territory.od.transit.segments, self.territory.od.transit.paths
        ends = pd.MultiIndex.from_arrays(
            [
                pd.concat([segments["line"], segments["line"]]).astype(str),
                pd.concat([segments["from_stop"], segments["to_stop"]]).astype(str),
            ],
            names=["line", "station"],
        )
        place, names = ends.factorize(sort=True)
        row = np.tile(np.arange(len(segments)), 2)
        sign = np.repeat([1.0, -1.0], len(segments))
        incidence = sparse.csr_matrix((sign, (row, place)), shape=(len(segments), len(names)))
        boards = (paths.astype(np.float64) @ incidence).maximum(0.0)
        # Rows of the paths are pairs, each without and with a car at hand.
        riders = self.travellers[:, :, Mode.PUBLIC_TRANSPORT].T.ravel()
        index = pd.MultiIndex.from_tuples(list(names), names=ends.names)
        return pd.Series(BOARD_6_TO_10 * (boards.T @ riders), index=index)


def morning_of(territory: Territory) -> Morning:
    """Return a morning of a territory's base year."""
    workers = int(flow_rows(territory).workers.sum())
    spec = RunSpec(
        "no-telecentres",
        territory=territory,
        workplaces=territory.workplace_zones,
        scale=min(1.0, MOST_WORKERS / max(workers, 1)),
    )
    model = start_model(spec)
    start, parameters = model.world.find_start(model.effects), model.effects.parameters
    fitted, n_pairs = territory.od.mode_choice, len(territory.od.pairs)
    flows = flow_rows(territory)
    cells = pd.DataFrame({"pair": flows.pair, "group": flows.group, "workers": flows.workers})
    cells = cells.groupby(["pair", "group"])["workers"].sum().reset_index()
    pair, group, count = (cells[each].to_numpy() for each in cells)
    by_group = occupation_constants(fitted)[:, group].T
    travellers = np.zeros((2, n_pairs, len(MODES)))
    minutes = np.zeros_like(travellers)
    for car in range(2):
        tables = pair_tables(territory, np.arange(n_pairs), np.full(n_pairs, car))
        travel = _travel(territory, tables, parameters)
        minutes[car] = 0.5 * travel.loaded_minutes(start.expected_ratio)
        utility = travel.utility(start.expected_min, start.expected_ratio)
        if not car:
            utility[:, Mode.CAR] = -np.inf
        chosen = softmax((utility[pair] + by_group) / parameters.mu_mode, axis=1)
        share_car = _share_car(parameters)[tables.area[0][pair]]
        chosen *= (count * (share_car if car else 1.0 - share_car))[:, None]
        travellers[car] = sums_by(pair, chosen, n_pairs)
    attendance = float(model.world.attendance(parameters).mean())
    return Morning(
        territory, parameters, start.loads, start.expected_ratio, travellers, minutes, attendance
    )


def _travel(territory: Territory, tables: PairTables, parameters: ParameterSet) -> PairTravel:
    fitted = territory.od.mode_choice
    constants = (
        area_constants(fitted)[:, tables.area[0], tables.area[1]].T
        + tables.log_density @ density_slopes(fitted).T
    )
    one = np.ones(len(territory.lines))
    return pair_travel(tables, trains_of(tables, one, one, one), constants, parameters)


def _share_car(parameters: ParameterSet) -> np.ndarray:
    return parameters.array("car_at_hand", [name.replace("-", "_") for name in AREA_TYPES])
