"""The parts of a scenario: telecentres of a network, dated changes, and where a mistake is."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from sim77.core.calendar import working_days
from sim77.core.errors import ParameterError, ScenarioError, nearest
from sim77.core.units import WEEKDAYS
from sim77.core.yaml_file import written
from sim77.registry.levers import ALL, lever

PRICES = ("price_day", "price_half_day", "price_hour", "price_month")
FIRST_YEAR, LAST_YEAR = 2010, 2030
"""A few years around what is dated in the registry of parameters; the ends of it hold there."""
_ONE_DAY = dt.timedelta(days=1)

Place = tuple[str | int, ...]


class MisplacedError(ScenarioError):
    """A mistake at a place of a scenario, so that a reader of files can add the line.

    Attributes
    ----------
    message : str
        The mistake; ``{other}`` in it stands for a second place.
    path, other : tuple of str and int
        The places: ``("changes", 2, "value")``.
    """

    def __init__(self, message: str, path: Place, other: Place = ()) -> None:
        super().__init__(message, path, other)
        self.message, self.path, self.other = message, path, other

    def __str__(self) -> str:
        text = self.message.replace("{other}", written(self.other))
        return f"{written(self.path)}: {text}" if self.path else text


@contextmanager
def at(*path: str | int) -> Iterator[None]:
    """Say, of a mistake found inside, at which place of the scenario it is."""
    try:
        yield
    except MisplacedError as error:
        other = path + error.other if error.other else ()
        raise MisplacedError(error.message, path + error.path, other) from None
    except (ScenarioError, ParameterError) as error:
        raise MisplacedError(str(error), path) from None


def as_date(value: Any) -> dt.date:
    """Return a date given as such, as a midnight or as YYYY-MM-DD, in a year of the model."""
    day = None
    if isinstance(value, dt.datetime):  # as pandas gives the days of a table
        day = value.date() if value.time() == dt.time() else None
    elif isinstance(value, dt.date):
        day = value
    elif isinstance(value, str) and len(value) == len("2014-01-01"):
        with suppress(ValueError):
            day = dt.date.fromisoformat(value)
    if day is None:
        raise ScenarioError(f"{value!r} is not a date, expected YYYY-MM-DD such as 2014-01-01.")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ScenarioError(
            f"{day} is outside of {FIRST_YEAR} to {LAST_YEAR}, the years that the model covers: "
            "employers' rules rest on 2012, 2017 and 2022, costs on 2014 to 2025."
        )
    return day


@dataclass(frozen=True)
class SiteSpec:
    """A telecentre of a scenario's network.

    Attributes
    ----------
    telecentre_id : str
        As in the territory's table.
    opening : datetime.date or None
        Its first day; None: open from the start, whatever the table says.
    closing : datetime.date or None
        The first day it is closed; None: never.
    desks : int or None
        None: as in the territory's table.
    price_day, price_half_day, price_hour, price_month : float or None
        In euros; None: the parameter of that name.
    source, note : str
        Where this is from.
    """

    telecentre_id: str
    opening: dt.date | None = None
    closing: dt.date | None = None
    desks: int | None = None
    price_day: float | None = None
    price_half_day: float | None = None
    price_hour: float | None = None
    price_month: float | None = None
    source: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        for key in ("opening", "closing"):
            if getattr(self, key) is not None:
                with at(key):
                    object.__setattr__(self, key, as_date(getattr(self, key)))
        for key in ("desks", *PRICES):
            if getattr(self, key) is not None:
                with at(key):
                    object.__setattr__(self, key, lever(key).checked(getattr(self, key)))


@dataclass(frozen=True)
class Change:
    """What changes on a date.

    Attributes
    ----------
    date : datetime.date
        The first day it holds.
    lever : str
        What changes: a name of `sim77.registry.levers.levers`, or ``parameter:NAME``.
    value : float, int, bool, tuple of int or None
        In the lever's unit; weekdays are numbers, Monday 0.
    until : datetime.date or None
        The last day it holds; None: for good.
    target : str or None
        A telecentre, a line, or ``"all"``, for the levers that need one.
    source, note : str
        Where this is from.
    """

    date: dt.date
    lever: str
    value: Any = None
    until: dt.date | None = None
    target: str | None = None
    source: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        with at("date"):
            object.__setattr__(self, "date", as_date(self.date))
        if self.until is not None:
            with at("until"):
                object.__setattr__(self, "until", as_date(self.until))
            if self.until < self.date:
                raise MisplacedError(
                    f"{self.until} is before the change's date, {self.date} ({{other}}).",
                    ("until",),
                    ("date",),
                )
        with at("lever"):
            found = lever(self.lever)
        with at("value"):
            # The plausible interval of a parameter is the scenario's to check: it may lift it.
            object.__setattr__(self, "value", found.checked(self.value, within_range=False))
        with at("target"):
            object.__setattr__(self, "target", found.checked_target(self.target))

    @property
    def sets(self) -> tuple[str, str | None, dt.date]:
        """What it sets, for what and when: two changes that agree in this must not differ."""
        return lever(self.lever).parameter or self.lever, self.target, self.date

    def holds_on(self, day: dt.date) -> bool:
        """Say whether the change is in force."""
        return self.date <= day and (self.until is None or day <= self.until)


def idle_changes(changes: Sequence[Change], start: dt.date, end: dt.date) -> list[Change]:
    """Return the changes in force on no simulated day from `start` to `end`, by date."""
    days = working_days(start, end)
    idle = (change for change in changes if not any(change.holds_on(day) for day in days))
    return sorted(idle, key=attrgetter("date"))


def restated(change: Change, others: Sequence[Change]) -> list[Change]:
    """Return a change of one target once more on the date of each later one for all.

    Such a one would win over it otherwise. From the next change of the same target on, or after
    its last day, it need not win.
    """
    if change.target in (None, ALL):
        return []
    later = [each for each in others if each.lever == change.lever and each.date > change.date]
    next_own = min(
        (each.date for each in later if each.target == change.target), default=dt.date.max
    )
    days = {
        each.date
        for each in later
        if each.target == ALL and each.date < next_own and change.holds_on(each.date)
    }
    return [replace(change, date=day) for day in sorted(days)]


def check_contradictions(changes: Sequence[Change]) -> None:
    """Raise `MisplacedError` if two changes set the same to two values from the same day."""
    seen: dict[tuple[str, str | None, dt.date], int] = {}
    for index, change in enumerate(changes):
        first = seen.setdefault(change.sets, index)
        if changes[first].value != change.value:
            what = "" if change.target is None else f" for '{change.target}'"
            raise MisplacedError(
                f"'{change.lever}'{what} is {value_text(change)} from {change.date} "
                f"but {value_text(changes[first])} from the same day ({{other}}).",
                ("changes", index, "value"),
                ("changes", first, "value"),
            )


def value_text(change: Change) -> str:
    """Write the value of a change as a scenario file would."""
    if isinstance(change.value, tuple):
        return f"[{', '.join(WEEKDAYS[weekday] for weekday in change.value)}]"
    if isinstance(change.value, bool):
        return str(change.value).lower()
    return "" if change.value is None else f"{change.value:g}"


def check_timelines(network: Sequence[SiteSpec], changes: Sequence[Change]) -> None:
    """Raise `MisplacedError` if a telecentre opens while it is open, or closes while it is not."""
    events: dict[str, list[_Event]] = {}
    for index, site in enumerate(network):
        place = ("network", index)
        mine = events.setdefault(site.telecentre_id, [])
        mine.append(_Event(site.opening or dt.date.min, True, place))
        if site.closing:
            mine.append(_Event(site.closing, False, (*place, "closing")))
    for index, change in enumerate(changes):
        if change.lever in ("open_telecentre", "close_telecentre"):
            opens, place = change.lever == "open_telecentre", ("changes", index)
            mine = events.setdefault(str(change.target), [])
            mine.append(_Event(change.date, opens, place))
            if change.until:
                mine.append(_Event(change.until + _ONE_DAY, not opens, (*place, "until")))
    for name, mine in events.items():
        _check_timeline(name, mine)
    for index, change in enumerate(changes):
        if lever(change.lever).target == "telecentre or all" and change.target not in (
            ALL,
            *events,
        ):
            raise MisplacedError(
                f"telecentre '{change.target}' is neither in the network nor opened by a change."
                f"{nearest(str(change.target), events)}",
                ("changes", index, "target"),
            )


@dataclass(frozen=True)
class _Event:
    """A telecentre opens or closes, because of what is written at `place`."""

    date: dt.date
    opens: bool
    place: Place

    @property
    def when(self) -> str:
        return "from the start" if self.date == dt.date.min else f"on {self.date}"


def _check_timeline(name: str, events: list[_Event]) -> None:
    # On one day it closes first: who then opens it again means from that day on.
    ordered = sorted(events, key=lambda event: (event.date, event.opens))
    if not any(event.opens for event in ordered):
        raise MisplacedError(
            f"telecentre '{name}' is closed but neither in the network nor opened by a change.",
            ordered[0].place,
        )
    for index, event in enumerate(ordered):
        earlier = ordered[index - 1] if index else None
        if event.opens and earlier and earlier.opens:
            message = (
                f"telecentre '{name}' opens {event.when} but is open {earlier.when} ({{other}})."
            )
            if event.place[0] == earlier.place[0] == "network":
                message = f"telecentre '{name}' is listed already ({{other}})."
            raise MisplacedError(message, event.place, earlier.place)
        if not event.opens and not (earlier and earlier.opens):
            later = next((each for each in ordered[index:] if each.opens), None)
            if later and later.date == event.date:
                message = f"telecentre '{name}' closes {event.when}, the day it opens ({{other}})."
                raise MisplacedError(message, event.place, later.place)
            if later:
                message = f"closed {event.when} before it opens {later.when} ({{other}})."
            else:
                later, message = (
                    ordered[index - 1],
                    f"closed {event.when} after it closed ({{other}}).",
                )
            raise MisplacedError(f"telecentre '{name}' is {message}", event.place, later.place)
