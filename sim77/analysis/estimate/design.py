"""From a survey to the utilities of the day plans: which parameter multiplies what.

The utility of every plan is linear in the terms below once the values of time and money are held
(model section 4, `sim77.engine.choice.utility`): the rows are days, the columns the plans in the
order office, home, whole day at each centre, half a day at each centre. A term is estimated, or
held at a value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim77.analysis.estimate.survey import Survey, centre_column
from sim77.core.errors import StudyError, nearest
from sim77.core.units import CENTRE_KINDS, OCCUPATION_GROUPS, PLAN_KINDS, WEEKDAYS
from sim77.engine.choice.terms import signed_weights
from sim77.registry.parameters import Parameter, load_parameters

HELD_UNLESS_ASKED = ("beta_cost_per_eur", "g_peer", "g_norm", "g_isolation")
"""Parameters a survey could tell of, but only a good one: they are held unless freed."""

_HELD_VALUES = ("beta_time_per_min", "multiplier_access_telecentre", "multiplier_car")
OFFICE, FULL, HALF = 0, 1, 2


@dataclass(frozen=True)
class Note:
    """Something that the user of an estimation should know; `sim77.text` puts it into words.

    Attributes
    ----------
    name : str
        ``left_out``, ``no_allowance``, ``physical_minutes``, ``no_colleagues``, ``weekdays_held``
        or ``no_centre``.
    values : mapping of str to object
        What its words name, as JSON has it.
    """

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChoiceDesign:
    """What a likelihood needs, days by plans.

    Attributes
    ----------
    names : tuple of str
        The terms that are estimated, by the name of their parameter.
    x : numpy.ndarray, shape (n_days, n_plans, n_terms)
        What multiplies each; 0 where a plan is not available.
    fixed : numpy.ndarray, shape (n_days, n_plans)
        The utility of what is held (util).
    available : numpy.ndarray of bool, shape (n_days, n_plans)
    chosen : numpy.ndarray of int, shape (n_days,)
        The plan taken, a column.
    person : numpy.ndarray of int, shape (n_days,)
        Running number, in order.
    weight : numpy.ndarray, shape (n_days,)
        Mean 1.
    nest : numpy.ndarray of int, shape (n_plans,)
        0 the office, 1 whole days away, 2 half days.
    kind : numpy.ndarray of int, shape (n_plans,)
        Index into ``PLAN_KINDS``.
    held : dict of str to float
        Parameters that stand at a value.
    notes : list of Note
        What the user should know of it: keys of sentences, with their values.
    """

    names: tuple[str, ...]
    x: np.ndarray
    fixed: np.ndarray
    available: np.ndarray
    chosen: np.ndarray
    person: np.ndarray
    weight: np.ndarray
    nest: np.ndarray
    kind: np.ndarray
    held: dict[str, float]
    notes: list[Note] = field(default_factory=list)

    @property
    def n_days(self) -> int:
        """Number of days observed."""
        return self.chosen.size

    @property
    def n_persons(self) -> int:
        """Number of persons."""
        return int(self.person[-1]) + 1

    def by_person(self, values: np.ndarray) -> np.ndarray:
        """Sum over the days of each person, along the first axis."""
        starts = np.flatnonzero(np.diff(self.person, prepend=-1))
        return np.add.reduceat(values, starts, axis=0)


class _Terms:
    """The terms of a survey, each filled for all plans."""

    def __init__(self, survey: Survey, values: Mapping[str, float], cost_is_free: bool) -> None:
        self.survey, self.values = survey, values
        self.n, self.k = len(survey.frame), survey.n_centres
        self.kind = np.array([0, 2] + [3] * self.k + [1] * self.k)
        self.nest = np.array([OFFICE, FULL] + [FULL] * self.k + [HALF] * self.k)
        self.cost_is_free = cost_is_free
        self.available = self._available()

    def weight(self, name: str) -> np.ndarray:
        """Return sign times weight of a term of the utility by plan, shape (n_plans,)."""
        return signed_weights(name)[self.kind]

    def _centre(self, name: str, default: float) -> np.ndarray:
        columns = [centre_column(name, number + 1) for number in range(self.k)]
        found = [self.survey.number(each, default) for each in columns]
        return np.array(found).T.reshape(self.n, self.k)

    def _available(self) -> np.ndarray:
        plans = self.survey.frame["available"]
        of_kind = np.array([[plan in each for plan in PLAN_KINDS] for each in plans])
        reached = ~np.isnan(self._centre("access_min", np.nan))
        here = np.ones((self.n, 2), dtype=bool)
        found: np.ndarray = of_kind[:, self.kind] & np.hstack((here, reached, reached))
        return found

    def all(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield parameter and what multiplies it, shape (n_days, n_plans)."""
        yield from self._travel()
        frame, rows = self.survey.frame, np.ones((self.n, 1))
        for group in OCCUPATION_GROUPS:
            mine = (frame["occupation"] == group).to_numpy()[:, None]
            if mine.any():
                yield f"asc_home_{group}", mine * self.weight("home_constant")
        yield from self._centre_constants()
        if self.k and self.available[:, self.kind == 1].any():
            yield "asc_half", rows * self.weight("half_constant")
        for weekday in WEEKDAYS:
            mine = (frame["weekday"] == weekday).to_numpy()[:, None]
            if mine.any():
                yield f"b_weekday_{weekday}", mine * self.weight("weekday")
        yield from self._columns_of_the_survey()

    def _travel(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield ``theta`` (and, freed, the cost) with minutes and euros of all plans."""
        survey, bt, bc = self.survey, *(
            self.values[name] for name in ("beta_time_per_min", "beta_cost_per_eur")
        )  # fmt: skip
        peak, off_peak = self._journeys()
        constant = self.survey.number("mode_constant", 0.0)
        weight = bt * self.values["multiplier_access_telecentre"]
        felt_min = self._centre("access_perceived_min", np.nan)
        access = weight * np.where(np.isnan(felt_min), self._centre("access_min", 0.0), felt_min)
        no_way = np.zeros((self.n, 2))
        to_office = [(bt * each + constant)[:, None] for each in (peak, off_peak)]
        travel_eur = survey.number("travel_eur")[:, None]
        way_eur = self._centre("access_eur", 0.0)
        prices = [self._centre(f"price_{each}_eur", 0.0) for each in ("day", "half_day")]

        def of_plans(whole_day: np.ndarray, half_day: np.ndarray) -> np.ndarray:
            """Lay out an attribute of the journey to the office: of no plan at home or centre."""
            away = np.zeros((self.n, 1 + self.k))
            return np.hstack((whole_day, away, np.repeat(half_day, self.k, axis=1)))

        time = self.weight("journey") * of_plans(*to_office)
        time += self.weight("centre_access") * np.hstack((no_way, access, access))
        euros = self.weight("journey") * of_plans(travel_eur, travel_eur)
        euros += self.weight("centre_access_cost") * np.hstack((no_way, way_eur, way_eur))
        euros += self.weight("price") * np.hstack((no_way, *prices))
        if self.cost_is_free:
            yield "theta", time
            yield "beta_cost_per_eur", euros  # times theta: divided by it afterwards
        else:
            yield "theta", time + bc * euros

    def _journeys(self) -> tuple[np.ndarray, np.ndarray]:
        """Return perceived minutes to the office and back, at the peak and off it."""
        survey = self.survey
        if survey.has("travel_perceived_min"):
            peak = survey.number("travel_perceived_min")
            own = survey.number("off_peak_perceived_min", np.nan)
            return peak, np.where(np.isnan(own), peak, own)
        car = (survey.frame["mode"] == "car").to_numpy()
        factor = np.where(car, self.values["multiplier_car"], 1.0)
        peak, own = survey.number("travel_min"), survey.number("off_peak_min", np.nan)
        return factor * peak, factor * np.where(np.isnan(own), peak, own)

    def _centre_constants(self) -> Iterator[tuple[str, np.ndarray]]:
        at_centre = self.weight("centre_constant")
        if not self.k or not self.available[:, at_centre != 0].any():
            return
        kinds = np.full((self.n, self.k), CENTRE_KINDS[0], dtype=object)
        for number in range(self.k):
            heading = centre_column("centre_kind", number + 1)
            if self.survey.has(heading):
                message = self.survey.frame[heading].to_numpy()
                kinds[:, number] = np.where(message == "", CENTRE_KINDS[0], message)
        first = np.full((self.n, 2), "", dtype=object)
        of_plan = np.hstack((first, kinds, kinds))
        for kind in CENTRE_KINDS:
            x = (of_plan == kind) * at_centre
            if (x * self.available).any():
                yield f"asc_tc_{kind}", x

    def _columns_of_the_survey(self) -> Iterator[tuple[str, np.ndarray]]:
        survey = self.survey
        if survey.has("fibre"):
            yield "b_fibre", survey.number("fibre")[:, None] * self.weight("fibre")
        if survey.has("last_plan"):
            last = survey.frame["last_plan"].to_numpy()[:, None]
            same = np.array(PLAN_KINDS, dtype=object)[self.kind] == last
            yield "g_habit", same * self.weight("habit")
        if survey.has("presence_share"):
            yield "g_peer", survey.number("presence_share")[:, None] * self.weight("presence")
        if survey.has("norm_share"):
            yield "g_norm", survey.number("norm_share")[:, None] * self.weight("norm")
        if survey.has("isolation_days"):
            yield "g_isolation", survey.number("isolation_days")[:, None] * self.weight("isolation")


def make_design(
    survey: Survey, hold: Collection[str] = (), free: Collection[str] = ()
) -> ChoiceDesign:
    """Turn a survey into terms to estimate and terms held.

    Parameters
    ----------
    survey : Survey
    hold : collection of str
        Parameters to keep at the registry's value; a start of a name holds a family
        (``b_weekday``).
    free : collection of str
        Of `HELD_UNLESS_ASKED`, those to estimate.

    Raises
    ------
    StudyError
        If a name is none of the survey's, or the survey cannot tell a parameter.
    """
    known: Mapping[str, Parameter] = load_parameters()
    values = {name: each.value for name, each in known.items()}
    terms = _Terms(survey, values, "beta_cost_per_eur" in free)
    found = dict(terms.all())
    held_names = _names_held(found, hold, free)
    notes = _weekdays(found, held_names)
    estimated = [name for name in found if name not in held_names]
    fixed = sum(
        (values[name] * found[name] for name in held_names), np.zeros(terms.available.shape)
    )
    person = survey.frame["person"]
    design = ChoiceDesign(
        names=tuple(estimated),
        x=np.stack([found[name] for name in estimated], axis=2) * terms.available[:, :, None],
        fixed=fixed * terms.available,
        available=terms.available,
        chosen=_chosen_column(survey),
        person=(person != person.shift()).cumsum().to_numpy() - 1,
        weight=_weights(survey),
        nest=terms.nest,
        kind=terms.kind,
        held={name: values[name] for name in (*_HELD_VALUES, *held_names)}
        | ({} if terms.cost_is_free else {"beta_cost_per_eur": values["beta_cost_per_eur"]}),
        notes=notes + _notes(survey),
    )
    _check_tells(design, survey)
    return design


def _names_held(
    found: Mapping[str, np.ndarray], hold: Collection[str], free: Collection[str]
) -> list[str]:
    for name in free:
        if name not in HELD_UNLESS_ASKED:
            raise StudyError(f"'{name}' is not held by default.{nearest(name, HELD_UNLESS_ASKED)}")
        if name not in found:
            raise StudyError(
                f"no column of the survey identifies '{name}', so it cannot be estimated."
            )
    for name in hold:
        if not any(_is_of(each, name) for each in found):
            raise StudyError(f"'{name}' is not estimated from this survey.{nearest(name, found)}")
    held = [each for each in HELD_UNLESS_ASKED if each in found and each not in free]
    held += [each for each in found if any(_is_of(each, name) for name in hold)]
    if len(set(held)) == len(found):
        raise StudyError("every parameter is held, expected one or more to estimate.")
    return list(dict.fromkeys(held))


def _is_of(name: str, family: str) -> bool:
    return name == family or name.startswith(f"{family}_")


def _weekdays(found: dict[str, np.ndarray], held: list[str]) -> list[Note]:
    """Let the weekdays sum to nothing, or hold them: their mean cannot be told from `asc_home`."""
    names = [f"b_weekday_{weekday}" for weekday in WEEKDAYS]
    present = [name for name in names if name in found]
    if any(name in held for name in present) or len(present) < len(names):
        held += [name for name in present if name not in held]
        if len(present) < len(names):
            return [Note("weekdays_held")]
        return []
    friday = found.pop(names[-1])
    for name in names[:-1]:
        found[name] = found[name] - friday
    return []


def _chosen_column(survey: Survey) -> np.ndarray:
    k = survey.n_centres
    first = {"office": 0, "home": 1, "telecentre": 2, "half": 2 + k}
    chosen = survey.frame["chosen"].map(first).to_numpy()
    at_centre = survey.frame["chosen"].isin(("telecentre", "half")).to_numpy()
    found: np.ndarray = chosen + at_centre * (survey.frame["chosen_centre"].to_numpy() - 1)
    return found.astype(np.int64)


def _weights(survey: Survey) -> np.ndarray:
    weight = survey.number("weight", 1.0)
    by_person = survey.frame.assign(weight=weight).groupby("person")["weight"].nunique()
    if (by_person > 1).any():
        person = by_person.index[by_person > 1][0]
        raise StudyError(f"person '{person}' has several weights, expected one for all days.")
    if weight.sum() <= 0.0:
        raise StudyError("all weights are 0, expected persons that count.")
    found: np.ndarray = weight / weight.mean()
    return found


def _notes(survey: Survey) -> list[Note]:
    notes = []
    if survey.left_out:
        notes.append(Note("left_out", {"days": survey.left_out}))
    if not survey.says_allowance:
        notes.append(Note("no_allowance"))
    if survey.has("travel_min") or (
        survey.has("access_min") and not survey.has("access_perceived_min")
    ):
        notes.append(Note("physical_minutes"))
    missing = [
        parameter
        for column, parameter in (("presence_share", "g_peer"), ("norm_share", "g_norm"))
        if not survey.has(column)
    ]
    if missing:
        notes.append(Note("no_colleagues", {"parameters": missing}))
    return notes


def _check_tells(design: ChoiceDesign, survey: Survey) -> None:
    """Raise where a column does not vary, or a plan or a group always or never chooses one way."""
    for name, heading in (("b_fibre", "fibre"), ("g_peer", "presence_share"),
                          ("g_norm", "norm_share"), ("g_isolation", "isolation_days"),
                          ("g_habit", "last_plan")):  # fmt: skip
        if name in design.names and survey.frame[heading].nunique() < 2:
            raise StudyError(
                f"the column '{heading}' is {survey.frame[heading].iloc[0]} in every row, so "
                f"{name} cannot be estimated: leave the column out or use --hold {name}."
            )
    index = design.names.index("theta") if "theta" in design.names else None
    if index is not None and np.ptp(design.x[:, 0, index][design.available[:, 0]]) == 0.0:
        raise StudyError(
            "the journey to the office takes the same minutes and euros in every row, so theta "
            "cannot be estimated: use --hold theta."
        )
    chosen = survey.frame["chosen"]
    for plan, name in (("half", "asc_half"), ("telecentre", "asc_tc")):
        mine = [each for each in design.names if _is_of(each, name)]
        if mine and not (chosen == plan).any():
            raise StudyError(
                f"nobody chose the plan '{plan}', so {mine[0]} cannot be estimated: take the plan "
                f"out of 'available' or use --hold {name}."
            )
    for group, days in chosen.groupby(survey.frame["occupation"]):
        if f"asc_home_{group}" in design.names and (days == "office").mean() in (0.0, 1.0):
            text = "always" if (days == "office").all() else "never"
            raise StudyError(
                f"the group '{group}' {text} chose the office, so asc_home_{group} cannot be "
                f"estimated: use --hold asc_home_{group}."
            )


def registry_values(names: tuple[str, ...], raw: np.ndarray) -> dict[str, float]:
    """Return the registry's parameters from estimated coefficients.

    The last weekday follows from the others, which sum to nothing; a freed cost is divided by
    ``theta``; of the components of the taste (`sim77.analysis.estimate.mixed`) the standard
    deviations and the correlation are made.
    """
    found = dict(zip(names, map(float, raw), strict=True))
    days = [name for name in names if name.startswith("b_weekday_")]
    if days:
        friday = -sum(found[name] for name in days)
        found = _inserted_after(found, days[-1], f"b_weekday_{WEEKDAYS[-1]}", friday)
    if "beta_cost_per_eur" in found:
        found["beta_cost_per_eur"] /= found.get("theta", load_parameters()["theta"].value)
    shared, own_home, own_centre = (
        found.pop(f"taste_{part}", None) for part in ("shared", "home", "centre")
    )
    if own_home is not None and (shared is None or own_centre is None):
        found["sd_taste_home"] = abs(own_home)
    elif own_home is not None and shared is not None and own_centre is not None:
        home, centre = np.hypot(shared, own_home), np.hypot(shared, own_centre)
        found["sd_taste_home"], found["sd_taste_telecentre"] = float(home), float(centre)
        found["corr_taste"] = float(shared**2 / (home * centre))
    return found


def _inserted_after(
    values: dict[str, float], before: str, name: str, value: float
) -> dict[str, float]:
    found = {}
    for each, number in values.items():
        found[each] = number
        if each == before:
            found[name] = value
    return found
