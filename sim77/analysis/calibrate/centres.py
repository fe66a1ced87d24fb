"""The constant of telecentres, which no observation identifies, over the range users are shown.

No survey says how often telecentres are used. Their constant therefore keeps its prior, cut to
where centres hold 0.25 to 1 % of the remote days of a named run (docs/calibration.md says how full
desks are then). Desks of small cities were 44 % in use (EC-22), spaces of Paris 71 % in 2021 and 90
to 95 % before 2020 (EC-13). Draws of the posterior are spread evenly over that range, whatever
their other parameters, so that a conclusion drawn from them is one over the whole of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy

from sim77.analysis.calibrate.study import CentresRun
from sim77.analysis.calibrate.tables import SolvedPosterior, within_ranges
from sim77.registry.parameters import load_parameters
from sim77.runs.run import run
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import load_territory

CENTRES = ("asc_tc_telecentre", "asc_tc_coworking")
CENTRE_SHARES = (0.0025, 0.01)
"""Of remote days; a half day counts a half."""

TOLERANCE_UTIL = 0.01


@dataclass(frozen=True)
class CentreRange:
    """Where the constant of telecentres is spread.

    Attributes
    ----------
    low, high : float
        Utils, relative to home.
    """

    low: float
    high: float


def centre_range(
    values: Mapping[str, float], requested: CentresRun, seed: int, territory: str | None = None
) -> CentreRange:
    """Find the constants that give `CENTRE_SHARES`, or the ends of the registry's range.

    Parameters
    ----------
    values : mapping of str to float
        Registry parameters; a dated one is ``name@date``.
    requested : CentresRun
        The run in which shares are read, at full scale: desks and refusals need it.
    seed : int
    territory : str, optional
        Name or folder; Seine-et-Marne by default.

    Returns
    -------
    CentreRange
    """
    scenario = load_scenario(requested.scenario, load_territory(territory))
    given = {name: x for name, x in within_ranges(values).items() if name not in CENTRES}
    entry = load_parameters()[CENTRES[0]]

    def share(constant: float) -> float:
        overrides = {**given, **dict.fromkeys(CENTRES, constant)}
        result = run(
            scenario, seed=seed, start=requested.start, end=requested.end, overrides=overrides,
            territory=territory,
        )  # fmt: skip
        return float(result.summary()["share_of_remote_in_telecentre"])

    ends, found = (entry.low, entry.high), []
    at_ends = [share(end) for end in ends]
    for wanted in CENTRE_SHARES:
        if wanted <= at_ends[0]:
            found.append((ends[0], at_ends[0]))
        elif wanted >= at_ends[1]:
            found.append((ends[1], at_ends[1]))
        else:
            root = scipy.optimize.brentq(
                lambda x, wanted=wanted: np.log(max(share(x), 1e-6) / wanted), *ends,
                xtol=TOLERANCE_UTIL,
            )  # fmt: skip
            found.append((float(root), share(float(root))))
    (low, _), (high, _) = found
    return CentreRange(low, high)


def spread_centres(
    posterior: SolvedPosterior, requested: CentresRun, seed: int, territory: str | None = None
) -> tuple[SolvedPosterior, CentreRange]:
    """Give every draw of a posterior a constant of telecentres.

    Parameters
    ----------
    posterior : SolvedPosterior
    requested : CentresRun
    seed : int
        Of the run and of the order in which the range is filled (a scrambled Halton sequence).
    territory : str, optional
        Name or folder; Seine-et-Marne by default.

    Returns
    -------
    tuple of SolvedPosterior and CentreRange
    """
    found = centre_range(posterior.solved, requested, seed, territory)
    order = scipy.stats.qmc.Halton(d=1, scramble=True, rng=np.random.default_rng(seed))
    constants = found.low + (found.high - found.low) * order.random(len(posterior.table))[:, 0]
    table = posterior.table.assign(**dict.fromkeys(CENTRES, constants))
    return replace(posterior, table=table), found
