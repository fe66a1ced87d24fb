"""A folder of tables with a manifest: written whole or not at all, and read back as written.

The manifest keeps a digest of each table and one of itself, so that damage from a disk or a
transfer and a table from elsewhere are told, and not read as results. A manifest without digests
is of an earlier version, and is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from sim77.core.errors import ResultError, why
from sim77.core.files import DATE_UNIT, parquet_frame, replace_file

MANIFEST = "manifest.json"
KIND = "kind"
FILES, OTHERS, CHECKSUM = "files", "others", "checksum"
RUN, COMPARISON, SWEEP, SITING = "run", "comparison", "sweep", "siting"


def check_target(target: Path, kind: str, *, overwrite: bool) -> None:
    """Refuse an output folder that holds something else, before anything is computed.

    Parameters
    ----------
    target : pathlib.Path
    kind : str
        Of the result to come; only another one of its kind may be replaced.
    overwrite : bool
    """
    if target.exists() and not target.is_dir():
        raise ResultError(f"The output must be a folder, but {target} is a file.")
    # A folder is put in the place of its former one.
    if target.name in ("", "..") or Path.cwd().is_relative_to(target.resolve()):
        raise ResultError(
            f"The output must be a folder of its own, such as out/run, not '{target}': you work in "
            "it."
        )
    if target.is_dir() and any(target.iterdir()):
        _check_former(target, kind)
        if not overwrite:
            raise ResultError(
                f"{target} holds a result already; add --overwrite to replace it (in Python: "
                "overwrite=True)."
            )
    parent = target.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise ResultError(f"Cannot make the output folder {target}: {parent} is not a folder.")
    for folder in (parent, target) if target.is_dir() else (parent,):
        try:
            probe = folder / f".sim77-{target.name}"
            probe.touch()
            probe.unlink(missing_ok=True)  # another run may look at the same moment
        except OSError as error:
            raise ResultError(f"Cannot write to {folder}: {why(error)}.") from error


def _check_former(target: Path, kind: str) -> None:
    """Refuse to replace what is no result of the kind, or files that lie beside one."""
    try:
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
        is_one = isinstance(manifest, dict) and (CHECKSUM in manifest or "sim77" in manifest)
    except FileNotFoundError:
        is_one = False
    except (OSError, ValueError, RecursionError):
        # Damaged: what is a file may be made again.
        files = [each.name for each in target.iterdir() if each.is_file()]
        manifest, is_one = {KIND: kind, OTHERS: files}, True
    if not is_one:
        raise ResultError(f"The output folder {target} is not empty and holds no sim77 result.")
    if kind_of(manifest) != kind:
        raise ResultError(
            f"{target} holds a {kind_of(manifest)}, which a {kind} does not replace: choose "
            "another folder."
        )
    tables = (Path(name).stem for name in manifest.get(FILES, ()))
    ours = {f"{name}{ending}" for name in tables for ending in (".parquet", ".csv")}
    ours |= {MANIFEST, *manifest.get(OTHERS, ())}
    foreign = sorted(each.name for each in target.iterdir() if each.name not in ours)
    if foreign:
        raise ResultError(
            f"{target} holds '{foreign[0]}' beside its result, which would be lost: move it away, "
            "or choose another folder."
        )


def _with_plain_dates(table: pa.Table) -> pa.Table:
    """Return a table whose times of day, which are all midnight, are dates."""
    plain = (
        pa.field(each.name, pa.date32()) if pa.types.is_timestamp(each.type) else each
        for each in table.schema
    )
    return table.cast(pa.schema(plain))


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

    The folder is written beside its place as ``FOLDER.….partial``, a name of its own for each
    call, and renamed at the end, so that what was interrupted never looks complete.

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
    check_target(target, kind_of(manifest), overwrite=overwrite)
    partial = target.with_name(f"{target.name}.{uuid4().hex[:8]}.partial")
    try:
        partial.mkdir(parents=True)
        for name, frame in tables.items():
            table = pa.Table.from_pandas(frame, preserve_index=False)
            pyarrow.parquet.write_table(table, partial / f"{name}.parquet")
            if name not in without_csv:
                pyarrow.csv.write_csv(_with_plain_dates(table), partial / f"{name}.csv")
        written = {each.name for each in partial.iterdir()}
        if add is not None:
            add(partial)
        others = sorted({each.name for each in partial.iterdir()} - written)
        write_manifest(
            partial, {**manifest, OTHERS: others}, [f"{name}.parquet" for name in tables]
        )
        _put_in_place(partial, target)
    except OSError as error:
        raise ResultError(f"Cannot write the result to {target}: {why(error)}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _put_in_place(partial: Path, target: Path) -> None:
    """Give a folder its name; what has the name is set aside, and deleted only afterwards."""
    former = partial.with_suffix(".former")
    if target.exists():
        target.replace(former)
    try:
        partial.replace(target)
    except OSError:
        if former.exists() and not target.exists():
            former.replace(target)
        raise
    shutil.rmtree(former, ignore_errors=True)


def digest(content: bytes, key: bytes = b"") -> str:
    """Return what tells other bytes, or the same under another key: 16 hexadecimal digits."""
    return hashlib.blake2b(content, key=key, digest_size=8).hexdigest()


def write_manifest(folder: Path, manifest: Mapping[str, Any], files: Iterable[str]) -> None:
    """Write the manifest of a folder, with digests of itself and of files that are there."""
    found = {name: digest((folder / name).read_bytes()) for name in files}
    content = {**manifest, FILES: found}
    text = json.dumps(content | {CHECKSUM: _checksum(content)}, indent=2, ensure_ascii=False)
    replace_file(folder / MANIFEST, text.encode())


def _checksum(manifest: Mapping[str, Any]) -> str:
    # Sorted after a round trip, in which keys become text.
    content = json.loads(json.dumps({**manifest, CHECKSUM: None}))
    return digest(json.dumps(content, sort_keys=True).encode())


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
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(folder, f"{MANIFEST} cannot be read ({error})") from error
    if not isinstance(manifest, dict):
        raise damaged(folder, f"{MANIFEST} is not a mapping")
    has_digests = FILES in manifest or CHECKSUM in manifest
    if has_digests and manifest.pop(CHECKSUM, None) != _checksum(manifest):
        raise damaged(folder, f"{MANIFEST} is not as it was written")
    return manifest


def damaged(folder: Path, what: str) -> ResultError:
    """Return the error that says what of a folder is damaged, and what mends it."""
    if (folder / "runs").is_dir():
        mend = f"sim77 sweep {folder} --repair mends it"
    elif (folder / "posterior.csv").is_file():
        mend = "sim77 calibrate with its study writes it again"
    else:
        mend = "make it again with --overwrite"
    return ResultError(f"{folder} is damaged: {what}; {mend}.")


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
        If the folder holds something else, is not complete, or is not as it was written.
    """
    manifest = read_manifest(folder)
    if kind_of(manifest) != kind:
        raise ResultError(f"{folder} holds a {kind_of(manifest)}, not a {kind}.")
    tables = {name: read_table(folder, f"{name}.parquet", manifest) for name in names}
    for name in (FILES, OTHERS):
        manifest.pop(name, None)
    return tables, manifest


def check_columns(
    folder: str | Path, name: str, table: pd.DataFrame, columns: Collection[str]
) -> None:
    """Raise `ResultError` if a table that was read lacks a column, as one of before does."""
    missing = next((each for each in columns if each not in table), None)
    if missing is not None:
        raise ResultError(
            f"{folder} was made by an earlier version of sim77: its table {name} has no column "
            f"'{missing}'. Make it again."
        )


def read_table(folder: Path, name: str, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return a Parquet table of a folder, checked against the manifest."""
    try:
        frame = parquet_frame(read_file(folder, name, manifest))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise damaged(folder, f"{name} cannot be read ({error})") from error
    # Folders of before have dates in units of their own.
    of_before = frame.select_dtypes("datetime")
    return frame.assign(**{str(each): of_before[each].dt.as_unit(DATE_UNIT) for each in of_before})


def read_file(folder: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    """Return what a file of a folder holds, checked against the manifest."""
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError:
        raise damaged(folder, f"{name} is missing") from None
    if FILES in manifest and digest(content) != manifest[FILES].get(name):
        raise damaged(folder, f"{name} is not the file that was written there")
    return content
