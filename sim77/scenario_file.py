"""Scenario files: YAML to the fields of a scenario and back, with the line of every mistake."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from sim77.errors import ScenarioError, nearest
from sim77.scenario_parts import Change, MisplacedError, Place, SiteSpec, as_date, at, written
from sim77.yaml_text import line_of, read_yaml

_TEXTS = ("label", "description")
_KEYS = (
    "name",
    *_TEXTS,
    "period",
    "extends",
    "outside_ranges",
    "parameters",
    "network",
    "changes",
)
_SITE_KEYS = ("id", *(each.name for each in fields(SiteSpec) if each.name != "telecentre_id"))
_CHANGE_KEYS = tuple(each.name for each in fields(Change))


@dataclass(frozen=True)
class Draft:
    """The fields of a scenario as read, and what is needed to say where one of them stands.

    Attributes
    ----------
    fields : dict
        Arguments of `Scenario`.
    file, text : str
        The file's name and content.
    inherited : dict of str to int
        How many entries at the start of ``network`` and ``changes`` come from a parent.
    """

    fields: dict[str, Any]
    file: str
    text: str
    inherited: dict[str, int]


def shipped_names() -> tuple[str, ...]:
    """Return the names of the scenarios in the package."""
    folder = resources.files("sim77").joinpath("scenarios")
    files = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


def read(
    name_or_path: str | Path,
    within: tuple[str, ...] = (),
    own: Mapping[str, Path] = MappingProxyType({}),
) -> Draft:
    """Read a scenario by name, or a file; what it extends is read with it.

    Parameters
    ----------
    name_or_path : str or Path
        A file, else a name of `own`, else a shipped one.
    within : tuple of str
        The files that led here by `extends`.
    own : mapping of str to Path
        A territory's own scenarios by name.
    """
    file, path = _found(name_or_path, own)
    if path.resolve() in [_found(each, own)[1].resolve() for each in within]:
        raise ScenarioError(f"{file} extends itself ({' -> '.join((*within, file))}).")
    text, content = read_yaml(path, ScenarioError)
    draft = Draft({}, file, text, {"network": 0, "changes": 0})
    with located(draft):
        _expect(content, _KEYS)
        parent = _parent(content, Path(file).parent, (*within, file), own)
        default = Path(file).stem if file.endswith((".yaml", ".yml")) else file
        empty = {f"{key}_{language}": "" for key in _TEXTS for language in ("fr", "en")}
        draft.fields.update({**empty, **parent, "name": default, **_texts(content)})
        draft.fields["outside_ranges"] = _flag(content, "outside_ranges", parent)
        draft.fields.update(_period(content, parent))
        draft.fields["parameters"] = {
            **parent.get("parameters", {}),
            **_mapping(content, "parameters"),
        }
        for key, make in (("network", _site), ("changes", _change)):
            draft.fields[key] = tuple(parent.get(key, ()))
            if key == "network" and key in content:
                draft.fields[key] = ()
            draft.inherited[key] = len(draft.fields[key])
            draft.fields[key] += _entries(content, key, make, draft.inherited[key])
    return draft


@contextmanager
def located(draft: Draft) -> Iterator[None]:
    """Add the file and the line to a mistake found inside."""
    try:
        yield
    except MisplacedError as error:
        message = error.message.replace("{other}", _where(draft, error.other, "the parent's "))
        where = _where(draft, error.path)
        raise ScenarioError(f"{draft.file}{', ' if where else ''}{where}: {message}") from None


def to_text(values: Mapping[str, Any]) -> str:
    """Write the fields of a scenario as YAML.

    Parameters
    ----------
    values : mapping
        The fields of `Scenario` by name; one without an `extends` results.
    """
    content: dict[str, Any] = {"name": values["name"]}
    for key in _TEXTS:
        content[key] = {language: values[f"{key}_{language}"] for language in ("fr", "en")}
    content["period"] = {"from": values["start"], "to": values["end"]}
    if values["outside_ranges"]:
        content["outside_ranges"] = True
    if values["parameters"]:
        content["parameters"] = dict(values["parameters"])
    if values["network"]:
        content["network"] = [_written(site) for site in values["network"]]
    if values["changes"]:
        content["changes"] = [_written(change) for change in values["changes"]]
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def _written(part: SiteSpec | Change) -> Any:
    named = {each.name: getattr(part, each.name) for each in fields(part)}
    said = {name: value for name, value in named.items() if value not in (None, "")}
    if isinstance(part, Change):
        return {name: list(v) if isinstance(v, tuple) else v for name, v in said.items()}
    telecentre = said.pop("telecentre_id")
    return {"id": telecentre, **said} if said else telecentre


def _found(name_or_path: str | Path, own: Mapping[str, Path]) -> tuple[str, Path]:
    """Return what to call a scenario in a message, and its file."""
    name = str(name_or_path)
    if name in own and not Path(name).is_file():
        name = str(own[name])
    path = Path(name)
    if path.is_file():
        return name, path
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1 or isinstance(name_or_path, Path):
        raise ScenarioError(f"there is no scenario file {name}.")
    known = (*own, *shipped_names())
    if name not in known:
        raise ScenarioError(f"unknown scenario '{name}'.{nearest(name, known)}")
    return name, Path(str(resources.files("sim77").joinpath("scenarios", f"{name}.yaml")))


def _parent(
    content: Mapping[str, Any], folder: Path, within: tuple[str, ...], own: Mapping[str, Path]
) -> dict[str, Any]:
    """Return the fields of what the scenario extends: a file beside it, or one of a name."""
    extends = content.get("extends")
    if extends is None:
        return {}
    with at("extends"):
        if not isinstance(extends, str):
            raise ScenarioError(f"{extends!r} is no name of a scenario.")
        beside = folder / extends
        return read(str(beside) if beside.is_file() else extends, within, own).fields


def _texts(content: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    if "name" in content:
        with at("name"):
            found["name"] = _one_text(content["name"])
    for key in _TEXTS:
        for language, text in _mapping(content, key, ("fr", "en")).items():
            with at(key, language):
                found[f"{key}_{language}"] = " ".join(_one_text(text).split())
    return found


def _period(content: Mapping[str, Any], parent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first and the last day, where the parent does not give them."""
    period = _mapping(content, "period", ("from", "to"))
    found: dict[str, Any] = {}
    for key, name in (("from", "start"), ("to", "end")):
        if key in period:
            with at("period", key):
                found[name] = as_date(period[key])
        elif name not in parent:
            raise MisplacedError(
                f"the period has no '{key}', expected from and to, two dates.", ("period",)
            )
    return found


def _flag(content: Mapping[str, Any], key: str, parent: Mapping[str, Any]) -> bool:
    value = content.get(key, parent.get(key, False))
    if not isinstance(value, bool):
        raise MisplacedError(f"{value!r} is neither true nor false.", (key,))
    return value


def _site(entry: Any) -> SiteSpec:
    if isinstance(entry, str):
        return SiteSpec(entry)
    _expect(entry, _SITE_KEYS)
    if not isinstance(entry.get("id"), str):
        raise ScenarioError(
            "a telecentre needs an 'id', the name of a row of the telecentres' table."
        )
    return SiteSpec(entry["id"], **{key: value for key, value in entry.items() if key != "id"})


def _change(entry: Any) -> Change:
    _expect(entry, _CHANGE_KEYS)
    for key in ("date", "lever"):
        if key not in entry:
            raise ScenarioError(f"a change needs a '{key}'.")
    return Change(**entry)


def _entries(content: Mapping[str, Any], key: str, make: Any, offset: int) -> tuple[Any, ...]:
    """Return the parts under a key; places count from `offset`, after what is inherited."""
    entries = content.get(key) or []
    if not isinstance(entries, list):
        raise MisplacedError(f"expected a list, not {entries!r}.", (key,))
    made = []
    for index, entry in enumerate(entries):
        with at(key, index + offset):
            made.append(make(entry))
    return tuple(made)


def _mapping(
    content: Mapping[str, Any], key: str, allowed: tuple[str, ...] | None = None
) -> dict[str, Any]:
    value = content.get(key)
    if value is None:
        return {}
    with at(key):
        _expect(value, allowed)
    return dict(value)


def _expect(value: Any, allowed: tuple[str, ...] | None) -> None:
    """Raise unless `value` is a mapping whose keys are allowed (None: any text)."""
    if not isinstance(value, dict):
        raise MisplacedError(f"expected names with values, not {value!r}.", ())
    for key in value:
        if not isinstance(key, str):
            raise MisplacedError(f"the key {key!r} is no text.", ())
        if allowed is not None and key not in allowed:
            raise MisplacedError(f"unknown key '{key}'.{nearest(key, allowed)}", (key,))


def _one_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ScenarioError(f"{value!r} is no text; put it in quotation marks.")
    return value


def _where(draft: Draft, path: Place, inherited: str = "") -> str:
    """Return the line of a place, and the place as a reader of the file would count."""
    if not path:
        return ""
    own = list(path)
    if len(path) > 1 and isinstance(path[1], int):
        own[1] = path[1] - draft.inherited[str(path[0])]
        if int(own[1]) < 0:
            return f"{inherited}{written(path)}"
    line = line_of(draft.text, own)
    return f"line {line}, {written(own)}" if line else written(own)
