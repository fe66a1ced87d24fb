"""One catalogue, complete in French and English, for all that the page says."""

import re
import string
from pathlib import Path

import pytest

from sim77.app.words import CATALOGUE, unit_key, words
from sim77.core.yaml_file import load_yaml
from sim77.registry.indicators import described, every_indicator, indicators

pytestmark = pytest.mark.app

SOURCES = Path(__file__).resolve().parents[2] / "web" / "src"
ENTRIES = load_yaml(CATALOGUE.read_text(encoding="utf-8"))
USED = re.compile(r"""(?:app\.|\b)t\(\s*["']([a-z0-9_.]+)["']""")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", ENTRIES)
def test_each_text_is_in_both_languages_with_the_same_blanks(key: str) -> None:
    text = ENTRIES[key]
    assert isinstance(key, str), "yes and no must stand in quotation marks"
    assert set(text) == {"fr", "en"}
    # A unit without a word, such as a ratio's, is blank in both.
    blank_allowed = key.startswith("unit_") and text["fr"] == text["en"] == ""
    assert blank_allowed or (text["fr"].strip() and text["en"].strip())
    assert blanks(text["fr"]) == blanks(text["en"])
    assert not any(re.search(r"\w'\w", each) for each in text.values()), "a straight apostrophe"


def test_no_key_is_written_twice() -> None:
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()
    keys = [line.split(":")[0] for line in lines if re.match(r"\w+:", line)]
    assert sorted(keys) == sorted(set(keys))


def test_every_word_that_the_scripts_ask_for_is_there() -> None:
    used = {
        (path.name, key)
        for path in SOURCES.rglob("*.js")
        for key in USED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(used) > 50
    assert [(name, key) for name, key in sorted(used) if key not in ENTRIES] == []


def test_every_problem_that_the_checker_knows_has_words() -> None:
    from sim77.app import requests
    from sim77.app.export import files
    from sim77.app.state import address, state
    from sim77.app.story import story

    for module in (address, files, requests, state, story):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        keys = re.findall(r'(?:Problem|_BadError|RequestError)\(\s*"([a-z_]+)"', source)
        keys += re.findall(r'"((?:unknown|bad)_[a-z]+)"', source)
        assert [key for key in keys if key not in ENTRIES] == [], module.__name__


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_unit_of_each_indicator_has_words(language: str) -> None:
    compared = [name for name, each in every_indicator().items() if each.only_in != "study"]
    units = {described(name).daily_unit for name in (*indicators(), *compared)} - {""}
    assert [unit for unit in sorted(units) if unit_key(unit) not in words()[language]] == []


def test_french_marks_keep_their_narrow_spaces() -> None:
    assert not re.search(r" [;:!?%»]", "".join(words()["fr"].values()))
