"""Who is explained: workers by row or identity, the same in every scenario."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from sim77.core import draws
from sim77.core.errors import ResultError, nearest
from sim77.core.units import EMPLOYER_SIZES, OCCUPATION_GROUPS, WEEKDAYS, WORKPLACE_ZONES
from sim77.engine.model import CommuteModel

_IDENTITY = re.compile(rf"(\w{{5}})-({'|'.join(WORKPLACE_ZONES)})-(\d+)", re.ASCII)
_LOW_BITS = 28


@dataclass(frozen=True)
class Person:
    """Who is explained; the same in every scenario.

    Attributes
    ----------
    number : int
        Row in the population at full scale.
    identity : str
        ``CODE-zone-number``: home commune, workplace zone, running number.
    commune, zone, group, size : str
        Name of the commune; workplace zone, occupation group and employer size (``none``).
    works : tuple of str
        Weekdays worked.
    car : bool
        A car is at hand.
    """

    number: int
    identity: str
    commune: str
    zone: str
    group: str
    size: str
    works: tuple[str, ...]
    car: bool


def find_worker(model: CommuteModel, worker: int | str) -> int:
    """Return the row in a model's columns of a worker.

    Parameters
    ----------
    model : CommuteModel
    worker : int or str
        Row in the population at full scale, or ``CODE-zone-number``.
    """
    text = str(worker).strip()
    match = _IDENTITY.fullmatch(text)
    if match is None and not text.isdecimal():
        raise ResultError(
            f"A worker is a row number, or an identity like 77186-paris-12, not '{worker}'."
        )
    codes = [str(code) for code in model.territory.communes["code"]]
    if match is None:
        commune, zone, number = _by_number(model, int(text))
    else:
        code, zone_name, digits = match.groups()
        if code not in codes:
            raise ResultError(f"There is no commune '{code}'.{nearest(code, codes)}")
        commune, zone, number = codes.index(code), WORKPLACE_ZONES.index(zone_name), int(digits)
        _check_identity(model, text, commune, zone, number)
    low = int(draws.worker_low_word(zone, number))
    people = model.population
    first, end = people.commune_start[commune : commune + 2]
    rows = first + np.flatnonzero(people.low[first:end] == low)
    if rows.size == 0:
        raise ResultError(
            f"Worker {worker} is not in the sample at scale {model.scale:g}; at scale 1 everybody "
            "is simulated."
        )
    return int(rows[0])


def _counts(model: CommuteModel) -> np.ndarray:
    """Workers at full scale by commune and workplace zone in scope, (n_communes, n_zones)."""
    flows = model.territory.flows
    position = {code: row for row, code in enumerate(model.territory.communes["code"])}
    counts = np.zeros((len(position), len(WORKPLACE_ZONES)), dtype=np.int64)
    commune = flows["commune_code"].map(position).to_numpy(dtype=np.int64)
    zone = flows["workplace_zone"].map(WORKPLACE_ZONES.index).to_numpy(dtype=np.int64)
    np.add.at(counts, (commune, zone), flows["workers"].to_numpy(dtype=np.int64))
    counts[:, [name not in model.zones for name in WORKPLACE_ZONES]] = 0
    return counts


def _by_number(model: CommuteModel, number: int) -> tuple[int, int, int]:
    """Return commune, zone and running number of a row of the population at full scale."""
    ends = _counts(model).ravel().cumsum()
    if not 0 <= number < ends[-1]:
        raise ResultError(
            f"There is no worker {number}: rows go from 0 to {ends[-1] - 1} for workplaces "
            f"{', '.join(model.zones)}."
        )
    place = int(np.searchsorted(ends, number, side="right"))
    before = int(ends[place - 1]) if place else 0
    return *divmod(place, len(WORKPLACE_ZONES)), number - before


def _check_identity(model: CommuteModel, text: str, commune: int, zone: int, number: int) -> None:
    name = WORKPLACE_ZONES[zone]
    if name not in model.zones:
        raise ResultError(
            f"Worker {text} is out of scope, which is workplaces {', '.join(model.zones)}."
        )
    count = int(_counts(model)[commune, zone])
    if number >= count:
        known = f"numbers go from 0 to {count - 1}" if count else "nobody does"
        raise ResultError(
            f"There is no worker {text}: of those who live there and work in '{name}', {known}."
        )


def person_of(model: CommuteModel, row: int) -> Person:
    """Describe the worker in a row of a model's columns."""
    people, communes = model.population, model.territory.communes
    low, commune = int(people.low[row]), int(people.commune[row])
    zone, number = low >> _LOW_BITS, low & ((1 << _LOW_BITS) - 1)
    before = _counts(model).ravel()[: commune * len(WORKPLACE_ZONES) + zone].sum()
    zone_name = WORKPLACE_ZONES[zone]
    return Person(
        number=int(before) + number,
        identity=f"{communes['code'].iloc[commune]}-{zone_name}-{number}",
        commune=str(communes["name"].iloc[commune]),
        zone=zone_name,
        group=OCCUPATION_GROUPS[people.group[row]],
        size=(*EMPLOYER_SIZES, "none")[people.size[row]],
        works=tuple(name for bit, name in enumerate(WEEKDAYS) if people.works[row] >> bit & 1),
        car=bool(people.car_available[row]),
    )
