"""The text of an explanation, in French or English: sentences first, then every term.

Sentences count in minutes of train, seated (utils divided by ``theta |beta_time|``); the tables
(`sim77.report.explain.tables`) hold utils, rounded so that adding them up gives the same choice.
"""

from __future__ import annotations

import textwrap

from sim77.analysis.explain.explain import Explanation, Scene
from sim77.analysis.explain.parts import DayPlan, WorkerDay
from sim77.core.units import MODES, Mode
from sim77.report.explain.speech import Speech, difference
from sim77.report.explain.tables import tables

_WIDTH = 100
_ALWAYS = 10


def explanation_text(explanation: Explanation, language: str = "en") -> str:
    """Return an explanation for a person to read: sentences, then every term."""
    speech = Speech(language)
    told = [textwrap.fill(each, _WIDTH) for each in paragraphs(explanation, speech)]
    return "\n\n".join([*told, *tables(explanation, speech)])


def paragraphs(explanation: Explanation, speech: Speech) -> list[str]:
    """Return the sentences of an explanation: what, who, rights, choice, the other scenario."""
    told = [
        headline(explanation, speech),
        _about(explanation, speech),
        " ".join(_rights(explanation.here.day, speech)),
        " ".join(_choice(explanation.here.day, speech)),
        " ".join(comparison(explanation, speech)),
    ]
    return [each for each in told if each]


def headline(explanation: Explanation, speech: Speech) -> str:
    """Say who does what on which day."""
    return speech.say(
        "title",
        commune=explanation.person.commune,
        does=speech.does(explanation.here.day.chosen),
        weekday=speech.numbers.weekday(explanation.date.weekday()),
        date=speech.numbers.date(explanation.date),
    )


def label(scene: Scene, speech: Speech) -> str:
    """Return the scenario's label in the language spoken."""
    return scene.label_fr if speech.numbers.language == "fr" else scene.label_en


def _about(explanation: Explanation, speech: Speech) -> str:
    person, scene = explanation.person, explanation.here
    about = speech.say(
        "about", label=label(scene, speech), scenario=scene.scenario, seed=explanation.seed,
        number=person.number, identity=person.identity,
    )  # fmt: skip
    facts = {
        "group": speech.words[person.group],
        "zone": speech.words[f"zone_{person.zone}"],
        "journeys": _journeys(scene, speech),
    }
    if person.size == "none":
        return f"{about} {speech.say('who_alone', **facts)}"
    size = speech.words[person.size]
    return f"{about} {speech.say('who', size=size[:1].lower() + size[1:], **facts)}"


def _journeys(scene: Scene, speech: Speech) -> str:
    rail, car = scene.day.peak
    rail_min, car_min = (speech.numbers.fixed(each) for each in (scene.rail_min, scene.car_min))
    if car.obstacle:
        reason = speech.words[f"obstacle_{car.obstacle}"]
        return speech.say("one_way", rail=rail_min, reason=reason)
    better = MODES[Mode.RAIL] if rail.utils >= car.utils else MODES[Mode.CAR]
    return speech.say("two_ways", rail=rail_min, car=car_min, mode=speech.words[f"mode_{better}"])


def _rights(day: WorkerDay, speech: Speech) -> list[str]:
    """Say what the worker may do that day."""
    words, rights = speech.words, day.rights
    if day.at_work:
        return [words[day.at_work]]
    if rights.allowance == 0:
        if not rights.teleworkable:
            return [words["not_teleworkable"]]
        return [words["no_allowance" if rights.covered else "not_covered"]]
    told = [words["unlimited"]]
    if rights.allowance < _ALWAYS:
        told = [
            speech.say("allowance", allowance=rights.allowance, used=rights.used, left=rights.left)
        ]
    if day.office.obstacle == "lockdown":
        told.append(words["locked"])
    elif any(plan.obstacle == "anchor" for plan in day.plans):
        told.append(words["anchored"])
    elif rights.left == 0:
        told.append(words["used_up"])
    if rights.subscriptions:
        told.append(speech.say("subscribed", centres=speech.listed(rights.subscriptions)))
    return told


def rival_of(day: WorkerDay, plan: DayPlan) -> DayPlan | None:
    """Return what a plan is compared with: the office, or the best other plan; None if alone."""
    others = [each for each in day.plans if each.key != plan.key and not each.obstacle]
    if day.office in others:
        return day.office
    open_to_all = [each for each in others if not each.refused]
    return max(open_to_all, key=lambda each: each.utils, default=None)


def _choice(day: WorkerDay, speech: Speech) -> list[str]:
    """Say why the plan carried out was better than the others, and what was refused."""
    chosen = day.chosen
    if chosen is None or day.wanted is None or len(day.plans) == 1:
        return []
    rival = rival_of(day, chosen)
    if rival is None:
        # Why only the office is there has been told with the rights.
        only = speech.say("only_plan", Chosen=_capital(speech.plan(chosen)))
        return [] if chosen.kind == "office" else [only]
    told = [*_refusal(day, speech)]
    told.append(
        speech.say(
            "versus",
            other=speech.plan(rival),
            Chosen=_capital(speech.plan(chosen)),
            minutes=speech.minutes(day.minutes(chosen.utils - rival.utils)),
        )
    )
    minutes = difference(chosen.terms, rival.terms, day.utils_per_min)
    for key, sign in (("pro", 1), ("contra", -1)):
        terms = speech.weighed({name: value for name, value in minutes.items() if value * sign > 0})
        told += [speech.say(key, terms=terms)] if terms else []
    often = sorted((plan for plan in day.plans), key=lambda plan: -plan.share)
    shares = [
        f"{speech.plan(plan)} {speech.numbers.fixed(100 * plan.share)}"
        for plan in often
        if plan.share >= 0.005
    ]
    return [*told, speech.say("odds", plans=", ".join(shares))]


def _capital(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _refusal(day: WorkerDay, speech: Speech) -> list[str]:
    refused = sorted((plan for plan in day.plans if plan.refused), key=lambda plan: -plan.utils)
    if not refused or day.wanted is None:
        return []
    return [
        speech.say(
            "refusal",
            Wanted=_capital(speech.plan(day.wanted)),
            refused=speech.listed([speech.plan(plan) for plan in refused]),
            draw=speech.numbers.fixed(day.booking_draw, 6),
        )
    ]


# Another scenario --------------------------------------------------------------------------


def comparison(explanation: Explanation, speech: Speech) -> list[str]:
    """Say what the worker does under the other scenario, and why it differs."""
    other = explanation.against
    if other is None:
        return []
    here, there = explanation.here.day, other.day
    names = {"label": label(other, speech), "scenario": other.scenario}
    if here.chosen is None or there.chosen is None:
        return [speech.say("other_differs", does=speech.does(there.chosen), **names)]
    same = here.chosen.key == there.chosen.key
    told = [
        speech.say(
            "other_same" if same else "other_differs", does=speech.does(there.chosen), **names
        )
    ]
    told += _rights_differ(here, there, speech)
    if not same:
        told += _why_not(there, here.chosen, "other", speech)
        told += _why_not(here, there.chosen, "here", speech)
        told += _turned(here, there, speech)
    changes = _changes(here, there, speech)
    if changes:
        return [*told, *changes, speech.words["all_else"]]
    return [*told, speech.words["nothing_changes" if same else "all_else"]]


def _rights_differ(here: WorkerDay, there: WorkerDay, speech: Speech) -> list[str]:
    one, other = here.rights, there.rights
    if (one.allowance, one.left) == (other.allowance, other.left):
        return []
    return [
        speech.say(
            "rights_differ",
            here=one.allowance, there=other.allowance, left_here=one.left, left_there=other.left,
        )
    ]  # fmt: skip


def _why_not(day: WorkerDay, plan: DayPlan, side: str, speech: Speech) -> list[str]:
    """Say why a plan chosen on the other side could not be carried out on this one."""
    mine, name = day.plan(plan.key), speech.plan(plan)
    if mine is None:
        return [speech.say(f"{side}_missing", plan=name)]
    if mine.obstacle:
        reason = speech.words[f"obstacle_{mine.obstacle}"]
        return [speech.say(f"{side}_obstacle", plan=name, reason=reason)]
    return [speech.say(f"{side}_refused", plan=name)] if mine.refused else []


def _turned(here: WorkerDay, there: WorkerDay, speech: Speech) -> list[str]:
    """Say by how much two plans possible on both sides changed places."""
    assert here.chosen is not None and there.chosen is not None
    lost, won = there.plan(here.chosen.key), here.plan(there.chosen.key)
    if lost is None or won is None or lost.obstacle or won.obstacle or lost.refused or won.refused:
        return []
    return [
        speech.say(
            "turned",
            plan=speech.plan(here.chosen),
            rival=speech.plan(there.chosen),
            there=speech.minutes(there.minutes(there.chosen.utils - lost.utils)),
            here=speech.minutes(here.minutes(here.chosen.utils - won.utils)),
        )
    ]


def _changes(here: WorkerDay, there: WorkerDay, speech: Speech) -> list[str]:
    """Say which terms of the office and of the plans chosen differ between the scenarios."""
    keys = dict.fromkeys(
        plan.key for plan in (here.plans[0], here.chosen, there.chosen) if plan is not None
    )
    told = []
    for key in keys:
        mine, other = here.plan(key), there.plan(key)
        if mine is None or other is None:
            continue
        terms = speech.weighed(difference(mine.terms, other.terms, here.utils_per_min))
        if terms:
            told.append(speech.say("changes", plan=speech.plan(mine), terms=terms))
    return told
