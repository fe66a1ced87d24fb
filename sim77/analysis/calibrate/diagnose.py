"""The diagnostics of a calibration: each one computed, judged, and written to its folder.

Recovery and simulation-based calibration need only the study; what the data identify, predictive
checks and conclusions need the finished calibration in the folder. Every one may be killed and goes
on when called again: what is evaluated is kept, and tables are written whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from sim77.analysis.calibrate.abc import DATABASE
from sim77.analysis.calibrate.calibrate import EVALUATIONS_FILE, claim
from sim77.analysis.calibrate.conclusions import draw_conclusions, summarised
from sim77.analysis.calibrate.evaluations import Evaluations, ResultCache
from sim77.analysis.calibrate.identify import identify
from sim77.analysis.calibrate.pool import pooled
from sim77.analysis.calibrate.predictive import check_predictions
from sim77.analysis.calibrate.profile import Profile, make_profile
from sim77.analysis.calibrate.recovery import TRUTHS, recover
from sim77.analysis.calibrate.sbc import rank_truths
from sim77.analysis.calibrate.settle import settled
from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.analysis.calibrate.tables import posterior_of
from sim77.analysis.calibrate.verdict import Verdict
from sim77.core.errors import StudyError
from sim77.core.files import csv_of, replace_text
from sim77.core.yaml_file import read_yaml
from sim77.runs.cluster import open_cluster
from sim77.runs.run import made_with

FOLDER, SUMMARY_FILE, PAIRS_FILE = "diagnostics", "diagnostics.yaml", "conclusions.db"


@dataclass(frozen=True)
class Diagnosis:
    """Computes the diagnostics of one calibration.

    Attributes
    ----------
    study : CalibrationStudy
    folder : pathlib.Path
        Of the calibration; tables go to its ``diagnostics``.
    workers, scheduler : optional
        As in `sim77.runs.cluster.open_cluster`.
    tell : callable, optional
        Called with a sentence at each step.
    """

    study: CalibrationStudy
    folder: Path
    workers: int | None = None
    scheduler: str | None = None
    tell: Callable[[str], None] | None = None

    def recovery(self, truths: int | None = None) -> list[Verdict]:
        """Recover known truths; see `sim77.analysis.calibrate.recovery`."""
        began = time.perf_counter()
        found = recover(
            self.study, self.folder, truths or TRUTHS, workers=self.workers,
            scheduler=self.scheduler, tell=self.tell,
        )  # fmt: skip
        tables = {"recovery": found.intervals, "recovery_counts": found.counts}
        reduced = self.study.for_recovery()
        settings = {
            "scale": reduced.scale, "population": reduced.population,
            "generations": reduced.generations, "truths": truths or TRUTHS,
        }  # fmt: skip
        return [self._left(Verdict("recovery", found.passed, tables, settings), began)]

    def sbc(self, truths: int | None = None) -> list[Verdict]:
        """Rank truths among their posteriors' draws; see `sim77.analysis.calibrate.sbc`."""
        began = time.perf_counter()
        found = rank_truths(
            self.study, self.folder, truths, workers=self.workers, scheduler=self.scheduler,
            tell=self.tell,
        )  # fmt: skip
        tables = {"sbc": found.ranks, "sbc_counts": found.counts}
        settings = {**self.study.sbc, "truths": int(found.ranks["truth"].nunique())}
        return [self._left(Verdict("sbc", found.passed, tables, settings), began)]

    def profiles(self) -> list[Verdict]:
        """Say what the data identify, and check predictions."""
        began = time.perf_counter()
        self._need_calibration()
        self._say("profiling each parameter")
        profile = make_profile(self.study)
        with open_cluster(self.workers, self.scheduler) as cluster, self._cached(cluster) as cached:
            posterior = posterior_of(profile, cached, self._draws(profile, cached))
            found = identify(profile, cached, self.folder, posterior.widths)
        checked = check_predictions(profile, posterior)
        tables = {"profiles": found.profiles, "identification": found.parameters}
        error = {"surrogate_error": round(found.surrogate_error, 4)}
        targets = {"predictive": checked.targets}
        return [
            self._left(Verdict("identification", None, tables, error), began),
            self._left(Verdict("predictive", checked.passed, targets, {}), began),
        ]

    def conclusions(self, scale: float = 1.0) -> list[Verdict]:
        """Draw headline conclusions at the ends of what is not identified, and at draws."""
        began = time.perf_counter()
        self._need_calibration()
        self._need(f"{FOLDER}/identification.csv", "--profiles")
        self._say("drawing conclusions over what the data leave open")
        profile, tables = make_profile(self.study), self.folder / FOLDER
        with open_cluster(self.workers, self.scheduler) as cluster, self._cached(cluster) as cached:
            draws = self._draws(profile, cached)
            solved = posterior_of(profile, cached, draws).point
            with closing(ResultCache(self.folder / PAIRS_FILE, cluster)) as pairs:
                found = draw_conclusions(
                    profile, cached, pairs, solved, draws, pd.read_csv(tables / "profiles.csv"),
                    pd.read_csv(tables / "identification.csv"), scale=scale,
                )  # fmt: skip
        left = {"conclusions": found, "sensitivity": summarised(found)}
        return [self._left(Verdict("conclusions", None, left, {"scale": scale}), began)]

    def _draws(self, profile: Profile, cached: Evaluations) -> pd.DataFrame:
        return settled(profile, cached, pooled(self.study, self.folder))

    def _cached(self, cluster: Any) -> closing[Evaluations]:
        return closing(Evaluations(self.folder / EVALUATIONS_FILE, cluster))

    def _say(self, sentence: str) -> None:
        if self.tell is not None:
            self.tell(sentence)

    def _need_calibration(self) -> None:
        self._need(DATABASE, "the calibration itself")
        claim(self.folder, self.study)

    def _need(self, file: str, what: str) -> None:
        if not (self.folder / file).exists():
            raise StudyError(
                f"'{self.folder}' has no {file}, expected what {what} leaves there: run it first."
            )

    def _left(self, verdict: Verdict, began: float) -> Verdict:
        """Write tables and verdict, each file at once, and return the verdict."""
        folder = self.folder / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in verdict.tables.items():
            replace_text(folder / f"{name}.csv", csv_of(table))
        file = folder / SUMMARY_FILE
        summary = read_yaml(file, StudyError)[1] if file.exists() else {}
        summary[verdict.name] = {
            "passed": verdict.passed, "seed": self.study.seed, **verdict.settings,
            "seconds_now": round(time.perf_counter() - began, 1), **made_with(),
        }  # fmt: skip
        replace_text(file, yaml.safe_dump(summary, sort_keys=False, allow_unicode=True, width=100))
        return verdict
