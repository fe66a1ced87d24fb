"""One commune, ample desks, nothing dynamic, an allowance that never binds: the nested logit."""

import numpy as np
import pytest

from .one_place import OnePlace, chi_square, z_score

pytestmark = pytest.mark.science

WORKERS, DAYS = 250_000, 8  # 2 million worker-days
PLACES = {
    "home-and-three-centres": OnePlace(),
    "two-in-a-town": OnePlace(mu_place=0.5, town=(0, 1, 0)),
    "alone-in-their-towns": OnePlace(mu_place=0.1),
    "two-centres": OnePlace(
        town=(0, 1),
        mu=0.35, theta=0.8, asc_centre=(1.2, 1.3), access_min=(5.0, 12.0), access_eur=(0.0, 0.6),
        price_day=(6.0, 3.0), price_half=(3.5, 2.0), asc_home=-4.6, asc_half=1.9,
    ),
    "no-half-days": OnePlace(half_open=False),
    "one-nest-of-all": OnePlace(mu=1.0, asc_home=-3.8),
    "somebody-else-pays": OnePlace(share_paid=0.0),
}  # fmt: skip


def count_plans(place: OnePlace) -> np.ndarray:
    """Count the plans the kernels choose; on each day everybody draws again."""
    today = place.day(WORKERS)
    n_plans = today.n_plans if place.half_open else 2 + len(place.asc_centre)
    counts = np.zeros(today.n_plans, dtype=np.int64)
    for later in range(DAYS):
        taken = today.on(day=today.settings.day + later).choose()
        counts += np.bincount(taken, minlength=counts.size)
    assert counts.sum() == WORKERS * DAYS >= 2_000_000
    assert counts[n_plans:].sum() == 0
    return counts[:n_plans]


@pytest.mark.parametrize("name", PLACES)
def test_shares_are_those_of_the_closed_form(name):
    place = PLACES[name]
    counts, shares = count_plans(place), place.shares()
    z = z_score(chi_square(counts, shares))
    gap = np.abs(counts / counts.sum() - shares).max()
    print(f"{name}: z {z:+.2f}, greatest gap {gap:.5f} of shares {shares.round(4)}")
    assert shares.min() > 0.005, "every plan must matter"
    assert abs(z) < 4
    # The test must be able to fail: the closed form of a model that is 2 % off is rejected.
    for parameter in ("theta", "mu", "mu_place"):
        for factor in (1.02, 0.98) if parameter != "mu_place" else (1.1, 0.9):
            wrong = place.changed(parameter, factor)
            alone = parameter == "mu_place" and len(set(place.town)) == len(place.town)
            if max(wrong.mu, wrong.mu_place) > 1 or alone:
                continue
            z_off = z_score(chi_square(counts, wrong.shares()))
            print(f"    {parameter} x {factor}: z {z_off:+.1f}")
            assert z_off > 6
