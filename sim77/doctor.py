"""What this installation has and lacks, one sentence each."""

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim77.errors import Sim77Error

OLDEST_PYTHON = (3, 11)
FIRST_UNTRIED_PYTHON = (3, 14)
SMALL_MEMORY_GIB = 2.0
LIBRARIES = {
    "mesa": "mesa",
    "numba": "numba",
    "numpy": "numpy",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "pydantic": "pydantic",
    "pyyaml": "yaml",
    "holidays": "holidays",
    "scipy": "scipy",
    "xarray": "xarray",
    "jinja2": "jinja2",
    "matplotlib": "matplotlib",
    "rich": "rich",
    "tqdm": "tqdm",
}
"""Distribution to the module it installs."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    right: bool
    sentence: str


def examine() -> list[Finding]:
    """Look at everything a run needs."""
    return [
        _python(),
        *(_library(name, module) for name, module in LIBRARIES.items()),
        _kernel_cache(),
        _memory(),
        Finding(True, f"cores: {_cores()}"),
        _shipped("parameters", _parameters),
        _shipped("scenarios", _scenarios),
        _shipped("territory", _territory),
    ]


def _python() -> Finding:
    right = OLDEST_PYTHON <= sys.version_info[:2] < FIRST_UNTRIED_PYTHON
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding(right, f"Python {found}" + ("" if right else "; 3.11, 3.12 or 3.13 is needed"))


def _library(name: str, module: str) -> Finding:
    try:
        import_module(module)
        return Finding(True, f"{name} {version(name)}")
    except PackageNotFoundError:
        return Finding(False, f"{name} has no version; run make setup")
    except ImportError as error:
        return Finding(False, f"{name} cannot be loaded ({error}); run make setup")


def _kernel_cache() -> Finding:
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parent / "__pycache__")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(True, f"compiled kernels can be kept in {folder}")
    except OSError:
        return Finding(
            False, f"compiled kernels cannot be kept in {folder}; set NUMBA_CACHE_DIR to a folder"
        )


def _memory() -> Finding:
    try:
        gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return Finding(True, "memory: this system does not say how much there is")
    right = gib >= SMALL_MEMORY_GIB
    return Finding(right, f"memory: {gib:.1f} GiB" + ("" if right else "; use --scale below 1"))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _shipped(what: str, count: Callable[[], str]) -> Finding:
    try:
        return Finding(True, f"{what}: {count()}")
    except (Sim77Error, OSError, ImportError) as error:
        return Finding(False, f"{what}: {error}")


def _parameters() -> str:
    from sim77.parameters import registry

    return f"{len(registry())} shipped"


def _scenarios() -> str:
    from sim77.scenario import load_scenario, scenario_names

    names = scenario_names()
    for name in names:
        load_scenario(name)
    return f"{len(names)} shipped"


def _territory() -> str:
    from sim77.territory import load_territory

    territory = load_territory()
    return f"{territory.name}, {len(territory.communes)} communes"
