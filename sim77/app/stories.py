"""Stories: scenes with a text, what they show, and figures filled in from their runs.

A story is a YAML file read strictly: a word that it should not hold is named with its scene. Texts
never hold a result; they hold names in braces, such as ``{diff.minutes_saved_per_worker}``, and
`filled` puts the figures of the scene's own comparison in their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sim77.app.state import Checker, Problem, State, cut
from sim77.app.story_figures import is_known
from sim77.app.words import say
from sim77.errors import ResultError, nearest
from sim77.report_numbers import LANGUAGES
from sim77.yaml_text import YamlError, load_yaml, read_yaml

SHIPPED = Path(__file__).parent / "stories"
MOST_SCENES, LONGEST = 60, 200_000
_STORY_KEYS = ("title", "about", "scenes")
TEXTS = ("title", "text", "caveat", "notes")
PICTURES = (
    "difference", "map_a", "map_b", "dots", "flows", "effects", "claims", "load", "year", "text",
)  # fmt: skip
"""What stands beside the text of a scene."""
_STATE_KEYS = (
    "scenario_a", "scenario_b", "levers", "sites", "seed", "indicator", "by", "day", "place",
)  # fmt: skip
_SCENE_KEYS = (*TEXTS, *_STATE_KEYS, "picture", "highlight", "zoom")
_HIGHLIGHTS = {"communes": "commune", "telecentres": "telecentre", "line": "line"}
_MOST_ZOOM = 14.0
_BLANK = re.compile(r"\{([^{}]*)\}")


class StoryError(ResultError):
    """A story cannot be read; the message is one sentence in either language.

    Attributes
    ----------
    problem : Problem
    scene : int
        From 1; 0 for the story as a whole.
    """

    def __init__(self, problem: Problem, scene: int = 0, name: str = ""):
        self.problem, self.scene, self.name = problem, scene, name
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """Say what is wrong, and where."""
        problem = self.problem
        detail = say(language, problem.key, word=problem.word, detail=problem.detail)
        if self.scene:
            detail = say(language, "story_scene", n=self.scene, detail=detail)
        return f"{self.name}: {detail}" if self.name else detail


@dataclass(frozen=True)
class Scene:
    """One scene of a story.

    Attributes
    ----------
    texts : mapping
        `TEXTS` by language; all but the title may be blank.
    given : mapping
        Parts of a `State`, those that the scene says.
    picture : str
        One of `PICTURES`.
    highlight : mapping
        ``communes`` and ``telecentres``, lists of codes and ids, and ``line``, to be marked.
    zoom : float
        Of the map, about the place or the first commune marked; 1 shows all of it.
    """

    texts: Mapping[str, Mapping[str, str]]
    given: Mapping[str, Any]
    picture: str = PICTURES[0]
    highlight: Mapping[str, Any] = field(default_factory=dict)
    zoom: float = 1.0

    def applied(self, state: State) -> State:
        """Return a viewer's state with everything that the scene says; levers are its own."""
        fresh: dict[str, Any] = {
            "levers": {},
            "sites": {"opened": [], "closed": []},
            "place": None,
        }
        return replace(state, **{**fresh, **self.given})

    def payload(self) -> dict[str, Any]:
        """Return the scene as the browser reads it, its texts not filled in."""
        return {
            **{key: dict(self.texts[key]) for key in TEXTS},
            **self.given,
            "picture": self.picture,
            "highlight": dict(self.highlight),
            "zoom": self.zoom,
        }


@dataclass(frozen=True)
class Story:
    """Scenes in order, with a title and a sentence about them."""

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    scenes: tuple[Scene, ...]
    source: Mapping[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """Return the story as the browser reads it."""
        return {
            "name": self.name,
            "title": dict(self.title),
            "about": dict(self.about),
            "scenes": [each.payload() for each in self.scenes],
        }

    def to_yaml(self) -> str:
        """Return the story as a file that `story_of_text` reads."""
        return yaml.safe_dump(dict(self.source), sort_keys=False, allow_unicode=True, width=100)


@lru_cache(maxsize=1)
def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped stories."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def shipped_stories(checker: Checker) -> dict[str, Story]:
    """Return the shipped stories by name, those that fit the checker's territory."""
    found = {}
    for name in shipped_names():
        # A story names scenarios and places, which another territory has not.
        with suppress(StoryError):
            found[name] = load_story(name, checker)
    return found


def load_story(name_or_path: str, checker: Checker) -> Story:
    """Return a shipped story by its name, or one from a YAML file by its path.

    Raises
    ------
    StoryError, ResultError
        In one sentence, if it is unknown or holds a word that it should not.
    """
    shipped = SHIPPED / f"{name_or_path}.yaml"
    path = shipped if name_or_path in shipped_names() else Path(name_or_path)
    if not path.is_file():
        raise ResultError(
            f"There is no story '{name_or_path}'.{nearest(name_or_path, shipped_names())}"
        )
    return story_of(read_yaml(path, ResultError)[1], checker, path.stem)


def story_of_text(text: str, checker: Checker, name: str) -> Story:
    """Read a story from YAML."""
    if len(text) > LONGEST:
        raise StoryError(Problem("story_long", ""), name=name)
    try:
        content = load_yaml(text)
    except YamlError as error:
        raise StoryError(Problem("story_no_yaml", str(error)), name=name) from None
    return story_of(content, checker, name)


def story_of(content: Any, checker: Checker, name: str) -> Story:
    """Read a story from plain values, as YAML or the editor of the page give them."""
    _expect(content, _STORY_KEYS, 0, name)
    scenes = content.get("scenes")
    if not isinstance(scenes, list) or not 1 <= len(scenes) <= MOST_SCENES:
        raise StoryError(Problem("story_none", ""), name=name)
    return Story(
        name=name,
        title=_text(content, "title", 0, name, needed=True),
        about=_text(content, "about", 0, name),
        scenes=tuple(_scene(each, n, checker, name) for n, each in enumerate(scenes, 1)),
        source=content,
    )


def _scene(content: Any, n: int, checker: Checker, name: str) -> Scene:
    _expect(content, _SCENE_KEYS, n, name)
    given = {key: _plain(content[key]) for key in _STATE_KEYS if key in content}
    state, problems = checker.check(given)
    highlight = _highlight(content.get("highlight"), checker, problems)
    if problems:
        raise StoryError(problems[0], n, name)
    picture, zoom = content.get("picture", PICTURES[0]), content.get("zoom", 1.0)
    if picture not in PICTURES:
        raise StoryError(Problem("story_picture", cut(picture)), n, name)
    if isinstance(zoom, bool) or not isinstance(zoom, int | float) or not 1 <= zoom <= _MOST_ZOOM:
        raise StoryError(Problem("story_zoom", cut(zoom)), n, name)
    return Scene(
        texts={key: _text(content, key, n, name, needed=key == "title") for key in TEXTS},
        given={key: getattr(state, key) for key in given},
        picture=picture,
        highlight=highlight,
        zoom=float(zoom),
    )


def _highlight(given: Any, checker: Checker, problems: list[Problem]) -> dict[str, Any]:
    """Return the places to be marked; what is unknown is added to the problems."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        problems.append(Problem("story_key", cut(given)))
        return {}
    for key, value in given.items():
        if key not in _HIGHLIGHTS:
            problems.append(Problem("story_key", cut(key)))
            continue
        for each in value if isinstance(value, list) else [value]:
            problems += checker.check({"place": {"kind": _HIGHLIGHTS[key], "id": each}})[1]
    return dict(given)


def _plain(value: Any) -> Any:
    """Turn the dates that YAML reads as such into text."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _expect(content: Any, allowed: tuple[str, ...], n: int, name: str) -> None:
    if not isinstance(content, Mapping):
        raise StoryError(Problem("story_key", cut(content)), n, name)
    for key in content:
        if key not in allowed:
            raise StoryError(Problem("story_key", cut(key)), n, name)


def _text(
    content: Mapping[str, Any], key: str, n: int, name: str, *, needed: bool = False
) -> dict[str, str]:
    """Return a text in both languages, every name in braces known; blank if it may be missing."""
    value = content.get(key)
    if value is None and not needed:
        return dict.fromkeys(LANGUAGES, "")
    known = value if isinstance(value, Mapping) else {}
    if set(known) != set(LANGUAGES) or not all(isinstance(each, str) for each in known.values()):
        raise StoryError(Problem("story_text", cut(key)), n, name)
    for text in known.values():
        for blank in _BLANK.findall(text):
            if not is_known(blank):
                raise StoryError(Problem("story_blank", cut(blank)), n, name)
    return dict(known)
