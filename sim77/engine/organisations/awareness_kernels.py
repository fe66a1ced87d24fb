"""The compiled loop of who knows which centre (`sim77.engine.organisations.awareness`)."""

import numpy as np

from sim77.core.draws import Purpose, philox, unit
from sim77.engine.loops import entry

_AWARENESS = np.uint32(Purpose.AWARENESS)


@entry
def meet_centres(w, choosers, choice_sets, centre_key, known, seed, first, last):
    """Set which centres each chooser knows and considers.

    One is known once the share `known` has passed one's draw; who is covered by an agreement that
    pays for desks knows all. Who considers no shared place of work is left with none.

    Parameters
    ----------
    w, choosers, choice_sets : named tuples
    centre_key : uint32 array, shape (n_centres,)
    known : float64 array, shape (n_centres, n_communes)
    seed : int
    first, last : int
        Choosers.
    """
    seed = np.uint32(seed)
    for j in range(first, last):
        i, row = choosers.worker[j], choosers.choice_set[j]
        start, bits = choice_sets.start[row], 0
        in_reach = choice_sets.start[row + 1] - start if choosers.considers[j] else 0
        for alternative in range(in_reach):
            k = choice_sets.centre[start + alternative]
            word = philox(choosers.low[j], choosers.high[j], 0, centre_key[k], seed, _AWARENESS)[0]
            if choosers.share_paid[j] < 1.0 or unit(word) < known[k, w.commune[i]]:
                bits |= 1 << alternative
        w.familiar[i] = bits
