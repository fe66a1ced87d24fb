"""The headline figures of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from sim77.core.units import HALF_COLUMNS, OFFICE_COLUMNS
from sim77.registry.indicators import of_all_modes

_SUMS = ("workers_at_work", "home", "telecentre", "remote_days", "minutes_saved", "co2e_travel_kg")


def headline(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the headline figures of a run.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Of a `Result`.

    Returns
    -------
    pandas.Series
        Figures by name; ``…_per_day`` are means over the simulated days, shares are 0 to 1.
    """
    days, weeks, lines = tables["days"], tables["weeks"], tables["lines"]
    total = days.sum(numeric_only=True)
    n = len(days)
    remote = total["remote_days"]
    half = of_all_modes(total, HALF_COLUMNS)
    centre_days = total["telecentre"] + 0.5 * half
    at_work, one_day = (float(weeks[name].sum()) for name in ("workers", "remote_one_day_or_more"))
    by_line = lines.groupby("line", observed=True)[["load_factor", "simulated_riders"]].mean()
    # In the order of how many simulated workers ride a line, as many are named as there is room.
    load = by_line.sort_values("simulated_riders", ascending=False, kind="stable")["load_factor"]
    figures = {
        "days": n,
        "workers": float(tables["communes"]["workers"].sum()),
        **{f"{name}_per_day": total[name] / n for name in _SUMS},
        "choosing_per_day": total["choosing"] / n,
        "share_remote": remote / total["workers_at_work"],
        # Not known where no week lies wholly in the run.
        "share_remote_one_day_a_week": one_day / at_work if at_work else math.nan,
        "share_of_remote_in_telecentre": centre_days / remote if remote else 0.0,
        "telecentre_users_per_day": (total["telecentre"] + half) / n,
        "half_plans_per_day": half / n,
        "home_based_per_day": float(tables["telecentres"]["home_based_days"].sum()) / n,
        "refusals_per_day": total["refusals"] / n,
        "share_office_by_public_transport": total["office_public_transport"]
        / of_all_modes(total, OFFICE_COLUMNS),
        "travel_min_per_worker": total["travel_min"] / total["workers_at_work"],
        "minutes_saved_per_remote_day": total["minutes_saved"] / remote if remote else 0.0,
        "telecentres_open": int((tables["telecentres"]["days_open"] > 0).sum()),
        **{f"load_factor_{line}": float(value) for line, value in load.items()},
    }
    return pd.Series(figures, name="value")
