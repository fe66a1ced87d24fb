"""The server: what it needs before it starts, and what all its viewers share."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path

from sim77.app.assets import check_assets
from sim77.app.engine import Engine
from sim77.app.guard import MOST_BYTES, Guard, hosts_of, is_loopback, refusal, shown_hosts
from sim77.app.options import Options
from sim77.core.errors import ResultError
from sim77.core.extras import needs

LOCALHOST = "127.0.0.1"
CULL_TIMEOUT = "5m"
"""How long a viewer is remembered whose connection is lost: longer than a tunnel."""

MOST_VIEWERS = 100
"""At once; each holds some 15 MB and a thread."""

_MOST_CONNECTING = 128
_app_state: AppState | None = None


class ServerError(ResultError):
    """The app cannot be served as asked."""


@dataclass(frozen=True)
class AppState:
    """What all viewers share."""

    engine: Engine
    options: Options

    def options_on(self, name: str) -> Options:
        """Return the options on a territory that an address names, or those of the start."""
        given = self.options.territories
        return self.options.on(given[name]) if name in given else self.options


def app_state() -> AppState:
    """Return what all viewers share, or raise `ServerError` outside a running app."""
    if _app_state is None:
        raise ServerError(
            "The app's page was opened without its server: start it with 'sim77 app'."
        )
    return _app_state


def serve(
    options: Options,
    host: str = LOCALHOST,
    port: int = 8765,
    *,
    open_browser: bool = True,
    token: bool = False,
) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    options : Options
    host : str
        Address to listen on; this machine only by default.
    port : int
        0 for any that is free.
    open_browser : bool
    token : bool
        Let in only who has an address that holds a token, made again at each start.

    Raises
    ------
    ServerError
        If the port is in use, or a part of the installation is missing; in one sentence.
    """
    global _app_state
    listening = _bound(host, port)
    try:
        _settle()
        check_installation()
        with needs("app"):
            import uvicorn
            from solara.server import kernel_context
            from solara.server import starlette as solara_starlette

        def has_room(kernel: str) -> bool:
            known = kernel_context.contexts
            return kernel in known or len(known) < MOST_VIEWERS

        bound, secret = listening.getsockname()[1], secrets.token_urlsafe() if token else ""
        # Browsers share cookies among the ports of a machine.
        cookie = f"sim77-{bound}"
        app = Guard(solara_starlette.app, hosts_of(host), has_room, secret, cookie)
        solara_starlette.app.add_exception_handler(404, lambda *_: refusal(404, "unknown_page"))
        engine = Engine()
        _app_state = AppState(engine, options)
        try:
            config = uvicorn.Config(
                app, log_level="error", timeout_graceful_shutdown=1, proxy_headers=False,
                # A browser on a busy machine, or a phone that dozes, may be silent for a while.
                ws_max_size=MOST_BYTES, ws_ping_timeout=120,
                # To a browser on the same machine, packing a year takes longer than sending it.
                ws_per_message_deflate=host != LOCALHOST,
            )  # fmt: skip
            server = uvicorn.Server(config)
            _announce(host, bound, secret, open_browser)
            server.run(sockets=[listening])
        finally:
            engine.close()
            _app_state = None
    finally:
        listening.close()


def _announce(host: str, port: int, token: str, open_browser: bool) -> None:
    """Say where the app is, and who can open it."""
    rest = f":{port}/?token={token}" if token else f":{port}"
    urls = [f"http://{name}{rest}" for name in shown_hosts(host)]
    print(f"sim77 is at {' and at '.join(urls)} (stop it with Ctrl+C)", flush=True)
    if token:
        print("Only who has this address can open it: give it to your guests alone.", flush=True)
    elif not is_loopback(host):
        print(
            "Everybody on this network can open it and see your studies; with --token, only those "
            "to whom you give the address can.",
            flush=True,
        )
    if open_browser:
        threading.Timer(1.0, webbrowser.open, urls[:1]).start()


def _bound(host: str, port: int) -> socket.socket:
    if not 0 <= port < 2**16:
        raise ServerError(f"--port takes a number from 0 (any that is free) to 65535, not {port}.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two servers have one port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Whoever connects from now on waits until the server is ready.
        listening.listen(_MOST_CONNECTING)
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
        raise ServerError(
            f"The app cannot listen on {host}, port {port} ({reason}): "
            "give another with --host or --port."
        ) from None
    return listening


def _settle() -> None:
    """Set what Solara reads from the environment when it is first imported."""
    settings = {
        "SOLARA_APP": "sim77.app.page",
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
        "SOLARA_THEME_SHOW_BANNER": "False",
        "SOLARA_THEME_LOADER": "plain",
        # Where Solara finds the style of its own page.
        "SOLARA_ASSETS_EXTRA_LOCATIONS": "sim77.app.host",
        # A page whose session is gone loads itself again: its address holds all it needs.
        "SOLARA_THEME_FORCE_REFRESH": "True",
        "SOLARA_THEME_TITLE": "sim77",
        "SOLARA_KERNEL_CULL_TIMEOUT": os.environ.get("SOLARA_KERNEL_CULL_TIMEOUT", CULL_TIMEOUT),
        "SOLARA_MODE": "production",
        # Else the first request says under which path the page finds its scripts.
        "SOLARA_ROOT_PATH": "",
        "SOLARA_ASSETS_PROXY": "True",
        # A file that is missing here is missing: nothing is ever fetched from the internet.
        "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",
    }
    os.environ.update(settings)


def check_installation() -> None:
    """Raise, in one sentence, if something that the page needs is missing.

    Raises
    ------
    ServerError, AssetError
    """
    check_assets()
    with needs("app"):
        import anywidget  # noqa: F401
        import ipyvuetify
        import solara  # noqa: F401
    if not ipyvuetify.__version__.startswith("1."):
        raise ServerError(
            f"The app needs ipyvuetify 1, not {ipyvuetify.__version__}: pip install 'ipyvuetify<2'."
        )
    missing = next((path for path in _solara_files() if not path.is_file()), None)
    if missing is not None:
        raise ServerError(
            f"The file {missing} of solara-assets is missing, without which the page needs the "
            "internet: pip install --force-reinstall solara-assets==1.58.2."
        )


def _solara_files() -> list[Path]:
    """Return the files of solara-assets that the page asks for."""
    folder = Path(sys.prefix) / "share" / "solara" / "cdn"
    return [
        folder / name
        for name in (
            "@widgetti/solara-vuetify-app@10.1.1/dist/solara-vuetify-app7.min.js",
        )
    ]  # fmt: skip
