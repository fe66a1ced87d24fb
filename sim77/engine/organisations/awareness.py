"""How many know a telecentre: few on its first morning, and more from month to month.

Of those who have a centre in their choice set, the share that knows it follows Bass (1969): each
month a share p of the others learns of it by itself (signs, press, promotion), and q times the
share that knows already by word of mouth,

``K <- K + (1 - K) (p + q K)``.

Announcements before it opens count as its first month, so that K is p on the first morning.

Each worker has one draw a centre for life, and knows it from the day on which K has passed the
draw, so that a centre once known stays known and more promotion never makes anybody forget. Users
who are not simulated come in proportion to K. A centre that is open when a run begins has been
known since its opening date; without one it is taken to be established, known by all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from sim77.registry.parameters import ParameterSet


def announced(parameters: ParameterSet) -> float:
    """Return the share that knows a centre on its first morning."""
    return min(float(parameters.awareness_innovation_per_month), 1.0)


def spread(known: np.ndarray, is_open: np.ndarray, parameters: ParameterSet) -> np.ndarray:
    """Return the share that knows each centre a month later; a closed one gains nobody.

    Parameters
    ----------
    known : numpy.ndarray, shape (n_centres,)
    is_open : numpy.ndarray of bool, shape (n_centres,)
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_centres,)
    """
    p = parameters.awareness_innovation_per_month
    q = parameters.awareness_imitation_per_month
    learns = np.minimum(p + q * known, 1.0)
    return known + np.where(is_open, (1.0 - known) * learns, 0.0)


def at_start(
    opening_date: Sequence[str], is_open: np.ndarray, day: dt.date, parameters: ParameterSet
) -> np.ndarray:
    """Return the share that knows each centre on the first day of a run.

    Parameters
    ----------
    opening_date : sequence of str
        ISO dates of the territory's table, empty where it has none.
    is_open : numpy.ndarray of bool, shape (n_centres,)
        On that day; a centre that opens later is not known yet.
    day : datetime.date
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_centres,)
    """
    months = np.array([_months_since(text, day) for text in opening_date], dtype=np.int64)
    known = np.where(months < 0, 1.0, announced(parameters))
    everywhere = np.ones(months.size, dtype=np.bool_)
    for month in range(int(months.max(initial=0))):
        known = np.where(month < months, spread(known, everywhere, parameters), known)
    return np.where(is_open, known, 0.0)


def _months_since(text: str, day: dt.date) -> int:
    """Return the first days of months between an opening and a day; -1 for an established one."""
    if not text or (opened := dt.date.fromisoformat(text)) >= day:
        return -1
    return 12 * (day.year - opened.year) + day.month - opened.month
