"""Blocks of communes that threads share: each commune in one of them, with equal work."""

import numpy as np
import pytest

from sim77.engine.world import blocks_of_communes


@pytest.mark.parametrize(
    "residents",
    [[5], [0, 3, 0, 0, 4, 0], [1] * 40, [0] * 3, [400_000, *[10] * 500], [9_000] * 1_300],
    ids=["one", "some-empty", "few", "nobody", "one-large", "region"],
)
def test_every_commune_is_in_one_block(residents: list[int]) -> None:
    blocks = blocks_of_communes(np.cumsum([0, *residents]))
    assert (blocks[:, 0] < blocks[:, 1]).all()
    in_blocks = np.concatenate([np.arange(first, after) for first, after in blocks])
    assert np.array_equal(np.sort(in_blocks), np.arange(len(residents)))


def test_blocks_have_about_as_many_workers() -> None:
    start = np.cumsum([0, *[9_000] * 1_300])
    workers = np.diff(start[blocks_of_communes(start)], axis=1)
    assert workers.max() <= 1.25 * workers.mean()
