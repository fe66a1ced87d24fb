"""Modules import downwards only, and heavy libraries have one place each."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

PACKAGE = Path(__file__).resolve().parents[2] / "sim77"

# A module split off another, like territory_read, is in the layer of the first word's module.
LAYERS = {
    0: "errors extras files processes schema units draws arrays variance yaml report_numbers "
    "report_words",
    1: "parameters territory mobpro",
    2: "scenario levers policy posterior",
    3: "access rail_tree travel destinations level_of_service flows population choice "
    "allowance booking network learning operators employers kernels calendar columns gravity other "
    "mobile occupations",
    4: "indicators world",
    5: "agents model workers recorder",
    6: "results plots summary warmup run report fork store",
    7: "compare pair loading explain claims listing doctor docs estimate sweep inference",
    8: "app cli __main__",
}
LAYER_OF = {name: layer for layer, names in LAYERS.items() for name in names.split()}

ALLOWED_IN = {
    "mesa": {"agents", "model", "workers", "app"},
    "solara": {"app"},
    "dask": {"sweep", "inference"},
    "distributed": {"sweep", "inference"},
}

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def part_of(path: Path) -> str:
    """Name the module, or the sub-package, that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def layer_of(part: str) -> int | None:
    """Return the layer of a module or sub-package; None when the table has no place for it."""
    return LAYER_OF.get(part, LAYER_OF.get(part.split("_")[0]))


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of everything imported, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def breaches(part: str, source: str) -> list[str]:
    """Say which imports of a module are not allowed."""
    found = []
    for line, name in imports(source):
        top, _, rest = name.partition(".")
        if part not in ALLOWED_IN.get(top, {part}):
            found.append(f"line {line}: {part} imports {top}")
        target = rest.split(".")[0]
        own, other = layer_of(part), layer_of(target)
        if top == "sim77" and own is not None and other is not None and other > own:
            found.append(f"line {line}: {part} imports {target}, from a layer above")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_its_layer_and_below(path: Path) -> None:
    assert layer_of(part_of(path)) is not None, f"{path.name} has no layer: add it to LAYERS"
    assert breaches(part_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("choice", "from sim77.engine.model import CommuteModel"),
        ("choice", "def f():\n    import sim77.runs.results"),
        ("choice", "from sim77 import indicators"),
        ("kernels", "import mesa"),
        ("results", "from mesa.space import Grid"),
        ("cli", "import solara"),
        ("run", "from dask import delayed"),
    ],
)
def test_a_planted_breach_is_found(part: str, source: str) -> None:
    assert len(breaches(part, source)) == 1
