"""A random day for the kernels, and the utilities of its plans in plain Python.

Written from the equations and the conventions of the model, one worker at a time; of the engine it
uses the draws only.
"""

import math

import numpy as np

from sim77.core import draws
from sim77.core.draws import Purpose
from sim77.core.units import MODES

from ..hand_made import Day, coefficients_of, make_day

OFFICE, HALF, HOME, CENTRE = range(4)
PARAMETERS = {
    "theta": 0.7, "b_cost": -0.2, "g_peer": 0.8, "g_norm": 0.5, "g_isolation": 0.3, "g_habit": 0.6,
    "asc_half": 1.5,
}  # fmt: skip


def random_day(rng: np.random.Generator, n_workers: int, n_centres: int, mu: float) -> Day:
    """Return a day with everything on: each chooser differs, centres are in reach of some."""
    weekday = int(rng.integers(5))
    day = make_day(n_workers, n_centres, day=735_000 + weekday, modes=len(MODES))
    n, k, markets = n_workers, n_centres, 3
    w, choosers = day.w, day.choosers
    w.low[:] = rng.integers(2**32, size=n)
    w.high[:] = rng.integers(2**32, size=n)
    w.market[:] = rng.integers(markets, size=n)
    for name in ("low", "high", "market"):
        getattr(choosers, name)[:] = getattr(w, name)
    w.taste[:] = rng.gumbel(scale=2, size=w.taste.shape)
    w.present[:] = rng.integers(32, size=n) | 1 << weekday
    w.afternoon[:] = rng.integers(32, size=n)
    w.allowance[:] = rng.integers(1, 11, size=n)
    w.used[:] = rng.integers(0, 2 * weekday + 1, size=n).clip(max=w.allowance)
    w.isolation[:] = rng.exponential(size=n)
    w.last_kind[:] = rng.integers(-1, 4, size=n)
    w.subscribed[:] = rng.integers(2**k, size=n)
    w.familiar[:] = rng.integers(2**k, size=n) | rng.integers(2**k, size=n)
    w.employer_paid_eur[:] = rng.integers(14, size=n)
    day.like(*rng.normal(-2, 1.5, size=(2, n)))
    choosers.share_paid[:] = rng.integers(2, size=n)
    choosers.anchor[:] = rng.integers(32, size=n) & rng.integers(32, size=n)
    closed = rng.integers(32, size=n) * (rng.random(n) < 0.4)
    choosers.closed[:] = closed & ~choosers.anchor.astype(np.int64)
    choosers.norm[:], choosers.presence[:] = rng.random(n), rng.random((n, 5)).T
    in_reach = [np.flatnonzero(rng.random(k) < share) for share in (1.0, 0.5, 0.0)]
    choosers.choice_set[:] = rng.integers(3, size=n)
    entries = np.concatenate(in_reach)
    choice_sets = day.choice_sets._replace(
        start=np.cumsum([0, *map(len, in_reach)]),
        centre=entries,
        travel=np.tile(rng.normal(-1, 0.5, size=entries.size), (4, 1)),
        leader=np.concatenate([leaders(place_of(here)) for here in in_reach]),
    )
    centres = day.centres
    centres.key[:] = rng.integers(2**32, size=k)
    centres.place_key[:] = place_of(np.arange(k))
    centres.alone[:] = np.bincount(place_of(np.arange(k)))[centres.place_key] == 1
    centres.open[:] = rng.random(k) < 0.8
    day.attract(rng.normal(size=k))
    centres.price_day[:], centres.price_half[:] = rng.uniform(0, 15, size=(2, k))
    b_weekday = rng.normal(scale=0.2, size=5)
    b_weekday.setflags(write=False)
    busy = day._replace(
        choice_sets=choice_sets,
        markets=day.markets._make(rng.normal(-6, 1, size=(4, markets, len(MODES)))),
    )
    busy = busy.on(
        seed=int(rng.integers(2**32)), weekday=weekday, mu=mu,
        employer_ceiling_eur=8.0, employer_budget_eur=12.0,
        mu_place=float(rng.choice([0.05, 0.4, 1.0])), b_weekday=b_weekday,
        coming=int(rng.integers(32)) & ~((2 << weekday) - 1),
        coefficients=coefficients_of(**PARAMETERS),
    )  # fmt: skip
    busy.value_week()
    # `value_week` knows of no team here and clears what teams expect: put it back.
    choosers.norm[:], choosers.presence[:] = rng.random(n), rng.random((n, 5)).T
    choosers.odds[:] = rng.exponential(size=(n, 5, 2)).transpose(1, 2, 0)
    return busy


def place_of(centres: np.ndarray) -> np.ndarray:
    """Return the key of each centre's place: the first and the third share one."""
    return 100 + np.where(centres == 2, 0, centres)


def leaders(places: np.ndarray) -> np.ndarray:
    return np.array([np.argmax(places == each) for each in places], dtype=np.int64)


def plain_utilities(day: Day, j: int) -> list[float]:
    """Return the utilities of chooser j's plans, minus infinity where there is no such plan."""
    w, choosers, choice_sets, centres, markets, s = day
    i, last = j, int(w.last_kind[j])
    left, closed = half_days_today(day, j), closed_on(day, j, s.weekday)
    market, tastes = w.market[i], w.taste[i]
    p = PARAMETERS
    norm = p["g_norm"] * choosers.norm[j]
    presence = p["g_peer"] * choosers.presence[s.weekday, j]
    bonus = s.b_weekday[s.weekday]
    habit = [p["g_habit"] if last == kind else 0.0 for kind in range(4)]
    on_time = max(map(sum, zip(markets.office[market], tastes, strict=True)))
    off_peak = max(map(sum, zip(markets.half[market], tastes, strict=True)))
    office = -math.inf if closed else p["theta"] * on_time + presence + habit[OFFICE]
    home = choosers.lasting[HOME, j] - p["g_isolation"] * w.isolation[i] + norm + bonus
    home += habit[HOME]
    whole_days, half_days = [], []
    row = choosers.choice_set[j]
    for alternative, entry in enumerate(range(choice_sets.start[row], choice_sets.start[row + 1])):
        k = choice_sets.centre[entry]
        free = w.subscribed[i] >> alternative & 1
        full_eur, half_eur = (
            0.0 if free else price - employers_part(day, j, price, ceiling)
            for price, ceiling in (
                (centres.price_day[k], s.employer_ceiling_eur),
                (centres.price_half[k], 0.5 * s.employer_ceiling_eur),
            )
        )
        per_eur = p["theta"] * p["b_cost"]
        place = choosers.lasting[CENTRE, j] + norm + centres.attraction[CENTRE, k]
        travel = choice_sets.travel[CENTRE, entry]
        whole = place + travel + per_eur * full_eur + bonus + habit[CENTRE]
        half = p["asc_half"] + p["theta"] * off_peak + 0.5 * (presence + place + bonus)
        half += habit[HALF] + travel + per_eur * half_eur
        known = centres.open[k] and w.familiar[i] >> alternative & 1
        whole_days.append(whole if known and left >= 2 else -math.inf)
        reachable = known and left >= 1 and not closed
        half_days.append(half if reachable else -math.inf)
    return [office, home if left >= 2 else -math.inf, *whole_days, *half_days]


def closed_on(day: Day, j: int, weekday: int) -> bool:
    return bool(int(day.choosers.closed[j]) >> weekday & 1)


def half_days_today(day: Day, j: int) -> int:
    """Return the half-days that may be used: a coming day with a closed office needs two."""
    w, s = day.w, day.settings
    if closed_on(day, j, s.weekday):
        return 10
    coming = int(w.present[j]) & s.coming
    needed = sum(2 for d in range(5) if coming >> d & 1 and closed_on(day, j, d))
    return max(0, max(0, int(w.allowance[j]) - int(w.used[j])) - needed)


def employers_part(day: Day, j: int, price: float, ceiling: float) -> float:
    left = day.settings.employer_budget_eur - float(day.w.employer_paid_eur[j])
    share = 1.0 - day.choosers.share_paid[j]
    return max(0.0, min(share * price, ceiling, left))


def plain_errors(day: Day, j: int) -> list[float]:
    """Return the additive errors of chooser j's plans, from the draws of the conventions."""
    w, s = day.w, day.settings

    def words(purpose: Purpose, sub: int = 0, *, lasting: bool = False) -> list[float]:
        on = 0 if lasting else s.day
        block = draws.block(s.seed, purpose, int(w.low[j]), int(w.high[j]), on, sub)
        return [(word + 0.5) / 2**32 for word in block]

    def gumbel(u: float) -> float:
        return -math.log(-math.log(u))

    def log_stable(u: float, v: float, mu: float = s.mu) -> float:
        if mu == 1:
            return 0.0
        angle, exponential = math.pi * u, -math.log(v)
        kanter = math.sin((1 - mu) * angle) / exponential
        return (
            math.log(math.sin(mu * angle))
            - math.log(math.sin(angle)) / mu
            + (1 - mu) / mu * math.log(kanter)
        )

    def at_place(log_s: float, u: float, angle: float, exponential: float) -> float:
        log_place = log_stable(angle, exponential, s.mu_place)
        return s.mu * (log_s + s.mu_place * (log_place + gumbel(u)))

    u = words(Purpose.ERROR_DAY)
    v = words(Purpose.ERROR_HALF)
    log_full, log_half = log_stable(u[2], u[3]), log_stable(v[0], v[1])
    row = day.choosers.choice_set[j]
    here = day.choice_sets.centre[day.choice_sets.start[row] : day.choice_sets.start[row + 1]]
    at = [
        (
            words(Purpose.ERROR_CENTRE, int(day.centres.key[k]), lasting=not day.centres.alone[k]),
            words(Purpose.ERROR_PLACE, int(day.centres.place_key[k])),
        )
        for k in here
    ]
    return [
        gumbel(u[0]),
        s.mu * (log_full + gumbel(u[1])),
        *(at_place(log_full, own[0], *place[:2]) for own, place in at),
        *(at_place(log_half, own[1], *place[2:]) for own, place in at),
    ]


def plain_opportunity_costs(day: Day, j: int) -> list[float]:
    """Return ``W(q - h, d) - W(q, d)`` of chooser j's plans by the recursion of the model."""
    w, s = day.w, day.settings
    left = half_days_today(day, j)
    value = [0.0] * (left + 1)
    for weekday in range(s.weekday + 1, 5):
        if not int(w.present[j]) & s.coming & 1 << weekday or closed_on(day, j, weekday):
            continue
        odds = (1.0, *day.choosers.odds[weekday, :, j])
        value = [
            math.log(sum(odds[h] * math.exp(value[q - h]) for h in range(min(q, 2) + 1)))
            for q in range(left + 1)
        ]
    half, full = (value[max(left - h, 0)] - value[left] for h in (1, 2))
    row = day.choosers.choice_set[j]
    alternatives = int(day.choice_sets.start[row + 1] - day.choice_sets.start[row])
    return [0.0, full, *[full] * alternatives, *[half] * alternatives]


def kind_and_alternative(plan: int, n_plans: int) -> tuple[int, int]:
    """Turn a plan in the kernels' order into its kind and the centre's slot, -1 for none."""
    alternatives = (n_plans - 2) // 2
    if plan < 2:
        return (OFFICE, HOME)[plan], -1
    return (CENTRE, plan - 2) if plan < 2 + alternatives else (HALF, plan - 2 - alternatives)
