"""The page of the commands: every argument and option, as the parser of the command line has it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from docs.generator.markdown import render, table
from sim77.cli.main import build_parser

_FORM = argparse.HelpFormatter("sim77")


def commands_page() -> str:
    """Return ``cli.md``."""
    return render("cli.md", commands="\n\n".join(map(_section, _commands(build_parser()))))


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parsers that take arguments, those of commands within a command included."""
    inner = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    if not inner:
        yield parser
    for action in inner:
        for each in action.choices.values():
            yield from _commands(each)


def _section(parser: argparse.ArgumentParser) -> str:
    actions = [each for each in parser._actions if not isinstance(each, argparse._HelpAction)]
    rows = [(_written(each), each.help or "") for each in actions]
    arguments = f"\n\n{table(('argument', 'what it does'), rows)}" if rows else ""
    title = parser.description or ""
    return f"## {parser.prog}\n\n{title[:1].upper()}{title[1:]}.{arguments}"


def _written(action: argparse.Action) -> str:
    """Return an argument as it is typed; square brackets mark what may be left out."""
    names = ", ".join(action.option_strings)
    value = "" if action.nargs == 0 else _FORM._format_args(action, action.dest.upper())
    return f"`{f'{names} {value}'.strip()}`"
