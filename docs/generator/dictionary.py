"""The data dictionary: every column of runs, comparisons, sitings, studies and territories.

Indicators are described in their own registry, the form of a territory's tables in theirs; what
neither says is in ``dictionary.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from docs.generator.markdown import DocumentationError, code, number, render, table
from sim77.analysis.compare import comparison
from sim77.analysis.siting import result as siting
from sim77.core.errors import nearest
from sim77.core.yaml_file import load_yaml
from sim77.registry.indicators import indicators
from sim77.runs import results
from sim77.territory import road_tables, schema, transit_tables
from sim77.territory.build.new_lines import POINT_TYPES
from sim77.territory.build.transit_network import RUN_TYPES, STOP_TYPES
from sim77.territory.observed import FOLDER, OBSERVED
from sim77.territory.schema import Column, Kind, Table

_INDICATORS = {"indicators": True, "indicators of workers": False}
"""Whether those in which places have a part are among them."""
_OVER_DAYS = {"persons": "person-days", "desks": "desk-days"}
_INTERVAL = "interval"

KINDS: Mapping[str, tuple[str, ...]] = {
    "results": results.TABLES,
    "comparison": comparison.TABLES,
    "siting": siting.TABLES,
    "study": ("table", "points", "failures"),
}
"""What has tables of its own, and their names in order."""


@dataclass(frozen=True)
class ColumnText:
    """What one column of a table means.

    Attributes
    ----------
    name, unit : str
    en, fr : str
        The meaning.
    formula : str
        How it is computed, in names of other columns and of parameters; may be empty.
    """

    name: str
    unit: str
    en: str
    fr: str
    formula: str = ""


@dataclass(frozen=True)
class TableText:
    """What a table holds: a sentence in English and in French, and its columns in order."""

    en: str
    fr: str
    columns: tuple[ColumnText, ...]


@lru_cache(maxsize=1)
def _content() -> Mapping[str, Any]:
    text = (Path(__file__).parent / "dictionary.yaml").read_text(encoding="utf-8")
    return load_yaml(text)


@lru_cache(maxsize=len(KINDS))
def result_tables(kind: str = "results") -> Mapping[str, TableText]:
    """Return the description of every table of a kind of result, by name, in their order.

    Parameters
    ----------
    kind : str
        One of `KINDS`; ``results`` are those of a run.

    Raises
    ------
    DocumentationError
        If a table has no description, or a description no table.
    """
    entries = _content()[kind]
    _check_names(kind, entries, KINDS[kind])
    return {
        name: TableText(
            entries[name]["en"],
            entries[name]["fr"],
            tuple(
                _over_days(text) if entries[name].get("summed") else text
                for item in entries[name]["columns"]
                for text in _columns(name, item)
            ),
        )
        for name in KINDS[kind]
    }


def _over_days(text: ColumnText) -> ColumnText:
    """Return the text of an indicator that a table sums over the days: persons are person-days."""
    found = indicators().get(text.name)
    if found is None or found.aggregation != "sum":
        return text
    return replace(text, unit=_OVER_DAYS.get(text.unit, text.unit))


def _columns(table_name: str, item: str | Mapping[str, Mapping[str, Any]]) -> Iterator[ColumnText]:
    if not isinstance(item, str):
        for name, entry in item.items():
            texts = {key: text for key, text in entry.items() if key != _INTERVAL}
            yield ColumnText(name=name, **texts)
            for end in ("low", "high") if entry.get(_INTERVAL) else ():
                yield replace(_shared(table_name, end), name=f"{name}_{end}", unit=entry["unit"])
    elif item in _INDICATORS:
        for name, found in indicators().items():
            if _INDICATORS[item] or not found.of_places:
                yield _indicator(name)
    elif item in indicators():
        yield _indicator(item)
    else:
        yield _shared(table_name, item)


def _indicator(name: str) -> ColumnText:
    found = indicators()[name]
    return ColumnText(name, found.unit, found.label_en, found.label_fr, found.formula)


def _shared(table_name: str, name: str) -> ColumnText:
    entries = _content()["shared"]
    if name not in entries:
        raise DocumentationError(
            f"dictionary.yaml: column '{name}' of '{table_name}' has no meaning."
            f"{nearest(name, entries)}"
        )
    return ColumnText(name=name, **entries[name])


@lru_cache(maxsize=1)
def territory_forms() -> Mapping[str, Table]:
    """Return the form of every table of a territory by its path in the folder, less the suffix."""
    return {
        **schema.TABLES,
        "transit/lines": transit_tables.LINES,
        "transit/stop_names": transit_tables.STOP_NAMES,
        "transit/segments": _parquet(transit_tables.SEGMENT_TYPES),
        "transit/pairs": _parquet(transit_tables.PAIR_TYPES),
        "transit/paths": _parquet(transit_tables.PATH_TYPES, "row", "segment"),
        "transit/waits": _parquet(transit_tables.WAIT_TYPES, "row", "line"),
        "transit/stops": replace(_parquet(STOP_TYPES, "stop"), required=False),
        "transit/runs": replace(_parquet(RUN_TYPES), required=False),
        "transit/points": replace(_parquet(POINT_TYPES), required=False),
        "road/sections": _parquet(road_tables.SECTIONS),
        "road/pairs": _parquet(road_tables.PAIRS),
        "road/paths": _parquet(road_tables.PATHS, "pair", "section"),
        **{f"{FOLDER}/{name}": form for name, form in OBSERVED.items()},
    }


def _parquet(types: Mapping[str, pa.DataType], *key: str) -> Table:
    """Return the form of a table that is declared by the types of its columns."""
    columns = tuple(Column(name, _kind(each)) for name, each in types.items())
    return Table(columns, key, suffix=".parquet")


def _kind(cells: pa.DataType) -> Kind:
    cells = cells.value_type if pa.types.is_list(cells) else cells
    if pa.types.is_boolean(cells):
        return "flag"
    whole: Kind = "int" if pa.types.is_integer(cells) else "text"
    return "number" if pa.types.is_floating(cells) else whole


@lru_cache(maxsize=1)
def territory_texts() -> Mapping[str, TableText]:
    """Return the description of every table of a territory, by name.

    Raises
    ------
    DocumentationError
        If a table or a column has no description, or a description no table or column.
    """
    entries, forms = _content()["territory"], territory_forms()
    _check_names("territory", entries, forms)
    found = {}
    for name, form in forms.items():
        entry, known = entries[name], {column.name for column in form.columns}
        for unknown in entry["columns"].keys() - known:
            raise DocumentationError(
                f"dictionary.yaml describes '{unknown}' of '{name}', a column there is not."
            )
        columns = tuple(
            ColumnText(name=column.name, **entry["columns"][column.name])
            if column.name in entry["columns"]
            else _shared(name, column.name)
            for column in form.columns
        )
        found[name] = TableText(entry["en"], entry["fr"], columns)
    return found


def _check_names(part: str, described: Mapping[str, Any], there: Any) -> None:
    for name in there:
        if name not in described:
            raise DocumentationError(f"dictionary.yaml, {part}: table '{name}' is missing.")
    for name in described:
        if name not in there:
            raise DocumentationError(
                f"dictionary.yaml, {part}: there is no table '{name}'.{nearest(name, there)}"
            )


def dictionary_page() -> str:
    """Return ``data-dictionary.md``."""
    return render(
        "data-dictionary.md",
        **{kind: "\n\n".join(_result_parts(kind)) for kind in KINDS},
        territory="\n\n".join(_territory_part(*item) for item in territory_texts().items()),
    )


def _result_parts(kind: str) -> Iterator[str]:
    head = ("column", "unit", "meaning", "en français", "formula")
    for name, text in result_tables(kind).items():
        rows = [(code(each.name), each.unit, each.en, each.fr, each.formula)
                for each in text.columns]  # fmt: skip
        title = name if kind == "results" else f"{kind}.{name}"
        yield f"### {title}\n\n{text.en} *{text.fr}*\n\n{table(head, rows)}"


def _territory_part(name: str, text: TableText) -> str:
    form = territory_forms()[name]
    head = ("column", "unit", "meaning", "en français", "cells", "required")
    rows = [
        (code(each.name), each.unit, each.en, each.fr, _cells(column), _required(column))
        for each, column in zip(text.columns, form.columns, strict=True)
    ]
    key = ", ".join(code(column) for column in form.key)
    about = f"A row is named by {key}." if key else "A row is known by its number, from 0."
    if not form.required:
        about += " The file may be left out."
    if form.may_be_empty:
        about += " It may hold a heading and nothing else."
    return f"### {name}{form.suffix}\n\n{text.en} *{text.fr}* {about}\n\n{table(head, rows)}"


def _cells(column: Column) -> str:
    if column.allowed:
        return "one of " + ", ".join(code(each) for each in column.allowed)
    if column.refers:
        return f"as in `{column.refers}`"
    kinds = {
        "int": "whole number",
        "flag": "0 or 1",
        "date": "YYYY-MM-DD",
        "code": "five digits or capitals",
    }
    text = kinds.get(column.kind, column.kind)
    if column.low is not None and column.high is not None:
        return f"{text}, {number(column.low)} to {number(column.high)}"
    if column.low is not None:
        return f"{text}, {number(column.low)} or more"
    return text


def _required(column: Column) -> str:
    if not column.required:
        return "no"
    return "yes, may be blank" if column.blank else "yes"
