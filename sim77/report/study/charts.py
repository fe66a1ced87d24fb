"""The charts of a study's page: an outcome by one factor, a grid of two levers, scores, bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.analysis.sweep.frames import is_text
from sim77.analysis.sweep.results import half_width
from sim77.report.charts import drawing
from sim77.report.locale import Voice, decimals_apart, decimals_of, least_decimals
from sim77.report.page import Heat, Steps
from sim77.report.scales import CLASSES, nice_step, round_breaks

PANEL_WIDTH, PANEL_HEIGHT = 340.0, 208.0
MOST_STEPS = 9
"""A factor with more values than this is drawn as a scatter with a line of binned means."""

_DIVERGING = 7
_MARGIN = 0.06  # of an axis beyond its extreme values


@dataclass(frozen=True)
class Curve:
    """The mean of an outcome along one factor, the other factors left to vary.

    Attributes
    ----------
    x : numpy.ndarray, shape (n,)
        Values of the factor, or means of its bins; places 0, 1 … of a categorical one.
    mean, low, high : numpy.ndarray, shape (n,)
        With the 95 % interval over the design points of the value (Student); NaN with one point.
    n : numpy.ndarray, shape (n,)
        Design points.
    names : tuple of str
        Of the values of a categorical factor, else empty.
    """

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray
    names: tuple[str, ...]


def curve_of(points: pd.DataFrame, factor: str) -> Curve:
    """Average an outcome by value of a factor, or by eight bins with as many points each."""
    column = points[factor]
    names: tuple[str, ...] = ()
    if is_text(column):
        names = tuple(sorted(column.unique()))
        x = column.map({name: place for place, name in enumerate(names)}).to_numpy(float)
    else:
        x = column.to_numpy(float)
    distinct = np.unique(x)
    if distinct.size <= MOST_STEPS:
        group = np.searchsorted(distinct, x)
    else:
        edges = np.quantile(x, np.linspace(0, 1, 9)[1:-1])
        group = np.searchsorted(edges, x, side="right")
    frame = pd.DataFrame({"x": x, "y": points["mean"].to_numpy(float), "group": group})
    groups = frame.groupby("group")
    n = groups.size().to_numpy()
    mean = groups["y"].mean().to_numpy()
    half = half_width(groups["y"].std(ddof=1).to_numpy(), n)
    return Curve(groups["x"].mean().to_numpy(), mean, mean - half, mean + half, n, names)


def draw_factor(points: pd.DataFrame, factor: str, curve: Curve, voice: Voice) -> Markup:
    """Draw the outcome at every design point by one factor, with the means of `curve_of`.

    Parameters
    ----------
    points : pandas.DataFrame
        From `sim77.analysis.sweep.frames.point_means`.
    factor : str
    curve : Curve
    voice : Voice

    Returns
    -------
    Markup
        A drawing of `PANEL_WIDTH` by `PANEL_HEIGHT`.
    """
    column = points[factor]
    if curve.names:
        places = {name: place for place, name in enumerate(curve.names)}
        x = column.map(places).to_numpy(float)
    else:
        x = column.to_numpy(float)
    y = points["mean"].to_numpy(float)
    ticks = axis_ticks(float(y.min()), float(y.max()))
    bottom, top, right = PANEL_HEIGHT - 28.0, 12.0, PANEL_WIDTH - 14.0
    said = [voice.numbers.fixed(tick, _decimals(ticks)) for tick in ticks]
    left = 12.0 + 7.0 * max(len(text) for text in said)
    pad = 0.5 if curve.names else _MARGIN * (np.ptp(x) or 1.0)
    x_low, x_high = float(x.min()) - pad, float(x.max()) + pad

    def at_x(value: Any) -> Any:
        return left + (right - left) * (np.asarray(value, float) - x_low) / (x_high - x_low)

    def at_y(value: Any) -> Any:
        span = (ticks[-1] - ticks[0]) or 1.0
        return bottom - (bottom - top) * (np.asarray(value, float) - ticks[0]) / span

    parts = _y_axis(ticks, said, at_y, left, right)
    parts.append(
        '<path class="pt" d="'
        + "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(at_x(x), at_y(y), strict=True))
        + '"/>'
    )
    parts += _curve_marks(curve, at_x, at_y, ticks)
    parts += _x_axis(x, curve, at_x, bottom, voice)
    return drawing(parts, PANEL_WIDTH, PANEL_HEIGHT)


def axis_ticks(low: float, high: float) -> list[float]:
    """Return three to six round ticks that enclose two values.

    Examples
    --------
    >>> axis_ticks(-12.0, 31.0)
    [-20.0, 0.0, 20.0, 40.0]
    """
    if not high > low:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    step = nice_step((high - low) / 4.0)
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return [float(step * k) for k in range(int(first), int(last) + 1)]


def _decimals(ticks: Sequence[float]) -> int:
    """Return the decimals that tell ticks apart."""
    step = ticks[1] - ticks[0]
    return next((k for k in range(8) if abs(step * 10**k - round(step * 10**k)) < 1e-6), 8)


def _y_axis(
    ticks: Sequence[float], said: Sequence[str], at_y: Any, left: float, right: float
) -> list[str]:
    parts = []
    for tick, text in zip(ticks, said, strict=True):
        y = float(at_y(tick))
        kind = "ax" if abs(tick) < 1e-12 else "gl"
        parts.append(f'<path class="{kind}" d="M{left:.1f} {y:.1f}H{right:.1f}"/>')
        parts.append(f'<text class="t3 en" x="{left - 6:.1f}" y="{y + 4:.1f}">{text}</text>')
    return parts


def _x_axis(x: np.ndarray, curve: Curve, at_x: Any, bottom: float, voice: Voice) -> list[str]:
    """Name categories, or as many round numbers as there is room for."""
    if curve.names:
        room = int(300 / len(curve.names) / 6.6)
        ticks: list[tuple[float, str]] = [
            (place, name if len(name) <= room else name[: max(room - 1, 1)] + "…")
            for place, name in enumerate(curve.names)
        ]
    else:
        distinct = np.unique(x)
        if distinct.size <= 5:
            values = distinct.tolist()
        else:
            every = axis_ticks(float(x.min()), float(x.max()))
            values = [value for value in every if x.min() <= value <= x.max()]
            values = values if len(values) >= 2 else [float(x.min()), float(x.max())]
        ticks = [(value, voice.numbers.fixed(value, _places(value))) for value in values]
    parts, end = [], -1e9
    for value, text in ticks:
        at, wide = float(at_x(value)), 6.8 * len(text)
        parts.append(f'<path class="gl" d="M{at:.1f} {bottom:.1f}v5"/>')
        if at - wide / 2 > end:
            parts.append(
                f'<text class="t3 mi" x="{at:.1f}" y="{bottom + 19:.1f}">{escape(text)}</text>'
            )
            end = at + wide / 2 + 6
    return parts


def _places(value: float) -> int:
    return next((k for k in range(4) if abs(value - round(value, k)) < 1e-9), 3)


def _curve_marks(curve: Curve, at_x: Any, at_y: Any, ticks: Sequence[float]) -> list[str]:
    """Draw the means, joined in the order of a numeric factor, with their intervals."""
    x, y = at_x(curve.x), at_y(curve.mean)
    parts = []
    known = np.isfinite(curve.low)
    low = at_y(np.clip(curve.low, ticks[0], ticks[-1]))
    high = at_y(np.clip(curve.high, ticks[0], ticks[-1]))
    bars = "".join(
        f"M{a:.1f} {b:.1f}V{c:.1f}"
        for a, b, c in zip(x[known], low[known], high[known], strict=True)
    )
    if bars:
        parts.append(f'<path class="iv" d="{bars}"/>')
    if not curve.names and len(x) > 1:
        line = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
        parts.append(f'<path class="wk" d="M{line}"/>')
    parts += [
        f'<circle class="wd" cx="{a:.1f}" cy="{b:.1f}" r="4"/>' for a, b in zip(x, y, strict=True)
    ]
    return parts


# Grids -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shades:
    """Classes of colour for the cells of a grid.

    Attributes
    ----------
    diverging : bool
        Whether zero is in the middle (``e0`` to ``e6``), else from little to much (``q0``, ``q5``).
    breaks : tuple of float
    """

    diverging: bool
    breaks: tuple[float, ...]

    def of(self, value: float) -> str:
        """Return the class of a cell."""
        if not np.isfinite(value):
            return "ev"
        return f"{'e' if self.diverging else 'q'}{int(np.searchsorted(self.breaks, value))}"

    @property
    def classes(self) -> list[str]:
        """Every class, for the legend."""
        return [f"e{k}" for k in range(_DIVERGING)] if self.diverging else [
            f"q{k}" for k in range(CLASSES)
        ]  # fmt: skip


def shades_of(values: np.ndarray) -> Shades:
    """Choose classes: around zero if values have both signs, else from little to much."""
    seen = values[np.isfinite(values)]
    if seen.min() < 0 < seen.max():
        step = nice_step(float(np.abs(seen).max()) / 3.5)
        half = [0.5 * step, 1.5 * step, 2.5 * step]
        return Shades(True, (*(-each for each in reversed(half)), *half))
    return Shades(False, round_breaks(seen)[0])


def heat(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    digits: int,
    voice: Voice,
    caption: str,
    *,
    unit: str,
    titles: tuple[str, str] = ("", ""),
    shades: Shades | None = None,
) -> Heat:
    """Return a table of values with colours and their legend.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_rows, n_columns)
    rows, columns : sequence of str
        Their names.
    digits : int
        Decimals of the values.
    voice : Voice
    caption, unit : str
    titles : (str, str)
        What the rows and what the columns are.
    shades : Shades, optional
        By default those of `shades_of`.
    """
    shades, fixed = shades or shades_of(values), voice.numbers.fixed
    lines = [
        (name, [(shades.of(value), fixed(value, digits)) for value in line])
        for name, line in zip(rows, values.tolist(), strict=True)
    ]
    finest = max(least_decimals(each) for each in shades.breaks)
    breaks = [fixed(each, finest) for each in shades.breaks]
    return Heat(caption, columns, lines, Steps(shades.classes, breaks, unit=unit), *titles)


# Keys and texts ----------------------------------------------------------------------------


POINTS_KEY = Markup(
    '<svg viewBox="0 0 40 16" aria-hidden="true"><path class="pt" d="M12 8h.01M28 8h.01"/></svg>'
)


def line_key(kind: str, *, dot: bool = False, area: bool = False) -> Markup:
    """Return a line of a drawing as its key, with a dot on it or as an area."""
    path = "M2 3H38V13H2z" if area else "M2 8H38"
    mark = Markup('<circle class="wd" cx="20" cy="8" r="4"/>') if dot else ""
    return Markup(
        '<svg viewBox="0 0 40 16" aria-hidden="true"><path class="{}" d="{}"/>{}</svg>'
    ).format(kind, path, mark)


def interval_text(
    value: float, low: float, high: float, voice: Voice, digits: int | None = None
) -> str:
    """Write a value with its interval, all with so many decimals, or as many as they deserve."""
    decimals = decimals_for(value, low, high) if digits is None else digits
    fixed = voice.numbers.fixed
    if not (np.isfinite(low) and np.isfinite(high)):
        return fixed(value, decimals)
    said = voice.say("between", low=fixed(low, decimals), high=fixed(high, decimals))
    return f"{fixed(value, decimals)} ({said})"


def decimals_for(*values: float) -> int:
    """Return the decimals that give the largest of some values three significant digits.

    More where two that differ would else be written alike.
    """
    top = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
    return decimals_apart(values, decimals_of(top, 3))
