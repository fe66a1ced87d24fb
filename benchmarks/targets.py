"""What the values that ship say of each target of a calibration, beside what it said when made.

::

    python -m benchmarks.targets

Of calibration/2022, whose values are those that ship. A change of the model that no target feels
leaves a calibration as good as it was.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim77.analysis.calibrate.agreements import first_guess, model_value
from sim77.analysis.calibrate.observe import anchor_run, summarise
from sim77.analysis.calibrate.targets import observations

MADE = Path("calibration/2022/targets.csv")
SCALE = 0.5
SEED = 7
"""None of a fit's."""


def main() -> None:
    """Print one line a target: observed, said when the calibration was made, said now."""
    made = pd.read_csv(MADE).set_index("target")
    targets = [each for each in observations()[0] if each.name in made.index]
    summaries = {
        anchor: summarise(anchor_run(anchor, {}, scale=SCALE, seed=SEED))
        for anchor in sorted({each.anchor for each in targets})
    }
    print(f"{'target':40}{'use':9}{'observed':>9}{'error':>8}{'made':>8}{'now':>8}{'moved':>8}")
    for target in targets:
        row = made.loc[target.name]
        now = model_value(target, summaries[target.anchor], first_guess(target.anchor, {}))
        moved = (now - row["check"]) / row["error"]
        print(
            f"{target.name:40}{target.use:9}{row['value']:9.2f}{row['error']:8.2f}"
            f"{row['check']:8.2f}{now:8.2f}{moved:8.2f}"
        )


if __name__ == "__main__":
    main()
