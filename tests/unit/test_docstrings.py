"""Docstrings describe the parameters and attributes that are there."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

PACKAGE = Path(__file__).resolve().parents[2] / "sim77"


def described(text: str) -> Iterator[str]:
    """Yield the names that a NumPy-style docstring describes as parameters or attributes."""
    lines = text.split("\n")
    for start in (n for n, line in enumerate(lines) if line in ("Parameters", "Attributes")):
        for line, under in itertools.pairwise([*lines[start + 2 :], ""]):
            if set(under) == {"-"}:
                break
            if found := re.match(r"[*]*(\w[\w, *]*?)( :|$)", line):
                yield from found[1].replace("*", "").split(", ")


def named(tree: ast.AST) -> set[str]:
    """Return every name in arguments, or in the body of a class."""
    fields = ("arg", "attr", "id", "name")
    return {getattr(node, field, None) for node in ast.walk(tree) for field in fields} - {None}


def gone(source: str) -> list[str]:
    """Return the descriptions of what is not there; fields that a class inherits are not seen."""
    return [
        f"{node.name}: {name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.ClassDef) and not node.bases)
        for name in described(ast.get_docstring(node) or "")
        if name not in named(node.args if isinstance(node, ast.FunctionDef) else node)
    ]


def test_docstrings_describe_what_is_there() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert {name: found for name, source in sources.items() if (found := gone(source))} == {}


def test_a_renamed_parameter_is_found() -> None:
    docstring = '"""F.\n\n    Parameters\n    ----------\n    old : int\n    b, *c\n    """'
    assert gone(f"def f(new, b, *c):\n    {docstring}\n") == ["f: old"]
