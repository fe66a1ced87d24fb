"""The one widget of the app: traits that the browser draws, and messages that it sends."""

from __future__ import annotations

from typing import Any

from sim77.app.assets import script, style
from sim77.core.extras import needs

with needs("app"):
    import anywidget
    import traitlets


class AppWidget(anywidget.AnyWidget):
    """The app in a page or in a notebook; what each trait holds is told in ``docs/app.md``."""

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    boot = traitlets.Dict().tag(sync=True)
    levers: traitlets.List = traitlets.List().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    bytes_a = traitlets.Bytes(b"").tag(sync=True)
    bytes_b = traitlets.Bytes(b"").tag(sync=True)
    side_a = traitlets.Dict().tag(sync=True)
    side_b = traitlets.Dict().tag(sync=True)
    compare = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    banner = traitlets.Dict().tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)
    address = traitlets.Unicode("").tag(sync=True)
    panel = traitlets.Unicode("app").tag(sync=True)

    def __init__(self, **values: Any):
        # Read when the first widget is made, not when this module is imported.
        super().__init__(_esm=script(), _css=style(), **values)
