"""What this installation has and lacks, one sentence each."""

import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

import psutil
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from sim77.core.errors import Sim77Error
from sim77.core.extras import EXTRAS, how_to_install
from sim77.core.machine import usable_cores

PACKAGE = "sim77"
SMALL_MEMORY_GIB = 2.0
MODULES = {"pyyaml": "yaml"}
"""What a required distribution is imported as, where the names differ."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    right: bool
    sentence: str


def examine() -> list[Finding]:
    """Look at everything a run needs, and at what else can be installed.

    Versions are held against the metadata of the sim77 that is installed.
    """
    return [
        *_versions(),
        _kernel_cache(),
        _memory(),
        Finding(True, f"cores: {usable_cores()}"),
        _shipped("parameters", _parameters),
        _shipped("scenarios", _scenarios),
        _shipped("territory", _territory),
    ]


def _versions() -> Iterator[Finding]:
    try:
        wanted = SpecifierSet(metadata(PACKAGE)["Requires-Python"])
    except PackageNotFoundError:
        yield Finding(False, f"{PACKAGE} is not installed, only its files are there: pip install .")
        return
    yield _in_range("Python", platform.python_version(), wanted, "install one of these")
    for requirement in requirements():
        finding = _library(requirement)
        yield finding if not finding.right else _loaded(requirement, finding)
    for extra, purpose in EXTRAS.items():
        yield _extra(extra, purpose)


def requirements(extra: str = "") -> list[Requirement]:
    """Return what the installed sim77 requires here: always, or for an extra and nothing else.

    Parameters
    ----------
    extra : str
        One of `EXTRAS`; always by default.
    """

    def applies(each: Requirement, extra: str) -> bool:
        return each.marker is None or each.marker.evaluate({"extra": extra})

    found = [each for each in map(Requirement, requires(PACKAGE) or ()) if applies(each, extra)]
    return [each for each in found if not (extra and applies(each, ""))]


def _library(requirement: Requirement) -> Finding:
    name = requirement.name
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(False, f'{name} is not installed: pip install "{requirement}"')
    return _in_range(name, found, requirement.specifier, f'pip install "{requirement}"')


def _in_range(name: str, found: str, wanted: SpecifierSet, remedy: str) -> Finding:
    if wanted.contains(found, prereleases=True):
        return Finding(True, f"{name} {found}")
    return Finding(False, f"{name} {found} is not among the versions {wanted}: {remedy}")


def _loaded(requirement: Requirement, finding: Finding) -> Finding:
    """Return what was found, or that it is there but cannot be used."""
    name = requirement.name
    try:
        import_module(MODULES.get(name.lower(), name.replace("-", "_")))
        return finding
    except ImportError as error:
        remedy = f'pip install --force-reinstall "{requirement}"'
        return Finding(False, f"{name} cannot be loaded ({error}): {remedy}")


def _extra(extra: str, purpose: str) -> Finding:
    """Say of an extra whether it is there; that it is not is nothing wrong."""
    wanted = requirements(extra)
    missing = [each.name for each in wanted if not _installed(each.name)]
    if missing:
        part = "not installed" if len(missing) == len(wanted) else f"without {', '.join(missing)}"
        return Finding(True, f"{extra} ({purpose}): {part}: {how_to_install(extra)}")
    wrong = [found.sentence for found in map(_library, wanted) if not found.right]
    return Finding(not wrong, f"{extra} ({purpose}): {'; '.join(wrong) or 'installed'}")


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _kernel_cache() -> Finding:
    from sim77.engine.choice import choose_kernels

    folder = Path(str(choose_kernels.choose.stats.cache_path))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(True, f"compiled kernels can be kept in {folder}")
    except OSError:
        return Finding(
            False, f"compiled kernels cannot be kept in {folder}; set NUMBA_CACHE_DIR to a folder"
        )


def _memory() -> Finding:
    gib = psutil.virtual_memory().total / 2**30
    right = gib >= SMALL_MEMORY_GIB
    return Finding(right, f"memory: {gib:.1f} GiB" + ("" if right else "; use --scale below 1"))


def _shipped(what: str, count: Callable[[], str]) -> Finding:
    try:
        return Finding(True, f"{what}: {count()}")
    except (Sim77Error, OSError, ImportError) as error:
        return Finding(False, f"{what}: {error}")


def _parameters() -> str:
    from sim77.registry.parameters import load_parameters

    return f"{len(load_parameters())} shipped"


def _scenarios() -> str:
    from sim77.scenario.scenario import load_scenario, scenario_names

    names = scenario_names()
    for name in names:
        load_scenario(name)
    return f"{len(names)} shipped"


def _territory() -> str:
    from sim77.territory.territory import load_territory

    territory = load_territory()
    return f"{territory.name}, {len(territory.communes)} communes"
