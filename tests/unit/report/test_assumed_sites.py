"""Telecentres whose site is assumed are marked wherever they are listed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sim77.analysis.compare.comparison import compare
from sim77.analysis.siting.result import load_siting
from sim77.app.studies.siting import siting_payload
from sim77.report.compare.page import write_compare_html
from sim77.report.geography import Geography
from sim77.report.siting.page import write_site_html
from sim77.territory.sites import new_id
from sim77.territory.territory import Territory
from tests.pages import Page

pytestmark = pytest.mark.unit

MARKS = {"fr": "(site supposé)", "en": "(assumed site)"}
STUDY = Path(__file__).resolve().parents[3] / "sim77/analysis/data/studies/next-nine-sites"
DAYS = {"start": dt.date(2014, 10, 6), "end": dt.date(2014, 10, 10)}


@pytest.fixture(scope="module")
def assumed(shipped_territory: Territory) -> set[str]:
    table = shipped_territory.telecentres
    return set(table.loc[table["assumed"] == 1, "telecentre_id"])


@pytest.mark.parametrize("language", MARKS)
def test_a_comparison_marks_assumed_sites(
    assumed: set[str], shipped_territory: Territory, tmp_path: Path, language: str
) -> None:
    found = compare("no-telecentres", "network-21", seeds=1, scale=0.02, **DAYS)
    write_compare_html(found, shipped_territory, tmp_path / "page.html")
    page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    ids = found.telecentres["telecentre_id"]
    assert set(ids) >= assumed
    for row, site in enumerate(ids):
        assert page.rows[language, f"t{row}"][0].endswith(MARKS[language]) == (site in assumed)


@pytest.mark.parametrize("language", MARKS)
def test_a_search_for_sites_marks_those_that_were_assumed_before(
    assumed: set[str], shipped_territory: Territory, tmp_path: Path, language: str
) -> None:
    siting = load_siting(STUDY)
    write_site_html(siting, shipped_territory, tmp_path / "page.html")
    page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    rows = [cells[0] for (where, row), cells in page.rows.items()
            if where == language and row.startswith("t")]  # fmt: skip
    assert len(rows) == len(siting.sites)
    assert sum(name.endswith(MARKS[language]) for name in rows) == len(assumed)


def test_the_app_is_told_which_sites_are_assumed(
    assumed: set[str], shipped_territory: Territory
) -> None:
    geography, siting = Geography(shipped_territory), load_siting(STUDY)
    on_the_map = {site["id"] for site in geography.payload_telecentres if site["assumed"]}
    of_study = {site["id"] for site in siting_payload(siting, geography)["sites"]
                if site["assumed"] and not site["new"]}  # fmt: skip
    assert on_the_map == of_study == assumed


def test_a_new_centre_has_the_name_of_its_commune(shipped_territory: Territory) -> None:
    sites = shipped_territory.sites.set_index("telecentre_id")
    assert sites.loc[new_id("77379"), ["name", "assumed"]].tolist() == ["Provins", 1]
