"""What a story file may hold; what a scene shows is checked with the app's territory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from annotated_types import Len
from pydantic import WithJsonSchema

from sim77.app.state.state import GRAINS
from sim77.core.schema import LIST, BothLanguages, Number, OneOf, Part
from sim77.registry.levers import levers
from sim77.scenario.schema import value_of

MOST_SCENES = 60
PICTURES = (
    "difference", "map_a", "map_b", "dots", "flows", "effects", "claims", "load", "year", "text",
)  # fmt: skip
"""What stands beside the text of a scene."""

_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": _TEXT}
_LEVERS = {
    "type": "object",
    "properties": {name: value_of(entry) for name, entry in levers().items()},
}


def _shown(schema: Mapping[str, Any]) -> Any:
    """Describe to editors what `sim77.app.state.state.Checker` checks."""
    return WithJsonSchema(dict(schema))


class Highlight(Part):
    """Places to be marked."""

    communes: Annotated[Any, _shown(_LIST)] = None
    telecentres: Annotated[Any, _shown(_LIST)] = None
    line: Annotated[Any, _shown(_TEXT)] = None


class SceneEntry(Part):
    """A scene: its texts, what it shows, and what is marked."""

    called: ClassVar[str] = "a scene"

    title: BothLanguages
    text: BothLanguages | None = None
    caveat: BothLanguages | None = None
    notes: BothLanguages | None = None
    scenario_a: Annotated[Any, _shown(_TEXT)] = None
    scenario_b: Annotated[Any, _shown(_TEXT)] = None
    levers: Annotated[Any, _shown(_LEVERS)] = None
    sites: Annotated[Any, _shown({"type": "object"})] = None
    seed: Annotated[Any, _shown({"type": "integer", "minimum": 0})] = None
    indicator: Annotated[Any, _shown(_TEXT)] = None
    by: Annotated[Any, _shown({"enum": list(GRAINS)})] = None
    day: Annotated[Any, _shown({"type": "string", "format": "date"})] = None
    place: Annotated[Any, _shown({"type": "object"})] = None
    picture: Annotated[str, OneOf("picture", PICTURES)] = PICTURES[0]
    highlight: Highlight | None = None
    zoom: Annotated[float, Number(1, 14)] = 1.0


class StoryFile(Part):
    """A story."""

    called: ClassVar[str] = "a story"

    title: BothLanguages
    about: BothLanguages | None = None
    scenes: Annotated[list[SceneEntry], Len(1, MOST_SCENES), LIST]
