"""Explanations: the printed terms, added up again, give what the engine did."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

import sim77
from sim77.analysis.explain import terms
from sim77.analysis.explain.explain import Explanation, explain, scene_of
from sim77.analysis.explain.observer import Observer
from sim77.analysis.explain.parts import WorkerDay
from sim77.analysis.explain.person import find_worker, person_of
from sim77.analysis.explain.terms import Day
from sim77.core.errors import ResultError
from sim77.core.units import PLAN_KINDS
from sim77.engine.arrays import Plans
from sim77.engine.choice import plan_kernels
from sim77.engine.model import CommuteModel
from sim77.report.explain.format import GROUP_OF
from sim77.report.locale import words_by_language
from sim77.scenario.posterior import load_posterior
from sim77.scenario.scenario import Change, Scenario, load_scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.science

DAYS = [dt.date(2022, 2, day) for day in (7, 8, 10, 11, 16)]
CHOOSERS_A_DAY, OTHERS_A_DAY = 200, 20
NUMBER = re.compile(r"(?<![\d.])−?\d[\d,]*\.\d{6,}(?!\d)")
RULED_OUT = (
    "not enough half-days left", "compulsory presence", "office closed",
    "this person does not consider a shared place of work",
)  # fmt: skip


@dataclass
class Watched:
    """What the engine did with some workers on one day, and how it is explained."""

    date: dt.date
    rows: np.ndarray
    wanted: list[tuple[str, str]] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    days: list[WorkerDay] = field(default_factory=list)
    greatest_error: float = 0.0

    def __post_init__(self) -> None:
        self._observer = Observer(self.date, self.rows)

    def __call__(self, model: CommuteModel, phase: str) -> None:
        if model.day != self.date or phase not in ("choose", "book", "aggregate"):
            return
        if phase == "choose":
            self.wanted = [plan_of(model, row) for row in self.rows]
        self._observer(model, phase)
        if phase == "book":
            self.done = [plan_of(model, row) for row in self.rows]
            self.days = self._observer.found
            self.free_desks = dict(
                zip(model.sites.ids, model.memory.centres.free_desks.min(axis=1), strict=True)
            )
            self.free_half = dict(
                zip(model.sites.ids, model.memory.centres.free_desks, strict=True)
            )
            day = Day(model)
            self.greatest_error = max(error_of_totals(day, row) for row in self.rows)
        if phase == "aggregate":
            self.texts = [
                sim77.text(
                    Explanation(
                        person_of(model, row), self.date, model.draw_seed, scene_of(model, day)
                    )
                )
                for row, day in zip(self.rows, self.days, strict=True)
            ]


def printed(model: CommuteModel, site: int) -> str:
    """Return the name of a centre of a run as texts have it."""
    return model.territory.site_labels[model.sites.ids[site]]["en"]


def plan_of(model: CommuteModel, row: int) -> tuple[str, str]:
    """Return the kind and the centre of a worker's plan as the engine has it now."""
    kind, alternative = int(model.columns.kind[row]), int(model.columns.alternative[row])
    if kind < 0:
        return "none", ""
    if alternative < 0:
        return PLAN_KINDS[kind], ""
    return PLAN_KINDS[kind], printed(model, model.centre_today[row])


def error_of_totals(day: Day, row: int) -> float:
    """Return the greatest difference of an explained total to the compiled kernel's."""
    model = day.model
    j = int(model.columns.chooser[row])
    if j < 0:
        return 0.0
    choosers, choice_sets = model.effects.choosers, model.choice_sets
    first, end = choice_sets.start[choosers.choice_set[j] + np.arange(2)]
    alternatives = int(end - first)
    size = 2 + 2 * alternatives
    plans = Plans(np.full(size, -np.inf), *np.zeros((2, size)), np.zeros(11))
    plan_kernels.plan_totals(
        model.columns,
        choosers,
        choice_sets,
        model.memory.centres.offer,
        model.memory.markets,
        model.memory.settings,
        j,
        plans,
    )
    engine = plans.value + plans.error + plans.opportunity_cost
    place = {
        model.sites.ids[choice_sets.centre[first + alternative]]: alternative
        for alternative in range(alternatives)
    }
    greatest = 0.0
    for plan in [each for part in day.plans(row) for each in part]:
        at = {"office": 0, "home": 1, "telecentre": 2, "half": 2 + alternatives}[plan.kind]
        at += place.get(plan.centre, 0)
        if plan.obstacle in ("allowance", "closed", "not-considered"):
            assert np.isneginf(engine[at]), (row, plan.key)
        elif np.isfinite(engine[at]):
            total = sum(term.utils for term in plan.terms)
            greatest = max(greatest, abs(total - engine[at]))
    return greatest


def watched_run(
    scenario: str | Scenario,
    dates: list[dt.date],
    rows_of: dict[dt.date, np.ndarray],
    **options: object,
) -> list[Watched]:
    model = CommuteModel(scenario, end=max(dates), **options)
    watched = [Watched(date, rows_of[date]) for date in dates]
    model.observers.extend(watched)
    while model.running:
        model.step()
    return watched


# A reader with a pocket calculator ---------------------------------------------------------


@dataclass
class Printed:
    """A block of the printed terms: title, state, terms by name, and the total printed."""

    title: str
    state: str
    terms: dict[str, float]
    total: float

    @property
    def ruled_out(self) -> bool:
        return self.state in RULED_OUT


def read(text: str) -> list[Printed]:
    """Read the blocks of terms back from an explanation in English."""
    blocks = text.split("All terms (units of utility", 1)[1].split("\n\n")[1:]
    found = []
    for block in blocks:
        title, *lines = block.splitlines()
        if not lines or not lines[0].startswith("  "):
            continue
        name, state = re.fullmatch(r"(.*?)(?: \(([^()]*)\))?", title).groups()
        terms = {}
        for line in lines:
            label = re.split(r"\s{2,}", line.strip())[0]
            terms[label] = number(NUMBER.search(line).group())
        total = terms.pop("total")
        found.append(Printed(name, state or "", terms, total))
    return found


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def title_of(kind: str, centre: str) -> str:
    titles = {"office": "the office", "home": "home", "telecentre": f"the centre “{centre}”"}
    return titles.get(kind, f"half a day at the centre “{centre}”")


def recomputed(text: str) -> tuple[str, str]:
    """Add up what is printed: the plan wanted, and the one carried out, by title."""
    blocks = read(text)
    for block in blocks:
        assert sum(block.terms.values()) == pytest.approx(block.total, abs=5e-10), block
    ways = {block.title: block.total for block in blocks if block.title.startswith("to the office")}
    peak = max(value for title, value in ways.items() if not title.endswith("off-peak"))
    plans = [block for block in blocks if block.title not in ways]
    for plan in plans:
        if plan.title.startswith("half a day"):
            best = max(value for title, value in ways.items() if title.endswith("off-peak"))
            assert plan.terms["to the office, above"] == best
        elif plan.title == "the office":
            assert plan.terms["to the office, above"] == peak
    possible = [plan for plan in plans if not plan.ruled_out]
    wanted = max(possible, key=lambda plan: plan.total)
    served = [plan for plan in possible if not plan.state.startswith("refused")]
    return wanted.title, max(served, key=lambda plan: plan.total).title


def check(watched: list[Watched]) -> Counter[str]:
    """Check every explanation; return how many of which sort there were."""
    sorts: Counter[str] = Counter()
    for each in watched:
        assert each.greatest_error < 1e-9
        for day, text, wanted, done in zip(
            each.days, each.texts, each.wanted, each.done, strict=True
        ):
            if done == ("none", ""):
                assert day.at_work in ("off", "absent")
                assert "All terms" not in text
                sorts[day.at_work] += 1
                continue
            assert recomputed(text) == (title_of(*wanted), title_of(*done)), text
            assert sum(plan.share for plan in day.plans) == pytest.approx(1.0)
            check_refusals(each, day, wanted != done)
            sorts["at work"] += 1
            sorts[done[0]] += 1
            sorts["refused"] += wanted != done
            sorts["subscribed"] += bool(day.rights.subscriptions)
            sorts["allowance used up"] += 0 < day.rights.allowance <= day.rights.used
            sorts["no allowance"] += day.rights.allowance == 0
            sorts["anchor"] += any(plan.obstacle == "anchor" for plan in day.plans)
            sorts["closed"] += day.office.obstacle == "closed"
            sorts["strike"] += any(term.name == "strike_wait" for term in day.peak[0].terms)
            sorts["by car"] += day.office.mode == "car"
    return sorts


def check_refusals(each: Watched, day: WorkerDay, refused: bool) -> None:
    """Who was refused found no desk: it is taken at the end of the booking too."""
    assert refused == any(plan.refused for plan in day.plans)
    for plan in day.plans:
        if plan.refused and plan.kind == "telecentre":
            assert each.free_desks[plan.centre] == 0
        elif plan.refused:
            assert each.free_half[plan.centre][int(day.desk_half == "afternoon")] == 0


# The tests ---------------------------------------------------------------------------------


@pytest.mark.long
def test_a_thousand_worker_days_recompute_from_what_is_printed() -> None:
    """Random worker-days of five days of 2022, and all who were refused or hold a subscription."""
    # Where few consider a centre, hardly a commuter to Paris subscribes.
    considered = {"share_considering_employees": 0.2, "share_considering_independents": 0.2}
    scenario = load_scenario("hybrid-2022").with_(parameters=considered)
    scout = CommuteModel(scenario, end=DAYS[-1])
    choosers = scout.effects.choosers.worker
    special: dict[dt.date, np.ndarray] = {}

    def look(model: CommuteModel, phase: str) -> None:
        if model.day in DAYS and phase == "choose":
            special[model.day] = model.columns.kind.copy()
        elif model.day in DAYS and phase == "book":
            moved = np.flatnonzero(model.columns.kind != special[model.day])
            holders = np.flatnonzero((model.columns.subscribed > 0) & (model.columns.kind >= 0))
            special[model.day] = np.concatenate((moved[:20], holders[:20]))

    scout.observers.append(look)
    while scout.running:
        scout.step()
    random = np.random.default_rng(77)
    rows = {
        day: np.concatenate(
            (
                random.choice(choosers, CHOOSERS_A_DAY, replace=False),
                random.choice(len(scout.workers), OTHERS_A_DAY, replace=False),
                special[day],
            )
        )
        for day in DAYS
    }
    sorts = check(watched_run(scenario, DAYS, rows))
    print(dict(sorts))
    assert sum(sorts[name] for name in ("at work", "off", "absent")) >= 1000
    for name in (
        "office", "home", "telecentre", "refused", "subscribed", "allowance used up",
        "no allowance", "absent", "off", "by car",
    ):  # fmt: skip
        assert sorts[name] > 0, name


@pytest.mark.long
def test_everybody_on_every_day_of_an_eventful_fortnight(
    small_territory: Territory, eventful_scenario: Scenario
) -> None:
    """Few desks, an anchor day, a strike, a closing; whole and half days at centres."""
    model = CommuteModel(eventful_scenario, territory=small_territory)
    everybody = np.arange(len(model.workers))
    dates = model.days[1:8]
    rows = dict.fromkeys(dates, everybody)
    sorts = check(watched_run(eventful_scenario, dates, rows, territory=small_territory))
    print(dict(sorts))
    for name in ("half", "telecentre", "refused", "anchor", "strike", "by car"):
        assert sorts[name] > 0, name


def test_all_workplaces_a_toll_barred_cars_an_obligation_and_a_lockdown_are_explained() -> None:
    first = dt.date(2022, 3, 7)
    scenario = load_scenario("hybrid-2022").with_(
        start=first,
        end=dt.date(2022, 3, 11),
        changes=(
            Change(first, "anchor_weekdays", (0,)),
            Change(first, "road_toll", 5.0),
            Change(first, "low_emission_zone", 0.3),
            Change(first, "telework_obligation", 2),
            Change(dt.date(2022, 3, 10), "lockdown", True),
        ),
    )
    zones = ("paris", "inner-ring", "within", "outer-ring")
    dates = [first, dt.date(2022, 3, 8), dt.date(2022, 3, 10)]
    random = np.random.default_rng(1)
    rows = {date: random.choice(300_000, 100, replace=False) for date in dates}
    watched = watched_run(scenario, dates, rows, workplaces=zones)
    sorts = check(watched)
    for name in ("anchor", "closed", "home", "by car"):
        assert sorts[name] > 0, name
    ways = [way for each in watched for day in each.days for way in day.peak]
    assert {"no-car", "barred"} <= {way.obstacle for way in ways}
    names = {term.name for way in ways for term in way.terms}
    assert {"toll", "car_cost", "mode_area", "mode_occupation"} <= names


@pytest.mark.parametrize("planted", ["gumbel", "log_stable"])
def test_terms_that_lead_elsewhere_are_not_passed_on(
    planted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = getattr(terms, planted)
    monkeypatch.setattr(terms, planted, lambda *words: -right(*words))
    first = dt.date(2022, 3, 7)
    model = CommuteModel("hybrid-2022", start=first, end=first)
    model.observers.append(Observer(first, model.effects.choosers.worker[:100]))
    with pytest.raises(ResultError, match="do not lead to what the engine chose"):
        model.step()


def test_against_another_scenario_the_closed_centre_is_the_reason() -> None:
    first = dt.date(2022, 3, 7)
    model = CommuteModel("hybrid-2022", start=first, end=first)
    model.step()
    user = next(worker for worker in model.workers.select(plan="telecentre"))
    found = sim77.explain_last_day(model, user.index, against="hybrid-2022-no-telecentres")
    assert found.here.day.chosen.kind == "telecentre"
    assert found.against.day.chosen.kind in ("office", "home")
    centre = printed(model, user.telecentre)
    assert f"There, the centre “{centre}” does not exist." in " ".join(sim77.text(found).split())
    assert "n’existe pas" in sim77.text(found, "fr")
    chance = [
        {term.name: term.utils for term in scene.day.plan(("home", "")).terms}["chance_place"]
        for scene in found.scenes
    ]
    assert chance[0] == chance[1]
    frame = found.to_frame()
    totals = frame.groupby(["scenario", "plan", "telecentre_id"])["utils"].sum()
    assert totals["hybrid-2022"]["telecentre"].max() == pytest.approx(found.here.day.chosen.utils)
    same = sim77.explain_last_day(model, user.index, against="hybrid-2022")
    assert "Nothing differs for this person" in sim77.text(same)


def told_on_tuesday(
    scenario: Scenario, territory: Territory
) -> tuple[CommuteModel, list[tuple[WorkerDay, dict[str, str]]]]:
    """Return a model after its second day, and what is told of all whom rights concern."""
    model = CommuteModel(scenario, territory=territory)
    observer = Observer(model.days[1], model.memory.choosers.worker)
    model.observers.append(observer)
    model.step()
    model.step()
    told = []
    for day in observer.found:
        person, scene = person_of(model, day.worker), scene_of(model, day)
        whole = Explanation(person, model.day, model.draw_seed, scene)
        texts = {name: " ".join(sim77.text(whole, name).split()) for name in ("en", "fr")}
        told.append((day, texts))
    return model, told


@pytest.mark.parametrize(
    ("lever", "value", "says"),
    [
        ("lockdown", True, {"en": "The lockdown imposes", "fr": "Le confinement impose"}),
        ("telework_obligation", 3,
         {"en": "The obligation to telework, which the employer follows, imposes",
          "fr": "L’obligation de télétravail, que suit son employeur, impose"}),
    ],
)  # fmt: skip
def test_a_closed_office_is_told_as_the_obligation_that_it_is(
    small_territory: Territory,
    tiny_scenario: Scenario,
    lever: str,
    value: object,
    says: dict[str, str],
) -> None:
    """So it is to those whom no agreement lets work remotely on other days."""
    first = tiny_scenario.start
    scenario = tiny_scenario.with_(
        parameters={"share_covered_clerical": 0.3},
        changes=(Change(first, lever, value),),
    )
    _, told = told_on_tuesday(scenario, small_territory)
    closed = [each for each in told if each[0].plans and each[0].office.obstacle == "closed"]
    assert {day.rights.covered for day, _ in closed} == {True, False}
    for day, texts in told:
        is_closed = any(day is each for each, _ in closed)
        for language, sentence in says.items():
            assert (sentence in texts[language]) == is_closed, texts[language]
        if is_closed:
            assert "only the office is possible" not in texts["en"]


def test_an_anchor_day_is_told_as_the_agreements_or_a_policys(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    scenario = tiny_scenario.with_(
        parameters={"share_agreements_anchor_tuesday": 0.5},
        changes=(Change(tiny_scenario.start, "anchor_weekdays", (1,)),),
    )
    model, told = told_on_tuesday(scenario, small_territory)
    told = [each for each in told if each[0].plans and each[0].plan(("home", "")).obstacle]
    by_agreement = [bool(model.population.u_anchor[day.worker] < 0.5) for day, _ in told]
    assert set(by_agreement) == {True, False}
    for (_, texts), agreement in zip(told, by_agreement, strict=True):
        assert ("The employer’s agreement makes presence" in texts["en"]) == agreement
        assert ("L’accord de son employeur rend la présence" in texts["fr"]) == agreement
        assert ("A policy of the scenario makes presence" in texts["en"]) != agreement
        assert ("Une mesure du scénario rend la présence" in texts["fr"]) != agreement


def test_a_wish_is_told_beside_what_is_allowed(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    halves = {"share_allowance_2": 0.5, "share_allowance_4": 0.0, "share_allowance_6": 0.5}
    scenario = tiny_scenario.with_(parameters={**halves, "share_allowance_10": 0.0, "g_norm": 0.8})
    _, told = told_on_tuesday(scenario, small_territory)
    found = Counter()
    for day, texts in told:
        wished = re.search(r"habit of the team: ([\d.]+), (\w+)", texts["en"])
        if day.at_work or day.rights.allowance == 10:
            assert wished is None and "habitude de son équipe" not in texts["fr"]
            continue
        days, said = wished.groups()
        beyond = float(days) - day.rights.allowance / 2
        assert 0.0 <= float(days) <= 5.0
        nearly = abs(beyond) < 0.75 if said == "about" else abs(beyond) > 0.6
        assert nearly and (said == "about" or (said == "more") == (beyond > 0.0))
        in_french = {"more": "soit plus", "fewer": "soit moins", "about": "soit à peu près"}
        assert f"{days.replace('.', ',')}, {in_french[said]}" in texts["fr"]
        found[said] += 1
    assert set(found) == {"more", "fewer", "about"}, found


def test_the_journey_names_its_lines_and_the_desk_who_pays() -> None:
    first = dt.date(2022, 3, 7)
    model = CommuteModel("hybrid-2022", start=first, end=first)
    model.step()
    choosers, w = model.effects.choosers, model.columns
    open_to = (w.familiar[choosers.worker] > 0) & (w.kind[choosers.worker] >= 0)
    paid = choosers.worker[(choosers.share_paid < 1.0) & choosers.considers & open_to]
    found = sim77.explain_last_day(model, int(paid[0]))
    here = found.here
    assert sum(here.lines.values()) == pytest.approx(here.parts["ivt_min"])
    line = max(here.lines, key=here.lines.__getitem__)
    text = " ".join(sim77.text(found).split())
    assert f"{here.lines[line]:.0f} on line {line}" in text
    plan = max((each for each in here.day.plans if each.centre), key=lambda each: each.utils)
    assert 0.0 < plan.employer_eur <= plan.price_eur
    assert f"the employer pays {plan.employer_eur:.2f} € of it" in text
    price = next(term for term in plan.terms if term.name == "price")
    assert price.amount == pytest.approx(plan.price_eur - plan.employer_eur)


def test_a_run_to_the_day_explains_as_the_whole_run_did() -> None:
    """The days after cannot show, nor can watching: `explain` stops at the day."""
    date = dt.date(2022, 1, 12)
    model = CommuteModel("hybrid-2022", end=dt.date(2022, 1, 21))
    row = int(model.effects.choosers.worker[4321])
    observer = Observer(date, [row])
    model.observers.append(observer)
    while model.running:
        model.step()
    found = explain("hybrid-2022", person_of(model, row).identity, date.isoformat())
    assert found.here.day == observer.found[0]
    assert found.person == person_of(model, row)


def test_parameters_replaced_and_those_of_a_draw_are_explained_as_if_the_scenario_set_them(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    draw = load_posterior("shipped")
    asked = 17, tiny_scenario.end
    for given, values in (
        ({"overrides": {"beta_cost_per_eur": -0.5}}, {"beta_cost_per_eur": -0.5}),
        ({"posterior": draw}, draw.under(tiny_scenario, seed=1).parameters),
    ):
        found = explain(tiny_scenario, *asked, territory=small_territory, **given)
        in_file = tiny_scenario.with_(parameters=values)
        assert found.here.day == explain(in_file, *asked, territory=small_territory).here.day
        assert found.here.day != explain(tiny_scenario, *asked, territory=small_territory).here.day


def test_the_worker_of_the_tutorial_changes() -> None:
    page = (Path(__file__).parents[2] / "docs/tutorials/comparison.md").read_text(encoding="utf-8")
    command = r"sim77 explain (\S+) --worker (\S+) --date (\S+) --against (\S+)"
    scenario, worker, date, against = re.search(command, page).groups()
    found = explain(scenario, worker, date, against=against)
    kinds = [scene.day.chosen.kind for scene in found.scenes]
    assert kinds == ["telecentre", "office"]


def test_before_the_first_step_there_is_nothing_to_explain(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    model = CommuteModel(tiny_scenario, territory=small_territory)
    with pytest.raises(ResultError, match="no day to explain before the first step"):
        sim77.explain_last_day(model, 17)


def test_every_term_has_its_words_in_both_languages() -> None:
    for words in words_by_language("summary", "explain").values():
        for term, group in GROUP_OF.items():
            assert words[f"term_{term}"] and words[f"group_{group}"]


def test_who_works_at_home_is_explained(
    small_territory: Territory, eventful_scenario: Scenario
) -> None:
    """The observer refuses terms that do not lead to what the engine did, before and after booking.

    Of those whose work is at a desk, some find none free, and some go to a centre.
    """
    scenario = eventful_scenario.with_(parameters={"asc_own_account": 0.0})
    model = CommuteModel(scenario, territory=small_territory)
    rows = model.effects.home_based.worker
    observers = [Observer(day, rows, at_home=True) for day in model.days]
    model.observers += observers
    while model.running:
        model.step()
    days = [day for observer in observers for day in observer.found if day.plans]
    assert {plan.kind for day in days for plan in day.offered} == {"home", "telecentre"}
    assert any(day.chosen.kind == "telecentre" for day in days)
    assert any(plan.refused for day in days for plan in day.plans)
    assert any("own_account" in [term.name for term in day.chosen.terms] for day in days)


def test_an_identity_at_home_is_one_persons() -> None:
    """Some have a workplace elsewhere in the census, as others of the same home and category."""
    model = CommuteModel("network-2014", scale=0.2, end=dt.date(2014, 1, 3))
    at_a_desk = np.flatnonzero(model.memory.home_based.chooser >= 0)
    elsewhere = (
        model.territory.workplaces["code"].to_numpy()[model.world.home_based.destination]
        != model.territory.communes["code"].to_numpy()[model.world.home_based.commune]
    )
    assert elsewhere[at_a_desk].any()
    for row in at_a_desk:
        assert find_worker(model, person_of(model, int(row), at_home=True).identity) == row


@pytest.mark.parametrize(
    ("language", "says", "never"),
    [("en", "Works at home on own account", ("the office", "half-days", "no. ")),
     ("fr", "Travaille à domicile à son compte", ("le bureau", "demi-j", "n° "))],
)  # fmt: skip
def test_who_works_at_home_is_told_without_an_office(
    small_territory: Territory,
    tiny_scenario: Scenario,
    language: str,
    says: str,
    never: tuple[str, ...],
) -> None:
    tiny = tiny_scenario.with_(parameters={"share_teleworkable_independents": 0.5})
    model = CommuteModel(tiny, territory=small_territory)
    people, row = model.world.home_based, int(model.effects.home_based.worker[0])
    identity = person_of(model, row, at_home=True).identity
    assert identity.split("-")[1] == "home"
    found = explain(
        tiny, identity, model.days[2], against=tiny.with_(network=()),
        territory=small_territory,
    )  # fmt: skip
    text = sim77.text(found, language=language)
    assert says in " ".join(text.split())
    assert not any(each in text for each in never)
    assert found.to_frame()["utils"].notna().all()
    idle = np.setdiff1d(np.arange(people.low.size), model.effects.home_based.worker)
    with pytest.raises(ResultError, match="works at home, but not at a desk"):
        explain(
            tiny, person_of(model, int(idle[0]), at_home=True).identity, model.days[2],
            territory=small_territory,
        )  # fmt: skip
