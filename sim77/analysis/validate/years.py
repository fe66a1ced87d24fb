"""Telework by year: what a run of several years says, beside what surveys saw.

Surveys of telework count different things: a usual week, any day of a week, once a month, now and
then. A level of one year and another of the next may differ by the question alone, so each observed
row is tied to the indicator that means the same (``years.yaml``), computed for people like its own,
or to none, and says where its series breaks. Ways to work are those of the run: only a run of all
workplaces has employees like those of a region or of the country.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from sim77.analysis.calibrate.targets import calibration_rows
from sim77.analysis.validate.rows import shipped, validation_rows
from sim77.analysis.validate.year_rates import (
    employees_by_group,
    indicator_of,
    of_the_year,
    telework_by_year,
)
from sim77.core.yaml_file import load_yaml


def beside_observations(weeks: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return the observed rows of the years of a run with what the run says of the same.

    Returns
    -------
    pandas.DataFrame
        One row an observation, by year: ``row``, ``year``, ``indicator``, ``group``,
        ``definition``, ``observed``, ``error``, ``model`` (NaN where nothing means the same),
        ``unit``, ``geography``, ``source``, ``url``.
    """
    rows = pd.concat([calibration_rows(), validation_rows()])
    groups, years = employees_by_group(weeks, days), telework_by_year(weeks, days)
    found = []
    for name, entry in _tied().items():
        row = {str(column): rows.at[name, column] for column in rows.columns}
        year = int(str(row["year"]))
        if year not in years.index:
            continue
        found.append({
            "row": name, "year": year, "indicator": entry.get("indicator", ""),
            "group": entry.get("group", ""), "definition": entry["definition"],
            "observed": row["value"], "error": row["error"],
            "model": indicator_of(entry, of_the_year(groups, year)),
            "unit": row["unit"], "geography": row["geography"], "source": row["source_title"],
            "url": row["source_url"],
        })  # fmt: skip
    return pd.DataFrame(found).sort_values("year", kind="stable") if found else pd.DataFrame()


@lru_cache(maxsize=1)
def _tied() -> Mapping[str, Mapping[str, Any]]:
    rows: Mapping[str, Mapping[str, Any]] = load_yaml(shipped("years.yaml"))["rows"]
    return rows
