"""Fixtures for all tests: the shipped territory, small invented ones, and tiny scenarios."""

import datetime as dt
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numba
import pytest

from sim77.core import threads
from sim77.core.units import OCCUPATION_GROUPS
from sim77.scenario.scenario import Change, Scenario, SiteSpec
from sim77.territory.territory import Territory, load_territory, write_example
from tests.built import write_built, write_busy

# Several processes share the processors: a thread without work sleeps, where OpenMP has it spin.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# A shell has what it starts in the background ignore Ctrl-C, and all that this starts in turn.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Everybody considers a shared place of work, and so many choose one that few workers show it.
EVERYBODY_CONSIDERS = {f"share_considering_{kind}": 1.0 for kind in ("employees", "independents")}
# Everybody may work away from the office as well.
EVERYBODY_ALLOWED = {
    **EVERYBODY_CONSIDERS,
    **{f"share_teleworkable_{group}": 1.0 for group in OCCUPATION_GROUPS},
    **{f"share_covered_{group}": 1.0 for group in OCCUPATION_GROUPS},
}
CPU_BEFORE = pytest.StashKey[float]()

# Promotion reaches everybody before a centre opens.
KNOWN_AT_ONCE = {"awareness_innovation_per_month": 1.0, "awareness_elsewhere": 1.0}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the heavy files, kinds mixed, and end with the many light ones of tests/unit.

    Workers that take whole files then end together, and not all of them wait for browsers at once.
    """
    items.sort(key=lambda item: ("unit" in item.path.parts, item.path.name))


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Note the processor time before a test, its fixtures included: `make weight` shows it."""
    item.stash[CPU_BEFORE] = _cpu_seconds()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Write the processor time of a test into the results of `make test`."""
    result = yield
    used = _cpu_seconds() - item.stash[CPU_BEFORE]
    item.user_properties.append(("cpu_seconds", f"{used:.3f}"))
    return result


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Run on one thread: several tests run at once, and results do not depend on it.

    That they do not, tests/determinism shows with threads of their own.
    """
    numba.set_num_threads(1)


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Run on two threads."""
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("this machine runs one thread")
    numba.set_num_threads(2)
    yield
    numba.set_num_threads(1)


@pytest.fixture
def shared_by_threads(two_threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two threads share the rows of each loop, as many as five runs of them however few."""
    monkeypatch.setattr(threads, "_count", lambda size, grain: max(1, min(size, 5)))


@pytest.fixture(scope="session")
def shipped_territory() -> Territory:
    """Seine-et-Marne: 507 communes, 21 telecentres."""
    return load_territory()


@pytest.fixture(scope="session")
def small_territory(tmp_path_factory: pytest.TempPathFactory) -> Territory:
    """Three invented communes, two lines, a metro, two telecentres, 260 workers in Paris."""
    folder: Path = tmp_path_factory.mktemp("territory") / "small"
    return load_territory(write_example(folder))


@pytest.fixture(scope="session")
def built_territory(tmp_path_factory: pytest.TempPathFactory) -> Territory:
    """Twelve invented communes, two lines, nine roads: made by `sim77 territory build`."""
    return load_territory(write_built(tmp_path_factory.mktemp("built") / "land"))


@pytest.fixture(scope="session")
def busy_territory(
    built_territory: Territory, tmp_path_factory: pytest.TempPathFactory
) -> Territory:
    """The built territory with full trains, slow roads, fitted constants and four telecentres."""
    folder: Path = tmp_path_factory.mktemp("busy") / "land"
    return load_territory(write_busy(built_territory.folder, folder))


@pytest.fixture(scope="session")
def tiny_scenario() -> Scenario:
    """Two weeks of the small territory: both telecentres, known and open to all, nothing dated."""
    return Scenario(
        *("tiny", "", "", "", ""),
        start=dt.date(2014, 9, 8),
        end=dt.date(2014, 9, 19),
        parameters=EVERYBODY_ALLOWED | KNOWN_AT_ONCE,
        network=(SiteSpec("bourg"), SiteSpec("village")),
        outside_ranges=True,
    )


@pytest.fixture(scope="session")
def eventful_scenario(tiny_scenario: Scenario) -> Scenario:
    """The tiny scenario with few desks, an anchor day, a strike and a closing, in mid-week."""
    return tiny_scenario.with_(
        network=(SiteSpec("bourg", desks=3), SiteSpec("village", desks=2)),
        parameters={"asc_tc_telecentre": 0.5, "asc_tc_coworking": 0.5, "asc_half": 1.0},
        changes=(
            Change(dt.date(2014, 9, 9), "anchor_weekdays", (1,)),
            Change(dt.date(2014, 9, 10), "strike", 0.5, until=dt.date(2014, 9, 11)),
            Change(dt.date(2014, 9, 17), "close_telecentre", target="village"),
        ),
    )
