"""What must hold between the tables of a territory, one function a rule.

Each takes the typed tables and, for each, the rows of the file ``(n,)``; it returns sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from sim77.core.errors import nearest
from sim77.core.units import OCCUPATION_GROUPS, WORKPLACE_ZONES
from sim77.registry.parameters import load_parameters
from sim77.territory.schema import MOST_TRAINS
from sim77.territory.sites import NEW, is_new

Tables = Mapping[str, pd.DataFrame]
Rows = Mapping[str, np.ndarray]
Rule = Callable[[Tables, Rows], list[str]]

SHARE_TOLERANCE = 1e-6
FARTHEST_DEGREES = 2.5
"""A point farther than this from the middle of the communes is a slip, such as lat for lon or 0."""


def flows_are_complete(tables: Tables, rows: Rows) -> list[str]:
    """Check that every commune has a row for each zone, and that someone works somewhere."""
    flows = tables["flows"]
    there = pd.MultiIndex.from_frame(flows[["commune_code", "workplace_zone"]])
    wanted = pd.MultiIndex.from_product([tables["communes"]["code"], WORKPLACE_ZONES])
    problems = [
        f"flows.csv, column 'workplace_zone': commune {code!r} has no row for {zone!r}; "
        f"every commune needs one for each of {', '.join(WORKPLACE_ZONES)}."
        for code, zone in wanted.difference(there)
    ]
    if flows["workers"].sum() == 0:
        problems.append("flows.csv, column 'workers': the sum is 0, but must be at least 1.")
    return problems


def zones_have_workplaces(tables: Tables, rows: Rows) -> list[str]:
    """Check that a zone somebody works in has a destination with jobs."""
    workers = tables["flows"].groupby("workplace_zone")["workers"].sum()
    jobs = tables["workplaces"].groupby("zone")["jobs_weight"].sum()
    return [
        f"workplaces.csv, column 'jobs_weight': zone {zone!r} has {number} workers in flows.csv, "
        "but no workplace with a weight above 0."
        for zone, number in workers.items()
        if number > 0 and not jobs.get(zone, 0) > 0
    ]


def shares_sum_to_one(tables: Tables, rows: Rows) -> list[str]:
    """Check that the occupation shares of every zone are complete and sum to 1."""
    table, problems = tables["occupations"], []
    for zone in WORKPLACE_ZONES:
        mix = table[table["workplace_zone"] == zone]
        missing = [group for group in OCCUPATION_GROUPS if group not in set(mix["group"])]
        if missing:
            problems.append(
                f"occupations.csv, column 'group': zone {zone!r} has no row for "
                f"{', '.join(missing)}; every zone needs all five groups."
            )
        elif abs(mix["share"].sum() - 1) > SHARE_TOLERANCE:
            problems.append(
                f"occupations.csv, row {rows['occupations'][mix.index[0]]}, column 'share': the "
                f"shares of zone {zone!r} sum to {mix['share'].sum():.6g}, but must sum to 1."
            )
    return problems


def lines_have_stations(tables: Tables, rows: Rows) -> list[str]:
    """Check that every line has a station, and no fewer places than seats."""
    served = set(tables["stations"]["line"])
    problems = []
    for row, line in zip(rows["lines"], tables["lines"].to_dict("records"), strict=True):
        where = f"lines.csv, row {row}, column"
        if line["line"] not in served:
            problems.append(f"{where} 'line': {line['line']!r} has no station in stations.csv.")
        if line["places_per_train"] < line["seats_per_train"]:
            problems.append(
                f"{where} 'places_per_train': {line['places_per_train']:g}, but must be at least "
                f"the seats ({line['seats_per_train']:g})."
            )
    return problems


def stations_fall_inward(tables: Tables, rows: Rows) -> list[str]:
    """Check that parents form trees on one line and that minutes fall towards the terminus."""
    stations = tables["stations"].to_dict("records")
    by_id = {station["station_service_id"]: station for station in stations}
    problems = []
    for row, here in zip(rows["stations"], stations, strict=True):
        where = f"stations.csv, row {row}, column"
        parent = by_id.get(here["parent"])
        if parent is None:
            if here["change_at_parent"]:
                problems.append(f"{where} 'change_at_parent': 1, but must be 0 without a parent.")
            continue
        if (parent["line"], parent["terminus"]) != (here["line"], here["terminus"]):
            problems.append(
                f"{where} 'parent': {here['parent']!r} runs on line {parent['line']} to "
                f"{parent['terminus']}, but must be a station of line {here['line']} to "
                f"{here['terminus']}."
            )
        if _goes_round(here["station_service_id"], by_id):
            problems.append(
                f"{where} 'parent': {here['parent']!r} leads back to "
                f"{here['station_service_id']!r}, but parents must end at the terminus."
            )
        elif not parent["minutes"] < here["minutes"]:
            problems.append(
                f"{where} 'minutes': {here['minutes']:g}, but must be more than the "
                f"{parent['minutes']:g} of its parent {here['parent']!r}."
            )
    return problems


def _goes_round(start: str, by_id: Mapping[str, Mapping]) -> bool:
    """Whether following parents from ``start`` comes back to it."""
    here, steps = by_id[start]["parent"], 0
    while here in by_id and here != start and steps < len(by_id):
        here, steps = by_id[here]["parent"], steps + 1
    return here == start


def rail_changes_fit(tables: Tables, rows: Rows) -> list[str]:
    """Check that a change names a station only for its trains, and one of its line.

    Trains stay within what a line can carry, and places are never fewer than seats.
    """
    lines = tables["stations"].set_index("station_service_id")["line"].to_dict()
    problems = []
    changes = tables["rail_changes"].to_dict("records")
    for row, change in zip(rows["rail_changes"], changes, strict=True):
        where = f"rail_changes.csv, row {row}, column 'station_service_id'"
        station, line, field = (change[key] for key in ("station_service_id", "line", "field"))
        if field != "trains_peak_hour" and station:
            problems.append(f"{where}: {station!r}, but must be blank when {field} changes.")
        elif station and lines.get(station, line) != line:
            problems.append(f"{where}: {station!r} is on line {lines[station]}, not on {line}.")
        if field == "trains_peak_hour" and change["value"] > MOST_TRAINS:
            problems.append(
                f"rail_changes.csv, row {row}, column 'value': {change['value']:g}, but must be at "
                f"most {MOST_TRAINS} trains in the peak hour."
            )
    return problems


def changed_trains_have_places(tables: Tables, rows: Rows) -> list[str]:
    """Check that no dated change leaves a train with fewer places than seats."""
    names = ["seats_per_train", "places_per_train"]
    trains = tables["lines"].set_index("line")[names].to_dict("index")
    changes = tables["rail_changes"].assign(row=rows["rail_changes"])
    changes = changes[changes["field"].isin(names)].sort_values("date", kind="stable")
    problems = []
    for (date, line), group in changes.groupby(["date", "line"]):
        train = trains.get(line, {})
        train.update(zip(group["field"], group["value"], strict=True))
        seats, places = (train.get(name, np.nan) for name in names)
        if places < seats:
            problems.append(
                f"rail_changes.csv, row {group['row'].iloc[-1]}, column 'value': line {line} has "
                f"{places:g} places on {seats:g} seats from {date} on, but places must be at least "
                "the seats."
            )
    return problems


def new_centres_keep_their_names(tables: Tables, rows: Rows) -> list[str]:
    """Check that no telecentre is named like those that scenarios open in any commune."""
    ids = tables["telecentres"]["telecentre_id"]
    return [
        f"telecentres.csv, row {rows['telecentres'][place]}, column 'telecentre_id': "
        f"{ids.iloc[place]!r}, but must not begin with {NEW!r}, which scenarios use."
        for place in np.flatnonzero(ids.map(is_new).to_numpy(bool))
    ]


def _communes_are_known(name: str) -> Rule:
    def rule(tables: Tables, rows: Rows) -> list[str]:
        """Check that a place inside the territory lies in one of its communes."""
        table, codes = tables[name], list(tables["communes"]["code"])
        inside = (table["in_territory"] == 1) & ~table["commune_code"].isin(codes)
        return [
            f"{name}.csv, row {rows[name][place]}, column 'commune_code': "
            f"{table['commune_code'].iloc[place]!r}, but must be a code of communes.csv while "
            f"in_territory is 1.{nearest(table['commune_code'].iloc[place], codes)}"
            for place in np.flatnonzero(inside)
        ]

    return rule


def workplaces_within_are_communes(tables: Tables, rows: Rows) -> list[str]:
    """Check that the destinations within the territory are communes of it."""
    table, codes = tables["workplaces"], list(tables["communes"]["code"])
    wrong = (table["zone"] == "within") & ~table["code"].isin(codes)
    return [
        f"workplaces.csv, row {rows['workplaces'][place]}, column 'code': "
        f"{table['code'].iloc[place]!r}, but must be a code of communes.csv when the zone is "
        f"'within'.{nearest(table['code'].iloc[place], codes)}"
        for place in np.flatnonzero(wrong)
    ]


def sites_close_after_opening(tables: Tables, rows: Rows) -> list[str]:
    """Check that a telecentre closes after it opens."""
    table = tables["telecentres"]
    wrong = (table["closing_date"] != "") & (table["closing_date"] <= table["opening_date"])
    return [
        f"telecentres.csv, row {rows['telecentres'][place]}, column 'closing_date': "
        f"{table['closing_date'].iloc[place]!r}, but must be after the opening date "
        f"{table['opening_date'].iloc[place]!r}."
        for place in np.flatnonzero(wrong)
    ]


def _points_are_near(name: str) -> Rule:
    def rule(tables: Tables, rows: Rows) -> list[str]:
        """Check that every point lies near the communes."""
        problems = []
        for column in ("lat", "lon"):
            middle = tables["communes"][column].median()
            far = (tables[name][column] - middle).abs() > FARTHEST_DEGREES
            problems += [
                f"{name}.csv, row {rows[name][place]}, column {column!r}: "
                f"{tables[name][column].iloc[place]:g}, but must be within {FARTHEST_DEGREES:g} "
                f"degrees of {middle:.4g}, the middle of the communes."
                for place in np.flatnonzero(far)
            ]
        return problems

    return rule


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("communes", "flows"), flows_are_complete),
    (("flows", "workplaces"), zones_have_workplaces),
    (("communes", "workplaces"), workplaces_within_are_communes),
    (("occupations",), shares_sum_to_one),
    (("lines", "stations"), lines_have_stations),
    (("stations",), stations_fall_inward),
    (("stations", "rail_changes"), rail_changes_fit),
    (("lines", "rail_changes"), changed_trains_have_places),
    (("telecentres",), new_centres_keep_their_names),
    (("communes", "stations"), _communes_are_known("stations")),
    (("communes", "telecentres"), _communes_are_known("telecentres")),
    (("telecentres",), sites_close_after_opening),
    (("communes",), _points_are_near("communes")),
    (("communes", "workplaces"), _points_are_near("workplaces")),
    (("communes", "stations"), _points_are_near("stations")),
    (("communes", "telecentres"), _points_are_near("telecentres")),
    (("communes", "corridor_axes"), _points_are_near("corridor_axes")),
)
"""The tables a rule needs, and the rule."""


def somebody_works(tables: Tables, rows: Rows) -> list[str]:
    """Check that somebody goes to work."""
    flows = tables["flows"]
    if flows.loc[flows["at_home"] == 0, "workers"].sum() > 0:
        return []
    return [
        "flows.parquet, column 'workers': nobody goes to work, but must be at least 1 where "
        "at_home is 0."
    ]


def terms_are_complete(tables: Tables, rows: Rows) -> list[str]:
    """Check that each constant says of what it is one, and that the scale is within its range."""
    problems, scale = [], load_parameters()["mu_mode"]
    needs = {
        "mu_mode": (), "area": ("mode", "origin", "destination"), "occupation": ("mode",
        "occupation"), "density_home": ("mode",), "density_work": ("mode",),
    }  # fmt: skip
    table = tables["mode_choice"]
    for row, each in zip(rows["mode_choice"], table.to_dict("records"), strict=True):
        where = f"mode_choice.csv, row {row}, column"
        for column in ("mode", "origin", "destination", "occupation"):
            needed = column in needs[each["term"]]
            if needed != (each[column] != ""):
                came = repr(each[column]) if each[column] else "the cell is empty"
                must = "say which" if needed else "be blank"
                problems.append(
                    f"{where} {column!r}: {came}, but must {must} for the term {each['term']}."
                )
        if each["term"] == "mu_mode" and not scale.low <= each["value"] <= scale.high:
            problems.append(
                f"{where} 'value': {each['value']:g}, but must be from {scale.low:g} to "
                f"{scale.high:g} for the term mu_mode."
            )
    return problems


BUILT_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("flows",), somebody_works),
    (("mode_choice",), terms_are_complete),
    (("telecentres",), new_centres_keep_their_names),
    (("communes", "telecentres"), _communes_are_known("telecentres")),
    (("telecentres",), sites_close_after_opening),
    (("communes",), _points_are_near("communes")),
    (("communes", "workplaces"), _points_are_near("workplaces")),
    (("communes", "telecentres"), _points_are_near("telecentres")),
)
"""The same for a territory made from public files."""
