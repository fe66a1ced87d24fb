"""How many know a telecentre: few on its first morning, and more from month to month.

Only some people consider a shared place of work at all (`sim77.engine.columns.considers_centres`);
the others do not choose a telecentre that they know.

The share K of a commune's workers who know a centre follows Bass (1969), by neighbours and by
colleagues. Each month some of the others learn of it by themselves (signs, press, promotion: a
share p in the commune of the centre, less elsewhere), and some by word of mouth,

``K <- K + (1 - K) (p here + q ((1 - w) K + w C))``

with p the mean over the month's days, ``here`` 1 in the commune of the centre and
``awareness_elsewhere`` in others, and C the share of a resident's colleagues who know it.
Colleagues are those who work in the same commune (census flows); of those who live out of reach of
the centre nobody has heard of it, so that where most travel far to the office it becomes known more
slowly than where people work near by.

Announcements before it opens count as its first month, so that K is ``p here`` on the first
morning.

What is known is the place (`sim77.engine.places`): in each commune K is that of the best known
centre there, so that a second one next door, or the same one in parts, is as known as the first.

Each worker has one draw a place for life, and knows it from the day on which K has passed the
draw, so that a place once known stays known and more promotion never makes anybody forget.
Employers who pay for desks tell their staff of them: who is covered by such an agreement knows
every centre. Users who are not simulated come in proportion to the mean of K over the residents in
reach. A centre that is open when a run begins has been known since its opening date, that of the
scenario before that of the territory, with the promotion that the scenario has in each month since;
without a date it is taken to be established, known by all, but for one that is only supposed (a
possible new site, or open before its date) at the place of a known telecentre with a date: it is as
known as that one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse

from sim77.core import calendar
from sim77.engine.places import first_of_place
from sim77.engine.supply.access_cache import TELECENTRE_PARAMETERS, legs_to_telecentres, only
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory


@dataclass(frozen=True)
class Surroundings:
    """The communes from which each centre is in reach by car, padded to one width with none.

    Attributes
    ----------
    commune : numpy.ndarray of int64, shape (n_centres, width)
    residents : numpy.ndarray, shape (n_centres, width)
        At work; 0 where padded.
    inside : numpy.ndarray of bool, shape (n_centres, width)
        Whether the centre is in the commune.
    colleagues : numpy.ndarray, shape (n_centres, width, width)
        Share of the colleagues of each commune's residents who live in each.
    place : numpy.ndarray of int64, shape (n_centres,)
        The same number for centres at one place.
    is_new : numpy.ndarray of bool, shape (n_centres,)
        Whether each is a possible site and no known telecentre.
    n_communes : int
        In the territory.
    """

    commune: np.ndarray
    residents: np.ndarray
    inside: np.ndarray
    colleagues: np.ndarray
    place: np.ndarray
    is_new: np.ndarray
    n_communes: int

    def mean(self, known: np.ndarray) -> np.ndarray:
        """Return the share of the residents in reach who know each centre, (n_centres,)."""
        here = np.take_along_axis(known, self.commune, axis=1)
        total = self.residents.sum(axis=1)
        return np.asarray((self.residents * here).sum(axis=1) / np.maximum(total, 1.0))

    def by_place(self, known: np.ndarray) -> np.ndarray:
        """Return the share that knows the best known centre of the place of each, same shape."""
        best = np.zeros((self.place.max(initial=-1) + 1, self.n_communes))
        np.maximum.at(best, self.place, known)
        return np.asarray(best[self.place])


def surroundings(
    territory: Territory, rows: Iterable[int], parameters: ParameterSet
) -> Surroundings:
    """Return the surroundings of rows of ``territory.sites``, made once while they are in use."""
    key = tuple(int(row) for row in rows)
    return _surroundings(
        territory,
        key,
        only(parameters, (*TELECENTRE_PARAMETERS, "max_access_min", "same_place_km")),
    )


@lru_cache(maxsize=8)
def _surroundings(
    territory: Territory, rows: tuple[int, ...], parameters: ParameterSet
) -> Surroundings:
    ways = only(parameters, TELECENTRE_PARAMETERS)
    by_car = legs_to_telecentres(territory, rows, ways).fastest_min[:, 1]
    near = [np.flatnonzero(each <= parameters.max_access_min) for each in by_car.T]
    width = max((each.size for each in near), default=0)
    commune = np.zeros((len(rows), width), dtype=np.int64)
    residents, inside = np.zeros((len(rows), width)), np.zeros((len(rows), width), dtype=np.bool_)
    colleagues = np.zeros((len(rows), width, width))
    codes = territory.communes["code"].to_numpy(str)
    at_work = territory.communes["residents_at_work"].to_numpy(np.float64)
    of_all = colleagues_by_commune(territory)
    for centre, (row, here) in enumerate(zip(rows, near, strict=True)):
        n = here.size
        commune[centre, :n], residents[centre, :n] = here, at_work[here]
        inside[centre, :n] = codes[here] == territory.sites["commune_code"].iloc[row]
        colleagues[centre, :n, :n] = of_all[here][:, here].toarray()
    first = first_of_place(territory, parameters.same_place_km)[list(rows)]
    place = np.unique(first, return_inverse=True)[1]
    is_new = np.array(rows, dtype=np.int64) >= len(territory.telecentres)
    return Surroundings(commune, residents, inside, colleagues, place, is_new, len(codes))


@lru_cache(maxsize=4)
def colleagues_by_commune(territory: Territory) -> sparse.csr_matrix:
    """Return where the colleagues of a commune's residents live, (n_communes, n_communes).

    Row c holds the shares of those who work where its residents work: with F the workers by home
    and workplace, ``F / F.sum(1) @ F.T / F.sum(0)``. A row without commuters is zero.
    """
    flows = territory.flows[~territory.flows["at_home"]]
    shape = len(territory.communes), len(territory.workplaces)
    workers, home, work = (flows[name].to_numpy() for name in ("workers", "commune", "workplace"))
    table = sparse.coo_matrix((workers.astype(np.float64), (home, work)), shape=shape).tocsr()
    of_home, of_work = (
        sparse.diags_array(1.0 / np.maximum(np.asarray(table.sum(axis=axis)).ravel(), 1.0))
        for axis in (1, 0)
    )
    return (of_home @ table @ (table @ of_work).T).tocsr()


def _learnt_alone(
    around: Surroundings, innovation: float | np.ndarray, parameters: ParameterSet
) -> np.ndarray:
    """Return the share that learns of each centre by itself in a month, (n_centres, width)."""
    p = np.minimum(innovation, 1.0)
    return np.where(around.inside, p, p * parameters.awareness_elsewhere)


def announced(
    known: np.ndarray,
    opens: np.ndarray,
    around: Surroundings,
    innovation: float | np.ndarray,
    parameters: ParameterSet,
) -> np.ndarray:
    """Return the share that knows each centre on the first morning of some.

    Parameters
    ----------
    known : numpy.ndarray, shape (n_centres, n_communes)
        On the day before.
    opens : numpy.ndarray of bool, shape (n_centres,)
        For the first time.
    around : Surroundings
    innovation : float or numpy.ndarray, shape (n_centres, 1)
        Share that learns of a centre by itself in a month, on the day of the opening.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_centres, n_communes)
    """
    first = _spread_out(around, _learnt_alone(around, innovation, parameters))
    return around.by_place(np.maximum(known, np.where(opens[:, None], first, 0.0)))


def spread(
    known: np.ndarray,
    is_open: np.ndarray,
    around: Surroundings,
    innovation: float,
    parameters: ParameterSet,
) -> np.ndarray:
    """Return the share that knows each centre a month later; a closed place gains nobody.

    Parameters
    ----------
    known : numpy.ndarray, shape (n_centres, n_communes)
    is_open : numpy.ndarray of bool, shape (n_centres,)
    around : Surroundings
    innovation : float
        Share that learns of a centre by itself in that month.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_centres, n_communes)
    """
    here = np.take_along_axis(known, around.commune, axis=1)
    gain = _spread_out(around, _gain(here, is_open, around, innovation, parameters))
    return around.by_place(known + gain)


def _gain(
    here: np.ndarray,
    is_open: np.ndarray,
    around: Surroundings,
    innovation: float,
    parameters: ParameterSet,
) -> np.ndarray:
    """Return the share that gets to know each centre in a month, (n_centres, width)."""
    of_colleagues = np.einsum("kij,kj->ki", around.colleagues, here)
    share = parameters.awareness_colleagues
    heard = (1.0 - share) * here + share * of_colleagues
    alone = _learnt_alone(around, innovation, parameters)
    learns = alone + parameters.awareness_imitation_per_month * heard
    return np.where(is_open[:, None], (1.0 - here) * np.minimum(learns, 1.0), 0.0)


def _spread_out(around: Surroundings, values: np.ndarray) -> np.ndarray:
    """Return values of the communes in reach by commune, 0 elsewhere, (n_centres, n_communes)."""
    out = np.zeros((values.shape[0], around.n_communes))
    centre, place = np.nonzero(around.residents)
    out[centre, around.commune[centre, place]] = values[centre, place]
    return out


def at_start(
    opened: Sequence[dt.date | None],
    is_open: np.ndarray,
    begin: dt.date,
    first: dt.date,
    around: Surroundings,
    innovation_on: Callable[[dt.date], float],
    parameters: ParameterSet,
) -> np.ndarray:
    """Return the share that knows each centre when a run begins to live.

    An established centre, of which no opening until the first day is known, is known to all, unless
    it is only supposed (a possible site, or open before its date) and joins a known telecentre with
    a date: it is as known as that one.

    Parameters
    ----------
    opened : sequence of datetime.date or None
        By centre, None where nobody says when.
    is_open : numpy.ndarray of bool, shape (n_centres,)
        On the first day; a centre that opens later is not known yet.
    begin, first : datetime.date
        First day lived, burn-in included, and first day of the run.
    around : Surroundings
    innovation_on : callable
        The share that learns of a centre by itself in a month, under the policies of a day.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_centres, n_communes)
    """
    since = [
        _months_known(each, begin) if is_now and each is not None and each <= first else -1
        for each, is_now in zip(opened, is_open, strict=True)
    ]
    months = np.array(since, dtype=np.int64)
    dated = months >= 0
    early = np.array([each is not None and each > first for each in opened], dtype=np.bool_)
    supposed = around.is_new | early
    joins = supposed & np.isin(around.place, around.place[dated & ~around.is_new])
    established = is_open & ~dated & ~joins
    at_opening = np.array([[innovation_on(each or first)] for each in opened]).reshape(-1, 1)
    known = np.repeat(established.astype(np.float64)[:, None], around.n_communes, axis=1)
    for ago in range(int(months.max(initial=-1)), -1, -1):
        known = announced(known, months == ago, around, at_opening, parameters)
        if ago:
            innovation = innovation_in(_month_before(begin, ago), innovation_on)
            known = spread(known, months >= ago, around, innovation, parameters)
    return around.by_place(known)


def innovation_in(month: dt.date, innovation_on: Callable[[dt.date], float]) -> float:
    """Return the mean over the simulated days of a calendar month, given by one of its days."""
    of_days = Counter(innovation_on(day) for day in calendar.month_of(month))
    return sum(value * (days / of_days.total()) for value, days in of_days.items())


def _month_before(day: dt.date, months: int) -> dt.date:
    """Return the first day of a month so many months ago."""
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    return dt.date(year, month + 1, 1)


def _months_known(opened: dt.date, begin: dt.date) -> int:
    """Return the first days of months between an opening and `begin`."""
    return max(12 * (begin.year - opened.year) + begin.month - opened.month, 0)
