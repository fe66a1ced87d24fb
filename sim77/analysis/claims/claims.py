"""The claims register: what is said of telecentres, and what the model makes of it.

A claim is a number, or a direction, with a source. A pair of scenarios, without and with the
policy, is run over paired seeds; the measure that the claim names has a mean and a 95 % interval
over them. One rule, `verdict`, compares the claim's interval with the run's. The run's interval is
that of the draws alone: assumed parameters, which a claim names where it rests on them, are not
varied, so a verdict is the model's with its default values and no more.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import scipy

from sim77.core.calendar import working_days
from sim77.core.errors import ResultError, nearest
from sim77.core.machine import usable_cores
from sim77.core.variance import LEVEL, half_widths
from sim77.core.yaml_file import load_yaml
from sim77.engine.scope import checked_seed, checked_whole, days_of_run
from sim77.engine.world import sites_in_order
from sim77.runs.execute import RunSpec
from sim77.runs.measures import SHARES
from sim77.runs.pair import PairSpec, run_pair
from sim77.runs.pool import run_pairs
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory

SUPPORTED, NOT_SUPPORTED, UNDECIDED, OUTSIDE = (
    "supported", "not supported", "undecided", "outside the model",
)  # fmt: skip
SENSES = ("about", "at_least", "at_most", "above", "below")
LANGUAGES = ("en", "fr")
MOST_SEEDS = 1000


@dataclass(frozen=True)
class Claim:
    """One entry of ``claims.yaml``.

    Attributes
    ----------
    name : str
    text, unit, condition, caution, outside : dict of str to str
        By language; `caution` is what should be known of a number above the claim, `outside`
        why the model cannot tell, and is empty for claims it tests.
    positive, negative : dict of str to str
        What a number above or below zero is, in place of its sign and unit; empty for most claims.
    number : float
        What is claimed.
    sense : str
        One of `SENSES`.
    low, high : float
        The claim's interval; infinite where the claim has no limit.
    least : float
        Smallest effect that counts; one surely below it is told as tiny, whatever its sign.
    measure : str
        Name in `sim77.runs.measures.MEASURES`; empty for claims outside the model.
    pairs : tuple of str
        Names of the pairs of scenarios that test it.
    assumes : tuple of str
        Assumed parameters it rests on.
    whose, source : dict of str to str
        Who says so and where, by language.
    url : str
    year : int or None
    """

    name: str
    text: Mapping[str, str]
    number: float
    sense: str
    low: float
    high: float
    least: float
    unit: Mapping[str, str]
    condition: Mapping[str, str]
    caution: Mapping[str, str]
    outside: Mapping[str, str]
    positive: Mapping[str, str]
    negative: Mapping[str, str]
    measure: str
    pairs: tuple[str, ...]
    assumes: tuple[str, ...]
    whose: Mapping[str, str]
    source: Mapping[str, str]
    url: str
    year: int | None


@dataclass(frozen=True)
class Register:
    """The claims by name, and the pairs of scenarios (without, with) by name."""

    claims: Mapping[str, Claim]
    pairs: Mapping[str, tuple[str, str]]


@lru_cache(maxsize=1)
def register() -> Register:
    """Return the shipped claims."""
    text = resources.files("sim77.registry").joinpath("claims.yaml").read_text(encoding="utf-8")
    content = load_yaml(text)
    pairs = {name: (without, with_) for name, (without, with_) in content["pairs"].items()}
    claims = {
        name: claim_of(name, entry, tuple(pairs), float(content["tolerance"]))
        for name, entry in content["claims"].items()
    }
    return Register(claims, pairs)


def claim_of(
    name: str, entry: Mapping[str, Any], pairs: tuple[str, ...], tolerance: float
) -> Claim:
    """Return a claim from its entry, with the interval that its number and its sense mean.

    Parameters
    ----------
    name : str
    entry : mapping
        As in ``claims.yaml``.
    pairs : tuple of str
        Pairs that test it if it names none.
    tolerance : float
        Share of the number granted either way to a claim that is `about` it.
    """
    number, sense = float(entry["number"]), str(entry["sense"])
    if sense not in SENSES:
        raise ResultError(f"Claim {name}: unknown sense '{sense}'.{nearest(sense, SENSES)}")
    margin = tolerance * abs(number)
    low, high = {
        "about": (entry.get("low", number - margin), entry.get("high", number + margin)),
        "at_least": (number, math.inf),
        "above": (number, math.inf),
        "at_most": (-math.inf, number),
        "below": (-math.inf, number),
    }[sense]
    nothing = dict.fromkeys(LANGUAGES, "")
    return Claim(
        name=name,
        text=entry["text"],
        number=number,
        sense=sense,
        low=float(low),
        high=float(high),
        least=float(entry.get("least", 0.0)),
        unit=entry["unit"],
        condition=entry.get("condition", nothing),
        caution=entry.get("caution", nothing),
        outside=entry.get("outside", {}),
        positive=entry.get("positive", {}),
        negative=entry.get("negative", {}),
        measure=entry.get("measure", ""),
        pairs=tuple(entry.get("pairs", pairs)) if entry.get("measure") else (),
        assumes=tuple(entry.get("assumes", ())),
        whose=_by_language(entry["whose"]),
        source=_by_language(entry["source"]),
        url=entry.get("url", ""),
        year=entry.get("year"),
    )


def _by_language(text: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return a text by language; one that needs no translation is the same in all."""
    return dict.fromkeys(LANGUAGES, text) if isinstance(text, str) else text


# The rule -----------------------------------------------------------------------------------------


def verdict(claim: Claim, low: float, high: float) -> str:
    """Compare a claim's interval with a run's.

    *Supported*: the run's interval lies wholly within the claim's. *Not supported*: they have
    nothing in common. *Undecided*: they overlap in part, or the run has no interval (no such day,
    or a single seed). *Outside the model*: nothing to run. The limit itself belongs to the claim
    when it says about, at least or at most, and not when it says above or below, so that an effect
    of exactly zero supports no claim of a direction.

    Parameters
    ----------
    claim : Claim
    low, high : float
        Limits of the run's interval; NaN if there is none.

    Returns
    -------
    str
        One of the four verdicts.
    """
    if claim.outside:
        return OUTSIDE
    if math.isnan(low) or math.isnan(high):
        return UNDECIDED
    if claim.sense == "above":
        inside, apart = low > claim.low, high <= claim.low
    elif claim.sense == "below":
        inside, apart = high < claim.high, low >= claim.high
    else:
        inside = claim.low <= low and high <= claim.high
        apart = high < claim.low or low > claim.high
    return SUPPORTED if inside else NOT_SUPPORTED if apart else UNDECIDED


def is_tiny(row: Mapping[str, Any]) -> bool:
    """Say whether an effect is too small to count, whichever value of its interval is right.

    Parameters
    ----------
    row : mapping
        Of `Claims.table`; comparisons stored by an earlier version know no least effect.
    """
    ends = [abs(row[name]) for name in ("mean", "low", "high") if not math.isnan(row[name])]
    return max(ends, default=math.inf) < row.get("claim_least", 0.0)


def directed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `Claims.table` whose number has its direction in its unit, not in its sign.

    Plus is more emissions in one claim and emissions avoided in the next: words tell which. A
    level, such as a share of workers, has no direction.
    """
    claim = register().claims.get(row["claim"])
    if claim is None or math.isnan(row["mean"]):
        return dict(row)
    # Neither a sign nor "the model gives more" has anything to add to such a text.
    plain = {"sense": "", "verdict": ""}
    if not claim.positive:
        return {**row, **plain} if row["sense"] in ("above", "below") else dict(row)
    mean, low, high = row["mean"], row["low"], row["high"]
    unit = claim.positive
    if mean < 0.0:
        (mean, low, high), unit = (-mean, -high, -low), claim.negative
    elif claim.number != 0.0:
        plain = {}  # beside a number that was claimed, more or less of it still tells
    units = {f"unit_{language}": unit[language] for language in LANGUAGES}
    return {**row, **plain, "mean": mean, "low": low, "high": high, **units}


def interval(
    values: Sequence[float], seeds_per_draw: int | None = None
) -> tuple[float, float, float]:
    """Return mean and limits of the 95 % interval of Student's t over seeds; NaN where unknown.

    Where so many seeds in a row share a draw of a posterior the interval is that of
    `sim77.core.variance.half_widths`, over the draws of which all seeds are known.
    """
    known = _known(values, seeds_per_draw)
    if known.size == 0:
        return math.nan, math.nan, math.nan
    mean = float(known.mean())
    if seeds_per_draw is not None:
        whole = float(half_widths(known.reshape(-1, seeds_per_draw)).whole)
        return mean, mean - whole, mean + whole
    if known.size == 1:
        return mean, math.nan, math.nan
    half = (
        scipy.stats.t.ppf(0.5 + LEVEL / 2, known.size - 1)
        * known.std(ddof=1)
        / math.sqrt(known.size)
    )
    return mean, mean - float(half), mean + float(half)


def _known(values: Sequence[float], seeds_per_draw: int | None) -> np.ndarray:
    """Return the values that count: of a draw all or none."""
    by_draw = np.array(values, dtype=float).reshape(-1, seeds_per_draw or 1)
    return by_draw[np.isfinite(by_draw).all(axis=1)].ravel()


# The runs -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claims:
    """The register beside what the model found.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a claim and pair of scenarios: the claim with its interval and source, ``mean``,
        ``low`` and ``high`` of the run, the ``seeds`` that had something to measure, ``verdict``.
    territory : Territory
        Where it was tested, on the workers of its default scopes.
    scale : float
        Of the runs.
    """

    table: pd.DataFrame
    territory: Territory
    scale: float = 1.0


def check_claims(
    *,
    seeds: int = 5,
    first_seed: int = 1,
    scale: float = 1.0,
    pair: tuple[str | Scenario, str | Scenario] | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    claims: Iterable[Claim] | None = None,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    territory: str | None = None,
) -> Claims:
    """Run what the claims need and give every claim its verdict.

    Parameters
    ----------
    seeds : int
        Paired replications; at least 2 for an interval.
    first_seed : int
        The seeds are ``first_seed``, ``first_seed + 1``, ….
    scale : float
        Share of the workers simulated; numbers on desks need 1.
    pair : two of str or Scenario, optional
        Test every claim on this pair, without and with the policy, instead of on its own.
    start, end : datetime.date, optional
        First and last day; those of the scenario without the policy by default. A pair of the
        register whose period is another one is left out.
    claims : iterable of Claim, optional
        The shipped ones by default.
    processes : int, optional
        Processes that share the runs; the cores of the machine by default.
    progress : callable, optional
        Called as ``progress(pairs_of_runs_done, pairs_of_runs)``.
    territory : str, optional
        Folder of another territory.

    Returns
    -------
    Claims
    """
    checked_whole("number of seeds", seeds, 1, MOST_SEEDS)
    checked_seed(first_seed)
    wanted = tuple(register().claims.values() if claims is None else claims)
    places = load_territory(territory)
    requests = _requests(wanted, pair, scale, start, end, territory)
    jobs = [(name, seed) for name in requests for seed in range(first_seed, first_seed + seeds)]
    found = _measured(requests, jobs, processes or usable_cores(), progress)
    measures = {name: [found[job] for job in jobs if job[0] == name] for name in requests}
    return Claims(table_of(wanted, measures, every_pair=pair is not None), places, scale)


def table_of(
    claims: Iterable[Claim],
    measures: Mapping[str, Sequence[Mapping[str, float]]],
    *,
    every_pair: bool = False,
    seeds_per_draw: int | None = None,
) -> pd.DataFrame:
    """Return the verdicts from what was measured.

    Parameters
    ----------
    claims : iterable of Claim
    measures : mapping
        By pair of scenarios, for each seed the measures by name.
    every_pair : bool
        Test a claim on all pairs measured, not on those it names.
    seeds_per_draw : int, optional
        So many seeds in a row share a draw of a posterior.

    Returns
    -------
    pandas.DataFrame
        See `Claims.table`.
    """
    rows = []
    for claim in claims:
        pairs = measures if every_pair and claim.measure else claim.pairs
        rows += [
            _row(claim, name, measures[name], seeds_per_draw) for name in pairs if name in measures
        ]
        if claim.outside:
            rows.append(_row(claim, "", (), None))
    return pd.DataFrame(rows)


def _row(
    claim: Claim, pair: str, seeds: Sequence[Mapping[str, float]], seeds_per_draw: int | None
) -> dict[str, Any]:
    values = [each[claim.measure] for each in seeds]
    mean, low, high = interval(values, seeds_per_draw)
    if claim.measure in SHARES:
        # Of few seeds the interval may reach beyond what a share can be.
        low, high = max(low, 0.0), min(high, 100.0)
    return {
        "claim": claim.name,
        **{f"text_{language}": claim.text[language] for language in LANGUAGES},
        "sense": claim.sense,
        "number": claim.number,
        "claim_low": claim.low,
        "claim_high": claim.high,
        "claim_least": claim.least,
        **{f"unit_{language}": claim.unit[language] for language in LANGUAGES},
        "measure": claim.measure,
        **{f"condition_{language}": claim.condition[language] for language in LANGUAGES},
        **{f"caution_{language}": claim.caution[language] for language in LANGUAGES},
        "pair": pair,
        "seeds": _known(values, seeds_per_draw).size,
        "mean": mean,
        "low": low,
        "high": high,
        "verdict": verdict(claim, low, high),
        **{f"outside_{language}": claim.outside.get(language, "") for language in LANGUAGES},
        "assumes": ", ".join(claim.assumes),
        **{f"whose_{language}": claim.whose[language] for language in LANGUAGES},
        **{f"source_{language}": claim.source[language] for language in LANGUAGES},
        "url": claim.url,
        "year": "" if claim.year is None else str(claim.year),
    }


def _requests(
    claims: tuple[Claim, ...],
    pair: tuple[str | Scenario, str | Scenario] | None,
    scale: float,
    start: dt.date | None,
    end: dt.date | None,
    territory: str | None,
) -> dict[str, PairSpec]:
    """Return what to run, by the name that a verdict gives it."""
    places = load_territory(territory)
    named: dict[str, tuple[str | Scenario, str | Scenario]] = {
        name: each
        for name, each in register().pairs.items()
        if any(name in claim.pairs for claim in claims)
    }
    if pair is not None:
        named = {load_scenario(pair[1], places).name: pair}
    requests = {}
    for name, (without, with_) in named.items():
        a, b = load_scenario(without, places), load_scenario(with_, places)
        if (start is None and a.start != b.start) or (end is None and a.end != b.end):
            raise ResultError(
                f"'{a.name}' runs from {a.start} to {a.end} and '{b.name}' from {b.start} to "
                f"{b.end}: a pair must be of one period."
            )
        first, last = start or a.start, end or a.end
        if pair is None and (last < a.start or first > a.end):
            continue
        days_of_run(a, start, end)
        _check_telecentres(a, b, first, last, places)
        sides = (
            RunSpec(each, scale=scale, start=first, end=last, territory=territory)
            for each in (a, b)
        )
        requests[name] = PairSpec(*sides)
    if named and not requests:
        raise ResultError(
            f"No claim is tested from {start} to {end}: its pairs of scenarios, "
            f"{', '.join(named)}, are of other years; name a pair."
        )
    return requests


def _check_telecentres(
    a: Scenario, b: Scenario, start: dt.date, end: dt.date, places: Territory
) -> None:
    """Refuse a pair that does not go from no telecentres to some: no claim is about another."""
    days = working_days(start, end)
    for scenario, wanted in ((a, False), (b, True)):
        if bool(sites_in_order(scenario, places, days)) != wanted:
            raise ResultError(
                "Claims are tested on a scenario with telecentres against one without; "
                f"'{scenario.name}' has {'none' if wanted else 'some'} from {start} to {end}."
            )


def _measured(
    requests: Mapping[str, PairSpec],
    jobs: list[tuple[str, int]],
    processes: int,
    progress: Callable[[int, int], None] | None,
) -> dict[tuple[str, int], dict[str, float]]:
    """Run the pairs, here or in processes of one thread each; the order does not matter."""
    found: dict[tuple[str, int], dict[str, float]] = {}

    def tell() -> None:
        if progress is not None:
            progress(len(found), len(jobs))

    if processes == 1 or len(jobs) == 1:
        for name, seed in jobs:
            found[name, seed] = run_pair(requests[name].with_seed(seed)).measures
            tell()
        return found
    pairs = run_pairs([requests[name].with_seed(seed) for name, seed in jobs], processes)
    for place, outcome in pairs:
        found[jobs[place]] = outcome.measures
        tell()
    return found
