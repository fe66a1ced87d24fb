"""What the browser is given once: geometry, indicators, presets, words, stories."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sim77.app.address import versions
from sim77.app.lever_specs import lever_specs
from sim77.app.measures import key_figures, measure_names, measure_payload
from sim77.app.options import Options
from sim77.app.state import default_state, has_shipped_places, scenarios_on
from sim77.app.words import words
from sim77.core.units import OCCUPATION_GROUPS, PLAN_KINDS
from sim77.registry.indicators import described
from sim77.registry.levers import lever_groups
from sim77.report.geography import Geography
from sim77.report.locale import words_by_language
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import SHIPPED


def boot_of(geography: Geography, options: Options) -> dict[str, Any]:
    """Return all that no state changes.

    Parameters
    ----------
    geography : Geography
    options : Options
        How the app was started.
    """
    return _fixed(geography) | {
        "stories": [each.payload() for each in options.stories.values()],
        "options": {
            "scale": options.scale,
            "seeds": options.seeds,
            "start": options.start.isoformat() if options.start else None,
            "end": options.end.isoformat() if options.end else None,
        },
    }


@lru_cache(maxsize=2)
def _fixed(geography: Geography) -> dict[str, Any]:
    territory = geography.territory
    default, known = default_state(territory), scenarios_on(territory)
    pair = known[default.scenario_a], known[default.scenario_b]
    shipped = territory.folder == SHIPPED
    figures = key_figures(territory.lines["line"].tolist())
    credits = "credits_shipped" if shipped else "credits_other"
    return {
        **geography.payload(),
        "left_out": not has_shipped_places(territory),
        "place": "Seine-et-Marne" if shipped else territory.name,
        "versions": versions(territory),
        "indicators": [measure_payload(name) for name in measure_names()],
        "key_figures": figures,
        "labels": {name: _label(name) for name in figures},
        "lever_groups": [{"name": name, **text} for name, text in lever_groups().items()],
        "levers": lever_specs(*pair, territory),
        "presets": [_preset(name, each) for name, each in known.items()],
        "kinds": list(PLAN_KINDS),
        "groups": [
            {"name": group, **{lang: text[group] for lang, text in words_by_language().items()}}
            for group in OCCUPATION_GROUPS
        ],
        "words": words(),
        "credits": {lang: text[credits] for lang, text in words_by_language().items()},
    }


def _label(name: str) -> dict[str, str]:
    text = described(name)
    return {"fr": text.label_fr, "en": text.label_en, "unit": text.daily_unit}


def _preset(name: str, scenario: Scenario) -> dict[str, str]:
    return {
        "name": name,
        "fr": scenario.label_fr or name,
        "en": scenario.label_en or name,
        "description_fr": scenario.description_fr,
        "description_en": scenario.description_en,
        "from": scenario.start.isoformat(),
        "to": scenario.end.isoformat(),
    }
