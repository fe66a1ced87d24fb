"""Write what a calibration solved into the registry, and its posterior into the package.

    python tools/ship_calibration.py out/calibration-2022

Values, grades and sources of the parameters in the folder's ``solved.yaml`` replace those of
``sim77/registry/parameters.yaml``, line by line; ranges, labels and notes stay. Its draws go to
``sim77/scenario/data/posterior.csv``, and what made them to ``posterior.yaml`` beside it. Look at
the difference before committing it.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

import pandas as pd
import yaml

from sim77.analysis.calibrate.adjust import effective_size
from sim77.core.yaml_file import load_yaml
from sim77.registry.parameters import load_parameters
from sim77.scenario.posterior import DISTANCE, TABLE, WEIGHT, load_posterior

PACKAGE = Path(__file__).parents[1] / "sim77"
REGISTRY, POSTERIOR = (
    PACKAGE / "registry" / "parameters.yaml",
    PACKAGE / "scenario" / "data" / "posterior.csv",
)
TOLD = (
    "title", "study_hash", "seed", "scale", "anchors", "prior", "centres",
    "sim77", "python", "libraries", "data", "made",
)  # fmt: skip
SOURCE = "calibration-2022"
ALLOWANCES = "share_allowance_"
FIRST, FITTED, SHARE_BEFORE = "2012-01-01", "2017-01-01", 0.7
"""Of the shares covered, the anchor that nothing observes and its assumed part of the next one."""


def main() -> None:
    """Rewrite the registry from the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    solved = load_yaml((folder / "solved.yaml").read_text(encoding="utf-8"))
    values: dict[str, dict[str, float]] = defaultdict(dict)
    grades: dict[str, str] = {}
    for key, entry in solved.items():
        name, _, date = key.partition("@")
        values[name][date] = float(entry["value"])
        grades[name] = entry["confidence"]
    _close(values)
    text = REGISTRY.read_text(encoding="utf-8")
    for name, dated in values.items():
        text = _replaced(text, name, dated, grades[name])
    REGISTRY.write_text(text, encoding="utf-8")
    _ship_posterior(folder)


def _ship_posterior(folder: Path) -> None:
    """Copy the draws, cut to six digits and to the registry's ranges, and say what made them."""
    table = pd.read_parquet(folder / "posterior.parquet").drop(columns=DISTANCE)
    for column in table.columns.drop(WEIGHT):
        entry = load_parameters()[column.partition("@")[0]]
        table[column] = table[column].clip(entry.low, entry.high)
    POSTERIOR.with_suffix(".yaml").unlink(missing_ok=True)
    table.to_csv(POSTERIOR, index=False, float_format="%.6g", lineterminator="\n")
    shipped = load_posterior(POSTERIOR)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    provenance = {
        TABLE: shipped.hash,
        "draws": len(shipped),
        "effective_draws": round(effective_size(shipped.weights), 1),
        **{name: manifest[name] for name in TOLD if name in manifest},
    }
    text = yaml.safe_dump(provenance, sort_keys=False, allow_unicode=True)
    POSTERIOR.with_suffix(".yaml").write_text(text, encoding="utf-8")


def _close(values: dict[str, dict[str, float]]) -> None:
    """Put the rounding of the four allowances into the last, so that they sum to 1."""
    names = [name for name in values if name.startswith(ALLOWANCES)]
    for date in values[names[-1]] if names else ():
        others = sum(values[name][date] for name in names[:-1])
        values[names[-1]][date] = round(1.0 - others, 4)


def _replaced(text: str, name: str, dated: dict[str, float], grade: str) -> str:
    """Return the registry with the value, grade and sources of one entry replaced."""
    start = re.search(rf"^    {name}:$", text, re.MULTILINE)
    assert start, name
    following = re.compile(r"^ {2,4}\S", re.MULTILINE).search(text, start.end() + 1)
    end = following.start() if following else len(text)
    entry = text[start.start() : end]
    if "" in dated:
        entry = re.sub(r"(?m)^      value: .*$", f"      value: {dated['']:g}", entry)
    else:
        kept = {**load_parameters()[name].values, **dated}
        if FIRST in kept and FITTED in dated:
            kept[FIRST] = round(SHARE_BEFORE * dated[FITTED], 4)
        pairs = ", ".join(f"{date}: {value:g}" for date, value in sorted(kept.items()))
        entry = re.sub(r"(?m)^      values: .*$", f"      values: {{{pairs}}}", entry)
    entry = re.sub(r"(?m)^      confidence: .*$", f"      confidence: {grade}", entry)
    if SOURCE not in entry:
        entry = re.sub(r"sources: \[(assumed)?", rf"sources: [{SOURCE}, \1", entry)
        entry = entry.replace(f"[{SOURCE}, ]", f"[{SOURCE}]")
    return text[: start.start()] + entry + text[end:]


if __name__ == "__main__":
    main()
