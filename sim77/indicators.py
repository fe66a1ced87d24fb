"""The indicators: one registry with name, unit, formula, source and labels.

*Accounted* indicators are weighted sums that the kernels add up worker by worker
(`sim77.kernels_account.ACCOUNT`); *derived* ones are formulas over those sums, so a total is always the sum
of its parts. Sums are per simulated day over the workers of a row (a commune, a kind of worker, the
whole scope); shares and means divide sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sim77.parameters import ParameterSet

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Indicator:
    """One quantity that results hold.

    Attributes
    ----------
    name : str
        Column name, unit included.
    unit : str
    formula : str
        How it follows from the model or from other indicators.
    label_fr, label_en : str
    source : str
        Where the formula or its factors come from; "model" for what the model counts.
    derive : callable, optional
        From the columns of a table and the parameters; none for accounted sums.
    """

    name: str
    unit: str
    formula: str
    label_fr: str
    label_en: str
    source: str = "model"
    derive: Callable[[Columns, ParameterSet], np.ndarray] | None = None


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)


def _remote_days(c: Columns) -> np.ndarray:
    return 0.5 * c["remote_half_days"]


def _car_co2e(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["car_km"] * p.car_kg_co2e_per_km / p.car_occupancy


def _access_co2e(c: Columns, p: ParameterSet) -> np.ndarray:
    cars = (c["station_car_km"] + c["centre_car_km"]) * p.car_kg_co2e_per_km
    return cars + c["bus_km"] * p.bus_kg_co2e_per_km


def _centre_days(c: Columns) -> np.ndarray:
    return c["telecentre"] + 0.5 * (c["half_rail"] + c["half_car"])


def _energy(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["home"] * p.home_kwh_per_day + _centre_days(c) * p.centre_kwh_per_desk_day


def _rebound_km(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["home"] * p.rebound_home_km + _centre_days(c) * p.rebound_centre_km


_ALL = (
    Indicator("workers_at_work", "persons", "workers whose day is a working day and who are not absent",
              "Actifs au travail", "Workers at work"),
    Indicator("office_rail", "persons", "office all day, by rail", "Au bureau, en train", "Office, by rail"),
    Indicator("office_car", "persons", "office all day, by car", "Au bureau, en voiture", "Office, by car"),
    Indicator("half_rail", "persons", "half a day at a telecentre, half at the office, by rail",
              "Demi-journée, en train", "Half day, by rail"),
    Indicator("half_car", "persons", "half a day at a telecentre, half at the office, by car",
              "Demi-journée, en voiture", "Half day, by car"),
    Indicator("home", "persons", "all day at home", "À domicile", "At home"),
    Indicator("telecentre", "persons", "all day at a telecentre", "En télécentre", "In a telecentre"),
    Indicator("remote_half_days", "half-days", "2 for a day at home or at a centre, 1 for a half plan",
              "Demi-journées à distance", "Remote half-days"),
    Indicator("travel_min", "minutes", "physical minutes door to door, both ways, access trips included",
              "Minutes de trajet", "Minutes of travel"),
    Indicator("rail_km", "person-km", "in trains, both ways: 1.3 x crow-fly from station to workplace",
              "Voyageurs-km en train", "Person-km by rail"),
    Indicator("car_km", "person-km", "by car to the office, both ways", "Km en voiture vers le bureau",
              "Person-km by car to the office"),
    Indicator("station_car_km", "person-km", "by car to the station, both ways", "Km en voiture vers la gare",
              "Person-km by car to the station"),
    Indicator("centre_car_km", "person-km", "by car to a telecentre, both ways",
              "Km en voiture vers un télécentre", "Person-km by car to a telecentre"),
    Indicator("bus_km", "person-km", "by bus to a station or a telecentre", "Km en bus", "Person-km by bus"),
    Indicator("active_km", "person-km", "on foot or by bicycle to a station or a telecentre",
              "Km à pied ou à vélo", "Person-km on foot or by bicycle"),
    Indicator("minutes_saved", "minutes",
              "minutes of the worker's own all-office day at today's times, less today's",
              "Minutes rendues", "Minutes given back"),
    Indicator("cost_eur", "euros", "marginal cost borne by workers: car, access and desk; the pass is apart",
              "Coût du jour pour l'actif", "Worker's cost of the day"),
    Indicator("desk_price_eur", "euros", "part of the cost that pays desks", "Dont postes de télécentre",
              "Of which desks"),
    Indicator("fatigue", "index", "sum of 1 / (1 + exp((midpoint - minutes) / scale)); assumed",
              "Fatigue", "Fatigue", "WB-05"),
    Indicator("isolation", "days", "stock of recent days wholly at home, iso <- r iso + 1",
              "Isolement", "Isolation", "TP-10, TP-11 (sign only)"),
    Indicator("remote_days", "person-days", "remote_half_days / 2", "Journées à distance", "Remote days",
              derive=lambda c, p: _remote_days(c)),
    Indicator("share_remote", "share", "remote_days / workers_at_work", "Part des journées à distance",
              "Share of days that are remote",
              derive=lambda c, p: _ratio(_remote_days(c), c["workers_at_work"])),
    Indicator("share_of_remote_in_telecentre", "share", "(telecentre + half plans / 2) / remote_days",
              "Part du distanciel en télécentre", "Share of remote days in telecentres",
              derive=lambda c, p: _ratio(_centre_days(c), _remote_days(c))),
    Indicator("share_office_by_rail", "share", "office_rail / (office_rail + office_car)",
              "Part du train vers le bureau", "Share of office journeys by rail",
              derive=lambda c, p: _ratio(c["office_rail"], c["office_rail"] + c["office_car"])),
    Indicator("minutes_saved_per_worker", "minutes", "minutes_saved / workers_at_work",
              "Minutes rendues par actif", "Minutes given back per worker",
              derive=lambda c, p: _ratio(c["minutes_saved"], c["workers_at_work"])),
    Indicator("travel_min_per_worker", "minutes", "travel_min / workers_at_work",
              "Minutes de trajet par actif", "Minutes of travel per worker",
              derive=lambda c, p: _ratio(c["travel_min"], c["workers_at_work"])),
    Indicator("mean_fatigue", "index 0-1", "fatigue / workers_at_work; assumed", "Fatigue moyenne",
              "Mean fatigue", "WB-05", lambda c, p: _ratio(c["fatigue"], c["workers_at_work"])),
    Indicator("mean_isolation", "days", "isolation / workers_at_work", "Isolement moyen", "Mean isolation",
              "TP-10, TP-11 (sign only)", lambda c, p: _ratio(c["isolation"], c["workers_at_work"])),
    Indicator("co2e_car_kg", "kg CO2e", "car_km x car factor / car_occupancy", "CO₂e, voiture",
              "CO₂e, car", "EN-01, EN-08", _car_co2e),
    Indicator("co2e_rail_kg", "kg CO2e", "rail_km x average rail factor", "CO₂e, train (facteur moyen)",
              "CO₂e, rail (average factor)", "EN-03", lambda c, p: c["rail_km"] * p.rail_kg_co2e_per_km),
    Indicator("co2e_rail_marginal_kg", "kg CO2e", "rail_km x marginal rail factor (timetable unchanged)",
              "CO₂e, train (facteur marginal)", "CO₂e, rail (marginal factor)", "EN-05",
              lambda c, p: c["rail_km"] * p.rail_marginal_kg_co2e_per_km),
    Indicator("co2e_access_kg", "kg CO2e", "cars to stations and centres x car factor + bus_km x bus factor",
              "CO₂e, rabattement", "CO₂e, access trips", "EN-01, EN-04", _access_co2e),
    Indicator("co2e_buildings_kg", "kg CO2e", "energy_kwh x electricity factor", "CO₂e, bâtiments",
              "CO₂e, buildings", "EN-12", lambda c, p: _energy(c, p) * p.electricity_kg_co2e_per_kwh),
    Indicator("rebound_km", "car-km", "home days and centre days x extra non-work car km; assumed",
              "Km de rebond", "Rebound car km", "RB-08", _rebound_km),
    Indicator("co2e_rebound_kg", "kg CO2e", "rebound_km x car factor; assumed", "CO₂e, rebond",
              "CO₂e, rebound", "RB-08", lambda c, p: _rebound_km(c, p) * p.car_kg_co2e_per_km),
    Indicator("co2e_travel_kg", "kg CO2e", "co2e_car_kg + co2e_rail_kg + co2e_access_kg",
              "CO₂e des déplacements", "CO₂e of travel", "EN-01, EN-03, EN-04",
              lambda c, p: _car_co2e(c, p) + c["rail_km"] * p.rail_kg_co2e_per_km + _access_co2e(c, p)),
    Indicator("energy_kwh", "kWh", "home days x extra home energy + centre days x desk energy",
              "Énergie, domicile et télécentres", "Energy, homes and telecentres", "EN-09, EN-13", _energy),
    Indicator("local_spending_eur", "euros", "remote_days x daytime spending kept in the commune; assumed",
              "Dépenses gardées dans la commune", "Spending kept in the commune", "EC-19",
              lambda c, p: _remote_days(c) * p.local_spending_eur_per_remote_day),
)  # fmt: skip

INDICATORS: Mapping[str, Indicator] = {indicator.name: indicator for indicator in _ALL}


def with_derived(columns: Columns, parameters: ParameterSet) -> dict[str, np.ndarray]:
    """Return accounted columns followed by the derived ones, in the order of the registry.

    Parameters
    ----------
    columns : mapping of str to numpy.ndarray
        Accounted sums, one shape.
    parameters : ParameterSet

    Returns
    -------
    dict of str to numpy.ndarray
    """
    return {
        name: columns[name] if indicator.derive is None else indicator.derive(columns, parameters)
        for name, indicator in INDICATORS.items()
    }
