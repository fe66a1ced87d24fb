"""What the axes of saved arrays stand for, so that another run can take them over."""

from __future__ import annotations

from collections.abc import Mapping


def axes(*names: str) -> Mapping[str, tuple[str, ...]]:
    """Return the metadata of a field whose arrays have these axes.

    Parameters
    ----------
    *names : str
        ``site`` (telecentres; another run may have others), ``day`` (those still to come are
        zeros), ``alternative`` (places in the choice set) or ``""`` (the same in any run).
    """
    return {"axes": names}
