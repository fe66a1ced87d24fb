"""What must hold between the tables of a territory, one function a rule.

Each takes the typed tables and, for each, the rows of the file ``(n,)``; it returns sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from sim77.core.errors import nearest
from sim77.registry.parameters import load_parameters
from sim77.territory.sites import NEW, is_new

Tables = Mapping[str, pd.DataFrame]
Rows = Mapping[str, np.ndarray]
Rule = Callable[[Tables, Rows], list[str]]

FARTHEST_DEGREES = 2.5
"""A point farther than this from the middle of the communes is a slip, such as lat for lon or 0."""


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


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("flows",), somebody_works),
    (("mode_choice",), terms_are_complete),
    (("telecentres",), new_centres_keep_their_names),
    (("communes", "telecentres"), _communes_are_known("telecentres")),
    (("telecentres",), sites_close_after_opening),
    (("communes",), _points_are_near("communes")),
    (("communes", "workplaces"), _points_are_near("workplaces")),
    (("communes", "telecentres"), _points_are_near("telecentres")),
)
"""The tables a rule needs, and the rule."""
