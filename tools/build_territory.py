"""Build the shipped tables of Seine-et-Marne from the source tables; run once, by hand.

``python tools/build_territory.py SOURCE_FOLDER [--out FOLDER]`` writes every table of the
territory but ``flows.csv``, which ``sim77 territory fit-flows`` estimates, as it does the mix of
occupations of each zone (a first one, alike for all but Paris, is written); ``--provisional-flows``
writes a flat first version of it. The result depends on the source tables only: no network,
no clock, no randomness.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import territory_assumptions as assumed

DEFAULT_OUT = (
    Path(__file__).resolve().parents[1] / "sim77" / "territory" / "data" / "seine-et-marne"
)
KM_PER_DEGREE = 111.195
ARRONDISSEMENTS = ("fontainebleau", "meaux", "melun", "provins", "torcy")
ZONES = ("paris", "inner-ring", "within", "outer-ring")


class Sources:
    """Short ids for long source texts; one row of ``sources.csv`` each."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, str]] = {
            key: value for key, value in assumed.SOURCES.items()
        }
        self._by_text = {text: key for key, (text, _) in self.rows.items()}

    def id_of(self, text: str, prefix: str, licence: str) -> str:
        """Return the id of ``text``, making one of ``prefix`` and a number if it is new."""
        if text not in self._by_text:
            number = 1 + sum(key.startswith(f"{prefix}-") for key in self.rows)
            key = f"{prefix}-{number}"
            self._by_text[text] = key
            self.rows[key] = (text, licence)
        return self._by_text[text]

    def table(self) -> pd.DataFrame:
        """Return the rows of ``sources.csv``."""
        rows = [(key, text, licence) for key, (text, licence) in self.rows.items()]
        return pd.DataFrame(rows, columns=["source_id", "text", "licence"])


def largest_remainder(weights: np.ndarray, total: int) -> np.ndarray:
    """Share ``total`` by ``weights`` in whole numbers; ties go to the earlier row."""
    exact = weights / weights.sum() * total
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - whole.sum()]] += 1
    return whole


def read_targets(folder: Path) -> dict[str, float]:
    """Return the calibration targets by id."""
    table = pd.read_csv(folder / "targets.csv", dtype={"id": str})
    return dict(zip(table["id"], table["value"].astype(float), strict=True))


def distance_to_axis_km(lat: np.ndarray, lon: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Shortest distance in km from each place ``(n,)`` to a broken line ``(n_points, 2)``."""
    scale = np.array([KM_PER_DEGREE, KM_PER_DEGREE * np.cos(np.radians(48.7))])
    place = np.column_stack([lat, lon])[:, None, :] * scale
    start, end = points[None, :-1] * scale, points[None, 1:] * scale
    along = ((place - start) * (end - start)).sum(-1) / ((end - start) ** 2).sum(-1)
    foot = start + np.clip(along, 0, 1)[..., None] * (end - start)
    return np.sqrt(((place - foot) ** 2).sum(-1)).min(axis=1)


def nearest_corridor(communes: pd.DataFrame, axes: pd.DataFrame) -> np.ndarray:
    """Return the corridor whose axis is nearest to each commune."""
    names, distances = [], []
    for (corridor, _road), points in axes.groupby(["corridor", "road"], sort=False):
        names.append(corridor)
        distances.append(
            distance_to_axis_km(
                communes["lat"].to_numpy(float),
                communes["lon"].to_numpy(float),
                points[["lat", "lon"]].to_numpy(float),
            )
        )
    return np.array(names)[np.argmin(distances, axis=0)]


def fibre_starts(density: np.ndarray) -> list[str]:
    """Return ISO dates: each third of the communes, densest first, spread over its years."""
    rank = np.empty(len(density), dtype=int)
    rank[np.argsort(-density, kind="stable")] = np.arange(len(density))
    per_third = -(-len(density) // 3)
    starts = []
    for position in rank:
        third, within = divmod(int(position), per_third)
        first, last = (dt.date(year, 1, 1) for year in assumed.FIBRE_YEARS[third])
        days = round((last - first).days * within / (per_third - 1))
        starts.append((first + dt.timedelta(days=days)).isoformat())
    return starts


def build_communes(folder: Path, targets: dict[str, float], axes: pd.DataFrame) -> pd.DataFrame:
    """Return communes.csv: the source rows, with urban type, corridor, fibre and workers."""
    table = pd.read_csv(folder / "communes77.csv", dtype=str)
    table["arrondissement"] = table["arrondissement"].str.lower()
    population = table["population_2017"].astype(int)
    density = (population / table["area_km2"].astype(float)).to_numpy()
    table["urban_type"] = np.select(
        [density >= assumed.URBAN_CORE_PER_KM2, density >= assumed.SUBURB_PER_KM2],
        ["urban-core", "suburb"],
        "rural",
    )
    overrides = table["code"].map(assumed.URBAN_TYPE_OVERRIDES)
    table["urban_type"] = overrides.fillna(table["urban_type"])
    table["corridor"] = nearest_corridor(table, axes)
    table["fibre_start"] = fibre_starts(density)
    table["residents_at_work"] = 0
    for name in ARRONDISSEMENTS:
        inside = (table["arrondissement"] == name).to_numpy()
        total = round(targets[f"rp2014_employed_{name}"])
        table.loc[inside, "residents_at_work"] = largest_remainder(
            population[inside].to_numpy(float), total
        )
    table["residents_at_work_estimated"] = 1
    table["fibre_start_estimated"] = 1
    table["source"] = "communes"
    columns = [
        "code", "name", "arrondissement", "lat", "lon", "area_km2", "population",
        "population_2017", "urban_type", "corridor", "fibre_start", "fibre_start_estimated",
        "residents_at_work", "residents_at_work_estimated", "epci_code", "epci_name", "point",
        "source",
    ]  # fmt: skip
    return table[columns]


def build_provisional_flows(communes: pd.DataFrame, targets: dict[str, float]) -> pd.DataFrame:
    """Return flows with the Paris share of the arrondissement in every commune of it."""
    paris = np.zeros(len(communes), dtype=int)
    workers = communes["residents_at_work"].to_numpy()
    for name in ARRONDISSEMENTS:
        inside = (communes["arrondissement"] == name).to_numpy()
        share = targets[f"rp2014_share_paris_{name}"] / 100
        paris[inside] = largest_remainder(workers[inside], round(share * workers[inside].sum()))
    others = np.array(
        [targets[f"rp2014_share_{key}"] for key in ("petite_couronne", "77", "other_outer_ring")]
    )
    rows = []
    for code, total, to_paris in zip(communes["code"], workers, paris, strict=True):
        rest = largest_remainder(others, int(total - to_paris))
        for zone, count in zip(ZONES, [to_paris, *rest], strict=True):
            rows.append((code, zone, count, 1, "flows-provisional"))
    columns = ["commune_code", "workplace_zone", "workers", "estimated", "source"]
    return pd.DataFrame(rows, columns=columns)


def build_workplaces(communes: pd.DataFrame) -> pd.DataFrame:
    """Return the destination points of each zone with their jobs weight."""
    columns = ["zone", "code", "name", "lat", "lon", "jobs_weight", "estimated", "source"]
    outside = [(*row, 1, "workplaces-outside") for row in assumed.WORKPLACES_OUTSIDE]
    ratio = communes["urban_type"].map(assumed.JOBS_PER_RESIDENT)
    weight = (communes["population_2017"].astype(int) * ratio).round().astype(int)
    pole = communes["code"].map(assumed.JOBS_OF_POLES)
    within = communes[["code", "name", "lat", "lon"]].assign(
        zone="within",
        jobs_weight=pole.fillna(weight).astype(int),
        estimated=1,
        source=np.where(pole.notna(), "workplaces-poles", "workplaces-ratio"),
    )
    table = pd.concat([pd.DataFrame(outside, columns=columns), within[columns]])
    order = {zone: place for place, zone in enumerate(ZONES)}
    return table.sort_values("zone", key=lambda z: z.map(order), kind="stable")


def build_occupations(targets: dict[str, float]) -> pd.DataFrame:
    """Return the occupation mix by zone: Paris as published, the others all minus Paris."""
    keys = {
        "managers": "cadres",
        "intermediate": "professions_intermediaires",
        "clerical": "employes",
        "manual": "ouvriers",
        "independents": "artisans_commercants",
    }
    everyone, paris = targets["rp2014_employed_working_in_idf"], targets["rp2014_count_paris"]
    in_paris = np.array([targets[f"rp2014_paris_occupation_{key}"] for key in keys.values()])
    in_all = np.array([targets[f"rp2014_occupation_{key}"] for key in keys.values()])
    elsewhere = (in_all * everyone - in_paris * paris) / (everyone - paris)
    rows = []
    for zone in ZONES:
        mix = in_paris if zone == "paris" else elsewhere
        shares = (mix / mix.sum()).round(6)
        shares[-1] = round(1 - shares[:-1].sum(), 6)
        source = "occupations-paris" if zone == "paris" else "occupations-elsewhere"
        for group, share in zip(keys, shares, strict=True):
            rows.append((zone, group, f"{share:.6f}", int(zone != "paris"), source))
    return pd.DataFrame(rows, columns=["workplace_zone", "group", "share", "estimated", "source"])


def build_stations(folder: Path, sources: Sources) -> pd.DataFrame:
    """Return stations.csv: slugs, one row per station, line and branch, and the next one inward."""
    table = pd.read_csv(folder / "rail77.csv", dtype=str, keep_default_na=False)
    table["line"] = table["line"].str.split().str[-1]
    short = table["branch"].map(assumed.BRANCH_SLUGS).fillna(table["branch"])
    table["station_service_id"] = [
        f"{line}-{assumed.slug(branch)}-{assumed.slug(station).lower()}"
        for line, branch, station in zip(table["line"], short, table["station"], strict=True)
    ]
    table["minutes_number"] = table["minutes"].astype(float)
    parents = {}
    for (line, branch), rows in table.groupby(["line", "branch"], sort=False):
        inward = rows.sort_values("minutes_number")["station_service_id"].tolist()
        parents[inward[0]] = assumed.JOINS_AT.get((line, branch), "")
        parents.update(zip(inward[1:], inward[:-1], strict=True))
    table["parent"] = table["station_service_id"].map(parents)
    table["change_at_parent"] = (
        table["station_service_id"].isin(assumed.CHANGES_AT_PARENT).astype(int)
    )
    chessy = table["station_service_id"] == assumed.CHESSY
    table.loc[chessy, "trains_peak_hour"] = str(assumed.CHESSY_TRAINS_2014)
    table.loc[chessy, "trains_estimated"] = "1"
    web = "public page; facts only"
    for column in ("minutes_source", "trains_source", "coord_source"):
        licence = "CC0" if column == "coord_source" else web
        table[column] = [sources.id_of(text, "rail", licence) for text in table[column]]
    table = table.rename(
        columns={
            "in_77": "in_territory",
            "trains_estimated": "trains_peak_hour_estimated",
            "trains_source": "trains_peak_hour_source",
            "coord_source": "source",
        }
    )
    columns = [
        "station_service_id", "station", "line", "branch", "lat", "lon", "commune_code",
        "commune_name", "in_territory", "terminus", "minutes", "minutes_estimated",
        "minutes_source", "trains_peak_hour", "trains_peak_hour_estimated",
        "trains_peak_hour_source", "parent", "change_at_parent", "source", "note",
    ]  # fmt: skip
    return table[columns]


def build_telecentres(folder: Path, communes: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    """Return telecentres.csv: the fifteen known places and six assumed ones."""
    table = pd.read_csv(folder / "telecentres77.csv", dtype=str, keep_default_na=False)
    web = "public page; facts only"
    table["source"] = [sources.id_of(text, "telecentre", web) for text in table["source"]]
    table = table.rename(
        columns={"id": "telecentre_id", "code": "commune_code", "in_77": "in_territory"}
    )
    table["assumed"] = "0"
    places = communes.set_index("code")
    further = [
        {
            "telecentre_id": key, "name": f"{places.at[code, 'name']} (assumed site)",
            "commune_code": code, "lat": places.at[code, "lat"], "lon": places.at[code, "lon"],
            "in_territory": "1", "status_dec_2013": "under_study", "kind": "telecentre",
            "area": area, "desks": assumed.DESKS_ASSUMED[area], "desks_estimated": "1",
            "operator": "unknown", "source": "telecentres-assumed", "assumed": "1",
            "coord_precision": "commune point (town hall or centroid), not the address",
        }
        for key, (code, area) in assumed.FURTHER_SITES.items()
    ]  # fmt: skip
    table = pd.concat([table, pd.DataFrame(further)], ignore_index=True).fillna("")
    dates = pd.DataFrame(
        [assumed.SITE_DATES.get(key, assumed.NEVER_SEEN_OPEN) for key in table["telecentre_id"]],
        columns=[
            "opening_date", "opening_estimated", "closing_date", "closing_estimated",
            "observed_open", "observed_opening_date", "observed_opening_estimated",
        ],
    )  # fmt: skip
    table = pd.concat([table, dates], axis=1)
    offers = [
        assumed.SERVICES_BY_CLASS[assumed.services_class(kind, area, int(desks))]
        for kind, area, desks in zip(table["kind"], table["area"], table["desks"], strict=True)
    ]
    for service in assumed.SERVICES:
        table[service] = [int(service in offer) for offer in offers]
    table["services_estimated"] = 1
    columns = [
        "telecentre_id", "name", "commune_code", "lat", "lon", "coord_precision",
        "commune_confidence", "in_territory", "status_dec_2013", "kind", "area", *dates.columns,
        "floor_m2", "floor_estimated", "desks", "desks_estimated", *assumed.SERVICES,
        "services_estimated", "operator", "later_fate", "assumed", "source", "note",
    ]  # fmt: skip
    return table[columns]


def build(folder: Path, out: Path, provisional_flows: bool) -> None:
    """Write every table into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    targets, sources = read_targets(folder), Sources()
    axes = pd.DataFrame(assumed.axis_rows(), columns=["corridor", "road", "order", "lat", "lon"])
    axes["source"] = "corridors"
    communes = build_communes(folder, targets, axes)
    tables = {
        "communes": communes,
        "workplaces": build_workplaces(communes),
        "occupations": build_occupations(targets),
        "stations": build_stations(folder, sources),
        "lines": assumed.lines_table(),
        "rail_changes": assumed.rail_changes_table(),
        "corridors": assumed.corridors_table(),
        "corridor_axes": axes,
        "telecentres": build_telecentres(folder, communes, sources),
    }
    if provisional_flows:
        tables["flows"] = build_provisional_flows(communes, targets)
    tables["sources"] = sources.table()
    for name, table in tables.items():
        table.to_csv(out / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    shutil.copyfile(folder / "communes77.geojson", out / "communes.geojson")
    shutil.copyfile(folder / "idf_departements.geojson", out / "departements.geojson")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source_folder", type=Path)
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    parser.add_argument("--provisional-flows", action="store_true")
    options = parser.parse_args()
    build(options.source_folder, options.out, options.provisional_flows)
