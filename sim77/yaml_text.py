"""Reading YAML safely: dates stay texts, a key given twice is a mistake, lines can be asked for."""

from collections.abc import Hashable, Sequence
from typing import Any

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(_Base):
    """The safe loader, without its guess that a text is a date (its errors name no line)."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (PyYAML's own class attribute)
        first: [(tag, pattern) for tag, pattern in known if tag != _TIMESTAMP]
        for first, known in _Base.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key.value}' is given twice", key.start_mark
                )
            seen.add(str(key.value))
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def load_yaml(text: str) -> Any:
    """Return the content of a YAML text; `yaml.YAMLError` if it is none."""
    return yaml.load(text, Loader=_Loader)


def describe(error: yaml.YAMLError) -> str:
    """Say where and why a text is no YAML, as one clause."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}: {problem}" if mark is not None else problem


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Return the line (from 1) of the value at `path`, or of the nearest part of it there is."""
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
