"""The queue: shared, bounded, the latest wish wins, and nothing survives who has left."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from sim77.app.engine import MOST_WAITING, Engine, QueueFullError
from sim77.app.laboratory import Pair
from sim77.app.session import Session
from sim77.app.sides import Scope
from sim77.scenario import load_scenario
from tests.app.conftest import wait_for
from tests.app.small import END, SCALE, START

pytestmark = pytest.mark.app


def pair(seed: int) -> Pair:
    names = ("no-telecentres", "network-2014")
    return Pair(*map(load_scenario, names), Scope(seed, START, END, SCALE))


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


def test_a_closed_engine_leaves_no_process_and_a_lost_one_is_replaced() -> None:
    mine = Engine()
    try:
        heard = Heard()
        mine.submit("x", pair(1), heard)
        process = wait_for(lambda: mine._process)
        wait_for(lambda: "progress" in heard.names)
        process.kill()
        wait_for(lambda: "failed" in heard.names)
        again = Heard()
        mine.submit("x", pair(1), again)
        wait_for(lambda: "done" in again.names)
        process = mine._process
    finally:
        mine.close()
    assert process is not None and not process.is_alive()
    assert not mine._thread.is_alive()


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
