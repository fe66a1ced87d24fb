"""The charts of the summary page as SVG drawings: the year, and the load along a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.report.locale import Numbers, Voice
from sim77.report.scales import nice_ceiling, round_breaks
from sim77.report.tables import records

PROFILE_WIDTH, PROFILE_HEIGHT = 340.0, 172.0


# The year ----------------------------------------------------------------------------------


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
    left, right, top, line_height, cell = 46.0, width - 12.0, 38.0, 118.0, 13.0
    base = top + line_height
    step = (right - left) / len(year.mondays)
    ceiling = nice_ceiling(100.0 * float(np.nanmax(year.weekly)) or 1.0) / 100.0
    x = left + step * (np.arange(len(year.mondays)) + 0.5)
    parts = []
    for part in (0.0, 0.5, 1.0):
        y = base - part * line_height
        parts.append(f'<path class="gl" d="M{left} {y:.1f}H{right}"/>')
        share = numbers.percent(part * ceiling)
        parts.append(f'<text class="t3 en" x="{left - 6}" y="{y + 4:.1f}">{share}</text>')
    parts += _flag_marks(year, flags, left, step, base, right)
    points = [
        f"{a:.1f} {base - b / ceiling * line_height:.1f}"
        for a, b in zip(x, year.weekly, strict=True) if np.isfinite(b)
    ]  # fmt: skip
    parts.append(f'<path class="wk" d="M{"L".join(points)}"/>')
    if len(points) < 12:
        parts += [
            f'<circle class="wd" cx="{p.split()[0]}" cy="{p.split()[1]}" r="3.5"/>' for p in points
        ]
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


def draw_profile(route: Route, segments: pd.DataFrame, ceiling: float, voice: Voice) -> Markup:
    """Draw riders an hour by segment with seats and places, x in minutes to the terminus.

    Parameters
    ----------
    route : Route
    segments : pandas.DataFrame
        The table of a result.
    ceiling : float
        Riders an hour at the top of the axis.
    voice : Voice

    Returns
    -------
    Markup
    """
    part, numbers = segments.iloc[list(route.rows)], voice.numbers
    left, right, top, base = 2.0, PROFILE_WIDTH - 2.0, 20.0, 122.0
    minutes = np.maximum(part["segment_min"].to_numpy(float), 0.5)
    edges = np.concatenate(([0.0], minutes.cumsum())) / minutes.sum()
    x = left + (right - left) * edges

    def height(values: pd.Series) -> np.ndarray:
        return base - (base - top) * values.to_numpy(float) / ceiling

    riders, seats, places = (height(part[name]) for name in ("peak_riders", "seats", "places"))
    parts = [f'<path class="gl" d="M{left} {top}H{right}M{left} {(top + base) / 2}H{right}"/>']
    for k, row in enumerate(records(part)):
        tip = voice.say(
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
        f"{escape(voice.say('riders_axis', riders=numbers.count(ceiling)))}</text>"
    )
    parts += _station_names(part, x, base)
    return drawing(parts, PROFILE_WIDTH, PROFILE_HEIGHT)


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
        f'<text class="t2 en" x="{PROFILE_WIDTH - 2}" y="{base + 18}">'
        f"{escape(part['next_station_inward'].iloc[-1])}</text>",
    ]
    # The station between the names of both ends where the load changes most.
    after = 2 + 6.4 * len(names[0])
    before = PROFILE_WIDTH - 6.4 * len(part["next_station_inward"].iloc[-1])
    change = np.abs(np.diff(part["peak_riders"].to_numpy(float), prepend=0.0))
    free = [k for k in range(1, len(names)) if after < x[k] < before]
    if free:
        at = max(free, key=lambda k: change[k])
        middle = min(max(x[at], 3.4 * len(names[at])), PROFILE_WIDTH - 3.4 * len(names[at]))
        parts.append(
            f'<path class="ax" d="M{x[at]:.1f} {base}v24"/>'
            f'<text class="t2 mi" x="{middle:.1f}" y="{base + 37}">{escape(names[at])}</text>'
        )
    return parts


def drawing(parts: list[str], width: float, height: float) -> Markup:
    """Put parts together as one drawing, of so many pixels when it is not scaled."""
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return Markup(f'<svg {size} aria-hidden="true">{"".join(parts)}</svg>')
