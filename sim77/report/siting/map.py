"""The map of a search for sites: what a centre alone would bring, and the centres there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.report.geometry import Frame, frame_of, outline_path, outlines_of
from sim77.report.map import Scale, labels, ring, ring_radius, spread
from sim77.report.scales import round_breaks
from sim77.territory.territory import Territory

WIDTH, HEIGHT = 800.0, 1000.0
SHOWN = (("m_alone_surplus", "surplus_eur"), ("m_alone_use", "use"))
"""Key of the words and column of the candidates."""


@dataclass(frozen=True)
class SiteMap:
    """The drawing and the classes of its colours."""

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
    parts = [
        _communes(candidates, shapes, frame, scales, territory),
        _old(places[len(new_sites) :], radii[len(new_sites) :], len(new_sites)),
        _new(new_sites, places),
        labels(territory, frame, places, radii),
    ]
    return SiteMap(Markup("".join(parts)), scales)


def _communes(
    candidates: pd.DataFrame,
    shapes: dict[str, list[np.ndarray]],
    frame: Frame,
    scales: tuple[Scale, ...],
    territory: Territory,
) -> str:
    columns = [
        np.searchsorted(scale.breaks, candidates[column].to_numpy(), side="right")
        for scale, (_, column) in zip(scales, SHOWN, strict=True)
    ]
    classes = ["".join(map(str, row)) for row in np.stack(columns, axis=1).tolist()]
    row_of = {code: row for row, code in enumerate(candidates["commune_code"])}
    places = frame.place(territory.communes[["lon", "lat"]].to_numpy(float))
    drawn, veils = [], []
    for code, (x, y) in zip(territory.communes["code"], places, strict=True):
        row = row_of.get(code)
        kinds = "v" * len(SHOWN) if row is None else classes[row]
        found = "" if row is None else f' data-row="c{row}" data-x="{x:.0f}" data-y="{y:.0f}"'
        shared = f'class="q{kinds[0]}" data-q="{kinds}"{found}'
        if code in shapes:
            path = outline_path(shapes[code], frame)
            drawn.append(f'<path {shared} d="{path}"/>')
            veils += [path] if row is None else []
        else:
            drawn.append(f'<circle {shared} cx="{10 * x:.0f}" cy="{10 * y:.0f}" r="110"/>')
    veil = f'<g class="tenth"><path class="veil" d="{"".join(veils)}"/></g>' if veils else ""
    return f'<g class="tenth communes">{"".join(drawn)}</g>{veil}'


def _old(places: np.ndarray, radii: np.ndarray, first: int) -> str:
    drawn = "".join(
        f'<g class="ring" data-row="t{first + row}" transform="translate({x:.1f} {y:.1f})">'
        f'<circle class="old ed" r="{radius:.1f}"/></g>'
        for row, ((x, y), radius) in enumerate(zip(places, radii, strict=True))
    )
    return f"<g>{drawn}</g>"


def _new(sites: list[dict[str, Any]], places: np.ndarray) -> str:
    drawn = "".join(
        f'<g class="ring" data-row="t{row}" transform="translate({x:.1f} {y:.1f})">'
        f"{ring(site['desks'], site['share_occupied'], 0.0)}"
        f'<text class="num" y="5">{row + 1}</text></g>'
        for row, (site, (x, y)) in enumerate(zip(sites, places, strict=False))
    )
    return f"<g>{drawn}</g>"
