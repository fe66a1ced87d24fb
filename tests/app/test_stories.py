"""Stories: read strictly, figures from their runs, one offline page."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim77.app.options import Options
from sim77.app.session import Session
from sim77.app.state.state import Checker
from sim77.app.story.figures import filled, is_known
from sim77.app.story.story import STORIES, StoryError, load_story, shipped_stories, story_of_text
from sim77.app.story_page import write_story
from sim77.core.errors import ResultError
from sim77.territory.territory import load_territory
from tests.app.conftest import wait_for
from tests.app.small import END, SCALE, START

pytestmark = pytest.mark.app

GOOD = """
title: {fr: "Essai", en: "Trial"}
scenes:
  - title: {fr: "Un", en: "One"}
    text: {fr: "{effect:travel_min} min", en: "{effect:travel_min} min"}
    scenario_b: network-2014
    levers: {price_day: 3}
    day: 2014-09-30
"""


@pytest.mark.parametrize("path", sorted(STORIES.glob("*/*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_story_is_read_and_lasts_about_three_minutes(path: Path) -> None:
    checker = Checker(load_territory(path.parent.name))
    assert list(shipped_stories(checker)) == [path.stem]
    tour = load_story(path.stem, checker)
    for language in ("fr", "en"):
        words = sum(
            len(scene.texts[key][language].split())
            for scene in tour.scenes
            for key in ("title", "text", "caveat")
        )
        # Read aloud at 100 to 140 words a minute.
        assert 280 <= words <= 420, (language, words)
    for scene in tour.scenes:
        for language in ("fr", "en"):
            # Results are filled in; what stays in digits is years, dates and what was claimed.
            left = re.sub(r"\{[^}]*\}", "", scene.texts["text"][language])
            assert not re.search(r"\d+[.,]\d|\d%|\d\u202f%", left), left


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('effect:travel_min} min", en', 'effect:happiness} min", en', "happiness"),
        ("scenario_b: network-2014", "scenario_b: network-2041", "network-2041"),
        ("price_day: 3", "price_dya: 3", "price_dya"),
        ("price_day: 3", "price_day: 99", "price_day"),
        ("day: 2014-09-30", "day: yesterday", "yesterday"),
        ("day: 2014-09-30", "indicator: happiness", "happiness"),
        ("day: 2014-09-30", "dya: 2014-09-30", "dya"),
        ("day: 2014-09-30", "highlight: {communes: ['99999']}", "99999"),
        ('en: "One"', 'de: "Eins"', "title"),
        ('title: {fr: "Essai"', "title: {fr: [1]", "title"),
        ("scenes:", "sceens:", "sceens"),
        ('title: {fr: "Essai"', 'title: {fr: "Essai', "YAML"),
        ("scenes:", "scenes: !!python/object/apply:os.system ['true']\nmore:", "YAML"),
    ],
)
def test_a_wrong_word_is_named_in_one_sentence(
    checker: Checker, old: str, new: str, says: str
) -> None:
    assert story_of_text(GOOD, checker, "mine").scenes[0].given["levers"] == {"price_day": 3.0}
    with pytest.raises(StoryError) as caught:
        story_of_text(GOOD.replace(old, new, 1), checker, "mine")
    for language in ("fr", "en"):
        sentence = caught.value.sentence(language)
        assert says in sentence
        assert sentence.count("\n") == 0


def test_an_unknown_story_is_named(checker: Checker) -> None:
    with pytest.raises(ResultError, match="Did you mean 'network-tour'"):
        load_story("network-tuor", checker)


def test_figures_are_those_of_the_comparison() -> None:
    row = {"a": 100.0, "b": 99.0, "diff": -1.0, "low": -1.5, "high": -0.5}
    compared = {"effects": [{"name": "home", **row}], "claims": []}
    assert filled("{a:home} {effect:home}", compared, "en") == "100 −1.0"
    assert filled("{interval:home}, {noise:home}", compared, "en").endswith("a clear change")
    assert filled("{b:home}", {}, "fr") == "…"
    near = {"name": "load_factor_R", "a": 0.68512, "b": 0.68538, "diff": 0.00026}
    compared = {"effects": [{**near, "low": 0.00011, "high": 0.00041}], "claims": []}
    message = filled("from {a:load_factor_R%} to {b:load_factor_R%}", compared, "en")
    assert message == "from 68.51% to 68.54%"
    unclear = {"effects": [{**near, "low": -0.0001, "high": 0.0006}], "claims": []}
    message = filled("from {a:load_factor_R%} to {b:load_factor_R%}", unclear, "en")
    assert message == "from 68.5% to 68.5%"
    assert not is_known("load_factor_R") and is_known("a:load_factor_R%")
    alone = filled("{a:load_factor_R%}", compared, "en")
    assert len(alone.removesuffix("%").replace(".", "")) == 3, alone


def test_a_text_on_clear_winners_and_losers_reads_well_without_any() -> None:
    surest: dict[str, Any] = {"gaining": None, "losing": None}
    compared = {"effects": [], "surest": surest}
    assert filled("{clear_communes}", compared, "fr").startswith("Aucune commune ne gagne ni")
    surest["losing"] = {"name": "Melun", "diff": -0.31, "code": "77288"}
    message = "The surest loss: Melun (0.3 min more per worker and day)."
    assert filled("{clear_communes}", compared, "en") == message
    surest["gaining"] = {"name": "Meaux", "diff": 0.31, "code": "77284"}
    assert "Meaux (0,3 min de moins" in filled("{gaining_commune}", compared, "fr")


def test_a_sure_change_of_next_to_nothing_is_told_as_negligible() -> None:
    row = {"name": "home", "a": 1000.0, "b": 1000.9, "diff": 0.9, "low": 0.8, "high": 1.0}
    assert filled("{noise:home}", {"effects": [row]}, "en").endswith("negligible one")
    assert filled("{noise:home}", {"effects": [{**row, "diff": 1.1}]}, "en") == "a clear change"


@pytest.mark.parametrize(
    ("name", "level", "message"),
    [("centre_users", 26.13, "26"), ("centre_users", 9.87, "9.87"), ("home", 2345.6, "2,350"),
     ("travel_min_per_worker", 97.27, "97.3")],
)  # fmt: skip
def test_a_level_in_a_text_cuts_nobody_in_parts(name: str, level: float, message: str) -> None:
    row = {"name": name, "a": level, "b": level, "diff": 0.0, "low": 0.0, "high": 0.0}
    assert filled(f"{{b:{name}}}", {"effects": [row]}, "en") == message


def test_a_scene_brings_its_state_and_its_figures(open_session: Callable[..., Session]) -> None:
    session = open_session("view=present")
    session.hear({"type": "set", "state": {"story": "network-tour", "scene": 2}})
    assert (session.state.view, session.state.scenario_b) == ("present", "network-2014")
    message = wait_for(lambda: session.widget.scene.get("complete") and session.widget.scene)
    minutes = next(r for r in session.widget.compare["effects"] if r["name"] == "travel_min")
    assert filled("{effect:travel_min}", {"effects": [minutes]}, "en") in message["text"]["en"]
    session.hear(
        {"type": "ask", "id": 2, "kind": "story_parse", "text": GOOD.replace("_b: n", "_q: n")}
    )
    assert "scène 1" in session.widget.answer["error"]["args"]["detail"]
    session.hear({"type": "ask", "id": 3, "kind": "story_save", "story": yaml.safe_load(GOOD)})
    assert story_of_text(session.widget.answer["text"], session.checker, "x").scenes


def test_a_story_becomes_one_offline_page(tmp_path: Path, browser: Any) -> None:
    story = tmp_path / "trial.yaml"
    story.write_text(GOOD, encoding="utf-8")
    target = write_story(str(story), tmp_path / "trial.html", Options(SCALE, START, END, 1))
    assert target.stat().st_size < 10e6
    with pytest.raises(ResultError, match="--overwrite"):
        write_story(str(story), target, Options(SCALE, START, END, 1))
    text = target.read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="sim77-data">(.*?)</script>', text, re.S).group(1))
    assert data["scenes"][0]["scene"]["complete"]
    page = browser.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    # In the language of the address, else in the browser's, until another is chosen below.
    for address, lang in ((target.as_uri(), "en"), (f"{target.as_uri()}?lang=fr", "fr")):
        page.goto(address)
        page.locator(f".s77-root[lang={lang}] .s77-scenetext h1").wait_for()
        assert page.title() == data["boot"]["stories"][0]["title"][lang]
    assert "Un" in page.locator(".s77-root").inner_text()
    page.locator(".s77-scenefoot").get_by_role("button", name="English").click()
    page.locator(".s77-root[lang=en] .s77-scenetext h1").wait_for()
    assert page.title() == data["boot"]["stories"][0]["title"]["en"]
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert wrong == []
