"""Simulated days: Monday to Friday less French public holidays."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import holidays


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[dt.date]:
    """Return the public holidays of a year in France."""
    return frozenset(holidays.country_holidays("FR", years=year))


def is_working_day(day: dt.date) -> bool:
    """Say whether `day` is simulated: Monday to Friday and no public holiday in France."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def working_days(start: dt.date, end: dt.date) -> list[dt.date]:
    """Return the simulated days from `start` to `end`, both included (251 in 2014)."""
    span = (end - start).days + 1
    days = (start + dt.timedelta(days=offset) for offset in range(span))
    return [day for day in days if is_working_day(day)]


def month_of(day: dt.date) -> tuple[dt.date, ...]:
    """Return the simulated days of the calendar month of `day`.

    >>> len(month_of(dt.date(2014, 3, 14)))
    21
    """
    return _month(day.year, day.month)


@lru_cache(maxsize=512)
def _month(year: int, month: int) -> tuple[dt.date, ...]:
    first = dt.date(year, month, 1)
    after = (first + dt.timedelta(days=31)).replace(day=1)
    return tuple(working_days(first, after - first.resolution))


def has_whole_week(start: dt.date, end: dt.date) -> bool:
    """Say whether all simulated days of some week lie between two days, both included.

    >>> has_whole_week(dt.date(2014, 3, 11), dt.date(2014, 3, 20))
    False
    """
    seen = Counter(monday_of(day) for day in working_days(start, end))
    return any(count == weekday_bits(monday).bit_count() for monday, count in seen.items())


def months_in(days: Iterable[dt.date]) -> float:
    """Return how many calendar months so many simulated days are; a begun one counts in part.

    >>> march = month_of(dt.date(2014, 3, 14))
    >>> months_in(march), round(months_in(march[:7]), 3)
    (1.0, 0.333)
    """
    return sum(1.0 / len(month_of(day)) for day in days)


def working_days_before(start: dt.date, count: int) -> list[dt.date]:
    """Return the last `count` simulated days before `start`, oldest first (the burn-in)."""
    found: list[dt.date] = []
    day = start
    while len(found) < count:
        day -= dt.timedelta(days=1)
        if is_working_day(day):
            found.append(day)
    return found[::-1]


def working_day_after(day: dt.date) -> dt.date:
    """Return the first simulated day after `day`.

    >>> working_day_after(dt.date(2014, 4, 30)).isoformat()
    '2014-05-02'
    """
    day += day.resolution
    while not is_working_day(day):
        day += day.resolution
    return day


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of the calendar week of `day`."""
    return day - dt.timedelta(days=day.weekday())


def weekday_bits(day: dt.date) -> int:
    """Return the simulated weekdays of the week of `day` as bits (bit 0 Monday … 4 Friday)."""
    monday = monday_of(day)
    return sum(1 << w for w in range(5) if is_working_day(monday + dt.timedelta(days=w)))
