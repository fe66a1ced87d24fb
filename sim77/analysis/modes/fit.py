"""Constants of modes and the scale of time, by maximum likelihood on a census.

``P(m) = exp((V_m + c_m) / mu) / sum``, with ``V_m`` the engine's own utility of a day's times and
euros (`sim77.engine.supply.pair_travel`), ``c_m`` a constant by area of home and of work and one by
occupation, and ``mu`` the scale of the tastes. A census does not say who has a car at hand, so the
likelihood is a mixture over those with and without one, in the shares of the registry. On foot and
by bicycle are one answer in the census; their constants differ by one number.

Shares of modes say nothing of what all modes of a journey have in common, yet a journey is also
weighed against working at home. What constants and lasting tastes add to a journey is therefore set
to 0 in the mean (`levels`): what is left is time and money, in every territory.

A third of the communes is left out of the fit and tells how far it can be trusted.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from sim77.core.errors import TerritoryError, as_written, why
from sim77.core.files import parquet_frame
from sim77.core.units import AREA_TYPES, MODES, OCCUPATION_GROUPS, Mode
from sim77.engine.population.flows import GROUP_OF_CSP
from sim77.engine.supply.mode_constants import log_density
from sim77.engine.supply.pair_travel import pair_travel
from sim77.engine.supply.pairs import pair_tables, trains_of
from sim77.registry.parameters import ParameterSet, load_parameters
from sim77.territory.build.formats import recognise
from sim77.territory.build.persons import read_persons
from sim77.territory.schema import TABLES
from sim77.territory.territory import Territory

ANSWERS = {"TC": (Mode.PUBLIC_TRANSPORT,), "VP": (Mode.CAR,), "NM": (Mode.BICYCLE, Mode.WALK)}
"""What the census calls modes."""
_ANSWER_OF = np.array([0, 1, 2, 2])
_MOST_WORKERS = 1e9
_N_AREAS, _N_GROUPS = len(AREA_TYPES), len(OCCUPATION_GROUPS)
HELD_OUT = 3
"""One commune in so many is left out of the fit."""
LEAST_WORKERS = 500.0
"""Of an area pair, to have constants of its own."""
_LEAST_IN_FIT = 0.2
"""Of these workers, those in the communes of the fit."""
_LEAST_WEIGHT = 1e-3
"""Of utility in a choice, the inverse of the scale of tastes."""


@dataclass(frozen=True)
class Census:
    """Commuters by pair and occupation who gave each answer.

    Attributes
    ----------
    pair : numpy.ndarray of int64, shape (n_cells,)
    group : numpy.ndarray of int64, shape (n_cells,)
    workers : numpy.ndarray, shape (n_cells, 3)
        In the order of `ANSWERS`.
    elsewhere : float
        Workers besides, whose home and workplace are no pair of the territory.
    """

    pair: np.ndarray
    group: np.ndarray
    workers: np.ndarray
    elsewhere: float = 0.0

    def where(self, mask: np.ndarray) -> Census:
        """Return some of the cells."""
        return replace(
            self, pair=self.pair[mask], group=self.group[mask], workers=self.workers[mask]
        )


def read_answers(path: str | Path, territory: Territory) -> pd.DataFrame:
    """Read the answers of a census: a Parquet table, or INSEE's detail file on commuting.

    Returns
    -------
    pandas.DataFrame
        See `read_census`; of a detail file, those who live and work in the territory.
    """
    path = Path(path)
    if not path.is_file():
        raise TerritoryError(f"{path}: there is no such file.")
    if path.suffix.lower() != ".parquet":
        return _of_detail(path, territory)
    try:
        table = parquet_frame(path)
    except (OSError, ValueError) as error:
        reason = why(error) if isinstance(error, OSError) else str(error).splitlines()[0]
        raise TerritoryError(f"{path}: expected a Parquet table ({reason}).") from None
    return _of_detail(path, territory) if "IPONDI" in table else table


def _of_detail(path: Path, territory: Territory) -> pd.DataFrame:
    homes, works = (set(table["code"].astype(str)) for table in
                    (territory.communes, territory.workplaces))  # fmt: skip
    key, found = ["origin", "destination", "mode", "csp"], []
    for file in recognise(path, ("detail",)):
        for persons in read_persons(file, homes, territory.od.settings["base_year"]):
            here = persons["home"].isin(homes) & persons["workplace"].isin(works)
            table = persons[here].rename(
                columns={"home": "origin", "workplace": "destination", "persons": "workers"}
            )
            found.append(table.dropna(subset=["mode", "csp"]).groupby(key)["workers"].sum())
    answers = pd.concat(found).groupby(key).sum().reset_index() if found else pd.DataFrame()
    if answers.empty:
        raise TerritoryError(f"{path.name}: nobody in it lives and works in the territory.")
    return answers.astype({"csp": int})


def read_census(territory: Territory, answers: pd.DataFrame) -> Census:
    """Sort the answers of a census by pair and occupation.

    Parameters
    ----------
    territory : Territory
        Built from public files.
    answers : pandas.DataFrame
        Columns origin, destination, mode, csp and workers.

    Returns
    -------
    Census
    """
    for column in ("origin", "destination", "mode", "csp", "workers"):
        if column not in answers:
            raise TerritoryError(
                f"The answers of the census lack the column '{column}'; they have "
                f"{', '.join(map(str, answers.columns))}."
            )
    workers_of, csp = (pd.to_numeric(answers[name], errors="coerce") for name in ("workers", "csp"))
    for column, wrong, what in (
        ("mode", ~answers["mode"].astype(str).isin(list(ANSWERS)), ", ".join(ANSWERS)),
        ("workers", ~workers_of.between(0.0, _MOST_WORKERS), "a number from 0 to 1e9"),
        ("csp", ~csp.isin(list(GROUP_OF_CSP)), "a number from 1 to 6"),
    ):
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            cell = answers[column].iloc[row]
            said = f"a blank in row {row + 1}" if pd.isna(cell) else repr(as_written(cell))
            raise TerritoryError(
                f"The answers of the census have {said} in the column '{column}', expected {what}."
            )
    if workers_of.sum() == 0.0:
        raise TerritoryError("The answers of the census count nobody: all their workers are 0.")
    keys = pd.MultiIndex.from_frame(answers[["origin", "destination"]].astype(str))
    pair = pair_numbers(territory).reindex(keys).to_numpy()
    known = ~np.isnan(pair)
    if not known.any():
        raise TerritoryError(
            "The answers of the census have no pair of home and workplace of the territory."
        )
    group = csp.map({csp: OCCUPATION_GROUPS.index(name) for csp, name in GROUP_OF_CSP.items()})
    answer = answers["mode"].astype(str).map(list(ANSWERS).index)
    key = (pair[known].astype(np.int64) * _N_GROUPS + group[known]).to_numpy()
    cells, place = np.unique(key, return_inverse=True)
    workers = np.zeros((cells.size, len(ANSWERS)))
    np.add.at(workers, (place, answer[known].to_numpy()), workers_of[known].to_numpy(float))
    elsewhere = float(workers_of[~known].sum())
    return Census(cells // _N_GROUPS, cells % _N_GROUPS, workers, elsewhere)


def pair_numbers(territory: Territory) -> pd.Series:
    """Return the number of each pair, by the codes of home and workplace."""
    pairs = territory.od.pairs
    home, work = (
        places["code"].to_numpy(str)[pairs[name]]
        for places, name in ((territory.communes, "commune"), (territory.workplaces, "workplace"))
    )
    return pd.Series(np.arange(len(pairs)), index=pd.MultiIndex.from_arrays([home, work]))


def sums_by(place: np.ndarray, table: np.ndarray, n: int) -> np.ndarray:
    """Return the sums of each column of a table by place, 0 to n - 1, (n, n_columns)."""
    return np.stack([np.bincount(place, column, n) for column in table.T], axis=1)


def by_answer(of_modes: np.ndarray) -> np.ndarray:
    """Return what is said by mode, (..., n_modes), by answer of the census, (..., 3)."""
    return np.stack(
        [of_modes[..., place == _ANSWER_OF].sum(axis=-1) for place in range(len(ANSWERS))], axis=-1
    )


@dataclass(frozen=True)
class Alternatives:
    """What each cell may choose from: with a car at hand, and without.

    Attributes
    ----------
    utility : numpy.ndarray, shape (2, n_cells, n_modes)
        Of times and euros, the first without a car; minus infinity where there is none.
    share_car : numpy.ndarray, shape (n_cells,)
    area : numpy.ndarray of int64, shape (n_cells,)
        Area of home times the number of areas, plus area of work.
    group : numpy.ndarray of int64, shape (n_cells,)
    density : numpy.ndarray, shape (n_cells, 2)
        Of home and of work (`sim77.engine.supply.mode_constants.log_density`).
    """

    utility: np.ndarray
    share_car: np.ndarray
    area: np.ndarray
    group: np.ndarray
    density: np.ndarray


@dataclass(frozen=True)
class Layout:
    """Where the free numbers stand: 1 / mu, then constants over mu.

    Public transport has none before `levels`. Car, and bicycle and walk together, have one by area
    pair with enough workers, one by occupation but the first, and a slope in the density of home
    and in that of work; bicycle has one more.
    """

    areas: np.ndarray

    @property
    def size(self) -> int:
        """How many free numbers there are."""
        return 2 + 2 * (self.areas.size + _N_GROUPS - 1 + 2)

    def constants(self, free: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the constants over mu by mode and area pair, mode and group, mode and density."""
        n = self.areas.size
        by_area = np.zeros((len(MODES), _N_AREAS * _N_AREAS))
        by_group = np.zeros((len(MODES), _N_GROUPS))
        car, other = free[2 : 2 + n], free[2 + n : 2 + 2 * n]
        rest, slopes = free[2 + 2 * n : -4].reshape(2, _N_GROUPS - 1), free[-4:].reshape(2, 2)
        by_area[Mode.CAR] = car.mean()
        by_area[Mode.CAR, self.areas] = car
        by_area[[Mode.BICYCLE, Mode.WALK]] = other.mean()
        by_area[[Mode.BICYCLE, Mode.WALK], self.areas[:, None]] = other[:, None]
        by_area[Mode.BICYCLE] += free[1]
        by_group[Mode.CAR, 1:] = rest[0]
        by_group[[Mode.BICYCLE, Mode.WALK], 1:] = rest[1]
        by_density = np.zeros((len(MODES), 2))
        by_density[Mode.CAR], by_density[[Mode.BICYCLE, Mode.WALK]] = slopes
        return by_area, by_group, by_density


def probabilities(
    free: np.ndarray, layout: Layout, given: Alternatives
) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of the modes, (2, n_cells, n_modes), and the weights of the two."""
    value = free[0] * given.utility + _constants(free, layout, given)
    value -= value.max(axis=-1, keepdims=True)
    probability = np.exp(value)
    probability /= probability.sum(axis=-1, keepdims=True)
    return probability, np.stack((1.0 - given.share_car, given.share_car))


def _constants(free: np.ndarray, layout: Layout, given: Alternatives) -> np.ndarray:
    """Return the constants over mu of the modes, (n_cells, n_modes)."""
    by_area, by_group, by_density = layout.constants(free)
    constant = by_area[:, given.area].T + by_group[:, given.group].T + given.density @ by_density.T
    return np.asarray(constant)


def levels(
    free: np.ndarray, layout: Layout, given: Alternatives, workers: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what constants and tastes over mu add to a journey, by area pair, group and density.

    A traveller's best mode adds the mean over modes of ``P (c - log P)`` and Euler's constant to
    the mean utility of times and euros. Weighted least squares on what constants depend on.

    Parameters
    ----------
    free, layout, given
        As in `probabilities`.
    workers : numpy.ndarray, shape (n_cells,)

    Returns
    -------
    tuple of numpy.ndarray, shapes (n_area_pairs,), (n_groups,) and (2,)
        An area pair without workers has the mean of the others.
    """
    constant = _constants(free, layout, given)
    probability, weight = probabilities(free, layout, given)
    surprise = -np.log(np.where(probability > 0.0, probability, 1.0))
    added = (weight * (probability * (constant + surprise)).sum(axis=-1)).sum(axis=0)
    of_its_area, of_its_group = np.eye(_N_AREAS * _N_AREAS)[given.area], np.eye(_N_GROUPS)
    design = np.hstack((of_its_area, of_its_group[given.group], given.density))
    root = np.sqrt(workers)[:, None]
    found = np.linalg.lstsq(root * design, root[:, 0] * (added + np.euler_gamma), rcond=None)[0]
    of_area, of_group, of_density = np.split(found, [_N_AREAS * _N_AREAS, -2])
    seen = np.bincount(given.area, workers, of_area.size)
    of_area[seen == 0.0] = np.average(of_area, weights=seen)
    return of_area, of_group, of_density


def minus_log_likelihood(
    free: np.ndarray, layout: Layout, given: Alternatives, workers: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return minus the mean log-likelihood of a worker's answer, and its gradient."""
    probability, weight = probabilities(free, layout, given)
    answer = by_answer(probability)
    mixed = np.maximum((weight[..., None] * answer).sum(axis=0), 1e-300)
    total = workers.sum()
    ratio = workers / mixed / total
    mean = (ratio[None] * answer).sum(axis=-1, keepdims=True)
    slope = weight[..., None] * probability * (ratio[None][..., _ANSWER_OF] - mean)
    finite = np.where(np.isfinite(given.utility), given.utility, 0.0)
    each = slope.sum(axis=0)
    car, other = each[:, Mode.CAR], each[:, Mode.BICYCLE] + each[:, Mode.WALK]
    gradient = [np.array([(slope * finite).sum(), each[:, Mode.BICYCLE].sum()])]
    for column in (car, other):
        by_area = np.bincount(given.area, column, _N_AREAS * _N_AREAS)
        mine = by_area[layout.areas]
        # Area pairs without constants of their own have the mean of the others.
        gradient.append(mine + (by_area.sum() - mine.sum()) / layout.areas.size)
    gradient += [np.bincount(given.group, column, _N_GROUPS)[1:] for column in (car, other)]
    gradient += [given.density.T @ column for column in (car, other)]
    value = -(workers * np.log(mixed)).sum() / total
    return float(value), -np.concatenate(gradient)


@dataclass(frozen=True)
class ModeFit:
    """A fit and how well it does.

    Attributes
    ----------
    free : numpy.ndarray
        In the order of `Layout`.
    log_likelihood : float
        Mean of a worker's answer in the communes of the fit.
    table : pandas.DataFrame
        ``mode_choice.csv``.
    shares : pandas.DataFrame
        Observed and fitted share of each answer, in the communes of the fit and in those left out.
    errors : pandas.DataFrame
        Mean absolute error of the shares by commune (points), weighted by workers, and that of
        one share for all, the observed one of the communes of the fit.
    elsewhere : float
        See `Census`.
    """

    free: np.ndarray
    log_likelihood: float
    table: pd.DataFrame
    shares: pd.DataFrame
    errors: pd.DataFrame
    elsewhere: float


def held_out(codes: pd.Series) -> np.ndarray:
    """Return which communes are left out of the fit: a third, by a checksum of the code."""
    return np.array([zlib.crc32(str(code).encode()) % HELD_OUT == 0 for code in codes])


def fit(census: Census, given: Alternatives, left_out: np.ndarray, origin: np.ndarray,
        source: str) -> ModeFit:  # fmt: skip
    """Find the constants and the scale on the communes that are not left out.

    Parameters
    ----------
    census : Census
    given : Alternatives
        Of the cells of the census.
    left_out : numpy.ndarray of bool, shape (n_communes,)
    origin : numpy.ndarray of int64, shape (n_cells,)
        Commune of each cell.
    source : str
        Written beside every value.

    Raises
    ------
    TerritoryError
        If the answers do not depend on times and euros.
    """
    total, used = census.workers.sum(axis=1), ~left_out[origin]
    if used.all() or not used.any():
        raise TerritoryError(
            "The answers are of too few communes to leave a third of them out, "
            f"{np.unique(origin).size} in all; expected those of a census."
        )
    layout = Layout(_with_constants(given.area, total, used))
    of_fit = Alternatives(
        given.utility[:, used], given.share_car[used], given.area[used], given.group[used],
        given.density[used],
    )  # fmt: skip
    found = _fitted(layout, of_fit, census.workers[used], _LEAST_WEIGHT, None)
    if found.x[0] <= _LEAST_WEIGHT:
        raise TerritoryError(
            "The answers of the census do not depend on times and euros, so that no scale of time "
            "can be found; expected more who take a mode where it is faster."
        )
    scale = load_parameters()["mu_mode"]
    if not scale.low <= 1.0 / found.x[0] <= scale.high:  # a run would refuse it
        limits = 1.0 / scale.high, 1.0 / scale.low
        found = _fitted(layout, of_fit, census.workers[used], *limits)
    probability, weight = probabilities(found.x, layout, given)
    mixed = (weight[..., None] * probability).sum(axis=0)
    expected = by_answer(mixed) * total[:, None]
    return ModeFit(
        found.x, -float(found.fun),
        _table(found.x, layout, levels(found.x, layout, given, total), source),
        _shares(census.workers, expected, left_out[origin]),
        _errors(census.workers, expected, origin, left_out),
        census.elsewhere,
    )  # fmt: skip


def _with_constants(area: np.ndarray, workers: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the area pairs that have constants of their own: workers enough, also in the fit.

    Constants of a pair that is left out of the fit would stay where the search begins.
    """
    of_all, of_fit = (
        np.bincount(area, each, _N_AREAS * _N_AREAS) for each in (workers, workers * used)
    )
    least = min(LEAST_WORKERS, of_all.max())
    found = np.flatnonzero((of_all >= least) & (of_fit >= _LEAST_IN_FIT * least))
    return found if found.size else np.flatnonzero(of_fit == of_fit.max())


def _fitted(
    layout: Layout,
    given: Alternatives,
    workers: np.ndarray,
    least_weight: float,
    most_weight: float | None,
) -> Any:
    """Maximise the likelihood with the weight of times and euros, 1 / mu, within limits."""
    start = np.zeros(layout.size)
    start[0] = min(max(0.5, least_weight), most_weight or np.inf)
    return minimize(
        minus_log_likelihood, start, args=(layout, given, workers), jac=True, method="L-BFGS-B",
        bounds=[(least_weight, most_weight), *[(-20.0, 20.0)] * (layout.size - 1)],
        options={"maxiter": 500},
    )  # fmt: skip


def _table(
    free: np.ndarray, layout: Layout, common: tuple[np.ndarray, np.ndarray, np.ndarray], source: str
) -> pd.DataFrame:
    by_area, by_group, by_density = (
        of_mode - of_all for of_mode, of_all in zip(layout.constants(free), common, strict=True)
    )
    mu = 1.0 / free[0]
    rows: list[tuple[str, str, str, str, str, float, str]] = [
        ("mu_mode", "", "", "", "", mu, source)
    ]
    for mode in Mode:
        for place, value in enumerate(by_area[mode]):
            home, work = divmod(place, _N_AREAS)
            rows.append(
                ("area", MODES[mode], AREA_TYPES[home], AREA_TYPES[work], "", mu * value, source)
            )
        for name, value in zip(OCCUPATION_GROUPS, by_group[mode], strict=True):
            rows.append(("occupation", MODES[mode], "", "", name, mu * value, source))
        for end, value in zip(("density_home", "density_work"), by_density[mode], strict=True):
            rows.append((end, MODES[mode], "", "", "", mu * value, source))
    table = pd.DataFrame(rows, columns=[each.name for each in TABLES["mode_choice"].columns])
    return table.assign(value=table["value"].round(4))


def _shares(observed: np.ndarray, expected: np.ndarray, out: np.ndarray) -> pd.DataFrame:
    rows = []
    for name, mask in (("fitted", ~out), ("left out", out)):
        total = observed[mask].sum()
        for place, answer in enumerate(ANSWERS):
            seen, found = observed[mask, place].sum() / total, expected[mask, place].sum() / total
            rows.append((name, answer, total, seen, found))
    return pd.DataFrame(rows, columns=["communes", "mode", "workers", "observed", "model"])


def _errors(
    observed: np.ndarray, expected: np.ndarray, origin: np.ndarray, left_out: np.ndarray
) -> pd.DataFrame:
    n = left_out.size
    seen, found = (sums_by(origin, table, n) for table in (observed, expected))
    workers = seen.sum(axis=1)
    flat = seen[~left_out].sum(axis=0) / workers[~left_out].sum()
    rows = []
    for name, mask in (("fitted", ~left_out), ("left out", left_out)):
        mine = mask & (workers > 0)
        weight = workers[mine, None]
        share = seen[mine] / weight
        model = found[mine] / weight
        for place, answer in enumerate(ANSWERS):
            error, without = (
                float(np.average(np.abs(other[..., place] - share[:, place]), weights=weight[:, 0]))
                for other in (model, np.broadcast_to(flat, share.shape))
            )
            rows.append((name, answer, 100.0 * error, 100.0 * without))
    return pd.DataFrame(rows, columns=["communes", "mode", "points", "points_without_model"])


def alternatives(
    territory: Territory,
    census: Census,
    parameters: ParameterSet,
    ride_min: np.ndarray,
    ratio: np.ndarray,
) -> Alternatives:
    """Return what the cells of a census may choose from.

    Parameters
    ----------
    territory : Territory
    census : Census
    parameters : ParameterSet
        Values of time and money, share of workers with a car at hand.
    ride_min : numpy.ndarray, shape (n_segments,)
        Perceived minutes that crowding adds.
    ratio : numpy.ndarray, shape (n_sections,)
        Loaded over free-flow minutes on the road.
    """
    pairs = territory.od.pairs
    no_constants = np.zeros((census.pair.size, len(MODES)))
    value = np.empty((2, census.pair.size, len(MODES)))
    for car in range(2):
        tables = pair_tables(territory, census.pair, np.full(census.pair.size, car))
        one = np.ones(len(territory.lines))
        travel = pair_travel(tables, trains_of(tables, one, one, one), no_constants, parameters)
        value[car] = travel.utility(ride_min, ratio)
    value[0, :, Mode.CAR] = -np.inf
    ends = (
        (territory.communes, pairs["commune"].to_numpy(np.int64)[census.pair]),
        (territory.workplaces, pairs["workplace"].to_numpy(np.int64)[census.pair]),
    )
    home, work = (
        places["area_type"].map(AREA_TYPES.index).to_numpy(np.int64)[at] for places, at in ends
    )
    names = [name.replace("-", "_") for name in AREA_TYPES]
    return Alternatives(
        utility=value,
        share_car=parameters.array("car_at_hand", names)[home],
        area=home * _N_AREAS + work,
        group=census.group,
        density=np.column_stack([log_density(places)[at] for places, at in ends]),
    )


def fit_modes(
    territory: Territory, answers: pd.DataFrame, parameters: ParameterSet, source: str
) -> ModeFit:
    """Fit the constants of modes and the scale of time of a territory to a census.

    Parameters
    ----------
    territory : Territory
    answers : pandas.DataFrame
        See `read_census`.
    parameters : ParameterSet
        Of the census year.
    source : str
        What to write beside the values.
    """
    census = read_census(territory, answers)
    ratio = territory.od.road.sections["base_ratio"].to_numpy(float)
    ride_min = np.zeros(len(territory.od.transit.segments))
    given = alternatives(territory, census, parameters, ride_min, ratio)
    origin = territory.od.pairs["commune"].to_numpy(np.int64)[census.pair]
    return fit(census, given, held_out(territory.communes["code"]), origin, source)
