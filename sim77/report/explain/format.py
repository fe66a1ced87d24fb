"""How explanations speak: the words of one language, plans and differences as phrases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sim77.analysis.explain.explain import Explanation
from sim77.analysis.explain.parts import DayPlan, Term
from sim77.report.locale import Locale, decimals_of, locale_of
from sim77.report.names import labels_apart

_GROUPS = {
    "journey": "strike_wait transfers station_cost drive congestion car_cost toll part_walk "
    "part_bicycle part_bus part_bus_wait part_car part_wait part_ivt path_choice full_trains "
    "parking way_bicycle way_walk mode_area mode_occupation",
    "mode_taste": "taste_public-transport taste_car taste_bicycle taste_walk",
    "centre_way": "centre_access_walk centre_access_car centre_access_bicycle centre_access_bus "
    "centre_access_cost",
    "price": "price",
    "presence": "presence",
    "remote": "home_constant",
    "centre": "centre_constant services own_account",
    "colocation": "colocation",
    "place_taste": "taste_home taste_telecentre",
    "fibre": "fibre",
    "isolation": "isolation",
    "norm": "norm",
    "weekday": "weekday",
    "habit": "habit",
    "half": "half_constant",
    "saving": "saving",
    "chance": "chance_office chance_away chance_place",
}
GROUP_OF = {term: group for group, terms in _GROUPS.items() for term in terms.split()}
"""The phrase under which a sentence counts each term."""

JOURNEY_TERMS = frozenset(
    term for term, group in GROUP_OF.items() if group in ("journey", "mode_taste")
)
_LEAST_MIN = 0.05
_MOST_PHRASES = 5


class ExplanationFormat(Locale):
    """One language with the words of explanations.

    Parameters
    ----------
    language : str
        ``fr`` or ``en``.
    """

    def __init__(self, language: str):
        super().__init__(**vars(locale_of(language, "summary", "explain")))

    def labels(self, explanation: Explanation) -> list[str]:
        """Name the scenarios of an explanation, each told apart from the other."""
        label = f"label_{self.language}"
        return labels_apart([(getattr(each, label), each.scenario) for each in explanation.scenes])

    def plan(self, plan: DayPlan) -> str:
        """Name a plan, such as ``the office``."""
        return self.say(plan.kind, centre=plan.centre_label.get(self.language, ""))

    def does(self, plan: DayPlan | None) -> str:
        """Say what somebody does, such as ``goes to the office by rail``."""
        if plan is None:
            return self.words["does_nothing"]
        centre = plan.centre_label.get(self.language, "")
        done = self.say(f"does_{plan.kind}", centre=centre)
        return f"{done} {self.words[f'by_{plan.mode}']}" if plan.mode else done

    def minutes(self, value: float) -> str:
        """Write minutes with their word."""
        shown = round(value, decimals_of(value))
        key = "one_minute" if self.numbers.is_one(shown) else "minutes"
        return self.say(key, n=self.numbers.significant(value))

    def signed(self, value: float) -> str:
        """Write a number with its sign."""
        return ("+" if value > 0 else "") + self.numbers.significant(value)

    def listed(self, phrases: Sequence[str]) -> str:
        """Join phrases as a sentence does."""
        if len(phrases) < 2:
            return "".join(phrases)
        return f"{', '.join(phrases[:-1])} {self.words['and']} {phrases[-1]}"

    def weighed(self, minutes: Mapping[str, float]) -> str:
        """List groups of terms with their minutes, the greatest first; empty if none counts.

        What is left to the others stands at the end, so that a reader's sum comes out.
        """
        heavy = sorted(minutes.items(), key=lambda each: -abs(each[1]))
        told = dict(heavy[:_MOST_PHRASES]) | {"others": sum(v for _, v in heavy[_MOST_PHRASES:])}
        return ", ".join(
            f"{self.words[f'group_{group}']} {self.signed(value)}"
            for group, value in told.items()
            if abs(value) >= _LEAST_MIN
        )

    def amount(self, term: Term) -> str:
        """Write the quantity that a term values."""
        if term.amount is None or not term.unit:
            return ""
        if term.unit == "share":
            return self.numbers.percent(term.amount, 0)
        if term.unit == "eur":
            return f"{self.numbers.fixed(term.amount, 2)} €"
        decimals = 0 if term.unit == "half-days" else 1
        unit = self.words.get(f"unit_{term.unit}", term.unit)
        return f"{self.numbers.fixed(term.amount, decimals)} {unit}"


def grouped(terms: Iterable[Term]) -> dict[str, float]:
    """Add up the utils of terms by the group under which sentences count them."""
    sums = dict.fromkeys(_GROUPS, 0.0)
    for term in terms:
        sums[GROUP_OF[term.name]] += term.utils
    return sums


def difference(
    one: Iterable[Term], other: Iterable[Term], utils_per_min: float
) -> dict[str, float]:
    """Return the minutes by group by which one plan's terms exceed another's."""
    of_one, of_other = grouped(one), grouped(other)
    return {group: (of_one[group] - of_other[group]) / utils_per_min for group in of_one}
