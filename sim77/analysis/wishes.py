"""How many days a week somebody would work at home if only their own taste decided.

A survey asks teleworkers whether they would rather do more days, fewer, or as many. What they do is
held by an allowance and by anchor days, and is drawn along by the team's habit and by chance. The
days wished are the expected days at home of the same utility without the three: no allowance, no
anchor day, no norm. Isolation grows with the days, so that a wish knows what it would bring: with
``r`` the share of isolation left a day later, ``d`` days a week leave a stock of
``d / 5 / (1 - r)``, and the wish is the ``d`` that it leads to itself.

Somebody wishes for more days, or fewer, when the days wished are at least `WISH_DAYS` away from
those of the usual week: surveys speak of days.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from sim77.core.units import WEEKDAYS, Plan
from sim77.engine.arrays import Coefficients
from sim77.engine.choice.utility import of_journey, of_person, of_weekday
from sim77.engine.model import CommuteModel

WISH_DAYS = 2.0 / 3.0
"""Assumed: at half a day another number of days comes nearest, at a whole one it is met."""

_HALVINGS = 20


def days_wished(model: CommuteModel, workers: np.ndarray) -> np.ndarray:
    """Return the days a week at home that some workers would choose, (n_workers,).

    Parameters
    ----------
    model : CommuteModel
        After a day; trains, roads and teams are taken as expected then.
    workers : numpy.ndarray of int
        Rows of workers who have an allowance.
    """
    memory, w, settings = model.memory, model.columns, model.memory.settings
    choosers, j = memory.choosers, w.chooser[workers]
    b = [Coefficients(*row) for row in settings.coefficients]
    journey = (memory.markets.office_valued[w.market[workers]] + w.taste[workers]).max(axis=1)

    def at(kind: Plan, isolation: np.ndarray) -> np.ndarray:
        lasting, fibre, presence = (
            choosers.lasting[kind, j], choosers.fibre[j], choosers.presence[:, j].T,
        )  # fmt: skip
        person = of_person(b[kind], lasting, fibre, isolation, 0.0)
        return np.asarray(person[:, None] + of_weekday(b[kind], presence, settings.b_weekday))

    works = (w.works[workers, None] >> np.arange(len(WEEKDAYS))) & 1
    office = at(Plan.OFFICE, np.zeros(workers.size))
    office += of_journey(b[Plan.OFFICE], journey)[:, None]
    stock_of_a_day = 1.0 / len(WEEKDAYS) / (1.0 - model.parameters.isolation_retention)
    low, high = np.zeros(workers.size), works.sum(axis=1).astype(np.float64)
    for _ in range(_HALVINGS):  # days chosen fall with the days that isolate
        middle = 0.5 * (low + high)
        odds = at(Plan.HOME, stock_of_a_day * middle) - office
        more = (special.expit(odds) * works).sum(axis=1) > middle
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return 0.5 * (low + high)
