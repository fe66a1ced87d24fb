"""The maps of a comparison: A, B and their difference, of one frame and one set of outlines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.registry.indicators import described
from sim77.report.compare.findings import Effect, Findings
from sim77.report.geometry import Frame, frame_of, outline_path, outlines_of
from sim77.report.locale import least_decimals
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
from sim77.report.scales import nice_step, round_breaks
from sim77.report.tables import records
from sim77.territory.territory import Territory

WIDTH, HEIGHT = 800.0, 1000.0
_OWN_CODE = "77"
_STEPS = (0.2, 0.5, 1.0)  # of the greatest break, so that the middle class is narrow
_GREAT = 90.0  # percentile of the effects that gets the greatest break


@dataclass(frozen=True)
class Shown:
    """An indicator that the maps can show.

    Attributes
    ----------
    key : str
        Of the words.
    indicator : str
    """

    key: str
    indicator: str

    @property
    def factor(self) -> float:
        """To the unit shown."""
        return 100.0 if described(self.indicator).aggregation == "share" else 1.0

    @property
    def good(self) -> int:
        """-1 if less is a gain, else 1: gains are teal, losses brown."""
        return -1 if described(self.indicator).better == "lower" else 1


SHOWN = (
    Shown("saved", "minutes_saved_per_worker"),
    Shown("share", "share_remote"),
    Shown("co2e", "co2e_travel_kg_per_worker"),
)


@dataclass(frozen=True)
class Layer:
    """One indicator on the three maps.

    Attributes
    ----------
    shown : Shown
    effects : list of Effect
        By commune, in the unit shown.
    scale : Scale
        The classes of A and B.
    breaks : tuple of float
        The six that part the seven classes of the difference, from the lowest.
    decimals : int
        Of these breaks.
    veiled : numpy.ndarray of bool, shape (n_communes,)
        Where the interval holds zero, or workers are too few.
    """

    shown: Shown
    effects: list[Effect]
    scale: Scale
    breaks: tuple[float, ...]
    decimals: int
    veiled: np.ndarray


@dataclass(frozen=True)
class Maps:
    """The drawings and what their legends need."""

    outlines: Markup
    a: Markup
    b: Markup
    difference: Markup
    layers: tuple[Layer, ...]


def draw_maps(findings: Findings, territory: Territory) -> Maps:
    """Draw the three maps.

    Parameters
    ----------
    findings : Findings
    territory : Territory
        The one compared on.

    Returns
    -------
    Maps
    """
    shapes = outlines_of(territory.shapes())
    frame = frame_of(shapes, territory, WIDTH, HEIGHT, with_paris=False)
    layers = tuple(_layer(findings, shown) for shown in SHOWN)
    sites = findings.comparison.telecentres
    radii = _radii(sites)
    centres = spread(frame.place(sites[["lon", "lat"]].to_numpy(float)), radii)
    named = [
        territory.communes["code"].iloc[row]
        for sign in (1.0, -1.0)
        for row, _ in findings.surest(SHOWN[0].indicator, sign, 1)
    ]
    sides = [
        communes_in(territory, frame, _side_classes(layers, side, findings.few))
        + hatched(np.flatnonzero(findings.few))
        + _rings(sites, centres, radii, side, closed_too=False)
        for side in ("a", "b")
    ]
    difference = [
        communes_in(territory, frame, _difference_classes(layers, findings.few), "e"),
        _veils(layers),
        _boundary(territory, frame),
        _rings(sites, centres, radii, "b", closed_too=True),
        labels(territory, frame, centres, radii, named),
    ]
    return Maps(
        outlines(territory, shapes, frame),
        Markup(sides[0]),
        Markup(sides[1]),
        Markup("".join(difference)),
        layers,
    )


# Classes -----------------------------------------------------------------------------------


def _layer(findings: Findings, shown: Shown) -> Layer:
    effects = [each.times(shown.factor) for each in findings.communes(shown.indicator)]
    levels = np.array([(each.a, each.b) for each in effects])[~findings.few]
    noise = np.array([each.known and not each.sure for each in effects], dtype=bool)
    veiled = findings.few | noise
    sizes = np.abs([each.effect for each in effects])
    breaks, decimals = difference_breaks(sizes[~veiled] if (~veiled).any() else sizes)
    return Layer(
        shown=shown,
        effects=effects,
        scale=Scale(f"m_{shown.key}", *round_breaks(levels.ravel())),
        breaks=breaks,
        decimals=decimals,
        veiled=veiled,
    )


def difference_breaks(sizes: np.ndarray) -> tuple[tuple[float, ...], int]:
    """Return six breaks, alike on both sides of zero, and their decimals."""
    great = float(np.percentile(sizes, _GREAT)) if sizes.size else 0.0
    top = nice_step(great)
    above = [top * step for step in _STEPS]
    decimals = max(least_decimals(each) for each in above)
    return tuple([-each for each in reversed(above)] + above), decimals


def _side_classes(layers: tuple[Layer, ...], side: str, few: np.ndarray) -> list[str]:
    """Return the classes of each commune in A or B, one character an indicator."""
    columns = [
        np.searchsorted(
            layer.scale.breaks, [getattr(each, side) for each in layer.effects], "right"
        )
        for layer in layers
    ]
    return joined(columns, few)


def _difference_classes(layers: tuple[Layer, ...], few: np.ndarray) -> list[str]:
    """Return the classes of each commune's effect; 0 is the greatest loss, 6 the greatest gain."""
    columns = []
    for layer in layers:
        gains = [layer.shown.good * each.effect for each in layer.effects]
        columns.append(np.searchsorted(layer.breaks, gains, "right"))
    return joined(columns, few)


# Drawing -----------------------------------------------------------------------------------


def _veils(layers: tuple[Layer, ...]) -> str:
    """Cover the communes that say nothing; which, depends on the indicator shown."""
    veiled = np.stack([layer.veiled for layer in layers], axis=1)
    uses = "".join(
        f'<use href="#g{row}" class="{" ".join(f"v{place}" for place in np.flatnonzero(here))}"/>'
        for row, here in enumerate(veiled)
        if here.any()
    )
    return f'<g class="tenth veils">{uses}</g>'


def _boundary(territory: Territory, frame: Frame) -> str:
    rings = outlines_of(territory.departements()).get(_OWN_CODE)
    if not rings:
        return ""
    return f'<g class="tenth"><path class="edge" d="{outline_path(rings, frame)}"/></g>'


def _radii(sites: pd.DataFrame) -> np.ndarray:
    desks = sites[["desks_a", "desks_b"]].to_numpy(float).max(axis=1, initial=0.0)
    return np.array([ring_radius(each) for each in desks])


def _rings(
    sites: pd.DataFrame, places: np.ndarray, radii: np.ndarray, side: str, *, closed_too: bool
) -> str:
    """Draw the telecentres of one side; those closed in it as dashed rings, or not at all."""
    rows = records(sites)
    drawn = []
    for row in np.argsort(-radii, kind="stable"):
        site = rows[row]
        is_open = site[f"days_open_{side}"] > 0
        if not (is_open or closed_too):
            continue
        # In a small sample a telecentre may be open and have no desk.
        desks = site[f"desks_{side}"] or site["desks_a"] or site["desks_b"]
        share = site[f"desks_occupied_{side}"] / desks if desks else 0.0
        body = ring(desks, share, site[f"refusals_per_day_{side}"], is_open)
        drawn.append((int(row), places[row], body))
    return placed(drawn)
