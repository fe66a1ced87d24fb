"""The command ``sim77 sweep``: many runs of a study, into a store that can be resumed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim77.cli.arguments import cluster_arguments, whole
from sim77.cli.posterior import add_posterior

if TYPE_CHECKING:
    from sim77.analysis.sweep.study import Study

SOME_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 sweep``."""
    add = parser.add_argument
    add("study", metavar="STUDY", help="a study file, or a folder of runs to go on with")
    add("--out", metavar="FOLDER", help="where the runs go (default: out/ and the study's folder)")
    add_posterior(parser, "as `posterior` in the study; without FILE, the shipped one")
    add("--seeds-per-draw", type=whole, metavar="N", help="as `seeds_per_draw` in the study")
    add(
        "--territory",
        metavar="FOLDER",
        help="as `territory` in the study: another than Seine-et-Marne, its name or folder",
    )
    cluster_arguments(parser)
    add("--retry-failed", action="store_true", help="do the runs that failed again")
    add("--repair", action="store_true", help="set aside what is damaged and do its runs again")
    add("--only", default="", metavar="CONDITION", help="points to run, like 'price_day < 10'")
    add("--dry-run", action="store_true", help="check the study and say how long it would take")
    add("--quiet", action="store_true", help="no progress and no text but failures")


def run(arguments: argparse.Namespace) -> int:
    """Run a study; the exit code says whether a run has failed."""
    from sim77.analysis.sweep.file import load_study
    from sim77.analysis.sweep.results import load_sweep
    from sim77.analysis.sweep.runner import chosen_points, run_study
    from sim77.runs.store import MANIFEST

    study = _drawn(load_study(arguments.study, arguments.territory), arguments)
    chosen = chosen_points(study, arguments.only)
    say = _silent if arguments.quiet else print
    _say_plan(study, len(chosen), say)
    out = _out(arguments)
    if arguments.dry_run:
        _say_time(study, len(chosen), arguments.workers, say)
        if (out / MANIFEST).is_file():
            say(f"Of these {load_sweep(out).n_runs:,} are in {out} already.")
        return 0
    with _progress(arguments.quiet) as bar:
        found = run_study(
            study,
            out,
            workers=arguments.workers,
            scheduler=arguments.scheduler,
            retry_failed=arguments.retry_failed,
            repair=arguments.repair,
            only=arguments.only,
            progress=bar,
            tell=say if bar is None else _above_the_bar,
        )
    failed, stored = len(found.failures()), found.n_runs
    say(f"{stored:,} runs are in {out}; sim77.load({str(out)!r}).table() reads them.")
    if wide := found.n_imprecise:
        repeats = study.repeats
        say(
            f"{wide:,} of {_counted(study.n_points, 'point')} did not reach "
            f"±{repeats.half_width:g} of {repeats.outcome} with {repeats.at_most} replications."
        )
    if failed:
        print(f"{failed:,} runs failed: sim77 sweep {out} --retry-failed does them again.")
        return SOME_FAILED
    return 0


def _drawn(study: Study, arguments: argparse.Namespace) -> Study:
    """Return the study with the posterior that the command line names in place of its own."""
    from sim77.scenario.posterior import posterior_at

    given: dict[str, Any] = {}
    if arguments.posterior is not None:
        # A path of the command line begins here, not at the study's folder.
        given["posterior"] = posterior_at(arguments.posterior, Path.cwd())
    if arguments.seeds_per_draw is not None:
        given["seeds_per_draw"] = arguments.seeds_per_draw
    return replace(study, **given) if given else study


def _out(arguments: argparse.Namespace) -> Path:
    """Return the store: the one that is gone on with, or ``out/`` and the name of the study."""
    from sim77.analysis.sweep.file import default_store
    from sim77.runs.store import MANIFEST

    given = Path(arguments.study)
    if arguments.out:
        return Path(arguments.out)
    if given.is_dir() and (given / MANIFEST).is_file():
        return given
    return default_store(given)


def _say_plan(study: Study, points: int, say: Callable[[str], None]) -> None:
    title, repeats = study.text("title", "en"), study.repeats
    if title:
        say(title)
    often = f"{repeats.at_least}" if repeats.fixed else f"{repeats.at_least} to {repeats.at_most}"
    runs = points * repeats.at_least
    most = "" if repeats.fixed else f" to {points * repeats.at_most:,}"
    pairs = ", each beside its baseline" if study.base is not None else ""
    say(
        f"{runs:,}{most} runs{pairs}: {_counted(points, 'point')} ({study.plan.method}, "
        f"{_counted(len(study.factors), 'factor')}) by {often} "
        f"{'replication' if often == '1' else 'replications'}."
    )
    for warning in study.warnings():
        say(warning)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _say_time(study: Study, points: int, workers: int | None, say: Callable[[str], None]) -> None:
    from sim77.analysis.sweep.runner import in_words, time_one_run
    from sim77.core.machine import usable_cores

    processes = max(usable_cores() if workers is None else workers, 1)
    seconds = time_one_run(study) * points * study.repeats.at_least / processes
    noun = "process" if processes == 1 else "processes"
    say(f"About {in_words(seconds)} with {processes} {noun}: an estimate from one run here.")


def _silent(sentence: str) -> None:
    """Say nothing."""


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give what shows (runs done, runs in all) and the time left; None without a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(unit=" runs", leave=False) as bar:

        def show(done: int, total: int) -> None:
            if bar.total != total:
                # The first call, or a new wave: what was there says nothing about the speed.
                bar.reset(total)
                bar.n = bar.initial = done
            bar.update(done - bar.n)

        yield show


def _above_the_bar(sentence: str) -> None:
    from tqdm import tqdm

    tqdm.write(sentence)
