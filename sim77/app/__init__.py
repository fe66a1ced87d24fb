"""The browser app: a Solara page that mounts one widget, and one process that simulates.

`sim77.app.server` starts it, `sim77.app.page` is what each viewer opens, `sim77.app.engine` runs
what viewers ask for one after the other, and everything seen is drawn by the script in ``static``.
"""
