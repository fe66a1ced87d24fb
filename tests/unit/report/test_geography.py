"""The map's geometry: what is named, and where."""

from dataclasses import replace

import pytest

from sim77.report.geography import Geography
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit


def test_the_central_workplaces_are_named_also_where_people_live_in_them(
    shipped_territory: Territory,
) -> None:
    away = Geography(shipped_territory).payload()
    assert away["town"] == away["centre"] and away["town"]["name"] == "Paris"
    communes = shipped_territory.communes.copy()
    places = shipped_territory.workplaces
    communes.loc[0, "code"] = places["code"][places["zone"] == "paris"].iloc[0]
    lived_in = replace(shipped_territory, communes=communes)
    town = Geography(lived_in).payload()
    assert town["centre"] is None and town["town"]["name"] == "Paris"
