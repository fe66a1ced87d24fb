"""The text of an explanation, in French or English: sentences first, then every term.

Sentences count in minutes of train, seated (utils divided by ``theta |beta_time|``); the tables
(`sim77.report.explain.tables`) hold utils, rounded so that adding them up gives the same choice.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection

from sim77.analysis.explain.explain import ExplainedDay, Explanation
from sim77.analysis.explain.parts import DayPlan, Journey, Rights, WorkerDay, best_journey
from sim77.analysis.wishes import WISH_DAYS
from sim77.core.units import MODES, Mode
from sim77.report.explain.format import ExplanationFormat, difference
from sim77.report.explain.tables import tables
from sim77.report.locale import capital

_WIDTH = 100
_ALWAYS = 10
_LEAST_PART = 0.5
"""Minutes of a part of a journey that is told."""


def explanation_text(explanation: Explanation, language: str = "en") -> str:
    """Return an explanation for a person to read: sentences, then every term."""
    fmt = ExplanationFormat(language)
    text = [textwrap.fill(each, _WIDTH) for each in paragraphs(explanation, fmt)]
    return "\n\n".join([*text, *tables(explanation, fmt)])


def paragraphs(explanation: Explanation, fmt: ExplanationFormat) -> list[str]:
    """Return the sentences of an explanation: what, who, rights, choice, the other scenario."""
    text = [
        headline(explanation, fmt),
        _about(explanation, fmt),
        " ".join(_rights(explanation.here.day, fmt)),
        " ".join(_choice(explanation.here.day, fmt)),
        " ".join(comparison(explanation, fmt)),
    ]
    return [each for each in text if each]


def headline(explanation: Explanation, fmt: ExplanationFormat) -> str:
    """Say who does what on which day."""
    return fmt.say(
        "title",
        commune=explanation.person.commune,
        does=fmt.does(explanation.here.day.chosen),
        weekday=fmt.numbers.weekday(explanation.date.weekday()),
        date=fmt.numbers.date(explanation.date),
    )


def _about(explanation: Explanation, fmt: ExplanationFormat) -> str:
    person, scene = explanation.person, explanation.here
    names = {"label": fmt.labels(explanation)[0], "seed": explanation.seed}
    if person.at_home:
        return fmt.say("about_at_home", identity=person.identity, **names)
    about = fmt.say("about", number=person.number, identity=person.identity, **names)
    facts = {
        "group": fmt.words[person.group],
        "works": fmt.say(
            "works", workplace=person.workplace, zone=person.zone_labels[fmt.numbers.language]
        ),
        "journeys": _journeys(scene, fmt),
    }  # fmt: skip
    if person.size == "none":
        return f"{about} {fmt.say('who_alone', **facts)}"
    size = fmt.words[person.size]
    return f"{about} {fmt.say('who', size=size[:1].lower() + size[1:], **facts)}"


def _journeys(scene: ExplainedDay, fmt: ExplanationFormat) -> str:
    words = fmt.words
    open_to = [each for each in scene.day.peak if not each.obstacle]
    ways = [_way(scene, each.mode, fmt) for each in open_to]
    reasons = [words[f"obstacle_{each.obstacle}"] for each in scene.day.peak if each.obstacle]
    listed = words["or"].join([", ".join(ways[:-1]), ways[-1]] if len(ways) > 1 else ways)
    text = fmt.say("ways", ways=listed) + "".join(f" ({reason})" for reason in reasons)
    if len(open_to) == 1:
        return text
    return text + fmt.say("prefers", mode=words[f"mode_{best_journey(open_to).mode}"])


def _way(scene: ExplainedDay, mode: str, fmt: ExplanationFormat) -> str:
    """Say how long a mode takes; by public transport also what the minutes are made of."""
    fixed = fmt.numbers.fixed
    text = f"{fixed(scene.minutes[mode])} min {fmt.words[f'by_{mode}']}"
    told = {name: value for name, value in scene.parts.items() if value >= _LEAST_PART}
    if mode != MODES[Mode.PUBLIC_TRANSPORT] or not told:
        return text
    parts = [
        (value, fmt.say(f"minutes_{name.removesuffix('_min')}", n=fixed(value)))
        for name, value in told.items()
        if name != "ivt_min" or not scene.lines
    ]
    lines = {name: value for name, value in scene.lines.items() if value >= _LEAST_PART}
    parts += [
        (value, fmt.say("minutes_line", n=fixed(value), line=name)) for name, value in lines.items()
    ]
    others = sum(scene.lines.values()) - sum(lines.values())
    if others >= _LEAST_PART:
        parts.append((others, fmt.say("minutes_other_lines", n=fixed(others))))
    return f"{text} ({', '.join(said for _, said in sorted(parts, key=lambda each: -each[0]))})"


def _rights(day: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    """Say what the worker may do that day."""
    words, rights = fmt.words, day.rights
    if day.at_work:
        return [words[day.at_work]]
    if day.works_at_home:
        return _subscriptions(day, fmt)
    # A closed office asks for no right to stay away.
    closed = [words[f"closed_by_{rights.closed_by}"]] if rights.closed_by else []
    if rights.allowance == 0:
        return closed or [_no_right(rights, fmt)]
    text = [words["unlimited"]]
    if rights.allowance < _ALWAYS:
        text = [
            fmt.say("allowance", allowance=rights.allowance, used=rights.used, left=rights.left)
        ]
    if closed:
        text += closed
    elif rights.anchored_by:
        text.append(words[f"anchored_by_{rights.anchored_by}"])
    elif rights.left == 0:
        text.append(words["used_up"])
    return [*text, *_wish(rights, fmt), *_subscriptions(day, fmt)]


def _wish(rights: Rights, fmt: ExplanationFormat) -> list[str]:
    """Say how many days somebody would work at home if left to their own taste."""
    if rights.days_wished is None:
        return []
    beyond = rights.days_wished - rights.allowance / 2
    key = "wish_as_many" if abs(beyond) < WISH_DAYS else "wish_more" if beyond > 0 else "wish_fewer"
    return [fmt.say(key, wished=fmt.numbers.fixed(rights.days_wished, 1))]


def _no_right(rights: Rights, fmt: ExplanationFormat) -> str:
    """Say why somebody may never work remotely."""
    words = fmt.words
    if not rights.teleworkable:
        where = words["in_the_core" if rights.core_job else "outside_the_core"]
        share = fmt.numbers.percent(rights.share_teleworkable, 0)
        return fmt.say("not_teleworkable", share=share, where=where)
    if rights.covered or rights.share_covered is None:
        return words["no_allowance" if rights.covered else "not_covered_alone"]
    km = fmt.numbers.fixed(rights.road_km, 0)
    return fmt.say("not_covered", km=km, share=fmt.numbers.percent(rights.share_covered, 0))


def _subscriptions(day: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    held = [each[fmt.language] for each in day.rights.subscriptions]
    return [fmt.say("subscribed", centres=fmt.listed(held))] if held else []


def rival_of(day: WorkerDay, plan: DayPlan) -> DayPlan | None:
    """Return what a plan is compared with: the office, or the best other plan; None if alone."""
    others = [each for each in day.plans if each.key != plan.key and not each.obstacle]
    if day.office in others:
        return day.office
    open_to_all = [each for each in others if not each.refused]
    return max(open_to_all, key=lambda each: each.utils, default=None)


def _choice(day: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    """Say why the plan carried out was better than the others, and what was refused."""
    chosen = day.chosen
    if chosen is None or day.wanted is None or len(day.plans) == 1:
        return []
    rival = rival_of(day, chosen)
    if rival is None:
        # Why only the office is there has been told with the rights.
        only = fmt.say("only_plan", Chosen=capital(fmt.plan(chosen)))
        return [] if chosen.kind == "office" else [only]
    text = [*_refusal(day, fmt)]
    text.append(
        fmt.say(
            "versus",
            other=fmt.plan(rival),
            Chosen=capital(fmt.plan(chosen)),
            minutes=fmt.minutes(day.minutes(chosen.utils - rival.utils)),
        )
    )
    minutes = difference(chosen.terms, rival.terms, day.utils_per_min)
    for key, sign in (("pro", 1), ("contra", -1)):
        terms = fmt.weighed({name: value for name, value in minutes.items() if value * sign > 0})
        text += [fmt.say(key, terms=terms)] if terms else []
    often = sorted((plan for plan in day.plans), key=lambda plan: -plan.share)
    shares = [
        f"{fmt.plan(plan)} {fmt.numbers.fixed(100 * plan.share)}"
        for plan in often
        if plan.share >= 0.005
    ]
    return [*text, fmt.say("odds", plans=", ".join(shares)), *_payment(day, fmt)]


def _payment(day: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    """Say what the employer would pay of the best desk that is open to the worker, if anything."""
    at_centres = [each for each in day.plans if each.centre and not each.obstacle]
    best = max(at_centres, key=lambda each: each.utils, default=None)
    if best is None or best.employer_eur <= 0.0:
        return []
    own = best.price_eur - best.employer_eur
    eur = {"price": best.price_eur, "employer": best.employer_eur, "own": own}
    amounts = {name: fmt.numbers.fixed(value, 2) for name, value in eur.items()}
    return [fmt.say("payment", plan=fmt.plan(best), **amounts)]


def _refusal(day: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    refused = sorted((plan for plan in day.plans if plan.refused), key=lambda plan: -plan.utils)
    if not refused or day.wanted is None:
        return []
    return [
        fmt.say(
            "refusal",
            Wanted=capital(fmt.plan(day.wanted)),
            refused=fmt.listed([fmt.plan(plan) for plan in refused]),
            draw=fmt.numbers.fixed(day.booking_draw, 2),
        )
    ]


# Another scenario --------------------------------------------------------------------------


def comparison(explanation: Explanation, fmt: ExplanationFormat) -> list[str]:
    """Say what the worker does under the other scenario, and why it differs."""
    other = explanation.against
    if other is None:
        return []
    here, there = explanation.here.day, other.day
    names = {"label": fmt.labels(explanation)[1]}
    if here.chosen is None or there.chosen is None:
        return [fmt.say("other_differs", does=fmt.does(there.chosen), **names)]
    same = here.chosen.key == there.chosen.key
    text = [
        fmt.say("other_same" if same else "other_differs", does=fmt.does(there.chosen), **names)
    ]
    rights = _rights_differ(here, there, fmt)
    text += rights
    if not same:
        text += _why_not(there, here.chosen, "other", fmt)
        text += _why_not(here, there.chosen, "here", fmt)
        text += _turned(here, there, fmt)
    changes = [*_changes(here, there, fmt), *_others_change(here, there, fmt)]
    nothing = same and not rights and not changes
    return [*text, *changes, fmt.words["nothing_changes" if nothing else "all_else"]]


def _rights_differ(here: WorkerDay, there: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    one, other = here.rights, there.rights
    if (one.allowance, one.left) == (other.allowance, other.left):
        return []
    return [
        fmt.say(
            "rights_differ",
            here=one.allowance, there=other.allowance, left_here=one.left, left_there=other.left,
        )
    ]  # fmt: skip


def _why_not(day: WorkerDay, plan: DayPlan, side: str, fmt: ExplanationFormat) -> list[str]:
    """Say why a plan chosen on the other side could not be carried out on this one."""
    mine, name = day.plan(plan.key), fmt.plan(plan)
    if mine is None:
        return [fmt.say(f"{side}_missing", plan=name)]
    if mine.obstacle:
        reason = fmt.words[f"obstacle_{mine.obstacle}"]
        return [fmt.say(f"{side}_obstacle", plan=name, reason=reason)]
    return [fmt.say(f"{side}_refused", plan=name)] if mine.refused else []


def _turned(here: WorkerDay, there: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    """Say by how much two plans possible on both sides changed places."""
    assert here.chosen is not None and there.chosen is not None
    lost, won = there.plan(here.chosen.key), here.plan(there.chosen.key)
    if lost is None or won is None or lost.obstacle or won.obstacle or lost.refused or won.refused:
        return []
    return [
        fmt.say(
            "turned",
            plan=fmt.plan(here.chosen),
            rival=fmt.plan(there.chosen),
            there=fmt.minutes(there.minutes(there.chosen.utils - lost.utils)),
            here=fmt.minutes(here.minutes(here.chosen.utils - won.utils)),
        )
    ]


def _changes(here: WorkerDay, there: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    """Say which terms of the office and of the plans chosen differ between the scenarios."""
    text = []
    for key in _told(here, there):
        mine, other = here.plan(key), there.plan(key)
        if mine is None or other is None:
            continue
        terms = fmt.weighed(difference(mine.terms, other.terms, here.utils_per_min))
        if terms:
            text.append(fmt.say("changes", plan=fmt.plan(mine), terms=terms))
    return text


def _told(here: WorkerDay, there: WorkerDay) -> list[tuple[str, str]]:
    """Return the keys of the plans whose changes are told: the office and those chosen."""
    plans = (here.plans[0], here.chosen, there.chosen)
    return list(dict.fromkeys(plan.key for plan in plans if plan is not None))


def _others_change(here: WorkerDay, there: WorkerDay, fmt: ExplanationFormat) -> list[str]:
    """Say so if plans or modes differ that are not among those whose changes are told."""
    told = _told(here, there)
    modes = {plan.mode for day in (here, there) for plan in day.plans if plan.key in told}
    mine, other = (_others(day, told, modes) for day in (here, there))
    if mine.keys() == other.keys() and not any(
        mine[key].obstacle != other[key].obstacle
        or fmt.weighed(difference(mine[key].terms, other[key].terms, here.utils_per_min))
        for key in mine
    ):
        return []
    return [fmt.words["others_change"]]


def _others(
    day: WorkerDay, told: Collection[tuple[str, str]], modes: Collection[str]
) -> dict[tuple[str, str], DayPlan | Journey]:
    """Return the plans that are not told, and the ways to the office by modes that are not."""
    ways = {"peak": day.peak, "off_peak": day.off_peak}
    return {plan.key: plan for plan in day.plans if plan.key not in told} | {
        (time, way.mode): way for time in ways for way in ways[time] if way.mode not in modes
    }
