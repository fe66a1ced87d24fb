"""A viewer as answers read it, and the error by which a question of theirs is refused."""

from __future__ import annotations

from typing import Any, Protocol

from sim77.app.explore.sides import Scope
from sim77.app.options import Options
from sim77.app.state.state import Checker, Problem, State, cut
from sim77.app.story.story import Story
from sim77.report.geography import Geography


class Viewer(Protocol):
    """What is known of a viewer; see `sim77.app.session.Session`."""

    geography: Geography
    options: Options
    checker: Checker
    state: State
    stories: dict[str, Story]
    widget: Any

    def scope(self) -> Scope:
        """Return what both sides of the comparison have in common."""


class RequestError(Exception):
    """A question that cannot be answered, with the words that say why."""

    def __init__(self, key: str, word: Any = "", detail: str = ""):
        super().__init__(key)
        self._problem = Problem(key, cut(word), detail)

    def payload(self) -> dict[str, Any]:
        """Return it as the browser reads it."""
        return self._problem.payload()
