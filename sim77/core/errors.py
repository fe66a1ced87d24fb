"""The exceptions of sim77: a user's mistake is told in one sentence, never by a traceback."""

import difflib
import errno
import re
from collections.abc import Iterable
from typing import Any

_LONGEST_LIST = 8
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
"""A full disk, a file or a user beyond what may be written."""
_LONGEST_BEGINNING, _LONGEST_END = 500, 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Sim77Error(Exception):
    """A mistake the user can put right; the message is one sentence that says what and where.

    What it quotes of the user's input may hold anything: as a text it is one line that a terminal
    shows as it is, and what is very long is left out of its middle.
    """

    def __str__(self) -> str:
        text = _CONTROL.sub(lambda found: repr(found[0])[1:-1], super().__str__())
        if len(text) <= _LONGEST_BEGINNING + _LONGEST_END:
            return text
        return f"{text[:_LONGEST_BEGINNING]} … {text[-_LONGEST_END:]}"


class ParameterError(Sim77Error):
    """A parameter is unknown, or its value is not a number inside its range."""


class ScenarioError(Sim77Error):
    """A scenario is unknown, or its file says something the model has no word for."""


class TerritoryError(Sim77Error):
    """A territory's tables are missing, incomplete or inconsistent."""


class ResultError(Sim77Error):
    """A result cannot be written, read or asked for in this way."""


class StudyError(Sim77Error):
    """A study file is wrong."""


class RunInterrupted(Sim77Error):  # noqa: N818  (being stopped is no error)
    """A run was stopped before its last day."""


class DamageWarning(UserWarning):
    """Something stored is damaged and was left out; the message is one sentence."""


def as_written(value: Any) -> Any:
    """Return a value of a table as people write it: a number of NumPy's as one of Python's."""
    return value.item() if hasattr(value, "item") else value


def why(error: OSError) -> str:
    """Say why a file cannot be used; of a full disk also what is safe and what to do."""
    if error.errno in _FULL:
        return (
            "no space is left there; what was complete is as it was: free some space and give "
            "the same command again"
        )
    return f"{error.strerror or error}".rstrip(".")


def nearest(name: str, names: Iterable[str]) -> str:
    """Say which known name was probably meant, as the end of an error sentence.

    Parameters
    ----------
    name : str
        What the user wrote.
    names : iterable of str
        The names that would have been right.

    Returns
    -------
    str
        ``" Did you mean 'x'?"``, else a short list of the known names, else an empty string.

    Examples
    --------
    >>> nearest("network-2041", ["network-2014", "no-telecentres"])
    " Did you mean 'network-2014'?"
    >>> nearest("toll", ["toll-5-euros", "no-telecentres"])
    " Did you mean 'toll-5-euros'?"
    >>> nearest("zzz", ["a", "b"])
    ' Known: a, b.'
    """
    known = [str(each) for each in names]
    folded = {each.lower().replace("_", "-"): each for each in known}
    written = name.lower().replace("_", "-")
    # What is only begun is not close by letters.
    begun = [each for each in folded if len(written) > 2 and each.startswith(f"{written}-")]
    close = difflib.get_close_matches(written, folded, n=1) or begun
    if close:
        return f" Did you mean '{folded[close[0]]}'?"
    if not known:
        return ""
    shown = ", ".join(known[:_LONGEST_LIST])
    more = len(known) - _LONGEST_LIST
    return f" Known: {shown} and {more} more." if more > 0 else f" Known: {shown}."
