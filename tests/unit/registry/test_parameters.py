"""The parameter registry: complete, inside its ranges, dated, immutable."""

import datetime as dt
import pickle
from dataclasses import replace

import numpy as np
import pytest

from sim77.core.errors import ParameterError
from sim77.core.units import (
    EMPLOYER_SIZES,
    MONTHS,
    OCCUPATION_GROUPS,
    WEEKDAYS,
)
from sim77.registry.parameters import (
    CONFIDENCES,
    GROUPS,
    FrozenDict,
    change_dates,
    defaults_hash,
    load_parameters,
    resolve,
)

pytestmark = pytest.mark.unit

IN_2014 = dt.date(2014, 6, 2)
IN_2022 = dt.date(2022, 6, 1)

FAMILIES = {
    "asc_home": OCCUPATION_GROUPS,
    "b_weekday": WEEKDAYS,
    "asc_tc": ("telecentre", "coworking"),
    "share_teleworkable": OCCUPATION_GROUPS,
    "share_covered": OCCUPATION_GROUPS,
    "share_allowance": ("2", "4", "6", "10"),
    "coverage_factor": EMPLOYER_SIZES,
    "share_workers": EMPLOYER_SIZES,
    "mean_heads": EMPLOYER_SIZES,
    "off_day_four": ("wednesday", "friday", "monday"),
    "absence": MONTHS,
    "car_at_hand": ("core", "inner", "outer_urban", "outer_rural"),
    "exogenous_share": ("urban", "rural"),
}

SUM_TO_ONE = {
    "share_allowance": FAMILIES["share_allowance"],
    "share_workers": EMPLOYER_SIZES,
    "off_day_four": FAMILIES["off_day_four"],
    "share": ("five_days", "four_days", "three_days"),
}


@pytest.mark.parametrize("name", load_parameters())
def test_an_entry_is_complete_and_inside_its_range(name: str) -> None:
    entry = load_parameters()[name]
    assert entry.label_fr and entry.label_en and entry.label_fr != entry.label_en
    assert entry.unit and entry.source and entry.source_ids
    assert entry.confidence in CONFIDENCES
    assert entry.group in GROUPS
    assert entry.low < entry.high
    for value in (entry.value, *entry.values.values()):
        assert entry.low <= value <= entry.high


def test_a_value_without_any_source_says_that_it_is_assumed() -> None:
    for entry in load_parameters().values():
        if entry.source_ids == ("assumed",):
            assert entry.confidence == "A", entry.name


@pytest.mark.parametrize(("prefix", "names"), FAMILIES.items())
def test_a_family_has_one_parameter_for_each_name(prefix: str, names: tuple[str, ...]) -> None:
    found = resolve(IN_2014).array(prefix, names)
    assert found.shape == (len(names),)
    assert found.dtype == np.float64
    members = [each for each in load_parameters() if each.startswith(f"{prefix}_")]
    assert len(members) == len(names)


@pytest.mark.parametrize("day", [IN_2014, IN_2022])
@pytest.mark.parametrize(("prefix", "names"), SUM_TO_ONE.items())
def test_shares_of_a_whole_sum_to_one(prefix: str, names: tuple[str, ...], day: dt.date) -> None:
    assert resolve(day).array(prefix, names).sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("beta_time_per_min", -0.033),
        ("beta_cost_per_eur", -0.20),
        ("mu_remote", 0.6),
        ("absence_august", 0.45),
        ("share_peak_hour", 0.45),
        ("base_volume_capacity", 1.07),
        ("car_kg_co2e_per_km", 0.2176),
        ("rail_kg_co2e_per_km", 0.00978),
        ("fatigue_midpoint_min", 120.0),
    ],
)
def test_defaults_are_those_of_the_dossier(name: str, value: float) -> None:
    assert resolve(IN_2014)[name] == value


def test_the_value_of_time_in_choice_is_ten_euros_an_hour() -> None:
    today = resolve(IN_2014)
    euros = 60 * today.beta_time_per_min / today.beta_cost_per_eur
    assert euros == pytest.approx(9.9)


def test_peers_and_norms_stay_inside_what_the_evidence_bounds() -> None:
    today = resolve(IN_2014)
    assert today.g_peer + today.g_norm <= 1.3


@pytest.mark.parametrize(
    ("day", "price"),
    [
        ("1999-01-01", 113.20),
        ("2014-12-31", 113.20),
        ("2015-08-31", 116.50),
        ("2015-09-01", 70.0),
        ("2016-07-31", 70.0),
        ("2016-08-01", 73.0),
        ("2017-08-01", 75.20),
        ("2023-01-01", 84.10),
        ("2024-06-01", 86.40),
        ("2099-01-01", 88.80),
    ],
)
def test_a_dated_value_holds_until_the_next_and_the_first_one_before(
    day: str, price: float
) -> None:
    assert resolve(dt.date.fromisoformat(day)).navigo_month_eur == price
    assert load_parameters()["navigo_month_eur"].value_on(dt.date.fromisoformat(day)) == price


def test_coverage_moves_by_year_between_its_anchors() -> None:
    first, fitted, last = load_parameters()["share_covered_managers"].values.values()
    assert first < fitted < last
    by_year = [resolve(dt.date(year, 3, 1)).share_covered_managers for year in range(2011, 2025)]
    assert by_year[:2] == [first, first] and by_year[6] == fitted and by_year[11:] == [last] * 3
    assert (np.diff(by_year[1:12]) > 0.0).all()
    assert resolve(dt.date(2014, 12, 31)) == resolve(IN_2014) != resolve(dt.date(2015, 1, 1))
    # 390 of the 9 770 agreements signed from 2017 to 2021 were signed in 2017.
    assert by_year[7] == pytest.approx(fitted + 390 / 9770 * (last - fitted), abs=0.001)


def test_what_replaces_an_anchor_moves_the_years_beside_it_and_no_others() -> None:
    given = {"share_covered_managers@2017-01-01": 0.4}
    last = load_parameters()["share_covered_managers"].values["2022-01-01"]
    assert resolve(dt.date(2017, 3, 1), given).share_covered_managers == 0.4
    before, after = (
        resolve(dt.date(2020, 3, 1), each).share_covered_managers for each in ({}, given)
    )
    assert before < after
    assert resolve(IN_2022, given).share_covered_managers == last


def test_every_path_has_the_dates_of_its_anchors_in_order() -> None:
    moving = [each for each in load_parameters().values() if each.path]
    assert moving
    for each in moving:
        assert set(each.values) <= set(each.path), each.name
        assert list(each.path) == sorted(each.path)
        assert (np.diff(list(each.path.values())) > 0.0).all()


def test_an_override_replaces_the_value_on_all_dates() -> None:
    for day in (IN_2014, IN_2022):
        today = resolve(day, {"share_covered_managers": 0.4, "theta": 1})
        assert today.share_covered_managers == 0.4
        assert today.theta == 1.0 and isinstance(today.theta, float)
        assert today.mu_remote == 0.6


def test_resolving_again_gives_the_same_object_until_a_default_changes() -> None:
    first = resolve(IN_2014, {"theta": 0.5, "g_peer": 0.2})
    assert resolve(dt.date(2014, 7, 1), {"g_peer": 0.2, "theta": 0.5}) is first
    assert resolve(IN_2014) is resolve(dt.date(2014, 7, 1))
    assert resolve(change_dates()[0]) != resolve(change_dates()[0] - dt.timedelta(days=1))


def test_a_parameter_set_compares_hashes_pickles_and_never_changes() -> None:
    one, other = resolve(IN_2014), resolve(IN_2014, {"theta": load_parameters()["theta"].value})
    assert one == other and hash(one) == hash(other) and one is not other
    assert one != resolve(IN_2014, {"theta": 0.5})
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(AttributeError, match="never changes"):
        one.theta = 0.7
    with pytest.raises(ValueError, match="read-only"):
        one.array("asc_home", OCCUPATION_GROUPS)[0] = 0.0
    assert dict(one)["theta"] == one["theta"] == one.theta
    assert set(one) == set(load_parameters())


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(ParameterError, match=r"unknown parameter 'thta'\. Did you mean 'theta'\?"):
        resolve(IN_2014, {"thta": 0.5})
    with pytest.raises(ParameterError, match="Did you mean 'theta'"):
        resolve(IN_2014)["thta"]
    with pytest.raises(AttributeError, match="Did you mean 'theta'"):
        _ = resolve(IN_2014).thta


@pytest.mark.parametrize("value", [0.2, 1.1, float("nan"), float("inf"), -1])
def test_a_value_outside_the_range_is_refused_with_range_and_unit(value: float) -> None:
    with pytest.raises(ParameterError, match=r"'theta' is .*, expected 0\.3 to 1 \(unit: factor"):
        resolve(IN_2014, {"theta": value})


@pytest.mark.parametrize("value", ["0.5", None, True, [0.5]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ParameterError, match=r"expected a number from 0\.3 to 1 "):
        resolve(IN_2014, {"theta": value})  # type: ignore[dict-item]


def test_a_thought_experiment_may_leave_the_range_but_not_what_is_possible() -> None:
    assert resolve(IN_2014, {"mu_mode": 0.0}, check_ranges=False).mu_mode == 0.0
    with pytest.raises(ParameterError, match="expected 0 to 1 "):
        resolve(IN_2014, {"share_covered_manual": 1.2}, check_ranges=False)
    for name, value, expected in (
        ("theta", float("nan"), "0 or more"),
        ("asc_home_managers", float("inf"), "a finite number"),
        ("sd_taste_home", -1.0, "0 or more"),
        ("beta_time_per_min", 0.1, "0 or less"),
        ("bicycle_speed_kmh", 0.0, "0.001 or more"),
        ("mu_remote", 1.2, "0.001 to 1"),
        ("isolation_retention", 1.0, "0 to 0.999"),
    ):
        with pytest.raises(ParameterError, match=f"expected {expected} "):
            resolve(IN_2014, {name: value}, check_ranges=False)
    with pytest.raises(ParameterError, match="expected 1 to 5"):
        resolve(IN_2014, {"mu_mode": 0.0})


def test_the_registry_cannot_change() -> None:
    with pytest.raises(TypeError):
        load_parameters()["theta"] = load_parameters()["mu_mode"]


def test_a_frozen_dict_is_a_value() -> None:
    one = FrozenDict({"a": 1.0, "b": 2.0})
    assert one == {"b": 2.0, "a": 1.0} == one
    assert hash(one) == hash(FrozenDict({"b": 2.0, "a": 1.0}))
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != {"a": 1.0}


def test_the_hash_of_defaults_holds_the_way_between_anchors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "share_covered_managers"
    entry = load_parameters()[name]
    way = FrozenDict({**entry.path, "2019-01-01": entry.path["2019-01-01"] + 0.01})
    anchors = [f"{name}@{date}" for date in entry.values]
    given = ([], anchors, [name])
    before = [defaults_hash(each) for each in given]
    other = FrozenDict({**load_parameters(), name: replace(entry, path=way)})
    monkeypatch.setattr("sim77.registry.parameters.load_parameters", lambda: other)
    same = [defaults_hash(each) == hashed for each, hashed in zip(given, before, strict=True)]
    assert same == [False, False, True]


@pytest.mark.parametrize(
    ("given", "changed", "same"),
    [
        ((), "theta", False),
        (("theta",), "theta", True),
        (("theta",), "b_fibre", False),
        (("share_covered_managers@2017-01-01",), "share_covered_managers", False),
        (("share_covered_managers",), "share_covered_managers", True),
        (
            tuple(f"share_covered_managers@{year}-01-01" for year in (2012, 2017, 2022)),
            "share_covered_managers",
            True,
        ),
    ],
)
def test_the_hash_of_defaults_holds_those_in_use(
    given: tuple[str, ...], changed: str, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = defaults_hash(given)
    entry = load_parameters()[changed]
    other = replace(
        entry,
        value=entry.value + 0.01,
        values=FrozenDict({date: value + 0.01 for date, value in entry.values.items()}),
    )
    monkeypatch.setattr(
        "sim77.registry.parameters.load_parameters",
        lambda: FrozenDict({**load_parameters(), changed: other}),
    )
    assert (defaults_hash(given) == before) == same
