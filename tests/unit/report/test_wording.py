"""Every text for users is plain in both languages, and numbers that differ look different."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim77.cli.main import build_parser
from sim77.core.yaml_file import load_yaml
from sim77.report.locale import FINEST, LANGUAGES, MINUS, Numbers, decimals_apart
from tests.wording import faults

pytestmark = pytest.mark.unit

PACKAGE = Path(__file__).resolve().parents[3] / "sim77"
FILES = [
    *sorted((PACKAGE / "report" / "templates").glob("*_words.yaml")),
    PACKAGE / "app/words.yaml",
    *sorted((PACKAGE / "app/stories").glob("*.yaml")),
    PACKAGE / "registry/claims.yaml",
    PACKAGE / "registry/indicators.yaml",
    PACKAGE / "registry/levers.yaml",
]


def texts(node: Any, language: str) -> Iterator[str]:
    """Yield every text that stands under a language."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == language and isinstance(value, str):
                yield value
            else:
                yield from texts(value, language)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_text_for_users_holds_what_readers_stumbled_over(path: Path, language: str) -> None:
    found = list(texts(load_yaml(path.read_text(encoding="utf-8")), language))
    assert found
    # What stands in braces is a name, and never shown.
    shown = (re.sub(r"\{[^}]*\}", "{}", text) for text in found)
    assert [fault for text in shown for fault in faults(text, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_scan_sees_what_it_is_for(language: str) -> None:
    message = {
        "fr": ["Dans A : dans le bruit", "-0", "\u22120,00", "de 68,5 à 68,5", "0,00000000001"],
        "en": ["12 minutes given back", "from 68.5% to 68.5%", "\u22120 kg", "random-01", "nan"],
    }
    assert all(faults(text, language) for text in message[language])
    assert not faults({"fr": "de 68,5 à 68,51", "en": "from \u22120.4 to 0"}[language], language)


def test_who_said_a_claim_is_told_in_the_language_of_the_page() -> None:
    entries = load_yaml((PACKAGE / "registry/claims.yaml").read_text(encoding="utf-8"))[
        "claims"
    ].values()
    english = re.compile(
        r"\b(?:the|and|of|with|our|by|its|reporting|others|said|press release|January|October"
        r"|November|December)\b"
    )
    for entry in entries:
        for part in ("whose", "source"):
            text = entry[part]
            if isinstance(text, str):
                # A text for both languages is a name or a title.
                assert not english.search(text), text
            else:
                assert set(text) == set(LANGUAGES)
                assert not english.search(text["fr"]), text["fr"]


# Numbers -----------------------------------------------------------------------------------

AMOUNT = st.one_of(
    st.floats(-1e9, 1e9, allow_nan=False), st.floats(-10.0, 10.0), st.floats(-1e-9, 1e-9)
)


@given(st.lists(AMOUNT, min_size=1, max_size=4), st.integers(1, 3), st.sampled_from(LANGUAGES))
@example([0.68512, 0.68538], 3, "en")
@example([-1e-11], 2, "fr")
@example([-0.0, 0.0], 2, "en")
def test_numbers_side_by_side_look_alike_only_where_they_are(
    values: list[float], digits: int, language: str
) -> None:
    message = Numbers(language).apart(*values, digits=digits)
    for i, one in enumerate(values):
        assert not re.fullmatch(rf"{MINUS}0([.,]0+)?", message[i])
        for k, other in enumerate(values):
            # What differs by a rounding error of the arithmetic only may look alike.
            if abs(one - other) > max(2.0 * 10.0**-FINEST, 1e-10 * max(map(abs, values))):
                assert message[i] != message[k]
            if one == other:
                assert message[i] == message[k]
        if abs(one) > max(2.0 * 10.0**-FINEST, 1e-10 * max(map(abs, values))):
            assert re.search("[1-9]", message[i])


@given(AMOUNT, st.integers(0, 6))
def test_no_number_is_minus_nothing(value: float, decimals: int) -> None:
    for language in LANGUAGES:
        numbers = Numbers(language)
        message = (
            numbers.fixed(value, decimals), numbers.significant(value), numbers.rounded(value),
            numbers.percent(value), numbers.percent(value, decimals),
        )  # fmt: skip
        for text in message:
            assert not re.match(rf"{MINUS}0([.,]0+)?\D*$", text), text
            assert "e" not in text


@given(st.lists(AMOUNT, max_size=4), st.integers(-3, 4))
def test_decimals_apart_only_ever_adds(values: list[float], decimals: int) -> None:
    assert decimals <= decimals_apart(values, decimals) <= max(decimals, FINEST)


# The command line --------------------------------------------------------------------------


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parser of each command, and of each command of a command."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from parsers(inner)


def test_the_help_of_every_command_is_plain() -> None:
    found = {each.prog: faults(each.format_help(), "en") for each in parsers(build_parser())}
    assert len(found) > 20
    assert {name: each for name, each in found.items() if each} == {}
