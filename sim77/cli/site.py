"""The command ``sim77 site``: where to open the next telecentres."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim77.cli.arguments import check_out, cluster_arguments, number, whole, world_arguments
from sim77.cli.posterior import add_posterior
from sim77.core.errors import StudyError

if TYPE_CHECKING:
    from sim77.analysis.siting.options import Options

DRAWS = 16
"""Draws of ``--robust`` without a number."""

_WRITTEN = {"sizes": "--desks", "fresh_seeds": "--seeds", "draws": "--robust"}
"""How the command line writes options that have another name in `Options`."""

_OBJECTIVES = ("surplus", "use", "minutes", "net")
_STAGES = {
    "static": "static optimum",
    "search": "search, runs",
    "judge": "fresh seeds, runs",
    "regret": "regret, runs",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 site``."""
    add = parser.add_argument
    add("--sites", type=whole, required=True, metavar="N", help="telecentres to open")
    add(
        "--budget", type=number, metavar="EUR",
        help="a year, for all of them (default: N urban centres of ten desks)",
    )  # fmt: skip
    add("--scenario", default="hybrid-2022", help="what is there already (default hybrid-2022)")
    add("--from-scratch", action="store_true", help="close the telecentres of the scenario first")
    add(
        "--objective", choices=_OBJECTIVES, default="surplus",
        help="workers' surplus, use of centres, travel time saved, or net of operators' losses",
    )  # fmt: skip
    add("--desks", default="5,10,20,40", metavar="LIST", help="sizes (default 5,10,20,40)")
    add(
        "--robust", type=whole, nargs="?", const=DRAWS, default=0, metavar="DRAWS",
        help=f"regret over uncertain parameters (default {DRAWS} draws)",
    )  # fmt: skip
    add_posterior(
        parser, "judge plans under its draws; without FILE, the posterior that is shipped"
    )
    add("--days", type=whole, default=20, help="working days of a run (default 20)")
    add("--evaluations", type=whole, default=200, metavar="N", help="runs to search (default 200)")
    add("--seeds", type=whole, default=5, help="fresh seeds to judge plans by (default 5)")
    add("--random", type=whole, default=20, metavar="N", help="random networks (default 20)")
    add("--seed", type=whole, default=1, help="first training seed (default 1)")
    add("--scale", type=number, default=1.0, help="share of the workers simulated (default 1)")
    world_arguments(parser)
    cluster_arguments(parser)
    add("--dry-run", action="store_true", help="check all and say how long it would take")
    add("--out", metavar="FOLDER", help="where tables, plan.yaml and the page site.html go")
    add("--overwrite", action="store_true", help="replace the results already in FOLDER")
    add("--lang", choices=("fr", "en"), default="en", help="of the text (default en)")
    add("--quiet", action="store_true", help="no progress and no text")


def run(arguments: argparse.Namespace) -> int:
    """Search, print, write."""
    from sim77.analysis.siting.result import PLAN, Siting
    from sim77.analysis.siting.run import expected_search, find_sites
    from sim77.report.output import PAGES, save, text
    from sim77.runs.store import SITING

    options = _options(arguments)
    asked: dict[str, Any] = {
        "scenario": arguments.scenario,
        "scale": arguments.scale,
        "workplaces": arguments.workplace,
        "overrides": arguments.overrides,
        "posterior": arguments.posterior,
        "territory": arguments.territory,
        "workers": arguments.workers,
    }
    if arguments.dry_run:
        runs, seconds = expected_search(options, **asked)
        print(_expected(runs, seconds))
        return 0
    check_out(arguments, SITING)
    progress = None if arguments.quiet else _Progress()
    found = find_sites(
        options,
        **asked,
        scheduler=arguments.scheduler,
        stage=progress,
    )
    if arguments.out:
        save(found, arguments.out, overwrite=arguments.overwrite)
    if progress is not None:
        progress.close()
        print(text(found, arguments.lang))
        if arguments.out:
            out = Path(arguments.out)
            page = out / PAGES[Siting][0]
            print(f"\nWritten to {out}; for people: {page}; to run: {out / PLAN}")
    return 0


def _options(arguments: argparse.Namespace) -> Options:
    from sim77.analysis.siting.options import Options
    from sim77.analysis.sweep.entries import MisplacedError

    try:
        return Options(
            sites=arguments.sites,
            budget=arguments.budget,
            objective=arguments.objective,
            from_scratch=arguments.from_scratch,
            sizes=_sizes(arguments.desks),
            days=arguments.days,
            evaluations=arguments.evaluations,
            fresh_seeds=arguments.seeds,
            random=arguments.random,
            draws=arguments.robust,
            seed=arguments.seed,
        )
    except MisplacedError as error:
        name = str(error.path[0])
        raise StudyError(f"{_WRITTEN.get(name, f'--{name}')}: {error.message}") from None


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(each) for each in text.split(",")}))
    except ValueError:
        raise StudyError(
            f"--desks takes whole numbers with commas, like 5,10,20, not '{text}'."
        ) from None


def _expected(runs: int, seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"Up to {runs} runs, about {minutes} min, after the static optimum (a minute)."


class _Progress:
    """Says how long it will take and, on a terminal, shows how far it is."""

    def __init__(self) -> None:
        self._name = ""
        self._bar: Any = None

    def __call__(self, name: str, done: int, total: int) -> None:
        """Take note of a stage, what is done of it and what there is in all."""
        if name == "expect":
            print(_expected(total, done), file=sys.stderr)
        elif sys.stderr.isatty():
            from tqdm import tqdm

            if name != self._name:
                self.close()
                self._name, self._bar = name, tqdm(total=total, desc=_STAGES[name], leave=False)
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
