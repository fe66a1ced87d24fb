"""``sim77 explain``: a text for a person, and one sentence for a mistake."""

import pytest

from sim77.cli import main

pytestmark = pytest.mark.cli

EARLY = ("--date", "2022-01-04")

MISTAKES = {
    (
        "hybrid-2022",
        "--worker",
        "9999999",
        *EARLY,
    ): "There is no worker 9999999: numbers go from 0 to",
    ("hybrid-2022", "--worker", "77186-75112-3-99999", *EARLY): "There is no worker 77186-75112-3-",
    ("hybrid-2022", "--worker", "99999-75112-3-1", *EARLY): "There is no commune '99999'.",
    (
        "hybrid-2022",
        "--worker",
        "77186-77186-3-1",
        *EARLY,
    ): "Worker 77186-77186-3-1 is out of",
    ("hybrid-2022", "--worker", "Ada", *EARLY): "A worker is a number, or an identity like",
    ("hybrid-2022", "--worker", "3", "--date", "2022-05-28"): (
        "2022-05-28 is not simulated, because it is a weekend or a public holiday; the nearest "
        "simulated days are 2022-05-27 before and 2022-05-30 after."
    ),
    ("hybrid-2022", "--worker", "3", "--date", "2022-05-26"): "2022-05-26 is not simulated",
    ("hybrid-2022", "--worker", "3", "--date", "2014-05-28"): "2014-05-28 is outside 'hybrid-2022'",
    ("hybrid-2022", "--worker", "3", *EARLY, "--against", "network-2014"): (
        "2022-01-04 is outside 'network-2014', which goes from 2014-01-01 to 2014-12-31."
    ),
    ("hybird-2022", "--worker", "3", *EARLY): "unknown scenario 'hybird-2022'. Did you mean",
    ("hybrid-2022", "--worker", "3", *EARLY, "--lang", "de"): "unknown lang 'de'.",
    ("hybrid-2022", "--worker", "3", *EARLY, "--set", "thetta=1"): (
        "parameters: unknown parameter 'thetta'. Did you mean 'theta'?"
    ),
    ("hybrid-2022", "--worker", "3", *EARLY, "--scale", "0.01"): "Worker 3 is not in the sample",
}


@pytest.mark.parametrize(("words", "sentence"), MISTAKES.items(), ids=lambda each: str(each)[:40])
def test_a_mistake_is_one_sentence(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["explain", *words]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"sim77: {sentence}")
    assert shown.err.count("\n") == 1


def test_a_day_is_told_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    words = "explain hybrid-2022 --worker 11 --date 2022-01-04 --lang fr"
    assert main.main([*words.split(), "--against", "hybrid-2022-no-telecentres"]) == 0
    shown = capsys.readouterr().out
    assert "pourquoi cette personne" in shown.splitlines()[0]
    assert "le mardi 4 janvier 2022" in " ".join(shown.split())
    assert "Avec le scénario «" in shown
    for unknown in ("{", "}", "nan", "None"):
        assert unknown not in shown
