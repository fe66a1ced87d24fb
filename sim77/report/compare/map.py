"""The maps of a comparison: A, B and their difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.registry.indicators import described, indicators_shown
from sim77.report.compare.findings import Effect, Findings
from sim77.report.geography import Geography
from sim77.report.locale import least_decimals
from sim77.report.map import Scale, layer, maps_data, site_of
from sim77.report.scales import nice_step, round_breaks
from sim77.report.tables import records
from sim77.territory.territory import Territory

_STEPS = (0.2, 0.5, 1.0)  # of the greatest break, so that the middle class is narrow
_GREAT = 90.0  # percentile of the effects that gets the greatest break
_FINEST = 2e-4
"""Of the levels' greatest break: less is nothing, however small all differences are."""


@dataclass(frozen=True)
class Layer:
    """One indicator on the three maps.

    Attributes
    ----------
    indicator : str
    good : int
        -1 if less is a gain, else 1: gains are teal, losses brown.
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

    indicator: str
    good: int
    effects: list[Effect]
    scale: Scale
    breaks: tuple[float, ...]
    decimals: int
    veiled: np.ndarray


@dataclass(frozen=True)
class Maps:
    """The data of the maps, and what their legends need."""

    data: Mapping[str, Any]
    layers: tuple[Layer, ...]


def maps_of(findings: Findings, territory: Territory) -> Maps:
    """Return the three maps.

    Parameters
    ----------
    findings : Findings
    territory : Territory
        The one compared on.
    """
    geography, few = Geography(territory), findings.few
    layers = tuple(_layer(findings, name) for name in indicators_shown("page_map"))
    maps: dict[str, Any] = {
        side: {
            "small": True,
            "layers": [
                layer(_known([getattr(effect, side) for effect in each.effects], few),
                      each.scale.breaks, np.flatnonzero(few))
                for each in layers
            ],
            "sites": _sites(findings, geography, side, closed_too=False),
        }
        for side in ("a", "b")
    }  # fmt: skip
    maps["d"] = {
        # 0 is the greatest loss, 6 the greatest gain.
        "layers": [
            layer(_known([each.good * effect.effect for effect in each.effects], few),
                  each.breaks, np.flatnonzero(each.veiled), "v")
            for each in layers
        ],
        "sites": _sites(findings, geography, "b", closed_too=True),
        "first": [
            row
            for sign in (1.0, -1.0)
            for row, _ in findings.surest(layers[0].indicator, sign, 1)
        ],
    }  # fmt: skip
    return Maps(maps_data(geography, maps), layers)


def _known(values: list[float], few: np.ndarray) -> np.ndarray:
    """Return the values of communes, NaN where workers are too few."""
    return np.where(few, np.nan, np.array(values, dtype=float))


def _layer(findings: Findings, name: str) -> Layer:
    indicator = described(name)
    factor = 100.0 if indicator.aggregation == "share" else 1.0
    effects = [each.times(factor) for each in findings.communes(name)]
    levels = np.array([(each.a, each.b) for each in effects])[~findings.few]
    noise = np.array([each.known and not each.sure for each in effects], dtype=bool)
    veiled = findings.few | noise
    sizes = np.abs([each.effect for each in effects])
    scale = Scale(f"m_{name}", *round_breaks(levels.ravel()))
    shown = sizes[~veiled] if (~veiled).any() else sizes
    breaks, decimals = difference_breaks(shown, scale.breaks)
    return Layer(
        indicator=name,
        good=-1 if indicator.better == "lower" else 1,
        effects=effects,
        scale=scale,
        breaks=breaks,
        decimals=decimals,
        veiled=veiled,
    )


def difference_breaks(sizes: np.ndarray, levels: Sequence[float]) -> tuple[tuple[float, ...], int]:
    """Return six breaks, alike on both sides of zero, and their decimals.

    Parameters
    ----------
    sizes : numpy.ndarray
        Of the differences shown.
    levels : sequence of float
        Breaks of what differs.
    """
    great = float(np.percentile(sizes, _GREAT)) if sizes.size else 0.0
    top = nice_step(max(great, _FINEST * max(map(abs, levels), default=0.0)))
    above = [top * step for step in _STEPS]
    decimals = max(least_decimals(each) for each in above)
    return tuple([-each for each in reversed(above)] + above), decimals


def _sites(
    findings: Findings, geography: Geography, side: str, *, closed_too: bool
) -> list[dict[str, Any]]:
    """Return the telecentres of one side; those closed in it as such, or not at all."""
    found = []
    for row, site in enumerate(records(findings.comparison.telecentres)):
        is_open = site[f"days_open_{side}"] > 0
        if not (is_open or closed_too):
            continue
        # In a small sample a telecentre may be open and have no desk.
        desks = site[f"desks_{side}"] or site["desks_a"] or site["desks_b"]
        share = site[f"desks_occupied_{side}"] / desks if desks else 0.0
        refusals = site[f"refusals_per_day_{side}"]
        status = "open" if is_open else "closed"
        found.append(site_of(row, site, geography, desks, share, refusals, status))
    return found
