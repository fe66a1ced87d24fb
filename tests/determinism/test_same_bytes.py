"""One seed gives one result: whatever the threads, in this process and in another."""

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim77.engine.model import CommuteModel
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.determinism


def digests(model: CommuteModel) -> dict[str, str]:
    """Run a model to its end; hash every array it has recorded and every column of its workers."""
    while model.running:
        model.step()
    recorder = model.recorder
    arrays = {
        **{f"recorder.{name}": value for name, value in vars(recorder).items()},
        **{f"workers.{name}": value for name, value in model.columns._asdict().items()},
        "recorder.weeks": np.array([table for _, table in sorted(recorder.weeks.items())]),
        "expected_min": model.memory.expected_min,
        "expected_ratio": model.memory.expected_ratio,
    }
    return {
        name: hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        for name, array in arrays.items()
        if isinstance(array, np.ndarray)
    }


def busy_scenario() -> Scenario:
    """Two weeks of 2022 with few desks, so that nothing of the model stands still."""
    scenario = load_scenario("hybrid-2022")
    return scenario.with_(
        start="2022-03-14",
        end="2022-03-25",
        parameters={"asc_tc_telecentre": -0.5, "asc_tc_coworking": -0.5, "asc_half": -0.5},
    )


def busy_model(**options: object) -> CommuteModel:
    return CommuteModel(busy_scenario(), **{"seed": 5, "scale": 0.3, **options})


@pytest.fixture(scope="module")
def reference() -> dict[str, str]:
    """The digests on one thread."""
    return digests(busy_model())


@pytest.mark.usefixtures("shared_by_threads")
def test_threads_do_not_show(reference):
    assert digests(busy_model()) == reference


def test_a_second_process_gives_the_same_bytes(reference):
    program = (
        "import importlib, json\n"
        "module = importlib.import_module('tests.determinism.test_same_bytes')\n"
        "print(json.dumps(module.digests(module.busy_model())))\n"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "12345",
        "NUMBA_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, env=environment, cwd=root, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == reference


def test_a_run_leaves_nothing_behind_for_the_next(reference):
    digests(CommuteModel("network-2014", seed=2, scale=0.05, end=dt.date(2014, 1, 10)))
    assert digests(busy_model()) == reference


def test_another_seed_gives_other_results(reference):
    other = digests(busy_model(seed=6))
    for name in ("recorder.communes", "recorder.centres", "workers.kind", "workers.minutes_saved"):
        assert other[name] != reference[name]


def test_a_population_may_be_reused(reference):
    first = busy_model()
    assert digests(busy_model(population=first.population)) == reference
    assert digests(first) == reference


def test_the_small_territory_with_every_event_repeats(
    small_territory: Territory, eventful_scenario: Scenario
):
    one, two = (
        digests(CommuteModel(eventful_scenario, territory=small_territory, seed=9))
        for _ in range(2)
    )
    assert one == two
