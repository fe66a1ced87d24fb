"""The computing time of a run by phase of a day, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def profile_text(manifest: Mapping[str, Any]) -> str:
    """Return milliseconds by phase, in all and by day, from the manifest of a run."""
    seconds, days = dict(manifest["cost"]["seconds_by_phase"]), manifest["days"]
    rows = [("before the first day", seconds.pop("setup"), None)]
    rows += [(name, value, value / days) for name, value in seconds.items()]
    of_days = sum(seconds.values())
    rows.append((f"all {days} days", of_days, of_days / days))
    lines = [f"{'phase':<22}{'ms':>10}{'ms a day':>10}"]
    lines += [
        f"{name:<22}{1000 * value:>10.1f}" + ("" if daily is None else f"{1000 * daily:>10.3f}")
        for name, value, daily in rows
    ]
    return "\n".join(lines)
