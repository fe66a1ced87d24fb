"""The page of a calibration, one HTML file that needs no network: made again in seconds.

Everything on it is read from the tables in the calibration's folder; nothing is computed but means
of what they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from sim77.core.errors import StudyError
from sim77.report import tracks
from sim77.report.calibration import tables, text
from sim77.report.calibration.diagnostics import verdict_sentence
from sim77.report.calibration.facts import GATES, CalibrationFacts, read_calibration
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
from sim77.report.charts import draw_histogram, line_key
from sim77.report.locale import Voice, voice_of, voices
from sim77.report.page import (
    Drawing,
    Facts,
    Group,
    Heading,
    Items,
    Keys,
    Page,
    Prose,
    Section,
    Shown,
    Tracks,
    again,
    credits_of,
    made_with,
    write_page,
)
from sim77.report.shades import Shades, heat
from sim77.report.tracks import Scale, Track, key
from sim77.territory.territory import load_territory

MOST_ERRORS = 4.0
"""Misses beyond so many errors are drawn at the edge."""

BANDS = {"at_least": (-1.0, np.inf), "at_most": (-np.inf, 1.0), "within": (-1.0, 1.0)}
"""What agrees with an observation, in its errors."""

CORRELATIONS = Shades(diverging=True, breaks=(-0.7, -0.4, -0.2, 0.2, 0.4, 0.7))
"""The same for every calibration, so that pages can be compared."""

REPORT_FILE = "report.html"
LIMITS = (
    "limit_centres", "limit_agreements", "limit_people", "limit_errors", "limit_distance",
    "limit_weekdays", "limit_abc", "limit_mixes", "limit_one_sided",
)  # fmt: skip


def write_calibration_report(folder: str | Path, path: str | Path | None = None) -> Path:
    """Write the page of a finished calibration.

    Parameters
    ----------
    folder : path
        Filled by ``sim77 calibrate``.
    path : path, optional
        The HTML file, by default ``report.html`` in the folder; replaced if it is there.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    StudyError
        If the calibration has not finished, or the file is no HTML file.
    """
    facts = read_calibration(folder)
    page = Path(path) if path is not None else facts.folder / REPORT_FILE
    if page.suffix.lower() not in (".html", ".htm"):
        raise StudyError(f"the report is an HTML file, expected a name like x.html, not '{page}'.")
    page.parent.mkdir(parents=True, exist_ok=True)
    write_page(page, "calibration", [_page(facts, voice) for voice in report_voices()])
    return page


def report_voices() -> list[Voice]:
    """Return both languages with the words of the page."""
    return voices(*text.PAGES)


def _page(facts: CalibrationFacts, voice: Voice) -> Page:
    name, words = text.study_name(facts, voice), voice.words
    limits = Items([words[key] for key in LIMITS])
    return Page(
        voice=voice,
        document_title=voice.say("document_title", name=name),
        scenario=name,
        title=text.finding(facts, voice),
        caveat=text.caveat(facts, voice),
        caveat_at="limits",
        blocks=[
            Section(
                "question",
                name,
                [Prose(text.question(facts, voice), "lead"), Facts(_cards(facts, voice), "cards")],
            ),
            Section("validation", words["validation"], _validation(facts, voice)),
            Section("targets", words["targets"], _targets(facts, voice)),
            Section("posterior", words["posterior"], _posterior(facts, voice)),
            Section(
                "solved",
                words["solved"],
                [
                    Prose(words["solved_lead"], "small"),
                    *(Shown(table, name) for name, table in tables.solved_tables(facts, voice)),
                ],
            ),
            Section(
                "generations",
                words["generations"],
                [
                    Prose(words["generations_lead"], "small"),
                    Shown(
                        tables.generations_table(facts, voice),
                        words["generations"],
                        False,
                        style="whole",
                    ),
                ],
            ),
            Section("gates", words["gates"], [_gate(facts, each, voice) for each in GATES]),
            Section("limits", words["limits"], [limits], "text"),
            _again(facts, voice),
            credits_of(load_territory(None), voice),
        ],
    )


def _cards(facts: CalibrationFacts, voice: Voice) -> list[tuple[str, str]]:
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


def _legend(voice: Voice, *, check: bool) -> list[Any]:
    """Return what the marks of targets and observations mean."""
    whole, middle = "left:0;width:100%", "left:50%"
    items = [
        (key(("agree", whole)), voice.words["key_band"]),
        (key(("line", whole), ("dot", middle)), voice.words["key_model"]),
    ]
    if check:
        items.append((key(("ring", middle)), voice.words["key_check"]))
    return [Keys(items), Prose(voice.words["scale_errors"], "small")]


def _targets(facts: CalibrationFacts, voice: Voice) -> list[Any]:
    """Return the targets by family, each as a mark on a track."""
    families = [
        Group(
            "",
            [
                Heading(voice.words.get(f"family {family}", str(family))),
                Tracks([_target(row, voice) for row in rows.to_dict("records")], "marks"),
            ],
        )
        for family, rows in facts.targets.groupby("family", sort=False)
    ]
    return [
        Prose(voice.words["targets_lead"], "small"),
        *_legend(voice, check=True),
        *families,
        Shown(tables.targets_table(facts, voice), voice.words["table_targets"]),
    ]


def _target(row: Row, voice: Voice) -> tracks.Row:
    used = row["use"] != "compare"
    verdict = ("met" if row["met"] else "missed") if used else "beside"
    notes = [meaning(row, voice)] if verdict == "missed" else []
    return _mark(row, row_label(row["target"], voice), row["check"], verdict, notes, voice)


def _mark(
    row: Row, name: str, check: float, verdict: str, notes: Sequence[str], voice: Voice
) -> tracks.Row:
    """Return the model's value with its interval, a second one, and what agrees, in errors."""
    value, error = row["value"], row["error"]
    scale = Scale(value - MOST_ERRORS * error, value + MOST_ERRORS * error)
    least, most = BANDS[row.get("expects", "within")]
    off = " off" if not scale.low <= row["model"] <= scale.high else ""
    marks = (
        ("agree", scale.between(value + least * error, value + most * error)),
        ("zero", scale.at(value)),
        ("line", scale.between(row["low"], row["high"])),
        ("ring", scale.at(check)),
        (f"dot{off}", scale.at(row["model"])),
    )
    return tracks.Row(
        name,
        [Track(marks)],
        value=model_text(row, voice),
        detail=observed_text(row, voice),
        verdict=voice.words[f"verdict_{verdict}"],
        notes=notes,
        state=verdict,
    )


def _validation(facts: CalibrationFacts, voice: Voice) -> list[Any]:
    """Return what the observations that no fit has seen say: failures first."""
    words = voice.words
    if facts.validation is None:
        return [Prose(words["no_validation"], "not")]
    rows = facts.compared.to_dict("records")
    blocks: list[Any] = [Prose(validation_lead(facts, voice), "lead")]
    for verdict, state, title in (("fail", "missed", "failures"), ("pass", "met", "passes")):
        of_verdict = [row for row in rows if row["verdict"] == verdict]
        if not of_verdict:
            continue
        blocks.append(Heading(words[title]))
        if len(blocks) == 2:
            blocks += _legend(voice, check=False)
        marks = [
            _mark(
                row,
                row_label(row["row"], voice),
                np.nan,
                state,
                [meaning(row, voice), " ".join((words[f"whose {row['row']}"], surely(row, voice)))]
                if verdict == "fail"
                else [],
                voice,
            )
            for row in of_verdict
        ]
        blocks.append(Tracks(marks, "marks"))
    return [
        *blocks,
        Shown(tables.validation_table(facts, voice), words["table_validation"]),
        Shown(tables.left_table(facts, voice), words["table_left"]),
    ]


# Posterior ---------------------------------------------------------------------------------


def _posterior(facts: CalibrationFacts, voice: Voice) -> list[Any]:
    """Return prior and posterior of each free parameter, and what the data say of it."""
    words = voice.words
    rows = facts.widths.sort_values("width_ratio").to_dict("records")
    return [
        Prose(words["posterior_lead"], "small"),
        Keys(
            [
                (line_key("ba", area=True), words["key_posterior"]),
                (line_key("pr"), words["key_prior"]),
                (line_key("iv", dot=True), words["key_interval_90"]),
            ]
        ),
        Group("panels", _marginals(facts, voice)),
        Shown(tables.widths_table(facts, voice), words["table_widths"]),
        Heading(words["identification"]),
        Items([width_sentence(facts, row, voice) for row in rows], "plain"),
        Heading(words["correlations"]),
        *_correlations(facts, voice),
    ]


def _marginals(facts: CalibrationFacts, voice: Voice) -> list[Drawing]:
    """Draw the posterior of each free parameter over its prior."""
    found = []
    for row in facts.widths.to_dict("records"):
        name = str(row["parameter"])
        if facts.free[name][0] not in facts.posterior:
            continue
        prior = (row["prior_low"], row["prior_high"])
        summary = (row["mean"], row["low"], row["high"])
        digits = max(digits_of(0.1 * max(abs(end) for end in prior)), 0)
        mean, low, high = (voice.numbers.fixed(each, digits) for each in summary)
        said = {"mean": mean, "low": low, "high": high}
        seen = bool(row["identified"])
        found.append(
            Drawing(
                draw_histogram(facts.values_of(name), facts.weights, prior, summary, voice),
                voice.say("marginal_role", label=name, **said),
                caption=Markup("{} <code>{}</code>").format(parameter_label(name, voice), name),
                note=Markup('{} <b class="{}">{}</b>').format(
                    voice.say("marginal_said", **said),
                    "yes" if seen else "no",
                    voice.words["identified" if seen else "not_identified"],
                ),
            )
        )
    return found


def _correlations(facts: CalibrationFacts, voice: Voice) -> list[Any]:
    """Return the correlations of pairs of free parameters as coloured cells."""
    names = [name for name in facts.free if facts.free[name][0] in facts.posterior]
    if len(names) < 2 or facts.effective < 3.0:
        return [Prose(voice.words["no_correlations"], "not")]
    x = np.stack([facts.values_of(name) for name in names])
    matrix = np.corrcoef(x) if x.shape[1] < 2 else _weighted_correlation(x, facts.weights)
    np.fill_diagonal(matrix, np.nan)
    labels = [parameter_label(name, voice) for name in names]
    unit = voice.words["correlation_unit"]
    title = voice.words["correlations"]
    return [
        Prose(voice.words["correlations_lead"], "small"),
        heat(matrix, labels, names, 2, voice, title, unit=unit, shades=CORRELATIONS),
    ]


def _weighted_correlation(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    covariance = np.cov(x, aweights=weights, ddof=0)
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


# Diagnostics -------------------------------------------------------------------------------


def _gate(facts: CalibrationFacts, name: str, voice: Voice) -> Group:
    """Return a diagnostic: what it found, or that it has not been run."""
    words, gate = voice.words, facts.gates.get(name)
    if gate is None:
        state, sentence = "missing", words[f"missing_{name}"]
    else:
        passed = gate.get("passed")
        state = "said" if passed is None else "met" if passed else "missed"
        sentence = verdict_sentence(facts.verdict(name), voice_of(voice.language, "diagnostics"))
    title = words[f"gate_{name}"]
    head = Markup('{} <span class="vd">{}</span>').format(title, words[f"gate_{state}"])
    blocks: list[Any] = [Heading(head), Prose(sentence), Prose(words[f"what_{name}"], "small")]
    if table := tables.gate_table(facts, name, voice):
        blocks.append(Shown(table, voice.say("table_gate", name=title)))
    return Group(f"gate {state}", blocks)


# How to make it again ----------------------------------------------------------------------


def _again(facts: CalibrationFacts, voice: Voice) -> Section:
    """Return the commands that make the calibration again, and the facts that fix its numbers."""
    manifest, about, fixed = facts.manifest, facts.validation_about, voice.numbers.fixed
    name = facts.folder.resolve().name
    named = {
        "r_study": manifest.get("study_hash", ""),
        "r_seed": str(manifest["seed"]),
        "r_scale": voice.numbers.percent(float(manifest["scale"])),
        **{f"r_data_{key}": value for key, value in manifest.get("data", {}).items()},
        "r_validation": about.get("rows_sha256", ""),
        **made_with(manifest, voice),
        "r_seconds": voice.say("r_seconds_value", seconds=fixed(manifest.get("seconds_now", 0.0))),
        "r_validation_seconds": voice.say("r_seconds_value", seconds=fixed(about["seconds"]))
        if about
        else "",
    }
    shipped = f"calibration/{name}"
    study = shipped if (facts.folder / "study.yaml").is_file() else "STUDY"
    command = (
        f"sim77 calibrate {study} --out out/again\nsim77 validate out/again\nsim77 report out/again"
    )
    return again(voice.words["calibration_again"], command, named, voice)
