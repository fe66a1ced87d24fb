"""The journeys of a territory taken apart: the counterpart of `PairTravel`, term by term.

From the territory's tables, parameters and expected times, and not from the utilities that the
engine made of them (`sim77.engine.supply.pair_travel`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim77.analysis.explain.parts import Journey, Term
from sim77.core.units import MODES, Mode
from sim77.engine.arrays import JOURNEY
from sim77.engine.model import CommuteModel
from sim77.engine.supply.pairs import TRANSIT_PARTS

_TIME = ("theta", "beta_time_per_min")
_MONEY = ("theta", "beta_cost_per_eur")
_PT, _CAR, _BICYCLE, _WALK = Mode.PUBLIC_TRANSPORT, Mode.CAR, Mode.BICYCLE, Mode.WALK
MULTIPLIERS = {
    "walk_min": "multiplier_walk",
    "bicycle_min": "multiplier_bicycle",
    "bus_min": "multiplier_access_bus",
    "bus_wait_min": "multiplier_wait",
    "car_min": "multiplier_access_car",
    "wait_min": "multiplier_wait",
    "ivt_min": "",
}
"""What a minute of each part of a journey by public transport weighs, as
`sim77.territory.transit_tables.perceived_min` has it."""


def pair_journeys(model: CommuteModel, i: int, *, peak: bool) -> tuple[Journey, ...]:
    """Return the way to the office and back by each mode, at the peak or outside it.

    Parameters
    ----------
    model : CommuteModel
        Of a territory, stopped between booking and learning.
    i : int
        Row of the worker in the model's columns.
    peak : bool
    """
    found = []
    for mode in (_PT, _CAR, _BICYCLE, _WALK):
        obstacle = ""
        if np.isneginf(model.columns.taste[i, mode]):
            obstacle = "barred" if model.population.car_available[i] else "no-car"
        terms = () if obstacle else tuple(_terms(model, i, mode, peak))
        found.append(Journey(MODES[mode], terms, obstacle))
    return tuple(found)


def transit_minutes(model: CommuteModel, i: int) -> dict[str, float]:
    """Return the minutes of today's way by public transport, both ways, by part.

    The parts are `TRANSIT_PARTS`, and ``room_min``: the wait for a train with room. They add up to
    the minutes door to door of the results.
    """
    market = int(model.columns.market[i])
    parts = {name: 2.0 * value for name, value in _parts(model, market).items()}
    parts["wait_min"] += 2.0 * _strike_min(model, market)
    whole = model.memory.trips.journey[market, _PT, JOURNEY.index("travel_min")]
    parts["room_min"] = max(float(whole) - sum(parts.values()), 0.0)
    return parts


def line_minutes(model: CommuteModel, i: int) -> dict[str, float]:
    """Return the minutes on board of the way by public transport, both ways, by line.

    Several paths may share a journey, each with its share. The shares by segment are rounded in the
    tables, so that minutes by line are the whole's in their proportion.
    """
    tables, market = model.network.tables, int(model.columns.market[i])
    rides = tables.rides.by_row
    mine = slice(rides.indptr[market], rides.indptr[market + 1])
    segment = rides.indices[mine]
    minutes = np.bincount(
        tables.line[segment], rides.data[mine] * tables.segment_min[segment],
        minlength=len(model.network.lines),
    )  # fmt: skip
    whole = 2.0 * _parts(model, market)["ivt_min"]
    return {
        model.network.lines[line]: float(whole * minutes[line] / minutes.sum())
        for line in np.flatnonzero(minutes)
    }


def _parts(model: CommuteModel, market: int) -> dict[str, float]:
    """Return the minutes one way by part, waits as long as the trains of the day make them."""
    tables = model.network.tables
    row = tables.transit.iloc[market]
    parts = {name: float(row[name]) for name in TRANSIT_PARTS}
    trains = np.maximum(model.effects.trains.line_factor, 1e-6)
    if (trains != 1.0).any():
        parts["wait_min"] += float((tables.wait_by_line[[market]] @ (1.0 / trains - 1.0))[0])
    return parts


def _strike_min(model: CommuteModel, market: int) -> float:
    """Return how much longer one waits for trains on a strike day, one way."""
    if model.state.share_trains == 1.0:
        return 0.0
    return _parts(model, market)["wait_min"] * (1.0 / model.state.share_trains - 1.0)


def _expected_min(model: CommuteModel) -> np.ndarray:
    """Return the perceived minutes that full trains are expected to add, by segment."""
    expected, effects = model.memory.expected_min, model.effects
    if model.state.share_trains == 1.0:
        return expected
    riders, p = model.memory.loads.riders, model.parameters
    today, usual = (
        model.network.perceived_min(riders, supply, p)
        for supply in (effects.trains_today, effects.trains)
    )
    return expected + today - usual


def _terms(model: CommuteModel, i: int, mode: Mode, peak: bool) -> list[Term]:
    market = int(model.columns.market[i])
    of_mode = {_PT: _transit, _CAR: _car}.get(mode)
    terms = _constant(model, i, mode)
    if of_mode is None:
        terms.append(_active(model, market, mode))
    else:
        terms += of_mode(model, market, peak)
    taste = model.parameters.theta * model.parameters.mu_mode
    gumbel = float(model.population.gumbel_mode[i, mode])
    return [*terms, Term(f"taste_{MODES[mode]}", taste * gumbel, ("theta", "mu_mode"))]


def _constant(model: CommuteModel, i: int, mode: Mode) -> list[Term]:
    """Return what the census says of a mode besides its times: by area, then by occupation."""
    p, market = model.parameters, int(model.columns.market[i])
    area = float(model.network.constants[market, mode])
    group = float(model.network.of_occupation[mode, int(model.population.group[i])])
    terms = (("mode_area", area), ("mode_occupation", group))
    return [Term(name, p.theta * value, ("theta",)) for name, value in terms if value]


def _timed(p: Any, name: str, minutes: float, multiplier: str) -> Term:
    """Return a term of minutes both ways, weighted by a multiplier if it has one."""
    weight = p[multiplier] if multiplier else 1.0
    parameters = (*_TIME, multiplier) if multiplier else _TIME
    return Term(name, p.theta * p.beta_time_per_min * weight * minutes, parameters, minutes, "min")


def _paid(p: Any, name: str, eur: float, *parameters: str) -> Term:
    return Term(name, p.theta * p.beta_cost_per_eur * eur, (*_MONEY, *parameters), eur, "eur")


def _transit(model: CommuteModel, market: int, peak: bool) -> list[Term]:
    p, tables = model.parameters, model.network.tables
    row = tables.transit.iloc[market]
    terms = [
        _timed(p, f"part_{name.removesuffix('_min')}", 2.0 * minutes, MULTIPLIERS[name])
        for name, minutes in _parts(model, market).items()
        if minutes
    ]
    transfers = 2.0 * float(row["transfers"])
    if transfers:
        utils = p.theta * p.beta_time_per_min * p.transfer_penalty_min * transfers
        parameters = (*_TIME, "transfer_penalty_min")
        terms.append(Term("transfers", utils, parameters, transfers, "transfers"))
    choice = 2.0 * float(row["choice_min"])
    if choice:
        terms.append(_timed(p, "path_choice", -choice, ""))
    if longer := 2.0 * _strike_min(model, market):
        terms.append(_timed(p, "strike_wait", longer, "multiplier_wait"))
    if peak:
        shares = tables.rides.by_row[[market]]
        crowded = 2.0 * float((shares @ _expected_min(model))[0])
        terms.append(_timed(p, "full_trains", crowded, ""))
    eur = 2.0 * p.car_cost_eur_per_km * float(row["car_km"])
    if eur:
        terms.append(_paid(p, "station_cost", eur, "car_cost_eur_per_km"))
    return terms


def _car(model: CommuteModel, market: int, peak: bool) -> list[Term]:
    p, tables = model.parameters, model.network.tables
    section_min = tables.drive_min[[market]]
    ratio = model.memory.expected_ratio
    if not peak:
        share = p.off_peak_volume_capacity / p.base_volume_capacity
        ratio = 1.0 + (tables.roads.base_ratio - 1.0) * share**tables.roads.exponent
    delay = 2.0 * float((section_min @ (ratio - 1.0))[0])
    km = 2.0 * float(tables.road_km[market])
    terms = [
        _timed(p, "drive", 2.0 * float(tables.free_flow_min[market]), "multiplier_car"),
        _timed(p, "parking", 2.0 * p.parking_min, "multiplier_car"),
        _timed(p, "congestion", delay, "multiplier_car"),
        _paid(p, "car_cost", p.car_cost_eur_per_km * km, "car_cost_eur_per_km"),
    ]
    if model.state.road_toll_eur and tables.to_centre[market]:
        terms.append(_paid(p, "toll", model.state.road_toll_eur))
    return terms


def _active(model: CommuteModel, market: int, mode: Mode) -> Term:
    """Return the way by bicycle or on foot."""
    p, name = model.parameters, MODES[mode]
    km = 2.0 * p.detour_factor * float(model.network.tables.direct_km[market])
    return _timed(p, f"way_{name}", 60.0 * km / p[f"{name}_speed_kmh"], f"multiplier_{name}")
