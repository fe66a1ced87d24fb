"""The plain, slow, object-per-worker Mesa model of the rules in ``docs/conventions.md``.

The engine keeps workers in columns and its loops are compiled; this model has one object a worker
and is written to be read. It uses nothing of the engine but draws, parameters and tables, and the
two must agree worker for worker and day for day.
"""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import holidays
import mesa
import pandas as pd

from sim77.core import draws
from sim77.core.draws import Purpose
from sim77.registry.parameters import resolve

from .plain_network import (
    Equilibrium,
    PlainNetwork,
    Way,
    places,
    resident_km,
    settle,
    ways_to_centre,
    worth_of_way,
)
from .plain_worker import (
    HALF,
    MONTHS,
    OFFICE,
    SIZES,
    WEEKDAYS,
    Centre,
    Outlook,
    PlainHomeBased,
    PlainWorker,
    Plan,
    log_sum_exp,
    poisson_quantile,
    uniform,
)

BURN_IN_DAYS = 20
ONE_DAY = dt.timedelta(days=1)

SERVICES = (
    "service_reception",
    "service_meeting_rooms",
    "service_videoconference",
    "service_cafeteria",
    "space_collaborative",
    "space_confidential",
    "space_lounge",
)


@cache
def public_holidays(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("FR", years=year))


def is_simulated(day: dt.date) -> bool:
    """Monday to Friday, and no public holiday in France."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def simulated_days(start: dt.date, end: dt.date) -> list[dt.date]:
    days = (dt.date.fromordinal(n) for n in range(start.toordinal(), end.toordinal() + 1))
    return [day for day in days if is_simulated(day)]


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


@dataclass
class Day:
    """What a day left behind; lists are in the order of the workers' table.

    Minutes, ratios, half-days left and isolation are those after the day. Riders carried and
    minutes waited for room are by segment; minutes of an office day and back, by worker. Desks are
    those the simulated workers booked by half of the day, and those that mobile staff took;
    exogenous users take theirs for the whole day.
    """

    date: dt.date
    kind: list[int]
    mode: list[int]
    centre: list[str | None]
    refused: list[set[str]]
    half_days_left: list[int]
    isolation: list[float]
    rail_min: dict[int, float]
    travel_time_ratio: dict[int, float]
    rail_load: dict[int, float]
    carried: list[float]
    queue_min: list[float]
    office_min: list[float]
    desks: dict[str, int]
    exogenous: dict[str, int]
    mobile: dict[str, list[int]]
    booked: dict[str, tuple[int, int]]
    refusals: Counter[str]
    turned_away: Counter[str]
    subscriptions_eur: float
    refusal_loss_eur: dict[str, float]
    subscribers: set[tuple[int, int, str]]
    home_based: list[tuple[int, str | None, float, float]]


class PlainModel(mesa.Model):
    """Workers, centres, trains and roads, a day a step; the burn-in is over once it is made.

    Parameters
    ----------
    workers : pandas.DataFrame
        The columns of ``docs/conventions.md``, 'Worker columns', as indices.
    territory : sim77.territory.territory.Territory
    policies : callable
        From a date to the policies in force that day.
    overrides : mapping
        The scenario's parameters from its first day: they hold in the base year too.
    start, end : datetime.date
        First and last day of the run.
    seed : int
    scale : float
        Share of workers in the sample.
    home_based : pandas.DataFrame, optional
        Those who work at home on their own account, in the same columns.
    """

    worker_class = PlainWorker
    network_class = PlainNetwork

    def __init__(
        self,
        workers: pd.DataFrame,
        territory: Any,
        policies: Callable[[dt.date], Any],
        *,
        overrides: Mapping[str, float],
        start: dt.date,
        end: dt.date,
        seed: int,
        scale: float,
        home_based: pd.DataFrame | None = None,
    ) -> None:
        super().__init__()
        self.seed_of_draws, self.scale = seed, scale
        self.territory = territory
        self.policies = policies
        self.coming_days = simulated_days(start, end)
        communes = list(territory.communes.itertuples(index=False))
        self.workers = [
            self.worker_class(self, row, communes[int(row.commune)])
            for row in workers.itertuples(index=False)
        ]
        self.teams, self.employers = defaultdict(list), defaultdict(list)
        self.everybody = [
            *self.workers,
            *(
                PlainHomeBased(self, row, communes[int(row.commune)])
                for row in ([] if home_based is None else home_based.itertuples(index=False))
            ),
        ]
        for worker in self.workers:
            self.teams[worker.employer, worker.team].append(worker)
            self.employers[worker.employer].append(worker)
        self.opened: dict[str, tuple[dt.date, str]] = {}
        self.known: dict[str, dict[str, float]] = {}  # by centre, then by commune
        self.near: dict[str, list[str]] = {}
        self.colleagues: dict[str, dict[str, float]] = {}
        self.first_seen: dict[str, dt.date | None] = {}
        self.burn_in_days = int(overrides.get("burn_in_days", BURN_IN_DAYS))
        self.first_day_lived = self.days_before(self.coming_days[0])[-1]
        self.colocation: dict[str, float] = {}
        self.occupied_this_week: dict[str, float] = defaultdict(float)
        self.days_this_week = 0
        self.asked_eur: defaultdict[tuple[int, str], float] = defaultdict(float)
        self.subscriptions: set[tuple[int, str]] = set()
        self.own_share: dict[tuple[int, str], float] = {}  # of the price of a subscription
        self.day: dt.date | None = None
        self.today: Day | None = None
        self.start(
            self.coming_days[0], resolve(self.territory.base_day, overrides, check_ranges=False)
        )
        self.burn_in(self.coming_days[0])

    # ---- start ---------------------------------------------------------------------------

    def start(self, first: dt.date, base_parameters: Any) -> None:
        """Find the background in the base year, then the times that the run starts with."""
        self.p = base_parameters
        sites, n_known = self.territory.sites, len(self.territory.telecentres)
        self.places = places(sites, n_known, self.p.same_place_km)
        by_rank = sorted((row.Index >= n_known, row.telecentre_id) for row in sites.itertuples())
        self.first_of_place: dict[str, str] = {}
        for _, name in by_rank:
            self.first_of_place.setdefault(self.places[name], name)
        self.state = None
        self.network = self.network_class(self.territory, self.territory.base_day, self.p)
        self.find_journeys()
        self.presence_in_base_year = self.mean_presence_in_base_year()
        base = settle(self.network, self.assign_all_to_office)
        self.take_effect(self.policies(first), first)
        first_day = settle(self.network, self.assign_all_to_office, held=base)
        self.equilibrium: Equilibrium = first_day
        self.expected = Outlook(first_day.rail_min, first_day.travel_time_ratio, wait_factor=1.0)
        self.last_load = first_day.rail_load

    def find_journeys(self) -> None:
        for worker in self.workers:
            worker.find_journeys()

    def mean_presence_in_base_year(self) -> float:
        """Return the share of days of the base year on which a daily worker is present."""
        year = self.territory.base_day.year
        days = simulated_days(dt.date(year, 1, 1), dt.date(year, 12, 31))
        months = [MONTHS[monday_of(day).month - 1] for day in days]
        return sum(1 - self.p[f"absence_{month}"] for month in months) / len(days)

    def assign_all_to_office(
        self, rail_min: dict[int, float], travel_time_ratio: dict[int, float]
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Load the network as if everyone at work were at the office."""
        outlook = Outlook(rail_min, travel_time_ratio, wait_factor=1.0)
        return self.network.simulated(
            (worker, worker.peak_journey(outlook)[1], worker.weight * self.attendance(worker))
            for worker in self.workers
        )

    def attendance(self, worker: PlainWorker) -> float:
        return sum(worker.works) / 5 * self.presence_in_base_year

    def burn_in(self, first: dt.date) -> None:
        for day in reversed(self.days_before(first)):
            self.live(day, self.policies(first), first)

    def days_before(self, first: dt.date) -> list[dt.date]:
        days: list[dt.date] = []
        day = first
        while len(days) < self.burn_in_days:
            day -= ONE_DAY
            if is_simulated(day):
                days.append(day)
        return days

    def know_at_start(self, rows: dict[str, Any]) -> None:
        """Find who knows what is open when the run begins, by month since the openings."""
        begin, first = self.first_day_lived, self.coming_days[0]
        opened = {
            name: dt.date.fromisoformat(row.opening_date)
            for name, row in rows.items()
            if row.opening_date and dt.date.fromisoformat(row.opening_date) <= first
        }
        n_known = len(self.territory.telecentres)
        joined = {self.places[name] for name in opened if rows[name].Index < n_known}
        for name, row in rows.items():
            supposed = row.Index >= n_known or bool(row.opening_date)
            joins = supposed and self.places[name] in joined
            established = name not in opened and not joins
            everywhere = dict.fromkeys(self.territory.communes["code"], 1.0)
            self.known[name] = everywhere if established else {}
        since = {name: min(day, begin).replace(day=1) for name, day in opened.items()}
        month = min(since.values(), default=begin.replace(day=1))
        while month <= begin.replace(day=1):
            for name, told in since.items():
                if told == month:
                    self.announce(rows[name], opened[name])
            self.share_places()
            if month < begin.replace(day=1):
                self.a_month_later([rows[each] for each in since if since[each] <= month], month)
            month = (month + 31 * ONE_DAY).replace(day=1)

    def announce(self, site: Any, day: dt.date) -> None:
        """Tell of a centre that opens."""
        known = self.known.setdefault(site.telecentre_id, {})
        for code, share in self.announced(site, day).items():
            known[code] = max(share, known.get(code, 0.0))

    def share_places(self) -> None:
        """Let each centre be as known in a commune as the best known one of its place."""
        best: dict[str, dict[str, float]] = defaultdict(dict)
        for name, known in self.known.items():
            of_place = best[self.places[name]]
            for code, share in known.items():
                of_place[code] = max(share, of_place.get(code, 0.0))
        for name in self.known:
            self.known[name] = dict(best[self.places[name]])

    def a_month_later(self, sites: list[Any], month: dt.date) -> None:
        later = {each.telecentre_id: self.known_later(each, month) for each in sites}
        self.known |= later
        self.share_places()

    def announced(self, site: Any, day: dt.date) -> dict[str, float]:
        told = self.told_on(day)
        return {code: self.learnt_alone(site, code, told) for code in self.communes_near(site)}

    def told_on(self, day: dt.date) -> float:
        return float(self.policies(day).parameters.awareness_innovation_per_month)

    def learnt_alone(self, site: Any, commune_code: str, told: float) -> float:
        share = min(told, 1)
        return share if commune_code == site.commune_code else share * self.p.awareness_elsewhere

    def known_later(self, site: Any, month: dt.date) -> dict[str, float]:
        """Return who knows a site after a month: alone, from neighbours, from colleagues."""
        p, before = self.p, self.known[site.telecentre_id]
        known = {code: before.get(code, 0.0) for code in self.communes_near(site)}
        first, last = month.replace(day=1), (month.replace(day=1) + 31 * ONE_DAY).replace(day=1)
        days = simulated_days(first, last - ONE_DAY)
        told = sum(self.told_on(day) for day in days) / len(days)
        later = dict(before)
        for code, share in known.items():
            colleagues = self.colleagues_of(code)
            of_colleagues = sum(colleagues.get(home, 0.0) * known[home] for home in known)
            heard = (1 - p.awareness_colleagues) * share + p.awareness_colleagues * of_colleagues
            learns = self.learnt_alone(site, code, told) + p.awareness_imitation_per_month * heard
            later[code] = share + (1 - share) * min(learns, 1)
        return later

    def communes_near(self, site: Any) -> list[str]:
        """Return the communes from which a site is in reach of people with a car."""
        name = site.telecentre_id
        if name not in self.near:
            self.near[name] = [
                commune.code
                for commune in self.territory.communes.itertuples()
                if self.minutes_by_car(commune, site) <= self.p.max_access_min
            ]
        return self.near[name]

    def minutes_by_car(self, commune: Any, site: Any) -> float:
        """Return the minutes of the fastest way to a site of who has a car."""
        ways = ways_to_centre(resident_km(commune, site), True, self.p)
        return min(way.minutes for way in ways)

    def colleagues_of(self, commune_code: str) -> dict[str, float]:
        """Return where those live who work where a commune's residents work, as shares."""
        if commune_code not in self.colleagues:
            found: dict[str, float] = defaultdict(float)
            works = self.workers_by_home.get(commune_code, Counter())
            residents = works.total()
            for work, workers in works.items():
                there = self.workers_by_work[work]
                part = workers / residents / there.total()
                for home, others in there.items():
                    found[home] += part * others
            self.colleagues[commune_code] = found
        return self.colleagues[commune_code]

    @cached_property
    def workers_by_home(self) -> dict[str, Counter[str]]:
        return self.travellers("commune_code", "workplace_code")

    @cached_property
    def workers_by_work(self) -> dict[str, Counter[str]]:
        return self.travellers("workplace_code", "commune_code")

    def travellers(self, by: str, of: str) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self.territory.flows.itertuples():
            if not row.at_home:
                found[getattr(row, by)][getattr(row, of)] += row.workers
        return found

    def share_around(self, centre: Centre) -> float:
        """Return the share of the residents in reach who know a centre."""
        known, residents = self.known[centre.id], self.residents_at_work
        near = self.communes_near(self.rows[centre.id])
        total = sum(residents[code] for code in near)
        return sum(residents[code] * known.get(code, 0.0) for code in near) / max(total, 1)

    @cached_property
    def residents_at_work(self) -> dict[str, float]:
        communes = self.territory.communes
        return dict(zip(communes["code"], communes["residents_at_work"], strict=True))

    def step(self) -> None:
        """Live the next day of the run."""
        day = self.coming_days.pop(0)
        self.live(day, self.policies(day), day)

    # ---- a day ---------------------------------------------------------------------------

    def live(self, day: dt.date, state: Any, policy_day: dt.date) -> None:
        """Policies, week, choice, booking, network, learning: a day in this order."""
        yesterday, self.day = self.day, day
        self.rest_of_week = simulated_days(day, monday_of(day) + 4 * ONE_DAY)
        changed = self.take_effect(state, policy_day)
        new_week = yesterday is None or monday_of(yesterday) != monday_of(day)
        if new_week:
            self.start_week(monday_of(day))
        if yesterday is not None and yesterday.month != day.month:
            self.start_month()
        if new_week or changed:
            self.valued_on = day
            self.mobile_expected = self.expect_mobile_staff()
            for worker in self.everybody:
                worker.value_week()
        self.outlook_today = self.outlook_of_today()
        for worker in self.everybody:
            worker.decide()
        self.open_centres()
        self.book()
        for worker in self.everybody:
            worker.travel()
        self.load_network()
        for worker in self.everybody:
            worker.remember()
        self.today = self.record()

    def take_effect(self, state: Any, policy_day: dt.date) -> bool:
        """Rebuild what policies decide if they, or the facts of the railway, have changed."""
        facts = [
            change.date
            for change in self.territory.rail_changes.itertuples()
            if dt.date.fromisoformat(change.date) <= policy_day
        ]
        if self.state is not None and self.state == state and self.facts == facts:
            return False
        self.state, self.facts, self.p = state, facts, state.parameters
        self.network = self.network_class(
            self.territory, policy_day, self.p, state.trains_factor, state.capacity_factor
        )
        self.centres = self.read_centres(policy_day)
        self.find_journeys()
        self.choice_sets: dict[tuple[str, bool], list[tuple[Centre, Way]]] = {}
        self.scales: dict[str, float] = {}
        for worker in self.everybody:
            worker.read_policies()
        return True

    def start_week(self, monday: dt.date) -> None:
        for worker in self.everybody:
            worker.start_week(monday)
        for worker in self.everybody:
            worker.look_at_colleagues()
        self.colocation = {
            centre: desks / self.days_this_week / self.scale
            for centre, desks in self.occupied_this_week.items()
        }
        self.occupied_this_week = defaultdict(float)
        self.days_this_week = 0

    def colocation_at(self, centre: Centre) -> float:
        """Return the desks occupied at all centres of a centre's place."""
        return sum(
            self.colocation.get(other.id, 0.0)
            for other in self.centres
            if other.place == centre.place
        )

    def start_month(self) -> None:
        open_now = {centre.id: centre for centre in self.centres}
        self.subscriptions = {
            (who, name)
            for (who, name), asked_eur in self.asked_eur.items()
            if name in open_now
            and asked_eur > 0
            and round(100 * asked_eur) >= round(100 * open_now[name].price_month_eur)
        }
        self.asked_eur.clear()
        begins, not_new = self.day.replace(day=1), []
        for name in open_now:
            opened = dt.date.fromisoformat(self.rows[name].opening_date or "0001-01-01")
            if (self.first_seen[name] or opened) < begins:
                not_new.append(self.rows[name])
        self.a_month_later(not_new, begins - ONE_DAY)
        self.own_share = {}
        for worker in self.everybody:
            worker.employer_paid_eur = 0.0
            worker.meet_centres()
            for centre, _ in worker.in_reach:
                if self.is_subscriber(worker, centre.id):
                    paid = worker.employers_part_eur(centre.price_month_eur, math.inf)
                    worker.employer_paid_eur += paid
                    own = 1 - paid / centre.price_month_eur if paid else 1.0
                    self.own_share[worker.unique_id, centre.id] = own

    def subscriptions_eur(self) -> float:
        """Return what holders pay of their subscriptions today: a month's price in equal parts."""
        first = self.day.replace(day=1)
        last = (first + 31 * ONE_DAY).replace(day=1) - ONE_DAY
        price = {centre.id: centre.price_month_eur for centre in self.centres}
        weight = {worker.unique_id: worker.weight for worker in self.everybody}
        month = sum(
            weight[who] * own * price.get(name, 0.0) for (who, name), own in self.own_share.items()
        )
        return month / len(simulated_days(first, last))

    def is_subscriber(self, worker: PlainWorker, centre: str) -> bool:
        return (worker.unique_id, centre) in self.subscriptions

    def outlook_of_today(self) -> Outlook:
        """Expectations, and what a strike announced for today adds to them."""
        share = self.state.share_trains
        if share == 1:
            return self.expected
        on_strike = self.network.perceived_min(self.last_load, share)
        normally = self.network.perceived_min(self.last_load, 1.0)
        rail_min = {
            name: minutes + on_strike[name] - normally[name]
            for name, minutes in self.expected.rail_min.items()
        }
        return Outlook(rail_min, self.expected.travel_time_ratio, wait_factor=1 / share)

    # ---- what policies decide ------------------------------------------------------------

    def read_centres(self, policy_day: dt.date) -> list[Centre]:
        """Return the open centres in the order of opening, then of id."""
        rows = self.rows = {row.telecentre_id: row for row in self.territory.sites.itertuples()}
        for site in self.state.sites:
            self.opened.setdefault(site.telecentre_id, (policy_day, site.telecentre_id))
        names = [each.telecentre_id for each in self.state.sites]
        new = [name for name in names if name not in self.known]
        self.first_seen |= dict.fromkeys(new, self.day)
        if self.day is None:
            self.know_at_start({name: rows[name] for name in new})
        for name in new if self.day else ():
            self.announce(rows[name], policy_day)
        self.share_places()
        sites = sorted(self.state.sites, key=lambda site: self.opened[site.telecentre_id])
        return [self.centre_of(site, rows[site.telecentre_id], names) for site in sites]

    def centre_of(self, site: Any, row: Any, names: list[str]) -> Centre:
        return Centre(
            id=site.telecentre_id,
            kind=row.kind,
            area=row.area,
            lat=row.lat,
            lon=row.lon,
            place=self.places[site.telecentre_id],
            first_of_place=self.first_of_place[self.places[site.telecentre_id]],
            alone=sum(self.places[each] == self.places[site.telecentre_id] for each in names) == 1,
            desks=site.desks,
            price_day_eur=site.price_day_eur,
            price_half_day_eur=site.price_half_day_eur,
            price_hour_eur=site.price_hour_eur,
            price_month_eur=site.price_month_eur,
            services=sum(getattr(row, name) for name in SERVICES),
        )

    def centres_in_reach(self, commune: Any, car_available: bool) -> list[tuple[Centre, Way]]:
        """Return the open centres near enough, at most a dozen, in the sites' order.

        The sites' order is that of opening, so that one which opens pushes none out.
        """
        key = commune.code, car_available
        if key not in self.choice_sets:
            near = []
            for centre in self.centres:
                ways = ways_to_centre(resident_km(commune, centre), car_available, self.p)
                if min(way.minutes for way in ways) <= self.p.max_access_min:
                    near.append((centre, self.best_way(ways)))
            self.choice_sets[key] = near[: int(self.p.max_centres)]
        return self.choice_sets[key]

    def best_way(self, ways: list[Way]) -> Way:
        """Return the way to a centre that is worth most."""
        return max(ways, key=lambda way: worth_of_way(way, self.p))

    def coverage_scale(self, group: str) -> float:
        """Return the constant by which size factors give a group its covered share on average."""
        if group not in self.scales:
            self.scales[group] = self.solve_coverage_scale(self.p[f"share_covered_{group}"])
        return self.scales[group]

    def solve_coverage_scale(self, share: float) -> float:
        weights = {size: self.p[f"share_workers_{size}"] for size in SIZES}
        factors = {size: self.p[f"coverage_factor_{size}"] for size in SIZES}
        low, high = 0.0, 1 / min(factors.values())
        if share >= 1:
            return high
        for _ in range(200):
            middle = (low + high) / 2
            covered = sum(weights[size] * min(1.0, middle * factors[size]) for size in SIZES)
            low, high = (middle, high) if covered < share * sum(weights.values()) else (low, middle)
        return (low + high) / 2

    def fibre(self, commune: Any) -> float:
        """Return a commune's share with fibre when the week was valued: linear over one year."""
        years = (self.valued_on - dt.date.fromisoformat(commune.fibre_start)).days / 365
        return min(1.0, max(0.0, years))

    # ---- booking -------------------------------------------------------------------------

    def open_centres(self) -> None:
        """Set the desks of the day, less those that other people have taken."""
        self.desks = {centre.id: self.desks_today(centre) for centre in self.centres}
        self.exogenous = {centre.id: self.exogenous_today(centre) for centre in self.centres}
        self.mobile = {centre.id: self.mobile_today(centre) for centre in self.centres}
        self.free = {
            (name, half): self.desks[name] - self.exogenous[name] - self.mobile[name][half]
            for name in self.desks
            for half in (0, 1)
        }
        self.booked = Counter()
        self.refusals: Counter[str] = Counter()
        self.turned_away: Counter[str] = Counter()
        self.lost_utility: dict[str, float] = defaultdict(float)

    def centre_draw(self, purpose: Purpose, centre: Centre, sub: int = 0) -> tuple[int, ...]:
        return draws.block(self.seed_of_draws, purpose, centre.key, 0, self.day.toordinal(), sub)

    def desks_today(self, centre: Centre) -> int:
        if self.scale == 1:
            return centre.desks
        u = uniform(self.centre_draw(Purpose.SAMPLED_DESKS, centre)[0])
        return int(self.scale * centre.desks + u)

    def exogenous_today(self, centre: Centre) -> int:
        p = self.p
        half = min(centre.price_half_day_eur, p.hours_per_half_day * centre.price_hour_eur)
        price = min(centre.price_day_eur, 2 * half)
        dearer = price / p.reference_price_day_eur - 1
        share = min(
            p[f"exogenous_share_{centre.area}"] * math.exp(p.exogenous_price_elasticity * dearer),
            1.0,
        )
        share *= self.share_around(centre)
        taken = 0
        for desk in range(self.desks[centre.id]):
            words = self.centre_draw(Purpose.EXOGENOUS_USERS, centre, sub=desk // 4)
            taken += uniform(words[desk % 4]) < share
        return taken

    def expect_mobile_staff(self) -> dict[str, float]:
        """Return the visits a day that each centre may expect of people between appointments."""
        expected = {centre.id: 0.0 for centre in self.centres}
        for commune in self.territory.communes.itertuples():
            worth: dict[str, dict[str, float]] = defaultdict(dict)
            for centre in self.centres:
                ways = ways_to_centre(resident_km(commune, centre), True, self.p)
                if min(way.minutes for way in ways) <= self.p.max_access_min:
                    mine = self.worth_to_mobile_staff(centre, self.best_way(ways))
                    worth[centre.place][centre.id] = mine
            mu = self.p.mu_place
            of_place = {
                code: mu * log_sum_exp([each / mu for each in at.values()])
                for code, at in worth.items()
            }
            everything = log_sum_exp([0.0, *of_place.values()])
            visits = commune.residents_at_work * self.p.mobile_visits_per_resident_at_work
            for code, at in worth.items():
                for name, mine in at.items():
                    share = math.exp(of_place[code] - everything + (mine - of_place[code]) / mu)
                    expected[name] += visits * share
        return {each.id: expected[each.id] * self.share_around(each) for each in self.centres}

    def worth_to_mobile_staff(self, centre: Centre, way: Way) -> float:
        p = self.p
        half = min(centre.price_half_day_eur, p.hours_per_half_day * centre.price_hour_eur)
        return float(
            p.asc_mobile
            + p[f"asc_tc_{centre.kind}"]
            + p.utility_per_service * (centre.services - p.reference_services)
            + p.g_colocation * math.log1p(self.colocation_at(centre))
            + p.theta * (2 * worth_of_way(way, p) + p.beta_cost_per_eur * half)
        )

    def mobile_today(self, centre: Centre) -> list[int]:
        """Return the desks that mobile staff take in the morning and in the afternoon."""
        left = self.desks[centre.id] - self.exogenous[centre.id]
        mean = 0.5 * self.scale * self.mobile_expected[centre.id]
        words = self.centre_draw(Purpose.MOBILE_STAFF, centre)[:2]
        return [min(poisson_quantile(uniform(word), mean), left) for word in words]

    def booking_rank(self, worker: PlainWorker) -> tuple[Any, ...]:
        """Order of service: subscribers of any centre first, then by the day's draw."""
        subscriber = any(who == worker.unique_id for who, _ in self.subscriptions)
        word = worker.draw(Purpose.BOOKING_ORDER, self.day.toordinal())[0]
        return not subscriber, word, worker.high, worker.low

    def book(self) -> None:
        """Serve, one by one, those who prefer a centre; the others do as they please."""
        queue = []
        for worker in self.everybody:
            if not worker.at_work:
                continue
            if worker.ranked[0].centre is None:
                worker.carry_out(worker.ranked[0])
            else:
                queue.append(worker)
        for worker in sorted(queue, key=self.booking_rank):
            self.serve(worker)

    def serve(self, worker: PlainWorker) -> None:
        asked = worker.ranked[0]
        price, _ = worker.price_and_employers_part_eur(asked.centre, asked.kind)
        self.asked_eur[worker.unique_id, asked.centre.id] += price
        for plan in worker.ranked:
            if self.is_free(worker, plan):
                self.lost_utility[worker.commune.code] += worker.weight * (asked.score - plan.score)
                self.take_desk(worker, plan)
                worker.carry_out(plan)
                break
            worker.refused.add(plan.centre.id)
        self.refusals.update(worker.refused)
        if worker.centre is None:
            self.turned_away[worker.ranked[0].centre.id] += 1

    def is_free(self, worker: PlainWorker, plan: Plan) -> bool:
        if plan.centre is None:
            return True
        halves = worker.halves_needed(plan.kind)
        return all(self.free[plan.centre.id, half] > 0 for half in halves)

    def take_desk(self, worker: PlainWorker, plan: Plan) -> None:
        if plan.centre is None:
            return
        for half in worker.halves_needed(plan.kind):
            self.free[plan.centre.id, half] -= 1
            self.booked[plan.centre.id, half] += 1
        _, paid = worker.price_and_employers_part_eur(plan.centre, plan.kind)
        if not self.is_subscriber(worker, plan.centre.id):
            worker.employer_paid_eur += paid
        self.occupied_this_week[plan.centre.id] += 0.5 if plan.kind == HALF else 1.0

    def refusal_loss_eur(self) -> dict[str, float]:
        """Return by home commune what was lost where no desk was free at the centre asked."""
        util_eur = 1 / (self.p.theta * -self.p.beta_cost_per_eur)
        return {code: lost * util_eur for code, lost in self.lost_utility.items()}

    # ---- network and learning ------------------------------------------------------------

    def load_network(self) -> None:
        """Load trains and roads with those who went to the office in the peak, and learn."""
        riders, cars = self.network.simulated(
            (worker, worker.mode, worker.weight) for worker in self.workers if worker.kind == OFFICE
        )
        background = self.equilibrium
        others = self.p[f"others_riding_{WEEKDAYS[self.day.weekday()]}"]
        self.last_load = {
            name: riders[name] + others * background.rail_background[name] for name in riders
        }
        volume = {name: cars[name] + background.road_background[name] for name in cars}
        self.last_volume = volume
        # A strike adds to the choices of its days, and is not learnt besides.
        rail_today = self.network.perceived_min(self.last_load, 1.0)
        self.expected = Outlook(
            self.learn(self.expected.rail_min, rail_today),
            self.learn(self.expected.travel_time_ratio, self.network.travel_time_ratios(volume)),
            wait_factor=1.0,
        )
        self.days_this_week += 1
        for centre, users in self.exogenous.items():
            self.occupied_this_week[centre] += users + sum(self.mobile[centre]) / 2

    def learn(self, expected: dict[int, float], today: dict[int, float]) -> dict[int, float]:
        a = self.p.learning_weight
        return {name: value + a * (today[name] - value) for name, value in expected.items()}

    def record(self) -> Day:
        workers, network, share = self.workers, self.network, self.state.share_trains
        added = network.added_wait_min(self.last_load, share)
        queue_min = {n: self.p.share_peak_hour * minutes for n, minutes in added.items()}
        ratios = network.travel_time_ratios(self.last_volume)
        ids = {worker.unique_id: (worker.high, worker.low) for worker in workers}
        return Day(
            date=self.day,
            kind=[worker.kind for worker in workers],
            mode=[worker.mode for worker in workers],
            centre=[worker.centre for worker in workers],
            refused=[worker.refused for worker in workers],
            half_days_left=[worker.half_days_left for worker in workers],
            isolation=[worker.isolation for worker in workers],
            rail_min=self.expected.rail_min,
            travel_time_ratio=self.expected.travel_time_ratio,
            rail_load=self.last_load,
            carried=[network.carried(n, wanted, share) for n, wanted in self.last_load.items()],
            queue_min=list(queue_min.values()),
            office_min=[worker.office_min(queue_min, ratios) for worker in workers],
            desks=self.desks,
            exogenous=self.exogenous,
            mobile=self.mobile,
            booked={name: (self.booked[name, 0], self.booked[name, 1]) for name in self.desks},
            refusals=self.refusals,
            turned_away=self.turned_away,
            subscriptions_eur=self.subscriptions_eur(),
            refusal_loss_eur=self.refusal_loss_eur(),
            subscribers={(*ids[who], centre) for who, centre in self.subscriptions if who in ids},
            home_based=[
                (worker.kind, worker.centre, worker.isolation, worker.worth_of_a_day)
                for worker in self.everybody[len(workers) :]
            ],
        )
