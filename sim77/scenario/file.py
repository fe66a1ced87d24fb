"""Scenario files: YAML to the fields of a scenario and back, with the line of every mistake."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from sim77.core.errors import ScenarioError, TerritoryError, nearest
from sim77.core.schema import validated
from sim77.core.yaml_file import placed, read_yaml, written
from sim77.scenario.parts import Change, MisplacedError, Place, SiteSpec, at
from sim77.scenario.schema import ChangeEntry, Period, ScenarioFile, SiteEntry
from sim77.territory.new_line import lines_of
from sim77.territory.territory import DATA, territory_names

_TEXTS = ("label", "description")
_LINES = Path(__file__).parent / "lines"


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
        How many entries at the start of ``network``, ``new_lines`` and ``changes`` come from a
        parent.
    """

    fields: dict[str, Any]
    file: str
    text: str
    inherited: dict[str, int]


def shipped_names() -> tuple[str, ...]:
    """Return the names of the scenarios in the package."""
    folder = resources.files("sim77.scenario").joinpath("library")
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
    draft = Draft({}, file, text, {"network": 0, "new_lines": 0, "changes": 0})
    with located(draft):
        given = validated(ScenarioFile, content, MisplacedError)
        parent = _parent(given.extends, path.parent, (*within, file), own)
        empty = {f"{key}_{language}": "" for key in _TEXTS for language in ("fr", "en")}
        draft.fields.update({**empty, **parent, "name": given.name or path.stem, **_texts(given)})
        draft.fields.update(_period(given.period, parent))
        if given.outside_ranges is not None:
            draft.fields["outside_ranges"] = given.outside_ranges
        draft.fields["parameters"] = {**parent.get("parameters", {}), **(given.parameters or {})}
        _add_lines(draft, given, parent, path.parent)
        for key, make in (("network", _site), ("changes", _change)):
            inherited = tuple(parent.get(key, ()))
            if key == "network" and given.network is not None:
                inherited = ()
            draft.inherited[key] = len(inherited)
            draft.fields[key] = inherited
            for index, entry in enumerate(getattr(given, key) or (), len(inherited)):
                with at(key, index):
                    draft.fields[key] += (make(entry),)
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
    if values["new_lines"]:
        content["new_lines"] = [line.to_csv() for line in values["new_lines"]]
    if values["changes"]:
        content["changes"] = [_written(change) for change in values["changes"]]
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def _written(part: SiteSpec | Change) -> Any:
    named = {each.name: getattr(part, each.name) for each in fields(part)}
    sentence = {name: value for name, value in named.items() if value not in (None, "")}
    if isinstance(part, Change):
        return {name: list(v) if isinstance(v, tuple) else v for name, v in sentence.items()}
    telecentre = sentence.pop("telecentre_id")
    return {"id": telecentre, **sentence} if sentence else telecentre


def _found(name_or_path: str | Path, own: Mapping[str, Path]) -> tuple[str, Path]:
    """Return what to call a scenario in a message, and its file."""
    name = str(name_or_path)
    if name in own and not os.path.isfile(name):
        name = str(own[name])
    path = Path(name)
    if os.path.isfile(path):  # a path of Python's own raises where a name is too long
        return name, path
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1 or isinstance(name_or_path, Path):
        raise ScenarioError(f"there is no scenario file {name}.")
    known = (*own, *shipped_names())
    if name not in known:
        raise ScenarioError(f"unknown scenario '{name}'.{_elsewhere(name) or nearest(name, known)}")
    return name, Path(str(resources.files("sim77.scenario").joinpath("library", f"{name}.yaml")))


def _elsewhere(name: str) -> str:
    """Say which shipped territory has a scenario of a name, if one does."""
    for territory in territory_names():
        if any(file.stem == name for file in (DATA / territory / "scenarios").glob("*.yaml")):
            return f" It is one of {territory}: add --territory {territory}."
    return ""


def _parent(
    extends: str, folder: Path, within: tuple[str, ...], own: Mapping[str, Path]
) -> dict[str, Any]:
    """Return the fields of what the scenario extends: a file beside it, or one of a name."""
    if not extends:
        return {}
    with at("extends"):
        beside = folder / extends
        return read(str(beside) if os.path.isfile(beside) else extends, within, own).fields


def _texts(given: "ScenarioFile") -> dict[str, str]:
    return {
        f"{key}_{language}": " ".join(getattr(getattr(given, key), language).split())
        for key in _TEXTS
        for language in getattr(given, key).model_fields_set
    }


def _period(period: "Period | None", parent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first and the last day, where the parent does not give them."""
    found = {name: getattr(period, name) for name in (period.model_fields_set if period else ())}
    for key, name in (("from", "start"), ("to", "end")):
        if name not in found and name not in parent:
            raise MisplacedError(
                f"the period has no '{key}', expected from and to, two dates.", ("period",)
            )
    return found


def _site(entry: "SiteEntry") -> SiteSpec:
    given = entry.model_dump(exclude_unset=True)
    return SiteSpec(given.pop("id"), **given)


def _add_lines(
    draft: Draft, given: "ScenarioFile", parent: Mapping[str, Any], folder: Path
) -> None:
    """Read the tables of new lines; a scenario that lists some has no others."""
    if given.new_lines is None:
        draft.fields["new_lines"] = parent.get("new_lines", ())
        return
    draft.fields["new_lines"] = ()
    for index, entry in enumerate(given.new_lines):
        with at("new_lines", index):
            try:
                draft.fields["new_lines"] += lines_of(_line_table(entry, folder))
            except TerritoryError as error:
                raise MisplacedError(str(error), ()) from None


def line_table_names() -> tuple[str, ...]:
    """Return the names of the tables of new lines in the package."""
    return tuple(sorted(path.stem for path in _LINES.glob("*.csv")))


def _line_table(entry: str, folder: Path) -> Path | str:
    """Return a table of new lines: a text, or the file beside the scenario or of that name."""
    if "\n" in entry:
        return entry
    beside = folder / entry
    if os.path.isfile(beside):
        return beside
    if beside.suffix == ".csv" or len(Path(entry).parts) > 1:
        raise TerritoryError(f"there is no table of new lines {beside}.")
    known = line_table_names()
    if entry not in known:
        raise TerritoryError(
            f"unknown table of new lines '{entry}', expected a file or one of {', '.join(known)}."
            f"{nearest(entry, known)}"
        )
    return _LINES / f"{entry}.csv"


def _change(entry: "ChangeEntry") -> Change:
    return Change(**entry.model_dump(exclude_unset=True))


def _where(draft: Draft, path: Place, inherited: str = "") -> str:
    """Return the line of a place, and the place as a reader of the file would count."""
    if not path:
        return ""
    own = list(path)
    if len(path) > 1 and isinstance(path[1], int):
        own[1] = path[1] - draft.inherited[str(path[0])]
        if int(own[1]) < 0:
            return f"{inherited}{written(path)}"
    return placed(draft.text, own)
