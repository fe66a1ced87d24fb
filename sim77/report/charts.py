"""The charts of pages as SVG drawings, each kind once.

`Axes` places values; the drawings are lines over time (`draw_year`, `draw_weeks`), an outcome by a
factor (`draw_factor`), a histogram (`draw_histogram`), steps along a line (`draw_profile`) and
ribbons (`draw_ribbons`). Charts of rows are in `sim77.report.tracks`, coloured cells in
`sim77.report.shades`, maps in `sim77.report.map`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.report.locale import Locale, Numbers, least_decimals
from sim77.report.scales import axis_ticks, nice_ceiling, round_breaks
from sim77.report.tables import records

PANEL_WIDTH = 340.0
_MARGIN = 0.06  # of an axis beyond its extreme values


def drawing(parts: Sequence[str], width: float, height: float) -> Markup:
    """Put parts together as one drawing, of so many pixels when it is not scaled."""
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return Markup(f'<svg {size} aria-hidden="true">{"".join(parts)}</svg>')


@dataclass(frozen=True)
class Axes:
    """From values to places in a drawing.

    Attributes
    ----------
    left, right, top, bottom : float
        Edges of the plot.
    x, y : (float, float)
        The values at its left and right, and at its bottom and top.
    """

    left: float
    right: float
    top: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]

    def at_x(self, value: Any) -> Any:
        """Return where values lie from left to right."""
        low, high = self.x
        share = (np.asarray(value, float) - low) / ((high - low) or 1.0)
        return self.left + (self.right - self.left) * share

    def at_y(self, value: Any) -> Any:
        """Return where values lie from top to bottom; what is beyond the axis is at its end."""
        low, high = self.y
        share = (np.clip(np.asarray(value, float), low, high) - low) / ((high - low) or 1.0)
        return self.bottom - (self.bottom - self.top) * share

    def path(self, kind: str, x: Any, y: Any, end: str = "") -> str:
        """Draw a line through values."""
        places = zip(self.at_x(x), self.at_y(y), strict=True)
        points = "L".join(f"{a:.1f} {b:.1f}" for a, b in places)
        return f'<path class="{kind}" d="M{points}{end}"/>'

    def dots(self, x: Any, y: Any, radius: float = 4.0) -> list[str]:
        """Draw a dot at each value."""
        return [
            f'<circle class="wd" cx="{a:.1f}" cy="{b:.1f}" r="{radius:g}"/>'
            for a, b in zip(self.at_x(x), self.at_y(y), strict=True)
        ]

    def y_axis(self, ticks: Sequence[float], texts: Sequence[str]) -> list[str]:
        """Draw a line across at each tick, the one at zero darker, and its text."""
        parts = []
        for tick, text in zip(ticks, texts, strict=True):
            y, kind = float(self.at_y(tick)), "ax" if abs(tick) < 1e-12 else "gl"
            parts.append(f'<path class="{kind}" d="M{self.left:.1f} {y:.1f}H{self.right:.1f}"/>')
            parts.append(
                f'<text class="t3 en" x="{self.left - 6:.1f}" y="{y + 4:.1f}">{text}</text>'
            )
        return parts

    def x_axis(self, ticks: Sequence[tuple[float, str]], under: float = 19.0) -> list[str]:
        """Draw ticks along the foot, with the texts for which there is room."""
        parts, end = [], -1e9
        for value, text in ticks:
            at, wide = float(self.at_x(value)), 6.8 * len(text)
            parts.append(f'<path class="gl" d="M{at:.1f} {self.bottom:.1f}v5"/>')
            middle = min(max(at, wide / 2), self.right + 8.0 - wide / 2)
            if middle - wide / 2 > end:
                parts.append(
                    f'<text class="t3 mi" x="{middle:.1f}" y="{self.bottom + under:.1f}">'
                    f"{escape(text)}</text>"
                )
                end = middle + wide / 2 + 6
        return parts


# Over time ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Year:
    """The share of days worked that are remote, by week and by day.

    Attributes
    ----------
    mondays : list of datetime.date
    weekly : numpy.ndarray, shape (n_weeks,)
    daily : numpy.ndarray, shape (n_weeks, 5)
        NaN where nobody works.
    breaks : tuple of float
        Of the colours of the grid, in percent.
    decimals : int
        Of the breaks.
    """

    mondays: list[dt.date]
    weekly: np.ndarray
    daily: np.ndarray
    breaks: tuple[float, ...]
    decimals: int


def year_of(days: pd.DataFrame) -> Year:
    """Sum the table of days up by week; weeks without any day are kept as blanks."""
    dates = pd.DatetimeIndex(days["date"])
    week = (dates - pd.to_timedelta(dates.day_of_week, unit="D")).normalize()
    mondays = pd.date_range(week.min(), week.max(), freq="7D")
    sums = days[["remote_days", "workers_at_work"]].groupby(week).sum().reindex(mondays)
    daily = np.full((len(mondays), 5), np.nan)
    daily[(week - mondays[0]).days // 7, dates.day_of_week] = days["share_remote"].to_numpy()
    breaks, decimals = round_breaks(100.0 * daily[np.isfinite(daily)])
    return Year(
        mondays=[monday.date() for monday in mondays],
        weekly=(sums["remote_days"] / sums["workers_at_work"]).to_numpy(),
        daily=daily,
        breaks=breaks,
        decimals=decimals,
    )


def draw_year(
    year: Year, flags: list[tuple[dt.date, str]], numbers: Numbers, width: float
) -> Markup:
    """Draw the weekly line over the grid of weekdays by weeks, on one time axis.

    Parameters
    ----------
    year : Year
    flags : list of (datetime.date, str)
        Dated events and their names.
    numbers : Numbers
    width : float
        The same number of pixels on the page; the drawing is not scaled.

    Returns
    -------
    Markup
    """
    weeks, cell = len(year.mondays), 13.0
    ceiling = nice_ceiling(100.0 * float(np.nanmax(year.weekly)) or 1.0) / 100.0
    axes = Axes(46.0, width - 12.0, 38.0, 156.0, (0.0, weeks), (0.0, ceiling))
    left, right, base, step = axes.left, axes.right, axes.bottom, float(axes.at_x(1) - axes.left)
    ticks = [part * ceiling for part in (0.0, 0.5, 1.0)]
    parts = axes.y_axis(ticks, [numbers.percent(tick) for tick in ticks])
    parts += _flag_marks(year, flags, left, step, base, right)
    known = np.isfinite(year.weekly)
    x, shares = (np.arange(weeks) + 0.5)[known], year.weekly[known]
    parts.append(axes.path("wk", x, shares))
    if len(x) < 12:
        parts += axes.dots(x, shares, 3.5)
    grid = base + 10.0
    parts.append(_grid(year, left, grid, step, cell))
    for day in (0, 2, 4):
        name = numbers.weekday(day)[:3] + ("." if numbers.language == "fr" else "")
        parts.append(
            f'<text class="t2 en" x="{left - 6}" y="{grid + day * cell + 10:.1f}">{name}</text>'
        )
    parts += time_axis(year.mondays, numbers, left, step, grid + 5 * cell + 15, width)
    height = grid + 5 * cell + 24
    return drawing(parts, width, height)


def _grid(year: Year, left: float, top: float, step: float, cell: float) -> str:
    """Draw a day a cell, as one path a class; days without work are outlines."""
    kinds = np.where(
        np.isfinite(year.daily), np.searchsorted(year.breaks, 100.0 * year.daily, side="right"), -1
    )
    gap = 1.0 if step > 4 else 0.0
    body = ""
    for kind in np.unique(kinds):
        cells = "".join(
            f"M{left + week * step:.1f} {top + day * cell:.1f}"
            f"h{step - gap:.2f}v{cell - 1}h{gap - step:.2f}z"
            for week, day in np.argwhere(kinds == kind)
        )
        body += f'<path class="{"bl" if kind < 0 else f"q{kind}"}" d="{cells}"/>'
    return body


def _flag_marks(
    year: Year,
    flags: list[tuple[dt.date, str]],
    left: float,
    step: float,
    base: float,
    right: float,
) -> list[str]:
    """Draw dated events as dotted lines; a name that would hide the one before goes higher."""
    parts: list[str] = []
    ends = [-1e9, -1e9]
    for day, name in flags:
        x = left + step * ((day - year.mondays[0]).days / 7.0)
        wide = 6.6 * len(name)
        turned = x + wide + 5 > right
        begin = x - wide - 5 if turned else x + 5
        row = next((row for row, end in enumerate(ends) if begin > end), None)
        parts.append(f'<path class="fl" d="M{x:.1f} {10 if row else 24}V{base}"/>')
        if row is not None:
            ends[row] = begin + wide + 8
            anchor = ' class="t2 en"' if turned else ' class="t2"'
            at = x - 5 if turned else x + 5
            parts.append(
                f'<text{anchor} x="{at:.1f}" y="{30 if row == 0 else 15}">{escape(name)}</text>'
            )
    return parts


def draw_weeks(
    mondays: Sequence[dt.date], values: np.ndarray, numbers: Numbers, width: float
) -> Markup:
    """Draw the effect by week with its band, on the time axis of the summary page.

    Parameters
    ----------
    mondays : sequence of datetime.date
        Of the weeks with work; a week without is left out.
    values : numpy.ndarray, shape (n_weeks, 3)
        Mean and interval; NaN limits without one.
    numbers : Numbers
    width : float
        The same number of pixels on the page; the drawing is not scaled.

    Returns
    -------
    Markup
    """
    count = (mondays[-1] - mondays[0]).days // 7 + 1
    every = [mondays[0] + dt.timedelta(days=7 * k) for k in range(count)]
    x = np.array([(day - mondays[0]).days / 7 for day in mondays]) + 0.5
    mean, low, high = values.T
    known = bool(np.isfinite(low).all())
    least, most = float(np.nanmin(values)), float(np.nanmax(values))
    ceiling = nice_ceiling(max(abs(least), abs(most)))
    floor = -ceiling if least < 0 else 0.0
    roof = ceiling if most > 0 or floor == 0.0 else 0.0
    axes = Axes(58.0, width - 12.0, 14.0, 132.0, (0.0, count), (floor, roof))
    ticks = list(dict.fromkeys((floor, 0.0, roof)))
    texts = [("+" if tick > 0 else "") + numbers.significant(tick) for tick in ticks]
    parts = axes.y_axis(ticks, texts)
    if known:
        outline = (np.concatenate((x, x[::-1])), np.concatenate((high, low[::-1])))
        parts.append(axes.path("bd", *outline, end="z"))
    parts.append(axes.path("wk", x, mean))
    step = float(axes.at_x(1) - axes.left)
    parts += time_axis(every, numbers, axes.left, step, axes.bottom + 20, width)
    return drawing(parts, width, axes.bottom + 30)


def time_axis(
    mondays: Sequence[dt.date], numbers: Numbers, left: float, step: float, y: float, width: float
) -> list[str]:
    """Name months, or years in a long run, as many as there is room for."""
    first, last = mondays[0], mondays[-1] + dt.timedelta(days=6)
    starts = [
        dt.date(number, month, 1)
        for number in range(first.year - 1, last.year + 1) for month in range(1, 13)
    ]  # fmt: skip
    starts = [day for day in starts if first - dt.timedelta(days=10) <= day <= last]
    by_year = len(starts) > 18
    if by_year:
        starts = [day for day in starts if day.month == 1]
    if not starts:
        return [f'<text class="t2" x="{left}" y="{y:.1f}">{numbers.date(first)}</text>']
    every = next(
        n for n in (1, 2, 3, 6, 12, 24) if len(starts) / n * (56 if n == 1 else 50) <= width
    )
    parts = []
    for day in starts[::every]:
        x = left + step * (max((day - first).days, 0) / 7.0)
        name = str(day.year) if by_year else numbers.month(day.month)
        if x < width - 34:
            parts.append(f'<text class="t2" x="{x:.1f}" y="{y:.1f}">{name}</text>')
    return parts


# An outcome by a factor, a histogram -------------------------------------------------------


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


def draw_factor(points: pd.DataFrame, factor: str, curve: Curve, locale: Locale) -> Markup:
    """Draw an outcome at every design point by one factor, with its means and their intervals.

    Parameters
    ----------
    points : pandas.DataFrame
        From `sim77.analysis.sweep.frames.point_means`.
    factor : str
    curve : Curve
        From `sim77.report.study.facts.curve_of`.
    locale : Locale
    """
    column, fixed = points[factor], locale.numbers.fixed
    places = {name: place for place, name in enumerate(curve.names)}
    x = (column.map(places) if curve.names else column).to_numpy(float)
    y = points["mean"].to_numpy(float)
    ticks = axis_ticks(float(y.min()), float(y.max()))
    texts = [fixed(tick, least_decimals(ticks[1] - ticks[0])) for tick in ticks]
    pad = 0.5 if curve.names else _MARGIN * (np.ptp(x) or 1.0)
    left = 12.0 + 7.0 * max(len(text) for text in texts)
    ends = (float(x.min()) - pad, float(x.max()) + pad)
    axes = Axes(left, PANEL_WIDTH - 14.0, 12.0, 180.0, ends, (ticks[0], ticks[-1]))
    dots = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(axes.at_x(x), axes.at_y(y), strict=True))
    known = np.isfinite(curve.low)
    spans = zip(*(axes.at_x(curve.x[known]), axes.at_y(curve.low[known]),
                  axes.at_y(curve.high[known])), strict=True)  # fmt: skip
    bars = "".join(f"M{a:.1f} {b:.1f}V{c:.1f}" for a, b, c in spans)
    parts = [*axes.y_axis(ticks, texts), f'<path class="pt" d="{dots}"/>']
    parts += [f'<path class="iv" d="{bars}"/>'] if bars else []
    if not curve.names and len(curve.x) > 1:
        parts.append(axes.path("wk", curve.x, curve.mean))
    parts += axes.dots(curve.x, curve.mean)
    return drawing([*parts, *axes.x_axis(_factor_ticks(x, curve, locale))], PANEL_WIDTH, 208.0)


def _factor_ticks(x: np.ndarray, curve: Curve, locale: Locale) -> list[tuple[float, str]]:
    """Return the values of a factor to be named: its categories, or round numbers."""
    if curve.names:
        room = int(300 / len(curve.names) / 6.6)
        return [
            (place, name if len(name) <= room else name[: max(room - 1, 1)] + "…")
            for place, name in enumerate(curve.names)
        ]
    values = np.unique(x).tolist()
    if len(values) > 5:
        every = axis_ticks(values[0], values[-1])
        inside = [value for value in every if values[0] <= value <= values[-1]]
        values = inside if len(inside) >= 2 else [values[0], values[-1]]
    return [(value, locale.numbers.fixed(value, min(least_decimals(value), 3))) for value in values]


def draw_histogram(
    x: np.ndarray,
    weights: np.ndarray,
    ends: tuple[float, float],
    summary: tuple[float, float, float],
    locale: Locale,
    bins: int = 24,
) -> Markup:
    """Draw the density of weighted values over a range, as a multiple of the uniform one.

    Parameters
    ----------
    x, weights : numpy.ndarray, shape (n,)
    ends : (float, float)
        Of the range, whose uniform density is the dashed line.
    summary : (float, float, float)
        Mean and interval, drawn below.
    locale : Locale
    bins : int
    """
    count, edges = np.histogram(x, bins=bins, range=ends, weights=weights)
    density = count * bins / weights.sum()
    top = max(float(density.max()), 1.0) * 1.05
    axes = Axes(8.0, PANEL_WIDTH - 8.0, 10.0, 110.0, ends, (0.0, top))
    bottom, under = axes.bottom, axes.bottom + 9.0
    parts = [
        f'<path class="ba" d="M{axes.at_x(a):.1f} {bottom}V{axes.at_y(d):.1f}'
        f'H{axes.at_x(b) - 0.8:.1f}V{bottom}z"/>'
        for a, b, d in zip(edges[:-1], edges[1:], density, strict=True)
        if d > 0
    ]
    mean, least, most = (float(axes.at_x(each)) for each in summary)
    ticks = [tick for tick in axis_ticks(*ends) if ends[0] - 1e-9 <= tick <= ends[1] + 1e-9]
    digits = max(least_decimals(tick) for tick in ticks)
    parts += [
        axes.path("pr", ends, (1.0, 1.0)),
        axes.path("ax", ends, (0.0, 0.0)),
        f'<path class="iv" d="M{least:.1f} {under}H{most:.1f}"/>',
        f'<circle class="wd" cx="{mean:.1f}" cy="{under}" r="4"/>',
        *axes.x_axis([(tick, locale.numbers.fixed(tick, digits)) for tick in ticks], 32.0),
    ]
    return drawing(parts, PANEL_WIDTH, 150.0)


# Load along a line -------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """One branch of a line from its outer end to the terminus.

    Attributes
    ----------
    line, branch : str
    rows : tuple of int
        Rows of the table of segments, the outermost first.
    """

    line: str
    branch: str
    rows: tuple[int, ...]


def routes_of(segments: pd.DataFrame, parents: Mapping[str, str]) -> list[Route]:
    """Return a route for each outer end, by line, the fullest first.

    Parameters
    ----------
    segments : pandas.DataFrame
        The table of a result.
    parents : mapping of str to str
        The station next inward by station; blank at the innermost.

    Returns
    -------
    list of Route
    """
    ids = segments["station_service_id"].tolist()
    row_of = {name: row for row, name in enumerate(ids)}
    inner = [row_of.get(parents.get(name, ""), -1) for name in ids]
    routes = []
    for row in sorted(set(range(len(ids))) - set(inner)):
        rows = [row]
        while inner[rows[-1]] >= 0:
            rows.append(inner[rows[-1]])
        routes.append(Route(segments["line"].iloc[row], segments["branch"].iloc[row], tuple(rows)))
    riders = segments["peak_riders"].to_numpy()

    def fullness(route: Route) -> list[float]:
        return [-riders[row] for row in reversed(route.rows)]

    lines = list(dict.fromkeys(segments["line"]))
    return sorted(routes, key=lambda route: (lines.index(route.line), fullness(route)))


def draw_profile(route: Route, segments: pd.DataFrame, ceiling: float, locale: Locale) -> Markup:
    """Draw riders an hour by segment with seats and places, x in minutes to the terminus.

    Parameters
    ----------
    route : Route
    segments : pandas.DataFrame
        The table of a result.
    ceiling : float
        Riders an hour at the top of the axis.
    locale : Locale

    Returns
    -------
    Markup
    """
    part, numbers = segments.iloc[list(route.rows)], locale.numbers
    left, right, top, base = 2.0, PANEL_WIDTH - 2.0, 20.0, 122.0
    minutes = np.maximum(part["segment_min"].to_numpy(float), 0.5)
    edges = np.concatenate(([0.0], minutes.cumsum())) / minutes.sum()
    x = left + (right - left) * edges

    def height(values: pd.Series) -> np.ndarray:
        return base - (base - top) * values.to_numpy(float) / ceiling

    riders, seats, places = (height(part[name]) for name in ("peak_riders", "seats", "places"))
    parts = [f'<path class="gl" d="M{left} {top}H{right}M{left} {(top + base) / 2}H{right}"/>']
    for k, row in enumerate(records(part)):
        tip = locale.say(
            "profile_tip",
            outer=row["station"],
            inner=row["next_station_inward"],
            riders=numbers.count(row["peak_riders"]),
            seats=numbers.percent(row["riders_per_seat"], 0),
            places=numbers.percent(row["load_factor"], 0),
        )
        parts.append(
            f'<path class="ar" d="M{x[k]:.1f} {base}V{riders[k]:.1f}H{x[k + 1] - 0.8:.1f}V{base}z">'
            f"<title>{escape(tip)}</title></path>"
        )
    parts.append(f'<path class="pc" d="{_steps(x, places)}"/>')
    parts.append(
        f'<path class="sc" d="{_steps(x, seats)}"/><path class="se" d="{_steps(x, seats)}"/>'
    )
    parts.append(f'<path class="ax" d="M{left} {base}H{right}"/>')
    parts.append(
        f'<text class="t3" x="{left}" y="{top - 5}">'
        f"{escape(locale.say('riders_axis', riders=numbers.count(ceiling)))}</text>"
    )
    parts += _station_names(part, x, base)
    return drawing(parts, PANEL_WIDTH, 172.0)


def _steps(x: np.ndarray, y: np.ndarray) -> str:
    return f"M{x[0]:.1f} " + "".join(
        f"{y[k]:.1f}H{x[k + 1]:.1f}" + ("V" if k + 1 < y.size else "") for k in range(y.size)
    )


def _station_names(part: pd.DataFrame, x: np.ndarray, base: float) -> list[str]:
    """Name both ends, and below them one station between."""
    names = part["station"].tolist()
    ticks = "".join(f"M{at:.1f} {base}v4" for at in x)
    parts = [
        f'<path class="ax" d="{ticks}"/>',
        f'<text class="t2" x="2" y="{base + 18}">{escape(names[0])}</text>',
        f'<text class="t2 en" x="{PANEL_WIDTH - 2}" y="{base + 18}">'
        f"{escape(part['next_station_inward'].iloc[-1])}</text>",
    ]
    # The station between the names of both ends where the load changes most.
    after = 2 + 6.4 * len(names[0])
    before = PANEL_WIDTH - 6.4 * len(part["next_station_inward"].iloc[-1])
    change = np.abs(np.diff(part["peak_riders"].to_numpy(float), prepend=0.0))
    free = [k for k in range(1, len(names)) if after < x[k] < before]
    if free:
        at = max(free, key=lambda k: change[k])
        middle = min(max(x[at], 3.4 * len(names[at])), PANEL_WIDTH - 3.4 * len(names[at]))
        parts.append(
            f'<path class="ax" d="M{x[at]:.1f} {base}v24"/>'
            f'<text class="t2 mi" x="{middle:.1f}" y="{base + 37}">{escape(names[at])}</text>'
        )
    return parts


# Ribbons -----------------------------------------------------------------------------------


_FLOWS_WIDTH = 430.0
_LEFT_ORDER = ("office", "home", "half", "telecentre")
_RIGHT_ORDER = ("telecentre", "half", "home", "office")


def draw_ribbons(flows: Sequence[Mapping[str, Any]], locale: Locale) -> Markup:
    """Draw who changes as ribbons from the plan in A to the plan in B, in the latter's colour.

    Parameters
    ----------
    flows : sequence of mapping
        Rows of ``from``, ``to`` and ``worker_days_per_day``.
    locale : Locale
    """
    left, right, bar, top, high, gap = 112.0, _FLOWS_WIDTH - 112.0, 9.0, 34.0, 115.0, 32.0
    changed = sum(row["worker_days_per_day"] for row in flows)
    per_worker = high / max(changed, 1e-9)
    starts = _nodes(flows, "from", _LEFT_ORDER, per_worker, top, gap)
    ends = _nodes(flows, "to", _RIGHT_ORDER, per_worker, top, gap)
    parts = [
        f'<text class="t2 en" x="{left}" y="13">{escape(locale.words["map_a"])}</text>',
        f'<text class="t2" x="{right}" y="13">{escape(locale.words["map_b"])}</text>',
    ]
    at = {side: {name: node[0] for name, node in nodes.items()}
          for side, nodes in (("from", starts), ("to", ends))}  # fmt: skip
    rows = sorted(
        flows, key=lambda row: (_LEFT_ORDER.index(row["from"]), _RIGHT_ORDER.index(row["to"]))
    )
    numbers = []
    for row in rows:
        tall = row["worker_days_per_day"] * per_worker
        y0, y1 = at["from"][row["from"]], at["to"][row["to"]]
        at["from"][row["from"]] += tall
        at["to"][row["to"]] += tall
        parts.append(_ribbon(left + bar, right - bar, y0, y1, tall, row["to"]))
        if tall > 12.0:
            message = locale.numbers.significant(row["worker_days_per_day"])
            numbers.append(
                f'<text class="fw" x="{left + bar + 8}" y="{y0 + tall / 2 + 4:.1f}">'
                f"{message}</text>"
            )
    parts += numbers
    for nodes, x, edge, sign in ((starts, left, "en", -1.0), (ends, right - bar, "", 1.0)):
        parts += _node_marks(nodes, x, edge, sign, bar, per_worker, locale)
    bottom = max(y + tall for nodes in (starts, ends) for y, tall in nodes.values())
    return drawing(parts, _FLOWS_WIDTH, max(bottom + 18.0, 60.0))


def _nodes(
    flows: Sequence[Mapping[str, Any]],
    side: str,
    order: Sequence[str],
    scale: float,
    top: float,
    gap: float,
) -> dict[str, tuple[float, float]]:
    """Return the top and the height of each plan on one side."""
    sums = {
        name: sum(row["worker_days_per_day"] for row in flows if row[side] == name)
        for name in order
    }
    placed, y = {}, top
    for name in order:
        if sums[name] > 0:
            placed[name] = (y, sums[name] * scale)
            y += sums[name] * scale + gap
    return placed


def _ribbon(x0: float, x1: float, y0: float, y1: float, tall: float, kind: str) -> str:
    middle = 0.5 * (x0 + x1)
    return (
        f'<path class="rb k-{kind}" d="M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} '
        f"{y1:.1f} {x1:.1f} {y1:.1f}V{y1 + tall:.1f}C{middle:.1f} {y1 + tall:.1f} {middle:.1f} "
        f'{y0 + tall:.1f} {x0:.1f} {y0 + tall:.1f}z"/>'
    )


def _node_marks(
    nodes: Mapping[str, tuple[float, float]],
    x: float,
    anchor: str,
    sign: float,
    bar: float,
    per_worker: float,
    locale: Locale,
) -> list[str]:
    """Draw the plans of one side with their names and how many leave or join them."""
    parts = []
    text_x = x - 7.0 if anchor else x + bar + 7.0
    for name, (y, tall) in nodes.items():
        middle = y + tall / 2
        count = locale.numbers.significant(sign * tall / per_worker)
        parts.append(
            f'<rect class="k-{name}" x="{x}" y="{y:.1f}" width="{bar}" '
            f'height="{max(tall, 1.0):.1f}"/>'
            f'<text class="fn {anchor}" x="{text_x}" y="{middle - 1:.1f}">'
            f"{escape(locale.words[f'k_{name}'])}</text>"
            f'<text class="t2 {anchor}" x="{text_x}" y="{middle + 14:.1f}">'
            f"{'+' if sign > 0 else ''}{count}</text>"
        )
    return parts


# Keys --------------------------------------------------------------------------------------


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
