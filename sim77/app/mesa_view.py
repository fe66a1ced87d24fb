"""A quick look at the model in Mesa's own page, for those who develop it.

``solara run sim77.app.mesa_view`` opens it; it needs ``mesa[network,viz]``. What is chosen counts
after Reset, there is no comparison and no map: for anything else there is ``sim77 app``.
"""

from __future__ import annotations

import datetime as dt

from sim77.core.extras import needs
from sim77.engine.model import CommuteModel

with needs("app"):
    import solara

SCALE = 0.05
START, END = dt.date(2014, 9, 1), dt.date(2014, 12, 19)
SERIES = {"telecentre": "tab:red", "home": "tab:orange"}
CHOICES = {
    "scenario": {
        "type": "Select",
        "value": "network-2014",
        "values": ["network-2014", "network-2014-observed", "no-telecentres"],
        "label": "scenario",
    },
    "seed": {"type": "InputText", "value": 1, "label": "seed"},
    "scale": SCALE,
}


class QuickModel(CommuteModel):
    """The model with what Mesa's page gives: a scenario by name, a seed and a scale."""

    def __init__(
        self, scenario: str = "network-2014", seed: int | None = 1, scale: float = SCALE
    ) -> None:
        super().__init__(scenario, seed=seed, scale=scale, start=START, end=END)


@solara.component
def Page() -> None:  # noqa: N802  (Solara looks for this name)
    """Show Mesa's page, with a model of one's own."""
    model = solara.use_memo(QuickModel, [])
    try:
        from mesa.visualization import SolaraViz, make_plot_component
    except ImportError as error:
        solara.Error(
            f"Mesa's page needs {error.name}, which is not installed: "
            "pip install 'mesa[network,viz]'."
        )
        return
    SolaraViz(
        model,
        components=[make_plot_component({name: colour}) for name, colour in SERIES.items()],
        model_params=CHOICES,
        name="sim77",
    )
