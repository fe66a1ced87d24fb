"""Who is at the office is counted right in strata of any size."""

import numpy as np
import pytest

from sim77.engine.aggregation import count_at_office, nobody_at_office
from sim77.engine.arrays import Strata, Workers

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("large", [65_535, 65_536])
def test_everybody_in_a_large_stratum_is_counted(large: int) -> None:
    n = large + 3
    of_worker = np.repeat(np.arange(2, dtype=np.int32), (large, 3))
    strata = Strata(
        of_worker=of_worker,
        start=np.array([0, 2]),
        market=np.zeros(2, dtype=np.int32),
        kind_of_worker=np.arange(2, dtype=np.int8),
        weight=np.array([1.0, 2.0]),
    )
    anybody = dict.fromkeys(Workers._fields, np.zeros(n))
    w = Workers(**{
        **anybody, "kind": np.zeros(n, dtype=np.int8), "office_mode": np.ones(n, dtype=np.int8),
        "office_taste": np.full(n, 0.5),
    })  # fmt: skip
    w.kind[-1] = -1
    found = nobody_at_office(strata, 2, 1)
    count_at_office(w, strata, np.array([0, n]), found, 0, 1)
    assert found.workers.tolist() == [[0, large], [0, 2]]
    assert found.taste.tolist() == [0.5 * large, 1.0]
    assert found.travellers.tolist() == [[0.0], [large + 4.0]]
