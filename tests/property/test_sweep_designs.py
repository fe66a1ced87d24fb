"""Designs have the points they should, inside the ranges, and grow without losing points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.analysis.sweep.designs import Design, design_size, make_design, unit_sample
from sim77.analysis.sweep.factors import Factor

pytestmark = pytest.mark.property

numbers = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def factor(draw: st.DrawFn, name: str) -> Factor:
    kind = draw(st.sampled_from(("range", "whole", "values", "texts")))
    if kind == "texts":
        return Factor(name, True, float("nan"), float("nan"), ("a", "b", "c"))
    if kind == "values":
        values = tuple(sorted(draw(st.sets(numbers, min_size=1, max_size=4))))
        return Factor(name, True, values[0], values[-1], values)
    if kind == "whole":
        low = draw(st.integers(-50, 50))
        return Factor(name, True, low, low + draw(st.integers(1, 30)), whole=True)
    low = draw(numbers)
    return Factor(name, False, low, low + draw(st.floats(1e-3, 1e6)))


@st.composite
def some_factors(draw: st.DrawFn) -> list[Factor]:
    return [draw(factor(f"x{place}")) for place in range(draw(st.integers(1, 4)))]


designs = st.one_of(
    st.builds(Design, st.just("lhs"), st.integers(1, 90), st.integers(0, 99)),
    st.builds(
        Design, st.just("sobol"), st.sampled_from((1, 2, 8, 16)), st.integers(0, 99), st.booleans()
    ),
    st.builds(Design, st.just("morris"), st.integers(1, 6), st.integers(0, 99)),
    st.builds(Design, st.just("grid"), levels=st.integers(2, 5)),
)


@settings(deadline=None, max_examples=60)
@given(some_factors(), designs)
def test_points_are_as_many_as_they_should_be_and_in_range(
    factors: list[Factor], design: Design
) -> None:
    points, sample = make_design(factors, design)
    # A grid of whole numbers may have fewer levels than asked for.
    if design.method == "grid" and any(each.whole for each in factors):
        assert len(sample) <= design_size(factors, design)
    else:
        assert len(sample) == design_size(factors, design)
    assert not points.duplicated().any()
    assert set(sample) == set(points.index) == set(range(len(points)))
    for each in factors:
        column = points[each.name]
        if each.values:
            assert set(column) <= set(each.values)
        else:
            assert each.low <= column.min() and column.max() <= each.high
        if each.whole:
            assert (column == np.rint(column)).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 5), st.integers(1, 200), st.integers(0, 99))
def test_a_latin_hypercube_has_one_point_in_each_stratum(d: int, n: int, seed: int) -> None:
    unit = unit_sample(d, Design("lhs", n, seed))
    assert unit.min() >= 0 and unit.max() < 1
    for column in unit.T:
        assert sorted((column * n).astype(int)) == list(range(n))


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 5),
    st.sampled_from((("lhs", 16), ("lhs", 25), ("sobol", 8), ("morris", 3))),
    st.integers(0, 99),
)
def test_twice_the_samples_keep_the_points(d: int, design: tuple[str, int], seed: int) -> None:
    method, samples = design
    small = unit_sample(d, Design(method, samples, seed))
    large = unit_sample(d, Design(method, 2 * samples, seed))
    assert np.array_equal(large[: len(small)], small)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
def test_a_morris_trajectory_moves_one_factor_at_a_time(d: int, n: int, seed: int) -> None:
    unit = unit_sample(d, Design("morris", n, seed)).reshape(n, d + 1, d)
    moved = np.abs(np.diff(unit, axis=1)) > 1e-12
    assert (moved.sum(axis=2) == 1).all() and (moved.sum(axis=1) == 1).all()
