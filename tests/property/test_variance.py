"""The parts of a variance: known ones are found again, without bias, whatever else varies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim77.core.variance import half_widths, parameter_share_interval, variance_parts

pytestmark = pytest.mark.property

TRIALS = 4000
VALUES = arrays(
    np.float64, st.tuples(st.integers(1, 3), st.integers(2, 4), st.integers(2, 3), st.just(2)),
    elements=st.floats(-100, 100).map(lambda x: round(x, 3)),
)  # fmt: skip


def drawn(
    generator: np.random.Generator,
    *,
    draws: int,
    seeds: int,
    parameter_sd: float,
    sampling_sd: float,
    means: tuple[float, ...] = (0.0,),
    shared: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes, (n_scenarios, n_draws, n_seeds, TRIALS), and what the draws add to them.

    `shared` of the variance of draws and of seeds is common to all scenarios, as with common
    random numbers.
    """
    s = len(means)

    def noise(sd: float, *shape: int) -> np.ndarray:
        common = generator.normal(0.0, sd * np.sqrt(shared), (1, *shape, TRIALS))
        return common + generator.normal(0.0, sd * np.sqrt(1.0 - shared), (s, *shape, TRIALS))

    added = noise(parameter_sd, draws)
    values = added[:, :, None] + noise(sampling_sd, draws, seeds)
    return values + np.array(means)[:, None, None, None], added


def assert_unbiased(estimates: np.ndarray, truth: float) -> None:
    """The mean over trials is the truth within four of its standard errors."""
    error = estimates.std(ddof=1) / np.sqrt(estimates.size)
    assert abs(estimates.mean() - truth) < 4.0 * error, (estimates.mean(), truth, error)


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("parameter_sd", "sampling_sd"), [(2.0, 1.0), (0.3, 2.0), (0.0, 1.0)])
@pytest.mark.parametrize("means", [(0.0,), (0.0, 0.5), (-1.0, 0.0, 4.0)])
def test_known_variances_are_recovered_without_bias(
    shared: float, parameter_sd: float, sampling_sd: float, means: tuple[float, ...]
) -> None:
    values, _ = drawn(
        np.random.default_rng(7), draws=6, seeds=2, parameter_sd=parameter_sd,
        sampling_sd=sampling_sd, means=means, shared=shared,
    )  # fmt: skip
    parts = variance_parts(values)
    assert_unbiased(parts.sampling, sampling_sd**2)
    assert_unbiased(parts.parameter, parameter_sd**2)
    if len(means) > 1 and shared < 1.0:
        assert_unbiased(parts.scenario, float(np.var(means)))
    else:
        # All noise is common to the scenarios: their differences are exact.
        np.testing.assert_allclose(parts.scenario, np.var(means), atol=1e-12)


def test_a_part_below_zero_keeps_its_sign_and_has_no_share() -> None:
    values, _ = drawn(
        np.random.default_rng(8), draws=5, seeds=2, parameter_sd=0.0, sampling_sd=1.0
    )  # fmt: skip
    parts = variance_parts(values)
    below = parts.parameter < 0.0
    assert 0.4 < below.mean() < 0.7
    shares = parts.shares()
    assert (shares.parameter[below] == 0.0).all() and (shares.parameter[~below] > 0.0).all()
    np.testing.assert_allclose(np.sum(shares, axis=0), 1.0)


@pytest.mark.parametrize(("parameter_sd", "sampling_sd"), [(1.0, 1.0), (0.2, 1.0), (3.0, 1.0)])
def test_the_interval_of_the_share_covers_it(parameter_sd: float, sampling_sd: float) -> None:
    values, _ = drawn(
        np.random.default_rng(9), draws=8, seeds=2, parameter_sd=parameter_sd,
        sampling_sd=sampling_sd,
    )  # fmt: skip
    low, high = parameter_share_interval(values[0])
    truth = parameter_sd**2 / (parameter_sd**2 + sampling_sd**2)
    covered = ((low <= truth) & (truth <= high)).mean()
    assert abs(covered - 0.95) < 4.0 * np.sqrt(0.95 * 0.05 / TRIALS)


@pytest.mark.parametrize("seeds", [1, 2])
@pytest.mark.parametrize("draws", [4, 10])
@pytest.mark.parametrize("parameter_sd", [0.1, 1.0, 3.0])
def test_the_interval_holds_the_effect_of_the_true_parameters(
    seeds: int, draws: int, parameter_sd: float
) -> None:
    # One draw more than the interval is made of is the truth, of which no run is made.
    values, added = drawn(
        np.random.default_rng(10), draws=draws + 1, seeds=seeds, parameter_sd=parameter_sd,
        sampling_sd=1.0,
    )  # fmt: skip
    known, unknown = values[0, :draws], values[0, draws].mean(axis=0)
    half, middle = half_widths(known).whole, known.mean(axis=(0, 1))
    error = np.sqrt(0.95 * 0.05 / TRIALS)
    assert abs((np.abs(middle - unknown) <= half).mean() - 0.95) < 4.0 * error
    # What the true parameters give on average, without the chance of their seeds.
    assert (np.abs(middle - added[0, draws]) <= half).mean() > 0.95 - 4.0 * error


def test_the_parts_of_the_interval_add_up_in_squares() -> None:
    values, _ = drawn(
        np.random.default_rng(11), draws=6, seeds=2, parameter_sd=0.5, sampling_sd=1.0
    )  # fmt: skip
    whole, sampling, parameter = half_widths(values[0])
    np.testing.assert_allclose(whole**2, sampling**2 + parameter**2)
    single = half_widths(values[0][:, :1])
    assert np.isnan(single.sampling).all() and np.isfinite(single.whole).all()
    assert np.isnan(half_widths(values[0][:1]).whole).all()


@given(VALUES, st.floats(0.1, 10.0), st.floats(-50.0, 50.0), st.randoms())
def test_parts_follow_units_and_forget_order(values, scale, shift, random) -> None:
    parts = np.stack(variance_parts(values))
    room = {"rtol": 1e-6, "atol": 1e-6 * max(1.0, float(np.abs(values).max()) ** 2)}
    moved = np.stack(variance_parts(scale * values + shift))
    np.testing.assert_allclose(moved, scale**2 * parts, rtol=1e-6, atol=room["atol"] * scale**2)
    for axis in range(3):
        order = list(range(values.shape[axis]))
        random.shuffle(order)
        mixed = np.stack(variance_parts(np.take(values, order, axis=axis)))
        np.testing.assert_allclose(mixed, parts, **room)


@given(VALUES)
def test_parts_and_scenarios_make_up_the_law_of_total_variance(values) -> None:
    # In expectation over seeds and draws the mean square of all runs about their scenario is the
    # sum of sampling and parameter; in each sample it is the two sums of squares, exactly.
    sampling, parameter, _ = variance_parts(values)
    n_scenarios, n_draws, n_seeds = values.shape[:3]
    squares = ((values - values.mean(axis=(1, 2), keepdims=True)) ** 2).sum(axis=(0, 1, 2))
    between = n_seeds * (n_draws - 1) * (parameter + sampling / n_seeds)
    within = n_draws * (n_seeds - 1) * sampling
    np.testing.assert_allclose(n_scenarios * (between + within), squares, atol=1e-6)


def test_nothing_that_varies_has_no_parts() -> None:
    parts = variance_parts(np.full((2, 3, 2, 1), 5.0))
    np.testing.assert_array_equal(np.stack(parts), 0.0)
    assert np.isnan(np.stack(parts.shares())).all()
    for values in (np.zeros((1, 1, 2)), np.zeros((1, 2, 1))):
        with pytest.raises(ValueError, match="two draws and two seeds"):
            variance_parts(values)
