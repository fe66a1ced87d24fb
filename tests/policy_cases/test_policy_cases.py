"""Policy cases: one worker on one day under one policy, and the chances of each plan.

The cases are YAML files beside this one, written by people who know policies (`README.md`). Here
their words become utilities by the equations of `sim77.engine.choice.utility`, with the registry's
values (those of `rounded.yml` in place of fitted ones) and the levers as the engine resolves them;
nothing is simulated.
"""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from sim77.core.units import WEEKDAYS
from sim77.engine.choice.allowance import NEVER_BINDS, value_of_week
from sim77.engine.choice.utility import inclusive_value, nested_logit_shares
from sim77.scenario.parts import Change, SiteSpec
from sim77.scenario.policy import PolicyState
from sim77.scenario.scenario import Scenario

pytestmark = pytest.mark.science

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*.yaml"))
ROUNDED: dict[str, float] = yaml.safe_load((FOLDER / "rounded.yml").read_text(encoding="utf-8"))
KEYS = {
    "": {"case", "given", "expect"},
    "given": {"date", "worker", "journey", "employer", "centre", "policy"},
    "worker": {
        "group", "arrondissement", "can_work_remotely", "coming_days", "half_days_used",
        "likes_home", "likes_centres", "isolated_days", "car_older_than", "fibre_start",
    },
    "journey": {"rail", "car"},
    "rail": {"minutes", "wait", "off_peak_minutes"},
    "car": {"minutes", "km", "off_peak_minutes"},
    "employer": {"allowance_half_days", "pays_desk", "team_at_office"},
    "centre": {"kind", "minutes", "euros", "services", "price_day", "price_half_day"},
    "expect": {"office", "half", "home", "telecentre", "within"},
}  # fmt: skip
TOWN: Any = SimpleNamespace(
    sites=pd.DataFrame({"telecentre_id": ["centre"], "desks": [20]}),
    lines=pd.DataFrame({"line": ["R"]}),
    communes=pd.DataFrame({"code": ["77000"]}),
    hash="policy cases",
)


def part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a part of a case, empty if it is not told, and refuse words nobody reads."""
    found = whole.get(name) or {}
    unknown = set(found) - KEYS[name]
    assert not unknown, f"'{name}' has no {sorted(unknown)}: known are {sorted(KEYS[name])}"
    return dict(found)


def policy_of(given: dict[str, Any]) -> PolicyState:
    """Return what holds on the day of the case, resolved as in any scenario."""
    day = given["date"]
    centre = part(given, "centre")
    prices = {name: centre[name] for name in ("price_day", "price_half_day") if name in centre}
    scenario = Scenario(
        *("case", "", "", "", ""),
        start=day,
        end=day,
        network=(SiteSpec("centre", **prices),) if centre else (),
        changes=tuple(Change(**{"date": day, **each}) for each in given.get("policy") or ()),
        parameters=ROUNDED,
    )
    return scenario.state_on(day, TOWN)


class Day:
    """The plans of the worker of a case on a weekday of the week, and their utilities."""

    def __init__(self, given: dict[str, Any], state: PolicyState):
        self.date: dt.date = given["date"]
        self.worker, self.employer = part(given, "worker"), part(given, "employer")
        journey = part(given, "journey")
        self.rail, self.car = part(journey, "rail"), part(journey, "car")
        self.centre = part(given, "centre")
        self.state, self.p = state, state.parameters

    @property
    def allowance(self) -> int:
        """Remote half-days a week: the policy's, the agreement's; independents need none."""
        if not self.worker.get("can_work_remotely", True):
            return 0
        if self.state.lockdown or not self.employer:
            return NEVER_BINDS
        if self.state.allowance_half_days is not None:
            return self.state.allowance_half_days
        return int(self.employer["allowance_half_days"])

    def at_office_only(self, weekday: int) -> bool:
        """Whether the employer wants the worker there that day."""
        return bool(self.employer) and weekday in self.state.anchor_weekdays

    def travel(self, peak: bool, share_trains: float) -> float:
        """Utility of the better mode, both ways: minutes as perceived, euros as borne."""
        p, minutes = self.p, "minutes" if peak else "off_peak_minutes"
        modes = []
        if self.rail:
            aboard = self.rail.get(minutes, self.rail["minutes"])
            wait = p.multiplier_wait * self.rail.get("wait", 0) / share_trains
            modes.append(2 * p.beta_time_per_min * (aboard + wait))
        older = self.worker.get("car_older_than", 0.0)
        barred = 0.0 < self.state.share_cars_barred >= 1.0 - older
        if self.car and not barred:
            driven = p.multiplier_car * self.car.get(minutes, self.car["minutes"])
            euros = 2 * p.car_cost_eur_per_km * self.car.get("km", 0) + self.state.road_toll_eur
            constant = p[f"asc_car_{self.worker['arrondissement']}"]
            time = 2 * p.beta_time_per_min * driven
            modes.append(constant + time + p.beta_cost_per_eur * euros)
        return max(modes)

    def utilities(
        self, weekday: int, left: int, share_trains: float
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Return V of the office, of the half plans, and of home and centre all day."""
        p, state = self.p, self.state
        present = self.employer.get("team_at_office", 1.0) if self.employer else 0.0
        presence = p.g_peer * present
        home_constant = p[f"asc_home_{self.worker['group']}"]
        day_term = p[f"b_weekday_{WEEKDAYS[weekday]}"]
        office = p.theta * self.travel(True, share_trains) + presence
        home = home_constant + self.worker.get("likes_home", 0.0) + day_term
        home += p.b_fibre * self.fibre - p.g_isolation * self.worker.get("isolated_days", 0.0)
        whole, half = [home], []
        for site in state.sites:
            place = home_constant + p[f"asc_tc_{self.centre.get('kind', 'telecentre')}"]
            place += self.worker.get("likes_centres", 0.0)
            services = self.centre.get("services", p.reference_services)
            place += p.utility_per_service * (services - p.reference_services)
            way = 2 * p.beta_time_per_min * p.multiplier_access_telecentre * self.centre["minutes"]
            way += p.beta_cost_per_eur * self.centre.get("euros", 0.0)
            whole.append(place + day_term + p.theta * (way + self._price(site.price_day_eur)))
            to_office = p.asc_half + p.theta * self.travel(False, share_trains) + 0.5 * presence
            there = 0.5 * (place + day_term)
            there += p.theta * (way + self._price(site.price_half_day_eur))
            half.append(to_office + there)
        nests = [np.array(half), np.array(whole)]
        if left < 1 or self.at_office_only(weekday) or state.lockdown:
            nests[0] = np.full(len(half), -np.inf)
        if left < 2 or self.at_office_only(weekday):
            nests[1] = np.full(len(whole), -np.inf)
        closed = state.lockdown and self.worker.get("can_work_remotely", True)
        return (-np.inf if closed else office), *nests

    @property
    def fibre(self) -> float:
        """Share of the commune's premises with fibre that day."""
        start = self.worker.get("fibre_start")
        if start is None:
            return 0.0
        days = (self.date - start).days + self.state.fibre_advance_days
        return float(np.clip(days / self.p.fibre_rollout_days, 0.0, 1.0))

    def _price(self, posted_eur: float) -> float:
        pays = self.employer.get("pays_desk", False)
        borne = 1.0 - self.p.share_price_paid_by_agreement if pays else 1.0
        return self.p.beta_cost_per_eur * borne * posted_eur


def chances(given: dict[str, Any]) -> dict[str, float]:
    """Return the probability of each kind of plan."""
    unknown = set(given) - KEYS["given"]
    assert not unknown, f"'given' has no {sorted(unknown)}: known are {sorted(KEYS['given'])}"
    state = policy_of(given)
    day = Day(given, state)
    left = max(0, day.allowance - int(day.worker.get("half_days_used", 0)))
    mu = state.parameters.mu_remote
    coming = [WEEKDAYS.index(name) for name in day.worker.get("coming_days", ())]
    assert all(weekday > day.date.weekday() for weekday in coming), "coming_days are after the day"
    a1, a2 = np.zeros((2, len(coming)))
    for row, weekday in enumerate(coming if not state.lockdown else ()):
        # A day to come is valued with half-days enough and without today's strike.
        office, half, whole = day.utilities(weekday, NEVER_BINDS, 1.0)
        a1[row] = np.exp(inclusive_value(half, mu) - office)
        a2[row] = np.exp(inclusive_value(whole, mu) - office)
    value = value_of_week(left, a1, a2)
    office, half, whole = day.utilities(day.date.weekday(), left, state.share_trains)
    # What today's plan leaves for the days to come; plans that ask too much are not available.
    keep, keep_half, keep_whole = (value[max(0, left - used)] for used in (0, 1, 2))
    shares = nested_logit_shares(office + keep, [half + keep_half, whole + keep_whole], mu)
    return {
        "office": float(shares[0][0]),
        "half": float(shares[1].sum()),
        "home": float(shares[2][0]),
        "telecentre": float(shares[2][1:].sum()),
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_policy_case(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(case) == KEYS[""], f"{path.name} needs case, given and expect, and nothing else"
    expected = part(case, "expect")
    within = expected.pop("within", 0.001)
    found = chances(case["given"])
    assert sum(found.values()) == pytest.approx(1.0)
    wrong = {
        plan: f"{found[plan]:.4f}, expected {share}"
        for plan, share in expected.items()
        if abs(found[plan] - share) > within
    }
    assert not wrong, f"{case['case']}: {wrong}"


def test_the_cases_cover_what_policies_move() -> None:
    assert len(CASES) >= 12
    texts = "".join(path.read_text(encoding="utf-8") for path in CASES)
    for word in (
        "price_day", "pays_desk: true", "allowance_half_days", "anchor_weekdays", "fibre_advance",
        "close_telecentre", "lockdown", "strike", "road_toll", "low_emission_zone", "fuel_price",
    ):  # fmt: skip
        assert word in texts


def test_a_word_that_nobody_reads_is_told() -> None:
    given = {"date": dt.date(2022, 6, 10), "worker": {"grup": "managers"}}
    with pytest.raises(AssertionError, match=r"'worker' has no \['grup'\]"):
        chances(given)
