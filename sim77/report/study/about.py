"""The frame of a study's page: what was varied and how, how far to trust it, how to do it again."""

from __future__ import annotations

import numpy as np

from sim77.analysis.sweep.outcome_direction import BASELINE, EFFECT
from sim77.analysis.sweep.outcomes import biased_in_a_sample
from sim77.analysis.sweep.study import STUDY_FILE
from sim77.registry.parameters import load_parameters
from sim77.report.locale import Locale
from sim77.report.names import scenario_label, zone_names
from sim77.report.page import Section, again, made_with
from sim77.report.run.about import trust
from sim77.report.run.facts import estimated_of
from sim77.report.run.text import left_out
from sim77.report.study.facts import StudyFacts
from sim77.report.study.text import (
    factor_label,
    mean_count,
    number,
    outcome_label,
    outcome_unit,
    value_text,
)
from sim77.report.tables import Table
from sim77.runs.execute import share_in_scope

_CENTRE = (
    "telecentre", "centre_", "half_", "refusals", "desks", "share_desks",
    "share_of_remote_in_telecentre",
)  # fmt: skip


def study_name(facts: StudyFacts, locale: Locale) -> str:
    """Return the title of the study, else the name of its scenario or function."""
    study = facts.sweep.study
    title = study.text("title", locale.language)
    return title or ", ".join(study.scenario_names) or study.evaluator


def caveat(facts: StudyFacts, locale: Locale) -> str:
    """Say how many runs there are, and of what kind of parameters."""
    points = facts.sweep.table()["design"].nunique()
    message = locale.say(
        "caveat" if facts.sweep.study.draws is None else "caveat_posterior",
        runs=locale.numbers.count(facts.runs),
        points=locale.numbers.count(points),
        seeds=mean_count(facts.runs / points, locale),
    )
    study = facts.sweep.study
    of_a_part = study.scale < 1.0 and not study.evaluator and not sample_text(facts, locale)
    part = locale.say("caveat_sample", scale=locale.numbers.percent(study.scale))
    said = (
        message,
        part if of_a_part else "",
        _imprecise(facts, locale),
        *_left_out(facts, locale),
    )
    return " ".join(each for each in said if each)


def _left_out(facts: StudyFacts, locale: Locale) -> list[str]:
    """Say who is left out and might want a desk, in a study that keeps outcomes of centres."""
    study = facts.sweep.study
    if study.evaluator or not _tells_of_centres(facts):
        return []
    return left_out(share_in_scope(study.where, study.zones), locale)


def _tells_of_centres(facts: StudyFacts) -> bool:
    return any(
        name.removeprefix(EFFECT).removeprefix(BASELINE).startswith(_CENTRE)
        for name in facts.sweep.outcomes
    )


def sample_text(facts: StudyFacts, locale: Locale) -> str:
    """Say which of the study's outcomes a part of the workers does not show; or nothing."""
    study = facts.sweep.study
    if study.evaluator or study.scale >= 1.0 or not biased_in_a_sample(study.kept):
        return ""
    return locale.say("about_biased", scale=locale.numbers.percent(study.scale))


def _imprecise(facts: StudyFacts, locale: Locale) -> str:
    """Say how many points miss the precision that the study asks for, or nothing."""
    study, wide = facts.sweep.study, facts.sweep.n_imprecise
    if not wide:
        return ""
    outcome = study.repeats.outcome
    half = f"{number(study.repeats.half_width, locale)} {outcome_unit(outcome, locale)}"
    return locale.say(
        "imprecise",
        wide=locale.numbers.count(wide),
        points=locale.numbers.count(study.n_points),
        half=half.rstrip(),
        outcome=outcome_label(outcome, locale),
        runs=locale.numbers.count(study.repeats.at_most),
    )


def parts_lead(facts: StudyFacts, locale: Locale) -> str:
    """Say what the parts of the variance are, and from how many runs."""
    if facts.parts is None:
        return ""
    count, row = locale.numbers.count, facts.parts.iloc[0]
    given = {key: count(row[key]) for key in ("points", "draws")}
    return locale.say("variance_lead", seeds=count(row["seeds_per_draw"]), **given)


def design(facts: StudyFacts, locale: Locale) -> list[tuple[str, str]]:
    """Return the facts of the design, by name."""
    study, words = facts.sweep.study, locale.words
    points = locale.numbers.count(study.n_points)
    seeds = sorted({int(seed) for seed in facts.sweep.table()["seed"]})
    rows = {
        "k_scenario": " / ".join(
            scenario_label(name, locale, study.where) for name in study.scenario_names
        )
        or locale.say("function", name=study.evaluator),
        "k_baseline": scenario_label(study.base.name, locale, study.where)
        if study.base is not None
        else "",
        "k_design": locale.say(f"m_{study.plan.method}", points=points),
        "k_runs": locale.numbers.count(facts.runs),
        "k_failures": locale.numbers.count(facts.failures),
        "k_seeds": _seeds(seeds, locale),
    }
    if study.draws is not None:
        rows["k_posterior"] = locale.say(
            "k_posterior_value",
            draws=locale.numbers.count(facts.sweep.table()["draw"].nunique()),
            all=locale.numbers.count(len(study.draws.posterior)),
            hash=study.draws.posterior.hash[:12],
        )
    if not study.evaluator:
        first, last = study.days
        rows["k_period"] = locale.numbers.period(first, last)
        rows["k_scale"] = locale.numbers.percent(study.scale)
        rows["k_workplaces"] = zone_names(study.where, study.zones, locale)
    return [(words[key], value) for key, value in rows.items() if value]


def _seeds(seeds: list[int], locale: Locale) -> str:
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return locale.say("between", low=str(seeds[0]), high=str(seeds[-1]))
    return ", ".join(map(str, seeds[:12])) + (" …" if len(seeds) > 12 else "")


def factors_table(facts: StudyFacts, locale: Locale) -> Table:
    """Show every factor with what it ranges over."""
    rows = []
    for factor in facts.sweep.factors:
        if factor.values:
            message = ", ".join(value_text(facts, factor, value, locale) for value in factor.values)
        else:
            low, high = (
                value_text(facts, factor, end, locale) for end in (factor.low, factor.high)
            )
            message = locale.say("between", low=low, high=high)
        kind = locale.words["lever" if factor.is_lever else "uncertainty"]
        rows.append((factor_label(factor, locale, unit=False), factor.name, kind, message))
    heads = tuple(locale.words[key] for key in ("h_factor", "s_source", "h_kind", "h_range"))
    return Table(heads, rows, names=3, words=1)


def sentences(facts: StudyFacts, locale: Locale) -> list[str]:
    """Return the sentences that say how far to trust the page."""
    study, words = facts.sweep.study, locale.words
    message = [words["about_points"]]
    if any(name.startswith(EFFECT) for name in facts.sweep.outcomes):
        message.append(words["about_pairs"])
    if facts.failures:
        message.append(locale.say("about_failures", number=locale.numbers.count(facts.failures)))
    shown = {finding.name for finding in facts.findings}
    prefix = EFFECT if any(name.startswith(EFFECT) for name in shown) else ""
    others = [
        name for name in facts.sweep.outcomes if name.startswith(prefix) and name not in shown
    ]  # fmt: skip
    if others:
        names = ", ".join(outcome_label(name, locale, short=True) for name in others)
        message.append(locale.say("about_others", names=names))
    if study.evaluator:
        return message
    if any(factor.name in load_parameters() for factor in facts.sweep.factors):
        message.append(words["about_ranges"])
    if _tells_of_centres(facts):
        message.append(words["about_centre"])
    sites = [site.telecentre_id for scenario in study.scenarios for site in scenario.network]
    estimated = estimated_of(study.where, np.unique(sites))
    posterior = None if study.draws is None else study.draws.posterior.described()
    return message + trust(
        study.where, estimated, locale, trains=len(study.where.lines) > 0, sites=bool(sites),
        posterior=posterior,
    )  # fmt: skip


def again_section(facts: StudyFacts, locale: Locale) -> Section:
    """Return the commands that give the page again, and the facts that fix its numbers."""
    manifest, study = facts.sweep.manifest, facts.sweep.study
    seeds = sorted({int(seed) for seed in facts.sweep.table()["seed"]})
    named = {
        "r_seeds": _seeds(seeds, locale),
        "r_territory": "" if study.evaluator else f"{study.where.name}, {study.where.hash}",
        **made_with({**manifest, "sim77": manifest["pins"]["sim77"]}, locale),
    }
    command = "sim77 sweep study.yaml --out out/again\nsim77 report out/again"
    study_text = (facts.sweep.folder / STUDY_FILE).read_text(encoding="utf-8")
    texts = [(locale.words["study_text"], study_text)]
    return again(locale.words["study_again"], command, named, locale, texts)
