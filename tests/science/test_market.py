"""The market for desks: what cannot be gamed by drawing centres differently on the map."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim77.engine.model import CommuteModel
from sim77.scenario.scenario import Scenario, SiteSpec
from sim77.territory.territory import Territory

pytestmark = pytest.mark.science

START, END = dt.date(2022, 3, 7), dt.date(2022, 3, 18)
SEEDS = range(1, 21)
LIKED = {
    **{f"share_covered_{group}": 0.8 for group in ("managers", "intermediate", "independents")},
    "asc_tc_telecentre": 0.5,
    "exogenous_share_urban": 0.0,
}


def towns(territory: Territory, parts: int, km: float = 0.0) -> Territory:
    """Return a territory where each of two communes has a centre, cut into so many.

    Parts beyond the first stand in another commune, so many kilometres to the north, if that is
    not 0.
    """
    like = territory.telecentres.iloc[[0]]
    rows = []
    for name in ("99001", "99002"):
        home = territory.communes.set_index("code").loc[name]
        for part in range(parts):
            away = part > 0 and km > 0.0
            rows.append(
                like.assign(
                    telecentre_id=f"{name}-{part}",
                    commune_code="elsewhere" if away else name,
                    lat=home["lat"] + (km / 111.2 if away else 0.0),
                    lon=home["lon"],
                )
            )
    table = pd.concat(rows, ignore_index=True)
    return replace(territory, telecentres=table, hash=f"cut into {parts}, {km} km apart")


def use(territory: Territory, names: list[str], desks: int, seed: int) -> dict[str, float]:
    """Return worker-days at each centre, half days counting a half."""
    scenario = Scenario(
        *("market", "", "", "", ""), start=START, end=END, parameters=LIKED,
        network=tuple(SiteSpec(name, desks=desks) for name in names), outside_ranges=True,
    )  # fmt: skip
    model = CommuteModel(scenario, territory=territory, seed=seed)
    while model.running:
        model.step()
    days = model.recorder.centres[:, :, 4] + 0.5 * model.recorder.centres[:, :, 5]
    return dict(zip(model.sites.ids, days.sum(axis=0), strict=True))


@pytest.mark.parametrize("parts", [2, 4])
def test_a_centre_cut_into_parts_at_its_place_draws_what_it_drew(
    small_territory: Territory, parts: int
) -> None:
    whole, cut = (
        [
            sum(use(territory, list(territory.telecentres["telecentre_id"]), desks, seed).values())
            for seed in SEEDS
        ]
        for territory, desks in (
            (towns(small_territory, 1), 40),
            (towns(small_territory, parts), 40 // parts),
        )
    )
    change = np.sum(cut) / np.sum(whole) - 1.0
    print(f"{np.sum(whole):.0f} worker-days, cut into {parts}: {change:+.3f}")
    assert np.mean(whole) > 20.0
    assert abs(change) < 0.05
