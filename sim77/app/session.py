"""One viewer: what is chosen, what has been asked for, and what the browser is told."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from sim77.app.boot import boot_of
from sim77.app.compute.jobs import ComparisonRequest, Pair, StudyRequest
from sim77.app.engine import Engine, QueueFullError
from sim77.app.explore.payload import SidePayload
from sim77.app.explore.sides import Scope, names_of
from sim77.app.levers.specs import lever_specs
from sim77.app.options import Options, scope_of
from sim77.app.requests import (
    ASKED_OF_STUDIES,
    answer_here,
    checked_request,
    study_request,
)
from sim77.app.state.address import decode, encode
from sim77.app.state.state import Checker, Problem, State, scenarios_on
from sim77.app.story.scene import scene_text
from sim77.app.story.story import Story
from sim77.app.viewer import RequestError
from sim77.core.errors import Sim77Error
from sim77.report.geography import Geography
from sim77.report.locale import locale_of

_MOST_BANNERS = 8

log = logging.getLogger("sim77.app")


class Session:
    """One viewer.

    Parameters
    ----------
    engine : Engine
        Shared by all viewers.
    geography : Geography
    options : Options
    widget : AppWidget
        Its traits are what the browser shows.
    query : str
        The query of the address that was opened.
    context : context manager, optional
        Entered whenever the widget is written from another thread.
    """

    def __init__(
        self,
        engine: Engine,
        geography: Geography,
        options: Options,
        widget: Any,
        query: str = "",
        context: AbstractContextManager[Any] | None = None,
    ):
        self.engine, self.geography, self.options = engine, geography, options
        self.widget, self.viewer = widget, uuid.uuid4().hex
        self._context = context or nullcontext()
        self.checker = Checker(geography.territory, tuple(options.territories))
        self._lock = threading.RLock()
        self._outbox = engine.outbox(self._receive)
        self._closed = False
        self._banners = 0
        self._pair: Pair | None = None
        self._following: Pair | None = None
        self.state, problems = decode(query, self.checker)
        widget.boot = boot_of(geography, options)
        self.stories: dict[str, Story] = dict(options.stories)
        if self.state.story and self.state.story not in self.stories:
            problems = [*problems, Problem("unknown_story", self.state.story)]
            self.state = replace(self.state, story="")
        self._show_state(None)
        self._show_levers()
        self._tell_scene()
        if problems:
            self._banner(problems)
        self._compute()

    # From the browser ----------------------------------------------------------------------

    def hear(self, message: Any) -> None:
        """Take a message of the browser; nothing in it is trusted."""
        if not isinstance(message, Mapping) or self._closed:
            return
        kind = message.get("type")
        try:
            if kind == "set":
                self._set(message.get("state"))
            elif kind == "cancel":
                self.engine.drop(self.viewer)
                self._status("idle")
            elif kind == "retry":
                self._pair = None
                self._compute()
            elif kind == "ask":
                self._request_answer(message)
        except Sim77Error as error:
            self._fail(str(error))
        except Exception:  # a viewer is told that something failed, never how
            log.exception("a message could not be answered")
            self._fail("")

    def close(self) -> None:
        """Forget the viewer: what is under way for nobody else is called off."""
        self._closed = True
        self.engine.drop(self.viewer)

    def _set(self, given: Any) -> None:
        with self._lock:
            before = self.state
            self.state, problems = self.checker.check(given, before)
            self._enter_scene(before)
            self._show_state(given.get("rev") if isinstance(given, Mapping) else None)
            if (before.scenario_a, before.scenario_b) != (
                self.state.scenario_a, self.state.scenario_b,
            ):  # fmt: skip
                self._show_levers()
            self._tell_scene()
            if problems:
                self._banner(problems)
            self._compute()

    def _request_answer(self, message: Mapping[str, Any]) -> None:
        number, kind = message.get("id"), message.get("kind")
        if not isinstance(number, int | str) or not isinstance(kind, str):
            return
        reply = {"id": number, "kind": kind}
        try:
            here = answer_here(kind, message, self)
            if here is not None:
                self._answer(reply | here)
                return
            request = self._request(kind, message)
        except RequestError as error:
            self._answer(reply | {"error": error.payload()})
            return

        def deliver(name: str, content: Any) -> None:
            if name == "answer":
                self._answer(reply | content)
            elif name == "failed":
                self._answer(reply | {"error": {"key": "failed", "args": {"detail": content}}})

        try:
            self.engine.submit(self.viewer, request, self.engine.outbox(deliver))
        except QueueFullError:
            self._answer(reply | {"error": {"key": "queue_full", "args": {}}})

    def _request(self, kind: str, message: Mapping[str, Any]) -> ComparisonRequest | StudyRequest:
        if kind in ASKED_OF_STUDIES:
            return study_request(kind, message, self)
        return ComparisonRequest(
            self._pair or self.pair(), kind, checked_request(kind, message, self)
        )

    # To the engine -------------------------------------------------------------------------

    def scope(self) -> Scope:
        """Return what both sides of the comparison on the screen have in common."""
        return scope_of(self.state, self.options, self._pair is not None and self._pair.follows)

    def pair(self, seeds: int = 1) -> Pair:
        """Return the comparison that the state describes."""
        pair = Pair(*self.state.scenarios(self.geography.territory), self.scope(), seeds)
        return replace(pair, follows=self._pair is not None and self._pair.follows)

    def _enter_scene(self, before: State) -> None:
        """Take over what a scene says when a viewer enters it; what they change then stays."""
        story, number = self.stories.get(self.state.story), self.state.scene
        # Elsewhere the number only says where a viewer who comes back to the story goes on.
        if story is None or self.state.view != "present":
            return
        if (before.story, before.scene) == (self.state.story, number):
            return
        number = min(number, len(story.scenes) - 1)
        # The view stays: Present shows the scene's own view.
        scene = story.scenes[number].applied(self.state)
        self.state = replace(scene, scene=number, view="present")

    def _tell_scene(self) -> None:
        """Tell the scene with the figures of its comparison, as far as they are there."""
        story = self.stories.get(self.state.story)
        if story is not None:
            compared = self.widget.compare
            fits = compared.get("key") == self.pair().key[0]
            number = min(self.state.scene, len(story.scenes) - 1)
            self._write("scene", scene_text(story, number, compared if fits else {}))

    def _compute(self) -> None:
        """Ask for the comparison of the state, unless it has been asked for already.

        Nor while stored studies are looked at, which show none of it and would wait behind it.
        """
        if self.state.view == "studies":
            return
        if self._pair is not None and self.pair().key == self._pair.key:
            return
        # Another request is answered by a month again, if this one was.
        self._pair = self._following = None
        self._pair = pair = self.pair()
        self._status("computing", progress=0.0)
        self._submit(pair)

    def _submit(self, pair: Pair) -> None:
        try:
            self.engine.submit(self.viewer, pair, self._outbox)
        except QueueFullError:
            # "Try again" under the message asks for the same once more.
            self._write("status", {"phase": "error", "message_key": "queue_full"})

    # From the engine -----------------------------------------------------------------------

    def _receive(self, name: str, content: Any) -> None:
        """Take a part of an answer; called from another thread."""
        try:
            with self._lock:
                if self._closed or self._pair is None:
                    return
                getattr(self, f"_on_{name}")(content)
        except Exception:
            if not self._closed:
                log.exception("a part of an answer could not be shown")

    def _on_queued(self, place: dict[str, Any]) -> None:
        if self.widget.status.get("phase") != "refining":
            self._status("queued", **place)

    def _on_progress(self, share: float) -> None:
        phase = "refining" if self.widget.status.get("phase") == "refining" else "computing"
        self._status(phase, progress=round(share, 3))

    def _on_restarted(self, _: str) -> None:
        self._banner([Problem("computing_restarted", "")])

    def _on_side(self, side: SidePayload) -> None:
        assert self._pair is not None
        compared = self.pair()
        for letter, scenario in (("a", compared.a), ("b", compared.b)):
            if side.meta["key"].startswith(scenario.hash):
                shown = getattr(self.widget, f"side_{letter}")
                if shown.get("key") != side.meta["key"]:
                    self._write(f"bytes_{letter}", side.data)
                # Another scenario of the same numbers has another name.
                self._write(f"side_{letter}", {**side.meta, **names_of(scenario)})

    def _on_compare(self, compared: dict[str, Any]) -> None:
        assert self._pair is not None
        if self._following is not None and compared["key"] == self._following.key[0]:
            self._pair, self._following = self._following, None
        if compared["key"] == self._pair.key[0]:
            self._write("compare", compared)
            self._tell_scene()

    def _on_done(self, _: Any) -> None:
        assert self._pair is not None
        if self.widget.compare.get("key") != self._pair.key[0]:
            return  # of a request that a newer one has replaced
        found = len(self.widget.compare.get("seeds", ()))
        if self._follow():
            return
        if found >= self.options.seeds:
            self._status("idle", seeds=found)
            return
        self._status("refining", progress=found / self.options.seeds, seeds=found)
        self._submit(self.pair(found + 1))

    def _follow(self) -> bool:
        """Ask for the whole period if a month of it is on the screen; say whether it was."""
        if self._pair is None or not self._shows_a_month:
            return False
        whole = scope_of(self.state, self.options, whole=True)
        self._following = replace(self._pair, scope=whole, follows=True)
        self._status("refining", progress=0.0, seeds=1)
        self._submit(self._following)
        return True

    @property
    def _shows_a_month(self) -> bool:
        return self.scope() != scope_of(self.state, self.options, whole=True)

    def _on_failed(self, sentence: str) -> None:
        self._fail(sentence)

    # To the browser ------------------------------------------------------------------------

    def _write(self, name: str, value: Any) -> None:
        if not self._closed:
            with self._context:
                setattr(self.widget, name, value)

    def _answer(self, reply: dict[str, Any]) -> None:
        self._write("answer", reply)

    def _show_state(self, rev: Any) -> None:
        state = self.state.payload()
        if isinstance(rev, int | float | str):
            state["rev"] = rev
        self._write("state", state)
        self._write("address", encode(self.state, self.geography.territory))

    def _show_levers(self) -> None:
        known = scenarios_on(self.geography.territory)
        a, b = known[self.state.scenario_a], known[self.state.scenario_b]
        self._write("levers", lever_specs(a, b, self.geography.territory))
        scope = scope_of(self.state, self.options, whole=True)
        odd = [a, b] if (a.start, a.end) != (b.start, b.end) else [b]
        if self.options.start is None:
            odd = odd[1:]  # the days are those of A
        else:
            odd = [s for s in odd if not s.start <= scope.start <= scope.end <= s.end]
        if odd:
            date = locale_of(self.state.lang).numbers.date
            period = f"{date(scope.start)} – {date(scope.end)}"
            self._banner(
                [Problem("other_period", names_of(each)[self.state.lang], period) for each in odd]
            )

    def _status(self, phase: str, **more: Any) -> None:
        month = {"month": True} if self._shows_a_month else {}
        self._write("status", {"phase": phase, **more, **month})

    def _banner(self, problems: list[Problem]) -> None:
        first, *others = problems
        more = [each.payload() for each in others[:_MOST_BANNERS]]
        # The number makes two banners of the same words two events for the browser.
        self._banners += 1
        self._write("banner", {**first.payload(), "others": more, "number": self._banners})

    def _fail(self, detail: str) -> None:
        self._write(
            "status",
            {"phase": "error", "message_key": "failed", "message_args": {"detail": detail}},
        )
