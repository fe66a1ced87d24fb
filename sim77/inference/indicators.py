"""What the model says of a target: functions of the tallies and of who may work remotely.

Each function takes a `Tally`, the `Agreements` of its year and the options of a target, and returns
a number in the target's unit. Where a source is about all French employees, groups are weighed by
the French mix in place of that of 77 (``mix``); rates of one group need none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.allowance import ALLOWANCES
from sim77.inference.observe import EMPLOYEES, Tally

PERCENT = 100.0


@dataclass(frozen=True)
class Agreements:
    """Who may work remotely, and how often.

    Attributes
    ----------
    teleworkable, covered : numpy.ndarray, shape (4,)
        Share of a group's employees whose work can be done remotely; of these, share covered.
    allowances : numpy.ndarray, shape (4,)
        Share of agreements with 2, 4, 6 and 10 half-days a week.
    """

    teleworkable: np.ndarray
    covered: np.ndarray
    allowances: np.ndarray

    @property
    def allowed(self) -> np.ndarray:
        """Share of a group's employees by allowance, (4, 4)."""
        return (self.teleworkable * self.covered)[:, None] * self.allowances

    def parameters(self) -> dict[str, float]:
        """Return the shares covered and the allowances by their names in the registry."""
        covered = {
            f"share_covered_{name}": x for name, x in zip(EMPLOYEES, self.covered, strict=True)
        }
        allowed = {
            f"share_allowance_{n}": x for n, x in zip(ALLOWANCES, self.allowances, strict=True)
        }
        return {name: float(x) for name, x in {**covered, **allowed}.items()}


Options = Mapping[str, Any]


def group_factors(tally: Tally, mix: np.ndarray | None) -> np.ndarray:
    """Return the weight of each group's employees that gives them the shares of a mix, (4,)."""
    if mix is None:
        return np.ones(len(EMPLOYEES))
    return mix / (tally.persons / tally.persons.sum())


def sums(tally: Tally, agreements: Agreements, quantity: str, mix: np.ndarray | None) -> float:
    """Return the employees with a quantity, groups weighed to the mix."""
    by_group = (agreements.allowed * tally.share[quantity]).sum(axis=1)
    return float(group_factors(tally, mix) @ (tally.persons * by_group))


def regular_rate(
    tally: Tally, agreements: Agreements, mix: np.ndarray | None, options: Options
) -> float:
    """Return the percentage of employees whose usual week has at least one remote day."""
    distance = options.get("distance")
    quantity = f"regular_{distance}" if distance else "regular"
    if "group" in options:
        g = EMPLOYEES.index(options["group"])
        return PERCENT * float(agreements.allowed[g] @ tally.share[quantity][g])
    persons = getattr(tally, distance) if distance else tally.persons
    everybody = float(group_factors(tally, mix) @ persons)
    return PERCENT * sums(tally, agreements, quantity, mix) / everybody


def week_rate(
    tally: Tally, agreements: Agreements, mix: np.ndarray | None, options: Options
) -> float:
    """Return the percentage of employees at work in a week with at least one remote day in it."""
    if "group" in options:
        g = EMPLOYEES.index(options["group"])
        return PERCENT * float(agreements.allowed[g] @ tally.share["week"][g])
    everybody = float(group_factors(tally, mix) @ tally.persons)
    return PERCENT * sums(tally, agreements, "week", mix) / everybody


def regular_days_share(
    tally: Tally, agreements: Agreements, mix: np.ndarray | None, options: Options
) -> float:
    """Return the percentage of regular teleworkers with 1, 2, or 3 and more days in their week."""
    some = sums(tally, agreements, f"regular_{options['days']}", mix)
    return PERCENT * _ratio(some, sums(tally, agreements, "regular", mix))


def days_mean(
    tally: Tally, agreements: Agreements, mix: np.ndarray | None, options: Options
) -> float:
    """Return the remote days a week of those with at least one."""
    return _ratio(sums(tally, agreements, "days", mix), sums(tally, agreements, "week", mix))


def days_parts(
    tally: Tally, agreements: Agreements, mix: np.ndarray | None, target: Any
) -> tuple[float, float]:
    """Return the sums whose ratio is a target of `regular_days_share` or `days_mean`."""
    if target.indicator == "days_mean":
        days, week = (sums(tally, agreements, each, mix) for each in ("days", "week"))
        return days, week
    some = PERCENT * sums(tally, agreements, f"regular_{target.options['days']}", mix)
    return some, sums(tally, agreements, "regular", mix)


def weekday_share(
    tally: Tally, agreements: Agreements, mix: np.ndarray | None, options: Options
) -> float:
    """Return the percentage of a week's teleworkers remote on a weekday, mean of several."""
    ending = "_rail" if options.get("mode") == "rail" else ""
    on = [sums(tally, agreements, f"on_{weekday}{ending}", mix) for weekday in options["weekdays"]]
    return PERCENT * _ratio(float(np.mean(on)), sums(tally, agreements, f"week{ending}", mix))


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0.0 else 0.0


TELEWORK_INDICATORS: Mapping[str, Callable[..., float]] = {
    each.__name__: each
    for each in (regular_rate, week_rate, regular_days_share, days_mean, weekday_share)
}
MODE_INDICATORS = ("rail_share", "car_share")
"""Read off the solved constants of the car (`sim77.inference.mode_constants`)."""

INDICATORS = (*TELEWORK_INDICATORS, *MODE_INDICATORS)
