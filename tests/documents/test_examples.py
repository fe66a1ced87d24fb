"""Every example of the README, the documents and the docstrings runs: Python, commands, YAML."""

import argparse
import ast
import doctest
import importlib
import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from sim77.app.story.schema import PICTURES
from sim77.cli import main
from sim77.core.yaml_file import load_yaml

from .prepared import ROOT, fill_store, prepare, read

pytestmark = pytest.mark.cli

PAGES = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("tutorials/*.md")]
DOCUMENTS = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in PAGES)]
ON_A_CLUSTER = {"dask_jobqueue", "dask_kubernetes"}
"""Examples that import these need SLURM or Kubernetes: they are compiled, and not run."""
FEW = {
    "run": "--scale 0.01 --from 2022-03-01 --to 2022-03-02",
    "compare": "--scale 0.01 --from 2022-03-01 --to 2022-03-02",
    "site": "--scale 0.02 --days 1 --evaluations 2 --seeds 2 --random 1 --workers 0",
    "sweep": "--workers 0",
}
"""Options that make a documented command small, by command."""
_python = PythonEvaluator()


def evaluate_python(example: Example) -> None:
    """Run Python as it stands, in the names that the blocks before have made."""
    tree = ast.parse(example.parsed)
    modules = {
        (node.module or "").split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom)
    }
    if not modules & ON_A_CLUSTER:
        _python(example)


def evaluate_commands(example: Example) -> None:
    """Run each command of a block, on few workers and days; a target of make must be there."""
    for line in example.parsed.splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[0] == "make":
            subprocess.run([*words, "--dry-run"], cwd=ROOT, check=True, capture_output=True)
            continue
        assert words[0] == "sim77", line
        given = [] if "--workers" in words else shlex.split(FEW.get(words[1], ""))
        assert main.main([*words[1:], *given]) == 0, line


def evaluate_yaml(example: Example) -> None:
    """Read YAML as sim77 reads it."""
    assert load_yaml(str(example.parsed))


EVALUATORS = {"python": evaluate_python, "sh": evaluate_commands, "yaml": evaluate_yaml}
LONG = {
    ("docs/analysis.md", "python"), ("docs/analysis.md", "sh"), ("docs/app.md", "python"),
    ("docs/posterior.md", "sh"), ("docs/siting.md", "sh"), ("docs/sweeps.md", "sh"),
    ("docs/tutorials/comparison.md", "python"),
}  # fmt: skip


def examples(name: str, language: str) -> list[Example]:
    """Return the blocks of a document in one language."""
    parser = CodeBlockParser(language, EVALUATORS.get(language, evaluate_yaml))
    return list(Sybil([parser]).parse(ROOT / name).examples())


def cases() -> Iterator[Any]:
    """Yield every document with every language that it has blocks of."""
    for name in DOCUMENTS:
        for language in EVALUATORS:
            if examples(name, language):
                marks = [pytest.mark.long] if (name, language) in LONG else []
                yield pytest.param(name, language, marks=marks, id=f"{name}-{language}")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the examples name; what they write goes there too."""
    folder = tmp_path_factory.mktemp("examples")
    prepare(folder)
    fill_store(folder)
    return folder


@pytest.mark.parametrize(("name", "language"), list(cases()))
def test_the_examples_of_a_document_run(
    name: str, language: str, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(filled)
    # Comparisons run here: that they also do in processes is shown in tests/cli.
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    for example in examples(name, language):
        example.namespace["__name__"] = "__main__"
        example.evaluate()


MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "sim77").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_docstrings_run(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0
    # All are found, those of compiled and decorated functions too.
    assert found.attempted == MODULES[name].read_text(encoding="utf-8").count(">>> ")


def test_every_block_says_what_it_is() -> None:
    """A block of another kind would be run by nobody."""
    known = {*EVALUATORS, "text", "{toctree}", "{eval-rst}"}
    for name in DOCUMENTS:
        fences = re.findall(r"^```(.*)$", read(name), flags=re.MULTILINE)
        assert set(fences[::2]) <= known, name
        assert set(fences[1::2]) <= {""}, name


def options_of(words: list[str]) -> set[str]:
    """Return the options of the command, or command of a command, that a line begins with."""
    parser = main.build_parser()
    for word in words:
        inner = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
        if not inner:
            break
        parser = inner[0].choices[word]
    return set(parser._option_string_actions)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if examples(name, "text")])
def test_the_commands_of_a_synopsis_have_the_options_that_it_names(name: str) -> None:
    for block in examples(name, "text"):
        # A line that begins with a space goes on with the command above.
        for line in re.sub(r"\n +", " ", block.parsed).splitlines():
            if line.startswith("sim77 ") and "|" not in line.split()[1:3]:
                named = set(re.findall(r"(?<![\w-])--[a-z-]+", line))
                assert named <= options_of(line.split()[1:]), line


def test_the_pictures_of_a_story_are_all_documented() -> None:
    line = re.search(r"picture: (\w+) +# (.*)", read("docs/app.md"))
    assert line is not None
    assert {line.group(1), *line.group(2).split(", ")} == set(PICTURES)


def test_the_quick_look_names_extras_that_bring_all_it_needs() -> None:
    hint = re.search(r"pip install '(mesa\[[\w,]+\])'", read("sim77/app/mesa_view.py"))
    assert hint is not None
    assert hint.group(1) in read("docs/app.md")
    extras = set(Requirement(hint.group(1)).extras)
    brought = {
        found.name
        for found in map(Requirement, requires("mesa") or ())
        if found.marker and any(found.marker.evaluate({"extra": extra}) for extra in extras)
    }
    # What `mesa.visualization` and what it imports import.
    assert {"networkx", "altair", "matplotlib", "solara"} <= brought
