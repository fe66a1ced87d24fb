"""Plain-text tables of the parameters and indicators, made from their registries."""

import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from sim77.core.errors import ParameterError, ResultError, nearest
from sim77.registry.indicators import Indicator, described, every_indicator
from sim77.registry.parameters import Parameter, load_parameters

CONFIDENCE = {
    "M": "measured",
    "T": "transferred from elsewhere",
    "D": "derived",
    "A": "assumed",
    "U": "from memory, unverified",
}
_READING_WIDTH = 100
_NOT_A_TERMINAL = 10_000
_GAP = "  "


def parameters_text(name: str | None = None) -> str:
    """Return every parameter as a table by group, or one of them in full."""
    known = load_parameters()
    if name is not None:
        if name not in known:
            raise ParameterError(f"unknown parameter '{name}'.{nearest(name, known)}")
        return _parameter_in_full(known[name])
    groups: dict[str, list[Parameter]] = {}
    for parameter in known.values():
        groups.setdefault(parameter.group, []).append(parameter)
    head = ("name", "value", "unit", "range", "", "meaning", "source")
    rows = {
        group: [
            (
                each.name,
                _value(each),
                each.unit,
                _range(each),
                each.confidence,
                each.label_en,
                ", ".join(each.source_ids) or each.source,
            )
            for each in members
        ]
        for group, members in groups.items()
    }
    legend = ", ".join(f"{letter} {meaning}" for letter, meaning in CONFIDENCE.items())
    return f"{_grouped_table(head, rows)}\n\n{_wrapped(f'Letters: {legend}.')}"


def indicators_text(name: str | None = None) -> str:
    """Return every indicator as a table, or one of them in full."""
    known = every_indicator()
    if name is not None:
        try:
            return _indicator_in_full(described(name))
        except KeyError:
            raise ResultError(f"unknown indicator '{name}'.{nearest(name, known)}") from None
    rows = [(each.name, each.unit, each.only_in, each.label_en) for each in known.values()]
    return table(("name", "unit", "only of a", "what it is"), rows)


# One in full -------------------------------------------------------------------------------


def _parameter_in_full(parameter: Parameter) -> str:
    return record(
        parameter.name,
        {
            "meaning": parameter.label_en,
            "en français": parameter.label_fr,
            "symbol": parameter.symbol,
            "value": _all_values(parameter),
            "unit": parameter.unit,
            "range": _range(parameter),
            "confidence": CONFIDENCE.get(parameter.confidence, parameter.confidence),
            "source": parameter.source,
            "source id": ", ".join(parameter.source_ids),
            "note": parameter.note,
        },
    )


def _indicator_in_full(indicator: Indicator) -> str:
    return record(
        indicator.name,
        {
            "meaning": indicator.label_en,
            "en français": indicator.label_fr,
            "unit": indicator.unit,
            "formula": indicator.formula,
        },
    )


# Markets -------------------------------------------------------------------------------------


def _value(parameter: Parameter) -> str:
    if parameter.values:
        first, last = min(parameter.values), max(parameter.values)
        return f"{parameter.values[first]:g} to {parameter.values[last]:g} (dated)"
    return f"{parameter.value:g}"


def _all_values(parameter: Parameter) -> str:
    if parameter.path:
        anchors = "; ".join(f"{value:g} on {day}" for day, value in parameter.values.items())
        return f"{anchors}; on a path between them"
    if parameter.values:
        return "; ".join(f"{value:g} from {day}" for day, value in parameter.values.items())
    return f"{parameter.value:g}"


def _range(parameter: Parameter) -> str:
    return f"{parameter.low:g} to {parameter.high:g}"


# Layout ------------------------------------------------------------------------------------


def _terminal_width() -> int:
    """Return the columns there are; what is piped on is never cut."""
    return shutil.get_terminal_size(fallback=(_NOT_A_TERMINAL, 24)).columns


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows of text below their heads."""
    return _grouped_table(head, {"": list(rows)})


def _grouped_table(head: Sequence[str], groups: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Align the columns over all groups; lines too long for the terminal end in an ellipsis."""
    every = [head, *(row for rows in groups.values() for row in rows)]
    widths = [max(len(row[column]) for row in every) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        text = _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return _cut(text.rstrip())

    lines = [line(head), line(["-" * width for width in widths])]
    for group, rows in groups.items():
        if group:
            lines += ["", group.upper()]
        lines += [line(row) for row in rows]
    return "\n".join(lines)


def _cut(text: str) -> str:
    width = _terminal_width()
    return text if len(text) <= width else text[: max(width - 1, 1)] + "…"


def _wrapped(text: str, indent: int = 0) -> str:
    width = max(min(_terminal_width(), _READING_WIDTH), indent + 20)
    return textwrap.fill(" ".join(text.split()), width, subsequent_indent=" " * indent)


def record(title: str, fields: Mapping[str, str | None]) -> str:
    """Set out one entry: a field a paragraph, empty ones left out."""
    shown = {field: text for field, text in fields.items() if text}
    width = max(len(field) for field in shown)
    lines = [
        _wrapped(f"\0{text}", width + len(_GAP)).replace("\0", field.ljust(width) + _GAP, 1)
        for field, text in shown.items()
    ]
    return "\n".join([title, *lines])
