"""One commune in numbers, and what theory says of its workers' choices.

`OnePlace` holds what the utilities of the model are made of, with no dynamic term. It fills a
hand-made day for the kernels, and says in plain Python, from the equations of the model, which
shares must come out: the nested logit of a day, and by dynamic programming those of a week with an
allowance.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim77.engine.choice.utility import inclusive_value, nested_by_place, nested_logit_shares

from ..hand_made import Day, make_day


@dataclass(frozen=True)
class OnePlace:
    """A worker's world without anything that changes, and centres with their own numbers."""

    theta: float = 0.6
    mu: float = 0.6
    b_time: float = -0.033
    b_cost: float = -0.2
    m_access: float = 1.5
    v_rail: float = -6.5
    v_car: float = -7.5
    v_rail_off_peak: float = -5.2
    v_car_off_peak: float = -4.9
    t_rail: float = 0.4
    t_car: float = 1.0
    asc_home: float = -3.4
    taste_home: float = 0.3
    taste_centre: float = -0.2
    asc_half: float = 2.2
    asc_centre: tuple[float, ...] = (0.9, 0.4, 1.2)
    access_min: tuple[float, ...] = (5.0, 12.0, 20.0)
    access_eur: tuple[float, ...] = (0.0, 0.6, 1.5)
    price_day: tuple[float, ...] = (6.0, 3.0, 0.0)
    price_half: tuple[float, ...] = (3.5, 2.0, 0.0)
    share_paid: float = 1.0
    b_weekday: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)
    half_open: bool = True
    mu_place: float = 1.0
    town: tuple[int, ...] = (0, 1, 2)

    def utilities(self, weekday: int) -> tuple[float, np.ndarray, np.ndarray]:
        """Return V of the office, of home and whole days at centres, and of half days there."""
        office = self.theta * max(self.v_rail + self.t_rail, self.v_car + self.t_car)
        off_peak = self.theta * max(
            self.v_rail_off_peak + self.t_rail, self.v_car_off_peak + self.t_car
        )
        bonus = self.b_weekday[weekday]
        full = [self.asc_home + self.taste_home + bonus]
        half = []
        for k in range(len(self.asc_centre)):
            place = self.asc_home + self.asc_centre[k] + self.taste_centre
            way = self.b_time * self.m_access * 2 * self.access_min[k]
            paid = [price[k] * self.share_paid for price in (self.price_day, self.price_half)]
            spent = [self.b_cost * (2 * self.access_eur[k] + price) for price in paid]
            full.append(place + self.theta * (way + spent[0]) + bonus)
            travel = off_peak + self.theta * (way + spent[1])
            half.append(self.asc_half + travel + 0.5 * place + 0.5 * bonus)
        return office, np.array(full), np.array(half if self.half_open else [])

    def day(self, n_workers: int) -> Day:
        """Return a Monday for the kernels with this place's numbers for everybody."""
        day = make_day(n_workers, len(self.asc_centre))
        w, choosers, markets = day.w, day.choosers, day.markets
        w.taste[:] = self.t_rail, self.t_car
        markets.office[:] = markets.office_valued[:] = self.v_rail, self.v_car
        markets.half[:] = markets.half_valued[:] = self.v_rail_off_peak, self.v_car_off_peak
        day.like(self.asc_home + self.taste_home, self.asc_home + self.taste_centre)
        choosers.share_paid[:] = self.share_paid
        day.attract(self.asc_centre)
        day.centres.price_day[:], day.centres.price_half[:] = self.price_day, self.price_half
        way = self.b_time * self.m_access * np.array(self.access_min)
        both_ways = 2 * self.theta * (way + self.b_cost * np.array(self.access_eur))
        day.choice_sets.travel[:] = both_ways
        b_weekday = np.array(self.b_weekday)
        b_weekday.setflags(write=False)
        asc_half = self.asc_half if self.half_open else -1e6
        day = day.weighing(theta=self.theta, b_cost=self.b_cost, asc_half=asc_half)
        town = np.array(self.town)
        day.centres.place_key[:] = 100 + town
        day.choice_sets.leader[:] = [np.argmax(town == each) for each in town]
        return day.on(mu=self.mu, mu_place=self.mu_place, b_weekday=b_weekday)

    def shares(self, weekday: int = 0) -> np.ndarray:
        """Return the closed-form nested logit: office, home, whole days, half days."""
        office, full, half = self.by_town(weekday)
        return np.concatenate(nested_logit_shares(office, [full, half], self.mu))

    def by_town(self, weekday: int) -> tuple[float, np.ndarray, np.ndarray]:
        """Return utilities whose plain nests have the shares of nests with one a town within."""
        office, full, half = self.utilities(weekday)
        town = np.array([-1, *self.town])
        full = nested_by_place(full, town, self.mu, self.mu_place)
        return office, full, nested_by_place(half, town[1 : 1 + half.size], self.mu, self.mu_place)

    def changed(self, name: str, factor: float) -> "OnePlace":
        return replace(self, **{name: factor * getattr(self, name)})


@dataclass(frozen=True)
class Week:
    """Exact distribution of a worker's week: what a finite-horizon logit does with an allowance.

    ``plans[n]`` are the shares of the plans on the n-th day worked, ``patterns`` the probability of
    each row of half-days used over the week.
    """

    plans: list[np.ndarray]
    patterns: dict[tuple[int, ...], float]


def exact_week(
    place: OnePlace, allowance: int, weekdays: Sequence[int], anchors: Sequence[int] = ()
) -> Week:
    """Work out a week by dynamic programming, from the recursion of the model and nothing else."""
    n_days = len(weekdays)
    office = place.utilities(0)[0]
    gains = []  # (I_half - V_office, I_full - V_office) by day, minus infinity on an anchor day
    for weekday in weekdays:
        _, full, half = place.by_town(weekday)
        pair = (inclusive_value(half, place.mu) - office, inclusive_value(full, place.mu) - office)
        gains.append((-math.inf, -math.inf) if weekday in anchors else pair)
    value = {(q, n_days): 0.0 for q in range(allowance + 1)}  # W of the days from the n-th on
    for n in reversed(range(n_days)):
        for q in range(allowance + 1):
            terms = [value[q, n + 1]]
            terms += [gains[n][h - 1] + value[q - h, n + 1] for h in (1, 2) if q >= h]
            value[q, n] = math.log(sum(math.exp(term) for term in terms))
    patterns: Counter[tuple[int, ...]] = Counter({(): 1.0})
    by_half_days = []
    for n in range(n_days):
        used_today, longer = np.zeros(3), Counter()
        for pattern, probability in patterns.items():
            q = allowance - sum(pattern)
            for h in range(min(q, 2) + 1):
                gain = 0.0 if h == 0 else gains[n][h - 1]
                share = probability * math.exp(gain + value[q - h, n + 1] - value[q, n])
                if share > 0.0:
                    longer[*pattern, h] += share
                    used_today[h] += share
        patterns = longer
        by_half_days.append(used_today)
    plans = [
        _within_nests(place, weekday, used)
        for weekday, used in zip(weekdays, by_half_days, strict=True)
    ]
    return Week(plans, dict(patterns))


def _within_nests(place: OnePlace, weekday: int, by_half_days: np.ndarray) -> np.ndarray:
    """Split the shares of 0, 1 and 2 half-days over the plans of the office and of the nests."""
    _, full, half = place.by_town(weekday)
    shares = [by_half_days[:1]]
    for nest, share in ((full, by_half_days[2]), (half, by_half_days[1])):
        weight = np.exp((nest - nest.max(initial=0.0)) / place.mu)
        shares.append(share * weight / weight.sum() if nest.size else nest)
    return np.concatenate(shares)


def chi_square(counts: np.ndarray, shares: np.ndarray) -> tuple[float, int]:
    """Return the chi-square of counts against shares, and its degrees of freedom.

    What cannot be must not happen; cells where fewer than ten are expected are thrown together.
    """
    assert counts[shares == 0.0].sum() == 0, "something happened that cannot"
    rare = shares * counts.sum() < 10.0
    counts = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(shares[~rare], shares[rare].sum()) * counts.sum() / shares.sum()
    counts, expected = counts[expected > 0.0], expected[expected > 0.0]
    return float(((counts - expected) ** 2 / expected).sum()), counts.size - 1


def z_score(*parts: tuple[float, int]) -> float:
    """Return the sum of independent chi-squares as a standard normal (Wilson and Hilferty 1931)."""
    total, freedom = (sum(column) for column in zip(*parts, strict=True))
    spread = 2.0 / (9.0 * freedom)
    return ((total / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
