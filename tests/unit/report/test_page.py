"""One stack of pages: every kind of block has its macro, and rows of marks share one scale."""

import dataclasses
import math
from pathlib import Path

import pytest

from sim77.report import page
from sim77.report.locale import LANGUAGES, locales
from sim77.report.page import Items, Page, Prose, Section, Tracks, write_page
from sim77.report.tracks import Bar, Scale, bars
from tests.pages import Page as Read

pytestmark = pytest.mark.unit

BLOCKS = [
    kind.__name__
    for kind in vars(page).values()
    if dataclasses.is_dataclass(kind) and kind.__module__ == page.__name__ and kind is not Page
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


def test_what_is_unknown_has_no_mark_and_what_is_outside_is_at_the_edge() -> None:
    scale = Scale(0.0, 10.0)
    assert scale.at(math.nan) == scale.between(math.nan, 1.0) == ""
    assert scale.at(20.0) == "left:100.00%"
    assert scale.between(8.0, 2.0) == "left:20.00%;width:60.00%"
