"""The shipped scenarios give the results whose hashes are stored beside this test.

``python -m tests.determinism.test_stored_hashes`` writes the hashes again: only after a change that
is meant to change results, and the commit says which and why.
"""

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import sim77

pytestmark = pytest.mark.determinism

STORED = Path(__file__).with_suffix(".yaml")
DIGITS = 9
"""Of floats, so that processors whose exp() differs in its last bit give the same hash."""


PARTS = {"years-2012-2024": (dt.date(2020, 1, 1), dt.date(2021, 12, 31))}
"""Of thirteen years those two that have a lockdown and an obligation."""


def rounded(column: pd.Series) -> pd.Series:
    """Return floats to their first `DIGITS` digits, and everything else as it is."""
    if not pd.api.types.is_float_dtype(column):
        return column
    values = column.to_numpy(dtype=float)
    size = np.where(np.isfinite(values) & (values != 0.0), np.abs(values), 1.0)
    factor = 10.0 ** (DIGITS - 1 - np.floor(np.log10(size)))
    return pd.Series(np.rint(values * factor) / factor + 0.0, index=column.index)


def hash_of(result: sim77.Result) -> str:
    """Return one hash of all tables of a run."""
    digest = hashlib.sha256()
    for name, table in sorted(result.tables.items()):
        digest.update(name.encode())
        digest.update(",".join(table.columns).encode())
        values = pd.util.hash_pandas_object(table.apply(rounded), index=False)
        digest.update(values.to_numpy(dtype="<u8").tobytes())
    return digest.hexdigest()


def hash_of_scenario(name: str) -> str:
    """Run a scenario with one worker in a hundred, and return its hash."""
    start, end = PARTS.get(name, (None, None))
    return hash_of(sim77.run(name, seed=1, scale=0.01, start=start, end=end))


@pytest.fixture(scope="module")
def stored() -> dict[str, str]:
    return yaml.safe_load(STORED.read_text(encoding="utf-8"))


def test_every_shipped_scenario_has_a_hash(stored: dict[str, str]) -> None:
    assert sorted(stored) == sorted(sim77.scenario_names())


@pytest.mark.parametrize("name", sim77.scenario_names())
def test_a_shipped_scenario_gives_its_stored_hash(name: str, stored: dict[str, str]) -> None:
    assert hash_of_scenario(name) == stored[name]


if __name__ == "__main__":
    hashes = {name: hash_of_scenario(name) for name in sim77.scenario_names()}
    STORED.write_text(yaml.safe_dump(hashes), encoding="utf-8")
