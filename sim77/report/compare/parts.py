"""What of an interval seeds and uncertain parameters make: words, bars and table of the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim77.report.compare.findings import Findings
from sim77.report.compare.tables import unit_of
from sim77.report.compare.text import KEY_MEASURES, label
from sim77.report.locale import NOTHING, Voice
from sim77.report.tables import Table, heads, records

_DIGITS = 2


def section_parts(findings: Findings, voice: Voice) -> dict[str, Any]:
    """Return the parts of the intervals; nothing where they cannot be told apart."""
    if not findings.has_parts:
        return {}
    shares = findings.parameter_shares
    rows = [(each.indicator, shares[each.indicator]) for each in KEY_MEASURES]
    return {
        "lead": voice.say(
            "parts_lead",
            draws=voice.numbers.count(findings.draws or 0),
            seeds=voice.numbers.count(findings.manifest["posterior"]["seeds_per_draw"]),
        ),
        "bars": [
            {
                "name": label(name, voice),
                "width": f"{100.0 * share:.1f}%",
                "value": voice.numbers.percent(share),
            }
            for name, share in rows
            if math.isfinite(share)
        ],
        "table": parts_table(findings, voice),
    }


def parts_table(findings: Findings, voice: Voice) -> Table:
    """Show of every effect half its interval, what each part makes of it, and the share."""
    rows = [
        (
            label(row["indicator"], voice),
            unit_of(row["indicator"], voice),
            *_cells(row, voice),
            voice.numbers.count(row["draws_same_sign"]),
        )
        for row in records(findings.comparison.effects)
    ]
    keys = "indicator unit half half_seeds half_parameters share_parameters from_to same_sign"
    titles = heads(voice, keys)
    return Table(titles, rows, names=2, file="effects.csv")


def _cells(row: Mapping[str, Any], voice: Voice) -> list[str]:
    some, percent = voice.numbers.significant, voice.numbers.percent
    whole = 0.5 * (row["high"] - row["low"])
    if not math.isfinite(row["parameter_share"]):
        return [some(whole, _DIGITS), *(NOTHING,) * 4]
    low, high = row["parameter_share_low"], row["parameter_share_high"]
    known = math.isfinite(low) and math.isfinite(high)
    return [
        *(some(each, _DIGITS)
          for each in (whole, row["sampling_half_width"], row["parameter_half_width"])),
        # Estimated below zero, where seeds alone differ more than draws do.
        percent(row["parameter_share"]) + ("" if row["parameter_variance"] >= 0.0 else " (<)"),
        voice.say("interval", low=percent(low), high=percent(high)) if known else NOTHING,
    ]  # fmt: skip
