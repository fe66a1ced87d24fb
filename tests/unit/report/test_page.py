"""One stack of pages: every kind of block has its macro, and rows of marks share one scale."""

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from sim77.report import page
from sim77.report.charts import Bar, bars
from sim77.report.locale import LANGUAGES, locales
from sim77.report.page import Chart, Items, Page, Prose, Section, Tracks, write_page
from tests.pages import Page as Read

pytestmark = pytest.mark.unit

PARTS = (Page, page.Row, page.Track)
BLOCKS = [
    kind.__name__
    for kind in vars(page).values()
    if dataclasses.is_dataclass(kind) and kind.__module__ == page.__name__ and kind not in PARTS
]


@pytest.mark.parametrize("name", BLOCKS)
def test_every_kind_of_block_has_a_macro(name: str) -> None:
    text = (page.TEMPLATES / "blocks.html.j2").read_text(encoding="utf-8")
    assert f"{{% macro {name.lower()}(b, p) %}}" in text


def test_a_page_is_its_blocks_in_both_languages_and_escapes_them(tmp_path: Path) -> None:
    chart = Tracks(bars([("<b>", [Bar(1.0, text="one")])]))
    pages = [
        Page(
            locale, "x", "x", "x", "x",
            [Section("about", "<i>", [Prose("a & b"), Items(["<li>"]), chart])],
        )
        for locale in locales()
    ]  # fmt: skip
    write_page(tmp_path / "x.html", "run", pages)
    read = Read((tmp_path / "x.html").read_text(encoding="utf-8"))
    for language in LANGUAGES:
        for text in ("<i>", "a & b", "<li>", "<b>", "one"):
            assert text in read.text[language]


def test_the_data_of_charts_come_through_whole_and_what_is_unknown_is_null(
    tmp_path: Path,
) -> None:
    evil = "'\"><script>alert(1)</script>&amp;"
    data = {"name": evil, "values": np.array([1.0, np.nan, np.inf]), "day": dt.date(2014, 1, 2),
            "count": np.int64(3), "long": 1 / 3}  # fmt: skip
    blocks = [Chart("year", data, "role"), Tracks(bars([("x", [Bar(2.0, text="2")])]))]
    write_page(
        tmp_path / "x.html", "run",
        [Page(each, "x", "x", "x", "x", [Section("about", "x", blocks)]) for each in locales()],
    )  # fmt: skip
    read = Read((tmp_path / "x.html").read_text(encoding="utf-8"))
    for language in LANGUAGES:
        (chart,) = read.charts(language, "year")
        assert chart == {"kind": "year", "name": evil, "values": [1.0, None, None],
                         "day": "2014-01-02", "count": 3, "long": 0.333333}  # fmt: skip
        (track,) = read.declared(language, "track")
        assert track == {"marks": [["share", 0.0, 2.0], ["whisker", None, None]]}
    assert read.tags.count("script") == 1
