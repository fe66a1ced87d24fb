"""YAML from anywhere is bounded before it is built, by the one reader of the project."""

import ast
import tracemalloc
from pathlib import Path

import pytest

from sim77 import Sim77Error
from sim77.analysis.calibrate.study import load_study as load_calibration
from sim77.analysis.sweep.file import load_study
from sim77.app.story.story import StoryError, story_of_text
from sim77.core.errors import StudyError
from sim77.core.yaml_file import (
    MOST_CHARACTERS,
    MOST_DEPTH,
    YamlError,
    line_of,
    load_yaml,
    read_yaml,
)
from sim77.scenario.posterior import load_posterior
from sim77.scenario.scenario import load_scenario

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
"""Some 500 characters that stand for ten billion values."""
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 10)
)

REFUSED = [
    (BOMB, "line 5: more than 100,000 values, counting what aliases stand for"),
    (MERGES, "line 6: more than 100,000 values"),
    (f"? {BOMB.replace(chr(10), chr(10) + '  ')}\n: x", "line 5: more than 100,000 values"),
    ("a: 1\nb: &b [*b]\n", "line 2: the alias '*b' stands for nothing, or for what it is part of"),
    ("a: &b 1\nc: &b [*b]\n", "line 2: the alias '*b' stands for nothing"),
    ("a: *b\n", "line 1: the alias '*b' stands for nothing"),
    ("[" * 900, f"line 1: more than {MOST_DEPTH} lists and mappings within"),
    ("[" * 500_000, "line 1: exceeded maximum nesting depth"),
    ("{a: " * 500, f"line 1: more than {MOST_DEPTH} lists and mappings within"),
    ("- " * 500, f"line 1: more than {MOST_DEPTH} lists and mappings within"),
    (f"[{'1,' * 150_000}]", "line 1: more than 100,000 values"),
    ("x" * (MOST_CHARACTERS + 1), "the text is longer than 1,000,000 characters"),
    ("a: 1\nb: !!python/name:os.system x\n", "line 2: the tag 'tag:yaml.org,2002:python/name:os"),
    ("a: !!timestamp 5\n", "line 1: the tag 'tag:yaml.org,2002:timestamp' is not allowed"),
    (f"a: {'9' * 5000}\n", "line 1: this number cannot be read"),
    (f"a: 1{':1' * 300_000}\n", "line 1: this number cannot be read"),
    (f"a: 0x{'f' * 900}\n", "line 1: this number cannot be read"),
    ("a: 0b_\n", "line 1: this number cannot be read"),
    ("a: 1\nb: 2\na: 3\n", "line 3: the key 'a' is given twice"),
    ("a: \0\n", "control characters are not allowed"),
    ("a: \ud800\n", "lone surrogate"),
    ("a: 1\n--- \nb: 1\n", "line 2: but found another document"),
    ("? [a]\n: 1\n", "line 1: found unhashable key"),
    ("a: [\n", "line 2: did not find expected node content"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_what_passes_a_bound_is_refused_before_it_is_built(text: str, message: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(YamlError) as caught:
            load_yaml(text)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert most < 50e6


def test_aliases_within_the_bounds_are_read() -> None:
    text = "a: &a {x: 1}\nb: [*a, *a]\nc: {<<: *a, y: 2}\n"
    assert load_yaml(text) == {"a": {"x": 1}, "b": [{"x": 1}] * 2, "c": {"x": 1, "y": 2}}
    assert line_of(text, ("b", 1)) == 1
    assert line_of(text, ("c", "y")) == 3


def test_lines_of_a_bomb_are_not_looked_for() -> None:
    with pytest.raises(YamlError, match="more than 100,000 values"):
        line_of(BOMB, ("a9", 0))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: caf\xe9\n", "line 2: this is not UTF-8; save the file as UTF-8."),
        (BOMB.encode(), "line 5: more than 100,000 values, counting what aliases stand for."),
        (
            b"a:\n\tb: 1\n",
            "line 2: found a tab or another character that means nothing here; indent with spaces.",
        ),
        (b" " * 4_000_000, "the text is longer than 1,000,000 characters."),
    ],
)
@pytest.mark.parametrize(
    "read", [load_scenario, load_study, load_calibration, lambda path: read_yaml(path, StudyError)]
)
def test_a_file_is_named_with_the_line(tmp_path: Path, content: bytes, message: str, read) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(Sim77Error) as caught:
        read(path)
    assert str(caught.value) == f"{path}, {message}"


def test_provenance_and_stories_are_bounded_too(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("theta\n0.5\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(BOMB, encoding="utf-8")
    with pytest.raises(StudyError, match=r"mine\.yaml, line 5: more than 100,000 values"):
        load_posterior(tmp_path / "mine.csv")
    with pytest.raises(StoryError, match="line 5: more than 100,000 values"):
        story_of_text(BOMB, None, "mine")  # type: ignore[arg-type]


def test_what_is_no_ordinary_file_is_not_read() -> None:
    with pytest.raises(StudyError, match="/dev/zero cannot be read: it is not an ordinary file"):
        load_study("/dev/zero")


@pytest.mark.parametrize("folder", ["sim77", "tools"])
def test_nothing_else_reads_yaml(folder: str) -> None:
    read = ("load", "compose", "parse", "scan", "Loader")
    for path in (ROOT / folder).rglob("*.py"):
        if path.name == "yaml_file.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("yaml"), f"{path}:{node.lineno}"
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "yaml":
                assert not any(word in node.attr for word in read), f"{path}:{node.lineno}"
