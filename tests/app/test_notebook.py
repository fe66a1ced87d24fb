"""Panels for notebooks, and Mesa's own page."""

import importlib.util

import numpy as np
import pytest

import sim77
from sim77.app.panels import compare_panel, map_panel
from sim77.errors import ResultError
from sim77.results import Result
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
    assert shown == pytest.approx(result.communes["share_remote"].to_numpy(), rel=1e-6)
    assert (panel.panel, panel.state["lang"]) == ("map", "en")
    assert len(panel.side_b["days"]) == len(result.days)


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
    told = [str(each.children) for each in context.find().widgets if hasattr(each, "children")]
    assert any("mesa[network,viz]" in text for text in told) == lacks
    context.close()
    box.close()
