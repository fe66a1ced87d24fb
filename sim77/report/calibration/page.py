"""The page of a calibration, one HTML file that needs no network: made again in seconds.

Everything on it is read from the tables in the calibration's folder; nothing is computed but means
of what they hold.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from sim77.analysis.validate.validate import DRAWS
from sim77.core.errors import StudyError
from sim77.report.calibration import tables, text
from sim77.report.calibration.diagnostics import diagnostics_locale, verdict_sentence
from sim77.report.calibration.facts import GATES, CalibrationFacts, read_calibration
from sim77.report.calibration.names import parameter_label, row_label
from sim77.report.calibration.text import (
    check_text,
    digits_of,
    meaning,
    model_text,
    observed_text,
    surely,
    validation_lead,
    whose,
    width_sentence,
)
from sim77.report.charts import heat
from sim77.report.locale import Locale, locales
from sim77.report.page import (
    Chart,
    Facts,
    Group,
    Heading,
    Items,
    Keys,
    Page,
    Prose,
    Row,
    Section,
    Shown,
    Track,
    Tracks,
    again,
    credits_of,
    made_with,
    write_page,
)
from sim77.territory.territory import load_territory

MOST_ERRORS = 4.0
"""Misses beyond so many errors are drawn at the edge."""

BANDS = {
    "at_least": (-1.0, MOST_ERRORS),
    "at_most": (-MOST_ERRORS, 1.0),
    "within": (-1.0, 1.0),
}
"""What agrees with an observation, in its errors."""

CORRELATIONS = {"prefix": "v", "breaks": (-0.7, -0.4, -0.2, 0.2, 0.4, 0.7)}
"""The same for every calibration, so that pages can be compared."""

_BINS = 24  # of the density of a parameter
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
    write_page(page, "calibration", [_page(facts, locale) for locale in report_locales()])
    return page


def report_locales() -> list[Locale]:
    """Return both languages with the words of the page."""
    return locales(*text.PAGES)


def _page(facts: CalibrationFacts, locale: Locale) -> Page:
    name, words = text.study_name(facts, locale), locale.words
    limits = Items([
        *text.centres_full(facts.manifest.get("centres"), locale),
        *(words[key] for key in LIMITS),
    ])  # fmt: skip
    return Page(
        locale=locale,
        document_title=locale.say("document_title", name=name),
        scenario=name,
        title=text.finding(facts, locale),
        caveat=text.caveat(facts, locale),
        caveat_at="limits",
        blocks=[
            Section(
                "question",
                name,
                [
                    Prose(text.question(facts, locale), "lead"),
                    Facts(_cards(facts, locale), "cards"),
                ],
            ),
            Section("validation", words["validation"], _validation(facts, locale)),
            Section("targets", words["targets"], _targets(facts, locale)),
            Section("posterior", words["posterior"], _posterior(facts, locale)),
            Section(
                "solved",
                words["solved"],
                [
                    Prose(words["solved_lead"], "small"),
                    *(Shown(table, name) for name, table in tables.solved_tables(facts, locale)),
                ],
            ),
            Section(
                "generations",
                words["generations"],
                [
                    Prose(words["generations_lead"], "small"),
                    Shown(
                        tables.generations_table(facts, locale),
                        words["generations"],
                        False,
                        style="whole",
                    ),
                ],
            ),
            Section("gates", words["gates"], [_gate(facts, each, locale) for each in GATES]),
            Section("limits", words["limits"], [limits], "text"),
            _again(facts, locale),
            credits_of(load_territory(facts.manifest.get("territory")), locale),
        ],
    )


def _cards(facts: CalibrationFacts, locale: Locale) -> list[tuple[str, str]]:
    """Return the facts of the calibration, by name."""
    manifest, numbers = facts.manifest, locale.numbers
    generations = manifest.get("generations", [])
    evaluations = sum(int(each["evaluations"]) for each in generations)
    free = {name for names in facts.free.values() for name in names}
    named = {
        "k_territory": load_territory(manifest.get("territory")).labels[locale.language],
        "k_anchors": ", ".join(str(each) for each in manifest.get("anchors", [])),
        "k_free": numbers.count(len(facts.widths)),
        "k_solved": numbers.count(sum(name not in free for name in facts.solved)),
        "k_targets": locale.say(
            "k_targets_value",
            fitted=numbers.count(len(facts.fitted)),
            compared=numbers.count(len(facts.targets) - len(facts.fitted)),
        ),
        "k_generations": locale.say(
            "k_generations_value",
            number=numbers.count(len(generations)),
            evaluations=numbers.count(evaluations),
        ),
        "k_effective": numbers.count(facts.effective),
        "k_scale": numbers.percent(float(manifest["scale"])),
        "k_seed": str(manifest["seed"]),
    }
    return [(locale.words[key], value) for key, value in named.items() if value]


# Targets and validation --------------------------------------------------------------------


def _legend(locale: Locale, *, check: bool) -> list[Any]:
    """Return what the marks of targets and observations mean."""
    items = [(("agree",), locale.words["key_band"]), (("model",), locale.words["key_model"])]
    if check:
        items.append((("check",), locale.words["key_check"]))
    return [Keys(items), Prose(locale.words["scale_errors"], "small")]


def _targets(facts: CalibrationFacts, locale: Locale) -> list[Any]:
    """Return the targets by family, each as a mark on a track."""
    families = [
        Group(
            "",
            [
                Heading(locale.words.get(f"family {family}", str(family))),
                Tracks([_target(row, locale) for row in rows.to_dict("records")], "marks"),
            ],
        )
        for family, rows in facts.targets.groupby("family", sort=False)
    ]
    return [
        Prose(locale.words["targets_lead"], "small"),
        *_legend(locale, check=True),
        *families,
        Shown(tables.targets_table(facts, locale), locale.words["table_targets"]),
    ]


def _target(row: text.Row, locale: Locale) -> Row:
    used = row["use"] != "compare"
    verdict = ("met" if row["met"] else "missed") if used else "beside"
    notes = []
    if verdict == "missed":
        notes = [f"{check_text(row, locale)} {meaning(row, locale)}".lstrip()]
    return _mark(row, row_label(row["target"], locale), row["check"], verdict, notes, locale)


def _mark(
    row: text.Row, name: str, check: float, verdict: str, notes: Sequence[str], locale: Locale
) -> Row:
    """Return the model's value with its interval, a second one, and what agrees, in errors."""
    value, error = row["value"], row["error"]
    least, most = BANDS[row.get("expects", "within")]
    marks = (
        ("agree", value + least * error, value + most * error),
        ("zero", value),
        ("whisker", row["low"], row["high"]),
        ("ring", check),
        ("dot", row["model"]),
    )
    ends = (value - MOST_ERRORS * error, value + MOST_ERRORS * error)
    return Row(
        name,
        [Track({"marks": marks, "ends": ends})],
        value=model_text(row, locale),
        detail=observed_text(row, locale),
        verdict=locale.words[f"verdict_{verdict}"],
        notes=notes,
        state=verdict,
    )


def _validation(facts: CalibrationFacts, locale: Locale) -> list[Any]:
    """Return what the observations that no fit has seen say: failures first."""
    words = locale.words
    if facts.validation is None:
        return [Prose(words["no_validation"], "not")]
    rows = facts.compared.to_dict("records")
    blocks: list[Any] = [Prose(validation_lead(facts, locale), "lead")]
    for verdict, state, title in (("fail", "missed", "failures"), ("pass", "met", "passes")):
        of_verdict = [row for row in rows if row["verdict"] == verdict]
        if not of_verdict:
            continue
        blocks.append(Heading(words[title]))
        if len(blocks) == 2:
            blocks += _legend(locale, check=False)
        marks = [
            _mark(
                row,
                row_label(row["row"], locale),
                np.nan,
                state,
                [
                    meaning(row, locale),
                    " ".join((whose(row["row"], locale), surely(row, locale))),
                ]
                if verdict == "fail"
                else [],
                locale,
            )
            for row in of_verdict
        ]
        blocks.append(Tracks(marks, "marks"))
    return [
        *blocks,
        Shown(tables.validation_table(facts, locale), words["table_validation"]),
        Shown(tables.left_table(facts, locale), words["table_left"]),
    ]


# Posterior ---------------------------------------------------------------------------------


def _posterior(facts: CalibrationFacts, locale: Locale) -> list[Any]:
    """Return prior and posterior of each free parameter, and what the data say of it."""
    words = locale.words
    rows = facts.widths.sort_values("width_ratio").to_dict("records")
    return [
        Prose(words["posterior_lead"], "small"),
        Keys(
            [
                (("density",), words["key_posterior"]),
                (("prior",), words["key_prior"]),
                (("interval",), words["key_interval_90"]),
            ]
        ),
        Group("panels", _marginals(facts, locale)),
        Shown(tables.widths_table(facts, locale), words["table_widths"]),
        Heading(words["identification"]),
        Items([width_sentence(facts, row, locale) for row in rows], "plain"),
        Heading(words["correlations"]),
        *_correlations(facts, locale),
    ]


def _marginals(facts: CalibrationFacts, locale: Locale) -> list[Chart]:
    """Draw the posterior of each free parameter over its prior."""
    found = []
    for row in facts.widths.to_dict("records"):
        name = str(row["parameter"])
        if facts.free[name][0] not in facts.posterior:
            continue
        prior = (row["prior_low"], row["prior_high"])
        summary = (row["mean"], row["low"], row["high"])
        digits = max(digits_of(0.1 * max(abs(end) for end in prior)), 0)
        mean, low, high = (locale.numbers.fixed(each, digits) for each in summary)
        message = {"mean": mean, "low": low, "high": high}
        seen = bool(row["identified"])
        found.append(
            Chart(
                "density",
                _density(facts.values_of(name), facts.weights, prior, summary),
                locale.say("marginal_role", label=name, **message),
                caption=Markup("{} <code>{}</code>").format(parameter_label(name, locale), name),
                note=Markup('{} <b class="{}">{}</b>').format(
                    locale.say("marginal_said", **message),
                    "yes" if seen else "no",
                    locale.words["identified" if seen else "not_identified"],
                ),
            )
        )
    return found


def _density(
    x: np.ndarray, weights: np.ndarray, ends: tuple[float, float], summary: tuple[float, ...]
) -> dict[str, Any]:
    """Return the density of weighted values over a range, as a multiple of the uniform one."""
    count, _ = np.histogram(x, bins=_BINS, range=ends, weights=weights)
    mean, *interval = summary
    density = count * _BINS / weights.sum()
    return {"low": ends[0], "high": ends[1], "density": density, "mean": mean, "interval": interval}


def _correlations(facts: CalibrationFacts, locale: Locale) -> list[Any]:
    """Return the correlations of pairs of free parameters as coloured cells."""
    names = [name for name in facts.free if facts.free[name][0] in facts.posterior]
    if len(names) < 2 or facts.effective < 3.0:
        return [Prose(locale.words["no_correlations"], "not")]
    x = np.stack([facts.values_of(name) for name in names])
    matrix = _weighted_correlation(x, facts.weights)
    np.fill_diagonal(matrix, np.nan)
    labels = [parameter_label(name, locale) for name in names]
    unit = locale.words["correlation_unit"]
    title = locale.words["correlations"]
    return [
        Prose(locale.words["correlations_lead"], "small"),
        heat(matrix, labels, labels, 2, locale, title, unit=unit, shades=CORRELATIONS),
    ]


def _weighted_correlation(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    covariance = np.cov(x, aweights=weights, ddof=0)
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


# Diagnostics -------------------------------------------------------------------------------


def _gate(facts: CalibrationFacts, name: str, locale: Locale) -> Group:
    """Return a diagnostic: what it found, or that it has not been run."""
    words, gate = locale.words, facts.gates.get(name)
    if gate is None:
        state, sentence = "missing", words[f"missing_{name}"]
    else:
        passed = gate.get("passed")
        state = "said" if passed is None else "met" if passed else "missed"
        sentence = verdict_sentence(facts.verdict(name), diagnostics_locale(locale.language))
    title = words[f"gate_{name}"]
    head = Markup('{} <span class="vd">{}</span>').format(title, words[f"gate_{state}"])
    blocks: list[Any] = [Heading(head), Prose(sentence), Prose(words[f"what_{name}"], "small")]
    if table := tables.gate_table(facts, name, locale):
        blocks.append(Shown(table, locale.say("table_gate", name=title)))
    return Group(f"gate {state}", blocks)


def _draws(about: Mapping[str, Any]) -> str:
    """Return the option that says how many draws were compared, if that is not the usual number."""
    draws = about.get("draws", DRAWS)
    return "" if draws == DRAWS else f" --draws {draws}"


# How to make it again ----------------------------------------------------------------------


def _again(facts: CalibrationFacts, locale: Locale) -> Section:
    """Return the commands that make the calibration again, and the facts that fix its numbers."""
    manifest, about, fixed = facts.manifest, facts.validation_about, locale.numbers.fixed
    named = {
        "r_study": manifest.get("study_hash", ""),
        "r_seed": str(manifest["seed"]),
        "r_scale": locale.numbers.percent(float(manifest["scale"])),
        **{f"r_data_{key}": value for key, value in manifest.get("data", {}).items()},
        "r_validation": about.get("rows_sha256", ""),
        **made_with(manifest, locale),
        "r_seconds": locale.say("r_seconds_value", seconds=fixed(manifest.get("seconds_now", 0.0))),
        "r_validation_seconds": locale.say("r_seconds_value", seconds=fixed(about["seconds"]))
        if about
        else "",
    }
    folder = facts.folder
    study = shlex.quote(folder.as_posix()) if (folder / "study.yaml").is_file() else "STUDY"
    territory = manifest.get("territory")
    where = f" --territory {shlex.quote(territory)}" if territory else ""
    command = (
        f"sim77 calibrate {study}{where} --out out/again\n"
        f"sim77 validate out/again{_draws(about)}\n"
        "sim77 report out/again"
    )
    return again(locale.words["calibration_again"], command, named, locale)
