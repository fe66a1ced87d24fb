"""``sim77 validate``: runs with the calibrated parameters, compared with what no fit has seen.

1. From the posterior some draws are taken, evenly by weight; each goes with a seed of its own, none
   of them the fit's, so that the interval holds both what the parameters leave open and chance.
2. No observation says how often telecentres are used. Their constant is therefore spread over the
   draws between the values that give `CENTRE_SHARES` of the remote days of who works in Paris in
   2022, found by a few runs in the middle of the posterior. Where full desks keep centres below
   that at any constant, it is spread up to the end of its range.
3. Each draw runs what ``validations.yaml`` asks for. A row passes if the mean over the draws is
   within its error; where it is not, the interval says how surely.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.agreements import agreements_on
from sim77.analysis.calibrate.centres import CENTRE_SHARES, CENTRES
from sim77.analysis.calibrate.observe import WorkdayTrace
from sim77.analysis.calibrate.tables import HIGH, LOW, drawn, within_ranges
from sim77.analysis.calibrate.targets import mix_for
from sim77.analysis.validate.measures import MEASURES, Seen, Visits
from sim77.analysis.validate.rows import (
    FAIL,
    LIST_FILE,
    NOT_COMPARABLE,
    PASS,
    SITES_OPEN,
    VALIDATION_FILE,
    Check,
    ValidationRun,
    checks,
    shipped,
    validation_runs,
)
from sim77.core.errors import StudyError
from sim77.core.files import csv_of, given_table, replace_text
from sim77.core.units import HALF_COLUMNS
from sim77.engine.scope import checked_whole
from sim77.registry.indicators import of_all_modes
from sim77.registry.parameters import load_parameters
from sim77.runs.cluster import Cluster, Failure, open_cluster, run_batches
from sim77.runs.execute import RunSpec, finish, start_model
from sim77.runs.run import made_with
from sim77.runs.store import MANIFEST, read_manifest
from sim77.scenario.parts import Change
from sim77.scenario.posterior import check_numbers
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory

DRAWS = 40
QUICK_SCALE = 0.1
"""Times the scale of each run, to see whether all works."""

SEED = 1001
"""Of the first draw; the fit's seeds are small numbers."""

TABLE_FILE, DRAWS_FILE, ABOUT_FILE = "validation.csv", "validation-draws.csv", "validation.json"
CENTRES_RUN = "centres-2022"
PILOTS = 6


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a validation row; see `validation_table`.
    draws : pandas.DataFrame
        One row a draw: ``draw``, ``seed``, ``asc_tc``, then the value of each check.
    about : dict
        What made it.
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    about: dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One run of one draw; small enough to send to another process.

    Attributes
    ----------
    run : str
        A name of `sim77.analysis.validate.rows.validation_runs`.
    spec : RunSpec
    """

    run: str
    spec: RunSpec


def validate(
    folder: str | Path,
    *,
    draws: int = DRAWS,
    scale: float = 1.0,
    workers: int | None = None,
    scheduler: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> Validation:
    """Compare a finished calibration with the validation rows, and keep the tables in its folder.

    Parameters
    ----------
    folder : path
        Of a calibration: ``posterior.csv`` is read, ``validation.csv`` and two more are written.
    draws : int
        From the posterior; at least 2.
    scale : float
        Times the scale of each run, to try it out.
    workers : int, optional
        Processes on this machine, by default one a core; 0 runs everything in this one.
    scheduler : str, optional
        Address of a Dask scheduler.
    tell : callable, optional
        Called with a sentence now and then.

    Returns
    -------
    Validation

    Raises
    ------
    StudyError
        If the folder has no posterior, too few draws are asked for, or a run fails.
    """
    began, say = time.perf_counter(), tell or (lambda _: None)
    checked_whole("number of draws", draws, 2, 10_000)
    posterior, territory = read_posterior(Path(folder)), _territory_of(Path(folder))
    with open_cluster(workers, scheduler) as cluster:
        low, high = (100.0 * share for share in CENTRE_SHARES)
        say(f"finding the constant of telecentres for {low:g} and {high:g} % of remote days")
        ends = centre_constants(posterior, cluster, scale, territory)
        say(f"{draws} draws of {len(validation_runs())} runs")
        table = _all_draws(posterior, drawn(posterior, draws), ends, cluster, scale, say, territory)
    about = {
        "draws": draws,
        "first_seed": SEED,
        "asc_tc": list(ends),
        "share_of_remote_days_in_centres": list(CENTRE_SHARES),
        "scale": scale,
        "rows_sha256": _hash(VALIDATION_FILE),
        "list_sha256": _hash(LIST_FILE),
        "posterior_sha256": hashlib.sha256((Path(folder) / "posterior.csv").read_bytes())
        .hexdigest(),
        "seconds": round(time.perf_counter() - began, 1),
        **made_with(),
    }  # fmt: skip
    validation = Validation(validation_table(table), table, about)
    _write(validation, Path(folder))
    return validation


def read_posterior(folder: Path) -> pd.DataFrame:
    """Return the posterior of a calibration's folder, one row a particle."""
    file = folder / "posterior.csv"
    if not file.is_file():
        raise StudyError(
            f"'{folder}' has no posterior.csv, expected the folder of a finished calibration: "
            "run sim77 calibrate first."
        )
    posterior = given_table(file, "the posterior")
    if "weight" not in posterior or posterior.empty:
        raise StudyError(f"{file} has no column 'weight' or no row: sim77 calibrate writes it.")
    check_numbers(file, posterior)
    return posterior


def _territory_of(folder: Path) -> str | None:
    """Return the territory that a calibration was made on, None for Seine-et-Marne."""
    if not (folder / MANIFEST).is_file():
        return None
    found: str | None = read_manifest(folder).get("territory")
    return found


def _values(row: pd.Series) -> dict[str, float]:
    return {str(name): float(x) for name, x in row.items() if name not in ("weight", "distance")}


# Runs --------------------------------------------------------------------------------------


def observe(task: Task) -> dict[str, float]:
    """Do one run; the function that workers call.

    Returns
    -------
    dict of str to float
        By check; a check relative to another run appears with the value of either.
    """
    run = validation_runs()[task.run]
    seen = _seen(run, task)
    mine = [each for each in checks()[0] if task.run in (each.run, each.relative_to)]
    territory = task.spec.places.reference
    return {each.name: MEASURES[each.measure](seen, _options(each, territory)) for each in mine}


def _options(check: Check, territory: str | None) -> dict[str, Any]:
    mix = mix_for(check.mix, territory)
    return {**check.options, **({"mix": mix} if mix else {})}


def task_of(
    run: ValidationRun,
    parameters: Mapping[str, float],
    *,
    seed: int,
    scale: float,
    everywhere: bool = True,
    territory: str | None = None,
) -> Task:
    """Return a run with some parameters, at a share of its scale.

    All residents at work, or those who work in the territory's default zones.
    """
    territory = run.territory or territory
    place = load_territory(territory)
    spec = RunSpec(
        _scenario(run, place), seed=seed, scale=run.scale * scale,
        workplaces=place.workplace_zones if everywhere else None,
        start=run.start, end=run.end, overrides=parameters, territory=territory,
    )  # fmt: skip
    return Task(run.name, spec)


def _seen(run: ValidationRun, task: Task) -> Seen:
    model = start_model(task.spec)
    visits, trace = Visits(model), WorkdayTrace(model) if run.trace else None
    finish(model)
    if trace is not None:
        trace.end_week()
    return Seen(model, agreements_on(run.start, task.spec.overrides), visits, trace)


def _scenario(run: ValidationRun, territory: Territory) -> Scenario:
    scenario = load_scenario(run.scenario, territory)
    changes = tuple(Change(run.start, lever, value) for lever, value in run.changes.items())
    return scenario.with_(changes=(*scenario.changes, *changes)) if changes else scenario


def centre_constants(
    posterior: pd.DataFrame, cluster: Cluster, scale: float = 1.0, territory: str | None = None
) -> tuple[float, float]:
    """Return the constants of telecentres that give the ends of `CENTRE_SHARES`.

    The share of remote days spent in the centres of 2022 by those who work in the territory's
    default zones is run at several constants over the registry's range, in the middle of the
    posterior, and its logarithm read between them; an end that the range does not reach is the
    range's.
    """
    entry, run = load_parameters()[CENTRES[0]], validation_runs()[CENTRES_RUN]
    means = posterior.mul(posterior["weight"] / posterior["weight"].sum(), axis=0).sum()
    middle = within_ranges(_values(means))
    constants = np.linspace(entry.low, entry.high, PILOTS)
    tasks = [
        task_of(
            run, middle | dict.fromkeys(CENTRES, float(x)), seed=SEED, scale=scale,
            everywhere=False, territory=territory,
        )
        for x in constants
    ]  # fmt: skip
    shares = np.empty(PILOTS)
    for index, share in run_batches(cluster, centre_share, tasks, batch_size=1, total=PILOTS):
        shares[index] = _no_failure(share)
    logs = np.log(np.maximum.accumulate(np.maximum(shares, 1e-9)))
    low, high = np.interp(np.log(CENTRE_SHARES), logs, constants).tolist()
    return low, high


def centre_share(task: Task) -> float:
    """Return the share of remote days spent in telecentres; called by workers."""
    days = _seen(validation_runs()[task.run], task).tables["days"]
    there = days["telecentre"].sum() + 0.5 * of_all_modes(days, HALF_COLUMNS).sum()
    return float(there / (0.5 * days["remote_half_days"].sum()))


def _all_draws(
    posterior: pd.DataFrame,
    rows: np.ndarray,
    ends: tuple[float, float],
    cluster: Cluster,
    scale: float,
    say: Callable[[str], None],
    territory: str | None,
) -> pd.DataFrame:
    """Run everything for every draw; the constant of centres is spread over the draws."""
    n = rows.size
    ranks = np.random.default_rng(SEED).permutation(n)
    constants = ends[0] + (ends[1] - ends[0]) * (ranks + 0.5) / n
    runs = sorted(validation_runs().values(), key=_length, reverse=True)
    tasks, of = [], []
    for k, row in enumerate(rows.tolist()):
        values = _values(posterior.iloc[row]) | dict.fromkeys(CENTRES, float(constants[k]))
        given = within_ranges(values)
        for run in runs:
            tasks.append(task_of(run, given, seed=SEED + k, scale=scale, territory=territory))
            of.append(k)
    facts = {
        each.name: _sites_open(each, territory)
        for each in checks()[0]
        if each.measure == SITES_OPEN
    }
    found: dict[tuple[int, str], dict[str, float]] = {}
    for index, value in run_batches(cluster, observe, tasks, batch_size=1, total=len(tasks)):
        found[of[index], tasks[index].run] = _no_failure(value)
        if len(found) % len(runs) == 0:
            say(f"{len(found)} of {len(tasks)} runs")
    return pd.DataFrame([
        {"draw": int(row), "seed": SEED + k, "asc_tc": float(constants[k])}
        | {
            each.name: facts[each.name] if each.name in facts else _value(each, found, k)
            for each in checks()[0]
        }
        for k, row in enumerate(rows.tolist())
    ])  # fmt: skip


def _length(run: ValidationRun) -> float:
    return (run.end - run.start).days * run.scale


def _no_failure(value: Any) -> Any:
    if isinstance(value, Failure):
        raise StudyError(f"a run of the validation failed, {value.item.run}: {value.message}.")
    return value


def _value(check: Check, found: Mapping[tuple[int, str], dict[str, float]], k: int) -> float:
    value = found[k, check.run][check.name]
    if check.relative_to:
        return 100.0 * value / found[k, check.relative_to][check.name]
    return value


def _sites_open(check: Check, territory: str | None) -> float:
    """Return how many telecentres a scenario has open on a day, in a département or anywhere."""
    place, day = load_territory(territory), check.options["day"]
    found = load_scenario(check.options["scenario"], place).state_on(day, place).sites
    commune = place.sites.set_index("telecentre_id")["commune_code"]
    within = commune[[each.telecentre_id for each in found]].str.startswith(
        check.options.get("department", "")
    )
    return float(within.sum())


# Tables ------------------------------------------------------------------------------------


def validation_table(draws: pd.DataFrame) -> pd.DataFrame:
    """Return one row a validation row: failures first, then passes, then what is not comparable.

    Parameters
    ----------
    draws : pandas.DataFrame
        As in `Validation.draws`.

    Returns
    -------
    pandas.DataFrame
        ``row``, ``verdict``, ``expects``, ``value``, ``error``, ``unit``, ``model`` (mean),
        ``low`` and ``high`` (90 % interval of draws and seeds, where the next draw falls with that
        chance; of fewer than 19 draws the least and the greatest, which hold it in 85 % for 12),
        ``misses`` (distance to what the row allows, in errors, 0 within), ``surely`` (whether the
        interval lies wholly on the verdict's side), ``run``, ``year``, ``geography``, ``reason``,
        ``source``. The last rows have no model.
    """
    tied, left = checks()
    rows = [_row(check, draws[check.name].to_numpy(float)) for check in tied]
    order = {FAIL: 0, PASS: 1}
    rows.sort(key=lambda row: (order[row["verdict"]], -row["misses"]))
    for each in left:
        rows.append({
            "row": each.name, "verdict": NOT_COMPARABLE, "value": each.value, "error": each.error,
            "unit": each.unit, "year": each.year, "geography": each.geography,
            "reason": each.reason, "source": each.source,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _row(check: Check, x: np.ndarray) -> dict[str, Any]:
    seen = x[np.isfinite(x)]
    if not seen.size:
        raise StudyError(f"no run has anything to compare with '{check.name}': use a larger scale.")
    mean = float(seen.mean())
    # The usual quantiles of few draws lie too far inside: those of 12 hold the next in 76 %.
    low, high = np.quantile(seen, (LOW, HIGH), method="weibull").tolist()
    least, most = check.band
    verdict = check.verdict(mean)
    inside = (low >= least and high <= most, high < least or low > most)
    return {
        "row": check.name, "verdict": verdict, "expects": check.expects, "value": check.value,
        "error": check.error, "unit": check.unit, "model": mean, "low": low, "high": high,
        "misses": max(least - mean, mean - most, 0.0) / check.error,
        "surely": inside[0] if verdict == PASS else inside[1],
        "run": check.run or str(check.options["scenario"]), "year": check.year,
        "geography": check.geography, "reason": "", "source": check.source,
    }  # fmt: skip


def _hash(file: str) -> str:
    return hashlib.sha256(shipped(file).encode()).hexdigest()


def _write(validation: Validation, folder: Path) -> None:
    """Keep the tables; each file is complete or as it was."""
    for name, frame in ((TABLE_FILE, validation.table), (DRAWS_FILE, validation.draws)):
        replace_text(folder / name, csv_of(frame))
    text = json.dumps(validation.about, indent=2, ensure_ascii=False)
    replace_text(folder / ABOUT_FILE, text + "\n")
