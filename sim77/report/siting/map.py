"""The map of a search for sites: what a centre alone would bring, and the centres there are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim77.report.geography import Geography
from sim77.report.map import layer, maps_data, site_of
from sim77.report.scales import round_breaks

SHOWN = (("m_alone_surplus", "surplus_eur"), ("m_alone_use", "use"))
"""Key of the words and column of the candidates."""


def map_of_sites(
    candidates: pd.DataFrame,
    new_sites: list[dict[str, Any]],
    old_sites: list[dict[str, Any]],
    geography: Geography,
) -> dict[str, Any]:
    """Return the map.

    Parameters
    ----------
    candidates : pandas.DataFrame
        Table of a siting; its rows are those of the page's table of communes.
    new_sites, old_sites : list of dict
        Rows of its table of sites, the new ones in the order of their numbers.
    geography : Geography
    """
    row_of = {code: row for row, code in enumerate(candidates["commune_code"])}
    rows = [row_of.get(code) for code in geography.territory.communes["code"]]
    none = [here for here, row in enumerate(rows) if row is None]
    layers = []
    for _, column in SHOWN:
        found = candidates[column].to_numpy(float)
        values = [np.nan if row is None else found[row] for row in rows]
        layers.append(layer(values, round_breaks(found)[0], none))
    sites = [
        site_of(row, site, geography, site["desks"], site["share_occupied"], 0.0, "open",
                str(row + 1))
        for row, site in enumerate(new_sites)
    ] + [
        site_of(row, site, geography, site["desks"], 0.0, 0.0, "planned")
        for row, site in enumerate(old_sites, len(new_sites))
    ]  # fmt: skip
    return maps_data(geography, {"d": {"layers": layers, "rows": rows, "sites": sites}})
