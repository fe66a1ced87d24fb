"""Named tuples of arrays: what the compiled kernels read and write.

Plain tuples, because Numba compiles them; each field says its meaning, and its shape where it is
not the tuple's own.
"""

from typing import Annotated, NamedTuple

import numpy as np

from sim77.engine.axes import axes

JOURNEY = (
    "travel_min", "rail_km", "car_km", "station_car_km", "bus_km", "active_km", "cost_eur",
    "fatigue",
)  # fmt: skip
"""What the outputs take from a journey, in one row of memory a market segment and mode."""


class Workers(NamedTuple):
    """What a worker is and remembers; arrays of shape (n_workers,) unless said."""

    low: np.ndarray
    high: np.ndarray
    commune: np.ndarray
    market: np.ndarray
    kind_of_worker: np.ndarray
    works: np.ndarray
    afternoon: np.ndarray
    weight: np.ndarray
    taste: np.ndarray  # (n_workers, n_modes) for each mode, minus infinity for who cannot take it
    chooser: np.ndarray  # row in Choosers, -1 for who has no allowance
    present: np.ndarray  # weekdays at work this week, as bits
    allowance: np.ndarray  # remote half-days a week
    used: np.ndarray  # remote half-days used this week
    isolation: np.ndarray
    last_kind: np.ndarray  # kind of plan of the last day worked, -1 none
    office_units: np.ndarray  # (5, n_workers) office half-days on the last such weekday, 255 absent
    kind: np.ndarray  # today's plan, -1 not at work
    mode: np.ndarray  # of today's journey to the office
    office_mode: np.ndarray  # best mode of an all-office day today, at work or not
    office_taste: np.ndarray  # for that mode
    alternative: np.ndarray  # today's centre as a place in the list of centres in reach, -1 none
    familiar: np.ndarray  # alternatives that the worker knows, as bits
    subscribed: np.ndarray  # alternatives with a subscription this month, as bits
    asked_eur: np.ndarray  # (n_workers, max alternatives) prices of the days asked for this month
    employer_paid_eur: np.ndarray  # for desks this month
    days_by_kind: np.ndarray  # (4, n_workers)
    minutes_saved: np.ndarray  # sum since the start


class Choosers(NamedTuple):
    """Workers with an allowance; arrays of shape (n_choosers,) unless said.

    Who they are stands here once more, side by side: among all workers each is a line of memory
    apart.
    """

    worker: np.ndarray
    low: np.ndarray
    high: np.ndarray
    market: np.ndarray
    choice_set: np.ndarray  # row in ChoiceSets: home commune and car
    lasting: np.ndarray  # (4, n_choosers) constants and lasting tastes by kind of plan
    fibre: np.ndarray  # share of the commune's premises with fibre this week
    share_paid: np.ndarray  # share of the price that falls on the worker in any case
    desk_price_eur: np.ndarray  # what the worker paid for a desk on the last day at a centre
    anchor: np.ndarray  # weekdays on which the office is compulsory, as bits
    closed: np.ndarray  # weekdays on which it is closed to them, as bits
    considers: np.ndarray  # whether a shared place of work is considered at all
    norm: np.ndarray
    presence: np.ndarray  # (5, n_choosers)
    week_value: np.ndarray  # of a day this week: W(allowance, days) over these, or I_full at home
    odds: np.ndarray  # (5, 2, n_choosers) exp(I_half - V_office), exp(I_full - V_office) by weekday


class MarketGroups(NamedTuple):
    """Workers in small groups of one market segment each."""

    worker: np.ndarray  # (n_workers,) workers, group after group
    start: np.ndarray  # (n_groups + 1,) first place of each group in `worker`
    market: np.ndarray  # (n_groups,)


class Strata(NamedTuple):
    """Workers of one market segment and one kind of worker each, in the order of communes."""

    of_worker: np.ndarray  # (n_workers,)
    start: np.ndarray  # (n_communes + 1,) first stratum of each commune
    market: np.ndarray  # (n_strata,)
    kind_of_worker: np.ndarray  # (n_strata,)
    weight: np.ndarray  # (n_strata,) of each worker


class AtOffice(NamedTuple):
    """Who spends the day at the office, counted by stratum."""

    workers: np.ndarray  # (n_strata, n_modes)
    taste: np.ndarray  # (n_strata,) sum of their tastes for the mode they take
    travellers: np.ndarray  # (n_modes, n_markets) sum of their weights


class Subscriptions(NamedTuple):
    """Subscriptions of a month, one row each."""

    commune: np.ndarray  # (n,) of the holder
    kind_of_worker: np.ndarray  # (n,)
    at_home: np.ndarray  # (n,) bool, who works at home on their own account
    centre: np.ndarray  # (n,) row in Centres
    weight: np.ndarray  # (n,) of the holder
    own_weight: np.ndarray  # (n,) the weight times the share of the price that is its own


class ChoiceSets(NamedTuple):
    """Centres in reach by commune and car available, as compressed rows."""

    start: np.ndarray  # (n_rows + 1,)
    centre: np.ndarray  # (n_entries,) row in Centres
    travel: np.ndarray  # (4, n_entries) utility of the way there and back by kind of plan
    minutes: np.ndarray  # (n_entries,) one way
    km: np.ndarray  # (n_entries,) one way
    mode: np.ndarray  # (n_entries,) 0 walk, 1 car, 2 bicycle, 3 bus
    leader: np.ndarray  # (n_entries,) first alternative of the row at the same place


class Centres(NamedTuple):
    """Telecentres; arrays of shape (n_centres,)."""

    key: np.ndarray
    place_key: np.ndarray  # the same for centres at one place
    alone: np.ndarray  # whether no other open one is at its place
    open: np.ndarray
    # (4, n_centres) constant, services and co-location by kind of plan
    attraction: Annotated[np.ndarray, axes("", "site")]
    price_day: np.ndarray
    price_half: np.ndarray


class Markets(NamedTuple):
    """Utility of a day's journey by market segment and mode, shape (n_markets, n_modes) each.

    Minus infinity where a mode does not go.
    """

    office: np.ndarray  # at the peak, as expected today
    half: np.ndarray  # outside the peak
    office_valued: np.ndarray  # in the value of the week (no strike)
    half_valued: np.ndarray


class Batch(NamedTuple):
    """Some choosers who can only go to the office or stay at home, and their draws of the day."""

    chooser: np.ndarray
    low: np.ndarray
    high: np.ndarray
    words: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    office: np.ndarray
    home: np.ndarray
    undecided: np.ndarray


class Plans(NamedTuple):
    """Scratch of one chooser: office, home, whole day and half day by alternative."""

    value: np.ndarray  # (2 + 2 * max alternatives,) utility, minus infinity where not available
    error: np.ndarray  # additive error
    opportunity_cost: np.ndarray  # W(left - h, d) - W(left, d), the value of the allowance given up
    coefficients: np.ndarray  # (11,) of the week's polynomial


class Coefficients(NamedTuple):
    """What multiplies the attributes of one kind of plan (`sim77.engine.choice.terms`).

    Signs and weights are applied; the weekday's own value is not: it differs by day.
    """

    journey: float
    half_constant: float
    presence: float
    fibre: float
    isolation: float
    norm: float
    price: float
    weekday: float
    habit: float


class Settings(NamedTuple):
    """Numbers of the day: parameters, calendar and switches."""

    seed: int
    day: int
    weekday: int
    coming: int  # simulated weekdays after today in this week, as bits
    employer_ceiling_eur: float  # that an employer pays for a day at a desk
    employer_budget_eur: float  # and for a worker's month
    mu: float
    mu_place: float
    b_weekday: np.ndarray  # (5,)
    coefficients: np.ndarray  # (4, 9) by kind of plan, in the order of Coefficients


class OfficeMinutes(NamedTuple):
    """Minutes of a day at the office, both ways, summed over the days reported.

    Attributes
    ----------
    by_mode : float64 array, shape (n_markets, n_modes)
    of_worker : float64 array, shape (n_workers,)
        Of the modes that a worker took before, over their days, less those of the present mode over
        these days: what to add to the minutes of the present mode. Few change their mode, so that
        on most days there is nothing to do.
    """

    by_mode: np.ndarray
    of_worker: np.ndarray

    def of(self, market: np.ndarray, mode: np.ndarray) -> np.ndarray:
        """Return each worker's sum, by the mode of each day, (n_workers,)."""
        return self.by_mode[market, mode] + self.of_worker


class Trips(NamedTuple):
    """Physical quantities of a day's office journey both ways, by market segment and mode."""

    journey: np.ndarray  # (n_markets, n_modes, 8) the columns of JOURNEY
    off_peak_min: np.ndarray  # (n_markets, n_modes) minutes of who goes for half a day


class AggregationInputs(NamedTuple):
    """What the outputs need besides today's trips."""

    eur_per_util: float  # 1 / |b_cost|, 0 where money counts for nothing
    eur_per_place_util: float  # 1 / (theta |b_cost|), likewise
    g_peer: float
    pass_eur_per_day: float
    pass_rise_eur_per_day: float  # since the base year, to which the modes are fitted
    isolation_retention: float
    fatigue_midpoint_min: float
    fatigue_scale_min: float
    car_eur_per_km: float
