"""Telecentres whose name differs by language."""

import datetime as dt
from pathlib import Path

import pytest

from sim77.app.levers.policies import dated_policies
from sim77.app.levers.specs import lever_specs
from sim77.core.errors import TerritoryError
from sim77.report.compare.differences import what_differs
from sim77.report.geography import Geography
from sim77.report.locale import locale_of
from sim77.report.names import telecentre_names
from sim77.scenario.scenario import Change, SiteSpec, load_scenario
from sim77.territory.example import write_example
from sim77.territory.territory import Territory, load_territory, territory_names

pytestmark = pytest.mark.unit
SITE = "carre_senart"
LABEL = {"fr": "Projet Carré Sénart", "en": "Carré Sénart project"}
ENGLISH = ("project ", "centre ", "space of ", "telecentre ")


@pytest.mark.parametrize("name", territory_names())
def test_no_shipped_telecentre_has_an_english_name_in_french(name: str) -> None:
    labels = load_territory(name).site_labels
    assert labels[SITE] == LABEL
    assert labels["melun"] == {"fr": "Melun Val de Seine", "en": "Melun Val de Seine"}
    french = [label["fr"] for label in labels.values()]
    assert not [each for each in french if any(f" {word}" in f" {each} " for word in ENGLISH)]


@pytest.fixture
def example(tmp_path: Path) -> Territory:
    folder = write_example(tmp_path / "example")
    before = load_territory(folder)
    site = before.telecentres["telecentre_id"].iloc[0]
    text = f"telecentre_id,name_fr,name_en\n{site},Le moulin,The mill\n"
    (folder / "telecentre_names.csv").write_text(text, encoding="utf-8")
    assert load_territory(folder).hash == before.hash
    return load_territory(folder)


def test_the_name_is_that_of_the_language(example: Territory) -> None:
    site = str(example.telecentres["telecentre_id"].iloc[0])
    assert example.site_labels[site] == {"fr": "Le moulin", "en": "The mill"}
    assert Geography(example).payload()["site_names"] == {site: example.site_labels[site]}
    for language, name in example.site_labels[site].items():
        assert telecentre_names(example, locale_of(language, "summary"))[site] == name
        opening = {"kind": "telecentre", "name": site, "target": site, "date": None,
                   "before": None, "after": {}}  # fmt: skip
        (row,) = what_differs([opening], example, language)
        assert row["note"] == name
    bare = load_scenario("no-telecentres", example)
    opened = bare.with_(network=(SiteSpec(site, opening=dt.date(2014, 3, 5)),))
    (told,) = dated_policies(opened, dt.date(2014, 3, 3), dt.date(2014, 3, 7), example)
    assert (told["fr"], told["en"]) == ("Le moulin ouvre", "The mill opens")
    half, fortnight = dt.date(2014, 3, 4), dt.date(2014, 3, 6)
    strike = bare.with_(changes=(Change(half, "strike", 0.5, until=fortnight),))
    begin, end = dated_policies(strike, dt.date(2014, 3, 3), dt.date(2014, 3, 7), example)
    assert begin["fr"].endswith("trains qui circulent\u202f: 50\u202f%")
    assert begin["en"] == "strike: share of trains that run: 50%"
    assert end["fr"].startswith("fin\u202f: ")
    targets = [each for spec in lever_specs(bare, opened, example)
               for each in spec.get("targets", []) if each["name"] == site]  # fmt: skip
    assert targets and all((each["fr"], each["en"]) == ("Le moulin", "The mill")
                           for each in targets)  # fmt: skip


def test_an_unknown_telecentre_is_told(example: Territory) -> None:
    file = example.folder / "telecentre_names.csv"
    file.write_text("telecentre_id,name_fr,name_en\nnone,Rien,Nothing\n", encoding="utf-8")
    with pytest.raises(TerritoryError, match=r"telecentre_names\.csv.*'none'"):
        load_territory(example.folder)


def test_names_of_communes_have_the_apostrophes_of_print(shipped_territory: Territory) -> None:
    names = Geography(shipped_territory).payload()["communes"]["name"]
    assert "Verneuil-l’Étang" in names
    assert "Verneuil-l'Étang" in shipped_territory.communes["name"].tolist()
