"""A story as one offline page: the scripts of the app, and the data of each scene, in one file."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from sim77.app.assets import script, style
from sim77.app.boot import boot_of
from sim77.app.compute.jobs import Pair
from sim77.app.compute.process import WorkerProcess, geography_on
from sim77.app.explore.payload import SidePayload
from sim77.app.levers.specs import lever_specs
from sim77.app.options import Options, scope_of
from sim77.app.state.state import Checker, State, default_state, scenarios_on
from sim77.app.story.scene import scene_text
from sim77.app.story.story import Scene, Story, load_story
from sim77.app.worker import answer
from sim77.core.files import check_new_file, replace_text
from sim77.territory.territory import Territory, load_territory

TEMPLATE = Path(__file__).with_name("story.html.j2")


def write_story(
    name_or_path: str, target: str | Path, options: Options, *, overwrite: bool = False
) -> Path:
    """Run the scenes of a story and write them as one page that needs nothing else.

    Parameters
    ----------
    name_or_path : str
        A shipped story, or its YAML file.
    target : path
        The HTML file.
    options : Options
        Scale, period, seeds and territory of the runs.
    overwrite : bool
        Replace the file if it is there.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ResultError
        If the story cannot be read, or the file is there already.
    """
    path = Path(target)
    check_new_file(path, overwrite=overwrite)
    worker_process = WorkerProcess()
    territory = load_territory(options.territory)
    story = load_story(name_or_path, Checker(territory))
    data = _data(story, worker_process, options)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=story.title["fr"],
        style=Markup(style()),
        script=Markup(_inline(script())),
        data=Markup(_inline(json.dumps(data, ensure_ascii=False, separators=(",", ":")))),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, page)
    return path


def _inline(text: str) -> str:
    """Keep a text from ending the script element that it stands in."""
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


def _data(story: Story, worker_process: WorkerProcess, options: Options) -> dict[str, Any]:
    """Return everything the page holds: the boot, and for each scene its state and results."""
    shown = Options(
        options.scale, options.start, options.end, options.seeds, options.territory,
        {story.name: story},
    )  # fmt: skip
    territory = load_territory(options.territory)
    default = default_state(territory)
    pairs: dict[str, dict[str, Any]] = {}
    sides: dict[str, Any] = {}
    scenes = []
    for number, scene in enumerate(story.scenes):
        state = scene.applied(replace(default, story=story.name, scene=number))
        pair = Pair(*state.scenarios(territory), scope_of(state, options))
        key = pair.key[0]
        if key not in pairs:
            pairs[key] = _answer(worker_process, pair, options.seeds)
        for letter, side in zip("ab", pairs[key]["sides"], strict=True):
            wanted = sides.setdefault(side.meta["key"], {"side": side, "names": set(), "as": {}})
            wanted["names"].add(state.indicator)
            wanted["as"][letter] = side.meta["name"]
        scenes.append(_scene(story, number, scene, state, key, pairs[key], territory))
    return {
        "boot": boot_of(geography_on(options.territory), shown) | {"alone": True},
        "sides": {key: _packed(each["side"], each["names"]) for key, each in sides.items()},
        "compares": {key: each["compare"] for key, each in pairs.items()},
        "scenes": scenes,
        "made": dt.date.today().isoformat(),
    }


def _answer(worker_process: WorkerProcess, pair: Pair, seeds: int) -> dict[str, Any]:
    """Run a pair; the last comparison told is that of all seeds."""
    found: dict[str, Any] = {"told": []}

    def tell(name: str, content: Any) -> None:
        if name == "side":
            found["told"].append(content)
        elif name == "compare":
            found["compare"] = content

    answer(worker_process, pair, tell)
    if seeds > 1:
        answer(worker_process, Pair(pair.a, pair.b, pair.scope, seeds), tell)
    return {"sides": found["told"][:2], "compare": found["compare"]}


def _scene(
    story: Story,
    number: int,
    scene: Scene,
    state: State,
    key: str,
    answer: dict[str, Any],
    territory: Territory,
) -> dict[str, Any]:
    compare = answer["compare"]
    known = scenarios_on(territory)
    return {
        # A page of its own is always in the view that plays scenes.
        "state": state.payload() | {"view": "present"},
        "compare": key,
        "side_a": compare["key_a"],
        "side_b": compare["key_b"],
        "levers": lever_specs(known[state.scenario_a], known[state.scenario_b], territory),
        "scene": scene_text(story, number, compare),
    }


def _packed(side: SidePayload, names: Iterable[str]) -> dict[str, Any]:
    """Return a side with only what scenes show: days by commune of their indicators."""
    fields, parts, length = [], [], 0
    for field in side.meta["fields"]:
        if field["what"] == "commune" and field["name"] not in names:
            continue
        raw = side.data[field["start"] : field["start"] + field["length"]]
        fields.append({**field, "start": length})
        padded = raw + b"\0" * (-len(raw) % 4)
        parts.append(padded)
        length += len(padded)
    data = base64.b64encode(b"".join(parts)).decode()
    return {"meta": {**side.meta, "fields": fields}, "data": data}
