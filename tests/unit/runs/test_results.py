"""Tables of a run."""

import numpy as np
import pytest

from sim77.runs.results import desks_of

pytestmark = pytest.mark.unit


def test_desks_of_a_sample_are_those_of_a_mean_day_and_of_a_whole_run_the_most() -> None:
    desks = np.array([[0.0, 20.0], [10.0, 20.0], [10.0, 0.0], [0.0, 0.0]])
    is_open = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    assert desks_of(desks, is_open, 1.0).tolist() == [10.0, 20.0]
    assert desks_of(desks, is_open, 0.1).tolist() == [5.0, 13.0]
    assert desks_of(desks, np.zeros_like(is_open), 0.1).tolist() == [0.0, 0.0]
