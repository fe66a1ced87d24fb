"""The best mode of everybody's day at the office, looked for again only where it may have changed.

Expected times move little from one day to the next, and with them the utilities of market segments.
A small group of workers of one segment keeps the least margin of a member's best mode over the next
one: while no two modes of the segment have moved against each other by that much, nobody in the
group changes the mode. What is found is what looking at everybody would find.
"""

from __future__ import annotations

import numpy as np

from sim77.core.threads import in_runs, weighed_runs
from sim77.engine import mode_kernels
from sim77.engine.arrays import MarketGroups, OfficeMinutes

_OF_NOBODY = OfficeMinutes(np.empty((0, 0)), np.empty(0))


class BestModes:
    """Finds the best modes of the workers of a population.

    Parameters
    ----------
    groups : MarketGroups
    n_modes : int
    """

    def __init__(self, groups: MarketGroups, n_modes: int):
        self._groups = groups
        self._seen = np.zeros((groups.market.size, n_modes))
        self._margin = np.empty(groups.market.size)
        self._found: tuple[np.ndarray, np.ndarray] | None = None

    def find(
        self,
        utility: np.ndarray,
        taste: np.ndarray,
        mode: np.ndarray,
        taste_for_it: np.ndarray,
        office_min: OfficeMinutes = _OF_NOBODY,
    ) -> None:
        """Bring modes up to date.

        Parameters
        ----------
        utility : numpy.ndarray, shape (n_markets, n_modes)
        taste : numpy.ndarray, shape (n_workers, n_modes)
            Everybody is looked at again when it is another array than the last time.
        mode : numpy.ndarray of int8, shape (n_workers,)
            As the last time, or everybody is looked at again; set.
        taste_for_it : numpy.ndarray of float64, shape (n_workers,)
            Likewise.
        office_min : OfficeMinutes
            Told of those who change their mode.
        """
        if self._found is None or self._found[0] is not taste or self._found[1] is not mode:
            self._margin[:] = -np.inf
            self._found = taste, mode
        in_runs(
            mode_kernels.find_modes, weighed_runs(self._groups.start),
            utility, taste, self._groups, self._seen, self._margin, mode, taste_for_it,
            office_min,
        )  # fmt: skip
