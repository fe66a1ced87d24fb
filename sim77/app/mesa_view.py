"""A quick look at the model in Mesa's own page, for those who develop it.

``solara run sim77.app.mesa_view`` opens it. One model is shared by everybody who looks, and a move
of a slider counts after Reset: for anything else there is ``sim77 app``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sim77.errors import ResultError
from sim77.model import CommuteModel

SCALE = 0.05
START, END = dt.date(2014, 9, 1), dt.date(2014, 12, 19)
SERIES = ("telecentre", "home")


class QuickModel(CommuteModel):
    """The model with what Mesa's page gives: a scenario by name, a seed and a scale."""

    def __init__(
        self, scenario: str = "network-2014", seed: int | None = 1, scale: float = SCALE
    ) -> None:
        super().__init__(scenario, seed=seed, scale=scale, start=START, end=END)


def mesa_page() -> Any:
    """Return Mesa's page of the model.

    Raises
    ------
    ResultError
        In one sentence, if a library that Mesa's pages need is not installed.
    """
    try:
        from mesa.visualization import SolaraViz, make_plot_component
    except ImportError as error:
        raise ResultError(
            f"Mesa's page needs {error.name}, which is not installed: pip install 'mesa[viz]'."
        ) from None
    plots = [make_plot_component({name: f"tab:{colour}"}) for name, colour in
             zip(SERIES, ("red", "orange"), strict=True)]  # fmt: skip
    parameters = {
        "scenario": {
            "type": "Select",
            "value": "network-2014",
            "values": ["network-2014", "no-telecentres", "network-2014-observed"],
            "label": "scenario",
        },
        "seed": {"type": "InputText", "value": 1, "label": "seed"},
        "scale": SCALE,
    }
    return SolaraViz(QuickModel(), components=plots, model_params=parameters, name="sim77")


def __getattr__(name: str) -> Any:
    # Solara looks for `page` when it opens this module; importing it makes no model.
    if name == "page":
        return mesa_page()
    raise AttributeError(f"module 'sim77.app.mesa_view' has no attribute '{name}'")
