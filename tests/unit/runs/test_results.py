"""Tables of a run."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from sim77.engine.model import CommuteModel
from sim77.engine.recorder import centres_by_column
from sim77.runs.results import desks_of

pytestmark = pytest.mark.unit

DAY = dt.date(2014, 3, 4)


@pytest.fixture(scope="module")
def sample() -> CommuteModel:
    model = CommuteModel("network-2014", scale=0.02, start=DAY, end=DAY + dt.timedelta(days=2))
    while model.running:
        model.step()
    return model


def test_desks_of_a_sample_are_those_that_are_offered(sample: CommuteModel) -> None:
    drawn = centres_by_column(sample.recorder.centres)["desks"].mean(axis=0)
    offered = sample.effects.posted.desks
    assert not np.allclose(drawn, offered)
    assert desks_of(sample).tolist() == offered.tolist()


def test_desks_of_a_closed_site_are_those_of_a_mean_day_open(
    sample: CommuteModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = sample.effects.posted
    closed = replace(sample.effects, posted=posted._replace(open=np.zeros_like(posted.open)))
    monkeypatch.setattr(sample.memory, "effects", closed)
    column = centres_by_column(sample.recorder.centres)
    desks, is_open = column["desks"], column["open"]
    mean = (desks * is_open).sum(axis=0) / np.maximum(is_open.sum(axis=0), 1.0)
    assert desks_of(sample).tolist() == np.rint(mean).tolist()
