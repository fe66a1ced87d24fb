"""Runs of the model: ``sim77 run``, ``compare``, ``explain`` and ``claims``."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim77.cli.arguments import (
    UsageError,
    bar_of,
    check_out,
    date_of,
    number,
    scope_arguments,
    whole,
    world_arguments,
)
from sim77.cli.posterior import add_posterior
from sim77.core.errors import ScenarioError

# run ---------------------------------------------------------------------------------------


def run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 run``."""
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", nargs="?", default="network-2014", help="name or YAML file")
    add("--scale", type=number, default=1.0, help="share of the workers simulated (default 1)")
    add("--seed", type=whole, default=1, help="number that fixes every random draw (default 1)")
    scope_arguments(parser)
    add_posterior(parser, "parameters of the draw that goes with the seed; without FILE, shipped")
    add("--out", metavar="FOLDER", help="where the tables go; without it only the summary is shown")
    add("--overwrite", action="store_true", help="replace the results already in FOLDER")
    add("--quiet", action="store_true", help="no progress and no summary")
    add("--profile", action="store_true", help="show the computing time of each phase of a day")


def run_scenario(arguments: argparse.Namespace) -> int:
    """Simulate a scenario, print its summary and write its tables."""
    from sim77.report.output import save, text
    from sim77.report.run.profile import profile_text
    from sim77.runs.run import run
    from sim77.runs.store import RUN

    check_out(arguments, RUN)
    result = run(
        arguments.scenario,
        scale=arguments.scale,
        seed=arguments.seed,
        start=arguments.start,
        end=arguments.end,
        overrides=arguments.overrides,
        posterior=arguments.posterior,
        workplaces=arguments.workplace,
        territory=arguments.territory,
        progress=None if arguments.quiet else bar_of(),
    )
    if arguments.out:
        save(result, arguments.out, overwrite=arguments.overwrite)
    if not arguments.quiet:
        print(text(result))
        if arguments.out:
            print(f"\nWritten to {arguments.out}")
    if arguments.profile:
        print(profile_text(result.manifest))
    return 0


# compare -----------------------------------------------------------------------------------


def compare_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 compare``."""
    add = parser.add_argument
    add("a", metavar="A", help="the scenario without the policy, name or YAML file")
    add("b", metavar="B", help="the scenario with it")
    add("--seeds", type=whole, default=10, help="paired replications (default 10)")
    add("--first-seed", type=whole, default=1, metavar="N", help="seed of the first (default 1)")
    add("--scale", type=number, default=1.0, help="share of the workers simulated (default 1)")
    scope_arguments(parser)
    add_posterior(parser, "parameters drawn from FILE, or from the posterior that is shipped")
    add("--seeds-per-draw", type=whole, metavar="N", help="seeds of each draw (default 2)")
    add("--processes", type=whole, metavar="N", help="share the seeds (default: all cores)")
    add("--out", metavar="FOLDER", help="where the tables and the page compare.html go")
    add("--overwrite", action="store_true", help="replace the results already in FOLDER")
    add("--lang", choices=("fr", "en"), default="en", help="of the text (default en)")
    add("--quiet", action="store_true", help="no progress and no text")


def run_compare(arguments: argparse.Namespace) -> int:
    """Compare two scenarios, print the effects and write tables and page."""
    from sim77.analysis.compare.comparison import compare
    from sim77.report.output import save, text
    from sim77.runs.store import COMPARISON

    check_out(arguments, COMPARISON)
    comparison = compare(
        arguments.a,
        arguments.b,
        seeds=arguments.seeds,
        first_seed=arguments.first_seed,
        scale=arguments.scale,
        start=arguments.start,
        end=arguments.end,
        overrides=arguments.overrides,
        posterior=arguments.posterior,
        seeds_per_draw=arguments.seeds_per_draw,
        workplaces=arguments.workplace,
        territory=arguments.territory,
        processes=arguments.processes,
        progress=None if arguments.quiet else bar_of(),
    )
    if arguments.out:
        save(comparison, arguments.out, overwrite=arguments.overwrite)
    if not arguments.quiet:
        print(text(comparison, arguments.lang))
        if arguments.out:
            print(
                f"\nWritten to {arguments.out}; for people: {Path(arguments.out) / 'compare.html'}"
            )
    return 0


# explain -----------------------------------------------------------------------------------


def explain_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 explain``."""
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help="name or YAML file")
    add(
        "--worker",
        required=True,
        metavar="N",
        help="number at full scale, or an identity of home, workplace, census category and number: "
        "77186-75112-3-12, or 77186-home-3-12 of who works at home",
    )
    add("--date", type=date_of, required=True, metavar="DATE", help="a simulated day")
    add("--against", metavar="OTHER", help="another scenario, to say what differs")
    add("--seed", type=whole, default=1, help="number that fixes every random draw (default 1)")
    add("--scale", type=number, default=1.0, help="share of the workers simulated (default 1)")
    world_arguments(parser)
    add_posterior(parser, "parameters of the draw that goes with the seed; without FILE, shipped")
    add("--lang", choices=("fr", "en"), default="en", help="fr or en (default en)")


def run_explain(arguments: argparse.Namespace) -> int:
    """Say why a worker did what on a day."""
    from sim77.analysis.explain.explain import explain
    from sim77.report.output import text

    explanation = explain(
        arguments.scenario,
        arguments.worker,
        arguments.date,
        against=arguments.against,
        seed=arguments.seed,
        scale=arguments.scale,
        overrides=arguments.overrides,
        posterior=arguments.posterior,
        workplaces=arguments.workplace,
        territory=arguments.territory,
    )
    print(text(explanation, arguments.lang))
    return 0


# claims ------------------------------------------------------------------------------------


def claims_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 claims``."""
    add = parser.add_argument
    add("--seeds", type=whole, default=5, help="paired replications (default 5)")
    add("--scale", type=number, default=1.0, help="share of the workers simulated (default 1)")
    add(
        "--scenario-pair",
        nargs=2,
        metavar=("A", "B"),
        help="test every claim on B against A instead of on its own scenarios",
    )
    add("--from", dest="start", type=date_of, metavar="DATE", help="first day, like 2014-01-01")
    add("--to", dest="end", type=date_of, metavar="DATE", help="last day")
    add("--territory", metavar="FOLDER", help="another territory than Seine-et-Marne")
    add("--lang", choices=("en", "fr"), default="en", help="language of the texts (default en)")


def run_claims(arguments: argparse.Namespace) -> int:
    """Test what is said of telecentres."""
    from sim77.analysis.claims.claims import check_claims
    from sim77.report.output import text

    pair = tuple(arguments.scenario_pair) if arguments.scenario_pair else None
    try:
        claims = check_claims(
            seeds=arguments.seeds,
            scale=arguments.scale,
            pair=pair,
            start=arguments.start,
            end=arguments.end,
            progress=bar_of("pairs"),
            territory=arguments.territory,
        )
    except ScenarioError as error:
        if pair or arguments.territory is None:
            raise
        raise UsageError(
            f"'{arguments.territory}' is without the scenarios of the claims: test them on two of "
            f"its own, with --scenario-pair A B. ({error})"
        ) from None
    print(text(claims, arguments.lang))
    return 0
