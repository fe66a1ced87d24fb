"""Car traffic of the peak hour on a road graph: user equilibrium.

Every driver takes the fastest road at the times that all drivers together make (Wardrop 1952).
Volumes move again and again towards those of the fastest paths of the moment, as by successive
averages, with the step that serves best (Frank and Wolfe; Sheffi 1985, chapter 5): half as many
looks for paths are needed as with a step that only shrinks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numba as nb
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

GAP = 0.005
"""Where to stop: the share of driving time that drivers could still save."""
PATHS = 4
"""How many of the last looks for paths make the mix of paths."""
_ORIGINS_AT_ONCE = 64
_BISECTIONS = 20
_LEAST_MIN = 1e-6
"""A sparse matrix has no link of zero minutes."""


@dataclass(frozen=True)
class Assignment:
    """Volumes and times at the end, and the last times that paths were looked for at.

    Attributes
    ----------
    vehicles
        ``(l,)`` of the trips on each link in the hour.
    minutes
        ``(l,)`` with these vehicles and the other traffic.
    path_minutes
        ``(t, l)`` the times of the last ``t`` looks for paths; the mean over their trees is the
        mix of paths that drivers of a pair take.
    gap
        Share of all driving time that would be saved if everybody found the fastest path.
    """

    vehicles: np.ndarray
    minutes: np.ndarray
    path_minutes: np.ndarray
    gap: float


def loaded_minutes(links: pd.DataFrame, vehicles: np.ndarray) -> np.ndarray:
    """Return minutes ``(l,)`` of links that ``vehicles`` ``(l,)`` an hour use (BPR 1964)."""
    load = vehicles / links["vehicles_per_hour"].to_numpy()
    free = links["free_flow_min"].to_numpy()
    return free * (1 + links["alpha"].to_numpy() * load ** links["beta"].to_numpy())


def assign(
    links: pd.DataFrame,
    nodes: int,
    trips: sparse.csr_matrix,
    other_traffic: float = 0.0,
    most_looks: int = 16,
) -> Assignment:
    """Find the equilibrium of trips between the first nodes of a graph.

    Parameters
    ----------
    links : DataFrame
        start, end, free_flow_min, vehicles_per_hour, alpha, beta, as in a `RoadNetwork`.
    nodes : int
        Number of nodes.
    trips : csr_matrix
        ``(z, z)`` vehicles in the hour between nodes 0 to z - 1.
    other_traffic : float
        Other vehicles for each vehicle of the trips.
    most_looks : int
        Looks for paths after the first, which is at free flow; fewer once the gap is small.

    Returns
    -------
    Assignment
    """

    def minutes_at(vehicles: np.ndarray) -> np.ndarray:
        return loaded_minutes(links, vehicles * (1 + other_traffic))

    vehicles, _ = _all_or_nothing(links, nodes, trips, minutes_at(np.zeros(len(links))))
    looks: list[np.ndarray] = []
    for _ in range(most_looks):
        minutes = minutes_at(vehicles)
        looks = [*looks, minutes][-PATHS:]
        fastest, shortest_min = _all_or_nothing(links, nodes, trips, minutes)
        spent_min = float((vehicles * minutes).sum())
        gap = (spent_min - shortest_min) / spent_min if spent_min else 0.0
        if gap <= GAP:
            break
        vehicles = vehicles + _step(minutes_at, vehicles, fastest) * (fastest - vehicles)
    return Assignment(vehicles, minutes_at(vehicles), np.array(looks), gap)


def _step(
    minutes_at: Callable[[np.ndarray], np.ndarray], vehicles: np.ndarray, fastest: np.ndarray
) -> float:
    """Return how far to go so that moving on saves nothing (bisection on Beckmann's gradient)."""
    towards = fastest - vehicles
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if float((towards * minutes_at(vehicles + middle * towards)).sum()) < 0:
            low = middle
        else:
            high = middle
    return high


def section_minutes(
    links: pd.DataFrame,
    nodes: int,
    sections: int,
    pair_from: np.ndarray,
    pair_to: np.ndarray,
    minutes: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, sparse.csr_matrix]:
    """Follow the fastest paths of pairs at given times.

    Parameters
    ----------
    links : DataFrame
        start, end, free_flow_min, km, section.
    nodes, sections : int
        Numbers of nodes and sections.
    pair_from, pair_to : ndarray
        ``(p,)`` nodes; ``pair_from`` ascends.
    minutes : ndarray
        ``(l,)`` the times by which paths are chosen.

    Returns
    -------
    free_flow_min, km : ndarray
        ``(p,)`` along the path; NaN where there is none, 0 within a zone.
    used : csr_matrix
        ``(p, sections)`` free-flow minutes of each pair on each section.
    """
    graph, link = _graph(links, nodes, minutes)
    free_flow_min, km = (links[name].to_numpy(float)[link] for name in ("free_flow_min", "km"))
    section = links["section"].to_numpy()[link]
    totals = np.full((len(pair_from), 2), np.nan)
    blocks = []
    origins = np.unique(pair_from)
    for first in range(0, len(origins), _ORIGINS_AT_ONCE):
        some = origins[first : first + _ORIGINS_AT_ONCE]
        _, before = dijkstra(graph, indices=some, return_predecessors=True)
        low, high = np.searchsorted(pair_from, [some[0], some[-1] + 1])
        used = np.zeros((high - low, sections + 1))
        _follow(
            graph.indptr,
            graph.indices,
            before,
            np.searchsorted(some, pair_from[low:high]),
            pair_from[low:high],
            pair_to[low:high],
            free_flow_min,
            km,
            section,
            totals[low:high],
            used,
        )
        blocks.append(sparse.csr_matrix(used[:, :sections]))
    used = sparse.vstack(blocks, "csr") if blocks else sparse.csr_matrix((0, sections))
    return totals[:, 0], totals[:, 1], used


def _graph(
    links: pd.DataFrame, nodes: int, minutes: np.ndarray
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Return the graph and the link ``(k,)`` behind each of its entries.

    Of links between the same nodes the fastest is taken; a sparse matrix would add them up.
    """
    start, end = links["start"].to_numpy(), links["end"].to_numpy()
    order = np.lexsort((minutes, end, start))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0)
    link = order[first]
    pointer = np.searchsorted(start[link], np.arange(nodes + 1))
    data = np.maximum(minutes[link], _LEAST_MIN)
    graph = sparse.csr_matrix((data, end[link], pointer), shape=(nodes, nodes))
    return graph, link


def _all_or_nothing(
    links: pd.DataFrame, nodes: int, trips: sparse.csr_matrix, minutes: np.ndarray
) -> tuple[np.ndarray, float]:
    """Put all trips on the fastest paths: vehicles ``(l,)``, and the minutes they all drive."""
    graph, link = _graph(links, nodes, minutes)
    vehicles = np.zeros(len(link))
    driven_min = 0.0
    origins = np.flatnonzero(np.diff(trips.indptr))
    for first in range(0, len(origins), _ORIGINS_AT_ONCE):
        some = origins[first : first + _ORIGINS_AT_ONCE]
        distance, before = dijkstra(graph, indices=some, return_predecessors=True)
        wanted = np.zeros((len(some), nodes))
        wanted[:, : trips.shape[1]] = trips[some].toarray()
        wanted[~np.isfinite(distance)] = 0.0
        reached = np.where(np.isfinite(distance), distance, 0.0)
        driven_min += float((wanted * reached).sum())
        _load(graph.indptr, graph.indices, before, np.argsort(distance, axis=1), wanted, vehicles)
    loaded = np.zeros(len(links))
    loaded[link] = vehicles
    return loaded, driven_min


@nb.njit(cache=True)
def _entry(indptr: np.ndarray, indices: np.ndarray, start: int, end: int) -> int:
    """Return the place of a link in a sparse matrix whose columns ascend in each row."""
    low, high = indptr[start], indptr[start + 1]
    while low < high:
        middle = (low + high) // 2
        if indices[middle] < end:
            low = middle + 1
        else:
            high = middle
    return low


@nb.njit(cache=True)
def _load(
    indptr: np.ndarray,
    indices: np.ndarray,
    before: np.ndarray,
    order: np.ndarray,
    wanted: np.ndarray,
    vehicles: np.ndarray,
) -> None:
    """Add the trips of some origins to the links of their trees, farthest nodes first."""
    for origin in range(before.shape[0]):
        passing = wanted[origin]
        for place in range(order.shape[1] - 1, -1, -1):
            node = order[origin, place]
            previous = before[origin, node]
            if previous >= 0 and passing[node] > 0:
                vehicles[_entry(indptr, indices, previous, node)] += passing[node]
                passing[previous] += passing[node]


@nb.njit(cache=True)
def _follow(
    indptr: np.ndarray,
    indices: np.ndarray,
    before: np.ndarray,
    row: np.ndarray,
    pair_from: np.ndarray,
    pair_to: np.ndarray,
    free_flow_min: np.ndarray,
    km: np.ndarray,
    section: np.ndarray,
    totals: np.ndarray,
    used: np.ndarray,
) -> None:
    """Walk each pair's tree back from its end; section -1 is the last column of ``used``."""
    for pair in range(len(row)):
        node = pair_to[pair]
        if node != pair_from[pair] and before[row[pair], node] < 0:
            continue
        totals[pair] = 0.0
        while node != pair_from[pair]:
            previous = before[row[pair], node]
            link = _entry(indptr, indices, previous, node)
            totals[pair, 0] += free_flow_min[link]
            totals[pair, 1] += km[link]
            used[pair, section[link]] += free_flow_min[link]
            node = previous
