"""What the documentation reads in the source code: parameters used, comments."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

import sim77
from docs.generator.markdown import DocumentationError, Entry
from sim77.engine.choice.terms import TERMS
from sim77.registry.parameters import Parameter, load_parameters

_HOLDERS = {"p", "parameters"}
"""What a set of parameters is called in the code, alone or as an attribute."""

_NOT_PARAMETERS = {"array", "items", "keys", "values", "get"}


@lru_cache(maxsize=1)
def modules() -> Mapping[str, str]:
    """Return the source text of every module of the package by its name without ``sim77.``."""
    package = Path(sim77.__file__).parent
    return {
        ".".join(path.relative_to(package).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in sorted(package.rglob("*.py"))
    }


def parameters_read(module: str) -> tuple[str, ...]:
    """Return the parameters that a module reads, in the order of the registry.

    Parameters
    ----------
    module : str
        Its name without ``sim77.``.

    Raises
    ------
    DocumentationError
        If it reads one that the registry does not have.
    """
    for line, pattern, names in _reads(module):
        if not names:
            raise DocumentationError(
                f"{module}.py, line {line}, reads a parameter '{pattern}' that there is not."
            )
    found = {name for _, _, names in _reads(module) for name in names}
    return tuple(name for name in load_parameters() if name in found)


@cache
def _reads(module: str) -> tuple[tuple[int, str, tuple[str, ...]], ...]:
    """Where a module reads parameters: line, pattern of the names, the parameters that fit."""
    return tuple(
        (line, pattern, tuple(name for name in load_parameters() if _fits(pattern, name)))
        for line, pattern in _patterns(ast.parse(modules()[module]))
    )


def _fits(pattern: str, name: str) -> bool:
    """Say whether a name fits; a gap at its start must be a text that stands in the code."""
    match = re.fullmatch(pattern, name)
    if match is None:
        return False
    start = match.groupdict().get("start")
    return start is None or start in _texts()


@lru_cache(maxsize=1)
def _texts() -> frozenset[str]:
    return frozenset(
        node.value
        for source in modules().values()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _patterns(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and a pattern of the names of parameters read there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _holds_parameters(node.value):
            if node.attr not in _NOT_PARAMETERS:
                yield node.lineno, re.escape(node.attr)
        elif isinstance(node, ast.Subscript) and _holds_parameters(node.value):
            if text := _text_pattern(node.slice):
                yield node.lineno, text
        elif isinstance(node, ast.Call) and _is_array(node.func):
            prefix = node.args[0]
            if text := _text_pattern(prefix):
                yield node.lineno, f"{text}_.+"


def _holds_parameters(node: ast.AST) -> bool:
    return (isinstance(node, ast.Name) and node.id in _HOLDERS) or (
        isinstance(node, ast.Attribute) and node.attr == "parameters"
    )


def _is_array(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute) and node.attr == "array" and _holds_parameters(node.value)
    )


def _text_pattern(node: ast.AST) -> str | None:
    """Return a text, or one with gaps, as a pattern; None if it holds nothing to go by."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*"
            for part in node.values
        ]
        if parts[0] == ".*":
            parts[0] = "(?P<start>.+)"
        return "".join(parts) if len(parts) > 1 else None
    return None


def readers(parameter: Parameter) -> list[str]:
    """Return the modules of the package that read a parameter."""
    in_terms = any(parameter.name in term.parameters for term in TERMS.values())
    return [
        module
        for module in modules()
        if any(parameter.name in names for _, _, names in _reads(module))
        or (in_terms and module == "engine.choice.terms")
    ]


def commented_fields(kind: type) -> list[Entry]:
    """Return the fields of a named tuple with their meanings, the comments behind them."""
    rows = re.findall(r"^ {4}(\w+): ([\w.]+)(?: +# (.+))?$", inspect.getsource(kind), re.MULTILINE)
    return [Entry((name,), kind_of, comment) for name, kind_of, comment in rows]
