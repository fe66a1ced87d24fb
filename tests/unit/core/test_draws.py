"""Draws: published vectors, known laws, and no tie between streams that must be independent."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim77.core import draws
from sim77.core.draws import Purpose

pytestmark = pytest.mark.unit

N = 200_000
LOW = np.arange(N, dtype=np.uint32)
HIGH = np.full(N, 77288, dtype=np.uint32)

# Salmon, Moraes, Dror and Shaw (2011), the file kat_vectors of their Random123 library: counter,
# key, result. The third counter and key are the first digits of pi.
PHILOX4X32_10 = [
    ((0,) * 4, (0,) * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def gumbels(purpose: int, lane: int, **where: int) -> np.ndarray:
    return -np.log(-np.log(draws.units(1, purpose, LOW, HIGH, lanes=4, **where)[:, lane]))


def log_stables(mu: float, day: int = 0) -> np.ndarray:
    """Logarithms of positive stable variables as the kernels draw them, shape (N,)."""
    words = (draws.units(1, Purpose.ERROR_DAY, LOW, HIGH, day=day, lanes=4) * 2.0**32 - 0.5).round()
    pairs = words[:, 2:].astype(np.uint32)
    return np.array([draws.log_positive_stable(angle, other, mu) for angle, other in pairs])


@pytest.mark.parametrize(("counter", "key", "expected"), PHILOX4X32_10)
def test_philox_gives_the_published_vectors(counter, key, expected):
    words = draws.philox(*(np.uint32(word) for word in (*counter, *key)))
    assert " ".join(f"{int(word):08x}" for word in words) == expected


def test_the_words_of_a_block_are_placed_as_the_module_says():
    counter, key, expected = PHILOX4X32_10[2]
    found = draws.block(key[0], key[1], counter[0], counter[1], counter[2], counter[3])
    assert " ".join(f"{word:08x}" for word in found) == expected
    units = draws.units(
        key[0], key[1], *np.array([[counter[0]], [counter[1]]], dtype=np.uint32),
        day=counter[2], sub=counter[3], lanes=4,
    )  # fmt: skip
    assert units[0] == pytest.approx([(word + 0.5) / 2**32 for word in found], abs=0)


def test_every_purpose_draws_somewhere():
    package = Path(draws.__file__).parents[1]
    code = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    used = set(re.findall(r"\bPurpose\.([A-Z_]+)", code))
    assert used == {purpose.name for purpose in Purpose}


def test_uniforms_never_reach_0_or_1():
    ends = [draws.unit(np.uint32(word)) for word in (0, 2**32 - 1)]
    assert 0.0 < ends[0] < ends[1] < 1.0
    assert all(math.isfinite(draws.gumbel(np.uint32(word))) for word in (0, 2**32 - 1))


@pytest.mark.parametrize("lane", range(4))
def test_uniforms_are_uniform(lane):
    u = draws.units(1, Purpose.SAMPLE, LOW, HIGH, lanes=4)[:, lane]
    assert stats.kstest(u, "uniform").pvalue > 1e-4


def test_gumbel_draws_have_the_moments_of_the_standard_gumbel():
    g = gumbels(Purpose.ERROR_DAY, 0, day=735_000)
    assert g.mean() == pytest.approx(np.euler_gamma, abs=5 * g.std() / math.sqrt(N))
    assert g.var() == pytest.approx(math.pi**2 / 6, rel=0.02)
    assert stats.skew(g) == pytest.approx(1.1395, abs=0.05)
    words = [0, 1, 12_345, 2**31, 2**32 - 1]
    expected = [-math.log(-math.log((word + 0.5) / 2**32)) for word in words]
    assert [draws.gumbel(np.uint32(word)) for word in words] == expected


@pytest.mark.parametrize("mu", [0.3, 0.6, 0.9])
def test_positive_stable_draws_have_their_laplace_transform(mu):
    s = np.exp(log_stables(mu))
    for t in (0.05, 0.3, 1.0, 3.0, 10.0):
        values = np.exp(-t * s)
        error = values.std() / math.sqrt(N)
        z = (values.mean() - math.exp(-(t**mu))) / error
        print(f"mu {mu}, t {t}: z {z:+.2f}")
        assert abs(z) < 4.5
        assert abs(values.mean() - math.exp(-(t ** (1.05 * mu)))) > 4.5 * error or t == 1.0


@pytest.mark.parametrize("mu", [0.3, 0.6, 0.9, 1.0])
def test_the_error_of_a_nested_plan_is_standard_gumbel(mu):
    error = mu * (log_stables(mu) + gumbels(Purpose.ERROR_DAY, 1))
    assert stats.kstest(error, "gumbel_r").pvalue > 1e-4


@pytest.mark.parametrize("mu", [0.3, 0.6])
def test_two_plans_of_a_nest_are_correlated_as_in_a_nested_logit(mu):
    log_s = log_stables(mu)
    home, centre = (
        mu * (log_s + gumbels(purpose, lane, **where))
        for purpose, lane, where in (
            (Purpose.ERROR_DAY, 1, {}),
            (Purpose.ERROR_CENTRE, 0, {"sub": draws.site_key("melun")}),
        )
    )
    assert np.corrcoef(home, centre)[0, 1] == pytest.approx(1 - mu**2, abs=0.01)


@pytest.mark.parametrize("mu", [0.05, 0.3, 0.6, 0.95, 1.0])
def test_error_bounds_hold_and_are_no_wider_than_their_bins(mu):
    bounds = draws.error_bounds(mu, 0.1)
    shift = 32 - draws.BOUND_BITS
    step = 2**shift
    words = np.concatenate(
        [np.arange(2**draws.BOUND_BITS) * step, np.arange(2**draws.BOUND_BITS) * step + step - 1]
    ).astype(np.uint32)
    bins = words >> shift
    gumbel = np.array([draws.gumbel(word) for word in words])
    assert (gumbel <= bounds.gumbel[bins]).all()
    assert (gumbel[bins.size // 2 :] > bounds.gumbel[bins[bins.size // 2 :]] - 1e-8).all()
    for other in (0, 2**16, 2**31, 2**32 - 1):
        for one, two in ((words, np.full_like(words, other)), (np.full_like(words, other), words)):
            log_s = np.array(
                [draws.log_positive_stable(a, e, mu) for a, e in zip(one, two, strict=True)]
            )
            assert (log_s <= bounds.angle[one >> shift] + bounds.exponential[two >> shift]).all()


STREAMS = {
    "purposes": [{"purpose": purpose} for purpose in Purpose],
    "seeds": [{"seed": seed} for seed in (1, 2, 3, 2**32 - 1)],
    "days": [{"day": day} for day in (0, 735_000, 735_001, 735_002)],
    "centres": [{"sub": draws.site_key(name)} for name in ("melun", "rebais", "fontainebleau")],
    "communes": [{"high": high} for high in (77288, 77289, 77001, 99002)],
}


@pytest.mark.parametrize("kind", STREAMS)
def test_streams_are_independent(kind):
    columns = []
    for stream in STREAMS[kind]:
        stream = {"seed": 1, "purpose": Purpose.ERROR_DAY, "high": 77288, **stream}
        high = np.full(N, stream.pop("high"), dtype=np.uint32)
        seed, purpose = stream.pop("seed"), stream.pop("purpose")
        columns.append(draws.units(seed, purpose, LOW, high, lanes=4, **stream))
    table = np.concatenate(columns, axis=1)
    correlation = np.corrcoef(table.T) - np.eye(table.shape[1])
    assert np.abs(correlation).max() < 5.5 / math.sqrt(N)
    # Neighbours in identity, and pairs of streams beyond correlation: cells of a 16 x 16 table.
    assert abs(np.corrcoef(table[:-1, 0], table[1:, 0])[0, 1]) < 5 / math.sqrt(N)
    markets = (table * 16).astype(int)
    for one, two in zip(markets.T[:-1], markets.T[1:], strict=True):
        counts = np.bincount(one * 16 + two, minlength=256)
        assert stats.chisquare(counts).pvalue > 1e-5


def test_telecentres_of_the_shipped_territory_have_keys_of_their_own(shipped_territory):
    names = shipped_territory.telecentres["telecentre_id"]
    assert len({draws.site_key(name) for name in names}) == len(names)
