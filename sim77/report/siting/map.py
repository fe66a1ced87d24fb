"""The map of a search for sites: what a centre alone would bring, and the centres there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.report.geometry import frame_of, outlines_of
from sim77.report.map import (
    Scale,
    communes_in,
    hatched,
    joined,
    labels,
    outlines,
    placed,
    ring,
    ring_radius,
    spread,
)
from sim77.report.scales import round_breaks
from sim77.territory.territory import Territory

WIDTH, HEIGHT = 800.0, 1000.0
SHOWN = (("m_alone_surplus", "surplus_eur"), ("m_alone_use", "use"))
"""Key of the words and column of the candidates."""


@dataclass(frozen=True)
class SiteMap:
    """The communes, the map that uses them and the classes of its colours."""

    outlines: Markup
    svg: Markup
    scales: tuple[Scale, ...]


def draw_site_map(
    candidates: pd.DataFrame,
    new_sites: list[dict[str, Any]],
    old_sites: list[dict[str, Any]],
    territory: Territory,
) -> SiteMap:
    """Draw the map.

    Parameters
    ----------
    candidates : pandas.DataFrame
        Table of a siting; its rows are those of the page's table of communes.
    new_sites, old_sites : list of dict
        Rows of its table of sites, the new ones in the order of their numbers.
    territory : Territory

    Returns
    -------
    SiteMap
    """
    shapes = outlines_of(territory.shapes())
    frame = frame_of(shapes, territory, WIDTH, HEIGHT, with_paris=False)
    scales = tuple(
        Scale(key, *round_breaks(candidates[column].to_numpy())) for key, column in SHOWN
    )
    sites = [*new_sites, *old_sites]
    radii = np.array([ring_radius(site["desks"]) for site in new_sites]
                     + [0.5 * ring_radius(site["desks"]) for site in old_sites])  # fmt: skip
    where = np.array([(site["lon"], site["lat"]) for site in sites], dtype=float)
    places = spread(frame.place(where), radii)
    columns = [
        np.searchsorted(scale.breaks, candidates[column].to_numpy(), side="right")
        for scale, (_, column) in zip(scales, SHOWN, strict=True)
    ]
    found = joined(columns, np.zeros(len(candidates), dtype=bool))
    row_of = {code: row for row, code in enumerate(candidates["commune_code"])}
    rows = [row_of.get(code) for code in territory.communes["code"]]
    classes = ["v" * len(SHOWN) if row is None else found[row] for row in rows]
    first = len(new_sites)
    parts = [
        communes_in(territory, frame, classes, rows=rows),
        hatched(here for here, row in enumerate(rows) if row is None),
        placed(
            (row, places[row], f'<circle class="old ed" r="{radii[row]:.1f}"/>')
            for row in range(first, len(sites))
        ),
        placed(
            (row, places[row], f"{ring(site['desks'], site['share_occupied'], 0.0)}"
                               f'<text class="num" y="5">{row + 1}</text>')
            for row, site in enumerate(new_sites)
        ),
        labels(territory, frame, places, radii),
    ]  # fmt: skip
    return SiteMap(outlines(territory, shapes, frame), Markup("".join(parts)), scales)
