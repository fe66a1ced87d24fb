"""From tables to people: worker columns, employers and teams.

Everything here is drawn once in a life, by identity and never by position, so the same seed gives
the same persons in every scenario, scope and sample (`sim77.core.draws`). The exception is the
agreement of an employee in a sample: fewer workers have fewer employers, so everybody has another
one, and who is covered, the days allowed, who pays and the anchor day differ from one scale to
another. Columns hold standard draws; what parameters and policies make of them (tastes, allowances)
is computed when a policy applies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any, cast

import numba as nb
import numpy as np
import pandas as pd
import psutil
from scipy.special import ndtri

from sim77.core import draws
from sim77.core.draws import Purpose
from sim77.core.errors import ResultError, TerritoryError
from sim77.core.threads import columns_in_blocks
from sim77.core.units import (
    AREA_TYPES,
    EMPLOYER_SIZES,
    MODES,
    NO_EMPLOYER,
    OCCUPATION_GROUPS,
    WEEKDAYS,
)
from sim77.engine.arrays import MarketGroups, Strata
from sim77.engine.population.flows import INDEPENDENTS, FlowRows, flow_rows
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

_GROUP = 32
_EMPLOYER = np.uint32(Purpose.EMPLOYER)
_SIZES = [name.replace("-", "_") for name in EMPLOYER_SIZES]
N_KINDS_OF_WORKER = (len(OCCUPATION_GROUPS) - 1) * len(EMPLOYER_SIZES) + 1
"""Groups crossed with employer size classes, then the independents, who have no employer."""


@dataclass(frozen=True, eq=False)
class Population:
    """Worker columns, sorted by commune; shape (n_workers,) unless said.

    Within a commune those whom agreements reach first come first: they lie together in memory,
    where days are simulated for them and hardly for the others. A population is known by its
    identity.

    Attributes
    ----------
    low, high : uint32
        Identity words (`sim77.core.draws`).
    commune : int32
        Row in ``territory.communes``.
    zone, group, size : int8
        Indices into the territory's workplace zones, ``OCCUPATION_GROUPS``, ``EMPLOYER_SIZES``
        (-1: none).
    employer, team : int32
        Running numbers, -1 for independents.
    works : uint8
        Weekdays worked as bits (bit 0 Monday … 4 Friday).
    afternoon : uint8
        Weekdays on which a half day away from the office is the afternoon, as bits.
    car_available : bool
    destination : int32
        Row in ``territory.workplaces``.
    core_job : bool
        Whether the workplace lies in the core of a city (`area_type` of ``workplaces``).
    market : int32
        Market segment (commune, zone, destination, car available): who shares a level of
        service.
    weight : float64
        Persons that one simulated worker stands for (1 at scale 1).
    gumbel_mode : float32, shape (n_workers, 4)
        Standard draws of the persistent tastes for `MODES`.
    z_home, z_telecentre : float32
        Standard draws of the persistent tastes for places, correlated by ``corr_taste``.
    u_teleworkable, u_covered, u_allowance, u_pays, u_anchor : float32
        Uniform draws that policies turn into entitlements (all but the first are the employer's).
    market_pair, market_car, market_road_km : shape (n_markets,)
        What a market segment is: pair of home and workplace, whether a car is at hand, and
        kilometres from home to work by road.
    commune_start : int64, shape (n_communes + 1,)
        First worker of each commune.
    team_size, employer_heads : int32
        Simulated members of each team and employer, shapes (n_teams,) and (n_employers,).
    employer_size, employer_zone : int8, shape (n_employers,)
    unrepresented : int
        Persons of commune-zone pairs in which a sample drew nobody.
    """

    low: np.ndarray
    high: np.ndarray
    commune: np.ndarray
    zone: np.ndarray
    group: np.ndarray
    size: np.ndarray
    employer: np.ndarray
    team: np.ndarray
    works: np.ndarray
    afternoon: np.ndarray
    car_available: np.ndarray
    destination: np.ndarray
    core_job: np.ndarray
    market: np.ndarray
    weight: np.ndarray
    gumbel_mode: np.ndarray
    z_home: np.ndarray
    z_telecentre: np.ndarray
    u_teleworkable: np.ndarray
    u_covered: np.ndarray
    u_allowance: np.ndarray
    u_pays: np.ndarray
    u_anchor: np.ndarray
    market_pair: np.ndarray
    market_car: np.ndarray
    market_road_km: np.ndarray
    commune_start: np.ndarray
    team_size: np.ndarray
    employer_heads: np.ndarray
    employer_size: np.ndarray
    employer_zone: np.ndarray
    seed: int
    scale: float
    zones: tuple[str, ...]
    unrepresented: int

    @property
    def size_of_population(self) -> int:
        """Number of simulated workers."""
        return self.low.size

    @property
    def kind_of_worker(self) -> np.ndarray:
        """Group crossed with employer size, int8 (n_workers,); the last is independents."""
        employee = self.group.astype(np.int8) * len(EMPLOYER_SIZES) + self.size
        return np.where(self.group == INDEPENDENTS, N_KINDS_OF_WORKER - 1, employee).astype(np.int8)

    @cached_property
    def market_groups(self) -> MarketGroups:
        """The workers in groups of one market segment, at most `_GROUP` in each."""
        members = np.bincount(self.market)
        groups = -(-members // _GROUP)
        market = np.repeat(np.arange(members.size, dtype=np.int32), groups)
        place = np.arange(market.size) - np.repeat(np.cumsum(groups) - groups, groups)
        start = (np.cumsum(members) - members)[market] + _GROUP * place
        worker = np.argsort(self.market, kind="stable").astype(np.int32)
        return MarketGroups(worker, np.append(start, worker.size), market)

    @cached_property
    def strata(self) -> Strata:
        """Those who share market segment and kind of worker, and so a level of service."""
        kind_of_worker = self.kind_of_worker
        key = self.market.astype(np.int64) * N_KINDS_OF_WORKER + kind_of_worker
        of_worker, first = _numbered(key)
        return Strata(
            of_worker=of_worker,
            start=np.searchsorted(self.commune[first], np.arange(self.commune_start.size)),
            market=self.market[first],
            kind_of_worker=kind_of_worker[first],
            weight=self.weight[first],
        )

    def worker_columns(self) -> dict[str, np.ndarray]:
        """Return the columns that hold one value a worker, by name."""
        n = self.low.size
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        not_workers = ("commune_start", "team_size")
        mode_tastes = {
            f"gumbel_{mode.replace('-', '_')}": self.gumbel_mode[:, place]
            for place, mode in enumerate(MODES)
        }
        return {
            name: column
            for name, column in (columns | mode_tastes).items()
            if isinstance(column, np.ndarray)
            and column.shape == (n,)
            and not name.startswith(("market_", "employer_"))
            and name not in not_workers
        }


def build_population(
    territory: Territory,
    parameters: ParameterSet,
    *,
    seed: int,
    scale: float = 1.0,
    zones: tuple[str, ...],
    at_home: bool = False,
) -> Population:
    """Synthesise the workers of a territory.

    Parameters
    ----------
    territory : Territory
    parameters : ParameterSet
        Shares of weekdays worked, employer sizes, car availability, taste correlation.
    seed : int
        Seed of the persons' draws.
    scale : float
        Share of the workers that is simulated, in (0, 1].
    zones : tuple of str
        Workplace zones in scope.
    at_home : bool
        Those who work at home for themselves (`sim77.engine.home_based`) in place of those who
        travel to work; there may be none.

    Returns
    -------
    Population

    Raises
    ------
    TerritoryError
        If nobody is in scope.
    """
    flows = flow_rows(territory, at_home)
    row, low, high, weight, unrepresented = _identities(territory, flows, scale, zones, at_home)
    commune = flows.commune[row]
    core = (territory.workplaces["area_type"] == "core").to_numpy()

    def drawn(purpose: Purpose, make: Callable[[np.ndarray], tuple], lanes: int = 1) -> list:
        return columns_in_blocks(
            lambda rows: make(draws.units(seed, purpose, low[rows], high[rows], lanes=lanes)),
            low.size,
        )

    def place_taste(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        home, other = ndtri(u).T
        rho = parameters.corr_taste
        return home.astype(np.float32), (rho * home + np.sqrt(1.0 - rho**2) * other).astype(
            np.float32
        )

    shares = parameters.array("share_workers", _SIZES).cumsum()
    (size,) = drawn(Purpose.EMPLOYER_SIZE, lambda u: (_class_of(u[:, 0], shares),))
    work = _employers(
        parameters, len(territory.workplace_zones), flows.zone[row], flows.group[row], size, seed,
        low, high,
    )  # fmt: skip
    covered = _agreement_draws(seed, work.employer_low, work.employer, low, high, lanes=1)[0]
    order = _first_reached(commune, covered)
    # All that follows is drawn in the final order, which communes are in already.
    row, low, high, weight, size, employer, team = (
        column[order] for column in (row, low, high, weight, work.size, work.employer, work.team)
    )
    (mode_taste,) = drawn(Purpose.MODE_TASTE, _gumbel, len(MODES))
    z_home, z_telecentre = drawn(Purpose.PLACE_TASTE, place_taste, 2)
    (works,) = drawn(Purpose.WEEKDAYS, partial(_weekdays_worked, parameters), 2)
    (afternoon,) = drawn(Purpose.HALF_OF_DAY, _halves)
    (teleworkable,) = drawn(Purpose.TELEWORKABLE, lambda u: (u[:, 0].astype(np.float32),))
    agreement = _agreement_draws(seed, work.employer_low, employer, low, high, lanes=4)
    car = _cars(territory, parameters, commune, draws.units(seed, Purpose.CAR, low, high)[:, 0])
    market, first = _numbered(2 * _places(flows)[row] + car)
    destination, pair = flows.destination[row], flows.pair[row[first]].astype(np.int32)
    return Population(
        low=low, high=high, commune=commune, zone=flows.zone[row], group=flows.group[row],
        size=size, employer=employer, team=team, works=works, afternoon=afternoon,
        car_available=car, destination=destination, core_job=core[destination], market=market,
        weight=weight, gumbel_mode=mode_taste, z_home=z_home, z_telecentre=z_telecentre,
        u_teleworkable=teleworkable, **dict(zip(_OF_AGREEMENT, agreement, strict=True)),
        market_pair=pair, market_car=car[first].astype(np.int32),
        market_road_km=territory.od.road.pairs["km"].to_numpy(float)[pair],
        commune_start=np.searchsorted(commune, np.arange(len(territory.communes) + 1)),
        team_size=work.team_size, employer_heads=work.heads,
        employer_size=work.employer_size, employer_zone=work.employer_zone,
        seed=seed, scale=scale, zones=tuple(zones), unrepresented=unrepresented,
    )  # fmt: skip


_FEWEST = 100
"""Workers in the smallest sample that is worth proposing."""

_BYTES_A_PERSON, _BYTES_A_WORKER = 100, 400
"""Memory at the peak of a run: for each person in scope, and for each that is simulated."""


def check_memory(persons: int, scale: float) -> None:
    """Refuse a run that needs more memory than the machine has free.

    Parameters
    ----------
    persons : int
        Workers in scope, whether simulated or not: each is drawn for the sample.
    scale : float

    Raises
    ------
    ResultError
        Says what is needed, what is free, and which scale would fit.
    """
    free = psutil.virtual_memory().available
    need = persons * (_BYTES_A_PERSON + _BYTES_A_WORKER * scale)
    if need <= free:
        return
    fits = (free / persons - _BYTES_A_PERSON) / _BYTES_A_WORKER
    # Rounded down, or what is proposed would be refused again.
    digits = 10.0 ** math.floor(math.log10(fits)) if fits > 0 else 0.0
    advice = (
        f"scale {math.floor(fits / digits) * digits:g} would fit."
        if fits > 0
        else "no sample of them fits; are the workers of the flows right?"
    )
    raise ResultError(
        f"A run of {persons:,} workers at scale {scale:g} needs about {need / 1e9:,.1f} GB of "
        f"memory, and {free / 1e9:,.1f} GB are free: {advice}"
    )


def _identities(
    territory: Territory, flows: FlowRows, scale: float, zones: tuple[str, ...], may_be_empty: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Give everybody a number, then keep those whose seed-free draw is below the scale."""
    in_scope = np.isin(flows.zone, [territory.workplace_zones.index(name) for name in zones])
    counts = np.where(in_scope, flows.workers, 0)
    if counts.sum() == 0 and not may_be_empty:
        raise TerritoryError(
            f"The territory has no worker in the workplace zones {', '.join(zones)}."
        )
    check_memory(int(counts.sum()), scale)
    # The running number fills the lowest bits, so people are in order where their rows are.
    order = np.lexsort((flows.low, flows.high, flows.commune))
    ordered = counts[order]
    row = np.repeat(order.astype(np.int32), ordered)
    before = (np.cumsum(ordered) - ordered).astype(np.uint32)
    number = np.arange(row.size, dtype=np.uint32) - np.repeat(before, ordered)
    high, low = flows.high[row], flows.low[row] | number
    if scale >= 1.0:
        return row, low, high, np.ones(row.size), 0
    kept = draws.units(0, Purpose.SAMPLE, low, high)[:, 0] < scale
    if not kept.any() and not may_be_empty:
        raise ResultError(
            f"At scale {scale:g} none of the {row.size:,} workers is simulated; "
            f"take {min(_FEWEST / row.size, 1.0):.1g} or more, about {_FEWEST} workers."
        )
    stratum = flows.commune.astype(np.int64) * len(territory.workplace_zones) + flows.zone
    full = np.bincount(stratum, weights=counts)
    sampled = np.bincount(stratum[row[kept]], minlength=full.size)
    unrepresented = int(full[sampled == 0].sum())
    row = row[kept]
    return row, low[kept], high[kept], (full / np.maximum(sampled, 1))[stratum[row]], unrepresented


def _cars(
    territory: Territory, parameters: ParameterSet, commune: np.ndarray, u: np.ndarray
) -> np.ndarray:
    share = parameters.array("car_at_hand", [name.replace("-", "_") for name in AREA_TYPES])
    kind = territory.communes["area_type"].map(AREA_TYPES.index).to_numpy()
    return u < share[kind][commune]


def _gumbel(u: np.ndarray) -> tuple[np.ndarray]:
    """Turn uniforms into standard Gumbel draws, float32."""
    return ((-np.log(-np.log(u))).astype(np.float32),)


def _halves(u: np.ndarray) -> tuple[np.ndarray]:
    """Weekdays on which a half day away is the afternoon, as bits."""
    return (((u[:, 0] * 2.0**32).astype(np.uint32) & np.uint32(31)).astype(np.uint8),)


def _weekdays_worked(parameters: ParameterSet, u: np.ndarray) -> tuple[np.ndarray]:
    """Weekdays worked as bits: five, four, or three (Wednesday and Monday or Friday off)."""
    monday, wednesday, friday, all_days = 1, 4, 16, 31
    off = parameters.array("off_day_four", ("wednesday", "friday", "monday")).cumsum()
    days = parameters.array("share", ("five_days", "four_days", "three_days")).cumsum()
    kind, which = _class_of(u[:, 0], days), _class_of(u[:, 1], off)
    off_monday = (u[:, 1] < parameters.off_day_three_monday).view(np.int8)
    worked = np.empty((3, 3, 2), dtype=np.uint8)  # by kind, day off of four, and Monday off
    worked[0] = all_days
    worked[1] = all_days - np.array([wednesday, friday, monday])[:, None]
    worked[2] = all_days - wednesday - np.array([friday, monday])
    return (worked.ravel()[np.int8(6) * kind + np.int8(2) * which + off_monday],)


def _class_of(u: np.ndarray, cumulated: np.ndarray) -> np.ndarray:
    """Return the class in which each draw falls, int8; cumulated shares need not end at 1."""
    found = np.zeros(u.shape, dtype=np.int8)
    for bound in cumulated[:-1] / cumulated[-1]:
        found += u >= bound
    return found


@dataclass(frozen=True)
class _Work:
    size: np.ndarray
    employer: np.ndarray
    team: np.ndarray
    team_size: np.ndarray
    heads: np.ndarray
    employer_size: np.ndarray
    employer_zone: np.ndarray
    employer_low: np.ndarray


def _employers(
    parameters: ParameterSet,
    n_zones: int,
    zone: np.ndarray,
    group: np.ndarray,
    size: np.ndarray,
    seed: int,
    low: np.ndarray,
    high: np.ndarray,
) -> _Work:
    """Draw an employer within zone and size class, and cut employers' groups into teams.

    Nobody employs independents: their `size` is overwritten.
    """
    heads = parameters.array("mean_heads", _SIZES)
    independent = group == INDEPENDENTS
    size[independent] = NO_EMPLOYER
    pair = zone.astype(np.int16) * np.int16(len(EMPLOYER_SIZES)) + size
    pair[independent] = -1
    workers = _count(pair, n_zones * len(EMPLOYER_SIZES))
    number = np.maximum(1, np.rint(workers / np.tile(heads, n_zones))).astype(np.int64)
    employer, heads_of, one = _employ(pair, np.uint32(seed), low, high, number)
    employer_zone, employer_size = np.divmod(pair[one].astype(np.int64), len(EMPLOYER_SIZES))
    u = draws.units(seed, Purpose.EMPLOYER, low[one], high[one])[:, 0]
    index = (u * number[pair[one]]).astype(np.int64)
    team, team_size = _cut(employer, group, len(OCCUPATION_GROUPS), int(parameters.team_size))
    return _Work(
        size=size,
        employer=employer,
        team=team,
        team_size=team_size,
        heads=heads_of,
        employer_size=employer_size.astype(np.int8),
        employer_zone=employer_zone.astype(np.int8),
        employer_low=(employer_zone << 28 | employer_size << 24 | index).astype(np.uint32),
    )


@nb.njit(cache=True, nogil=True)
def _count(pair: np.ndarray, n_pairs: int) -> np.ndarray:
    """Count the workers of each pair of zone and size class."""
    workers = np.zeros(n_pairs, dtype=np.int64)
    for each in pair:
        if each >= 0:
            workers[each] += 1
    return workers


@nb.njit(cache=True, nogil=True)
def _employ(
    pair: np.ndarray, seed: np.uint32, low: np.ndarray, high: np.ndarray, number: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give each worker one of the employers of zone and size class, drawn; -1 without a class.

    Returns the employer of each worker, and the members of each employer and the first of them.
    Only employers who have members are numbered.
    """
    first_of_pair = np.cumsum(number) - number
    key = np.full(pair.size, -1, dtype=np.int32)
    members = np.zeros(number.sum(), dtype=np.int32)
    for i in range(pair.size):
        if pair[i] >= 0:
            u = draws.unit(draws.philox(low[i], high[i], 0, 0, seed, _EMPLOYER)[0])
            key[i] = first_of_pair[pair[i]] + int(u * number[pair[i]])
            members[key[i]] += 1
    place = np.cumsum(members > 0) - 1
    first = np.full(np.count_nonzero(members), -1, dtype=np.int64)
    for i in range(pair.size):
        if key[i] >= 0:
            key[i] = place[key[i]]
            if first[key[i]] < 0:
                first[key[i]] = i
    return key, members[members > 0], first


@nb.njit(cache=True, nogil=True)
def _cut(
    employer: np.ndarray, group: np.ndarray, n_groups: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut each employer's members of a group evenly, in order, into the fewest teams of `most`.

    Returns the team of each worker, -1 without an employer, and the teams' members.
    """
    employers = employer.max() + 1 if employer.size > 0 else 0
    members = np.zeros(employers * n_groups, dtype=np.int32)
    for i in range(employer.size):
        if employer[i] >= 0:
            members[employer[i] * n_groups + group[i]] += 1
    teams = -(-members // most)
    first = np.cumsum(teams) - teams
    before = np.zeros_like(members)
    team = np.full(employer.size, -1, dtype=np.int32)
    team_size = np.zeros(teams.sum(), dtype=np.int32)
    for i in range(employer.size):
        if employer[i] >= 0:
            unit = employer[i] * n_groups + group[i]
            team[i] = first[unit] + before[unit] * teams[unit] // members[unit]
            before[unit] += 1
            team_size[team[i]] += 1
    return team, team_size


_OF_AGREEMENT = ("u_covered", "u_allowance", "u_pays", "u_anchor")


def _agreement_draws(
    seed: int,
    employer_low: np.ndarray,
    employer: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    lanes: int,
) -> np.ndarray:
    """Uniforms in the order of `_OF_AGREEMENT`: the employer's, or one's own without one."""
    of_employers = np.full(employer_low.size, 0xE0000000, dtype=np.uint32)
    # A row more, for those who have no employer; it is there where nobody has one.
    of_employer = np.zeros((employer_low.size + 1, lanes))
    of_employer[:-1] = draws.units(
        seed, Purpose.EMPLOYER_AGREEMENT, employer_low, of_employers, lanes=lanes
    )
    out = of_employer.T.astype(np.float32)[:, employer]
    alone = np.flatnonzero(employer < 0)
    own = draws.units(seed, Purpose.INDEPENDENT, low[alone], high[alone], lanes=min(lanes, 2))
    out[:2, alone] = own.T
    # A draw may round up to 1, which is no rank: its normal quantile has no end.
    np.minimum(out, np.nextafter(np.float32(1.0), np.float32(0.0)), out=out)
    out[2:, alone] = 1.0
    return out


_RANKS = 32
"""Into which the draws of coverage are cut to put workers in order: nothing else depends on it."""


def _first_reached(commune: np.ndarray, u_covered: np.ndarray) -> np.ndarray:
    """Return the workers by commune, those first whom agreements reach first."""
    rank = commune * np.int32(_RANKS) + (u_covered * np.float32(_RANKS)).astype(np.int32)
    # Of so few numbers NumPy sorts small ones much faster.
    return np.argsort(rank.astype(np.min_scalar_type(rank.max(initial=0))), kind="stable")


def _places(flows: FlowRows) -> np.ndarray:
    """Return numbers of home and workplace, in the order of commune, zone and destination."""
    n_zones, n_destinations = (
        int(each.max(initial=0)) + 1 for each in (flows.zone, flows.destination)
    )
    key = (flows.commune.astype(np.int64) * n_zones + flows.zone) * n_destinations
    key += flows.destination
    return np.unique(key, return_inverse=True)[1]


def _numbered(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each key among those that occur, and where each one occurs first.

    As `numpy.unique` does, without sorting: keys are small numbers.
    """
    occurs = np.zeros(int(key.max(initial=-1)) + 1, dtype=bool)
    occurs[key] = True
    number = (occurs.cumsum(dtype=np.int32) - np.int32(1))[key]
    first = np.empty(np.count_nonzero(occurs), dtype=np.int64)
    # Of places that take the same number the last one written stays.
    first[number[::-1]] = np.arange(key.size - 1, -1, -1)
    return number, first


def population_frame(population: Population, territory: Territory) -> pd.DataFrame:
    """Return the worker columns as a table with names in place of indices where there are any."""
    columns = population.worker_columns()
    frame = pd.DataFrame(
        {
            "worker_low": columns.pop("low"),
            "worker_high": columns.pop("high"),
            **{
                name: column
                for name, column in columns.items()
                if name not in ("works", "afternoon")
            },
        }
    )
    for bit, weekday in enumerate(WEEKDAYS):
        frame[f"works_{weekday}"] = (population.works >> bit & 1).astype(bool)
    frame["commune_code"] = territory.communes["code"].to_numpy()[population.commune]
    return frame


def categories(codes: np.ndarray, names: Iterable[str]) -> pd.Categorical[Any]:
    """Return indices as a categorical column of names."""
    return pd.Categorical.from_codes(cast("list[int]", codes), pd.Index(list(names)))
