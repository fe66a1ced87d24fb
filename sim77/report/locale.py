"""French and English: numbers and dates as their readers write them, and the words of the pages."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from sim77.core.errors import ResultError, nearest
from sim77.core.units import LANGUAGES
from sim77.core.yaml_file import load_yaml

NARROW_SPACE = "\u202f"
MINUS = "\u2212"
NOTHING = "–"

FINEST = 9
"""Decimals at most: what is below a billionth of a unit is a rounding error of the arithmetic."""
_EXACT_DIGITS = 12
"""Numbers that agree in so many digits are the same but for such errors."""

_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_SHORT_MONTHS = {
    "fr": "janv. févr. mars avril mai juin juil. août sept. oct. nov. déc.",
    "en": "Jan Feb March April May June July Aug Sept Oct Nov Dec",
}
_WEEKDAYS = {
    "fr": "lundi mardi mercredi jeudi vendredi",
    "en": "Monday Tuesday Wednesday Thursday Friday",
}


@dataclass(frozen=True)
class Numbers:
    """How one language writes numbers and dates.

    Attributes
    ----------
    language : str
        One of `LANGUAGES`.
    """

    language: str

    def fixed(self, value: float, decimals: int = 0) -> str:
        """Write a number with so many decimals; a dash when there is no number.

        Examples
        --------
        >>> Numbers("en").fixed(9684.35, 1), Numbers("fr").fixed(-0.94, 1)
        ('9,684.4', '−0,9')
        """
        if not math.isfinite(value):
            return NOTHING
        # Adding zero makes a rounded minus zero a plain zero.
        text = f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", MINUS)
        if self.language == "en":
            return text
        return text.replace(",", NARROW_SPACE).replace(".", ",")

    def apart(self, *values: float, digits: int = 2) -> list[str]:
        """Write numbers that stand side by side, so that two that differ look different.

        Examples
        --------
        >>> Numbers("en").apart(68.51, 68.53), Numbers("en").apart(940.0, 12.0)
        (['68.51', '68.53'], ['940', '12'])
        """
        largest = max((abs(each) for each in values if math.isfinite(each)), default=0.0)
        decimals = decimals_apart(values, decimals_of(largest, digits))
        return [self.fixed(each, decimals) for each in values]

    def count(self, value: float) -> str:
        """Write a whole number."""
        return self.fixed(value)

    def is_one(self, value: float) -> bool:
        """Say whether what is counted stands in the singular.

        Examples
        --------
        >>> [Numbers("fr").is_one(1.5), Numbers("fr").is_one(0), Numbers("en").is_one(1.5)]
        [True, True, False]
        """
        return abs(value) < 2.0 if self.language == "fr" else value == 1.0

    def significant(self, value: float, digits: int = 2) -> str:
        """Write a number with two significant digits, all of its whole part kept from 10 on."""
        return self.fixed(value, decimals_of(value, digits))

    def rounded(self, value: float, digits: int = 2) -> str:
        """Write a number rounded to its first digits, for sentences.

        Examples
        --------
        >>> Numbers("en").rounded(75425, 3), Numbers("en").rounded(940.3)
        ('75,400', '940')
        """
        if not math.isfinite(value) or round(value, FINEST) == 0.0:
            return self.fixed(value)
        whole = digits - 1 - math.floor(math.log10(abs(value)))
        return self.fixed(round(value, whole), max(whole, 0))

    def percent(self, share: float, decimals: int | None = None) -> str:
        """Write a share from 0 to 1 in percent, by default with two significant digits."""
        value = 100.0 * share
        if not math.isfinite(value):
            return NOTHING
        text = self.significant(value) if decimals is None else self.fixed(value, decimals)
        return text + ("%" if self.language == "en" else f"{NARROW_SPACE}%")

    def weekday(self, index: int) -> str:
        """Name a weekday, 0 for Monday to 4 for Friday."""
        return _WEEKDAYS[self.language].split()[index]

    def month(self, month: int) -> str:
        """Name a month in short, 1 for January."""
        return _SHORT_MONTHS[self.language].split()[month - 1]

    def date(self, day: dt.date) -> str:
        """Write a date in full, such as ``18 novembre 2014``."""
        month = _MONTHS[self.language].split()[day.month - 1]
        number = "1er" if self.language == "fr" and day.day == 1 else str(day.day)
        return f"{number} {month} {day.year}"

    def period(self, start: dt.date, end: dt.date) -> str:
        """Write the days a run covers as the opening of a sentence."""
        french = self.language == "fr"
        if start == end:
            return f"{'Le' if french else 'On'} {self.date(start)}"
        if whole_years(start, end) and start.year == end.year:
            return f"{'En' if french else 'In'} {start.year}"
        if whole_years(start, end):
            return f"{'De' if french else 'From'} {start.year} {'à' if french else 'to'} {end.year}"
        words = ("Du", "au") if french else ("From", "to")
        first = self.date(start)
        if start.year == end.year:
            first = first.removesuffix(f" {start.year}")
        return f"{words[0]} {first} {words[1]} {self.date(end)}"


def decimals_of(value: float, digits: int = 2) -> int:
    """Return the decimals that leave so many significant digits.

    Examples
    --------
    >>> decimals_of(0.0123), decimals_of(1.23), decimals_of(940.0), decimals_of(9.98)
    (3, 1, 0, 0)
    >>> decimals_of(-1e-11)
    0
    """
    if not math.isfinite(value) or round(value, FINEST) == 0.0:
        return 0
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    # 9.98 becomes 10, which has one decimal less.
    grown = digits - 1 - math.floor(math.log10(abs(round(value, decimals))))
    return min(max(min(decimals, grown), 0), FINEST)


def decimals_apart(values: Iterable[float], decimals: int) -> int:
    """Return the fewest decimals, from those given on, that show different numbers as different.

    Zero always counts as one of them: what is not nothing is not written as nothing.

    Parameters
    ----------
    values : iterable of float
        Those that are not finite are left out.
    decimals : int
        At least; below 0 for tens and so on.

    Examples
    --------
    >>> decimals_apart((68.51, 68.53), 1), decimals_apart((3.0, 3.0), 0)
    (2, 0)
    >>> decimals_apart((120.0, 124.0), -1), decimals_apart((0.1 + 0.2, 0.3), 1)
    (0, 1)
    >>> decimals_apart((-5.2, -0.04), 1)
    2
    """
    known = {float(f"{each:.{_EXACT_DIGITS}g}") for each in values if math.isfinite(each)} | {0.0}
    different = len({round(each, FINEST) for each in known})
    while decimals < FINEST and len({round(each, decimals) for each in known}) < different:
        decimals += 1
    return decimals


def decimals_for(*values: float) -> int:
    """Return the decimals that give the largest of some values three significant digits.

    More where two that differ would else be written alike.
    """
    top = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return decimals_apart(values, decimals_of(top, 3))


def least_decimals(value: float) -> int:
    """Return how many decimals a round number needs.

    Examples
    --------
    >>> least_decimals(0.125), least_decimals(2.5), least_decimals(-40.0)
    (3, 1, 0)
    """
    return max(-int(Decimal(f"{value:.6g}").normalize().as_tuple().exponent), 0)


# Words --------------------------------------------------------------------------------------


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


Words = Mapping[str, str]

_FOLDER = Path(__file__).parent / "templates"


@lru_cache(maxsize=4)
def words_by_language(*pages: str) -> Mapping[str, Words]:
    """Return the sentences by language and key.

    Parameters
    ----------
    *pages : str
        Whose words, ``summary`` by default; those of a later page replace those of an earlier one.
    """
    entries: dict[str, Words] = {}
    for page in pages or ("summary",):
        entries |= load_yaml((_FOLDER / f"{page}_words.yaml").read_text(encoding="utf-8"))
    found = {name: {key: text[name] for key, text in entries.items()} for name in LANGUAGES}
    found["fr"] = {key: _spaced(text) for key, text in found["fr"].items()}
    return found


def _spaced(text: str) -> str:
    """Put the narrow space that French wants at a mark, so that no line begins with one."""
    return re.sub(r" ([;:!?%»])", f"{NARROW_SPACE}\\1", text).replace("« ", f"«{NARROW_SPACE}")


@dataclass(frozen=True)
class Locale:
    """One language of a page: its words and how it writes numbers.

    Attributes
    ----------
    language : str
        One of `LANGUAGES`.
    words : mapping of str to str
    numbers : Numbers
    """

    language: str
    words: Words
    numbers: Numbers

    def say(self, key: str, **given: object) -> str:
        """Return a sentence with its figures."""
        return self.spaced(self.words[key].format(**given))

    def spaced(self, text: str) -> str:
        """Return a text of a data file with the spaces that French wants; English as it is."""
        return _spaced(text) if self.language == "fr" else text


def whole_years(start: dt.date, end: dt.date) -> bool:
    """Say whether working days from one date to another are those of whole calendar years."""
    return start.month == 1 and start.day < 8 and end.month == 12 and end.day > 23


def locales(*pages: str) -> list[Locale]:
    """Return both languages, French first, with the words of `words_by_language`."""
    return [locale_of(name, *pages) for name in LANGUAGES]


def locale_of(language: str, *pages: str) -> Locale:
    """Return one language with the words of `words_by_language`; `ResultError` if unknown."""
    if language not in LANGUAGES:
        raise ResultError(f"Unknown language '{language}'.{nearest(language, LANGUAGES)}")
    return Locale(language, words_by_language(*pages)[language], Numbers(language))
