"""The page that each viewer opens: one component that mounts the widget of their session."""

from __future__ import annotations

from typing import Any

from sim77.app.compute.process import geography_on
from sim77.app.server import app_state
from sim77.app.session import Session
from sim77.app.state.address import territory_in
from sim77.app.widget import AppWidget
from sim77.core.extras import needs

with needs("app"):
    import solara
    from solara.server import kernel_context


@solara.component
def Layout(children: list[Any]) -> None:  # noqa: N802  (Solara looks for this name)
    """Show the page alone: no bar, no drawer, no margin."""
    solara.Style("body, .v-application, .v-main, .solara-content-main {margin: 0; padding: 0}")
    with solara.Column(gap="0px", margin=0, children=children, style={"padding": "0"}):
        pass


@solara.component
def Page() -> None:  # noqa: N802  (Solara looks for this name)
    """Open a session for whoever opens the page, and close it with the page."""
    router = solara.use_router()
    session = solara.use_memo(lambda: _open(router.search or ""), [])
    solara.use_effect(lambda: session.close, [])
    solara.Title("sim77")
    solara.display(session.widget)


def _open(query: str) -> Session:
    shared = app_state()
    widget = AppWidget()
    context = kernel_context.get_current_context()
    options = shared.options_on(territory_in(query))
    geography = geography_on(options.territory)
    session = Session(shared.engine, geography, options, widget, query, context)
    widget.on_msg(lambda _, content, __: session.hear(content))
    return session
