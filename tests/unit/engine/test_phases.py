"""The plan of a day runs the day, is what the ODD page says, and is what a profile times."""

import datetime as dt

import numpy as np
import pytest

from docs.generator.markdown import DocumentationError
from docs.generator.odd import phases_part
from sim77.cli import main
from sim77.core.units import Plan
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.model import PHASES, CommuteModel
from sim77.engine.organisations.employers import Employers
from sim77.scenario.scenario import Change, Scenario, load_scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit

NAMES = [phase.name for phase in PHASES]


def test_a_day_is_the_plan_in_its_order(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    model = CommuteModel(tiny_scenario, territory=small_territory)
    seen: list[str] = []
    model.observers.append(lambda _, phase: seen.append(phase))
    model.step()
    assert seen == NAMES
    assert list(model.seconds) == ["setup", *NAMES]
    assert all(value > 0.0 for value in model.seconds.values())


def test_a_phase_left_out_of_the_plan_is_left_out_of_the_day(
    tiny_scenario: Scenario, small_territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = tuple(phase for phase in PHASES if phase.name != "book")
    monkeypatch.setattr("sim77.engine.model.PHASES", without)
    booked: list[int] = []
    monkeypatch.setattr(CommuteModel, "_book", lambda self: booked.append(1))
    CommuteModel(tiny_scenario, territory=small_territory)
    assert booked == []


def test_the_documentation_prints_the_plan() -> None:
    lines = phases_part().splitlines()
    assert [line.split("`")[1] for line in lines] == NAMES
    for line, phase in zip(lines, PHASES, strict=True):
        assert line.endswith(phase.description)


def test_a_phase_without_a_description_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommuteModel._look_back, "__doc__", None)
    with pytest.raises(DocumentationError, match="the phase 'look_back' has no description"):
        phases_part()


def test_a_profile_has_a_row_for_each_phase_and_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["run", "network-2014", "--scale", "0.01", "--from", "2014-09-08", "--to", "2014-09-09"]
    assert main.main(words) == 0
    plain = capsys.readouterr().out.splitlines()
    assert main.main([*words, "--profile"]) == 0
    profiled = capsys.readouterr().out.splitlines()
    same = [line for line in plain if "computed in" not in line]
    table = [line for line in profiled if line not in plain and "computed in" not in line]
    assert [line for line in profiled if line in same] == same
    assert [line.split()[0] for line in table] == ["phase", "before", *NAMES, "all"]
    assert len(table[NAMES.index("choose") + 2].split()) == 3


def test_a_run_goes_on_when_the_last_one_loses_the_right_to_choose() -> None:
    revoked = Change(dt.date(2022, 3, 7), "allowance_half_days", 0)
    scenario = load_scenario("hybrid-2022").with_(changes=(revoked,))
    few = {"scale": 0.001, "seed": 3}  # without an independent who may choose
    model = CommuteModel(scenario, **few, start=dt.date(2022, 3, 1), end=dt.date(2022, 4, 4))
    while model.running:
        model.step()
    assert model.memory.choosers.worker.size == 0 < model.memory.visited.size
    assert (model.columns.kind[model.columns.kind >= 0] == Plan.OFFICE).all()


def test_a_cut_week_has_its_part_of_the_week_s_value_and_no_row_of_weeks() -> None:
    scenario, few = load_scenario("hybrid-2022"), {"scale": 0.01, "seed": 3}
    monday = dt.date(2022, 3, 7)

    def run(start: dt.date, end: dt.date) -> CommuteModel:
        model = CommuteModel(scenario, **few, start=start, end=end)
        while model.running:
            model.step()
        return model

    def value(model: CommuteModel) -> np.ndarray:
        column = OUTPUT_COLUMNS.index("week_value_eur")
        return model.recorder.kinds_of_worker[:, :, column].sum(axis=1)

    whole = run(monday, monday + dt.timedelta(days=4))
    cut = run(monday + dt.timedelta(days=2), monday + dt.timedelta(days=9))
    assert list(whole.recorder.weeks) == [monday] and not cut.recorder.weeks
    # People differ by day, and what they remember by where the burn-in begins.
    assert value(whole) == pytest.approx(value(whole).mean(), rel=0.2)
    assert value(cut) == pytest.approx(value(whole).mean(), rel=0.2)


def test_a_week_valued_again_keeps_what_a_day_of_it_is_worth() -> None:
    """Also of those who choose among new centres; who may choose only now has a value of theirs."""
    scenario = load_scenario("hybrid-2022")
    opens = Change(dt.date(2022, 3, 9), "open_telecentre", 10, target="new-77379")
    allowed = Change(dt.date(2022, 3, 10), "agreements", 1.1, target="all")
    scenario = scenario.with_(changes=(*scenario.changes, opens, allowed))
    dates = {"start": dt.date(2022, 3, 7), "end": dt.date(2022, 3, 14)}
    model = CommuteModel(scenario, scale=0.01, seed=3, **dates)
    values: list[dict[int, float]] = []
    while model.running:
        model.step()
        choosers = model.memory.choosers
        assert np.isfinite(choosers.week_value).all()
        values.append(dict(zip(choosers.worker.tolist(), choosers.week_value, strict=True)))
    week, next_week = values[:5], values[5]
    assert len(week[4]) > len(week[0])
    assert all(day[worker] == week[0][worker] for day in week for worker in week[0])
    assert any(next_week[worker] != value for worker, value in week[0].items())


def test_a_run_that_begins_in_a_week_of_two_quarters_ends_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days: list[int] = []
    monkeypatch.setattr(
        Employers, "quarter_end", lambda _, ledger, *more: days.append(int(ledger.days.sum()))
    )
    dates = {"start": dt.date(2014, 7, 1), "end": dt.date(2014, 7, 11)}  # from a Tuesday
    model = CommuteModel(load_scenario("network-2014"), scale=0.005, **dates)
    while model.running:
        model.step()
    assert days == [9]


@pytest.mark.parametrize(
    ("last", "quarters"),
    [(dt.date(2022, 3, 30), 0), (dt.date(2022, 3, 31), 1), (dt.date(2022, 4, 8), 1)],
)
def test_a_run_that_ends_within_a_quarter_gives_up_no_desks_for_it(
    last: dt.date, quarters: int
) -> None:
    scenario = load_scenario("hybrid-2022")
    adapts = Change(scenario.start, "employer_adapts", True)
    scenario = scenario.with_(changes=(*scenario.changes, adapts))
    model = CommuteModel(scenario, scale=0.005, start=dt.date(2022, 3, 21), end=last)
    while model.running:
        model.step()
    employers, p = model.memory.employers, model.parameters
    unused = (employers.heads - employers.desks_needed).sum()
    assert unused > 0.0
    given_up = (employers.heads - employers.desks_leased).sum()
    assert (given_up > 0.0) == (quarters > 0)
    if last == dt.date(2022, 3, 31):
        assert given_up == pytest.approx(p.lease_share_reviewed_per_quarter * unused)


def test_a_price_that_nobody_pays_does_not_make_centres_break_even() -> None:
    """A day costs no more than two half-days: beyond that its own price changes no account."""
    found = []
    for price in (16.0, 60.0):
        scenario = load_scenario("hybrid-2022")
        dearer = Change(scenario.start, "price_day", price, target="all")
        scenario = scenario.with_(changes=(*scenario.changes, dearer))
        dates = {"start": dt.date(2022, 3, 28), "end": dt.date(2022, 3, 31)}
        model = CommuteModel(scenario, scale=0.005, **dates)
        while model.running:
            model.step()
        found.append(model.memory.operators.accounts)
    assert (found[0].break_even_occupancy > 1.0).all()
    for at_16, at_60 in zip(*found, strict=True):
        np.testing.assert_allclose(at_60, at_16)


def test_what_a_centre_costs_and_gets_by_the_year_counts_from_the_day_on_which_it_changes() -> None:
    """A subsidy that begins on the last of 23 working days is not that of a month."""
    scenario = load_scenario("hybrid-2022")
    books = {}
    for first in (None, dt.date(2022, 3, 1), dt.date(2022, 3, 31)):
        values = {"centre_subsidy_eur_per_year": 12000.0, "centre_desk_cost_eur_per_year": 6300.0,
                  "room_hire_share": 0.4}  # fmt: skip
        new = [Change(first, f"parameter:{name}", each) for name, each in values.items() if first]
        changed = scenario.with_(changes=(*scenario.changes, *new))
        dates = {"start": dt.date(2022, 3, 1), "end": dt.date(2022, 3, 31)}
        model = CommuteModel(changed, scale=0.005, **dates)
        while model.running:
            model.step()
        books[first] = model.memory.operators.accounts
    without, month, day = books.values()
    assert month.subsidy_eur.sum() == pytest.approx(1000.0 * month.subsidy_eur.size)
    for name in ("subsidy_eur", "cost_eur", "revenue_rooms_eur"):
        change, of_a_day = (getattr(each, name) - getattr(without, name) for each in (month, day))
        assert np.abs(change).max() > 0.0
        np.testing.assert_allclose(of_a_day, change / len(model.days), atol=1e-6)


def test_agreements_that_spread_hold_from_the_first_day_of_the_quarter() -> None:
    """They spread by the policies of the quarter's last day, not of the next one's first."""
    later = Change(dt.date(2022, 4, 4), "agreements_spread", False)
    floors = []
    for changes in ((), (later,)):
        scenario = load_scenario("hybrid-2022")
        spreads = Change(dt.date(2022, 3, 1), "agreements_spread", True)
        scenario = scenario.with_(changes=(*scenario.changes, spreads, *changes))
        dates = {"start": dt.date(2022, 3, 28), "end": dt.date(2022, 4, 5)}
        model = CommuteModel(scenario, scale=0.005, **dates)
        while model.day < dt.date(2022, 4, 4):
            model.step()
        assert model.state.coverage_floor == model.memory.employers.floor != ()
        floors.append(model.state.coverage_floor)
    assert floors[0] == floors[1]


def test_a_centre_that_opens_on_the_first_day_is_new_whatever_the_burn_in() -> None:
    scenario = load_scenario("network-2014")
    known = []
    for start in (dt.date(2014, 6, 30), dt.date(2014, 7, 1), dt.date(2014, 7, 28)):
        model = CommuteModel(scenario, scale=0.005, start=start, end=dt.date(2014, 7, 29))
        model.step()
        if start.month == 6:
            model.step()
        known.append(model.memory.centres.known[model.sites.ids.index("melun")].max())
    assert 0.0 < min(known) <= max(known) < 0.1
