"""The queue: shared, bounded, the latest wish wins, and nothing survives who has left."""

import datetime as dt
import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from sim77.app.compute.jobs import ComparisonRequest, Pair
from sim77.app.compute.process import SIDES_CACHED, WorkerProcess
from sim77.app.engine import MOST_WAITING, Engine, QueueFullError, Ticket
from sim77.app.explore.sides import Scope
from sim77.app.session import Session
from sim77.app.worker import _do, answer
from sim77.engine.model import CommuteModel
from sim77.scenario.scenario import load_scenario
from tests.app.conftest import wait_for
from tests.app.small import END, SCALE, START

pytestmark = pytest.mark.app


def pair(seed: int) -> Pair:
    names = ("no-telecentres", "network-2014")
    return Pair(*map(load_scenario, names), Scope(seed, START, END, SCALE, ("paris",), None))


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, Any]] = []

    def __call__(self, name: str, content: Any) -> None:
        self.parts.append((name, content))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.parts]


def test_viewers_who_ask_for_the_same_share_one_job(engine: Engine) -> None:
    first, second, third = Heard(), Heard(), Heard()
    engine.submit("x", pair(101), first)
    engine.submit("y", pair(101), second)
    wait_for(lambda: "done" in first.names and "done" in second.names)
    sides = [
        [content for name, content in each.parts if name == "side"] for each in (first, second)
    ]
    assert sides[0][0] is sides[1][0]
    engine.submit("z", pair(101), third)
    assert third.names[-1] == "done", "an answer that is kept comes at once"


def test_what_follows_a_month_waits_like_a_refinement() -> None:
    first, more, whole = (
        Ticket(n, job, {}).priority
        for n, job in enumerate(
            (pair(1), replace(pair(1), seeds=2), replace(pair(1), follows=True))
        )
    )
    assert first < more == whole


def test_the_latest_wish_of_a_viewer_wins(engine: Engine) -> None:
    heard = [Heard() for _ in range(4)]
    for seed, each in enumerate(heard, 201):
        engine.submit("x", pair(seed), each)
    wait_for(lambda: "done" in heard[-1].names)
    assert all("done" not in each.names for each in heard[:-1])


def test_two_viewers_get_their_own_results(open_session: Callable[..., Session]) -> None:
    cheap, dear = open_session("l.price_day=0"), open_session("l.price_day=60")
    for each in (cheap, dear):
        wait_for(lambda each=each: each.widget.compare)
    users = [
        next(row["b"] for row in each.widget.compare["effects"] if row["name"] == "telecentre")
        for each in (cheap, dear)
    ]
    assert users[0] > users[1]
    assert cheap.state.levers == {"price_day": 0.0}


def test_a_queue_that_is_full_says_so() -> None:
    full = Engine()
    try:
        with pytest.raises(QueueFullError, match="too many viewers"):
            for number in range(MOST_WAITING + 2):
                full.submit(f"viewer {number}", pair(1000 + number), Heard())
    finally:
        full.close()


@pytest.mark.long
def test_a_lost_process_is_replaced_and_its_job_done_again_but_once() -> None:
    mine = Engine()
    try:
        heard, twice = Heard(), Heard()
        for viewer, seed, each, ends in (("x", 1, heard, ["done"]), ("y", 2, twice, ["failed"])):
            mine.submit(viewer, pair(seed), each)
            for number in range(1 if each is heard else 2):
                process = wait_for(lambda: mine._current and mine._process)
                process.kill()
                wait_for(lambda each=each, n=number + 1: len(lost(each)) == n)
                wait_for(lambda old=process: mine._process is not old)
            wait_for(lambda each=each, ends=ends: each.names[-1:] == ends)
            assert lost(each) == ["restarted", *ends][: 1 if each is heard else 2]
        again = Heard()
        mine.submit("y", pair(2), again)
        wait_for(lambda: "done" in again.names)
        process = mine._process
    finally:
        mine.close()
    assert process is not None and not process.is_alive()
    assert not mine._thread.is_alive()


def lost(heard: Heard) -> list[str]:
    return [name for name in heard.names if name in ("restarted", "failed")]


def test_a_run_that_nobody_wants_any_more_ends_in_the_middle_of_its_year(engine: Engine) -> None:
    names = ("no-telecentres", "network-2014")
    whole = Pair(
        *map(load_scenario, names),
        Scope(1, dt.date(2014, 1, 1), dt.date(2014, 12, 31), 1.0, ("paris",), None),
    )
    long, short = Heard(), Heard()
    engine.submit("x", whole, long)
    wait_for(lambda: "progress" in long.names)
    engine.submit("x", pair(401), short)
    wait_for(lambda: "done" in short.names)
    assert "side" not in long.names
    shares = [content for name, content in long.parts if name == "progress"]
    assert max(shares) < 0.5


def test_a_wish_given_up_while_the_process_starts_is_not_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a cold server the first viewer may have moved on before anything could be begun."""
    starting, go_on, given = threading.Event(), threading.Event(), list[int]()
    started, send = Engine._started, Connection.send

    def slowly(self: Engine) -> Any:
        starting.set()
        assert go_on.wait(60)
        return started(self)

    def noted(connection: Any, sentence: Any) -> None:
        if sentence[0] == "job":
            given.append(sentence[2].scope.seed)
        send(connection, sentence)

    monkeypatch.setattr(Connection, "send", noted)
    monkeypatch.setattr(Engine, "_started", slowly)
    mine = Engine()
    try:
        gone, wanted = Heard(), Heard()
        mine.submit("x", pair(601), gone)
        assert starting.wait(60)
        mine.submit("x", pair(602), wanted)
        go_on.set()
        wait_for(lambda: "done" in wanted.names)
    finally:
        go_on.set()
        mine.close()
    # Another engine of this process may have sent what its own viewers wish.
    assert [seed for seed in given if seed in (601, 602)] == [602]
    assert not {"side", "done", "failed"} & set(gone.names)


def test_a_viewer_who_cannot_be_queued_is_told_and_can_try_again(
    open_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim77.app.engine.MOST_WAITING", 0)
    session = open_session("seed=501")
    assert session.widget.status == {"phase": "error", "message_key": "queue_full"}
    session.hear({"type": "ask", "id": 1, "kind": "workers_of_commune", "commune": "77186"})
    assert session.widget.answer["error"]["key"] == "queue_full"
    monkeypatch.undo()
    session.hear({"type": "retry"})
    wait_for(lambda: session.widget.compare)


def test_who_leaves_is_forgotten(engine: Engine) -> None:
    heard = Heard()
    engine.submit("gone", pair(301), heard)
    engine.drop("gone")
    time.sleep(0.3)
    assert "done" not in heard.names
    assert all("gone" not in ticket.listeners for ticket in engine._waiting)


def test_a_message_that_means_nothing_does_no_harm(open_session: Callable[..., Session]) -> None:
    session = open_session()
    for message in (
        *(None, 1, "x", {}, {"type": "set"}, {"type": "ask"}),
        {"type": "ask", "id": 1, "kind": "worker", "worker": {"a": 1}},
        {"type": "set", "state": {"levers": 3}},
    ):
        session.hear(message)
    assert session.state.levers == {}
    wait_for(lambda: session.widget.compare)


# Memory ------------------------------------------------------------------------------------------


def models() -> int:
    return sum(isinstance(each, CommuteModel) for each in gc.get_objects())


@pytest.mark.long
def test_models_that_are_no_longer_kept_are_freed_without_waiting_for_python() -> None:
    """They refer to themselves, and Python looks for such objects only when they are many."""
    mine, theirs = Pipe()
    heard: dict[str, Any] = {}

    def listen() -> None:
        while (part := mine.recv()) is not None:
            heard[part[1]] = part[2]

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    gc.collect()
    before, worker_process = models(), WorkerProcess()
    gc.disable()
    try:
        moves = [pair(seed) for seed in range(701, 701 + SIDES_CACHED)]
        asked = (("commune", "77186"), ("day", ""), ("lang", "en"))
        jobs = [*moves, Pair(moves[-1].a, moves[-1].b, moves[-1].scope, seeds=3)]
        for job in (*jobs, ComparisonRequest(moves[-1], "workers_of_commune", asked)):
            _do(worker_process, theirs, 1, job)
        assert models() - before <= SIDES_CACHED
        wait_for(lambda: "answer" in heard)
        worker = heard["answer"]["rows"][0]["identity"]
        asked = (("day", ""), ("lang", "en"), ("side", "b"), ("worker", worker))
        answer(
            worker_process,
            ComparisonRequest(moves[-1], "what_if", asked),
            lambda name, content: None,
        )
        assert models() - before <= SIDES_CACHED + 2, "the forks but for the past that they share"
    finally:
        gc.enable()
        theirs.send(None)
        reader.join(10)


@pytest.mark.long
def test_the_compute_process_holds_no_more_after_many_moves() -> None:
    """In the real process, and by all that grows; `benchmarks.app_memory` says how much."""
    words = ["--moves", "30", "--scale", "0.05", "--period", "2014-09-22..2014-10-03"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.app_memory", *words], capture_output=True, text=True,
        cwd=Path(__file__).resolve().parents[2], env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
