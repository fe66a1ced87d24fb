"""A folder of tables with a manifest: written whole or not at all, and read back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from sim77.errors import ResultError

MANIFEST = "manifest.json"
KIND = "kind"
RUN, COMPARISON, SWEEP, SITING = "run", "comparison", "sweep", "siting"


def check_target(target: Path, *, overwrite: bool) -> None:
    """Refuse an output folder that holds something else, before anything is computed."""
    if target.exists() and not target.is_dir():
        raise ResultError(f"The output must be a folder, but {target} is a file.")
    if target.is_dir() and any(target.iterdir()):
        if not (target / MANIFEST).is_file():
            raise ResultError(f"The output folder {target} is not empty and holds no sim77 result.")
        if not overwrite:
            raise ResultError(f"{target} holds a result already; add --overwrite to replace it.")
    parent = target.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise ResultError(f"Cannot make the output folder {target}: {parent} is not a folder.")
    try:
        probe = parent / f".sim77-{target.name}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ResultError(f"Cannot write to {parent}: {error.strerror}.") from error


def write_folder(
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
    folder: str | Path,
    *,
    overwrite: bool,
    without_csv: Collection[str] = (),
    add: Callable[[Path], None] | None = None,
) -> Path:
    """Write tables as Parquet and CSV, and the manifest, to a folder.

    The folder is written beside its place as ``FOLDER.partial`` and renamed at the end, so that
    what was interrupted never looks complete.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
    manifest : mapping
    folder : path
    overwrite : bool
        Replace an earlier result; a folder that holds anything else is never touched.
    without_csv : collection of str
        Tables too long for a text file.
    add : callable, optional
        Writes more files into the folder it is given, before that gets its name.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ResultError
        If the folder is in use or cannot be written.
    """
    target = Path(folder)
    check_target(target, overwrite=overwrite)
    partial = target.with_name(target.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, frame in tables.items():
            table = pa.Table.from_pandas(frame, preserve_index=False)
            pyarrow.parquet.write_table(table, partial / f"{name}.parquet")
            if name not in without_csv:
                pyarrow.csv.write_csv(table, partial / f"{name}.csv")
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (partial / MANIFEST).write_text(text, encoding="utf-8")
        if add is not None:
            add(partial)
        if target.exists():
            shutil.rmtree(target)
        partial.rename(target)
    except OSError as error:
        raise ResultError(
            f"Cannot write the result to {target}: {error.strerror or error}."
        ) from error
    return target


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder; `kind_of` says what the folder holds."""
    file = folder / MANIFEST
    if not file.is_file():
        hint = (
            " It is the remains of an interrupted run." if folder.name.endswith(".partial") else ""
        )
        raise ResultError(f"{folder} holds no sim77 result: {MANIFEST} is missing.{hint}")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultError(f"{folder} is damaged: {error}.") from error
    if not isinstance(manifest, dict):
        raise ResultError(f"{folder} is damaged: {MANIFEST} is not a mapping.")
    return manifest


def kind_of(manifest: Mapping[str, Any]) -> str:
    """Say what a folder holds: `RUN`, unless its manifest tells otherwise."""
    return str(manifest.get(KIND, RUN))


def read_tables(
    folder: Path, names: Collection[str], kind: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Return the tables and the manifest of a folder of the kind wanted.

    Raises
    ------
    ResultError
        If the folder holds something else or is not complete.
    """
    manifest = read_manifest(folder)
    if kind_of(manifest) != kind:
        raise ResultError(f"{folder} holds a {kind_of(manifest)}, not a {kind}.")
    try:
        return {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}, manifest
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ResultError(f"{folder} is damaged: {error}.") from error
