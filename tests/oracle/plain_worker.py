"""One worker of the plain model: an ordinary Mesa agent with named attributes.

Written from ``docs/conventions.md`` for clarity and never for speed; nothing of the engine but
its draws is used. The page to read is `PlainWorker.decide`.
"""

import datetime as dt
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mesa

from sim77.core import draws
from sim77.core.draws import Purpose

from .plain_network import (
    BICYCLE,
    CAR,
    MODE_NAMES,
    RAIL,
    WALK,
    Journey,
    Way,
    worth_of_way,
)

NOT_AT_WORK, OFFICE, HALF, HOME, TELECENTRE = -1, 0, 1, 2, 3
HALF_DAYS = {OFFICE: 0, HALF: 1, HOME: 2, TELECENTRE: 2}
OFFICE_UNITS = {OFFICE: 2, HALF: 1, HOME: 0, TELECENTRE: 0}
MORNING, AFTERNOON = 0, 1

PHYSICAL_PARTS = (
    *("walk_min", "bicycle_min", "bus_min", "bus_wait_min", "car_min", "wait_min", "ivt_min"),
)

GROUPS = ("managers", "intermediate", "clerical", "manual", "independents")
SIZES = ("under_10", "10_49", "50_249", "250_plus", "public")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
INDEPENDENT = -1
MOST_HALF_DAYS = 10


def uniform(word: int) -> float:
    return (word + 0.5) / 2**32


def gumbel(word: int) -> float:
    return -math.log(-math.log(uniform(word)))


def poisson_quantile(u: float, mean: float) -> int:
    """Return the least number that a Poisson variable does not exceed with that probability."""
    number, probability = 0, math.exp(-mean)
    cumulated = probability
    while cumulated < u:
        number += 1
        probability *= mean / number
        cumulated += probability
    return number


def log_positive_stable(word_angle: int, word_exponential: int, mu: float) -> float:
    """Logarithm of a positive stable draw of index mu (Kanter 1975)."""
    if mu == 1:
        return 0.0
    angle = math.pi * uniform(word_angle)
    exponential = -math.log(uniform(word_exponential))
    zolotarev = (
        math.sin(mu * angle) ** (mu / (1 - mu))
        * math.sin((1 - mu) * angle)
        / math.sin(angle) ** (1 / (1 - mu))
    )
    return (1 - mu) / mu * math.log(zolotarev / exponential)


def log_sum_exp(values: list[float]) -> float:
    highest = max(values, default=-math.inf)
    if highest == -math.inf:
        return -math.inf
    return highest + math.log(sum(math.exp(value - highest) for value in values))


@dataclass
class Centre:
    """A telecentre open today."""

    id: str
    kind: str
    area: str
    lat: float
    lon: float
    place: str
    first_of_place: str
    alone: bool
    desks: int
    price_day_eur: float
    price_half_day_eur: float
    price_hour_eur: float
    price_month_eur: float
    services: int

    @property
    def key(self) -> int:
        return draws.site_key(self.id)

    @property
    def known_key(self) -> int:
        return draws.site_key(self.first_of_place)

    @property
    def place_key(self) -> int:
        return draws.site_key(self.place)


@dataclass(frozen=True)
class Outlook:
    """What a worker expects of a journey: times, and how much longer waiting is."""

    rail_min: dict[int, float]
    travel_time_ratio: dict[int, float]
    wait_factor: float


@dataclass
class Plan:
    """A day plan, and the utility by which it is judged."""

    kind: int
    centre: Centre | None
    utility: float
    score: float = -math.inf

    @property
    def half_days(self) -> int:
        return HALF_DAYS[self.kind]


class PlainWorker(mesa.Agent):
    """A worker, with a home and a workplace."""

    def __init__(self, model: Any, row: Any, commune: Any) -> None:
        super().__init__(model)
        self.low, self.high = int(row.worker_low), int(row.worker_high)
        self.commune = commune
        self.home, self.work = int(row.commune), int(row.destination)
        self.core_job = bool(row.core_job)
        self.group = GROUPS[int(row.group)]
        self.size = SIZES[int(row.size)] if row.employer != INDEPENDENT else None
        self.employer, self.team = int(row.employer), int(row.team)
        self.independent = self.employer == INDEPENDENT
        self.works = [bool(getattr(row, f"works_{weekday}")) for weekday in WEEKDAYS]
        self.car_available = bool(row.car_available)
        self.weight = float(row.weight)
        self.gumbel = {
            RAIL: float(row.gumbel_public_transport),
            CAR: float(row.gumbel_car),
            BICYCLE: float(row.gumbel_bicycle),
            WALK: float(row.gumbel_walk),
        }
        self.z_home, self.z_telecentre = float(row.z_home), float(row.z_telecentre)
        self.u_teleworkable, self.u_covered = float(row.u_teleworkable), float(row.u_covered)
        self.u_allowance, self.u_pays = float(row.u_allowance), float(row.u_pays)
        self.u_anchor = float(row.u_anchor)
        # What policies decide, see `read_policies`.
        self.teleworkable = self.covered = self.centre_is_paid = False
        self.allowance = 0
        self.journey: Journey
        self.centres: list[tuple[Centre, Way]] = []
        self.known: dict[str, tuple[Outlook, tuple[float, int]]] = {}
        # What a week decides.
        self.absent = False
        self.used_this_week = 0
        self.week_value: dict[tuple[int, int], float] = {}
        self.presence = dict.fromkeys(range(5), 0.0 if self.independent else 1.0)
        self.norm = 0.0
        # What is remembered.
        self.last_kind: int | None = None
        self.isolation = 0.0
        self.employer_paid_eur = 0.0
        self.kept: dict[int, tuple[bool, int]] = {}
        self.week_days = self.week_remote_units = 0
        self.last_week_days = self.last_week_remote_units = 0
        # Today.
        self.at_work = False
        self.kind = NOT_AT_WORK
        self.mode = RAIL
        self.centre: str | None = None
        self.refused: set[str] = set()
        self.ranked: list[Plan] = []

    def draw(self, purpose: Purpose, day: int = 0, sub: int = 0) -> tuple[int, ...]:
        return draws.block(self.model.seed_of_draws, purpose, self.low, self.high, day, sub)

    # ---- what policies decide ------------------------------------------------------------

    def read_policies(self) -> None:
        """Read who may work away, from where, and the ways to the office and to the centres."""
        model, p = self.model, self.model.p
        self.teleworkable = self.u_teleworkable < self.share_teleworkable()
        self.covered = self.u_covered < self.share_covered()
        self.closed = self.closed_weekdays()
        self.allowance = self.agreed_allowance()
        agreement = self.covered and not self.independent
        self.centre_is_paid = agreement and self.u_pays < p.share_agreements_paying
        self.known = {}
        self.find_journeys()
        self.in_reach = model.centres_in_reach(self.commune, self.car_available)
        self.meet_centres()

    def meet_centres(self) -> None:
        """Know the centres in reach of which enough people know: one draw a centre for life."""
        self.centres = []
        if self.considers_centres():
            self.centres = [(centre, way) for centre, way in self.in_reach if self.knows(centre)]

    def considers_centres(self) -> bool:
        p = self.model.p
        share = p.share_considering_employees
        if self.independent:
            share = p.share_considering_independents
        return uniform(self.draw(Purpose.CONSIDERATION)[0]) < share

    def knows(self, centre: Centre) -> bool:
        if self.centre_is_paid and self.model.p.share_price_paid_by_agreement > 0:
            return True  # its employer tells
        known = self.model.known[centre.id].get(self.commune.code, 0.0)
        return uniform(self.draw(Purpose.AWARENESS, 0, centre.known_key)[0]) < known

    def share_teleworkable(self) -> float:
        """Of the worker's occupation; in the core of a city the odds of it are greater."""
        share = self.model.p[f"share_teleworkable_{self.group}"]
        if self.independent or not self.core_job or share == 1:
            return share
        odds = self.model.p.odds_teleworkable_core * share / (1 - share)
        return odds / (1 + odds)

    def share_covered(self) -> float:
        """Of the worker's group and size of employer; the odds grow with the way to work."""
        p = self.model.p
        if self.independent:
            return p.share_covered_independents
        scale = self.model.coverage_scale(self.group)
        share = min(1.0, scale * p[f"coverage_factor_{self.size}"])
        if share == 1:
            return 1.0
        odds = share / (1 - share) * self.odds_of_distance()
        return odds / (1 + odds)

    def odds_of_distance(self) -> float:
        journey = self.model.network.journey(self.home, self.work, self.car_available)
        return self.model.p.odds_covered_per_10_km ** ((journey.road_km - 10) / 10)

    def agreed_allowance(self) -> int:
        """Remote half-days a week; one whose office is closed on some days needs none for them."""
        state = self.model.state
        if not (self.teleworkable and self.covered):
            return 0
        if self.independent:
            return MOST_HALF_DAYS
        if state.allowance_half_days is not None:
            return state.allowance_half_days
        return self.allowance_by_rank()

    def allowance_by_rank(self) -> int:
        p = self.model.p
        shares = {half_days: p[f"share_allowance_{half_days}"] for half_days in (2, 4, 6, 10)}
        total = sum(shares.values())
        cumulated = 0.0
        for half_days, share in shares.items():
            cumulated += share / total
            if self.u_allowance < cumulated:
                return half_days
        return MOST_HALF_DAYS

    def closed_weekdays(self) -> list[int]:
        """Weekdays on which the office is closed: all in a lockdown, some drawn if obliged."""
        state = self.model.state
        if not self.teleworkable:
            return []
        if state.lockdown:
            return list(range(5))
        return self.weekdays_drawn(state.obligation_days)

    def weekdays_drawn(self, number: int) -> list[int]:
        """Weekdays on which an obligation of so many days a week closes the office."""
        if self.independent or self.u_covered >= self.model.p.share_following_obligation:
            return []
        words = [*self.draw(Purpose.STAGGERED_DAYS), self.draw(Purpose.STAGGERED_DAYS, sub=1)[0]]
        return sorted(range(5), key=words.__getitem__)[:number]

    def is_open(self, weekday: int) -> bool:
        return weekday not in self.closed

    def may_be_remote(self, weekday: int) -> bool:
        """Say whether remote plans exist on a weekday, however many half-days are left."""
        if self.closed:
            return True
        anchored = self.is_anchored_by_policy(weekday) or self.is_anchored_by_employer(weekday)
        return self.allowance > 0 and (self.independent or not anchored)

    def is_anchored_by_policy(self, weekday: int) -> bool:
        return weekday in self.model.state.anchor_weekdays

    def is_anchored_by_employer(self, weekday: int) -> bool:
        p = self.model.state.parameters
        if WEEKDAYS[weekday] == "tuesday":
            return self.u_anchor < p.share_agreements_anchor_tuesday
        if WEEKDAYS[weekday] == "thursday":
            return self.u_anchor >= 1.0 - p.share_agreements_anchor_thursday
        return False

    @property
    def half_days_left(self) -> int:
        return max(0, self.allowance - self.used_this_week)

    @property
    def half_days_today(self) -> int:
        """Half-days left, less those that coming days with a closed office need."""
        if not self.is_open(self.model.day.weekday()):
            return MOST_HALF_DAYS
        days = self.own_days(self.model.rest_of_week[1:])
        closed = [day for day in days if not self.is_open(day.weekday())]
        return max(0, self.half_days_left - 2 * len(closed))

    # ---- the journey ---------------------------------------------------------------------

    def find_journeys(self) -> None:
        network = self.model.network
        self.journey = network.journey(self.home, self.work, self.car_available)
        self.of_occupation = {
            mode: network.fitted(mode, "occupation", self.group) for mode in MODE_NAMES
        }
        self.barred = self.is_barred()

    @property
    def may_drive(self) -> bool:
        return self.car_available and not self.barred

    def is_barred(self) -> bool:
        """Say whether a low-emission zone keeps this worker's car away from work."""
        model = self.model
        if model.state is None or model.network.workplaces[self.work].zone != model.network.central:
            return False
        return uniform(self.draw(Purpose.BARRED_CAR)[0]) < model.state.share_cars_barred

    @property
    def toll_eur(self) -> float:
        state = self.model.state
        return state.road_toll_eur if state is not None and self.journey.toll else 0.0

    def wait_min(self, wait_factor: float) -> float:
        """Minutes waited for trains: fewer trains of a line lengthen the wait for it."""
        factors = self.model.network.trains_factor
        waits = self.journey.waits.items()
        return sum(minutes / factors.get(line, 1.0) for line, minutes in waits) * wait_factor

    def delay_min(self, travel_time_ratio: dict[int, float]) -> float:
        drive = self.journey.drive_min.items()
        return sum(minutes * (travel_time_ratio[number] - 1) for number, minutes in drive)

    def public_transport_min(self, ride_min: dict[int, float], wait_factor: float) -> float:
        """Perceived minutes by public transport."""
        p, part = self.model.p, self.journey.transit
        return (
            p.multiplier_walk * part["walk_min"]
            + p.multiplier_bicycle * part["bicycle_min"]
            + p.multiplier_access_bus * part["bus_min"]
            + p.multiplier_access_car * part["car_min"]
            + p.multiplier_wait * (self.wait_min(wait_factor) + part["bus_wait_min"])
            + part["ivt_min"]
            + p.transfer_penalty_min * part["transfers"]
            - part["choice_min"]
            + sum(share * ride_min[number] for number, share in self.journey.rides.items())
        )

    def utilities(
        self, ride_min: dict[int, float], travel_time_ratio: dict[int, float], wait_factor: float
    ) -> dict[int, float]:
        p, journey = self.model.p, self.journey
        car_min = journey.free_flow_min + p.parking_min + self.delay_min(travel_time_ratio)
        perceived_min = {
            RAIL: self.public_transport_min(ride_min, wait_factor),
            CAR: p.multiplier_car * car_min,
            BICYCLE: p.multiplier_bicycle * 60 * journey.direct_km / p.bicycle_speed_kmh,
            WALK: p.multiplier_walk * 60 * journey.direct_km / p.walk_speed_kmh,
        }
        day_eur = {
            RAIL: 2 * p.car_cost_eur_per_km * journey.transit["car_km"],
            CAR: 2 * p.car_cost_eur_per_km * journey.road_km + self.toll_eur,
        }
        return {
            mode: 2 * p.beta_time_per_min * minutes
            + p.beta_cost_per_eur * day_eur.get(mode, 0.0)
            + journey.constants[mode]
            + self.of_occupation[mode]
            for mode, minutes in perceived_min.items()
        }

    def peak_utilities(self, outlook: Outlook) -> dict[int, float]:
        return self.utilities(outlook.rail_min, outlook.travel_time_ratio, outlook.wait_factor)

    def off_peak_utilities(self, outlook: Outlook) -> dict[int, float]:
        network = self.model.network
        empty = dict.fromkeys(network.segments, 0.0)
        return self.utilities(empty, network.off_peak_ratios, outlook.wait_factor)

    def best_mode(self, utilities: dict[int, float]) -> tuple[float, int]:
        """Return the best mode's utility, tastes included, and which it is."""
        mu_mode = self.model.p.mu_mode
        tasted = {
            mode: utility + mu_mode * self.gumbel[mode]
            for mode, utility in utilities.items()
            if mode != CAR or self.may_drive
        }
        # The first of equals.
        best = max(tasted, key=tasted.__getitem__)
        return tasted[best], best

    def peak_journey(self, outlook: Outlook) -> tuple[float, int]:
        return self.once(self.peak_utilities, outlook)

    def off_peak_journey(self, outlook: Outlook) -> tuple[float, int]:
        return self.once(self.off_peak_utilities, outlook)

    def once(
        self, utilities: Callable[[Outlook], dict[int, float]], outlook: Outlook
    ) -> tuple[float, int]:
        """Return the best mode, worked out once an outlook and policy."""
        known = self.known.get(utilities.__name__)
        if known is None or known[0] is not outlook:
            known = outlook, self.best_mode(utilities(outlook))
            self.known[utilities.__name__] = known
        return known[1]

    def office_min(self, queue_min: dict[int, float], ratios: dict[int, float]) -> float:
        """Physical minutes to the office and back at today's peak, by the best mode for it."""
        outlook, p, journey = self.model.outlook_today, self.model.p, self.journey
        _, mode = self.peak_journey(outlook)
        if mode == RAIL:
            parts = {name: journey.transit[name] for name in PHYSICAL_PARTS}
            parts["wait_min"] = self.wait_min(outlook.wait_factor)
            queue = sum(share * queue_min[n] for n, share in journey.rides.items())
            return 2 * (sum(parts.values()) + queue)
        if mode == CAR:
            return 2 * (journey.free_flow_min + p.parking_min + self.delay_min(ratios))
        speed = p.bicycle_speed_kmh if mode == BICYCLE else p.walk_speed_kmh
        return 2 * 60 * journey.direct_km / speed

    # ---- utilities of day plans (without error, habit and the rest of the week) ----------

    def price_borne_eur(self, centre: Centre, kind: int) -> float:
        if self.model.is_subscriber(self, centre.id):
            return 0.0
        price, paid = self.price_and_employers_part_eur(centre, kind)
        return price - paid

    def price_and_employers_part_eur(self, centre: Centre, kind: int) -> tuple[float, float]:
        """Return the cheapest price of a day or half a day, and what the employer pays of it."""
        p = self.model.p
        half = min(centre.price_half_day_eur, p.hours_per_half_day * centre.price_hour_eur)
        day = min(centre.price_day_eur, 2 * half)
        price, ceiling = day, p.employer_ceiling_eur_per_day
        if kind == HALF:
            price, ceiling = half, ceiling / 2
        return price, self.employers_part_eur(price, ceiling)

    def employers_part_eur(self, price: float, ceiling: float) -> float:
        p = self.model.p
        if not self.centre_is_paid or self.allowance <= 0:
            return 0.0
        left = p.employer_budget_eur_per_month - self.employer_paid_eur
        return max(0.0, min(p.share_price_paid_by_agreement * price, ceiling, left))

    def price_utility(self, eur: float) -> float:
        """Utility of a price paid at a centre."""
        return self.model.p.theta * self.model.p.beta_cost_per_eur * eur

    def way_utility(self, way: Way) -> float:
        """Utility of the access leg to a centre and back."""
        return float(self.model.p.theta * 2 * worth_of_way(way, self.model.p))

    def presence_utility(self, weekday: int) -> float:
        return self.model.p.g_peer * self.presence[weekday]

    def office_utility(self, weekday: int, outlook: Outlook) -> float:
        journey, _ = self.peak_journey(outlook)
        return self.model.p.theta * journey + self.presence_utility(weekday)

    @property
    def taste_for_home(self) -> float:
        k = self.model.p.corr_taste_allowance
        rank = statistics.NormalDist().inv_cdf(self.u_allowance)
        return k * rank + math.sqrt(1.0 - k**2) * self.z_home

    def home_utility(self, weekday: int) -> float:
        p = self.model.p
        return (
            p[f"asc_home_{self.group}"]
            + p.sd_taste_home * self.taste_for_home
            + p.b_fibre * self.model.fibre(self.commune)
            - p.g_isolation * self.isolation
            + p.g_norm * self.norm
            + p[f"b_weekday_{WEEKDAYS[weekday]}"]
        )

    def day_at_centre_utility(self, centre: Centre) -> float:
        """Return what a whole day at a centre is worth once there, its way and price apart."""
        p = self.model.p
        return (
            p[f"asc_home_{self.group}"]
            + p[f"asc_tc_{centre.kind}"]
            + p.utility_per_service * (centre.services - p.reference_services)
            + p.sd_taste_telecentre * self.z_telecentre
            + p.g_norm * self.norm
            + p.g_colocation * math.log1p(self.model.colocation_at(centre))
        )

    def centre_utility(self, weekday: int, centre: Centre, way: Way) -> float:
        return (
            self.day_at_centre_utility(centre)
            + self.way_utility(way)
            + self.price_utility(self.price_borne_eur(centre, TELECENTRE))
            + self.model.p[f"b_weekday_{WEEKDAYS[weekday]}"]
        )

    def half_utility(self, weekday: int, centre: Centre, way: Way, outlook: Outlook) -> float:
        p = self.model.p
        journey, _ = self.off_peak_journey(outlook)
        return (
            p.asc_half
            + p.theta * journey
            + 0.5 * self.presence_utility(weekday)
            + 0.5 * self.day_at_centre_utility(centre)
            + self.way_utility(way)
            + self.price_utility(self.price_borne_eur(centre, HALF))
            + 0.5 * p[f"b_weekday_{WEEKDAYS[weekday]}"]
        )

    def full_day_plans(self, weekday: int) -> list[Plan]:
        return [
            Plan(HOME, None, self.home_utility(weekday)),
            *(
                Plan(TELECENTRE, centre, self.centre_utility(weekday, centre, way))
                for centre, way in self.centres
            ),
        ]

    def half_day_plans(self, weekday: int, outlook: Outlook) -> list[Plan]:
        return [
            Plan(HALF, centre, self.half_utility(weekday, centre, way, outlook))
            for centre, way in self.centres
        ]

    # ---- the value of the rest of the week -----------------------------------------------

    def own_days(self, days: list[dt.date]) -> list[dt.date]:
        return [] if self.absent else [day for day in days if self.works[day.weekday()]]

    def days_to_choose(self, days: list[dt.date]) -> list[dt.date]:
        return [day for day in self.own_days(days) if self.is_open(day.weekday())]

    def value_week(self) -> None:
        """Fill W(q, d) for the d last of this week's coming working days, today included."""
        self.week_value = {}
        if self.allowance == 0:
            return
        coming = self.days_to_choose(self.model.rest_of_week)
        for q in range(self.allowance + 1):
            self.week_value[q, 0] = 0.0
        for d in range(1, len(coming) + 1):
            weekday = coming[len(coming) - d].weekday()
            full_gain, half_gain = self.remote_gains(weekday)
            for q in range(self.allowance + 1):
                terms = [self.week_value[q, d - 1]]
                if q >= 1:
                    terms.append(half_gain + self.week_value[q - 1, d - 1])
                if q >= 2:
                    terms.append(full_gain + self.week_value[q - 2, d - 1])
                self.week_value[q, d] = log_sum_exp(terms)

    def remote_gains(self, weekday: int) -> tuple[float, float]:
        """Return the inclusive values of the remote nests over the office, on a coming day."""
        if not self.may_be_remote(weekday):
            return -math.inf, -math.inf
        mu = self.model.p.mu_remote
        outlook = self.model.expected
        office = self.office_utility(weekday, outlook)
        full = self.values_of_places(self.full_day_plans(weekday))
        half = self.values_of_places(self.half_day_plans(weekday, outlook))
        return mu * log_sum_exp(full) - office, mu * log_sum_exp(half) - office

    def values_of_places(self, plans: list[Plan]) -> list[float]:
        """Return the inclusive value of each place, home one of them, over the nest's scale."""
        mu, mu_place = self.model.p.mu_remote, self.model.p.mu_place
        places: dict[str | None, list[float]] = {}
        for plan in plans:
            place = plan.centre.place if plan.centre else None
            places.setdefault(place, []).append(plan.utility)
        at_home = [utility / mu for utility in places.pop(None, [])]
        return at_home + [
            mu_place * log_sum_exp([utility / (mu * mu_place) for utility in utilities])
            for utilities in places.values()
        ]

    def rest_of_week_value(self, half_days_left: int) -> float:
        """W of the days after today on which there is an office to compare with."""
        if self.allowance == 0 or not self.is_open(self.model.day.weekday()):
            return 0.0
        days_after_today = self.days_to_choose(self.model.rest_of_week[1:])
        return self.week_value[half_days_left, len(days_after_today)]

    # ---- today ---------------------------------------------------------------------------

    def decide(self) -> None:
        """Rank the plans there are today, the best first."""
        self.at_work = bool(self.own_days([self.model.day]))
        self.kind, self.centre, self.refused, self.ranked = NOT_AT_WORK, None, set(), []
        if not self.at_work:
            return
        self.ranked = self.plans_today()
        if len(self.ranked) == 1:
            return
        error = self.errors_today()
        for plan in self.ranked:
            plan.score = (
                plan.utility
                + self.habit_utility(plan.kind)
                + error(plan)
                + self.rest_of_week_value(self.half_days_today - plan.half_days)
            )
        # The sort keeps the order of plans that tie.
        self.ranked.sort(key=lambda plan: plan.score, reverse=True)

    def plans_today(self) -> list[Plan]:
        weekday = self.model.day.weekday()
        outlook = self.model.outlook_today
        plans = []
        if self.is_open(weekday):
            plans.append(Plan(OFFICE, None, self.office_utility(weekday, outlook)))
        if self.may_be_remote(weekday):
            plans += self.full_day_plans(weekday)
            if self.is_open(weekday):
                plans += self.half_day_plans(weekday, outlook)
        return [plan for plan in plans if plan.half_days <= self.half_days_today]

    def habit_utility(self, kind: int) -> float:
        return self.model.p.g_habit if kind == self.last_kind else 0.0

    def errors_today(self):
        """Return a function from a plan to its error of today."""
        today, mu = self.model.day.toordinal(), self.model.p.mu_remote
        mu_place = self.model.p.mu_place
        office_word, home_word, *words_full = self.draw(Purpose.ERROR_DAY, today)
        words_half = self.draw(Purpose.ERROR_HALF, today)
        log_s_full = log_positive_stable(words_full[0], words_full[1], mu)
        log_s_half = log_positive_stable(words_half[0], words_half[1], mu)

        def error(plan: Plan) -> float:
            if plan.kind == OFFICE:
                return gumbel(office_word)
            if plan.kind == HOME:
                return mu * (log_s_full + gumbel(home_word))
            # Of several centres at a place, one is liked day after day.
            own_day = today if plan.centre.alone else 0
            words = self.draw(Purpose.ERROR_CENTRE, own_day, plan.centre.key)
            of_place = self.draw(Purpose.ERROR_PLACE, today, plan.centre.place_key)
            if plan.kind == TELECENTRE:
                log_s_place = log_positive_stable(of_place[0], of_place[1], mu_place)
                return mu * (log_s_full + mu_place * (log_s_place + gumbel(words[0])))
            log_s_place = log_positive_stable(of_place[2], of_place[3], mu_place)
            return mu * (log_s_half + mu_place * (log_s_place + gumbel(words[1])))

        return error

    @property
    def half_of_day(self) -> int:
        """The half of today's weekday that this worker would spend at a centre."""
        bits = self.draw(Purpose.HALF_OF_DAY)[0]
        return AFTERNOON if bits >> self.model.day.weekday() & 1 else MORNING

    def halves_needed(self, kind: int) -> list[int]:
        return [self.half_of_day] if kind == HALF else [MORNING, AFTERNOON]

    def carry_out(self, plan: Plan) -> None:
        self.kind = plan.kind
        self.centre = plan.centre.id if plan.centre else None
        self.used_this_week += plan.half_days

    def travel(self) -> None:
        """Note the mode of the journey to the office, or of the one that would have been made."""
        outlook = self.model.outlook_today
        journey = self.off_peak_journey if self.kind == HALF else self.peak_journey
        _, self.mode = journey(outlook)

    def remember(self) -> None:
        """Keep what tomorrow, next week and others may ask."""
        at_home = 1.0 if self.kind == HOME else 0.0
        self.isolation = self.model.p.isolation_retention * self.isolation + at_home
        units = OFFICE_UNITS[self.kind] if self.at_work else 0
        self.kept[self.model.day.weekday()] = (self.at_work, units)
        if self.at_work:
            self.last_kind = self.kind
            self.week_days += 1
            self.week_remote_units += 2 - units

    # ---- at the start of a week ----------------------------------------------------------

    def start_week(self, monday: dt.date) -> None:
        share_absent = self.model.p[f"absence_{MONTHS[monday.month - 1]}"]
        self.absent = uniform(self.draw(Purpose.ABSENCE, monday.toordinal())[0]) < share_absent
        self.used_this_week = 0
        self.last_week_days, self.week_days = self.week_days, 0
        self.last_week_remote_units, self.week_remote_units = self.week_remote_units, 0

    def look_at_colleagues(self) -> None:
        """Take the presence and the norm that hold this week, once all have started theirs."""
        if self.independent:
            return
        others = [worker for worker in self.model.teams[self.employer, self.team]]
        others.remove(self)
        everyone = self.model.employers[self.employer]
        for weekday in range(5):
            self.presence[weekday] = self.first_known(
                presence_of(others, weekday), presence_of(everyone, weekday), 1.0
            )
        self.norm = self.first_known(norm_of(others), norm_of(everyone), 0.0)

    @staticmethod
    def first_known(*values: float | None) -> float:
        return next(value for value in values if value is not None)


class PlainHomeBased(PlainWorker):
    """Somebody who works at home on their own account: home, or a whole day at a centre."""

    valued_for: tuple[int, int] | None = None
    worth_of_a_day = 0.0

    def read_policies(self) -> None:
        model, p = self.model, self.model.p
        at_a_desk = self.u_teleworkable < p.share_teleworkable_independents
        self.closed = list(range(5))
        self.allowance = MOST_HALF_DAYS if at_a_desk else 0
        self.isolation = self.as_ever()
        self.in_reach = model.centres_in_reach(self.commune, self.car_available)
        self.meet_centres()

    def as_ever(self) -> float:
        """The isolation of days at home without end: each leaves a share of what it finds."""
        return 1.0 / (1.0 - self.model.p.isolation_retention)

    def remember(self) -> None:
        super().remember()
        self.isolation = self.as_ever()

    def day_at_centre_utility(self, centre: Centre) -> float:
        return super().day_at_centre_utility(centre) + float(self.model.p.asc_own_account)

    def days_to_choose(self, days: list[dt.date]) -> list[dt.date]:
        return [day for day in self.own_days(days) if self.is_open(day.weekday())]

    def value_week(self) -> None:
        """Say, once a week, what a day is worth; nothing is saved for later days."""
        week = self.model.day.isocalendar()[:2]
        if self.valued_for != week:
            self.valued_for = week
            weekday = self.model.day.weekday()
            value = self.model.p.mu_remote * log_sum_exp(
                self.values_of_places(self.full_day_plans(weekday))
            )
            self.worth_of_a_day = value - self.home_utility(weekday)

    def rest_of_week_value(self, half_days_left: int) -> float:
        return 0.0

    def plans_today(self) -> list[Plan]:
        weekday = self.model.day.weekday()
        return self.full_day_plans(weekday) if self.allowance else [Plan(HOME, None, 0.0)]

    def carry_out(self, plan: Plan) -> None:
        self.kind = plan.kind
        self.centre = plan.centre.id if plan.centre else None

    def travel(self) -> None:
        """Go nowhere but, perhaps, to a centre."""


def presence_of(workers: list[PlainWorker], weekday: int) -> float | None:
    """Share at the office on the last such weekday, of those then at work."""
    at_work = [
        worker.kept[weekday][1]
        for worker in workers
        if weekday in worker.kept and worker.kept[weekday][0]
    ]
    return sum(at_work) / (2 * len(at_work)) if at_work else None


def norm_of(workers: list[PlainWorker]) -> float | None:
    """Share of last week's worker-days that were remote."""
    days = sum(worker.last_week_days for worker in workers)
    units = sum(worker.last_week_remote_units for worker in workers)
    return units / (2 * days) if days else None
