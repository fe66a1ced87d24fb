"""The command ``sim77 schema``: what a kind of file may hold, for editors."""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path

KINDS = {
    "scenario": "sim77.scenario.schema:ScenarioFile",
    "study": "sim77.analysis.sweep.schema:StudyFile",
    "calibration": "sim77.analysis.calibrate.schema:CalibrationFile",
    "story": "sim77.app.story.schema:StoryFile",
}
"""Where each kind of file is described."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 schema``."""
    parser.add_argument("kind", metavar="KIND", choices=KINDS, help=", ".join(KINDS))
    parser.add_argument("--out", metavar="FILE", help="where it goes; without it, it is printed")
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")


def run(arguments: argparse.Namespace) -> int:
    """Print or write the JSON Schema of a kind of file."""
    from sim77.core.files import check_new_file, replace_text
    from sim77.core.schema import json_schema

    module, _, name = KINDS[arguments.kind].partition(":")
    part = getattr(import_module(module), name)
    text = json.dumps(json_schema(part, f"sim77 {arguments.kind}"), indent=1, ensure_ascii=False)
    if arguments.out is not None:
        check_new_file(Path(arguments.out), overwrite=arguments.overwrite)
        replace_text(Path(arguments.out), f"{text}\n")
        print(f"Written to {arguments.out}")
    else:
        print(text)
    return 0
