"""The chart of a calibration's page: the posterior of a parameter over its prior."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from markupsafe import Markup

from sim77.report.charts import drawing
from sim77.report.locale import Voice, least_decimals
from sim77.report.study.charts import axis_ticks

BINS = 24
PANEL_WIDTH, PANEL_HEIGHT = 340.0, 150.0


def draw_marginal(
    x: np.ndarray,
    weights: np.ndarray,
    prior: tuple[float, float],
    summary: tuple[float, float, float],
    voice: Voice,
) -> Markup:
    """Draw the posterior of a parameter over its prior range, as density over the prior's.

    Parameters
    ----------
    x, weights : numpy.ndarray, shape (n_particles,)
    prior : (float, float)
        Ends of the uniform prior, whose density is the dashed line.
    summary : (float, float, float)
        Mean and 90 % interval.
    voice : Voice

    Returns
    -------
    Markup
        A drawing of `PANEL_WIDTH` by `PANEL_HEIGHT`.
    """
    low, high = prior
    count, edges = np.histogram(x, bins=BINS, range=prior, weights=weights)
    density = count * BINS / weights.sum()
    top, bottom, left, right = 10.0, PANEL_HEIGHT - 40.0, 8.0, PANEL_WIDTH - 8.0
    ceiling = max(float(density.max()), 1.0) * 1.05

    def at_x(value: Any) -> Any:
        return left + (right - left) * (np.asarray(value, float) - low) / (high - low)

    def at_y(value: float) -> float:
        return bottom - (bottom - top) * value / ceiling

    parts = [
        f'<path class="ba" d="M{a:.1f} {bottom}V{at_y(d):.1f}H{b:.1f}V{bottom}z"/>'
        for a, b, d in zip(at_x(edges[:-1]), at_x(edges[1:]) - 0.8, density, strict=True)
        if d > 0
    ]
    mean, least, most = (float(each) for each in at_x(summary))
    under = bottom + 9.0
    parts += [
        f'<path class="pr" d="M{left} {at_y(1.0):.1f}H{right}"/>',
        f'<path class="ax" d="M{left} {bottom}H{right}"/>',
        f'<path class="iv" d="M{least:.1f} {under}H{most:.1f}"/>',
        f'<circle class="wd" cx="{mean:.1f}" cy="{under}" r="4"/>',
        *_axis(low, high, at_x, bottom, voice),
    ]
    return drawing(parts, PANEL_WIDTH, PANEL_HEIGHT)


def _axis(low: float, high: float, at_x: Any, bottom: float, voice: Voice) -> list[str]:
    """Name round values along the foot."""
    ticks = [tick for tick in axis_ticks(low, high) if low - 1e-9 <= tick <= high + 1e-9]
    digits = max(least_decimals(tick) for tick in ticks)
    parts = []
    for tick in ticks:
        x, text = float(at_x(tick)), escape(voice.numbers.fixed(tick, digits))
        where = "mi" if 20.0 < x < PANEL_WIDTH - 20.0 else "en" if x > 20.0 else "st"
        parts.append(f'<path class="gl" d="M{x:.1f} {bottom}v4"/>')
        parts.append(f'<text class="t3 {where}" x="{x:.1f}" y="{bottom + 32:.1f}">{text}</text>')
    return parts
