"""Stories: scenes with a text, what they show, and figures filled in from their runs.

A story is a YAML file read strictly: a word that it should not hold is named with its scene. Texts
never hold a result; they hold names in braces, such as ``{diff.travel_min_per_worker}``, and
`filled` puts the figures of the scene's own comparison in their place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from sim77.app.state.state import Checker, Problem, State, cut
from sim77.app.story.figures import is_known
from sim77.app.story.schema import PICTURES, SceneEntry, StoryFile
from sim77.app.words import say
from sim77.core.errors import ResultError, nearest
from sim77.core.schema import BothLanguages, Place, validated
from sim77.core.yaml_file import YamlError, load_yaml, placed, read_yaml
from sim77.report.locale import LANGUAGES
from sim77.scenario.parts import MisplacedError
from sim77.territory.territory import Territory, territory_labels

STORIES = Path(__file__).parents[1] / "stories"
"""Those that ship, in a folder for each shipped territory."""

LONGEST = 200_000
TEXTS = ("title", "text", "caveat", "notes")
_STATE_KEYS = (
    "scenario_a", "scenario_b", "levers", "sites", "seed", "indicator", "by", "day", "place",
)  # fmt: skip
_HIGHLIGHTS = {"communes": "commune", "telecentres": "telecentre", "line": "line"}
_PROBLEMS = {
    "scenes": "story_none", "picture": "story_picture", "zoom": "story_zoom",
    **dict.fromkeys((*TEXTS, "about"), "story_text"),
}  # fmt: skip
"""What is wrong where a key does not hold what it should; elsewhere the key itself is unknown."""
_BLANK = re.compile(r"\{([^{}]*)\}")


class StoryError(ResultError):
    """A story cannot be read; the message is one sentence in either language.

    Attributes
    ----------
    problem : Problem
    path : tuple of str and int
        Where: ``("scenes", 0, "title")``.
    """

    def __init__(self, problem: Problem, path: Place = (), name: str = ""):
        self.problem, self.path, self.name = problem, path, name
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """Say what is wrong, and where."""
        problem = self.problem
        detail = say(language, problem.key, word=problem.word, detail=problem.detail)
        if self.path[:1] == ("scenes",) and len(self.path) > 1:
            detail = say(language, "story_scene", n=int(self.path[1]) + 1, detail=detail)
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


def shipped_files(territory: Territory) -> dict[str, Path]:
    """Return the stories that ship about a territory, by name; none about one that does not."""
    if not territory.ships:
        return {}
    return {path.stem: path for path in sorted((STORIES / territory.folder.name).glob("*.yaml"))}


def shipped_stories(checker: Checker) -> dict[str, Story]:
    """Return the shipped stories about the checker's territory, by name."""
    return {name: load_story(name, checker) for name in shipped_files(checker.territory)}


def load_story(name_or_path: str, checker: Checker) -> Story:
    """Return a shipped story about the checker's territory by its name, or one from a YAML file.

    Raises
    ------
    StoryError, ResultError
        In one sentence, if it is unknown or holds a word that it should not.
    """
    shipped = shipped_files(checker.territory)
    path = shipped.get(name_or_path, Path(name_or_path))
    if not path.is_file():
        told = next((each.parent.name for each in STORIES.glob(f"*/{path.name}.yaml")), None)
        if told and path.name == name_or_path:
            raise ResultError(
                f"The story '{name_or_path}' tells of {territory_labels()[told]['en']}, not of "
                f"{checker.territory.labels['en']}: write one for it, a YAML file like those that "
                "ship."
            )
        raise ResultError(f"There is no story '{name_or_path}'.{nearest(name_or_path, shipped)}")
    text, content = read_yaml(path, ResultError)
    try:
        return story_of(content, checker, path.stem)
    except StoryError as error:
        name = f"{path}, {placed(text, error.path)}" if error.path else str(path)
        raise StoryError(error.problem, error.path, name) from None


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
    try:
        story = validated(StoryFile, content, MisplacedError)
    except MisplacedError as error:
        raise StoryError(_problem(error.path, content), error.path, name) from None
    return Story(
        name=name,
        title=_text(story.title, ("title",), name),
        about=_text(story.about, ("about",), name),
        scenes=tuple(_scene(each, n, checker, name) for n, each in enumerate(story.scenes)),
        source=content,
    )


def _problem(path: Place, content: Any) -> Problem:
    """Return what is wrong at a place of a story."""
    last = str(path[-1]) if path else ""
    if last not in _PROBLEMS and len(path) > 1 and path[-2] in TEXTS:
        last = str(path[-2])
    if last in ("picture", "zoom"):
        for each in path:
            content = content[each]
        return Problem(_PROBLEMS[last], cut(content))
    return Problem(_PROBLEMS.get(last, "story_key"), cut(last or content))


def _scene(scene: SceneEntry, n: int, checker: Checker, name: str) -> Scene:
    entries = scene.model_dump(include=set(_STATE_KEYS), exclude_unset=True)
    given = {key: _plain(value) for key, value in entries.items()}
    state, problems = checker.check(given)
    highlight = scene.highlight.model_dump(exclude_unset=True) if scene.highlight else {}
    problems += _unknown(highlight, checker)
    if problems:
        raise StoryError(problems[0], ("scenes", n), name)
    return Scene(
        texts={key: _text(getattr(scene, key), ("scenes", n, key), name) for key in TEXTS},
        given={key: getattr(state, key) for key in given},
        picture=scene.picture,
        highlight=highlight,
        zoom=scene.zoom,
    )


def _unknown(highlight: Mapping[str, Any], checker: Checker) -> list[Problem]:
    """Return what is wrong with the places to be marked."""
    return [
        problem
        for key, value in highlight.items()
        for each in (value if isinstance(value, list) else [value])
        for problem in checker.check({"place": {"kind": _HIGHLIGHTS[key], "id": each}})[1]
    ]


def _plain(value: Any) -> Any:
    """Turn the dates that YAML reads as such into text."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _text(text: BothLanguages | None, path: Place, name: str) -> dict[str, str]:
    """Return a text in both languages, every name in braces known; blank if it is missing."""
    by_language = text.model_dump() if text else dict.fromkeys(LANGUAGES, "")
    for each in by_language.values():
        for blank in _BLANK.findall(each):
            if not is_known(blank):
                raise StoryError(Problem("story_blank", cut(blank)), path, name)
    return by_language
