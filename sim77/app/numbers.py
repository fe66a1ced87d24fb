"""Numbers as JSON has words for them."""

from __future__ import annotations

import math


def number(value: float, digits: int = 7) -> float | None:
    """Return a number rounded to its first digits; None where JSON has no word for it."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


def plain(value: float) -> float | None:
    """Return a number with every digit: what the app shows must be what the library gives."""
    return float(value) if math.isfinite(value) else None
