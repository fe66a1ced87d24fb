"""Changes to valid input: to values, keys and structure, to cells and columns, to text and bytes.

Every change is drawn from a `random.Random` that it is given, so that a case can be made again.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

Change = tuple[str, bytes]
"""What was done, in words, and the file that it gives."""

RAW = "@@raw@@"
_DEEP = 300
_SCALARS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 7, 2**31, 2**63, 10**40, 10**400, -0.0, 0.5, 1e-320, 1e-9, 1e12,
    1e308, float("nan"), float("inf"), float("-inf"), "", " ", "nan", "yes", "0,1", "1e5", "1_000",
    "٣", "²", "é\u0301", "\u202e", "\ufeff", "a b", "a/b", "../../../../tmp/fuzz-escaped",
    "/etc/passwd", "C:\\con", "\0", "a\nb", "\x1b[31m", "{x}", "{0.__class__}", "%s%n", "<script>",
    "'; --", "x" * 50_000, "paris", "network-2014", "theta", "no-such-name", "2014-09-08",
    "2014-02-30", "0001-01-01", "1800-01-01", "2099-12-31", "9999-12-31", "2014-09-08T25:00",
    "24:00", "shipped",
)  # fmt: skip
_RAW_YAML = (
    "*nothing", "&self [*self]", "!!python/object/apply:os.system ['true']", "!!binary aGk=",
    "!!set {a, b}", "!!float x", "!!int x", "0x_", "2014-02-30", "1e400", "{[1]: 2}",
    "{? {a: 1} : 2}", "=", "<<", "|", ">-", "'", '"\\x00"', '"\\ud800"', "[" * _DEEP + "]" * _DEEP,
    "{a: " * 60 + "1" + "}" * 60, "190:20:30", "0o17", ".inf", "-.INF", ".NaN", "~", "@", "`", "%",
    "? x", "- - - x", "&a &b x",
)  # fmt: skip
_BOMB = "".join(
    [f"b0: &b0 [{', '.join(['x'] * 9)}]\n"]
    + [f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 10)]
)


def hostile(rng: random.Random, value: Any) -> Any:
    """Return what may stand in place of a value: something else, or much like it but wrong."""
    like: list[Any] = [str(value), [value], {"value": value}, [value, value]]
    if isinstance(value, str):
        like += [value + "x", value.upper(), value[:-1], f" {value}", value.replace("-", "/")]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        like += [-value, value * 1000, value / 1000, value + 0.5, f"{value}".replace(".", ",")]
    elif isinstance(value, list):
        like += [value * 300, value[::-1], dict.fromkeys(map(str, value)), tuple(value)[0:0]]
    elif isinstance(value, dict):
        like += [list(value), list(value.items()), {**value, "": None}, {**value, "x" * 3000: 1}]
    return rng.choice([*_SCALARS, *like, *like, [], {}, [None], {"": None}, [[]] * 2000])


# Trees: what YAML and JSON hold ---------------------------------------------------------------


def changed_tree(rng: random.Random, tree: Any) -> tuple[str, Any]:
    """Return a tree with something in it changed, and what."""
    tree = copy.deepcopy(tree)
    places = list(_places(tree, ()))
    if not places:
        return "a value in place of all", hostile(rng, tree)
    parent, key, path = rng.choice(places)
    where = ".".join(map(str, path))
    how = rng.choice(("value", "value", "value", "raw", "delete", "rename", "add", "swap", "nest"))
    if how == "delete":
        del parent[key]
    elif how == "rename" and isinstance(parent, dict):
        name = rng.choice(
            [f"{key}s", str(key).upper(), "", 0, None, True, 1.5, "x" * 3000, "a\nb", RAW]
        )
        parent[name] = parent.pop(key)
    elif how == "add" and isinstance(parent, dict):
        parent[rng.choice(["colour", "__class__", "folder", "name", "extends", "value"])] = hostile(
            rng, parent[key]
        )
    elif how == "add":
        parent.insert(key, hostile(rng, parent[key]))
    elif how == "swap":
        other_parent, other_key, _ = rng.choice(places)
        value = copy.deepcopy(other_parent[other_key])
        parent[key] = value
    elif how == "nest":
        for _ in range(rng.choice((1, 2, 60))):
            parent[key] = rng.choice(([parent[key]], {"a": parent[key]}))
    elif how == "raw":
        parent[key] = RAW
    else:
        how, parent[key] = "value", hostile(rng, parent[key])
    return f"{how} at {where}", tree


def _places(tree: Any, path: tuple[Any, ...]) -> Any:
    if isinstance(tree, dict):
        inside: Any = tree.items()
    elif isinstance(tree, list):
        inside = enumerate(tree)
    else:
        return
    for key, value in inside:
        yield tree, key, (*path, key)
        yield from _places(value, (*path, key))


def changed_yaml(rng: random.Random, content: bytes) -> Change:
    """Change a YAML file: mostly what it says, sometimes how it is written."""
    if rng.random() < 0.25:
        return changed_text(rng, content)
    message, tree = changed_tree(rng, yaml.safe_load(content))
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        more, tree = changed_tree(rng, tree)
        message = f"{message}, {more}"
    text = yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    raw = "*b9" if rng.random() < 0.2 else rng.choice(_RAW_YAML)
    if RAW in text:
        message, text = f"{message} ({raw[:30]})", text.replace(RAW, raw)
        if raw == "*b9":
            text = _BOMB + text
    return message, text.encode("utf-8", "surrogatepass")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def changed_json(rng: random.Random, content: bytes) -> Change:
    """Change a JSON file."""
    if rng.random() < 0.25:
        return changed_text(rng, content)
    message, tree = changed_tree(rng, json.loads(content))
    return message, json.dumps(_keyed(tree)).encode()


def _keyed(tree: Any) -> Any:
    """Return a tree that JSON can write."""
    if isinstance(tree, dict):
        return {str(key): _keyed(value) for key, value in tree.items()}
    return [_keyed(each) for each in tree] if isinstance(tree, list | tuple) else tree


def changed_file(rng: random.Random, name: str, content: bytes) -> Change:
    """Change a file as befits the ending of its name."""
    change = {"yaml": changed_yaml, "csv": changed_table, "parquet": changed_parquet}.get(
        name.rpartition(".")[2], changed_json
    )
    return change(rng, content)


# Tables ---------------------------------------------------------------------------------------


def changed_table(rng: random.Random, content: bytes) -> Change:
    """Change a table of comma-separated values."""
    if rng.random() < 0.2:
        return changed_text(rng, content)
    rows = list(csv.reader(io.StringIO(content.decode())))
    message = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        row, column = rng.randrange(len(rows)), rng.randrange(len(rows[0]))
        column = min(column, len(rows[row]) - 1)
        how = rng.choice(("cell", "cell", "cell", "cell", "column of", "heading", "no column",
                          "no row", "row twice", "column twice", "short row", "long row",
                          "many rows", "swap"))  # fmt: skip
        message.append(f"{how} {row},{column}")
        if column < 0:
            continue
        value = _cell(rng, rows[row][column])
        if how == "cell":
            rows[row][column] = value
        elif how == "column of":
            rows[1:] = [[*each[:column], value, *each[column + 1 :]] for each in rows[1:]]
        elif how == "heading":
            rows[0][min(column, len(rows[0]) - 1)] = value
        elif how == "no column":
            rows = [[*each[:column], *each[column + 1 :]] for each in rows]
        elif how == "no row" and len(rows) > 1:
            del rows[row]
        elif how == "row twice":
            rows.insert(row, list(rows[row]))
        elif how == "column twice":
            rows = [[*each, *each[column : column + 1]] for each in rows]
        elif how == "short row":
            rows[row] = rows[row][:column]
        elif how == "long row":
            rows[row].append(value)
        elif how == "many rows":
            rows += [list(rows[row]) for _ in range(300)]
        elif how == "swap":
            other = rows[rng.randrange(len(rows))]
            other[: len(rows[row])], rows[row][: len(other)] = rows[row], other
        if not rows or not rows[0]:
            break
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return ", ".join(message), out.getvalue().encode("utf-8", "surrogatepass")


def changed_parquet(rng: random.Random, content: bytes) -> Change:
    """Change a Parquet table: mostly its cells, rows, columns and types, sometimes its bytes."""
    if rng.random() < 0.2:
        return changed_text(rng, content)
    table = pd.read_parquet(io.BytesIO(content))
    message = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        name, row = rng.choice(list(table.columns)), rng.randrange(max(len(table), 1))
        how = rng.choice(("cell", "cell", "cell", "cell", "column of", "texts", "no column",
                          "heading", "no row", "rows twice", "no rows", "swap"))  # fmt: skip
        message.append(f"{how} {row},{name}")
        if how == "cell" and len(table):
            cells = table[name].astype(object)
            cells.iloc[row] = hostile(rng, _plain(cells.iloc[row]))
            table[name] = cells
        elif how == "column of":
            table[name] = pd.Series([rng.choice(_SCALARS)] * len(table), dtype=object)
        elif how == "texts":
            table[name] = table[name].astype(str)
        elif how == "no column" and len(table.columns) > 1:
            table = table.drop(columns=name)
        elif how == "heading":
            table = table.rename(columns={name: f"{name}s"})
        elif how == "no row" and len(table):
            table = table.drop(index=row).reset_index(drop=True)
        elif how == "rows twice":
            table = pd.concat([table, table], ignore_index=True)
        elif how == "no rows":
            table = table[:0]
        elif how == "swap":
            table = table[::-1].reset_index(drop=True)
    return ", ".join(message), _as_parquet(table)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _as_parquet(table: pd.DataFrame) -> bytes:
    """Write a table; a column of cells of several kinds is one of texts."""
    columns = {}
    for name in table.columns:
        try:
            columns[name] = pa.array(table[name], from_pandas=False)
        except (pa.ArrowException, OverflowError, ValueError):
            texts = [str(each)[:60_000] for each in table[name]]
            columns[name] = pa.array([each.encode("utf-8", "replace").decode() for each in texts])
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _cell(rng: random.Random, text: str) -> str:
    try:
        value: Any = float(text)
    except ValueError:
        value = text
    found = hostile(rng, value)
    return str(found)[:60_000]


# Text and bytes -------------------------------------------------------------------------------


def changed_text(rng: random.Random, content: bytes) -> Change:
    """Change how a file is written: its lines, its encoding, its bytes, its length."""
    lines = content.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    place = rng.randrange(len(content) + 1)
    flipped = bytearray(content or b" ")
    flipped[place % len(flipped)] ^= 1 << rng.randrange(8)
    text = content.decode("utf-8", "replace")
    ways: dict[str, Callable[[], bytes]] = {
        "empty": lambda: b"",
        "cut off": lambda: content[:place],
        "begun late": lambda: content[place:],
        "a bit": lambda: bytes(flipped),
        "line twice": lambda: b"".join([*lines[:at], lines[at], *lines[at:]]),
        "no line": lambda: b"".join(lines[:at] + lines[at + 1 :]),
        "twice": lambda: content + content,
        "long": lambda: content * 400,
        "utf-16": lambda: text.encode("utf-16"),
        "latin-1": lambda: text.encode("latin-1", "replace") + b"\xe9",
        "bom": lambda: b"\xef\xbb\xbf" + content,
        "cr": lambda: content.replace(b"\n", b"\r"),
        "crlf": lambda: content.replace(b"\n", b"\r\n"),
        "nul": lambda: content[:place] + b"\0" + content[place:],
        "tab": lambda: content.replace(b"  ", b"\t"),
        "semicolons": lambda: content.replace(b",", b";"),
        "noise": lambda: content[:place] + rng.randbytes(20) + content[place:],
        "quote": lambda: content[:place] + b'"' + content[place:],
        "bracket": lambda: content[:place] + rng.choice((b"[", b"{", b"}", b":", b"- ", b"&a ")) +
        content[place:],
    }  # fmt: skip
    how = rng.choice(list(ways))
    return f"{how} at {place}", ways[how]()
