"""The frame of a study's page: what was varied and how, how far to trust it, how to do it again."""

from __future__ import annotations

import numpy as np

from sim77.analysis.sweep.outcome_direction import BASELINE, EFFECT
from sim77.analysis.sweep.outcomes import biased_in_a_sample
from sim77.analysis.sweep.study import STUDY_FILE
from sim77.registry.parameters import load_parameters
from sim77.report.locale import Voice
from sim77.report.page import Section, again, made_with
from sim77.report.run.about import trust
from sim77.report.run.facts import estimated_of
from sim77.report.study.facts import StudyFacts
from sim77.report.study.text import factor_label, mean_count, outcome_label, value_text
from sim77.report.tables import Table

_CENTRE = ("telecentre", "centre_", "half_", "refusals", "desks")


def study_name(facts: StudyFacts, voice: Voice) -> str:
    """Return the title of the study, else the name of its scenario or function."""
    study = facts.sweep.study
    title = study.text("title", voice.language)
    return title or ", ".join(study.scenario_names) or study.evaluator


def caveat(facts: StudyFacts, voice: Voice) -> str:
    """Say how many runs there are, and of what kind of parameters."""
    points = facts.sweep.table()["design"].nunique()
    return voice.say(
        "caveat" if facts.sweep.study.draws is None else "caveat_posterior",
        runs=voice.numbers.count(facts.runs),
        points=voice.numbers.count(points),
        seeds=mean_count(facts.runs / points, voice),
    )


def parts_lead(facts: StudyFacts, voice: Voice) -> str:
    """Say what the parts of the variance are, and from how many runs."""
    if facts.parts is None:
        return ""
    count, row = voice.numbers.count, facts.parts.iloc[0]
    given = {key: count(row[key]) for key in ("points", "draws")}
    return voice.say("variance_lead", seeds=count(row["seeds_per_draw"]), **given)


def design(facts: StudyFacts, voice: Voice) -> list[tuple[str, str]]:
    """Return the facts of the design, by name."""
    study, words = facts.sweep.study, voice.words
    points = voice.numbers.count(study.n_points)
    seeds = sorted({int(seed) for seed in facts.sweep.table()["seed"]})
    rows = {
        "k_scenario": ", ".join(study.scenario_names)
        or voice.say("function", name=study.evaluator),
        "k_baseline": study.base.name if study.base is not None else "",
        "k_design": voice.say(f"m_{study.plan.method}", points=points),
        "k_runs": voice.numbers.count(facts.runs),
        "k_failures": voice.numbers.count(facts.failures),
        "k_seeds": _seeds(seeds, voice),
    }
    if study.draws is not None:
        rows["k_posterior"] = voice.say(
            "k_posterior_value",
            draws=voice.numbers.count(facts.sweep.table()["draw"].nunique()),
            all=voice.numbers.count(len(study.draws.posterior)),
            hash=study.draws.posterior.hash[:12],
        )
    if not study.evaluator:
        first, last = study.days
        rows["k_period"] = voice.numbers.period(first, last)
        rows["k_scale"] = voice.numbers.percent(study.scale)
        rows["k_workplaces"] = ", ".join(
            words.get(f"zone_{zone.replace('-', '_')}", zone) for zone in study.workplaces
        )
    return [(words[key], value) for key, value in rows.items() if value]


def _seeds(seeds: list[int], voice: Voice) -> str:
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1)):
        return voice.say("between", low=str(seeds[0]), high=str(seeds[-1]))
    return ", ".join(map(str, seeds[:12])) + (" …" if len(seeds) > 12 else "")


def factors_table(facts: StudyFacts, voice: Voice) -> Table:
    """Show every factor with what it ranges over."""
    rows = []
    for factor in facts.sweep.factors:
        if factor.values:
            said = ", ".join(value_text(factor, value, voice) for value in factor.values)
        else:
            low, high = (value_text(factor, end, voice) for end in (factor.low, factor.high))
            said = voice.say("between", low=low, high=high)
        kind = voice.words["lever" if factor.is_lever else "uncertainty"]
        rows.append((factor_label(factor, voice, unit=False), factor.name, kind, said))
    heads = tuple(voice.words[key] for key in ("h_factor", "s_source", "h_kind", "h_range"))
    return Table(heads, rows, names=3)


def sentences(facts: StudyFacts, voice: Voice) -> list[str]:
    """Return the sentences that say how far to trust the page."""
    study, words = facts.sweep.study, voice.words
    said = [words["about_points"]]
    if any(name.startswith(EFFECT) for name in facts.sweep.outcomes):
        said.append(words["about_pairs"])
    if facts.failures:
        said.append(voice.say("about_failures", number=voice.numbers.count(facts.failures)))
    shown = {finding.name for finding in facts.findings}
    prefix = EFFECT if any(name.startswith(EFFECT) for name in shown) else ""
    others = [
        name for name in facts.sweep.outcomes if name.startswith(prefix) and name not in shown
    ]  # fmt: skip
    if others:
        names = ", ".join(outcome_label(name, voice, short=True) for name in others)
        said.append(voice.say("about_others", number=voice.numbers.count(len(others)), names=names))
    if study.evaluator:
        return said
    if any(factor.name in load_parameters() for factor in facts.sweep.factors):
        said.append(words["about_ranges"])
    if any(
        name.removeprefix(EFFECT).removeprefix(BASELINE).startswith(_CENTRE)
        for name in facts.sweep.outcomes
    ):
        said.append(words["about_centre"])
    if study.scale < 1.0 and biased_in_a_sample(study.kept):
        said.append(voice.say("about_biased", scale=voice.numbers.percent(study.scale)))
    sites = [site.telecentre_id for scenario in study.scenarios for site in scenario.network]
    estimated = estimated_of(study.where, study.workplaces, np.unique(sites))
    posterior = None if study.draws is None else study.draws.posterior.described()
    return said + trust(
        estimated, voice, trains=len(study.where.lines) > 0, sites=bool(sites), posterior=posterior
    )


def again_section(facts: StudyFacts, voice: Voice) -> Section:
    """Return the commands that give the page again, and the facts that fix its numbers."""
    manifest, study = facts.sweep.manifest, facts.sweep.study
    seeds = sorted({int(seed) for seed in facts.sweep.table()["seed"]})
    named = {
        "r_seeds": _seeds(seeds, voice),
        "r_territory": "" if study.evaluator else f"{study.where.name}, {study.where.hash}",
        **made_with({**manifest, "sim77": manifest["pins"]["sim77"]}, voice),
    }
    command = "sim77 sweep study.yaml --out out/again\nsim77 report out/again"
    study_text = (facts.sweep.folder / STUDY_FILE).read_text(encoding="utf-8")
    texts = [(voice.words["study_text"], study_text)]
    return again(voice.words["study_again"], command, named, voice, texts)
