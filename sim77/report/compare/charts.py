"""The charts of the comparison's page: ribbons of who changes, and the effect by week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from markupsafe import Markup

from sim77.report.charts import drawing, time_axis
from sim77.report.compare.findings import Effect, Findings
from sim77.report.locale import Voice
from sim77.report.scales import nice_ceiling

FLOWS_WIDTH = 430.0
_LEFT_ORDER = ("office", "home", "half", "telecentre")
_RIGHT_ORDER = ("telecentre", "half", "home", "office")


# Who changes -------------------------------------------------------------------------------


def draw_flows(findings: Findings, voice: Voice) -> Markup:
    """Draw who changes as ribbons from the plan in A to the plan in B, in the latter's colour."""
    left, right, bar, top, high, gap = 112.0, FLOWS_WIDTH - 112.0, 9.0, 34.0, 115.0, 32.0
    per_worker = high / max(findings.changed, 1e-9)
    starts = _nodes(findings, "from", _LEFT_ORDER, per_worker, top, gap)
    ends = _nodes(findings, "to", _RIGHT_ORDER, per_worker, top, gap)
    parts = [
        f'<text class="t2 en" x="{left}" y="13">{escape(voice.words["map_a"])}</text>',
        f'<text class="t2" x="{right}" y="13">{escape(voice.words["map_b"])}</text>',
    ]
    at = {side: {name: node[0] for name, node in nodes.items()}
          for side, nodes in (("from", starts), ("to", ends))}  # fmt: skip
    rows = sorted(
        findings.switches,
        key=lambda row: (_LEFT_ORDER.index(row["from"]), _RIGHT_ORDER.index(row["to"])),
    )
    numbers = []
    for row in rows:
        tall = row["worker_days_per_day"] * per_worker
        y0, y1 = at["from"][row["from"]], at["to"][row["to"]]
        at["from"][row["from"]] += tall
        at["to"][row["to"]] += tall
        parts.append(_ribbon(left + bar, right - bar, y0, y1, tall, row["to"]))
        if tall > 12.0:
            said = voice.numbers.significant(row["worker_days_per_day"])
            numbers.append(
                f'<text class="fw" x="{left + bar + 8}" y="{y0 + tall / 2 + 4:.1f}">{said}</text>'
            )
    parts += numbers
    for nodes, x, edge, sign in ((starts, left, "en", -1.0), (ends, right - bar, "", 1.0)):
        parts += _node_marks(nodes, x, edge, sign, bar, per_worker, voice)
    bottom = max(y + tall for nodes in (starts, ends) for y, tall in nodes.values())
    return drawing(parts, FLOWS_WIDTH, max(bottom + 18.0, 60.0))


def _nodes(
    findings: Findings, side: str, order: Sequence[str], scale: float, top: float, gap: float
) -> dict[str, tuple[float, float]]:
    """Return the top and the height of each plan on one side."""
    sums = {
        name: sum(row["worker_days_per_day"] for row in findings.switches if row[side] == name)
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
    voice: Voice,
) -> list[str]:
    """Draw the plans of one side with their names and how many leave or join them."""
    parts = []
    text_x = x - 7.0 if anchor else x + bar + 7.0
    for name, (y, tall) in nodes.items():
        middle = y + tall / 2
        count = voice.numbers.significant(sign * tall / per_worker)
        parts.append(
            f'<rect class="k-{name}" x="{x}" y="{y:.1f}" width="{bar}" '
            f'height="{max(tall, 1.0):.1f}"/>'
            f'<text class="fn {anchor}" x="{text_x}" y="{middle - 1:.1f}">'
            f"{escape(voice.words[f'k_{name}'])}</text>"
            f'<text class="t2 {anchor}" x="{text_x}" y="{middle + 14:.1f}">'
            f"{'+' if sign > 0 else ''}{count}</text>"
        )
    return parts


# Weeks -------------------------------------------------------------------------------------


def draw_weeks(
    mondays: Sequence[dt.date], effects: Sequence[Effect], voice: Voice, width: float
) -> Markup:
    """Draw the effect by week with its band, on the time axis of the summary page.

    Parameters
    ----------
    mondays : sequence of datetime.date
        Of the weeks with work; a week without is left out.
    effects : sequence of Effect
    voice : Voice
    width : float
        The same number of pixels on the page; the drawing is not scaled.

    Returns
    -------
    Markup
    """
    numbers, left, right, top, base = voice.numbers, 58.0, width - 12.0, 14.0, 132.0
    weeks = (mondays[-1] - mondays[0]).days // 7 + 1
    every = [mondays[0] + dt.timedelta(days=7 * k) for k in range(weeks)]
    step = (right - left) / weeks
    x = left + step * (np.array([(day - mondays[0]).days / 7 for day in mondays]) + 0.5)
    known = effects[0].known
    low = np.array([each.low if known else each.effect for each in effects])
    high = np.array([each.high if known else each.effect for each in effects])
    ceiling = nice_ceiling(max(float(np.abs(low).max()), float(np.abs(high).max())))
    floor = -ceiling if low.min() < 0 else 0.0
    roof = ceiling if high.max() > 0 or floor == 0.0 else 0.0

    def height(values: Any) -> Any:
        return base - (base - top) * (np.asarray(values, dtype=float) - floor) / (roof - floor)

    parts = []
    for value in dict.fromkeys((floor, 0.0, roof)):
        y = float(height(value))
        kind = "ax" if value == 0 else "gl"
        parts.append(f'<path class="{kind}" d="M{left} {y:.1f}H{right}"/>')
        sign = "+" if value > 0 else ""
        text = sign + numbers.significant(value)
        parts.append(f'<text class="t3 en" x="{left - 6}" y="{y + 4:.1f}">{text}</text>')
    if known:
        outline = [
            *zip(x, height(high), strict=True),
            *zip(x[::-1], height(low)[::-1], strict=True),
        ]
        parts.append(f'<path class="bd" d="M{_points(outline)}z"/>')
    line = list(zip(x, height([each.effect for each in effects]), strict=True))
    parts.append(f'<path class="wk" d="M{_points(line)}"/>')
    parts += time_axis(every, numbers, left, step, base + 20, width)
    return drawing(parts, width, base + 30)


def _points(places: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
