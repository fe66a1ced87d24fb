"""Compare what a territory's supply says with what is observed, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.modes.morning import Morning, morning_of
from sim77.analysis.modes.other_riders import counted_boardings
from sim77.analysis.supply_check.measures import LINE, MEASURES, PERCENT, STATION, Asked
from sim77.core.errors import TerritoryError, nearest
from sim77.territory.observed import Observed, read_observed
from sim77.territory.territory import Territory

PASS, FAIL = "pass", "fail"
TOLERANCE = 0.15
"""Share of the value that is allowed where a row says nothing."""
WORST = 5
"""Stations that are told by name, furthest from their counts in proportion."""
COLUMNS = (
    "verdict", "measure", "of", "value", "model", "tolerance", "bound", "basis", "unit", "source",
    "note_fr", "note_en",
)  # fmt: skip


def check_supply(territory: Territory) -> pd.DataFrame:
    """Compare a territory with the observations kept beside it.

    Parameters
    ----------
    territory : Territory

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, failures first.

    Raises
    ------
    TerritoryError
        If nothing is kept beside it, or what is has a mistake.
    """
    observed = read_observed(territory)
    for row in observed.published.to_dict("records"):
        _parts(row)
    return compare(morning_of(territory), observed)


def compare(morning: Morning, observed: Observed) -> pd.DataFrame:
    """Return the rows of `check_supply`."""
    source = observed.sources.set_index("source_id")["text"]
    rows: list[dict[Any, Any]] = []
    for row in observed.published.to_dict("records"):
        measure = MEASURES[str(row["measure"])]
        model = measure.find(Asked(morning, observed, _parts(row)))
        rows.append({**row, "model": model, "unit": measure.unit})
    rows += _counted_rows(morning, observed, rows)
    table = pd.DataFrame(rows)
    blank = table["tolerance"].isna()
    table.loc[blank, "tolerance"] = TOLERANCE * table["value"].abs()[blank]
    above, below = (
        table["model"] > table["value"] + table["tolerance"],
        table["model"] < table["value"] - table["tolerance"],
    )
    # A model without a figure misses whatever is asked.
    missed = (above & (table["bound"] != "at_least")) | (below & (table["bound"] != "at_most"))
    missed |= ~np.isfinite(table["model"])
    table["verdict"] = np.where(missed, FAIL, PASS)
    table["source"] = table["source_id"].map(source)
    return table.sort_values("verdict", kind="stable", ignore_index=True)[list(COLUMNS)]


def _counted_rows(
    morning: Morning, observed: Observed, rows: list[dict[Any, Any]]
) -> list[dict[Any, Any]]:
    """Return rows of the counts by line, in percent of all, and of the worst stations.

    Where no row asks for counts there are none.
    """
    asked = [row for row in rows if row["measure"] == "boardings_correlation"]
    if not asked:
        return []
    counted = counted_boardings(morning, observed.boardings)
    lines = counted.groupby("line")[["boardings", "model"]].sum()
    stations = counted.groupby("station")[["boardings", "model"]].sum()
    # The total has a row of its own: lines and stations are worst in proportion to it.
    lines = PERCENT * lines / lines.sum()
    expected = stations["boardings"] * stations["model"].sum() / stations["boardings"].sum()
    apart = (stations["model"].clip(lower=1.0) / expected.clip(lower=1.0)).map(np.log).abs()
    worst = apart.sort_values(ascending=False, kind="stable").index[:WORST]
    same = {"tolerance": np.nan, "bound": "within", "note_fr": "", "note_en": ""}
    same |= {key: asked[0][key] for key in ("basis", "source_id")}
    return [
        {
            **same, "measure": measure, "of": name, "unit": unit,
            "value": table["boardings"][name], "model": table["model"][name],
        }
        for measure, unit, table, names in (
            (LINE, "percent", lines, lines.index), (STATION, "riders", stations, worst),
        )
        for name in names
    ]  # fmt: skip


def _parts(row: dict[Any, Any]) -> tuple[str, ...]:
    """Return the parts of a row's subject, checked for their number."""
    name, subject = str(row["measure"]), str(row["of"])
    if name not in MEASURES:
        raise TerritoryError(
            f"published.csv asks for the measure '{name}', which there is not."
            f"{nearest(name, list(MEASURES))}"
        )
    wanted = MEASURES[name].parts
    parts = tuple(subject.split("/")) if subject else ()
    if len(parts) != len(wanted):
        raise TerritoryError(
            f"published.csv asks for {name} of '{subject}'; expected "
            f"{'/'.join(wanted) or 'nothing'}."
        )
    return parts
