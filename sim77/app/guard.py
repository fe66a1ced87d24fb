"""Who is let in: pages and programs that the app was started for, and no other website.

A page of any website can send requests to any address that its reader's machine reaches, this app
among them, and can be given a name that leads here. So every request must name an address that the
app has, and must not come from a page of another. Answers tell the browser to load nothing from
elsewhere, and what is sent to Python is bounded before anything reads it.
"""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
import socket
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

import psutil

from sim77.app.words import say
from sim77.core.extras import needs
from sim77.report.locale import LANGUAGES

with needs("app"):
    from starlette.datastructures import MutableHeaders
    from starlette.requests import HTTPConnection
    from starlette.responses import PlainTextResponse, Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 2**21
"""Of a message of the browser, of which the longest holds a story."""
MOST_DEPTH = 40
LOOPBACK = ("localhost", "127.0.0.1", "::1")

# Solara's page is written with scripts in it, and Vue compiles its templates in the browser.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    # Not "no-referrer", with which browsers hide from us where a page's own requests come from.
    "referrer-policy": "same-origin",
}
_KERNEL = re.compile(r"/jupyter/api/kernels/([^/]+)/")


class Guard:
    """Stands before the app and lets in whom it was started for.

    Parameters
    ----------
    app : ASGI application
    hosts : collection of str
        Names and addresses under which it is opened (`hosts_of`); ports are not looked at, so that
        it can be reached through a tunnel.
    has_room : callable
        Says whether one more viewer can be taken, given the name of their connection; empty for
        somebody who only opens the page.
    token : str
        What a viewer must know; empty if nothing.
    cookie : str
        Name of the cookie in which browsers keep it.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        has_room: Callable[[str], bool],
        token: str = "",
        cookie: str = "sim77",
    ):
        self._app, self._hosts, self._has_room = app, hosts, has_room
        self._token, self._cookie = token, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the app answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        async def receive_checked() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not is_readable(message.get("text")):
                return {"type": "websocket.disconnect", "code": 1007}
            return message

        answer = self._answer(HTTPConnection(scope))
        await (answer or self._app)(scope, receive_checked, send_guarded)

    def _answer(self, asked: HTTPConnection) -> Response | None:
        """Return the answer to a request that the app is not to see, None for all others."""
        host, origin = asked.headers.get("host", ""), asked.headers.get("origin")
        if _name_of(f"//{host}") not in self._hosts:
            return refusal(403, "not_this_address")
        if origin is not None and origin.lower() != f"http://{host}".lower():
            return refusal(403, "other_website")
        if self._token:
            if self._is_token(asked.query_params.get("token")):
                return self._welcome(asked)
            if not self._is_token(asked.cookies.get(self._cookie)):
                return refusal(403, "needs_token")
        kernel = _KERNEL.match(asked.url.path)
        if (kernel or asked.url.path == "/") and not self._has_room(kernel[1] if kernel else ""):
            return refusal(503, "too_many_viewers")
        return None

    def _is_token(self, given: str | None) -> bool:
        return secrets.compare_digest((given or "").encode(), self._token.encode())

    def _welcome(self, asked: HTTPConnection) -> Response:
        """Hand over the cookie, and open the page at an address that no longer holds the token.

        By a page of our own and not by a redirect: a browser that comes from another website would
        send a cookie of this kind only with what our own page asks for.
        """
        rest = "&".join(
            part for part in asked.url.query.split("&") if not part.startswith("token=")
        )
        answer = Response(headers={"refresh": f"0; url=/?{rest}"}, media_type="text/html")
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
        return answer


def refusal(status: int, key: str) -> Response:
    """Return a sentence of the catalogue in every language, as an answer of that status."""
    return PlainTextResponse("\n".join(say(each, key) for each in LANGUAGES) + "\n", status)


def _name_of(address: str) -> str | None:
    """Return the name of the machine in an address, without port and brackets."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def is_readable(text: Any) -> bool:
    """Say whether a message of the browser is JSON, no deeper than anything the page sends."""
    try:
        level = [json.loads(text)]
    except (TypeError, ValueError, RecursionError):
        return False
    for _ in range(MOST_DEPTH):
        level = [
            part
            for each in level
            if isinstance(each, dict | list)
            for part in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return True
    return False


# Addresses ---------------------------------------------------------------------------------------


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address."""
    try:
        return host == LOOPBACK[0] or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def hosts_of(host: str) -> frozenset[str]:
    """Return every name under which an app that listens on an address may be opened.

    Parameters
    ----------
    host : str
        As it was bound; ``0.0.0.0`` and ``::`` stand for all addresses of the machine.
    """
    if is_loopback(host):
        return frozenset((*LOOPBACK, host))
    name = socket.gethostname().lower()
    names = (name, f"{name}.local", socket.getfqdn().lower())
    return frozenset((*LOOPBACK, host.lower(), *names, *_own_addresses()))


def shown_hosts(host: str) -> list[str]:
    """Return where the others find an app that listens on an address, fit to stand in a URL."""
    if host == "127.0.0.1":
        return [LOOPBACK[0]]
    if host not in ("0.0.0.0", "::"):
        return [f"[{host}]" if ":" in host else host]
    outside = [each for each in map(ipaddress.ip_address, _own_addresses())
               if each.version == (4 if host == "0.0.0.0" else 6)
               and not each.is_loopback and not each.is_link_local]  # fmt: skip
    return [f"[{each}]" if each.version == 6 else str(each) for each in outside] or [LOOPBACK[0]]


def _own_addresses() -> list[str]:
    """Return the addresses of this machine's networks that are up, without their zones."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        each.address.partition("%")[0]
        for name, addresses in psutil.net_if_addrs().items()
        if name in up
        for each in addresses
        if each.family in (socket.AF_INET, socket.AF_INET6)
    ]
