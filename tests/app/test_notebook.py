"""Panels for notebooks, and Mesa's own page."""

import importlib.util

import numpy as np
import pytest

import sim77
from sim77.app.explore.payload import encode_side
from sim77.app.explore.sides import Scope, run_side
from sim77.app.measures import key_figures
from sim77.app.panels import compare_panel, map_panel
from sim77.core.errors import ResultError
from sim77.report.geography import Geography
from sim77.runs.results import Result
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import Territory
from tests.app.small import END, SCALE, START

pytestmark = pytest.mark.app


@pytest.fixture(scope="module")
def result() -> Result:
    return sim77.run("network-2014", scale=SCALE, start=START, end=END)


def test_a_map_of_a_result_shows_its_tables(result: Result) -> None:
    panel = map_panel(result, "share_remote", language="en")
    fields = {(each["what"], each["name"]): each for each in panel.side_b["fields"]}
    field = fields["commune_year", "share_remote"]
    shown = np.frombuffer(panel.bytes_b, "<f4", 507, field["start"])
    there = result.communes["workers_at_work"].to_numpy() > 0
    expected = np.where(there, result.communes["share_remote"], np.nan)
    assert shown == pytest.approx(expected, rel=1e-6, nan_ok=True)
    assert not there.all(), "some communes send nobody to Paris"
    assert (panel.panel, panel.state["lang"]) == ("map", "en")
    assert len(panel.side_b["days"]) == len(result.days)


def test_a_panel_holds_what_the_app_shows_of_the_same_run(
    result: Result, geography: Geography
) -> None:
    """All but what a result does not hold: trains by day, typical weeks and some by commune."""
    scope = Scope(1, START, END, SCALE, ("paris",), None)
    live = encode_side(run_side(load_scenario("network-2014"), scope), scope, geography)
    kept = map_panel(result)
    fields = {(each["what"], each["name"]): each for each in kept.side_b["fields"]}
    shared = [each for each in live.meta["fields"] if (each["what"], each["name"]) in fields]
    assert {each["what"] for each in shared} == {"commune", "commune_year", "day", "telecentre"}
    for each in shared:
        other = fields[each["what"], each["name"]]
        mine, theirs = (
            np.frombuffer(data, f"<{field['dtype']}", np.prod(field["shape"]), field["start"])
            * field["scale"] + field["offset"]
            for data, field in ((kept.bytes_b, other), (live.data, each))
        )  # fmt: skip
        # Half a code more or less is rounded up in one and down in the other.
        step = 0.0 if each["dtype"] == "f4" else 1.01 * each["scale"]
        near = pytest.approx(theirs, rel=1e-6, abs=max(step, 1e-9), nan_ok=True)
        assert mine == near, each["name"]
    for name in key_figures(str(geography.territory.lines["line"].iloc[0])):
        assert kept.side_b["summary"][name] == pytest.approx(live.meta["summary"][name], rel=1e-9)
    shown = {each["id"]: each for each in kept.side_b["telecentres"]}
    assert len(shown) == len(live.meta["telecentres"])
    for site in live.meta["telecentres"]:
        mine = shown[site["id"]]
        assert mine.keys() == site.keys()
        for name, value in site.items():
            expected = value if isinstance(value, str) else pytest.approx(value, rel=1e-9)
            assert mine[name] == expected, name


def test_a_result_of_another_territory_is_not_drawn_here(
    result: Result, small_territory: Territory
) -> None:
    with pytest.raises(ResultError, match="run on the territory 'seine-et-marne', not on 'small'"):
        map_panel(result, territory=small_territory)
    other = sim77.run("both-centres", start=START, end=END, territory=small_territory)
    with pytest.raises(ResultError, match="'small', not on 'seine-et-marne': give it as territory"):
        map_panel(other)
    panel = map_panel(other, territory=small_territory)
    assert panel.state["scenario_b"] == "both-centres"
    assert [each["id"] for each in panel.side_b["telecentres"]] == ["bourg", "village"]


def test_a_comparison_is_shown_with_its_effects() -> None:
    found = sim77.compare(
        "no-telecentres", "network-2014", seeds=2, scale=SCALE, start=START, end=END, processes=1
    )
    panel = compare_panel(found)
    mine = {row["name"]: row["diff"] for row in panel.compare["effects"]}
    assert mine == dict(found.effects[["indicator", "effect"]].to_numpy().tolist())
    assert panel.side_a["key"] == panel.compare["key_a"]
    assert panel.side_b["key"] == panel.compare["key_b"]


def test_a_wrong_word_is_named(result: Result) -> None:
    with pytest.raises(ResultError, match="Did you mean 'share_remote'"):
        map_panel(result, "share_remot")
    with pytest.raises(ResultError, match="Unknown language 'de'"):
        map_panel(result, language="de")


def test_mesas_page_says_what_it_lacks_or_shows_the_model() -> None:
    import solara

    from sim77.app import mesa_view

    box, context = solara.render(mesa_view.Page(), handle_error=False)
    lacks = importlib.util.find_spec("altair") is None
    message = [str(each.children) for each in context.find().widgets if hasattr(each, "children")]
    assert any("mesa[network,viz]" in text for text in message) == lacks
    context.close()
    box.close()
