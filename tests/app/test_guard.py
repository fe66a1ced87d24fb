"""Who is let in: no other website, no name that is not the app's, nothing without a bound."""

import contextlib
import http.client
import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from sim77.app.guard import LOOPBACK, MOST_BYTES, MOST_DEPTH, hosts_of, shown_hosts
from sim77.app.server import MOST_VIEWERS, _announce
from sim77.app.words import say
from tests.app.conftest import Server, wait_for

pytestmark = pytest.mark.app

BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
)
"""In memory it would be 43 million lists."""


class Viewer:
    """Speaks to the server as the page does."""

    def __init__(self, connection: Any):
        self.connection = connection
        self._tell("comm_open", comm_id="control", target_name="solara.control", data={})
        run = {"method": "run", "args": {"path": "/?view=explore&lang=en"}}
        self._tell("comm_msg", comm_id="control", data=run)
        self.widget = ""
        while not self.widget:
            told = self._hear()
            if "boot" in told["content"].get("data", {}).get("state", {}):
                self.widget = told["content"]["comm_id"]

    def ask(self, kind: str, **more: Any) -> Any:
        """Return the answer to a question."""
        number = uuid.uuid4().hex
        content = {"type": "ask", "id": number, "kind": kind, **more}
        self._tell("comm_msg", comm_id=self.widget, data={"method": "custom", "content": content})
        while True:
            state = self._hear()["content"].get("data", {}).get("state", {})
            if state.get("answer", {}).get("id") == number:
                return state["answer"]

    def _tell(self, kind: str, **content: Any) -> None:
        self.connection.send(json.dumps(message(kind, **content)))

    def _hear(self) -> Any:
        told = self.connection.recv(timeout=60)
        return json.loads(told) if isinstance(told, str) else {"content": {}}


def message(kind: str, **content: Any) -> dict[str, Any]:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "",
              "version": "5.3", "date": "2014-11-18T00:00:00Z"}  # fmt: skip
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content,
            "channel": "shell", "buffers": []}  # fmt: skip


def connected(server: Server, host: str = "", **how: Any) -> Any:
    """Open a websocket; `host` is the name under which the server is asked for."""
    name = host or f"localhost:{server.port}"
    uri = f"ws://{name}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()}"
    sock = socket.create_connection(("127.0.0.1", server.port))
    return connect(uri, sock=sock, max_size=None, **how)


def answer(server: Server, path: str = "/", method: str = "GET", **headers: str) -> Any:
    """Return status, headers and text of an answer to a request."""
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    given = {"Host": f"localhost:{server.port}", **headers}
    asked.request(method, path, headers=given)
    found = asked.getresponse()
    with contextlib.closing(asked):
        return found.status, found.headers, found.read().decode()


def refused(server: Server, host: str = "", **how: Any) -> int:
    """Return the status with which a websocket is refused; 0 if it is not."""
    try:
        with connected(server, host, **how):
            return 0
    except InvalidStatus as error:
        return int(error.response.status_code)


FOREIGN = ("http://evil.example", "null", "http://localhost", "http://localhost.evil.example:{port}",
           "http://127.0.0.1:{port}", "https://localhost:{port}")  # fmt: skip
"""An address of this machine with another port may be of anybody's page."""


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_website_is_not_served(server: Server, origin: str) -> None:
    given = origin.format(port=server.port)
    assert refused(server, origin=given) == 403
    status, _, text = answer(server, "/_solara/api/close/x?session_id=y", "POST", Origin=given)
    assert status == 403
    assert text.splitlines() == [say("fr", "other_website"), say("en", "other_website")]


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "localhost.evil.example", "8.8.8.8:{port}", "[::2]:{port}"]
)
def test_a_name_that_leads_here_but_is_not_ours_is_not_served(server: Server, host: str) -> None:
    given = host.format(port=server.port)
    assert refused(server, given) == refused(server, given, origin=f"http://{given}") == 403
    status, _, text = answer(server, Host=given)
    assert status == 403
    assert "<" not in text and say("en", "not_this_address") in text


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}",
                                  "LOCALHOST:{port}", "localhost:9000"])  # fmt: skip
def test_its_own_page_is_served_also_through_a_tunnel(server: Server, host: str) -> None:
    given = host.format(port=server.port)
    status, headers, _ = answer(server, Host=given)
    assert status == 200
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    with connected(server, given, origin=f"http://{given}"):
        pass


def test_only_what_was_bound_is_ours() -> None:
    assert hosts_of("127.0.0.1") == set(LOOPBACK) == hosts_of("::1")
    everything = hosts_of("0.0.0.0")
    mine = {each.address for all_of in psutil.net_if_addrs().values() for each in all_of
            if each.family == socket.AF_INET}  # fmt: skip
    assert {*mine, socket.gethostname().lower(), *LOOPBACK} <= everything
    assert "evil.example" not in everything
    assert set(shown_hosts("0.0.0.0")) <= mine | {"localhost"}
    assert "0.0.0.0" not in shown_hosts("0.0.0.0")
    assert shown_hosts("127.0.0.1") == ["localhost"]
    assert shown_hosts("::1") == ["[::1]"]


# Bounds ------------------------------------------------------------------------------------------


def nested(depth: int) -> str:
    told = json.dumps(message("comm_msg", comm_id="x", data={"deep": 0}))
    return told.replace('"deep": 0', '"deep": ' + "[" * depth + "]" * depth)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("x" * (MOST_BYTES + 1), 1009),
        (nested(MOST_DEPTH), 1000),
        (nested(500_000), 1000),
        ("{", 1000),
        ("9" * 10_000, 1000),
        (b"\x00" * 100, 1000),
    ],
    ids=["too long", "deep", "deeper", "no JSON", "a long number", "bytes"],
)
def test_a_message_beyond_all_bounds_ends_its_connection(
    server: Server, sent: str | bytes, code: int
) -> None:
    for _ in range(5):
        with connected(server) as connection, pytest.raises(ConnectionClosed) as closed:
            connection.send(sent)
            connection.recv(timeout=20)
        # A message that is not read to its end resets the connection, which may overtake the code.
        if closed.value.rcvd is not None:
            break
    assert closed.value.rcvd is not None and closed.value.rcvd.code == code
    assert answer(server)[0] == 200


def test_a_text_of_few_letters_that_stands_for_millions_of_values_is_refused(
    server: Server,
) -> None:
    assert len(BOMB) < 500
    with connected(server) as connection:
        viewer = Viewer(connection)
        told = viewer.ask("story_parse", text=BOMB)
        before = psutil.Process(server.process.pid).memory_info().rss
        for text in (BOMB, "[" * 5000, f"title: {'9' * 9000}"):
            told = viewer.ask("story_parse", text=text)
            assert told["error"]["key"] == "story_wrong", told
        assert viewer.ask("reproduce")["kind"] == "reproduce"
    assert psutil.Process(server.process.pid).memory_info().rss - before < 50e6


# Rooms with a network ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guests() -> Iterator[Server]:
    running = Server(0, "--host", "0.0.0.0", "--token")
    yield running
    running.stop()


def test_without_the_token_nothing_is_served(guests: Server) -> None:
    for path in ("/", "/?token=", "/?token=wrong", "/static/ansi.js", "/resourcez"):
        status, headers, text = answer(guests, path)
        assert (status, headers["set-cookie"]) == (403, None)
        assert text.splitlines() == [say("fr", "needs_token"), say("en", "needs_token")]
    assert refused(guests) == 403
    assert refused(guests, additional_headers={"Cookie": f"sim77-{guests.port}=wrong"}) == 403


def test_the_address_with_the_token_gives_a_cookie_that_other_websites_cannot_use(
    guests: Server,
) -> None:
    token = guests.way_in.partition("/?token=")[2]
    assert len(token) >= 32
    status, headers, _ = answer(guests, f"/?view=explore&token={token}&lang=en")
    assert (status, headers["refresh"]) == (200, "0; url=/?view=explore&lang=en")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    mine = {"Cookie": cookie.partition(";")[0]}
    assert answer(guests, **mine)[0] == 200
    assert refused(guests, additional_headers=mine) == 0
    assert refused(guests, additional_headers=mine, origin="http://evil.example") == 403


def test_no_more_viewers_are_taken_than_there_is_room_for(guests: Server) -> None:
    mine = {"Cookie": f"sim77-{guests.port}={guests.way_in.partition('/?token=')[2]}"}
    with contextlib.ExitStack() as opened:
        for _ in range(MOST_VIEWERS):
            opened.enter_context(connected(guests, additional_headers=mine))
        wait_for(lambda: refused(guests, additional_headers=mine) == 503)
        status, _, text = answer(guests, **mine)
        assert (status, text.splitlines()[1]) == (503, say("en", "too_many_viewers"))
    wait_for(lambda: answer(guests, **mine)[0] == 200)


@pytest.mark.parametrize(("host", "token", "warned"), [
    ("0.0.0.0", "", True), ("0.0.0.0", "secret", False), ("127.0.0.1", "", False),
])  # fmt: skip
def test_a_room_without_a_token_is_warned_of(
    capsys: pytest.CaptureFixture[str], host: str, token: str, warned: bool
) -> None:
    _announce(host, 8765, token, open_browser=False)
    told = capsys.readouterr().out
    assert ("with --token" in told) == warned
    assert "0.0.0.0" not in told


def test_a_guest_opens_the_printed_address(page: Any, guests: Server) -> None:
    assert "0.0.0.0" not in guests.way_in
    page.goto(f"{guests.way_in}&view=explore&lang=en")
    wait_for(lambda: page.locator("svg path").count() >= 507)
    assert "token" not in page.url


# In a browser ------------------------------------------------------------------------------------


def test_the_policy_lets_the_page_speak_to_nobody_else(
    browser: Any, server: Server, guests: Server
) -> None:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(server.url)
    told: list[str] = []
    opened.on("console", lambda line: told.append(line.text))
    opened.evaluate("""(url) => fetch(url, { mode: "no-cors" }).catch(() => null)""", guests.url)
    wait_for(lambda: any("Content Security Policy" in line for line in told))
    context.close()
