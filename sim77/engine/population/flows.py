"""The rows of a territory's flows as groups of workers: who lives and works where, and as what.

Flows (`sim77 territory build`) say home, workplace and occupation of everybody; the rest is drawn
(`sim77.engine.population.population`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from sim77.core.errors import TerritoryError
from sim77.core.units import OCCUPATION_GROUPS
from sim77.territory.territory import Territory

INDEPENDENTS = OCCUPATION_GROUPS.index("independents")
GROUP_OF_CSP = {
    1: "independents",  # farmers, who have no employer either
    2: "independents",
    3: "managers",
    4: "intermediate",
    5: "clerical",
    6: "manual",
}
"""Occupation groups of the census categories (INSEE, catégories socioprofessionnelles)."""

NOT_KNOWN = -1

AT_HOME_CSP = (2, 3, 4)
"""Of those who work at home, the categories in which some work at a desk; farmers do not, and most
clerical and manual workers at home mind children or make things (assumption)."""
_AT_HOME_BIT = np.uint32(1 << 26)
"""Set in the identity of who works at home: others may live and work in the same commune."""


@dataclass(frozen=True)
class FlowRows:
    """Groups of workers, (n_rows,) each.

    Attributes
    ----------
    workers : int64
    commune : int32
        Row of ``communes``.
    zone : int8
        Index into the territory's workplace zones.
    destination, pair : int32
        Row of ``workplaces``, and number of the origin-destination pair; `NOT_KNOWN` of those
        who work at home.
    group : int8
        Index into `OCCUPATION_GROUPS`.
    high, low : uint32
        Identity words of a group's first worker; the running number is added to the low one.
    """

    workers: np.ndarray
    commune: np.ndarray
    zone: np.ndarray
    destination: np.ndarray
    pair: np.ndarray
    group: np.ndarray
    high: np.ndarray
    low: np.ndarray


@lru_cache(maxsize=4)
def flow_rows(territory: Territory, at_home: bool = False) -> FlowRows:
    """Return the groups of workers of a territory who travel to work, or those who need not.

    Parameters
    ----------
    territory : Territory
    at_home : bool
        Those of `AT_HOME_CSP` who work at home, all counted as independents.
    """
    stay = territory.flows["at_home"]
    flows = territory.flows[stay & territory.flows["csp"].isin(AT_HOME_CSP) if at_home else ~stay]
    pairs = territory.od.pairs
    n_workplaces = len(territory.workplaces)
    key = flows["commune"].to_numpy() * n_workplaces + flows["workplace"].to_numpy()
    pair = np.searchsorted(pairs["commune"] * n_workplaces + pairs["workplace"], key)
    zones = {name: index for index, name in enumerate(territory.workplace_zones)}
    zone_of = territory.workplaces["zone"].map(zones).to_numpy(np.int8)
    group_of = np.full(max(GROUP_OF_CSP) + 1, NOT_KNOWN, dtype=np.int8)
    for category, name in GROUP_OF_CSP.items():
        group_of[category] = OCCUPATION_GROUPS.index(name)
    home = commune_numbers(territory.communes["code"])[flows["commune"]]
    work = commune_numbers(territory.workplaces["code"])[flows["workplace"]]
    csp = flows["csp"].to_numpy(np.int64)
    if at_home:
        pair, group_of = np.full(len(flows), NOT_KNOWN), np.full_like(group_of, INDEPENDENTS)
    return FlowRows(
        workers=flows["workers"].to_numpy(np.int64),
        commune=flows["commune"].to_numpy(np.int32),
        zone=zone_of[flows["workplace"]],
        destination=flows["workplace"].to_numpy(np.int32),
        pair=pair.astype(np.int32),
        group=group_of[csp],
        high=(home << 15 | work >> 2).astype(np.uint32),
        low=((work & 3) << 30 | csp << 27).astype(np.uint32) | (_AT_HOME_BIT if at_home else 0),
    )


def commune_numbers(codes: pd.Series) -> np.ndarray:
    """Return INSEE codes as numbers below 2**17: Corsica's 2A is 20, as it was, and 2B is 96.

    >>> commune_numbers(pd.Series(["77186", "2A004", "2B033"])).tolist()
    [77186, 20004, 96033]
    """
    text = codes.str.replace("2A", "20", n=1).str.replace("2B", "96", n=1)
    numbers = pd.to_numeric(text, errors="coerce")
    if numbers.isna().any():
        raise TerritoryError(
            f"'{codes[numbers.isna()].iloc[0]}' is not INSEE's code of a commune: expected five "
            "digits, the second of Corsica's a letter."
        )
    return numbers.to_numpy(np.int64)
