"""Reading YAML safely: bounded before anything is built, dates stay texts, lines can be asked for.

A text of a few hundred characters can stand for billions of values, by aliases of aliases, and a
file may be of any size or depth. So a text's events are counted first, aliases at the size of what
they stand for, and nothing is built of a text that passes a bound.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from sim77.core.errors import Sim77Error

MOST_CHARACTERS = 1_000_000
MOST_VALUES = 100_000
"""With every alias replaced by what it stands for."""
MOST_DEPTH = 40
MOST_DIGITS = 50

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class _Loader(_Base):
    """The safe loader within bounds, without its guess that a text is a date (it names no line)."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (PyYAML's own class attribute)
        first: [(tag, pattern) for tag, pattern in known if tag != _TIMESTAMP]
        for first, known in _Base.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str) -> None:
        _check_bounds(text)
        super().__init__(text)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            if node.tag in _NUMBERS and len(node.value) > MOST_DIGITS:
                raise ValueError
            return super().construct_object(node, deep=deep)
        except ValueError:  # also of a number without digits, such as 0x_
            raise _refused("this number cannot be read", node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _refused(f"the key '{key.value}' is given twice", key.start_mark)
                seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


class YamlError(Sim77Error):
    """A text is no YAML or passes a bound; the message is one clause, with the line."""


def load_yaml(text: str) -> Any:
    """Return the content of a YAML text; `YamlError` if it is none or passes a bound."""
    with _told():
        return yaml.load(text, Loader=_Loader)


def read_yaml(file: str | Path, error: type[Sim77Error]) -> tuple[str, Any]:
    """Read a YAML file.

    Parameters
    ----------
    file : path
    error : type
        What is raised, in one sentence with the file and, where there is one, the line, if the
        file is missing, cannot be read, is no UTF-8, no YAML, or passes a bound.

    Returns
    -------
    tuple of str and object
        The text, of which `line_of` tells lines, and its content.
    """
    try:
        text = _text(Path(file))
        return text, load_yaml(text)
    except UnicodeDecodeError as mistake:
        line = mistake.object[: mistake.start].count(b"\n") + 1
        raise error(f"{file}, line {line}: this is not UTF-8; save the file as UTF-8.") from None
    except OSError as mistake:
        raise error(f"{file} cannot be read: {mistake.strerror}.") from None
    except YamlError as mistake:
        raise error(f"{file}, {mistake}.") from None


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Return the line (from 1) of the value at `path`, or of the nearest part of it there is."""
    with _told():
        node = yaml.compose(text, Loader=_Loader)
    line: int | None = None
    for step in path:
        found = None
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = found.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    found, line = value, key.start_mark.line + 1
        if found is None:
            break
        node = found
    return line


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        if "cannot start any token" in problem:
            problem = "found a tab or another character that means nothing here; indent with spaces"
        raise YamlError(f"line {mark.line + 1}: {problem}" if mark else problem) from None


def written(path: Sequence[str | int]) -> str:
    """Write a place of a file: ``changes[2].value``."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(steps).removeprefix(".")


def placed(text: str, path: Sequence[str | int]) -> str:
    """Write a place of a file with its line: ``line 12, changes[2].value``."""
    line = line_of(text, path) if path else None
    return f"line {line}, {written(path)}" if line else written(path)


def _text(path: Path) -> str:
    """Return the text of a file, of one too large no more than shows that it is."""
    if path.exists() and not path.is_file():
        raise OSError(None, "it is not an ordinary file")
    with path.open(encoding="utf-8") as stream:
        return stream.read(MOST_CHARACTERS + 1)


def _check_bounds(text: str) -> None:
    """Raise `yaml.YAMLError` if a text is too long, too deep, or stands for too many values."""
    if len(text) > MOST_CHARACTERS:
        raise yaml.YAMLError(f"the text is longer than {MOST_CHARACTERS:,} characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise yaml.YAMLError("the text holds half a character (a lone surrogate)") from None
    # Of every list or mapping that is open, its anchor and its values so far; the text comes first.
    within: list[tuple[str | None, int]] = [(None, 0)]
    values: dict[str, int] = {}
    for event in yaml.parse(text, Loader=_Base):
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, count = within.pop()
        elif isinstance(event, yaml.NodeEvent):
            tag = getattr(event, "tag", None)
            if tag is not None:
                raise _refused(f"the tag '{tag}' is not allowed", event.start_mark)
            if isinstance(event, yaml.CollectionStartEvent):
                within.append((event.anchor, 1))
                if len(within) > MOST_DEPTH:
                    raise _refused(
                        f"more than {MOST_DEPTH} lists and mappings within one another",
                        event.start_mark,
                    )
                if event.anchor:
                    values.pop(event.anchor, None)
                continue
            anchor, count = event.anchor, 1
            if isinstance(event, yaml.AliasEvent):
                if anchor not in values:
                    raise _refused(
                        f"the alias '*{anchor}' stands for nothing, or for what it is part of",
                        event.start_mark,
                    )
                count = values[anchor]
        else:
            continue
        if anchor:
            values[anchor] = count
        outer, before = within.pop()
        within.append((outer, before + count))
        if before + count > MOST_VALUES:
            raise _refused(
                f"more than {MOST_VALUES:,} values, counting what aliases stand for",
                event.start_mark,
            )


def _refused(problem: str, mark: Any) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, mark)
