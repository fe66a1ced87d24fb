"""Runs of rows that threads share: each row in one of them, with equal work."""

from itertools import chain, starmap

import numpy as np
import pytest

from sim77.core.threads import blocks, columns_in_blocks, even_runs, in_runs, weighed_runs

WEIGHTS = {
    "one": [5],
    "some-empty": [0, 3, 0, 0, 4, 0],
    "few": [1] * 40,
    "nobody": [0] * 3,
    "one-large": [400_000, *[10] * 500],
    "region": [9_000] * 1_300,
}


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
@pytest.mark.usefixtures("two_threads")
def test_every_row_is_in_one_run(weights: list[int]) -> None:
    rows = weighed_runs(np.cumsum([0, *weights]), 2)
    assert list(chain(*starmap(range, rows))) == list(range(len(weights)))


@pytest.mark.usefixtures("two_threads")
def test_runs_have_about_as_much_work() -> None:
    start = np.cumsum([0, *WEIGHTS["region"]])
    weights = [start[last] - start[first] for first, last in weighed_runs(start)]
    assert len(weights) > 2
    assert max(weights) <= 1.05 * np.mean(weights)


@pytest.mark.usefixtures("two_threads")
def test_few_rows_are_not_worth_a_thread() -> None:
    assert even_runs(0) == [(0, 0)]
    assert even_runs(30_000) == [(0, 30_000)]
    assert even_runs(60_000) == [(0, 20_000), (20_000, 40_000), (40_000, 60_000)]
    assert len(even_runs(3, 1)) == 3


def test_one_thread_does_all_rows() -> None:
    assert even_runs(1_000_000) == [(0, 1_000_000)]


@pytest.mark.usefixtures("two_threads")
def test_answers_come_in_the_order_of_the_rows_and_errors_are_not_lost() -> None:
    rows = even_runs(6, 1)
    assert in_runs(lambda factor, first, last: factor * (first, last), rows, 1) == rows

    def fail(first: int, last: int) -> None:
        if last == 6:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_runs(fail, rows)


@pytest.mark.parametrize("size", [0, 1, 32_768, 32_769, 100_000])
@pytest.mark.usefixtures("two_threads")
def test_columns_made_in_blocks_are_those_made_at_once(size: int) -> None:
    assert list(chain(*starmap(range, blocks(size)))) == list(range(size))
    whole = np.arange(size, dtype=np.int32), np.random.default_rng(1).random((size, 2))
    made = columns_in_blocks(lambda rows: (whole[0][rows], whole[1][rows]), size)
    for column, expected in zip(made, whole, strict=True):
        assert column.dtype == expected.dtype
        np.testing.assert_array_equal(column, expected)
