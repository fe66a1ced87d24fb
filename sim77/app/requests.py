"""What a browser may ask besides a comparison: checked here, answered here or by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim77.app.compute.jobs import StudyRequest
from sim77.app.export.files import exported
from sim77.app.export.reproduce import reproduction
from sim77.app.story.story import StoryError, story_of, story_of_text
from sim77.app.studies.folders import stamp
from sim77.app.viewer import RequestError, Viewer
from sim77.core.errors import nearest

ASKED_OF_STUDIES = (
    "study_list", "study", "study_matters", "study_conditions", "study_regret",
)  # fmt: skip
ASKED_OF_THE_ENGINE = ("workers_of_commune", "users_of_telecentre", "worker", "explain", "what_if")


def answer_here(kind: str, message: Mapping[str, Any], viewer: Viewer) -> dict[str, Any] | None:
    """Return the answer to a question that needs no run; None if it needs one."""
    if kind == "reproduce":
        return reproduction(viewer.state, viewer.scope(), viewer.options.seeds)
    if kind in ("story_parse", "story_save"):
        return _story(kind, message, viewer)
    if kind == "export":
        return exported(message, viewer)
    return None


def _story(kind: str, message: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Read a story from YAML (``text``) or from plain values (``story``) and keep it.

    The story is kept for this viewer alone; ``story_save`` also returns it as a file.
    """
    checker, name = viewer.checker, "mine"
    text, given = message.get("text"), message.get("story")
    try:
        if isinstance(text, str):
            story = story_of_text(text, checker, name)
        else:
            story = story_of(given, checker, name)
    except StoryError as error:
        raise RequestError("story_wrong", "", error.sentence(viewer.state.lang)) from None
    viewer.stories[name] = story
    answer: dict[str, Any] = {"name": name, "story": story.payload()}
    if kind == "story_save":
        answer |= {"filename": "story.yaml", "mime": "text/yaml", "text": story.to_yaml()}
    return answer


def study_request(kind: str, message: Mapping[str, Any], viewer: Viewer) -> StudyRequest:
    """Return what is asked about stored studies, each part checked, or raise `RequestError`.

    A viewer names a study; the folder behind the name is never theirs to say.
    """
    places = viewer.options.studies.found()
    if kind == "study_list":
        stamps = ",".join(stamp(folder) for folder in places.values())
        listed = tuple((name, str(folder)) for name, folder in places.items())
        return StudyRequest(kind, viewer.options.territory, (("places", listed), ("stamp", stamps)))
    names = ("study", "outcome", "where")
    state, problems = viewer.checker.check({name: message.get(name) or "" for name in names})
    if problems:
        raise RequestError(problems[0].key, problems[0].word, problems[0].detail)
    folder = places.get(state.study)
    if folder is None:
        raise RequestError("unknown_study", state.study, nearest(state.study, places).strip())
    given = {name: getattr(state, name) for name in names}
    given |= {"folder": str(folder), "stamp": stamp(folder)}
    return StudyRequest(kind, viewer.options.territory, tuple(sorted(given.items())))


def checked_request(
    kind: str, message: Mapping[str, Any], viewer: Viewer
) -> tuple[tuple[str, Any], ...]:
    """Return what is asked of the engine, each part checked, or raise `RequestError`."""
    if kind not in ASKED_OF_THE_ENGINE:
        raise RequestError("unknown_question", kind)
    checker, wanted = viewer.checker, {}
    parts = {"workers_of_commune": "commune", "users_of_telecentre": "telecentre"}
    given: dict[str, Any] = {"day": message.get("day")}
    if kind in parts:
        given["place"] = {
            "kind": parts[kind],
            "id": message.get(parts[kind]) or message.get("place"),
        }
    else:
        given["worker"] = message.get("worker")
        if kind == "worker" and message.get("telecentre"):
            given["place"] = {"kind": "telecentre", "id": message["telecentre"]}
    state, problems = checker.check(given)
    if problems:
        raise RequestError(problems[0].key, problems[0].word)
    if kind in parts:
        if state.place is None:
            raise RequestError("unknown_place", message.get(parts[kind]))
        wanted[parts[kind]] = state.place["id"]
    elif not state.worker:
        raise RequestError("unknown_worker", message.get("worker"))
    else:
        wanted["worker"] = state.worker
    if kind == "worker":
        wanted["telecentre"] = state.place["id"] if state.place else ""
    if kind == "what_if":
        wanted["side"] = "a" if message.get("side") == "a" else "b"
    wanted["day"] = state.day
    wanted["lang"] = viewer.state.lang
    return tuple(sorted(wanted.items()))
