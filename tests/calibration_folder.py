"""A finished calibration made up by hand, for tests of what is made from its tables."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from sim77.analysis.calibrate.targets import observations
from sim77.analysis.validate.rows import checks
from sim77.analysis.validate.validate import validation_table

FREE = {
    "theta": (("theta",), 0.3, 1.0),
    "asc_home": (("asc_home_managers", "asc_home_clerical"), -4.0, 0.0),
    "g_peer": (("g_peer",), 0.0, 1.1),
}
MISSED_TARGET = "telework_friday_all_2022"
"""Of the fitted ones: two errors above."""

MISSED = {"telework_days_mean_france_2024": 3.0, "closed_buronomade": -4.0}


def make_calibration(folder: Path, particles: int = 200, *, validated: bool = True) -> Path:
    """Fill a folder with the tables of a calibration whose theta is narrowed and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(5)
    x = {
        "theta": draw.normal(0.6, 0.02, particles),
        "asc_home": draw.uniform(-4.0, 0.0, particles),
        "g_peer": draw.uniform(0.0, 1.1, particles),
    }
    columns = {name: x[free] for free, (names, _, _) in FREE.items() for name in names}
    frame = pd.DataFrame({"weight": 1.0 / particles, "distance": 2.0, **columns})
    frame.to_csv(folder / "posterior.csv", index=False)
    _targets().to_csv(folder / "targets.csv", index=False)
    pd.DataFrame([_width(name, x[name]) for name in FREE]).to_csv(
        folder / "widths.csv", index=False
    )
    entry = {
        "value": 0.7,
        "low": 0.6,
        "high": 0.8,
        "confidence": "D",
        "why": "solved on the targets",
    }
    solved = dict.fromkeys(
        ("share_covered_managers@2017-01-01", "share_covered_managers@2022-01-01"), entry
    )
    (folder / "solved.yaml").write_text(yaml.safe_dump({k: dict(v) for k, v in solved.items()}))
    (folder / "manifest.json").write_text(json.dumps(_manifest()))
    if validated:
        draws = _draws()
        validation_table(draws).to_csv(folder / "validation.csv", index=False)
        about = {
            "draws": 8,
            "asc_tc": [-1.5, 0.0],
            "share_of_remote_days_in_centres": [0.0025, 0.01],
            "seconds": 200.0,
            "rows_sha256": "abc",
        }
        (folder / "validation.json").write_text(json.dumps(about))
    return folder


def _targets() -> pd.DataFrame:
    rows = []
    for each in observations()[0]:
        met = each.name != MISSED_TARGET
        model = each.value + (0.3 if met else 2.0) * each.error
        rows.append({
            "target": each.name, "use": each.use, "family": each.family, "anchor": each.anchor,
            "unit": each.unit, "value": each.value, "error": each.error, "model": model,
            "low": model - each.error, "high": model + each.error, "met": met,
            "check": model if each.anchor != "2014" else np.nan,
            "error_source": each.error_source, "whose": each.whose, "source": each.source,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _width(name: str, x: np.ndarray) -> dict[str, object]:
    _, low, high = FREE[name]
    ratio = x.std() / ((high - low) / np.sqrt(12.0))
    return {
        "parameter": name, "prior_low": low, "prior_high": high, "mean": x.mean(),
        "low": np.quantile(x, 0.05), "high": np.quantile(x, 0.95), "width_ratio": ratio,
        "identified": bool(ratio < 0.7),
    }  # fmt: skip


def _manifest() -> dict[str, object]:
    return {
        "kind": "calibration",
        "title": {"fr": "Calage d’essai & <plus>", "en": "Trial calibration & <more>"},
        "question": {"fr": "Que trouve-t-on ?", "en": "What is found?"},
        "study_hash": "f00d", "anchors": ["2017", "2022"], "seed": 1, "scale": 0.05,
        "free": {name: list(names) for name, (names, _, _) in FREE.items()},
        "prior": {name: [low, high] for name, (_, low, high) in FREE.items()},
        "generations": [
            {"number": 0, "epsilon": 1e12, "evaluations": 200, "median_distance": 9.5,
             "effective": 200.0},
            {"number": 1, "epsilon": 9.5, "evaluations": 480, "median_distance": 4.25,
             "effective": 90.0},
        ],
        "seconds_now": 3210.0, "sim77": "1.2.3", "python": "3.13.0", "libraries": {"mesa": "3"},
        "made": "2026-01-02T03:04:05+00:00", "data": {"targets": "aa", "territory": "bb"},
    }  # fmt: skip


def _draws() -> pd.DataFrame:
    spread = np.linspace(-0.2, 0.2, 8)
    rows = {
        check.name: check.value + check.error * (spread + MISSED.get(check.name, 0.0))
        for check in checks()[0]
    }
    return pd.DataFrame(rows)


def add_diagnostics(folder: Path) -> None:
    """Add what some of the diagnostics leave: recovery passed, conclusions told."""
    inside = folder / "diagnostics"
    inside.mkdir()
    pd.DataFrame([
        {"parameter": "theta", "replicates": 10, "covered": 8, "width_ratio": 0.3,
         "identified": 9, "passed": True},
        {"parameter": "g_peer", "replicates": 10, "covered": 8, "width_ratio": 0.9,
         "identified": 0, "passed": None},
    ]).to_csv(inside / "recovery_counts.csv", index=False)  # fmt: skip
    pd.DataFrame([
        {"conclusion": "remote_share_2014", "unit": "percent of days at work", "solved": 3.5,
         "lowest": 2.9, "highest": 4.0, "at_lowest": "theta low", "at_highest": "theta high",
         "changes_sign": False},
    ]).to_csv(inside / "sensitivity.csv", index=False)  # fmt: skip
    pd.DataFrame([
        {"conclusion": "remote_share_2014", "unit": "percent of days at work", "parameter": "theta",
         "end": end, "value": value, "mean": mean, "low": mean - 0.1, "high": mean + 0.1}
        for end, value, mean in (("low", 0.35, 2.9), ("high", 0.85, 4.0))
    ]).to_csv(inside / "conclusions.csv", index=False)  # fmt: skip
    gates = {"recovery": {"passed": True}, "conclusions": {"passed": None}}
    (inside / "diagnostics.yaml").write_text(yaml.safe_dump(gates, allow_unicode=True))
