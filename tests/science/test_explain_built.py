"""Explanations of a built territory: terms add up to utilities of the engine, parts to minutes."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest

import sim77
from sim77.analysis.explain.explain import explain, scene_of
from sim77.analysis.explain.observer import Observer
from sim77.analysis.explain.person import find_worker, person_of
from sim77.analysis.explain.terms import Day
from sim77.core.errors import ResultError
from sim77.core.units import MODES
from sim77.engine.model import CommuteModel
from sim77.report.explain.format import GROUP_OF
from sim77.report.locale import words_by_language
from sim77.scenario.scenario import Change, Scenario, SiteSpec
from sim77.territory.territory import Territory
from tests.conftest import EVERYBODY_ALLOWED

pytestmark = pytest.mark.science

DATES = [dt.date(2014, 9, day) for day in (9, 10, 12)]
WORKERS = 60


@pytest.fixture(scope="module")
def eventful(busy_territory: Territory) -> Scenario:
    """A week with fewer trains, a strike, a toll and cars that are kept out."""
    line = busy_territory.lines["line"].iloc[0]
    return Scenario(
        *("eventful", "", "", "", ""),
        start=dt.date(2014, 9, 8),
        end=dt.date(2014, 9, 12),
        parameters=EVERYBODY_ALLOWED,
        network=(SiteSpec("mill"), SiteSpec("dock")),
        changes=(
            Change(dt.date(2014, 9, 9), "train_frequency", 0.8, target=line),
            Change(dt.date(2014, 9, 10), "strike", 0.5, until=dt.date(2014, 9, 11)),
            Change(dt.date(2014, 9, 10), "road_toll", 4.0),
            Change(dt.date(2014, 9, 10), "low_emission_zone", 0.3),
        ),
        outside_ranges=True,
    )


class Sums:
    """Compares the terms of journeys with the engine's utilities."""

    def __init__(self, rows: np.ndarray):
        self.rows, self.seen, self.greatest = rows, set(), 0.0

    def __call__(self, model: CommuteModel, phase: str) -> None:
        if phase != "book" or model.day not in DATES:
            return
        day, theta, taste = Day(model), model.parameters.theta, model.columns.taste
        for row in self.rows:
            market = model.columns.market[row]
            for peak, markets in ((True, day.markets.office), (False, day.markets.half)):
                for mode, journey in enumerate(day.journeys(int(row), peak=peak)):
                    self.seen |= {term.name for term in journey.terms}
                    engine = theta * (markets[market, mode] + taste[row, mode])
                    if np.isneginf(engine):
                        assert journey.obstacle
                    else:
                        self.greatest = max(self.greatest, abs(journey.utils - engine))


def run(territory: Territory, scenario: Scenario, watch: Callable[..., None]) -> CommuteModel:
    model = CommuteModel(scenario, territory=territory)
    model.observers.append(watch)
    while model.running:
        model.step()
    return model


def some_rows(model: CommuteModel) -> np.ndarray:
    return np.linspace(0, len(model.population.low) - 1, WORKERS).astype(int)


def test_terms_add_up_to_the_utility_of_every_mode(
    busy_territory: Territory, eventful: Scenario
) -> None:
    rows = some_rows(CommuteModel(eventful, territory=busy_territory))
    sums = Sums(rows)
    run(busy_territory, eventful, sums)
    assert sums.greatest < 1e-9
    wanted = (
        "full_trains strike_wait toll path_choice transfers part_wait part_ivt part_walk mode_area "
        "mode_occupation congestion parking way_bicycle way_walk"
    )
    assert set(wanted.split()) <= sums.seen
    words = words_by_language("summary", "explain")
    for term in sums.seen:
        assert term in GROUP_OF
        assert all(f"term_{term}" in words[language] for language in words)


def test_minutes_by_public_transport_are_told_by_their_parts(
    busy_territory: Territory, eventful: Scenario
) -> None:
    rows = some_rows(CommuteModel(eventful, territory=busy_territory))
    waited = 0.0
    for date in DATES:
        scenario = eventful.with_(end=date)
        observer = Observer(date, rows)
        model = run(busy_territory, scenario, observer)
        for day in observer.found:
            scene = scene_of(model, day)
            assert set(scene.minutes) == set(MODES)
            assert sum(scene.parts.values()) == pytest.approx(scene.minutes["public-transport"])
            waited += scene.parts["room_min"]
    assert waited > 0.0


def test_a_worker_is_found_by_home_work_and_category(
    busy_territory: Territory, eventful: Scenario
) -> None:
    model = CommuteModel(eventful, territory=busy_territory)
    for row in some_rows(model):
        person = person_of(model, int(row))
        assert find_worker(model, person.identity) == row
        assert find_worker(model, person.number) == row
        assert (
            person.identity.split("-")[0]
            == busy_territory.communes["code"].iloc[model.population.commune[row]]
        )
        assert (
            person.workplace
            == busy_territory.workplaces["name"].iloc[model.population.destination[row]]
        )
    first = range(int(model.population.commune_start[1]))
    assert sorted(person_of(model, row).number for row in first) == list(first)


@pytest.mark.parametrize(
    ("worker", "message"),
    [
        ("somebody", "77186-home-3-12 .works at home. or 77186-75112-3-12, not 'somebody'"),
        ("10001-home-3-99999", "of category 3 living in 10001 and working at home,"),
        ("99999-10001-3-0", "There is no commune '99999'"),
        ("10001-99999-3-0", "There is no workplace '99999'"),
        ("10001-10001-3-99999", "of category 3 living in 10001 and working in 10001, numbers go"),
        ("99999999", "numbers go from 0 to"),
    ],
)
def test_who_is_not_there_is_said(
    busy_territory: Territory, eventful: Scenario, worker: str, message: str
) -> None:
    with pytest.raises(ResultError, match=message):
        find_worker(CommuteModel(eventful, territory=busy_territory), worker)


def test_an_explanation_reads_well_in_both_languages(
    busy_territory: Territory, eventful: Scenario
) -> None:
    model = CommuteModel(eventful, territory=busy_territory)
    row = int(np.flatnonzero(model.population.car_available)[0])
    identity = person_of(model, row).identity
    found = explain(eventful, identity, DATES[0], territory=busy_territory)
    english, french = (" ".join(sim77.text(found, each).split()) for each in ("en", "fr"))
    assert f"workplace: {found.person.workplace} (centre)" in english
    assert "by public transport (" in english
    assert "on foot" in english
    french = french.replace("\u202f", " ")
    assert f"lieu de travail : {found.person.workplace} (Centre)" in french
