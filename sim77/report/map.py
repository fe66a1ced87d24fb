"""The map of the summary page: communes, trains and telecentres as one SVG drawing."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.report.geometry import Frame, frame_of, outline_path, outlines_of, paris_of
from sim77.report.scales import CLASSES, nice_ceiling, round_breaks
from sim77.report.tables import records
from sim77.territory.territory import Territory

WIDTH, HEIGHT = 1250.0, 1000.0
_LABELS, _LABEL_GAP = 12, 125.0

INDICATORS = (
    ("m_share", "share_remote", 100.0),
    ("m_saved", "minutes_saved_per_worker", 1.0),
    ("m_workers", "workers", 1.0),
    ("m_travel", "travel_min_per_worker", 1.0),
)
"""Key of the words, column of the table of communes, factor to the unit shown."""


@dataclass(frozen=True)
class Scale:
    """The colour classes of one indicator: five breaks make six classes."""

    key: str
    breaks: tuple[float, ...]
    decimals: int


@dataclass(frozen=True)
class MapView:
    """The drawing and what its legend needs.

    Attributes
    ----------
    outlines, svg : Markup
        The communes, and the map that uses them.
    scales : tuple of Scale
        One an indicator, in the order of `INDICATORS`.
    rail_examples : tuple of float
        Riders an hour to show in the legend; empty without trains.
    rail_top : float
        Riders an hour of the greatest width.
    veiled : int
        Communes with too few workers.
    """

    outlines: Markup
    svg: Markup
    scales: tuple[Scale, ...]
    rail_examples: tuple[float, ...]
    rail_top: float
    veiled: int


def draw_map(
    communes: pd.DataFrame,
    segments: pd.DataFrame,
    telecentres: pd.DataFrame,
    territory: Territory,
    few: np.ndarray,
) -> MapView:
    """Draw the map.

    Parameters
    ----------
    communes, segments, telecentres : pandas.DataFrame
        The tables of a result; rows of segments as in the territory's stations.
    territory : Territory
    few : numpy.ndarray of bool, shape (n_communes,)
        Communes with too few workers to be coloured.

    Returns
    -------
    MapView
    """
    shapes = outlines_of(territory.shapes())
    frame = frame_of(shapes, territory, WIDTH, HEIGHT, with_paris=True)
    scales = tuple(
        Scale(key, *_breaks(communes.loc[~few, column].to_numpy() * factor, column))
        for key, column, factor in INDICATORS
    )
    columns = [
        np.searchsorted(scale.breaks, communes[column].to_numpy() * factor, side="right")
        for scale, (_, column, factor) in zip(scales, INDICATORS, strict=True)
    ]
    top = nice_ceiling(float(segments["peak_riders"].max())) if len(segments) else 0.0
    centres = spread(frame.place(telecentres[["lon", "lat"]].to_numpy(float)), _radii(telecentres))
    parts = [
        _neighbours(territory, frame),
        communes_in(territory, frame, joined(columns, few)),
        hatched(np.flatnonzero(few)),
        _rails(segments, territory, frame, top),
        _rings_of_centres(telecentres, centres),
        labels(territory, frame, centres, _radii(telecentres)),
    ]
    svg = Markup("".join(parts))  # every name in it is escaped where it is put in
    examples = (0.1 * top, 0.5 * top, top) if top else ()
    return MapView(outlines(territory, shapes, frame), svg, scales, examples, top, int(few.sum()))


# Outlines and communes ------------------------------------------------------------------


def _neighbours(territory: Territory, frame: Frame) -> str:
    paths = [
        f'<path class="{"par" if code == "75" else "dep"}" d="{outline_path(rings, frame)}"/>'
        for code, rings in outlines_of(territory.departements()).items()
    ]
    return f'<g class="tenth" aria-hidden="true">{"".join(paths)}</g>'


def _breaks(shown: np.ndarray, column: str) -> tuple[tuple[float, ...], int]:
    """Return five round breaks for the values of an indicator, and their decimals."""
    if column == "workers":
        series = [step * 10.0**power for power in range(1, 6) for step in (1, 2, 5)]
        high = np.percentile(shown, 97) if shown.size else 0.0
        last = max(int(np.searchsorted(series, high, side="right")), CLASSES - 1)
        return tuple(series[last - CLASSES + 1 : last]), 0
    return round_breaks(shown)


def joined(columns: Sequence[np.ndarray], hidden: Iterable[bool]) -> list[str]:
    """Return the classes of each commune, one character an indicator; v where it is hidden."""
    rows, none = np.stack(columns, axis=1).tolist(), "v" * len(columns)
    return [
        none if hide else "".join(map(str, row)) for hide, row in zip(hidden, rows, strict=True)
    ]


def outlines(territory: Territory, shapes: dict[str, list[np.ndarray]], frame: Frame) -> Markup:
    """Define each commune once, as an area or a point, for all maps of a page to use."""
    places = frame.place(territory.communes[["lon", "lat"]].to_numpy(float))
    drawn = []
    for row, code in enumerate(territory.communes["code"]):
        if code in shapes:
            drawn.append(f'<path id="g{row}" d="{outline_path(shapes[code], frame)}"/>')
        else:
            x, y = 10 * places[row]
            drawn.append(f'<circle id="g{row}" cx="{x:.0f}" cy="{y:.0f}" r="140"/>')
    return Markup("".join(drawn))


def communes_in(
    territory: Territory,
    frame: Frame,
    classes: Sequence[str],
    colours: str = "q",
    rows: Sequence[int | None] | None = None,
) -> str:
    """Use the outlines in the colours of the first indicator; the page recolours them.

    Parameters
    ----------
    territory : Territory
    frame : Frame
    classes : sequence of str
        From `joined`, of the territory's communes.
    colours : str
        ``q`` from little to much, ``e`` around zero.
    rows : sequence of int or None, optional
        The row of each commune in the table behind the map; as in the territory by default.
    """
    places = np.rint(frame.place(territory.communes[["lon", "lat"]].to_numpy(float))).astype(int)
    drawn = []
    for here, (kinds, (x, y)) in enumerate(zip(classes, places.tolist(), strict=True)):
        row = here if rows is None else rows[here]
        found = "" if row is None else f' data-row="c{row}" data-x="{x}" data-y="{y}"'
        drawn.append(f'<use class="{colours}{kinds[0]}" href="#g{here}" data-q="{kinds}"{found}/>')
    return f'<g class="tenth communes">{"".join(drawn)}</g>'


def hatched(rows: Iterable[int]) -> str:
    """Hatch communes."""
    uses = "".join(f'<use href="#g{row}"/>' for row in rows)
    return f'<g class="tenth hatched">{uses}</g>'


# Trains ------------------------------------------------------------------------------------


def rail_width(riders: float, top: float) -> float:
    """Return the width of a line on the map for its riders an hour."""
    return 1.6 + 10.0 * riders / top


def _rails(segments: pd.DataFrame, territory: Territory, frame: Frame, top: float) -> str:
    if not len(segments):
        return ""
    places = frame.place(segments[["lon", "lat"]].to_numpy(float))
    end = frame.place(paris_of(territory))
    row_of = {name: row for row, name in enumerate(territory.stations["station_service_id"])}
    inner = [row_of.get(parent, -1) for parent in territory.stations["parent"]]
    casing, lines, cores = [], [], []
    riders = segments["peak_riders"].to_numpy()
    full = segments["riders_per_seat"].to_numpy() > 1.0
    for row in np.argsort(riders):
        if inner[row] < 0 and not len(end):
            continue
        (x, y), (to_x, to_y) = places[row], places[inner[row]] if inner[row] >= 0 else end[0]
        width = rail_width(riders[row], top)
        line = f'd="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke-width='
        casing.append(f'<path class="cas" {line}"{width + 4:.1f}"/>')
        lines.append(f'<path class="ra" data-row="s{row}" {line}"{width:.1f}"/>')
        if full[row]:
            cores.append(f'<path class="core" {line}"{max(0.36 * width, 1.2):.1f}"/>')
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>' for x, y in places)
    return f'<g class="rl">{"".join(casing + lines + cores)}</g><g class="st">{dots}</g>'


# Telecentres -------------------------------------------------------------------------------


def _radii(telecentres: pd.DataFrame) -> np.ndarray:
    return np.array([ring_radius(desks) for desks in telecentres["desks"]])


def ring_radius(desks: float) -> float:
    """Return the radius of a telecentre on the map."""
    return 7.0 + 1.9 * math.sqrt(max(desks, 0.0))


def spread(places: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Move rings that would hide each other apart, larger ones first."""
    moved = places.copy()
    done: list[int] = []
    for row in np.argsort(-radii, kind="stable"):
        for turn in range(12):
            gaps = [
                math.dist(moved[row], moved[other]) - radii[row] - radii[other] for other in done
            ]
            if all(gap > -4.0 for gap in gaps):
                break
            nearest = done[int(np.argmin(gaps))]
            angle = 0.7 + turn * 2 * math.pi / 12
            reach = radii[row] + radii[nearest] + 1.0
            moved[row] = places[nearest] + reach * np.array([math.cos(angle), math.sin(angle)])
        done.append(int(row))
    return moved


def ring(desks: float, share: float, refusals: float, is_open: bool = True) -> str:
    """Draw a telecentre around the origin: size by desks, filled clockwise by use."""
    radius = ring_radius(desks)
    band = 0.4 * radius
    middle = radius - 0.5 * band
    part = 100.0 * min(max(share, 0.0), 1.0)
    body = f'<circle class="bg" r="{radius:.1f}"/>'
    if is_open:
        body += (
            f'<circle class="tr" r="{middle:.1f}" stroke-width="{band:.1f}"/>'
            f'<circle class="oc" r="{middle:.1f}" stroke-width="{band:.1f}" pathLength="100" '
            f'stroke-dasharray="{part:.1f} 200" transform="rotate(-90)"/>'
        )
    body += f'<circle class="ed{"" if is_open else " idle"}" r="{radius:.1f}"/>'
    if refusals > 0:
        tip = 0.85 * radius
        body += f'<path class="re" d="M{tip:.1f} {-tip:.1f}l7 -13 7 13z"/>'
    return body


def _rings_of_centres(telecentres: pd.DataFrame, places: np.ndarray) -> str:
    sites = records(telecentres)
    order = np.argsort(-telecentres["desks"].to_numpy(float), kind="stable")
    return placed(
        (row, places[row], ring(site["desks"], site["share_occupied"], site["refusals"],
                                site["days_open"] > 0))
        for row, site in ((row, sites[row]) for row in order)
    )  # fmt: skip


def placed(drawn: Iterable[tuple[int, np.ndarray, str]]) -> str:
    """Put drawings of telecentres, by row of their table, where they belong on a map."""
    groups = "".join(
        f'<g class="ring" data-row="t{row}" transform="translate({x:.1f} {y:.1f})">{body}</g>'
        for row, (x, y), body in drawn
    )
    return f"<g>{groups}</g>"


# Names -------------------------------------------------------------------------------------


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _towns(
    territory: Territory, frame: Frame, first: Sequence[str]
) -> list[tuple[str, float, float]]:
    """Choose what is asked for, seats of arrondissements, then the largest not too near."""
    communes = territory.communes
    seat = [
        _plain(name) == slug
        for name, slug in zip(communes["name"], communes["arrondissement"], strict=True)
    ]
    order = communes.assign(wanted=communes["code"].isin(first), seat=seat).sort_values(
        ["wanted", "seat", "population"], ascending=False, kind="stable"
    )
    chosen: list[tuple[str, float, float]] = []
    for name, (x, y) in zip(
        order["name"], frame.place(order[["lon", "lat"]].to_numpy(float)), strict=True
    ):
        if all(math.dist((x, y), (u, v)) > _LABEL_GAP for _, u, v in chosen):
            chosen.append((name, float(x), float(y)))
        if len(chosen) == _LABELS:
            break
    return chosen


def labels(
    territory: Territory,
    frame: Frame,
    centres: np.ndarray,
    radii: np.ndarray,
    first: Sequence[str] = (),
) -> str:
    """Write the names of towns where they hide neither a ring nor each other.

    Parameters
    ----------
    territory : Territory
    frame : Frame
    centres : numpy.ndarray, shape (n, 2)
        Where the rings are.
    radii : numpy.ndarray, shape (n,)
    first : sequence of str
        Codes of communes to be named before the towns.
    """
    taken = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(centres, radii, strict=True)]
    drawn = []
    for place in frame.place(paris_of(territory)) if frame.with_paris else ():
        drawn.append(
            f'<text class="pl" x="{place[0]:.0f}" y="{max(place[1] - 16, 24):.0f}">Paris</text>'
        )
    for rank, (name, x, y) in enumerate(_towns(territory, frame, first)):
        wide = 11.5 * len(name)
        for left, base in _around(x, y, wide):
            box = (left, base - 20, left + wide, base + 4)
            inside = left > 0 and left + wide < frame.width
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                tier = "" if rank < 6 else " t2nd"
                middle = left + wide / 2
                drawn.append(
                    f'<text class="tl{tier}" x="{middle:.0f}" y="{base:.0f}">{escape(name)}</text>'
                )
                break
    return f'<g class="names" aria-hidden="true">{"".join(drawn)}</g>'


def _around(x: float, y: float, wide: float) -> Iterator[tuple[float, float]]:
    """Yield where a name may begin, left end and base line, nearest first."""
    for gap in (16.0, 34.0):
        yield x + gap, y + 8
        yield x - wide - gap, y + 8
        yield x - wide / 2, y - gap - 2
        yield x - wide / 2, y + gap + 16
        yield x + gap, y - gap
        yield x - wide - gap, y + gap


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
