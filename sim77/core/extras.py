"""The optional parts of an installation: what each is for, and one sentence where it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sim77.core.errors import Sim77Error

EXTRAS = {
    "sweep": "sensitivity analysis, scenario discovery and Dask clusters",
    "calibrate": "calibration",
    "estimate": "the mixed logit of a survey",
    "app": "the app and the panels of notebooks",
    "notebook": "running notebooks",
    "territory": "outlines of zones",
}
"""The extras that users install, as in ``pip install "sim77[sweep]"``, and what they are for."""


class MissingExtraError(Sim77Error, ImportError):
    """Something is asked for whose packages are not installed."""


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Import in this block what comes with an extra only.

    Parameters
    ----------
    extra : str
        One of `EXTRAS`.

    Raises
    ------
    MissingExtraError
        If a package is not there; the sentence says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{error.name}, for {EXTRAS[extra]}, is not installed: {how_to_install(extra)}."
        ) from error


def how_to_install(extra: str) -> str:
    """Return the command that installs an extra, as every shell takes it."""
    return f'pip install "sim77[{extra}]"'
