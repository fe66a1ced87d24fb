"""Figures for notebooks: a table of a result in, a matplotlib figure out; nothing is simulated.

Each returns a `matplotlib.figure.Figure` to be shown, changed or saved. Matplotlib is imported when
the first one is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim77.core.errors import ResultError, nearest
from sim77.registry.indicators import INDICATORS
from sim77.report.routes import routes_by_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SEQUENTIAL = ("#F2EDDC", "#C9DED0", "#9CC9BF", "#5FA9AB", "#2A7D8E", "#114D68")
_INK, _INK2, _PALE = "#16202C", "#46515F", "#DED9CE"
_TEAL, _RASPBERRY, _SEATS = "#0A5B6B", "#B8174C", "#FFC857"


def commune_map(
    communes: pd.DataFrame,
    column: str,
    shapes: Mapping[str, Any] | None = None,
    points: pd.DataFrame | None = None,
) -> Figure:
    """Map a column of the table of communes in six classes of equal numbers of communes.

    Parameters
    ----------
    communes : pandas.DataFrame
        ``result.communes``.
    column : str
        What is shown.
    shapes : mapping, optional
        Outlines as GeoJSON, ``territory.shapes()``.
    points : pandas.DataFrame, optional
        ``territory.communes``, for a territory without outlines.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.colors import BoundaryNorm, ListedColormap

    _check_column(communes, column)
    if shapes is None and points is None:
        raise ResultError(
            "A map needs outlines, territory.shapes(), or points, territory.communes."
        )
    figure, axes = _figure(7.0, 6.5)
    values = communes.set_index("commune_code")[column]
    breaks = np.unique(np.quantile(values, np.linspace(0.0, 1.0, len(_SEQUENTIAL) + 1)))
    if breaks.size < 2:
        breaks = np.array([breaks[0] - 0.5, breaks[0] + 0.5])
    colours = ListedColormap(_SEQUENTIAL)
    look = {"cmap": colours, "norm": BoundaryNorm(breaks, colours.N)}
    drawn = (
        _outlines(axes, values, shapes, look)
        if shapes is not None
        else _points(axes, values, points, look)
    )
    axes.set_axis_off()
    figure.colorbar(drawn, ax=axes, shrink=0.5, label=_label(column), spacing="uniform")
    return figure


def _outlines(axes: Axes, values: pd.Series, shapes: Mapping[str, Any], look: Any) -> Any:
    from matplotlib.collections import PolyCollection

    rings, numbers = [], []
    for feature in shapes["features"]:
        geometry, code = feature["geometry"], feature["properties"]["code"]
        several = geometry["type"] == "MultiPolygon"
        for polygon in geometry["coordinates"] if several else [geometry["coordinates"]]:
            rings.append(np.asarray(polygon[0], dtype=float)[:, :2])
            numbers.append(values.get(code, np.nan))
    drawn = PolyCollection(rings, array=np.array(numbers), edgecolor="white", linewidth=0.3, **look)
    axes.add_collection(drawn)
    axes.autoscale_view()
    _true_proportions(axes, float(np.mean([ring[:, 1].mean() for ring in rings])))
    return drawn


def _points(axes: Axes, values: pd.Series, points: pd.DataFrame | None, look: Any) -> Any:
    assert points is not None
    shown = values.reindex(points["code"])
    drawn = axes.scatter(points["lon"], points["lat"], c=shown, edgecolor=_INK, s=60, **look)
    _true_proportions(axes, float(points["lat"].mean()))
    return drawn


def _true_proportions(axes: Axes, latitude: float) -> None:
    axes.set_aspect(1.0 / float(np.cos(np.radians(latitude))))


def year_by_week(days: pd.DataFrame, column: str = "share_remote") -> Figure:
    """Draw a column of the table of days by week; the mean of each weekday stands at the right.

    Parameters
    ----------
    days : pandas.DataFrame
        ``result.days``.
    column : str
        What is shown, as a mean over the days of a week.

    Returns
    -------
    matplotlib.figure.Figure
    """
    _check_column(days, column)
    figure, (line, bars) = _figure(9.0, 3.2, columns=2, width_ratios=(3, 1), sharey=True)
    dates = pd.DatetimeIndex(days["date"])
    weeks = days[column].groupby(dates - pd.to_timedelta(dates.day_of_week, unit="D")).mean()
    line.plot(weeks.index.to_numpy(), weeks.to_numpy(), color=_TEAL, linewidth=2)
    by_weekday = days[column].groupby(dates.day_of_week).mean()
    names = ("Mon", "Tue", "Wed", "Thu", "Fri")
    bars.bar([names[day] for day in by_weekday.index], by_weekday.to_numpy(), color=_TEAL)
    line.set_ylim(bottom=min(0.0, float(weeks.min())))
    line.set_ylabel(_label(column))
    line.tick_params(axis="x", rotation=30)
    for axes in (line, bars):
        _quiet(axes)
    return figure


def load_profile(segments: pd.DataFrame, line: str) -> Figure:
    """Draw riders, seats and places in the peak hour along the fullest route of a line.

    Parameters
    ----------
    segments : pandas.DataFrame
        ``result.segments``.
    line : str
        Such as ``"R"``.

    Returns
    -------
    matplotlib.figure.Figure
    """
    routes = {route.line: list(route.rows) for route in routes_by_line(segments)}
    if line not in routes:
        raise ResultError(f"This result has no line '{line}'.{nearest(line, routes)}")
    part = segments.iloc[routes[line]]
    end = part["segment_min"].to_numpy(float).cumsum()
    start = end - part["segment_min"].to_numpy(float)
    figure, axes = _figure(9.0, 3.2)
    axes.bar(
        start, part["peak_riders"], width=end - start, align="edge", color=_INK2, edgecolor="white"
    )
    for column, colour, style in (("seats", _SEATS, "-"), ("places", _INK, "--")):
        axes.hlines(part[column], start, end, color=colour, linestyle=style, label=column)
    stops = [str(part["from_stop"].iloc[0]), *part["to_stop"].astype(str)]
    axes.set_xticks([0.0, *end], stops, rotation=60, ha="right", fontsize=7)
    axes.set_title(line, loc="left", fontsize=10)
    axes.set_ylabel("persons/hour")
    _quiet(axes)
    axes.legend(frameon=False, ncols=2, loc="upper left")
    return figure


def telecentre_occupancy(telecentres: pd.DataFrame) -> Figure:
    """Draw the share of desks used in each telecentre, simulated workers apart from others.

    Parameters
    ----------
    telecentres : pandas.DataFrame
        ``result.telecentres``; without any site the figure says so.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = _figure(8.0, 0.8 + 0.34 * max(len(telecentres), 1))
    if not len(telecentres):
        axes.text(0.5, 0.5, "no telecentre", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return figure
    sites = telecentres.sort_values("share_occupied")
    names = [
        f"{name}, {desks:.0f} desks"
        for name, desks in zip(sites["name"], sites["desks"], strict=True)
    ]
    workers = 100.0 * sites["share_occupied_by_workers"].to_numpy()
    axes.barh(names, 100.0 * sites["share_occupied"].to_numpy(), color=_PALE, label="all users")
    axes.barh(names, workers, color=_RASPBERRY, label="simulated workers")
    axes.set_xlim(0.0, 100.0)
    axes.set_xlabel("desks used on a mean open day, %")
    axes.legend(frameon=False, loc="lower right")
    _quiet(axes)
    return figure


# Shared ------------------------------------------------------------------------------------


def _figure(
    width: float, height: float, rows: int = 1, columns: int = 1, **given: Any
) -> tuple[Figure, Any]:
    """Return a figure of its own, which pyplot neither keeps nor shows a second time."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        rows, columns, figsize=(width, height), layout="constrained", **given
    )
    plt.close(figure)
    return figure, axes


def _quiet(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)


def _label(column: str) -> str:
    known = INDICATORS.get(column)
    return f"{known.label_en}, {known.unit}" if known else column.replace("_", " ")


def _check_column(table: pd.DataFrame, column: str) -> None:
    if column not in table:
        raise ResultError(f"The table has no column '{column}'.{nearest(column, table.columns)}")
