"""The app's panels for a notebook: a map, figures or a comparison of results that are there.

>>> from sim77.app.panels import map_panel
>>> map_panel(sim77.run("network-2014"), language="en")  # doctest: +SKIP

They draw what a `Result` or a `Comparison` holds and compute nothing; `sim77 app` is for that.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sim77.analysis.compare.comparison import Comparison
from sim77.app.boot import boot_of
from sim77.app.compare.comparing import encode_comparison
from sim77.app.measures import measure_names
from sim77.app.options import Options
from sim77.app.state.state import default_state
from sim77.app.stored_payload import comparison_payload, result_payload
from sim77.app.widget import AppWidget
from sim77.core.errors import ResultError, nearest
from sim77.report.geography import Geography
from sim77.report.locale import LANGUAGES
from sim77.runs.results import Result
from sim77.territory.territory import Territory, load_territory


def map_panel(
    shown: Result | Comparison,
    indicator: str = "travel_min_per_worker",
    *,
    language: str = "fr",
    territory: Territory | None = None,
) -> AppWidget:
    """Return the map of a result, or of side B of a comparison, as a widget.

    Parameters
    ----------
    shown : Result or Comparison
    indicator : str
        One of `sim77.app.measures.measure_names`.
    language : str
        ``fr`` or ``en``.
    territory : Territory, optional
        The one it was run on; Seine-et-Marne by default.

    Returns
    -------
    AppWidget

    Raises
    ------
    ResultError
        If the indicator or the language is unknown.
    """
    return _panel("map", shown, indicator, language, territory)


def figures_panel(
    shown: Result | Comparison, *, language: str = "fr", territory: Territory | None = None
) -> AppWidget:
    """Return the key figures, the loads and the telecentres; parameters as of `map_panel`."""
    return _panel("figures", shown, measure_names()[0], language, territory)


def year_panel(
    shown: Result,
    indicator: str = "travel_min_per_worker",
    *,
    language: str = "fr",
    territory: Territory | None = None,
) -> AppWidget:
    """Return the year of a result by day and weekday; parameters as of `map_panel`."""
    return _panel("year", shown, indicator, language, territory)


def compare_panel(
    comparison: Comparison,
    indicator: str = "travel_min_per_worker",
    *,
    language: str = "fr",
    territory: Territory | None = None,
) -> AppWidget:
    """Return the whole view of a comparison; parameters as of `map_panel`."""
    return _panel("compare", comparison, indicator, language, territory)


def _panel(
    panel: str,
    shown: Result | Comparison,
    indicator: str,
    language: str,
    territory: Territory | None,
) -> AppWidget:
    kinds = {"year": (Result,), "compare": (Comparison,)}.get(panel, (Result, Comparison))
    if not isinstance(shown, kinds):
        named = " or ".join(f"a {kind.__name__}" for kind in kinds)
        raise ResultError(
            f"This panel shows {named}, not an object of type {type(shown).__name__}."
        )
    if indicator not in measure_names():
        raise ResultError(
            f"The map has no indicator '{indicator}'.{nearest(indicator, measure_names())}"
        )
    if language not in LANGUAGES:
        raise ResultError(f"Unknown language '{language}'.{nearest(language, LANGUAGES)}")
    geography = _geography(territory or load_territory())
    _check_territory(shown, geography.territory)
    default = default_state(geography.territory)
    state = replace(default, view="explore", lang=language, indicator=indicator)
    widget = AppWidget(panel=panel, boot=boot_of(geography, Options()), state=state.payload())
    for name, value in _traits(shown, geography).items():
        setattr(widget, name, value)
    return widget


def _check_territory(shown: Result | Comparison, territory: Territory) -> None:
    """Refuse to draw communes on the map of others."""
    if set(shown.communes["commune_code"]) != set(territory.communes["code"]):
        raise ResultError(
            f"This was run on the territory '{shown.manifest['territory']['name']}', not on "
            f"'{territory.name}': give it as territory=load_territory(FOLDER)."
        )


@lru_cache(maxsize=2)
def _geography(territory: Territory) -> Geography:
    return Geography(territory)


def _traits(shown: Result | Comparison, geography: Geography) -> dict[str, Any]:
    if isinstance(shown, Comparison):
        sides = {letter: comparison_payload(shown, letter, geography) for letter in "ab"}
        compare = {"compare": encode_comparison(shown, geography)}
    else:
        sides = {"b": result_payload(shown, geography)}
        compare = {}
    data = {f"bytes_{letter}": side.data for letter, side in sides.items()}
    return data | {f"side_{letter}": side.meta for letter, side in sides.items()} | compare
