"""``sim77 report``: the page of a study, one HTML file that needs no network.

The page is written in French and in English like the other pages
(`sim77.report.page.write_page`); beside it goes a folder of CSV files with every table in full.
"""

from __future__ import annotations

import shutil
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.analysis.sweep.outcome_direction import EFFECT
from sim77.analysis.sweep.results import Sweep, load_sweep
from sim77.analysis.sweep.study import STUDY_FILE
from sim77.core.errors import ResultError
from sim77.report.charts import POINTS_KEY, Curve, draw_factor, line_key
from sim77.report.locale import Voice, decimals_for, voices
from sim77.report.page import (
    Chooser,
    Drawing,
    Facts,
    Group,
    Heading,
    Items,
    Keys,
    Page,
    Prose,
    Raw,
    Section,
    Shown,
    Tracks,
    credits_of,
    write_page,
)
from sim77.report.shades import heat
from sim77.report.study import about, tables
from sim77.report.study.facts import Finding, StudyFacts, curve_of, facts_of
from sim77.report.study.text import (
    box_text,
    condition_text,
    factor_label,
    factor_of,
    figures,
    interval_text,
    limit_text,
    noise_text,
    number,
    outcome_label,
    outcome_unit,
    regret_text,
    tidy,
    title,
    value_text,
    why_not,
)
from sim77.report.tracks import Bar, Row, Scale, Track, bars, key
from sim77.runs.store import MANIFEST

REPORT_FILE = "report.html"
_BARS = {
    "sobol": (("main", "first"), ("more", "total")),
    "morris": (("main", "mu_star"), ("spread", "sigma")),
    "delta": (("main", "delta"),),
}
MOST_PAIRS = 8
"""Pairs of factors drawn; the table behind the chart has all."""


def sweep_of(given: str | Path) -> Sweep:
    """Return the runs of a study from the folder of its sweep, or from its file.

    Parameters
    ----------
    given : path
        The folder that ``sim77 sweep`` filled, or a study file (or its folder) whose sweep is where
        that command puts it without ``--out``: ``out/<name of the study's folder>``.

    Raises
    ------
    ResultError
        If there are no runs.
    """
    path = Path(given)
    if (path / MANIFEST).is_file():
        return load_sweep(path)
    if not path.exists():
        raise ResultError(f"there is no study or folder '{path}'.")
    folder = default_store(path)
    if not (folder / MANIFEST).is_file():
        raise ResultError(
            f"'{path}' holds no runs, and {folder} neither: run sim77 sweep {path}, or name the "
            "folder that it filled."
        )
    return load_sweep(folder)


def default_store(study: Path) -> Path:
    """Return where the runs of a study go when nothing else is said."""
    file = study / STUDY_FILE if study.is_dir() else study
    name = file.resolve().parent.name if file.name == STUDY_FILE else file.stem
    return Path("out") / name


def write_study_report(sweep: Sweep, path: str | Path, *, where: str | None = None) -> Path:
    """Write the page of a study, and its tables as CSV files in a folder beside it.

    Parameters
    ----------
    sweep : Sweep
        What `sim77.load` gives for the folder of a sweep.
    path : path
        The HTML file; it and the folder ``<name>-tables`` are replaced if they are there.
    where : str, optional
        The condition that PRIM and CART look for, such as ``effect_co2e_travel_kg < -100``.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    ResultError
        No run has finished, the condition cannot be read, or the file is no HTML file.
    """
    page = Path(path)
    if page.suffix.lower() not in (".html", ".htm"):
        raise ResultError(f"the report is an HTML file, expected a name like x.html, not '{page}'.")
    facts = facts_of(sweep, where, f"{page.stem}-tables")
    folder = page.parent / facts.tables
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        for name, table in tables.csv_files(facts).items():
            table.to_csv(partial / name, index=False, lineterminator="\n")
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)
    write_page(page, "study", [_page(facts, voice) for voice in voices("summary", "study")])
    return page


def _page(facts: StudyFacts, voice: Voice) -> Page:
    study, words = facts.sweep.study, voice.words
    name = about.study_name(facts, voice)
    chapters = [
        Group("chap", chapter(facts, finding, voice), number)
        for number, finding in enumerate(facts.findings)
    ]
    names = [outcome_label(finding.name, voice) for finding in facts.findings]
    parts = tables.parts_table(facts, voice)
    return Page(
        voice=voice,
        document_title=voice.say("document_title", name=name),
        scenario=name,
        title=title(facts, voice),
        caveat=about.caveat(facts, voice),
        blocks=[
            Section(
                "question",
                name,
                [
                    Prose(study.text("question", voice.language), "lead"),
                    Facts(about.design(facts, voice), "cards"),
                    Shown(about.factors_table(facts, voice), words["table_factors"]),
                ],
            ),
            Section(
                "outcomes",
                words["outcomes"],
                [
                    Prose(words["outcomes_lead"], "small"),
                    Shown(
                        tables.outcomes_table(facts, voice), words["outcomes"], False, style="whole"
                    ),
                ],
            ),
            *(
                [
                    Section(
                        "variance",
                        words["variance"],
                        [
                            Prose(about.parts_lead(facts, voice), "small"),
                            Shown(parts, words["variance"], folded=False),
                        ],
                    )
                ]
                if parts
                else []
            ),
            Section(
                "chapters",
                words["chapters"],
                [Chooser(words["choose"], names), *chapters] if len(chapters) > 1 else chapters,
                head="sr",
            ),
            Section("scores", words["scores"], _scores(facts, voice)),
            Section(
                "about",
                words["about"],
                [
                    Items(about.sentences(facts, voice)),
                    Heading(words["methods"]),
                    Items([words["method_tools"], words["method_prim"]]),
                ],
                "text",
            ),
            about.again_section(facts, voice),
            credits_of(None if study.evaluator else study.where, voice),
        ],
    )


# A chapter for each headline outcome -------------------------------------------------------


def chapter(facts: StudyFacts, finding: Finding, voice: Voice) -> list[Any]:
    """Return all that is said of one outcome."""
    name, words = finding.name, voice.words
    mean = next(each for each in facts.means if each.name == name)
    label, unit = outcome_label(name, voice), outcome_unit(name, voice)
    curves = {each: curve_of(finding.points, each) for each in tables.drawn_factors(facts, finding)}
    lead = voice.say("chapter_lead", unit=unit, **figures(mean, voice))
    return [
        Raw(Markup("<h2>{}</h2>").format(label)),
        Prose(tidy(lead), "lead"),
        Prose(noise_text(finding, voice), "small"),
        *_grid(facts, finding, voice),
        Heading(words["by_factor"]),
        Prose(words["by_factor_lead"], "small"),
        Keys([(POINTS_KEY, words["key_point"]), (line_key("wk", dot=True), words["key_mean"])]),
        Group("panels", [_panel(facts, finding, each, curves[each], voice) for each in curves]),
        Prose(voice.say("axis" if unit else "axis_plain", label=label, unit=unit), "small"),
        Shown(tables.curve_table(facts, finding, curves, voice), words["table_curves"]),
        Group(
            "parts2",
            [
                Group("", [Heading(words["sensitivity"]), *_sensitivity(facts, finding, voice)]),
                Group(
                    "",
                    [
                        Heading(words["discovery"]),
                        *_box(facts, finding, voice),
                        *_leaves(facts, finding, voice),
                    ],
                ),
            ],
        ),
        Heading(words["regret"]),
        *_regret(facts, finding, voice),
    ]


def _panel(facts: StudyFacts, finding: Finding, name: str, curve: Curve, voice: Voice) -> Drawing:
    factor = factor_label(factor_of(facts, name), voice)
    role = voice.say(
        "panel_role",
        label=outcome_label(finding.name, voice),
        factor=factor,
        least=number(float(curve.mean.min()), voice),
        most=number(float(curve.mean.max()), voice),
    )
    return Drawing(draw_factor(finding.points, name, curve, voice), role, caption=factor)


def _grid(facts: StudyFacts, finding: Finding, voice: Voice) -> list[Any]:
    """Return the table of means by two levers as coloured cells, if the study is such a grid."""
    grid = tables.lever_grid(facts, finding)
    if grid is None:
        return []
    row, column = (factor_of(facts, str(axis.name)) for axis in (grid.index, grid.columns))
    values = grid.to_numpy(float)
    title = voice.words["grid_title"]
    cells = heat(
        values,
        [value_text(row, value, voice, unit=False) for value in grid.index],
        [value_text(column, value, voice, unit=False) for value in grid.columns],
        decimals_for(float(np.abs(values).max())),
        voice,
        title,
        unit=f"{outcome_label(finding.name, voice)} {outcome_unit(finding.name, voice)}",
        titles=(factor_label(row, voice), factor_label(column, voice)),
    )
    return [Heading(title), cells]


def _scores(facts: StudyFacts, voice: Voice) -> list[Any]:
    """Return the feature scores of all headline outcomes as coloured cells."""
    if isinstance(facts.scores, str):
        return [Prose(why_not("scores", facts.scores, voice), "not")]
    wide = facts.scores.pivot_table(index="factor", columns="outcome", values="score")
    wide = wide.loc[wide.mean(axis=1).sort_values(ascending=False).index]
    wide = wide[[each.name for each in facts.findings if each.name in wide]]
    paired = all(str(name).startswith(EFFECT) for name in wide)
    cells = heat(
        wide.to_numpy(float),
        [factor_label(factor_of(facts, str(name)), voice, unit=False) for name in wide.index],
        [outcome_label(str(name), voice, short=paired) for name in wide.columns],
        2,
        voice,
        voice.words["scores"],
        unit=voice.words["scores_unit"],
    )
    table = Shown(tables.scores_table(facts, voice), voice.words["table_scores"])
    return [Prose(voice.words["scores_lead"], "small"), cells, table]


# Sensitivity, regions ----------------------------------------------------------------------


def _bars(frame: pd.DataFrame, kind: str, digits: int, voice: Voice) -> list[Bar]:
    """Return the indices of a table as bars."""
    return [
        Bar(value, low, high, interval_text(value, low, high, voice, digits), kind)
        for value, low, high in zip(frame["index"], frame["low"], frame["high"], strict=True)
    ]


def _sensitivity(facts: StudyFacts, finding: Finding, voice: Voice) -> list[Any]:
    """Return the bars of the indices, the greatest first."""
    table, words = finding.sensitivity, voice.words
    if isinstance(table, str):
        return [Prose(why_not("sensitivity", table, voice), "not")]
    kinds = _BARS[finding.method]
    by_order = {order: table[table["order"] == order].set_index("factor") for _, order in kinds}
    leading = by_order[kinds[-1][1] if finding.method == "sobol" else kinds[0][1]]
    names = leading["index"].sort_values(ascending=False).index.tolist()
    digits = decimals_for(table["index"].abs().max()) if finding.method == "morris" else 2
    columns = [_bars(by_order[order].loc[names], kind, digits, voice) for kind, order in kinds]
    labels = [factor_label(factor_of(facts, name), voice, unit=False) for name in names]
    lead = voice.say(
        f"lead_{finding.method}",
        n=voice.numbers.count(table["n"].iloc[0]),
        unit=outcome_unit(finding.name, voice),
    )
    return [
        Prose(tidy(lead), "small"),
        _legend([(kind, words[f"index_{order}"]) for kind, order in kinds], voice),
        Tracks(bars(zip(labels, zip(*columns, strict=True), strict=True))),
        *_pairs(facts, table[table["order"] == "second"], voice),
        Shown(tables.sensitivity_table(facts, finding, voice), words["table_sensitivity"]),
    ]


def _legend(kinds: Sequence[tuple[str, str]], voice: Voice) -> Keys:
    whole = "left:0;width:100%"
    items = [(key((f"bar b-{kind}", whole)), name) for kind, name in kinds]
    return Keys([*items, (key(("line", whole)), voice.words["key_interval"])])


def _pairs(facts: StudyFacts, second: pd.DataFrame, voice: Voice) -> list[Any]:
    """Return the bars of the second-order indices, the greatest first."""
    if second.empty:
        return []
    shown = second.sort_values("index", ascending=False, kind="stable").head(MOST_PAIRS)
    names = [
        " × ".join(
            factor_label(factor_of(facts, name), voice, unit=False, inside=place > 0)
            for place, name in enumerate(pair)
        )
        for pair in zip(shown["factor"], shown["other"], strict=True)
    ]
    count = voice.numbers.count
    lead = voice.say(
        "pairs_lead",
        shown=count(len(shown)),
        number=count(len(second)),
        clear=count((second["low"] > 0.0).sum()),
    )
    return [
        Heading(voice.words["pairs"]),
        Prose(lead, "small"),
        _legend([("main", voice.words["index_second"])], voice),
        Tracks(bars((name, [bar]) for name, bar in
                    zip(names, _bars(shown, "main", 2, voice), strict=True))),
    ]  # fmt: skip


def _box(facts: StudyFacts, finding: Finding, voice: Voice) -> list[Any]:
    """Return the region in words and as ranges within those studied."""
    box = finding.box
    if isinstance(box, str):
        why = why_not("prim", box, voice)
        if finding.condition is not None:
            condition = _capital(condition_text(finding.condition, voice))
            why = voice.say("why_prim", condition=condition, why=why)
        return [Prose(why, "not")]
    lead = voice.say("box_lead", condition=condition_text(box.condition, voice))
    blocks: list[Any] = [Prose(lead, "small"), Prose(_capital(box_text(facts, box, voice)), "say")]
    limits = [_limit(facts, row, voice) for row in box.limits.to_dict("records")]
    if limits:
        table = Shown(tables.box_table(facts, finding, voice), voice.words["table_box"])
        blocks += [Tracks(limits, "box"), table]
    return blocks


def _limit(facts: StudyFacts, row: dict[Hashable, Any], voice: Voice) -> Row:
    """Return a limited factor as the part of its range that the box keeps."""
    factor = factor_of(facts, str(row["factor"]))
    if row["values"]:
        scale = Scale(0.0, float(max(len(factor.values), 1)))
        low, high, ends = 0.0, float(len(row["values"])), ""
    else:
        least, most = row["range_low"], row["range_high"]
        scale = Scale(least, most)
        low = least if np.isnan(row["low"]) else row["low"]
        high = most if np.isnan(row["high"]) else row["high"]
        digits = decimals_for(max(abs(least), abs(most)))
        ends = voice.say(
            "between",
            low=voice.numbers.fixed(least, digits),
            high=voice.numbers.fixed(most, digits),
        )
    track = Track([("range", scale.between(low, high))])
    said = limit_text(factor, row, voice)
    return Row(factor_label(factor, voice), [track], value=said, detail=f"({ends})" if ends else "")


def _leaves(facts: StudyFacts, finding: Finding, voice: Voice) -> list[Any]:
    if not isinstance(finding.leaves, pd.DataFrame) or finding.condition is None:
        return []
    condition, title = condition_text(finding.condition, voice), voice.words["cart"]
    return [
        Heading(title),
        Prose(voice.say("cart_lead", condition=condition), "small"),
        Shown(tables.cart_table(facts, finding, voice), title, folded=False, style="whole"),
    ]


def _regret(facts: StudyFacts, finding: Finding, voice: Voice) -> list[Any]:
    told = tidy(regret_text(facts, finding, voice))
    if isinstance(finding.regret, str):
        return [Prose(told, "not")]
    title = voice.words["regret"]
    table = Shown(tables.regret_table(facts, finding, voice), title, folded=False)
    return [Prose(told, "say"), Prose(voice.words["regret_lead"], "small"), table]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
