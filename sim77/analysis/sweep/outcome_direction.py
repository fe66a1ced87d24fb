"""Which direction of an outcome is the better one, where one is."""

from __future__ import annotations

EFFECT, BASELINE = "effect_", "baseline_"

# By how the name of the indicator begins. Of the others neither direction is better in itself:
# whether more remote days are good is for the reader to say.
_LOWER = ("co2e", "cost_eur", "refusals", "travel_min", "load_factor", "peak_riders", "road_ratio",
          "gini", "car_km", "isolation", "mean_isolation", "fatigue", "mean_fatigue")  # fmt: skip
_HIGHER = ("minutes_saved", "cost_saved", "consumer_surplus", "centre_margin", "local_spending",
           "time_value")  # fmt: skip


def better_of(outcome: str) -> str:
    """Return ``lower``, ``higher``, or blank: which direction of an outcome is the better one.

    Parameters
    ----------
    outcome : str
        With or without ``effect_`` or ``baseline_`` in front.
    """
    plain = outcome.removeprefix(EFFECT).removeprefix(BASELINE)
    if plain.startswith(_LOWER):
        return "lower"
    return "higher" if plain.startswith(_HIGHER) else ""
