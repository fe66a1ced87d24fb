"""The commands of the browser app: ``sim77 app`` and ``sim77 story``."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sim77.cli.arguments import number, whole
from sim77.core.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    from sim77.app.options import Options


class PeriodError(ResultError):
    """A period of the command line cannot be read."""


def app_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 app``."""
    add = parser.add_argument
    add("--port", type=whole, default=8765, help="port to listen on (default 8765; 0: any)")
    add("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    add("--token", action="store_true", help="let in only who has the address that is printed")
    add("--no-open", action="store_true", help="do not open a browser")
    add("--studies", metavar="FOLDER", help="where stored studies lie (default: out, if it exists)")
    _size_arguments(parser)


def _size_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--scale", type=number, help="share of the workers simulated (default 1; less if many)")
    add("--seeds", type=whole, default=5, help="paired seeds of the intervals (default 5)")
    add("--period", metavar="FROM..TO", help="days simulated, like 2014-09-01..2014-12-31")
    add("--territory", metavar="FOLDER", help="another territory than Seine-et-Marne")


def run_app(arguments: argparse.Namespace) -> int:
    """Serve the app until it is stopped."""
    from sim77.app.options import choices, is_shipped
    from sim77.app.server import serve
    from sim77.app.studies.folders import catalogue_at
    from sim77.territory.territory import load_territory

    given = arguments.territory
    options = replace(
        _options(arguments), studies=catalogue_at(arguments.studies), territories=choices(given)
    ).on(given)
    if not is_shipped(load_territory(given)):
        print(
            "Shipped stories and studies about other territories are left out, and the scenarios "
            f"that name places which {given} does not have.",
            file=sys.stderr,
        )
    with suppress(KeyboardInterrupt):  # the way to stop it
        serve(
            options, arguments.host, arguments.port,
            open_browser=not arguments.no_open, token=arguments.token,
        )  # fmt: skip
    return 0


def _options(arguments: argparse.Namespace) -> Options:
    from sim77.app.options import Options
    from sim77.engine.scope import checked_scale, checked_whole

    start, end = _period(arguments.period)
    checked_whole("number of seeds", arguments.seeds, 1, 50)
    scale = None if arguments.scale is None else checked_scale(arguments.scale)
    return Options(scale, start, end, arguments.seeds, arguments.territory)


def _period(text: str | None) -> tuple[date | None, date | None]:
    if text is None:
        return None, None
    from sim77.scenario.parts import as_date

    first, dots, last = text.partition("..")
    try:
        start, end = as_date(first), as_date(last)
    except ScenarioError as error:
        raise PeriodError(
            f"--period takes two dates like 2014-09-01..2014-12-31, not '{text}': {error}"
        ) from None
    if end < start or not dots:
        raise PeriodError(f"--period must end after it begins, not '{text}'.")
    return start, end


def story_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 story``."""
    add = parser.add_argument
    add("story", metavar="STORY", help="name of a shipped story, or its YAML file")
    add("--html", metavar="FILE", required=True, help="where the page goes: one offline file")
    add("--overwrite", action="store_true", help="replace FILE if it is there")
    _size_arguments(parser)


def run_story(arguments: argparse.Namespace) -> int:
    """Write a story as one offline page."""
    from sim77.app.story_page import write_story

    path = write_story(
        arguments.story, arguments.html, _options(arguments), overwrite=arguments.overwrite
    )
    print(f"Written to {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0
