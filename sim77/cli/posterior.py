"""The option ``--posterior``, the same in every command that has it."""

from __future__ import annotations

import argparse

from sim77.core.units import SHIPPED_POSTERIOR


def add_posterior(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Add ``--posterior``: alone the shipped posterior, with a word the file of another one."""
    parser.add_argument(
        "--posterior", nargs="?", const=SHIPPED_POSTERIOR, metavar="FILE", help=help_text
    )
