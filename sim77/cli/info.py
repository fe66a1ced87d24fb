"""What is there and whether it works: lists of the registries, the installation, its pages."""

from __future__ import annotations

import argparse

# Lists -------------------------------------------------------------------------------------


def name_argument(parser: argparse.ArgumentParser) -> None:
    """Add the name of what is shown in full."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="show one in full")


def scenarios_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 scenarios``."""
    name_argument(parser)
    parser.add_argument(
        "--territory", metavar="FOLDER", help="those that run on another territory, its own first"
    )


def show_scenarios(arguments: argparse.Namespace) -> int:
    """Print the scenarios."""
    from sim77.report.scenarios import scenarios_text
    from sim77.territory.territory import load_territory

    folder = arguments.territory
    print(scenarios_text(arguments.name, None if folder is None else load_territory(folder)))
    return 0


def show_parameters(arguments: argparse.Namespace) -> int:
    """Print the registry of parameters."""
    from sim77.report.listing import parameters_text

    print(parameters_text(arguments.name))
    return 0


def show_indicators(arguments: argparse.Namespace) -> int:
    """Print the registry of indicators."""
    from sim77.report.listing import indicators_text

    print(indicators_text(arguments.name))
    return 0


# The installation --------------------------------------------------------------------------


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def run_doctor(arguments: argparse.Namespace) -> int:
    """Say whether the installation works; 1 if something does not."""
    from sim77.cli.doctor import examine

    findings = examine()
    for finding in findings:
        print(f"{'ok   ' if finding.right else 'WRONG'}  {finding.sentence}")
    return 0 if all(finding.right for finding in findings) else 1


def run_warm_up(arguments: argparse.Namespace) -> int:
    """Compile the inner loops."""
    from sim77.runs.warmup import ensure_compiled

    ensure_compiled()
    return 0
