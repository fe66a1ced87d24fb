"""What the package imports is what its metadata require, always or with an extra."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sim77.core.extras import EXTRAS

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BASE = "base"

USED_WITHOUT_IMPORT = {
    "solara-assets": "files that the page loads",
    "ipyvue": "held to the version that goes with ipyvuetify",
    "ipykernel": "runs the cells of a notebook",
    "matplotlib": "draws what pandas plots in a notebook",
    "nbclient": "runs notebooks",
    "nbformat": "writes notebooks",
}

CARRIED_BY = {"solara-ui": "solara", "pydantic-core": "pydantic"}
"""Distributions that another one brings in exactly the version that goes with it."""


def required(part: str) -> set[str]:
    """Return the distributions that an extra requires, those of extras in it included."""
    lines = PROJECT["dependencies"] if part == BASE else PROJECT["optional-dependencies"][part]
    names = set()
    for each in map(Requirement, lines):
        inner = each.extras if each.name == "sim77" else ()
        names |= {canonicalize_name(each.name)} if not inner else set().union(*map(required, inner))
    return names


def imports(source: str) -> Iterator[tuple[str, str]]:
    """Yield what is imported and, by the block ``with needs(extra)`` around it, with which part."""

    def walk(node: ast.AST, part: str) -> Iterator[tuple[str, str]]:
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                return
            case ast.With(items=[ast.withitem(context_expr=ast.Call(
                func=ast.Name(id="needs"), args=[ast.Constant(value=extra)])), *_]):  # fmt: skip
                part = extra
            case ast.Import():
                yield from ((part, alias.name.split(".")[0]) for alias in node.names)
            case ast.ImportFrom():
                yield part, node.module.split(".")[0]
        for child in ast.iter_child_nodes(node):
            yield from walk(child, part)

    yield from walk(ast.parse(source), BASE)


@cache
def all_imports() -> set[tuple[str, str]]:
    """Return the parts and modules of other packages that sim77 imports."""
    found = {
        each
        for path in (ROOT / "sim77").rglob("*.py")
        for each in imports(path.read_text(encoding="utf-8"))
    }
    return {each for each in found if each[1] not in {*sys.stdlib_module_names, "sim77"}}


@cache
def distributions() -> dict[str, set[str]]:
    """Return the installed distributions that have a module of this name."""
    return {
        module: {CARRIED_BY.get(canonicalize_name(name), canonicalize_name(name)) for name in names}
        for module, names in packages_distributions().items()
    }


@pytest.mark.parametrize("part", [BASE, *EXTRAS])
def test_what_is_imported_is_required(part: str) -> None:
    modules = {module for mine, module in all_imports() if mine == part}
    assert modules <= distributions().keys(), "nothing installed has these modules"
    wanted = required(BASE) | (required(part) if part != BASE else set())
    missing = {module for module in modules if not distributions()[module] & wanted}
    assert not missing, f"imported, and not required by {part}"


def test_an_import_needs_a_known_part() -> None:
    assert {part for part, _ in all_imports()} <= {BASE, *EXTRAS}


@pytest.mark.parametrize("part", [BASE, *EXTRAS])
def test_what_is_required_is_imported(part: str) -> None:
    used = {name for _, module in all_imports() for name in distributions()[module]}
    assert required(part) - used - USED_WITHOUT_IMPORT.keys() == set()


def test_every_extra_of_users_is_known() -> None:
    assert EXTRAS.keys() == PROJECT["optional-dependencies"].keys() - {"dev"}


def test_an_import_belongs_to_the_extra_around_it() -> None:
    source = "import a.b\nwith needs('x'), other():\n    from c.d import e\ndef f():\n    import g"
    assert set(imports(source)) == {(BASE, "a"), ("x", "c"), (BASE, "g")}
