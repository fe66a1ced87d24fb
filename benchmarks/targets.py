"""What the values that ship say of each target of a calibration, beside what they said when made.

::

    python -m benchmarks.targets [--territory ile-de-france]

Of calibration/2022, whose values are those that ship. A change of the model that no target feels
leaves a calibration as good as it was. On another territory they say how far its levels are off.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sim77.analysis.calibrate.agreements import first_guess, model_value
from sim77.analysis.calibrate.observe import anchor_run, summarise
from sim77.analysis.calibrate.profile import make_profile
from sim77.analysis.calibrate.study import load_study
from sim77.territory.territory import load_territory

MADE = Path("calibration/2022")
WORKERS = 300_000
"""Simulated in each year, about."""
SEED = 7
"""None of a fit's."""


def main() -> None:
    """Print one line a target: observed, said when made, said now, and misses in errors."""
    parser = argparse.ArgumentParser(description="Compare the values that ship with the targets.")
    parser.add_argument("--territory", help="another than Seine-et-Marne: its name or folder")
    territory = load_territory(parser.parse_args().territory)
    made = pd.read_csv(MADE / "targets.csv").set_index("target")["check"].to_dict()
    profile = make_profile(replace(load_study(MADE), territory=territory.reference))
    scale = min(WORKERS / territory.flows["workers"].sum(), 1.0)
    summaries = {
        anchor: summarise(
            anchor_run(anchor, {}, scale=scale, seed=SEED, territory=territory.reference)
        )
        for anchor in sorted({each.anchor for each in profile.targets})
    }
    print(f"{'target':40}{'use':9}{'observed':>9}{'error':>8}{'made':>8}{'now':>8}{'misses':>8}")
    for target in profile.targets:
        now = model_value(target, summaries[target.anchor], first_guess(target.anchor, {}))
        observed = profile.observed[target.name]
        print(
            f"{target.name:40}{target.use:9}{observed:9.2f}{target.error:8.2f}"
            f"{made[target.name]:8.2f}{now:8.2f}{(now - observed) / target.error:8.2f}"
        )


if __name__ == "__main__":
    main()
