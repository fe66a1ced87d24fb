"""A calibration from its study file to its tables. The page to read first.

1. Generation after generation, points are drawn, the anchor years simulated for each, the
   agreements solved, and what is left compared with the targets (`profile`, `abc`).
2. Of all generations (`pool`) the nearest particles are moved to the observations by local-linear
   regression (`settle`).
3. The posterior, the targets it meets and misses, and the solved point go to small tables; the
   solved point is run once more on another seed and a larger sample, agreements in place.

Everything is kept in the folder as soon as it is known; running the command again goes on, and ends
with the same tables wherever it was stopped.
"""

from __future__ import annotations

import errno
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import yaml

from sim77.analysis.calibrate.abc import Generation, sample_posterior
from sim77.analysis.calibrate.centres import spread_centres
from sim77.analysis.calibrate.evaluations import Evaluations, open_evaluations
from sim77.analysis.calibrate.pool import pooled
from sim77.analysis.calibrate.profile import Profile, make_profile
from sim77.analysis.calibrate.result import Calibration
from sim77.analysis.calibrate.settle import settled
from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.analysis.calibrate.tables import (
    checked_point,
    posterior_of,
    proposals,
    targets_table,
)
from sim77.analysis.calibrate.targets import data_hashes
from sim77.core.errors import ResultError, StudyError, why
from sim77.core.files import csv_of, locked, replace_text, replacing
from sim77.core.version import __version__
from sim77.runs.run import made_with
from sim77.runs.store import write_manifest

EVALUATIONS_FILE, STATE_FILE = "evaluations.db", "study.json"
TABLES = ("posterior.csv", "posterior.parquet", "targets.csv", "widths.csv", "solved.yaml")


def calibrate(
    study: CalibrationStudy,
    out: str | Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    observed: Mapping[str, float] | None = None,
    evaluations: Evaluations | None = None,
    tell: Callable[[str], None] | None = None,
) -> Calibration:
    """Run a calibration, or go on with it.

    Parameters
    ----------
    study : CalibrationStudy
    out : path
        Folder of the calibration; what an earlier call left there is used.
    workers : int, optional
        Processes on this machine, by default one a core; 0 runs everything in this one.
    scheduler : str, optional
        Address of a Dask scheduler.
    observed : mapping of str to float, optional
        Values in place of the targets' own: synthetic data, to see whether a truth is found again.
    evaluations : Evaluations, optional
        Open ones to use and leave open, so that several calibrations share what they computed;
        `workers` and `scheduler` are then those it was made with.
    tell : callable, optional
        Called with a sentence at each step.

    Returns
    -------
    Calibration

    Raises
    ------
    StudyError
        If the folder holds another calibration, another process works in it, or too few
        evaluations were allowed for one generation.
    """
    began = time.perf_counter()
    say = tell or (lambda _: None)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder), _full_disk_told(folder):
        claim(folder, study, observed)
        profile = make_profile(study, observed)
        with (
            open_evaluations(folder / EVALUATIONS_FILE, workers, scheduler)
            if evaluations is None
            else nullcontext(evaluations)
        ) as cached:
            calibration = _calibrated(profile, cached, folder, say)
            _write(calibration, profile, cached, time.perf_counter() - began)
    return calibration


@contextmanager
def _full_disk_told(folder: Path) -> Iterator[None]:
    """Turn what SQLite says of a full disk into what the system says of it."""
    try:
        yield
    except Exception as error:
        text = error if isinstance(error, sqlite3.Error) else error.__cause__
        code = getattr(text, "sqlite_errorcode", 0) & 0xFF
        if code not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise
        full = OSError(errno.ENOSPC, "")
        raise ResultError(f"Cannot write the calibration to {folder}: {why(full)}.") from error


def _calibrated(
    profile: Profile, cached: Evaluations, folder: Path, say: Callable[[str], None]
) -> Calibration:
    study = profile.study
    done = sample_posterior(profile, cached, folder, lambda each: say(_told(each, study)))
    if not done:
        raise StudyError(
            f"{study.most_evaluations} evaluations are too few for a first generation of "
            f"{study.population}: raise most_evaluations."
        )
    say("moving particles to the observations")
    posterior = posterior_of(profile, cached, settled(profile, cached, pooled(study, folder)))
    say("checking the solved point on another seed")
    check = checked_point(profile, cached, posterior)
    centres = None
    if study.centres is not None:
        say("reading how often telecentres would be used")
        posterior, centres = spread_centres(posterior, study.centres, study.seed, study.territory)
    targets = targets_table(profile, posterior, check)
    return Calibration(study, folder, posterior, targets, done, centres)


def claim(
    folder: Path, study: CalibrationStudy, observed: Mapping[str, float] | None = None
) -> None:
    """Note in a folder whose calibration it holds, or make sure that it is this one's.

    Parameters
    ----------
    folder : pathlib.Path
    study : CalibrationStudy
    observed : mapping of str to float, optional
        As in `calibrate`.

    Raises
    ------
    StudyError
        If it holds another one: what is kept there belongs to other numbers.
    """
    file = folder / STATE_FILE
    state = {
        "study": study.hash, "observed": dict(observed or {}), "sim77": __version__,
        "data": data_hashes(study.territory), "defaults": study.defaults_hash,
        "ranges": study.ranges_solved,
    }  # fmt: skip
    if not file.exists():
        there = next((name for name in TABLES if (folder / name).exists()), None)
        if there is not None and not (folder / EVALUATIONS_FILE).exists():
            raise StudyError(
                f"'{folder}' holds a {there} without the evaluations of a calibration: it would be "
                "lost; choose an empty folder (--out)."
            )
        replace_text(file, json.dumps(state))
        return
    cached = _read(file)
    for name, value in state.items():
        if cached.get(name) != value:
            raise StudyError(
                f"'{folder}' holds a calibration {_OTHERS[name]}, expected an empty folder or the "
                "same: choose another folder (--out)."
            )


_OTHERS = {
    "study": "of another study",
    "observed": "of other observations",
    "defaults": "with other values in the registry",
    "ranges": "with other ranges of agreements in the registry",
    "data": "from other data",
    "sim77": "by another version of sim77",
}


def _read(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StudyError(
            f"'{file}' is damaged ({error}): delete it, and the same command makes it again."
        ) from error
    return found


def evaluations_cached(folder: Path) -> int:
    """Return how many evaluations a folder holds, those of its diagnostics included."""
    found = 0
    for path in folder.rglob(EVALUATIONS_FILE):
        # Stopped in its first moment, a file has no table yet.
        with closing(sqlite3.connect(path)) as file, suppress(sqlite3.OperationalError):
            found += file.execute("SELECT COUNT(*) FROM answers").fetchone()[0]
    return found


def _told(generation: Generation, study: CalibrationStudy) -> str:
    return (
        f"generation {generation.number + 1} of {study.generations}: {generation.evaluations} "
        f"points, distance {generation.median_distance:.2f} in the middle, worth "
        f"{generation.effective:.0f} independent draws"
    )


def _write(
    calibration: Calibration, profile: Profile, evaluations: Evaluations, seconds: float
) -> None:
    folder, study = calibration.folder, calibration.study
    table = calibration.posterior.table
    with replacing(folder / "posterior.parquet") as partial:
        table.to_parquet(partial, index=False)
    for name, each in (
        ("posterior.csv", table),
        ("targets.csv", calibration.targets),
        ("widths.csv", calibration.posterior.widths),
    ):
        replace_text(folder / name, csv_of(each))
    solved = yaml.safe_dump(proposals(profile, calibration.posterior), sort_keys=False)
    replace_text(folder / "solved.yaml", solved)
    manifest: dict[str, Any] = {
        "kind": "calibration",
        "title": dict(study.title),
        "question": dict(study.question),
        "study_hash": study.hash,
        "anchors": list(study.anchors),
        "seed": study.seed,
        "scale": study.scale,
        "free": {each.name: list(each.parameters) for each in study.free},
        "prior": {each.name: [each.low, each.high] for each in study.free},
        "centres": vars(calibration.centres) if calibration.centres else None,
        "generations": [vars(each) for each in calibration.generations],
        "evaluations_computed_now": evaluations.computed,
        "seconds_now": round(seconds, 1),
        "sim77": __version__,
        "territory": study.territory,
        "data": data_hashes(study.territory),
        **made_with(),
    }
    write_manifest(folder, manifest, TABLES)
