"""What the examples of the documents name, on a small scale, in a folder of its own."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from sim77.analysis.sweep.file import load_study
from sim77.analysis.sweep.runner import run_study
from sim77.engine.choice.utility import nested_logit_shares
from sim77.scenario.posterior import posterior_file

ROOT = Path(__file__).resolve().parents[2]
POINTS = 20
"""PRIM and the scores need so many."""


def prepare(folder: Path) -> None:
    """Write the studies, survey, posterior and calibration that the documents' commands read."""
    documented = re.search(r"```yaml\n(title:.*?)```", read("docs/sweeps.md"), flags=re.DOTALL)
    assert documented is not None
    for name, text in (
        ("price", documented.group(1)),
        ("desk-capacity-price", read("experiments/desk-capacity-price/study.yaml")),
    ):
        file = folder / "experiments" / name / "study.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(yaml.safe_dump(smaller(yaml.safe_load(text))), encoding="utf-8")
    (folder / "my").mkdir()
    shutil.copy(posterior_file("shipped"), folder / "my" / "posterior.csv")
    survey().to_csv(folder / "survey.csv", index=False)
    shutil.copytree(ROOT / "calibration" / "2022", folder / "calibration" / "2022")


def fill_store(folder: Path) -> None:
    """Run the documented study on its small scale into ``out/price``."""
    run_study(load_study(folder / "experiments/price/study.yaml"), folder / "out/price", workers=0)


def read(name: str) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def smaller(study: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study with few workers, days and points, and all else as it was."""
    levers = {
        name: {**factor, "values": factor["values"][:2]} if "values" in factor else factor
        for name, factor in study["levers"].items()
    }
    samples = {"samples": POINTS} if "samples" in study["design"] else {}
    return {
        **study,
        "levers": levers,
        "design": {**study["design"], **samples},
        "replications": 1,
        "period": {"from": "2022-03-01", "to": "2022-03-01"},
        "scale": 0.01,
    }


def survey() -> pd.DataFrame:
    """Return 900 made-up days of 300 persons, drawn from the closed form of the model's choice."""
    draw, rows = np.random.default_rng(5), []
    for person in range(300):
        minutes, access = round(draw.uniform(60, 240)), round(draw.uniform(5, 50))
        taste = draw.normal(0.0, 0.8)
        for weekday in ("monday", "tuesday", "friday"):
            office = 0.6 * -0.033 * minutes
            home, centre = taste - 2.4, taste - 2.6 + 0.6 * -0.033 * 1.5 * access
            shares = nested_logit_shares(office, [np.array([home, centre])], 0.6)
            chosen = draw.choice(["office", "home", "telecentre"], p=np.concatenate(shares))
            rows.append((person, weekday, chosen, minutes, access))
    names = ["person", "weekday", "chosen", "travel_perceived_min", "access_min"]
    made = pd.DataFrame(rows, columns=names)
    return made.assign(occupation="managers", available="office home telecentre")
