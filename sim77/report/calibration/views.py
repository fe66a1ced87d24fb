"""The parts of a calibration's page, in one language."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim77.report.calibration.charts import draw_marginal, miss_marks
from sim77.report.calibration.diagnostics import verdict_sentence
from sim77.report.calibration.facts import GATES, CalibrationFacts
from sim77.report.calibration.tables import (
    gate_table,
    left_table,
    validation_table,
)
from sim77.report.calibration.text import (
    Row,
    digits_of,
    meaning,
    model_text,
    observed_text,
    parameter_label,
    row_label,
    surely,
    validation_lead,
    width_sentence,
)
from sim77.report.locale import Voice, voice_of
from sim77.report.study.charts import Shades, grid_of

BANDS = {"at_least": (-1.0, np.inf), "at_most": (-np.inf, 1.0), "within": (-1.0, 1.0)}
"""What agrees with an observation, in its errors."""

CORRELATIONS = Shades(diverging=True, breaks=(-0.7, -0.4, -0.2, 0.2, 0.4, 0.7))
"""The same for every calibration, so that pages can be compared."""


def cards(facts: CalibrationFacts, voice: Voice) -> list[tuple[str, str]]:
    """Return the facts of the calibration, by name."""
    manifest, numbers = facts.manifest, voice.numbers
    generations = manifest.get("generations", [])
    evaluations = sum(int(each["evaluations"]) for each in generations)
    free = {name for names in facts.free.values() for name in names}
    named = {
        "k_anchors": ", ".join(str(each) for each in manifest.get("anchors", [])),
        "k_free": numbers.count(len(facts.widths)),
        "k_solved": numbers.count(sum(name not in free for name in facts.solved)),
        "k_targets": voice.say(
            "k_targets_value",
            fitted=numbers.count(len(facts.fitted)),
            compared=numbers.count(len(facts.targets) - len(facts.fitted)),
        ),
        "k_generations": voice.say(
            "k_generations_value",
            number=numbers.count(len(generations)),
            evaluations=numbers.count(evaluations),
        ),
        "k_effective": numbers.count(facts.effective),
        "k_scale": numbers.percent(float(manifest["scale"])),
        "k_seed": str(manifest["seed"]),
    }
    return [(voice.words[key], value) for key, value in named.items() if value]


# Targets and validation --------------------------------------------------------------------


def families(facts: CalibrationFacts, voice: Voice) -> list[dict[str, Any]]:
    """Return the targets by family, each as a mark on a track."""
    found = []
    for family, rows in facts.targets.groupby("family", sort=False):
        found.append(
            {
                "name": voice.words.get(f"family {family}", str(family)),
                "rows": [_target_row(row, voice) for row in rows.to_dict("records")],
            }
        )
    return found


def _target_row(row: Row, voice: Voice) -> dict[str, Any]:
    used = row["use"] != "compare"
    verdict = ("met" if row["met"] else "missed") if used else "beside"
    return {
        "name": row_label(row["target"], voice),
        "verdict": verdict,
        "verdict_word": voice.words[f"verdict_{verdict}"],
        "marks": _marks(row, row["check"]),
        "observed": observed_text(row, voice),
        "model": model_text(row, voice),
        "means": meaning(row, voice) if verdict == "missed" else "",
    }


def _marks(row: Row, check: float) -> dict[str, str]:
    low, high = BANDS[row.get("expects", "within")]
    band = (row["value"] + low * row["error"], row["value"] + high * row["error"])
    return miss_marks(
        row["model"], row["low"], row["high"], check, row["value"], row["error"], band
    )


def validation(facts: CalibrationFacts, voice: Voice) -> dict[str, Any] | None:
    """Return what the observations that no fit has seen say: failures first."""
    if facts.validation is None:
        return None
    rows = facts.compared.to_dict("records")
    failed = [row for row in rows if row["verdict"] == "fail"]
    return {
        "lead": validation_lead(facts, voice),
        "failures": [
            {
                **_validation_row(row, voice),
                "whose": voice.words[f"whose {row['row']}"],
                "means": meaning(row, voice),
            }
            for row in failed
        ],
        "passes": [_validation_row(row, voice) for row in rows if row["verdict"] == "pass"],
        "table": validation_table(facts, voice),
        "left": left_table(facts, voice),
    }


def _validation_row(row: Row, voice: Voice) -> dict[str, Any]:
    verdict = "met" if row["verdict"] == "pass" else "missed"
    return {
        "name": row_label(row["row"], voice),
        "verdict": verdict,
        "verdict_word": voice.words[f"verdict_{row['verdict']}"],
        "marks": _marks(row, np.nan),
        "observed": observed_text(row, voice),
        "model": model_text(row, voice),
        "surely": surely(row, voice),
    }


# Posterior ---------------------------------------------------------------------------------


def marginals(facts: CalibrationFacts, voice: Voice) -> list[dict[str, Any]]:
    """Return the posterior of each free parameter over its prior."""
    found = []
    for row in facts.widths.to_dict("records"):
        name = str(row["parameter"])
        if facts.free[name][0] not in facts.posterior:
            continue
        prior = (row["prior_low"], row["prior_high"])
        summary = (row["mean"], row["low"], row["high"])
        digits = max(digits_of(0.1 * max(abs(end) for end in prior)), 0)
        said = [voice.numbers.fixed(each, digits) for each in summary]
        found.append(
            {
                "name": parameter_label(name, voice),
                "code": name,
                "svg": draw_marginal(
                    facts.values_of(name), facts.weights, prior, summary, voice
                ),
                "role": voice.say("marginal_role", label=name, mean=said[0], low=said[1],
                                  high=said[2]),
                "said": voice.say("marginal_said", mean=said[0], low=said[1], high=said[2]),
                "kind": voice.words["identified" if row["identified"] else "not_identified"],
                "identified": bool(row["identified"]),
            }
        )  # fmt: skip
    return found


def identification(facts: CalibrationFacts, voice: Voice) -> list[str]:
    """Say of each free parameter what the data say of it, what they narrow first."""
    rows = facts.widths.sort_values("width_ratio").to_dict("records")
    return [width_sentence(facts, row, voice) for row in rows]


def correlations(facts: CalibrationFacts, voice: Voice) -> dict[str, Any] | None:
    """Return the correlations of pairs of free parameters as coloured cells."""
    names = [name for name in facts.free if facts.free[name][0] in facts.posterior]
    if len(names) < 2 or facts.effective < 3.0:
        return None
    x = np.stack([facts.values_of(name) for name in names])
    matrix = np.corrcoef(x) if x.shape[1] < 2 else _weighted_correlation(x, facts.weights)
    np.fill_diagonal(matrix, np.nan)
    labels = [parameter_label(name, voice) for name in names]
    return {
        "cells": grid_of(matrix, labels, names, 2, voice, shades=CORRELATIONS),
        "classes": CORRELATIONS.classes,
        "breaks": [voice.numbers.fixed(each, 1) for each in CORRELATIONS.breaks],
        "unit": voice.words["correlation_unit"],
    }


def _weighted_correlation(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    covariance = np.cov(x, aweights=weights, ddof=0)
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


# Diagnostics -------------------------------------------------------------------------------


def gates(facts: CalibrationFacts, voice: Voice) -> list[dict[str, Any]]:
    """Return each diagnostic: what it found, or that it has not been run."""
    found = []
    for name in GATES:
        gate = facts.gates.get(name)
        if gate is None:
            state, sentence = "missing", voice.words[f"missing_{name}"]
        else:
            passed = gate.get("passed")
            state = "said" if passed is None else "met" if passed else "missed"
            sentence = verdict_sentence(
                facts.verdict(name), voice_of(voice.language, "diagnostics")
            )
        found.append(
            {
                "name": voice.words[f"gate_{name}"],
                "what": voice.words[f"what_{name}"],
                "state": state,
                "state_word": voice.words[f"gate_{state}"],
                "sentence": sentence,
                "table": gate_table(facts, name, voice),
                "table_name": voice.say("table_gate", name=voice.words[f"gate_{name}"]),
            }
        )
    return found
