"""The table of observed choices that `sim77 estimate` reads: one row a person-day, checked whole.

Each row says which plans of the day were open to the person, which one was taken, and what the
plans cost in minutes and euros, both ways (model section 4). `COLUMNS` is the format; the template,
the messages and the documentation are made from it.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sim77.core.errors import StudyError, nearest
from sim77.core.units import CENTRE_KINDS, MODES, OCCUPATION_GROUPS, PLAN_KINDS, WEEKDAYS

MOST_CENTRES = 12
_OWN_COLUMN = "note"  # columns that start so are the user's own
_A_DAY_MIN = 24.0 * 60.0
_MOST_EUR = 10_000.0


@dataclass(frozen=True)
class Column:
    """One column of the survey.

    Attributes
    ----------
    name : str
        Its heading; minutes and euros are those of a whole day, there and back.
    meaning : str
        What it holds.
    words : tuple of str
        The words it may hold; empty for numbers and free text.
    low, high : float
        Bounds of a number; NaN for text.
    required : bool
        Whether every survey must have it.
    centre : bool
        Whether it describes a centre: further centres have it with ``_2``, ``_3`` … added.
    """

    name: str
    meaning: str
    words: tuple[str, ...] = ()
    low: float = float("nan")
    high: float = float("nan")
    required: bool = False
    centre: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return not np.isnan(self.low)


def _minutes(name: str, meaning: str, centre: bool = False) -> Column:
    return Column(name, meaning, low=0.0, high=_A_DAY_MIN, centre=centre)


def _euros(name: str, meaning: str, centre: bool = False) -> Column:
    return Column(name, meaning, low=0.0, high=_MOST_EUR, centre=centre)


_KNOWN = (
    Column("person", "who; the days of one person share it", required=True),
    Column("weekday", "day of the week", WEEKDAYS, required=True),
    Column("occupation", "occupation group", OCCUPATION_GROUPS, required=True),
    Column("available", "plans open that day, with spaces between", PLAN_KINDS, required=True),
    Column("chosen", "plan taken", PLAN_KINDS, required=True),
    _minutes("travel_perceived_min", "home-office-home at the peak, perceived minutes"),
    _minutes("travel_min", "the same in physical minutes; then `mode` is needed"),
    _minutes("off_peak_perceived_min", "the same off-peak, for half days; else as at the peak"),
    _minutes("off_peak_min", "the same off-peak in physical minutes"),
    _euros("travel_eur", "marginal cost of that journey, 0 with a pass; else 0"),
    Column("mode", "mode of that journey", MODES),
    Column(
        "mode_constant",
        "constant of that mode in the journey's utility, held; else 0",
        low=-20.0,
        high=20.0,
    ),
    _minutes("access_min", "home-centre-home, physical minutes; empty: no such centre", True),
    _minutes("access_perceived_min", "the same in perceived minutes; else physical", True),
    _euros("access_eur", "cost of that journey; else 0", True),
    _euros("price_day_eur", "price of a day that the person bears; else 0", True),
    _euros("price_half_day_eur", "price of half a day that the person bears; else 0", True),
    Column("centre_kind", "else telecentre", CENTRE_KINDS, centre=True),
    Column("chosen_centre", "number of the centre taken; else 1", low=1.0, high=MOST_CENTRES),
    Column("fibre", "1 with fibre at home, 0 without", low=0.0, high=1.0),
    Column("last_plan", "plan of the person's last day worked; empty: not known", PLAN_KINDS),
    Column("presence_share", "share of the team at the office, else 0", low=0.0, high=1.0),
    Column("norm_share", "share of the team's last week that was remote, else 0", low=0, high=1.0),
    Column("isolation_days", "accumulated days alone at home, else 0", low=0.0, high=100.0),
    Column("half_days_left", "allowance left this week, today's included", low=0.0, high=10.0),
    Column("working_days_left", "days the person still works this week", low=0.0, high=4.0),
    Column("weight", "persons this one stands for; else 1", low=0.0, high=1e9),
)
COLUMNS: dict[str, Column] = {column.name: column for column in _KNOWN}
"""The format of a survey, by column."""


@dataclass(frozen=True)
class Survey:
    """A survey that has been checked; rows are sorted by person.

    Attributes
    ----------
    frame : pandas.DataFrame
        Texts and numbers by column; what was empty and has a default has it.
    n_centres : int
        The greatest number of centres a person can go to.
    left_out : int
        Days left out because the week's allowance could bind.
    says_allowance : bool
        Whether the table says what was left of the allowance.
    """

    frame: pd.DataFrame
    n_centres: int
    left_out: int
    says_allowance: bool

    def has(self, name: str) -> bool:
        """Say whether the table has a column."""
        return name in self.frame

    def number(self, name: str, default: float = 0.0) -> np.ndarray:
        """Return a column of numbers, shape (n_days,), with `default` where nothing stands."""
        if name not in self.frame:
            return np.full(len(self.frame), default)
        return self.frame[name].fillna(default).to_numpy(dtype=np.float64)


def centre_column(name: str, number: int) -> str:
    """Return the heading of a centre's column: ``access_min``, then ``access_min_2``."""
    return name if number == 1 else f"{name}_{number}"


def read_survey(path: str | Path) -> Survey:
    """Read and check a survey.

    Parameters
    ----------
    path : str or Path
        CSV, with commas, or with semicolons and then decimal commas.

    Raises
    ------
    StudyError
        With the line of the first mistake.
    """
    return check_survey(_text_table(Path(path)), str(path))


def check_survey(table: pd.DataFrame, name: str = "the survey") -> Survey:
    """Check a table of observed choices.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns as in `COLUMNS`, texts or numbers; the first row is called line 2.
    name : str
        What messages call it.
    """
    text = table.astype("string").fillna("").apply(lambda column: column.str.strip())
    _check_headings(list(text.columns), name)
    if text.empty:
        raise StudyError(f"{name} has no rows, expected one a person-day.")
    frame = pd.DataFrame(
        {
            heading: _read_column(text[heading], COLUMNS[_base(heading)], name)
            for heading in text.columns
            if not heading.startswith(_OWN_COLUMN)
        }
    )
    n_centres = _count_centres(frame)
    _check_rows(frame, n_centres, name)
    kept = _days_without_binding_allowance(frame)
    if not kept.any():
        raise StudyError(
            f"{name} has no day on which the allowance cannot bind "
            "(half_days_left at least twice working_days_left + 1), expected some."
        )
    frame = frame[kept].sort_values("person", kind="stable", ignore_index=True)
    return Survey(frame, n_centres, int((~kept).sum()), "half_days_left" in frame)


def _text_table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not there"
        raise StudyError(f"the survey {path} {what}, expected a CSV file.")
    try:
        head = path.read_text(encoding="utf-8-sig").partition("\n")[0]
        semicolons = ";" in head and "," not in head
        with warnings.catch_warnings():
            # pandas would drop cells beyond the heading with no more than a warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                path,
                sep=";" if semicolons else ",",
                dtype=str,
                keep_default_na=False,
                encoding="utf-8-sig",
                skip_blank_lines=False,
                index_col=False,
            )
    except UnicodeDecodeError:
        raise StudyError(f"{path} is not UTF-8 text.") from None
    except pd.errors.EmptyDataError:
        raise StudyError(f"{path} is empty, expected a heading and one row a person-day.") from None
    except pd.errors.ParserWarning:
        raise StudyError(f"{path} has a row with more cells than its heading has names.") from None
    except pd.errors.ParserError as error:
        raise StudyError(f"{path} is not a table: {str(error).splitlines()[0]}.") from None
    if semicolons:
        numbers = [each for each in map(str, table) if _base(each) in COLUMNS and _is_number(each)]
        table[numbers] = table[numbers].apply(lambda column: column.str.replace(",", "."))
    # A line of nothing at the end is no mistake.
    empty = (table == "").all(axis=1)
    while len(table) and empty.iloc[-1]:
        table, empty = table.iloc[:-1], empty.iloc[:-1]
    return table


def _base(heading: str) -> str:
    """Return the column that a heading repeats for a further centre, else the heading."""
    found = re.fullmatch(r"(.+)_(\d+)", heading)
    if found and found[1] in COLUMNS and COLUMNS[found[1]].centre:
        return found[1] if 2 <= int(found[2]) <= MOST_CENTRES else heading
    return heading


def _is_number(heading: str) -> bool:
    return COLUMNS[_base(heading)].is_number


def _check_headings(headings: list[str], name: str) -> None:
    unknown = [
        each for each in headings if _base(each) not in COLUMNS and not each.startswith(_OWN_COLUMN)
    ]
    for column in COLUMNS.values():
        if column.required and column.name not in headings:
            raise StudyError(
                f"{name} has no column '{column.name}' ({column.meaning})."
                f"{nearest(column.name, unknown)}"
            )
    travel = [each for each in ("travel_perceived_min", "travel_min") if each in headings]
    if len(travel) != 1:
        count = "both" if travel else "neither"
        raise StudyError(
            f"{name} has {count} of the columns 'travel_perceived_min' and 'travel_min', "
            f"expected one.{nearest('travel_min', unknown)}"
        )
    if unknown:
        raise StudyError(
            f"{name} has an unknown column '{unknown[0]}'; names of your own start with "
            f"'{_OWN_COLUMN}'.{nearest(unknown[0], COLUMNS)}"
        )
    needs = (("travel_min", "mode"), ("mode_constant", "mode"),
             ("half_days_left", "working_days_left"), ("working_days_left", "half_days_left"),
             ("off_peak_min", "travel_min"), ("off_peak_perceived_min", "travel_perceived_min"),
             )  # fmt: skip
    for first, second in needs:
        if first in headings and second not in headings:
            raise StudyError(f"{name} has the column '{first}' but not '{second}', expected both.")


def _read_column(text: pd.Series, column: Column, name: str) -> pd.Series:
    if column.name == "available":
        return _read_plans(text, name)
    if not column.is_number:
        if column.words:
            _check_words(text, text.name, column, name)
        elif (text == "").any():
            raise StudyError(f"{name}, line {_line(text == '')}: '{text.name}' is empty.")
        return text.astype(object)
    numbers = pd.to_numeric(text.mask(text == ""), errors="coerce").astype(np.float64)
    wrong = (text != "") & ~((numbers >= column.low) & (numbers <= column.high))
    if column.required or _base(str(text.name)) in ("travel_min", "travel_perceived_min"):
        wrong |= text == ""
    if wrong.any():
        raise StudyError(
            f"{name}, line {_line(wrong)}: '{text.name}' is '{text[wrong].iloc[0]}', expected a "
            f"number from {column.low:g} to {column.high:g} ({column.meaning})."
        )
    return numbers


def _check_words(text: pd.Series, heading: object, column: Column, name: str) -> None:
    wrong = ~text.isin(column.words)
    if not column.required and column.name != "mode":
        wrong &= text != ""
    if wrong.any():
        word = str(text[wrong].iloc[0])
        raise StudyError(
            f"{name}, line {_line(wrong)}: '{heading}' is '{word}'.{nearest(word, column.words)}"
        )


def _read_plans(text: pd.Series, name: str) -> pd.Series:
    """Return each day's open plans as a frozenset."""
    sets = {each: frozenset(re.split(r"[\s+|/]+", each)) for each in text.unique()}
    for each, plans in sets.items():
        line = _line(text == each)
        for plan in sorted(plans - set(PLAN_KINDS)):
            raise StudyError(
                f"{name}, line {line}: 'available' names the plan '{plan}'."
                f"{nearest(plan, PLAN_KINDS)}"
            )
        if len(plans) < 2:
            raise StudyError(
                f"{name}, line {line}: 'available' is '{each}', expected two plans or more, "
                "because a day without a choice says nothing."
            )
    return text.map(sets).astype(object)


def _line(wrong: pd.Series) -> int:
    """Return the line in the file of the first row marked."""
    return int(np.flatnonzero(wrong.to_numpy())[0]) + 2


def _count_centres(frame: pd.DataFrame) -> int:
    headings = [centre_column("access_min", number) for number in range(1, MOST_CENTRES + 1)]
    found = [i for i, each in enumerate(headings, 1) if each in frame and frame[each].notna().any()]
    return max(found, default=0)


def _check_rows(frame: pd.DataFrame, n_centres: int, name: str) -> None:
    """Raise for the first day whose choice cannot be, or whose centre has no minutes."""
    for row, (plans, chosen) in enumerate(zip(frame["available"], frame["chosen"], strict=True)):
        if chosen not in plans:
            raise StudyError(
                f"{name}, line {row + 2}: the chosen plan '{chosen}' is not among those "
                f"available ({' '.join(each for each in PLAN_KINDS if each in plans)})."
            )
    minutes = np.full((len(frame), max(n_centres, 1)), np.nan)
    for number in range(1, n_centres + 1):
        heading = centre_column("access_min", number)
        if heading in frame:
            minutes[:, number - 1] = frame[heading]
    for plan in ("telecentre", "half"):
        open_plan = frame["available"].map(lambda plans, plan=plan: plan in plans).to_numpy()
        wrong = open_plan & np.isnan(minutes).all(axis=1)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            verb = "chosen" if frame["chosen"].iloc[row] == plan else "available"
            raise StudyError(
                f"{name}, line {row + 2}: the plan '{plan}' is {verb} but 'access_min' is empty, "
                "expected the minutes to the centre and back."
            )
    _check_chosen_centre(frame, minutes, name)


def _check_chosen_centre(frame: pd.DataFrame, minutes: np.ndarray, name: str) -> None:
    if "chosen_centre" not in frame:
        frame["chosen_centre"] = 1.0
    number = frame["chosen_centre"].fillna(1.0).to_numpy()
    at_centre = frame["chosen"].isin(("telecentre", "half")).to_numpy()
    slot = np.clip(number.astype(int) - 1, 0, minutes.shape[1] - 1)
    wrong = at_centre & (
        (number != slot + 1) | np.isnan(minutes[np.arange(len(frame)), slot])
    )  # fmt: skip
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise StudyError(
            f"{name}, line {row + 2}: centre {number[row]:g} was chosen but "
            f"'{centre_column('access_min', int(number[row]))}' is empty or missing."
        )
    frame["chosen_centre"] = slot + 1


def _days_without_binding_allowance(frame: pd.DataFrame) -> np.ndarray:
    """Mark the days on which half-days kept for later are worth nothing, exactly.

    With twice as many half-days left as days to come, today's included, no plan of the week is
    ever ruled out (`sim77.engine.choice.allowance`): the choice is then the static nested logit.
    """
    if "half_days_left" not in frame:
        return np.ones(len(frame), dtype=bool)
    left, coming = frame["half_days_left"], frame["working_days_left"]
    # Nothing written: no allowance is known of, nobody counts.
    return (left.isna() | coming.isna() | (left >= 2.0 * (coming + 1.0))).to_numpy()
