"""One day's travellers on segments of limited capacity, and what the load does to times.

A mode uses *segments* by origin-destination pair: a sparse matrix of shares, ``L = B' D``. Trains
crowd, and a full train leaves riders behind; roads slow down. Riders respond to expected times
(`sim77.engine.learning`), so loads and choices settle day by day to a stochastic user equilibrium.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from scipy import sparse

from sim77.core.threads import in_runs, weighed_runs
from sim77.registry.parameters import ParameterSet

PEAK_HOUR_MIN = 60.0


_WORTH_A_THREAD = 100_000
"""Numbers of a matrix that take longer to add up than to call a thread."""


def times(matrix: sparse.csr_matrix, values: np.ndarray) -> np.ndarray:
    """Return ``matrix @ values`` to the byte, on all processors."""
    out = np.empty(matrix.shape[0])
    in_runs(
        _times, weighed_runs(matrix.indptr, _WORTH_A_THREAD), matrix.indptr, matrix.indices,
        matrix.data, np.ascontiguousarray(values), out,
    )  # fmt: skip
    return out


@nb.njit(cache=True, nogil=True)
def _times(
    start: np.ndarray,
    column: np.ndarray,
    share: np.ndarray,
    values: np.ndarray,
    out: np.ndarray,
    first: int,
    last: int,
) -> None:
    for row in range(first, last):
        total = 0.0
        for entry in range(start[row], start[row + 1]):
            # Unsigned places need no check for negative ones.
            at = np.uint64(entry)
            total += share[at] * values[np.uint64(column[at])]
        out[row] = total


_FEW = 0.05
"""Share of the segments below which it is faster to add up those that matter one by one."""


@nb.njit(cache=True)
def _spread(
    start: np.ndarray,
    row: np.ndarray,
    share: np.ndarray,
    some: np.ndarray,
    values: np.ndarray,
    out: np.ndarray,
) -> None:
    for segment in some:
        for entry in range(start[segment], start[segment + 1]):
            out[row[entry]] += share[entry] * values[segment]


@dataclass(frozen=True)
class Incidence:
    """Which segments the travellers of each row use, n_rows by n_segments.

    Attributes
    ----------
    by_row : scipy.sparse.csr_matrix
        Share of a row's travellers on each segment, or its minutes there.
    by_segment : scipy.sparse.csr_matrix
        The transpose, stored by segment, so that sums run in one order.
    """

    by_row: sparse.csr_matrix
    by_segment: sparse.csr_matrix

    @classmethod
    def of(cls, matrix: sparse.csr_matrix) -> Incidence:
        """Return the incidence of a matrix of rows by segments."""
        return cls(matrix, matrix.T.tocsr())

    def loads(self, travellers: np.ndarray) -> np.ndarray:
        """Return the sum over rows of travellers times share, (n_segments,)."""
        return times(self.by_segment, travellers)

    def along(self, values: np.ndarray) -> np.ndarray:
        """Return the sum over the segments of each row of share times value, (n_rows,)."""
        some = np.flatnonzero(values)
        if some.size > _FEW * values.size:
            return times(self.by_row, values)
        # As the waits of a day on which nearly every train has room: by segment, in their order.
        out = np.zeros(self.by_row.shape[0])
        _spread(
            self.by_segment.indptr, self.by_segment.indices, self.by_segment.data, some, values, out
        )
        return out


@dataclass(frozen=True)
class Trains:
    """The trains of one day on the segments of a territory, one direction, in the peak hour.

    Attributes
    ----------
    per_hour : (n_segments,) float64
    seats, places : (n_segments,) float64
        Of one train; places are seats and standing places.
    line_factor : (n_lines,) float64
        Trains of a line over those of its timetable.
    """

    per_hour: np.ndarray
    seats: np.ndarray
    places: np.ndarray
    line_factor: np.ndarray

    @property
    def capacity_per_hour(self) -> np.ndarray:
        """Places of all trains of the peak hour, (n_segments,)."""
        return self.per_hour * self.places


def queue_min(demand: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Return the mean minutes waited for a train with room, where demand exceeds capacity.

    Demand arrives evenly over the peak hour and is served at the capacity; the queue that builds up
    is served afterwards. The mean wait of a deterministic queue is half the hour times the excess,
    ``30 max(0, demand / capacity - 1)`` (May and Keller 1967).

    Parameters
    ----------
    demand, capacity : numpy.ndarray, one shape
        Riders and places of the peak hour.

    Returns
    -------
    numpy.ndarray
        Minutes, 0 where everybody finds room; infinite nowhere: without trains the wait is that of
        a train with one place.
    """
    excess = np.maximum(demand / np.maximum(capacity, 1.0) - 1.0, 0.0)
    return 0.5 * PEAK_HOUR_MIN * excess


def added_wait_min(wait_min: np.ndarray, upstream: sparse.csr_matrix) -> np.ndarray:
    """Return what each segment adds to the wait of those who come from further up the line.

    Who has a place keeps it, so a rider waits once, for the fullest segment of the ride: along a
    line the added minutes sum to at least that.

    Parameters
    ----------
    wait_min : numpy.ndarray, shape (n_segments,)
    upstream : scipy.sparse.csr_matrix, shape (n_segments, n_segments)
        Row s holds ones at the segments of the same line that lead into s.

    Returns
    -------
    numpy.ndarray, shape (n_segments,)
    """
    before = np.zeros_like(wait_min)
    # Where nothing leads in there is nothing to compare, which `reduceat` would not see.
    later = np.flatnonzero(np.diff(upstream.indptr))
    if later.size:
        before[later] = np.maximum.reduceat(wait_min[upstream.indices], upstream.indptr[later])
    return np.maximum(wait_min - before, 0.0)


def carried(demand: np.ndarray, trains: Trains) -> np.ndarray:
    """Return the riders that the trains of the peak hour hold; the others are left behind."""
    return np.minimum(demand, trains.capacity_per_hour)


def crowding_multiplier(
    riders_per_train: np.ndarray, seats: np.ndarray, places: np.ndarray, parameters: ParameterSet
) -> np.ndarray:
    """Return the mean multiplier on minutes on board over seated and standing riders.

    With ``rho = (riders - seats) / (places - seats)`` the standing riders over standing places
    (4 per square metre): seated ``min(1 + slope rho, cap)``, standing
    ``min(base + slope rho, cap)`` (Kroes et al. 2014 for the Paris maxima, Haywood and Koning 2013
    for the linear form); 1 when everybody sits.

    Parameters
    ----------
    riders_per_train, seats, places : numpy.ndarray, one shape
        Riders, seats, and seats and standing places of a train.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray
        Multiplier, 1 or more.
    """
    seated, standing = crowding_by_comfort(riders_per_train, seats, places, parameters)
    share_standing = np.clip(1.0 - seats / np.maximum(riders_per_train, 1e-9), 0.0, 1.0)
    return seated * (1.0 - share_standing) + standing * share_standing


def crowding_by_comfort(
    riders_per_train: np.ndarray, seats: np.ndarray, places: np.ndarray, parameters: ParameterSet
) -> tuple[np.ndarray, np.ndarray]:
    """Return the multipliers of a seated and of a standing rider (`crowding_multiplier`).

    With ``crowding_uk`` at 1 the steps of the UK meta-analysis instead (Wardman and Whelan 2010):
    by riders over seats, one value seated below the seats, another above, and one standing.
    """
    if parameters.crowding_uk >= 0.5:
        return _uk_crowding(riders_per_train / seats, parameters)
    # Where all places are seats nobody stands, whatever the last bit of a division says.
    rho = np.maximum(riders_per_train - seats, 0.0) / np.maximum(places - seats, 1e-9)
    seated = np.minimum(
        1.0 + parameters.crowding_seated_slope * rho, parameters.crowding_seated_cap
    )
    standing = np.minimum(
        parameters.crowding_standing_base + parameters.crowding_standing_slope * rho,
        parameters.crowding_standing_cap,
    )
    return seated, standing


def _uk_crowding(
    riders_per_seat: np.ndarray, parameters: ParameterSet
) -> tuple[np.ndarray, np.ndarray]:
    p = parameters
    busy = np.where(riders_per_seat >= p.crowding_uk_busy_from, p.crowding_uk_seated_busy, 1.0)
    seated = np.where(riders_per_seat > 1.0, p.crowding_uk_seated_full, busy)
    return seated, np.full_like(seated, p.crowding_uk_standing)


def crowding(riders: np.ndarray, trains: Trains, parameters: ParameterSet) -> np.ndarray:
    """Return a rider's mean multiplier on minutes on board over peak and off-peak, (n_segments,).

    Parameters
    ----------
    riders : numpy.ndarray, shape (n_segments,)
        In the trains of the peak hour.
    trains : Trains
    parameters : ParameterSet
    """
    p = parameters
    per_train = np.stack((riders, p.off_peak_load_ratio * riders)) / np.maximum(
        trains.per_hour, 1e-9
    )
    peak, off_peak = crowding_multiplier(per_train, trains.seats, trains.places, p)
    return p.share_peak_hour * peak + (1.0 - p.share_peak_hour) * off_peak


@dataclass(frozen=True)
class RailDay:
    """What riders make of the trains of one day, (n_segments,) each.

    Attributes
    ----------
    demand : riders who want to ride in the peak hour, others included.
    carried : those whom the trains hold.
    perceived_min : perceived minutes that crowding and full trains add.
    wait_min : physical minutes among them, the wait for a train with room.
    """

    demand: np.ndarray
    carried: np.ndarray
    perceived_min: np.ndarray
    wait_min: np.ndarray


def rail_day(
    demand: np.ndarray,
    trains: Trains,
    segment_min: np.ndarray,
    upstream: sparse.csr_matrix,
    parameters: ParameterSet,
) -> RailDay:
    """Return what a demand of the peak hour does to the trains of a day.

    Parameters
    ----------
    demand : numpy.ndarray, shape (n_segments,)
    trains : Trains
    segment_min : numpy.ndarray, shape (n_segments,)
        Minutes on board.
    upstream : scipy.sparse.csr_matrix
        As in `added_wait_min`.
    parameters : ParameterSet
    """
    on_board = carried(demand, trains)
    queue = added_wait_min(queue_min(demand, trains.capacity_per_hour), upstream)
    wait = parameters.share_peak_hour * queue
    crowded = segment_min * (crowding(on_board, trains, parameters) - 1.0)
    return RailDay(demand, on_board, crowded + parameters.multiplier_wait * wait, wait)


@dataclass(frozen=True)
class Roads:
    """The road sections of a territory, (n_sections,) each.

    Attributes
    ----------
    base_ratio : peak over free-flow minutes under the base load.
    base_vehicles : vehicles of commuters in the peak hour of the base year.
    exponent : of the load in the delay.
    """

    base_ratio: np.ndarray
    base_vehicles: np.ndarray
    exponent: np.ndarray


def loaded_ratio(vehicles: np.ndarray, roads: Roads) -> np.ndarray:
    """Return loaded over free-flow minutes, ``1 + (r0 - 1) (L / L0)**b``, (n_sections,).

    A section that nobody used in the base year keeps its base ratio.
    """
    load = np.divide(
        vehicles, roads.base_vehicles, out=np.ones_like(vehicles), where=roads.base_vehicles > 0
    )
    return 1.0 + (roads.base_ratio - 1.0) * load**roads.exponent
