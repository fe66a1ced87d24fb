"""The indicators: one registry with name, unit, formula, source and labels.

*Accounted* indicators are weighted sums that the kernels add up worker by worker
(`sim77.engine.aggregation.OUTPUT_COLUMNS`); *derived* ones are formulas over those sums, so a
total is always the sum of its parts. Sums are per simulated day over the workers of a row (a
commune, a kind of worker, the whole scope); shares and means divide sums. Texts are in
``indicators.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, ClassVar, cast

import numpy as np
from pydantic import Field

from sim77.core.errors import ResultError
from sim77.core.schema import BothLanguages, Flag, OneOf, Part, Place, Text, validated, whole
from sim77.core.units import HALF_COLUMNS, OFFICE_COLUMNS
from sim77.core.yaml_file import load_yaml, placed
from sim77.registry.parameters import FrozenDict, ParameterSet

Columns = Mapping[str, np.ndarray]
Derivation = Callable[[Columns, ParameterSet], np.ndarray]

PLACES = ("effects", "tables", "page_map", "map", "figures")
_BY_LINE = "{line}"


@dataclass(frozen=True)
class MapClasses:
    """The classes of an indicator on the app's map.

    Attributes
    ----------
    breaks : tuple of float
        Of the levels.
    differences : tuple of float
        Of the size of differences.
    decimals : int
        Those shown; of a share, those of the percentage.
    """

    breaks: tuple[float, ...]
    differences: tuple[float, ...]
    decimals: int


@dataclass(frozen=True)
class Indicator:
    """One quantity that results, comparisons or studies hold.

    Attributes
    ----------
    name : str
        Column name, unit included.
    unit : str
        Of a sum, that of one day.
    formula : str
        How it follows from the model or from other indicators.
    source : str
        Where the formula or its factors come from; "model" for what the model counts.
    label_fr, label_en : str
    aggregation : str
        Over workers and days: ``sum``, or ``share`` or ``mean``, which divide sums.
    better : str
        ``lower``, ``higher``, or blank where it is for the reader to say.
    only_in : str
        ``comparison`` or ``study``; blank for what the results of a run hold.
    per_worker_of : str
        The indicator that it divides by the workers at work; blank for others.
    shown : mapping of str to int
        Where it is shown, and its place there: see `indicators_shown`.
    map : MapClasses or None
    difference_only : bool
        Whether the level means nothing, only a difference of two runs does.
    biased_in_samples : bool
        Whether a run of a part of the workers gives it with a bias.
    of_places : bool
        Whether places have a part in it, which no group of workers has.
    derive : callable, optional
        From the columns of a table and the parameters; none for accounted sums.
    """

    name: str
    unit: str
    formula: str
    source: str
    label_fr: str
    label_en: str
    aggregation: str
    better: str = ""
    only_in: str = ""
    per_worker_of: str = ""
    shown: FrozenDict[int] = field(default_factory=FrozenDict)
    map: MapClasses | None = None
    difference_only: bool = False
    biased_in_samples: bool = False
    of_places: bool = False
    derive: Derivation | None = None

    @property
    def daily_unit(self) -> str:
        """The unit of a mean over days."""
        return f"{self.unit} a day" if self.aggregation == "sum" else self.unit

    def label(self, language: str) -> str:
        """Return the name that people read."""
        return self.label_fr if language == "fr" else self.label_en


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)


def of_all_modes(columns: Any, names: tuple[str, ...]) -> Any:
    """Add up the columns of a family by mode, `OFFICE_COLUMNS` or `HALF_COLUMNS`."""
    return sum(columns[name] for name in names)


def _per_worker(name: str) -> Derivation:
    return lambda c, p: _ratio(c[name], c["workers_at_work"])


def _remote_days(c: Columns, p: ParameterSet) -> np.ndarray:
    return 0.5 * c["remote_half_days"]


def _centre_days(c: Columns) -> np.ndarray:
    return c["telecentre"] + 0.5 * of_all_modes(c, HALF_COLUMNS)


def _share_remote(c: Columns, p: ParameterSet) -> np.ndarray:
    return _ratio(_remote_days(c, p), c["workers_at_work"])


def _share_in_telecentre(c: Columns, p: ParameterSet) -> np.ndarray:
    return _ratio(_centre_days(c), _remote_days(c, p))


def _share_by_public_transport(c: Columns, p: ParameterSet) -> np.ndarray:
    return _ratio(c["office_public_transport"], of_all_modes(c, OFFICE_COLUMNS))


def _co2e_car(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["car_km"] * p.car_kg_co2e_per_km / p.car_occupancy


def _co2e_rail(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["rail_km"] * p.rail_kg_co2e_per_km


def _co2e_rail_marginal(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["rail_km"] * p.rail_marginal_kg_co2e_per_km


def _co2e_access(c: Columns, p: ParameterSet) -> np.ndarray:
    cars = (c["station_car_km"] + c["centre_car_km"]) * p.car_kg_co2e_per_km
    return cars + c["bus_km"] * p.bus_kg_co2e_per_km


def _co2e_travel(c: Columns, p: ParameterSet) -> np.ndarray:
    return _co2e_car(c, p) + _co2e_rail(c, p) + _co2e_access(c, p)


def _energy(c: Columns, p: ParameterSet) -> np.ndarray:
    # Who works at home on their own account spares at home what a day there takes.
    at_home = c["home"] - c["home_based_days"]
    return at_home * p.home_kwh_per_day + c["desks_open"] * p.centre_kwh_per_desk_day


def _co2e_buildings(c: Columns, p: ParameterSet) -> np.ndarray:
    return _energy(c, p) * p.electricity_kg_co2e_per_kwh


def _rebound_km(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["home"] * p.rebound_home_km + _centre_days(c) * p.rebound_centre_km


def _co2e_rebound(c: Columns, p: ParameterSet) -> np.ndarray:
    return _rebound_km(c, p) * p.car_kg_co2e_per_km


def _local_spending(c: Columns, p: ParameterSet) -> np.ndarray:
    return _remote_days(c, p) * p.local_spending_eur_per_remote_day


def _surplus(c: Columns, p: ParameterSet) -> np.ndarray:
    return _surplus_without_presence(c, p) + c["presence_value_eur"]


def _surplus_without_presence(c: Columns, p: ParameterSet) -> np.ndarray:
    # A subscriber pays nothing on the day, so the value of the week leaves the month's price out.
    # It counts every wish for a desk as granted: what was lost where none was free goes off.
    lost = c["subscription_eur"] + c["refusal_loss_eur"]
    return c["journey_value_eur"] + c["week_value_eur"] - lost


def _surplus_min(c: Columns, p: ParameterSet) -> np.ndarray:
    surplus = _surplus(c, p)
    if not p.beta_time_per_min:  # minutes count for nothing, as in tests of the limits
        return np.full_like(surplus, np.nan)
    return surplus * p.beta_cost_per_eur / p.beta_time_per_min


def _official_time(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["travel_min"] * p.value_of_time_commute_eur_per_h / 60.0


def _co2e_total(c: Columns, p: ParameterSet) -> np.ndarray:
    return _co2e_travel(c, p) + _co2e_buildings(c, p) + _co2e_rebound(c, p)


_DERIVED: Mapping[str, Derivation] = {
    "remote_days": _remote_days,
    "share_remote": _share_remote,
    "share_of_remote_in_telecentre": _share_in_telecentre,
    "share_office_by_public_transport": _share_by_public_transport,
    "minutes_saved_per_worker": _per_worker("minutes_saved"),
    "travel_min_per_worker": _per_worker("travel_min"),
    "mean_fatigue": _per_worker("fatigue"),
    "mean_isolation": _per_worker("isolation"),
    "co2e_car_kg": _co2e_car,
    "co2e_rail_kg": _co2e_rail,
    "co2e_rail_marginal_kg": _co2e_rail_marginal,
    "co2e_access_kg": _co2e_access,
    "co2e_travel_kg": _co2e_travel,
    "co2e_buildings_kg": _co2e_buildings,
    "rebound_km": _rebound_km,
    "co2e_rebound_kg": _co2e_rebound,
    "energy_kwh": _energy,
    "local_spending_eur": _local_spending,
    "consumer_surplus_eur": _surplus,
    "consumer_surplus_without_presence_eur": _surplus_without_presence,
    "consumer_surplus_min": _surplus_min,
    "time_cost_official_eur": _official_time,
    "co2e_total_kg": _co2e_total,
}


@lru_cache(maxsize=1)
def every_indicator() -> Mapping[str, Indicator]:
    """Return all indicators by name; ``{line}`` in a name stands for each railway line."""
    text = resources.files("sim77.registry").joinpath("indicators.yaml").read_text(encoding="utf-8")
    return read_indicators(text)


@lru_cache(maxsize=1)
def indicators() -> Mapping[str, Indicator]:
    """Return those that the results of a run hold, accounted ones first."""
    return FrozenDict({name: each for name, each in every_indicator().items() if not each.only_in})


def described(name: str) -> Indicator:
    """Return an indicator of results, comparisons or studies.

    Parameters
    ----------
    name : str
        Such as ``remote_days``, or ``load_factor_A`` for line A.

    Raises
    ------
    KeyError
        If there is no such indicator.
    """
    known = every_indicator()
    if name in known and _BY_LINE not in name:
        return known[name]
    # A line's name may hold an underscore itself.
    stems = (key.removesuffix(_BY_LINE) for key in known if key.endswith(_BY_LINE))
    stem = next((each for each in stems if name.startswith(each)), None)
    if stem is None:
        raise KeyError(name)
    found, line = known[stem + _BY_LINE], name.removeprefix(stem)
    label_fr, label_en = (text.replace(_BY_LINE, line) for text in (found.label_fr, found.label_en))
    return replace(found, name=name, label_fr=label_fr, label_en=label_en)


@lru_cache(maxsize=8)
def indicators_shown(where: str) -> tuple[str, ...]:
    """Return the names of the indicators shown somewhere, in order.

    Parameters
    ----------
    where : str
        One of `PLACES`: ``effects`` (the key ones of a comparison), ``tables`` (of a comparison by
        commune, group, weekday and week), ``page_map`` (the maps of its page), ``map`` or
        ``figures`` (of the app).
    """
    there = {name: each.shown[where] for name, each in every_indicator().items()
             if where in each.shown}  # fmt: skip
    return tuple(sorted(there, key=there.__getitem__))


def is_sum(name: str) -> bool:
    """Say whether an indicator adds up over days; else it is a ratio already."""
    return described(name).aggregation == "sum"


def read_indicators(text: str) -> Mapping[str, Indicator]:
    """Return the indicators of a file such as ``indicators.yaml``.

    Parameters
    ----------
    text : str
        What the file holds.

    Raises
    ------
    ResultError
        If an indicator lacks something that a reader of it needs.
    """

    def misplaced(message: str, place: Place) -> ResultError:
        return ResultError(f"indicators.yaml, {placed(text, place)}: {message}")

    found: dict[str, Indicator] = {}
    for name, content in load_yaml(text).items():
        entry = validated(
            _Entry,
            content,
            lambda message, place: misplaced(message, (name, *place)),  # noqa: B023
        )
        if "map" in entry.shown and entry.map is None:
            raise misplaced("an indicator that the map shows needs a 'map'.", (name,))
        classes = None
        if entry.map is not None:
            breaks, differences = tuple(entry.map.breaks), tuple(entry.map.differences)
            classes = MapClasses(breaks, differences, entry.map.decimals)
        found[name] = Indicator(
            name=name, unit=entry.unit, formula=entry.formula, source=entry.source,
            label_fr=entry.label.fr, label_en=entry.label.en, aggregation=entry.aggregation,
            better=entry.better, only_in=entry.only_in, per_worker_of=entry.per_worker_of,
            shown=FrozenDict(entry.shown), map=classes, difference_only=entry.difference_only,
            biased_in_samples=entry.biased_in_samples, of_places=entry.of_places,
            derive=None if entry.only_in else _DERIVED.get(name),
        )  # fmt: skip
    return FrozenDict(found)


class _Map(Part):
    breaks: list[float]
    differences: list[float]
    decimals: Annotated[int, whole(0)]


class _Entry(Part):
    called: ClassVar[str] = "an indicator"

    unit: Text
    formula: Text
    source: Text = "model"
    label: BothLanguages
    aggregation: Annotated[str, OneOf("aggregation", ("sum", "share", "mean"))]
    better: Annotated[str, OneOf("direction", ("lower", "higher"))] = ""
    only_in: Annotated[str, OneOf("kind of result", ("comparison", "study"))] = ""
    per_worker_of: Text = ""
    shown: dict[Annotated[str, OneOf("place", PLACES)], int] = Field(default_factory=dict)
    map: _Map | None = None
    difference_only: Flag = False
    biased_in_samples: Flag = False
    of_places: Flag = False


@lru_cache(maxsize=1)
def parameters_of_sums() -> frozenset[str]:
    """Return the parameters that turn the sums of a run into indicators, one value for all days."""
    read: set[str] = set()

    class Noted:
        def __getattr__(self, name: str) -> float:
            read.add(name)
            return 1.0

    columns = dict.fromkeys(indicators(), np.ones(1))
    for indicator in indicators().values():
        if indicator.derive is not None:
            indicator.derive(columns, cast(ParameterSet, Noted()))
    return frozenset(read)


def with_derived(
    columns: Columns, parameters: ParameterSet, names: Iterable[str] | None = None
) -> dict[str, np.ndarray]:
    """Return accounted columns followed by the derived ones, in the order of the registry.

    Parameters
    ----------
    columns : mapping of str to numpy.ndarray
        Accounted sums, one shape.
    parameters : ParameterSet
    names : iterable of str, optional
        Those wanted; all by default.

    Returns
    -------
    dict of str to numpy.ndarray
    """
    known = indicators()
    derive = {name: known[name].derive for name in (known if names is None else names)}
    return {
        name: columns[name] if function is None else function(columns, parameters)
        for name, function in derive.items()
    }
