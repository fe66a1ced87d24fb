"""Telework by year beside surveys: each row tied to what means the same, of alike people."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.calibrate.targets import calibration_rows, mix_named
from sim77.analysis.validate.rows import validation_rows
from sim77.analysis.validate.year_rates import employees_by_group, telework_by_year
from sim77.analysis.validate.years import _tied, beside_observations
from sim77.report.locale import locales, words_by_language
from sim77.report.page import Tracks
from sim77.report.run.page import _years

pytestmark = pytest.mark.unit

GROUPS = ("managers", "intermediate", "clerical", "manual", "independents")
WORKERS = dict(zip(GROUPS, (100.0, 200.0, 300.0, 400.0, 50.0), strict=True))
RATES = dict(zip(GROUPS, (0.5, 0.2, 0.1, 0.0, 0.9), strict=True))


def tables(year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two weeks of a year with these rates; who teleworks does so two days a week."""
    weeks = pd.DataFrame([
        {"week": pd.Timestamp(year, 3, day), "group": group, "workers": n,
         "remote_one_day_or_more": RATES[group] * n, "remote_half_days": 4.0 * RATES[group] * n}
        for day in (6, 13) for group, n in WORKERS.items()
    ])  # fmt: skip
    days = pd.DataFrame({
        "date": pd.date_range(f"{year}-03-06", periods=2), "remote_days": [100.0, 140.0],
        "workers_at_work": [1000.0, 1000.0],
    })  # fmt: skip
    return weeks, days


def test_rates_are_those_of_employees_and_days_those_of_all() -> None:
    found = telework_by_year(*tables(2022)).loc[2022]
    assert found["week_rate"] == pytest.approx(100.0 * (50 + 40 + 30) / 1000)
    assert found["days_share"] == pytest.approx(12.0)
    assert found["days_mean"] == pytest.approx(2.0)


def test_a_group_without_anybody_has_no_weight() -> None:
    weeks, days = tables(2022)
    nobody = weeks["group"] == "manual"
    weeks.loc[nobody, ["workers", "remote_one_day_or_more", "remote_half_days"]] = 0.0
    region = beside_observations(weeks, days).set_index("row").loc["telework_idf_2022"]
    mix = mix_named("ile-de-france")
    assert mix is not None
    there = mix.occupations[:3]
    expected = 100.0 * float(there @ [RATES[group] for group in GROUPS[:3]]) / there.sum()
    assert region["model"] == pytest.approx(expected)


def test_a_row_is_compared_with_occupations_like_its_own_and_with_none_that_mean_another_thing():
    of_2022 = beside_observations(*tables(2022)).set_index("row")
    managers = of_2022.loc["telework_cadres_france_2022"]
    assert managers["observed"] == 52.2 and managers["model"] == pytest.approx(50.0)
    mix = mix_named("ile-de-france")
    assert mix is not None
    rates = np.array([RATES[group] for group in GROUPS[:4]])
    region = of_2022.loc["telework_idf_2022"]
    assert region["model"] == pytest.approx(100.0 * float(mix.occupations @ rates))
    occasional = beside_observations(*tables(2021)).set_index("row").loc["telework_idf_2021"]
    assert occasional["observed"] == 42.0 and np.isnan(occasional["model"])
    # Weeks do not say how many days each occupation worked: nothing to weigh these rows by.
    days = beside_observations(*tables(2024)).set_index("row").loc["telework_hours_share_idf_2024"]
    assert days["observed"] == 20.0 and np.isnan(days["model"])
    assert beside_observations(*tables(2013)).empty


@pytest.mark.parametrize(
    ("monday", "days", "year"),
    [
        ("2019-12-30", ("2019-12-02", "2020-01-31"), 2020),  # its Thursday is in 2020
        ("2020-12-28", ("2020-12-01", "2021-01-29"), 2020),
        ("2020-12-28", ("2021-01-01", "2021-01-29"), 2021),  # the run knows no other year
    ],
)
def test_a_week_belongs_to_the_year_of_its_thursday(
    monday: str, days: tuple[str, str], year: int
) -> None:
    weeks = tables(2022)[0].assign(week=pd.Timestamp(monday))
    worked = pd.DataFrame({"date": pd.DatetimeIndex(days)})
    assert set(employees_by_group(weeks, worked).index.get_level_values("year")) == {year}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_row_exists_and_its_definition_is_told(language: str) -> None:
    words = words_by_language("summary")[language]
    known = {*calibration_rows().index, *validation_rows().index}
    for name, entry in _tied().items():
        assert name in known
        assert words[f"seen_{entry['definition']}"]


def test_rows_of_one_survey_that_count_the_same_have_one_definition() -> None:
    rows = pd.concat([calibration_rows(), validation_rows()]).loc[list(_tied())]
    rows = rows.assign(definition=[entry["definition"] for entry in _tied().values()])
    assert (rows.groupby(["source_title", "unit"])["definition"].nunique() == 1).all()


def test_the_chart_says_what_each_survey_counts_and_where() -> None:
    run = [pd.concat(parts) for parts in zip(*map(tables, range(2020, 2023)), strict=True)]
    facts: Any = SimpleNamespace(
        years=telework_by_year(*run), observed=beside_observations(*run),
        result=SimpleNamespace(manifest={"share_of_commuters_in_scope": 1.0}),
    )  # fmt: skip
    said = {}
    for locale in locales("summary"):
        (section,) = _years(facts, locale)
        chart = next(part for part in section.blocks if isinstance(part, Tracks))
        said[locale.language] = {row.name: tuple(row.notes) for row in chart.rows}
    hour = "Île-de-France outside Paris: an hour or more in the week: 36%"
    (ring,) = [mark for mark in chart.rows[1].tracks[0].data["marks"] if mark[0] == "ring"]
    moved = f"moved to the occupations of these workers: {ring[1]:.0%}"
    assert said["en"]["2021"] == (f"Observed: Employees, {hour}; {moved}",)
    assert "une heure ou plus dans la semaine" in said["fr"]["2021"][0]
    assert "outside" not in said["fr"]["2021"][0]
    assert "over four weeks" in said["en"]["2022"][0]
