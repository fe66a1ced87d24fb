"""Files that are whole or not there, and folders that one process writes to at a time.

Whoever is stopped, by Ctrl-C, a kill or a power cut, leaves each file as it was or as it will be.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import filelock
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim77.core.errors import ResultError, Sim77Error, StudyError, why

LOCK_FILE = ".lock"
DATE_UNIT: Final = "us"
"""In which tables count dates. Parquet keeps it, so that they are the same when read back."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name of a partial file, which takes the place of another once it is written.

    Parameters
    ----------
    path : pathlib.Path
        The file to make or to replace; it stays as it is if writing the partial one fails.

    Yields
    ------
    pathlib.Path
        Beside it; what an interrupted call left there is gone.

    Raises
    ------
    ResultError
        If something else than a file is there: a device would be no device any more.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ResultError(f"The output must be a file, but '{path}' is none.")
    partial = path.with_name(f".{path.name}.tmp")
    partial.unlink(missing_ok=True)
    try:
        yield partial
        to_disk(partial)
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)  # what does not fit on a full disk is in the way there
        raise
    to_disk(path.parent)


def check_new_file(path: Path, *, overwrite: bool) -> None:
    """Refuse a file that is there already, or a name that no file can have."""
    if path.is_dir() or not path.name:
        raise ResultError(f"The output must be a file, but '{path}' is a folder.")
    if path.exists() and not overwrite:
        raise ResultError(
            f"{path} is there already; add --overwrite to replace it (in Python: overwrite=True)."
        )


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole, or leave the one that is there."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def replace_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 whole, or leave the one that is there."""
    replace_file(path, text.encode())


def to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlast a power cut."""
    if path.is_dir() and sys.platform == "win32":
        return  # Windows opens no folder, and keeps the names in its own journal.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def parquet_table(source: Path | bytes, **how: Any) -> pa.Table:
    """Return what a Parquet file holds, given its path or its content, read by this thread alone.

    Threads of Arrow's that are still at work when a short program ends make it abort
    (apache/arrow, issue 34314).

    Parameters
    ----------
    source : pathlib.Path or bytes
    **how
        ``columns``, those wanted, and ``read_dictionary``, those to be read as categories.
    """
    stream = pa.BufferReader(source) if isinstance(source, bytes) else str(source)
    columns = how.pop("columns", None)
    with pq.ParquetFile(stream, pre_buffer=False, **how) as file:
        return file.read(columns=columns, use_threads=False)


def parquet_frame(source: Path | bytes, **how: Any) -> pd.DataFrame:
    """Return the same as a data frame."""
    return parquet_table(source, **how).to_pandas(use_threads=False)


def dates_of(days: Iterable[dt.date | str]) -> pd.DatetimeIndex:
    """Return days as tables have them, also where there are none."""
    return pd.DatetimeIndex(list(days)).as_unit(DATE_UNIT)


def texts_of(values: Iterable[str]) -> Any:
    """Return a column of text, which is one also where it is empty."""
    return pd.Series(list(values), dtype=str).array


def given_table(path: Path, what: str, error: type[Sim77Error] = StudyError) -> pd.DataFrame:
    """Read a table that a user gives, in Parquet or in CSV with commas and UTF-8.

    Parameters
    ----------
    path : pathlib.Path
    what : str
        What an error calls the table: ``"the posterior"``.
    error : type
        What is raised, in one sentence, if the file cannot be read or has two columns of one name.
    """
    try:
        if path.suffix == ".parquet":
            return parquet_frame(path)
        head = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False)
        columns, table = head.iloc[0].tolist(), pd.read_csv(path)
    except UnicodeDecodeError:
        said = "it is not UTF-8; save it as UTF-8"
    except pd.errors.EmptyDataError:
        said = "it is empty"
    except OSError as mistake:
        said = why(mistake)
    except (ValueError, pa.ArrowException) as mistake:
        said = " ".join(str(mistake).split()).rstrip(".")
    else:
        twice = next((each for each in columns if columns.count(each) > 1), None)
        if twice is not None:
            raise error(f"{what} {path} has two columns '{twice}'.")
        if len(columns) == 1 and ";" in columns[0]:
            raise error(f"{what} {path} has ';' between its columns, expected commas.")
        if not isinstance(table.index, pd.RangeIndex):
            # pandas takes the first cells of longer rows for names of the rows.
            raise error(
                f"{what} {path} has more cells in its rows than the {len(columns)} names of its "
                "first line; write decimals with a point."
            )
        return table
    raise error(f"{what} {path} cannot be read: {said}.")


def csv_of(table: pd.DataFrame) -> str:
    """Return a table as CSV with six digits, the same on every system."""
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; the system lets go of it when the process ends, however it does.

    Raises
    ------
    StudyError
        If another process holds it.
    """
    try:
        lock = filelock.FileLock(folder / LOCK_FILE).acquire(blocking=False)
    except filelock.Timeout as error:
        raise StudyError(f"another process is writing to {folder}.") from error
    with lock:
        yield
