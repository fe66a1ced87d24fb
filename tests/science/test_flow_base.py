"""What is lost where flows tell no occupations: the census of a region, read as a base of flows."""

import numpy as np
import pandas as pd
import pytest

from sim77.territory.build.flows import GROUPS, _by_occupation
from sim77.territory.territory import load_territory

pytestmark = pytest.mark.science

KEY = ["origin", "destination", "csp", "at_home"]


@pytest.fixture(scope="module")
def census() -> pd.DataFrame:
    """Persons of Île-de-France in 2014, as the census tells them."""
    region = load_territory("ile-de-france")
    codes = {
        "origin": region.communes["code"].to_numpy(str)[region.flows["commune"]],
        "destination": region.workplaces["code"].to_numpy(str)[region.flows["workplace"]],
    }
    persons = region.flows["workers"].astype(float)
    return region.flows[["csp", "at_home"]].assign(**codes, persons=persons)


def test_a_fifth_has_another_occupation_and_all_else_stays(census: pd.DataFrame) -> None:
    flows = census.groupby(["origin", "destination"], as_index=False)["persons"].sum()
    groups = census.pivot_table("persons", "origin", "csp", aggfunc="sum", fill_value=0.0)
    at_home = census[census["at_home"]].groupby("origin")["persons"].sum()
    residents = groups.set_axis([f"csp{group}" for group in GROUPS], axis=1).assign(
        workers=groups.sum(axis=1), by_car=0.0,
        at_home=at_home.reindex(groups.index, fill_value=0.0),
    )  # fmt: skip
    leaving = flows.groupby("origin")["persons"].sum()
    both = pd.DataFrame(
        {
            "census": census.groupby(KEY)["persons"].sum(),
            "shared": _by_occupation(flows, leaving, residents).groupby(KEY)["persons"].sum(),
        }
    ).fillna(0.0)
    for kept in (["origin", "destination"], ["origin", "csp"]):
        sums = both.groupby(level=kept).sum()
        np.testing.assert_allclose(sums["shared"], sums["census"], rtol=1e-9, atol=1e-6)
    moved = (both["census"] - both["shared"]).abs().sum() / 2 / both["census"].sum()
    assert moved == pytest.approx(0.20, abs=0.005)
    origin, destination = (both.index.get_level_values(place).str[:2] for place in (0, 1))
    managers = both.index.get_level_values("csp") == 3
    to_paris = both[(origin == "77") & (destination == "75") & managers].sum()
    assert to_paris.round(-2).to_dict() == {"census": 20_400, "shared": 16_700}
