"""A floor to compare with: a loop that only makes draws like those of a day's choices.

It leaves out the errors of places, and draws for centres that a worker does not know.
"""

import numba as nb
import numpy as np

from sim77.core.draws import Purpose, gumbel, log_positive_stable, philox

_DAY = np.uint32(Purpose.ERROR_DAY)
_HALF = np.uint32(Purpose.ERROR_HALF)
_CENTRE = np.uint32(Purpose.ERROR_CENTRE)


@nb.njit(cache=True, parallel=True)
def draw_errors(low, high, alternatives, first, centre_key, centre, day, seed, mu, out):
    """Sum each chooser's errors of a day, so that no draw can be left out; shape (n_choosers,)."""
    for j in nb.prange(low.size):
        out[j] = _errors_of(
            low[j], high[j], alternatives[j], first[j], centre_key, centre, day, seed, mu
        )


@nb.njit(cache=True)
def _errors_of(low, high, alternatives, first, centre_key, centre, day, seed, mu):
    words = philox(low, high, day, 0, seed, _DAY)
    total = gumbel(words[0]) + mu * gumbel(words[1])
    total += mu * log_positive_stable(words[2], words[3], mu)
    if alternatives == 0:
        return total
    words = philox(low, high, day, 0, seed, _HALF)
    total += mu * log_positive_stable(words[0], words[1], mu)
    for entry in range(first, first + alternatives):
        words = philox(low, high, day, centre_key[centre[entry]], seed, _CENTRE)
        total += mu * (gumbel(words[0]) + gumbel(words[1]))
    return total
