"""``sim77 report``: the page of a study, one HTML file that needs no network.

The page is written in French and in English like the other pages
(`sim77.report.page.write_page`); beside it goes a folder of CSV files with every table in full.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.analysis.sweep.file import default_store
from sim77.analysis.sweep.outcome_direction import EFFECT
from sim77.analysis.sweep.results import Sweep, load_sweep
from sim77.core.errors import ResultError
from sim77.core.files import replace_text
from sim77.report.charts import Bar, bars, heat
from sim77.report.locale import Locale, capital, decimals_for, locales
from sim77.report.page import (
    Chart,
    Chooser,
    Facts,
    Group,
    Heading,
    Items,
    Keys,
    Page,
    Prose,
    Raw,
    Row,
    Section,
    Shown,
    Track,
    Tracks,
    credits_of,
    write_page,
)
from sim77.report.study import about, tables
from sim77.report.study.facts import Curve, Finding, StudyFacts, curve_of, facts_of
from sim77.report.study.text import (
    box_text,
    condition_text,
    factor_label,
    factor_of,
    figures,
    in_sentences,
    interval_text,
    limit_ends,
    limit_text,
    noise_text,
    number,
    order_text,
    outcome_label,
    outcome_unit,
    regret_text,
    scores_tied,
    tidy,
    title,
    value_text,
    why_not,
)
from sim77.runs.store import MANIFEST

REPORT_FILE = "report.html"
_BARS = {
    "sobol": (("share", "first"), ("total", "total")),
    "morris": (("share", "mu_star"), ("spread", "sigma")),
    "delta": (("share", "delta"),),
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


def write_study_report(sweep: Sweep, path: str | Path, *, where: str | None = None) -> Path:
    """Write the page of a study, and its tables as CSV files in a folder beside it.

    Parameters
    ----------
    sweep : Sweep
        What `sim77.load` gives for the folder of a sweep.
    path : path
        The HTML file; it and its tables in the folder ``<name>-tables`` are replaced if they are
        there, other files in it are left.
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
    folder.mkdir(parents=True, exist_ok=True)
    files = tables.csv_files(facts)
    for finding in facts.findings:
        for what in ("prim", "cart"):
            # What an earlier page found was about another condition.
            if (name := f"{finding.name}-{what}.csv") not in files:
                (folder / name).unlink(missing_ok=True)
    for name, table in files.items():
        replace_text(folder / name, table.to_csv(index=False, lineterminator="\n"))
    write_page(page, "study", [_page(facts, locale) for locale in locales("summary", "study")])
    return page


def _page(facts: StudyFacts, locale: Locale) -> Page:
    study, words = facts.sweep.study, locale.words
    name = about.study_name(facts, locale)
    chapters = [
        Group("chap", chapter(facts, finding, locale), number)
        for number, finding in enumerate(facts.findings)
    ]
    names = [outcome_label(finding.name, locale) for finding in facts.findings]
    parts = tables.parts_table(facts, locale)
    return Page(
        locale=locale,
        document_title=locale.say("document_title", name=name),
        scenario=name,
        title=title(facts, locale),
        caveat=about.caveat(facts, locale),
        sample=about.sample_text(facts, locale),
        blocks=[
            Section(
                "question",
                name,
                [
                    Prose(study.text("question", locale.language), "lead"),
                    Facts(about.design(facts, locale), "cards"),
                    Shown(about.factors_table(facts, locale), words["table_factors"]),
                ],
            ),
            Section(
                "outcomes",
                words["outcomes"],
                [
                    Prose(words["outcomes_lead"], "small"),
                    Shown(
                        tables.outcomes_table(facts, locale),
                        words["outcomes"],
                        False,
                        style="whole",
                    ),
                ],
            ),
            *(
                [
                    Section(
                        "variance",
                        words["variance"],
                        [
                            Prose(about.parts_lead(facts, locale), "small"),
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
            Section("scores", words["scores"], _scores(facts, locale)),
            Section(
                "about",
                words["about"],
                [
                    Items(about.sentences(facts, locale)),
                    Heading(words["methods"]),
                    Items([words["method_tools"], words["method_prim"]]),
                ],
                "text",
            ),
            about.again_section(facts, locale),
            credits_of(None if study.evaluator else study.where, locale),
        ],
    )


# A chapter for each headline outcome -------------------------------------------------------


def chapter(facts: StudyFacts, finding: Finding, locale: Locale) -> list[Any]:
    """Return all that is said of one outcome."""
    name, words = finding.name, locale.words
    mean = next(each for each in facts.means if each.name == name)
    label, unit = outcome_label(name, locale), outcome_unit(name, locale)
    curves = {
        each: curve_of(finding.points, each, finding.blocks)
        for each in tables.drawn_factors(facts, finding)
    }
    factor, told = in_sentences(name, locale)
    lead = locale.say("chapter_lead", unit=told, **figures(mean, factor, locale))
    return [
        Raw(Markup("<h2>{}</h2>").format(label)),
        Prose(tidy(lead), "lead"),
        Prose(noise_text(finding, locale), "small"),
        *_grid(facts, finding, locale),
        Heading(words["by_factor"]),
        Prose(words["by_factor_lead"], "small"),
        Keys([(("points",), _points_key(finding.points, locale)), (("mean",), words["key_mean"])]),
        Group("panels", [_panel(facts, finding, each, curves[each], locale) for each in curves]),
        Prose(locale.say("axis" if unit else "axis_plain", label=label, unit=unit), "small"),
        Shown(tables.curve_table(facts, finding, curves, locale), words["table_curves"]),
        Group(
            "parts2",
            [
                Group("", [Heading(words["sensitivity"]), *_sensitivity(facts, finding, locale)]),
                Group(
                    "",
                    [
                        Heading(words["discovery"]),
                        *_box(facts, finding, locale),
                        *_leaves(facts, finding, locale),
                    ],
                ),
            ],
        ),
        Heading(words["regret"]),
        *_regret(facts, finding, locale),
    ]


def _panel(facts: StudyFacts, finding: Finding, name: str, curve: Curve, locale: Locale) -> Chart:
    varied = factor_of(facts, name)
    factor = factor_label(varied, locale)
    names = [value_text(facts, varied, value, locale) for value in curve.names]
    role = locale.say(
        "panel_role",
        label=outcome_label(finding.name, locale),
        factor=factor,
        least=number(float(curve.mean.min()), locale),
        most=number(float(curve.mean.max()), locale),
    )
    return Chart("factor", factor_data(finding.points, name, curve, names), role, caption=factor)


_MOST_POINTS = 1000
"""Points that a chart draws: more hide each other, and made the page of a large study 5 MB."""


def _points_key(points: pd.DataFrame, locale: Locale) -> str:
    if len(points) <= _MOST_POINTS:
        return locale.words["key_point"]
    shown, number = (locale.numbers.count(n) for n in (_MOST_POINTS, len(points)))
    return locale.say("key_point_of", shown=shown, number=number)


def factor_data(
    points: pd.DataFrame, factor: str, curve: Curve, names: Sequence[str] = ()
) -> dict[str, Any]:
    """Return an outcome at design points by one factor, with the means and intervals of all.

    Texts are told on the axis by their `names`, in the order of the curve's. Of more than a
    thousand points a thousand are drawn, the same for every factor.
    """
    means = zip(curve.x, curve.mean, curve.low, curve.high, strict=True)
    drawn = points.sample(min(len(points), _MOST_POINTS), random_state=1).sort_index()
    return {
        "points": list(zip(drawn[factor], drawn["mean"], strict=True)),
        "means": [
            {"x": curve.names[int(x)] if curve.names else x, "mean": mean, "low": low, "high": high}
            for x, mean, low, high in means
        ],
        "texts": curve.names,
        "names": names,
    }


def _grid(facts: StudyFacts, finding: Finding, locale: Locale) -> list[Any]:
    """Return the table of means by two levers as coloured cells, if the study is such a grid."""
    grid = tables.lever_grid(facts, finding)
    if grid is None:
        return []
    row, column = (factor_of(facts, str(axis.name)) for axis in (grid.index, grid.columns))
    values = grid.to_numpy(float)
    title = locale.words["grid_title"]
    cells = heat(
        values,
        [value_text(facts, row, value, locale, unit=False) for value in grid.index],
        [value_text(facts, column, value, locale, unit=False) for value in grid.columns],
        decimals_for(float(np.abs(values).max())),
        locale,
        title,
        unit=f"{outcome_label(finding.name, locale)} {outcome_unit(finding.name, locale)}",
        titles=(factor_label(row, locale), factor_label(column, locale)),
    )
    return [Heading(title), cells]


_SCORES = {"prefix": "q", "breaks": (0.05, 0.1, 0.2, 0.4, 0.7)}
"""Scores of an outcome add up to 1: most are small."""


def _scores(facts: StudyFacts, locale: Locale) -> list[Any]:
    """Return the feature scores of all headline outcomes as coloured cells."""
    if isinstance(facts.scores, str):
        return [Prose(why_not("scores", facts.scores, locale), "not")]
    wide = facts.scores.pivot_table(index="factor", columns="outcome", values="score")
    wide = wide.loc[wide.mean(axis=1).sort_values(ascending=False).index]
    wide = wide[[each.name for each in facts.findings if each.name in wide]]
    paired = all(str(name).startswith(EFFECT) for name in wide)
    cells = heat(
        wide.to_numpy(float),
        [factor_label(factor_of(facts, str(name)), locale, unit=False) for name in wide.index],
        [outcome_label(str(name), locale, short=paired) for name in wide.columns],
        2,
        locale,
        locale.words["scores"],
        unit=locale.words["scores_unit"],
        shades=_SCORES,
    )
    table = Shown(tables.scores_table(facts, locale), locale.words["table_scores"])
    tied = scores_tied(facts.scores, [str(name) for name in wide.columns], locale, short=paired)
    told = [Prose(tied, "small")] if tied else []
    return [Prose(locale.words["scores_lead"], "small"), cells, *told, table]


# Sensitivity, regions ----------------------------------------------------------------------


def _bars(frame: pd.DataFrame, kind: str, digits: int, locale: Locale) -> list[Bar]:
    """Return the indices of a table as bars."""
    return [
        Bar(value, low, high, interval_text(value, low, high, locale, digits), kind)
        for value, low, high in zip(frame["index"], frame["low"], frame["high"], strict=True)
    ]


def _sensitivity(facts: StudyFacts, finding: Finding, locale: Locale) -> list[Any]:
    """Return the bars of the indices, the greatest first."""
    table, words = finding.sensitivity, locale.words
    if isinstance(table, str):
        return [Prose(why_not("sensitivity", table, locale), "not")]
    kinds = _BARS[finding.method]
    by_order = {order: table[table["order"] == order].set_index("factor") for _, order in kinds}
    leading = by_order[kinds[-1][1] if finding.method == "sobol" else kinds[0][1]]
    names = leading["index"].sort_values(ascending=False).index.tolist()
    digits = decimals_for(table["index"].abs().max()) if finding.method == "morris" else 2
    columns = [_bars(by_order[order].loc[names], kind, digits, locale) for kind, order in kinds]
    labels = [factor_label(factor_of(facts, name), locale, unit=False) for name in names]
    lead = locale.say(
        f"lead_{finding.method}",
        n=locale.numbers.count(table["n"].iloc[0]),
        unit=outcome_unit(finding.name, locale),
    )
    return [
        Prose(tidy(lead), "small"),
        _legend([(kind, words[f"index_{order}"]) for kind, order in kinds], locale),
        Tracks(bars(zip(labels, zip(*columns, strict=True), strict=True))),
        Prose(order_text(leading.reset_index(), locale), "small"),
        *_pairs(facts, table[table["order"] == "second"], locale),
        Shown(tables.sensitivity_table(facts, finding, locale), words["table_sensitivity"]),
    ]


def _legend(kinds: Sequence[tuple[str, str]], locale: Locale) -> Keys:
    items = [((kind,), name) for kind, name in kinds]
    return Keys([*items, (("whisker",), locale.words["key_interval"])])


def _pairs(facts: StudyFacts, second: pd.DataFrame, locale: Locale) -> list[Any]:
    """Return the bars of the second-order indices, the greatest first."""
    if second.empty:
        return []
    shown = second.sort_values("index", ascending=False, kind="stable").head(MOST_PAIRS)
    names = [
        " × ".join(
            factor_label(factor_of(facts, name), locale, unit=False, inside=place > 0)
            for place, name in enumerate(pair)
        )
        for pair in zip(shown["factor"], shown["other"], strict=True)
    ]
    count = locale.numbers.count
    lead = locale.say(
        "pairs_lead",
        shown=count(len(shown)),
        number=count(len(second)),
        clear=count((second["low"] > 0.0).sum()),
    )
    return [
        Heading(locale.words["pairs"]),
        Prose(lead, "small"),
        _legend([("share", locale.words["index_second"])], locale),
        Tracks(bars((name, [bar]) for name, bar in
                    zip(names, _bars(shown, "share", 2, locale), strict=True))),
    ]  # fmt: skip


def _box(facts: StudyFacts, finding: Finding, locale: Locale) -> list[Any]:
    """Return the region in words and as ranges within those studied."""
    box = finding.box
    if isinstance(box, str):
        why = why_not("prim", box, locale)
        if finding.condition is not None:
            condition = capital(condition_text(finding.condition, locale))
            why = locale.say("why_prim", condition=condition, why=why)
        return [Prose(why, "not")]
    lead = locale.say("box_lead", condition=condition_text(box.condition, locale))
    blocks: list[Any] = [Prose(lead, "small"), Prose(capital(box_text(facts, box, locale)), "say")]
    limits = [_limit(facts, row, locale) for row in box.limits.to_dict("records")]
    if limits:
        table = Shown(tables.box_table(facts, finding, locale), locale.words["table_box"])
        blocks += [Tracks(limits, "box"), table]
    return blocks


def _limit(facts: StudyFacts, row: dict[Hashable, Any], locale: Locale) -> Row:
    """Return a limited factor as the part of its range that the box keeps."""
    factor = factor_of(facts, str(row["factor"]))
    if row["values"]:
        least, most = 0.0, float(max(len(factor.values), 1))
        low, high, ends = 0.0, float(len(row["values"])), ""
    else:
        least, most = row["range_low"], row["range_high"]
        low = least if np.isnan(row["low"]) else row["low"]
        high = most if np.isnan(row["high"]) else row["high"]
        digits = limit_ends(factor, row)[2]
        ends = locale.say(
            "between",
            low=locale.numbers.fixed(least, digits),
            high=locale.numbers.fixed(most, digits),
        )
    marks = [("range", least, most), ("within", low, high)]
    track = Track({"marks": marks, "ends": (least, most)})
    sentence = limit_text(factor, row, locale)
    return Row(
        factor_label(factor, locale), [track], value=sentence, detail=f"({ends})" if ends else ""
    )


def _leaves(facts: StudyFacts, finding: Finding, locale: Locale) -> list[Any]:
    if not isinstance(finding.leaves, pd.DataFrame) or finding.condition is None:
        return []
    condition, title = condition_text(finding.condition, locale), locale.words["cart"]
    return [
        Heading(title),
        Prose(locale.say("cart_lead", condition=condition), "small"),
        Shown(tables.cart_table(facts, finding, locale), title, folded=False, style="whole"),
    ]


def _regret(facts: StudyFacts, finding: Finding, locale: Locale) -> list[Any]:
    message = tidy(regret_text(facts, finding, locale))
    if isinstance(finding.regret, str):
        return [Prose(message, "not")]
    title = locale.words["regret"]
    table = Shown(tables.regret_table(facts, finding, locale), title, folded=False)
    keys = ["regret_lead", *(["regret_threshold"] if "satisficing" in finding.regret else [])]
    lead = " ".join(locale.words[each] for each in keys)
    return [Prose(message, "say"), Prose(lead, "small"), table]
