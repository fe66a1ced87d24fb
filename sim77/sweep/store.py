"""The store of a study: a folder that only grows, whole at every moment, open to any reader.

::

    study.yaml       the study, with copies of the files it reads in inputs/
    manifest.json    versions and hashes of all that decides numbers, and the columns
    design.parquet   one row a design point: design, point, factors
    runs/*.parquet   one row a run: run_id, point, seed, factors, outcomes, seconds
    failures/*.parquet   one row a failed attempt: run_id, point, seed, factors, error

``point`` is a hash of all that decides a point's numbers, and ``run_id`` is that and the seed: a
run is never stored twice, and an edited study finds what is there. A shard is written under
another name, forced to disk and renamed, so that it is there whole or not at all. One process
writes, and holds a lock meanwhile; any number may read.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet

import sim77
from sim77.errors import StudyError
from sim77.store import KIND, MANIFEST, SWEEP, kind_of, read_manifest

if TYPE_CHECKING:
    from sim77.sweep.study import Study

DESIGN_FILE = "design.parquet"
RUNS, FAILURES = "runs", "failures"
RUN_ID, POINT, SEED, DRAW = "run_id", "point", "seed", "draw"
ERROR_COLUMNS = ("error_type", "message")

_LOCK = ".lock"
_ROWS_A_SHARD = 2000
_SPARING: dict[str, Any] = {"row_group_size": 1000, "use_dictionary": False}
"""Names of points are all different: a dictionary of ten thousand takes 18 MB (measured)."""
_SHARE_AT_RISK = 0.01
_SECONDS_AT_RISK = (3.0, 60.0)
"""A kill may cost a hundredth of the time spent, but 3 seconds at least and a minute at most."""


def run_id(point: str, seed: int) -> str:
    """Return the name of a run in the store."""
    return f"{point}-{seed}"


class SweepStore:
    """An open store; `open_store` makes one.

    Parameters
    ----------
    folder : Path
    study : Study
    """

    def __init__(self, folder: Path, study: Study) -> None:
        self.folder, self.study = folder, study
        identity = [(RUN_ID, pa.string()), (POINT, pa.string()), (SEED, pa.int64())]
        if study.draws is not None:
            identity.append((DRAW, pa.int64()))
        for factor in study.factors:
            identity.append((factor.name, pa.string() if factor.is_text else pa.float64()))
        values = [(name, pa.float64()) for name in (*study.scalars, "seconds")]
        values += [(name, pa.list_(pa.float64())) for name, _ in study.lists]
        self._runs = _Shards(folder / RUNS, pa.schema(identity + values))
        errors = [(name, pa.string()) for name in ERROR_COLUMNS]
        self._failures = _Shards(folder / FAILURES, pa.schema(identity + errors))

    @property
    def columns(self) -> dict[str, str]:
        """The columns of a run, and their types."""
        return {field.name: str(field.type) for field in self._runs.schema}

    def add_run(self, row: Mapping[str, Any]) -> None:
        """Keep a run; it is on disk after a few seconds, or at `flush`."""
        self._runs.add(row)

    def add_failure(self, row: Mapping[str, Any]) -> None:
        """Keep a failed run."""
        self._failures.add(row)

    def flush(self) -> None:
        """Write what is not on disk yet."""
        self._runs.flush()
        self._failures.flush()

    def stored(self) -> set[str]:
        """Return the names of the runs that are there."""
        return set(read_shards(self.folder / RUNS, [RUN_ID])[RUN_ID].to_pylist())

    def failed(self) -> set[str]:
        """Return the names of the runs that have failed at least once."""
        return set(read_shards(self.folder / FAILURES, [RUN_ID])[RUN_ID].to_pylist())


@contextmanager
def open_store(folder: Path, study: Study) -> Iterator[SweepStore]:
    """Open the store of a study for writing, new or not, and write what is left at the end.

    Parameters
    ----------
    folder : Path
    study : Study

    Yields
    ------
    SweepStore

    Raises
    ------
    StudyError
        If another process writes to it, or if it holds anything but runs of this study made by
        this version from these data; nothing is changed then.
    """
    _check_folder(folder)
    new = not (folder / MANIFEST).is_file()
    store, pins = SweepStore(folder, study), _pins(study)
    if not new:
        _check_pins(folder, store, pins)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        for name in (RUNS, FAILURES):
            (folder / name).mkdir(exist_ok=True)
            for left in (folder / name).glob(".*.tmp"):
                left.unlink()
        if new or study.folder.resolve() != folder.resolve():
            study.save(folder)
        _write_design(folder, study)
        _write_manifest(folder, store, pins)
        try:
            yield store
        finally:
            try:
                store.flush()
            except KeyboardInterrupt:
                store.flush()
                raise


def read_shards(folder: Path, columns: Sequence[str]) -> pa.Table:
    """Return the columns wanted of all shards of a folder; text columns without any."""
    files = sorted(str(path) for path in folder.glob("*.parquet"))
    if not files:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    return pyarrow.dataset.dataset(files).to_table(columns=list(columns))


class _Shards:
    """A folder of Parquet files that grows."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder, self.schema = folder, schema
        # Rows not on disk yet, and the file they go to once a first attempt has named it: an
        # interrupted attempt is made again into the same file, so that no row is there twice.
        self._pending: tuple[str, list[Mapping[str, Any]]] = ("", [])
        self._opened = self._flushed = time.monotonic()

    def add(self, row: Mapping[str, Any]) -> None:
        rows = self._pending[1]
        rows.append(row)
        now = time.monotonic()
        low, high = _SECONDS_AT_RISK
        at_risk = min(max(_SHARE_AT_RISK * (now - self._opened), low), high)
        if len(rows) >= _ROWS_A_SHARD or now - self._flushed >= at_risk:
            self.flush()

    def flush(self) -> None:
        self._flushed = time.monotonic()
        name, rows = self._pending
        if not rows:
            return
        if not name:
            last = max((int(path.stem) for path in self.folder.glob("*.parquet")), default=0)
            name = f"{last + 1:06d}"
            self._pending = (name, rows)
        partial = self.folder / f".{name}.tmp"
        table = pa.Table.from_pylist(list(rows), schema=self.schema)
        pyarrow.parquet.write_table(table, partial, **_SPARING)
        _to_disk(partial)
        os.replace(partial, self.folder / f"{name}.parquet")
        _to_disk(self.folder)
        self._pending = ("", [])


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlast a power cut."""
    if path.is_dir() and sys.platform == "win32":
        return  # Windows opens no folder, and keeps the names in its own journal.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a store; the system lets go of it when the process ends, however it does."""
    try:
        lock = filelock.FileLock(folder / _LOCK).acquire(blocking=False)
    except filelock.Timeout as error:
        raise StudyError(f"another process is writing to {folder}.") from error
    with lock:
        yield


def _check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything else than a store, or the beginnings of one."""
    if folder.exists() and not folder.is_dir():
        raise StudyError(f"the output must be a folder, but {folder} is a file.")
    if (folder / MANIFEST).is_file():
        kind = kind_of(read_manifest(folder))
        if kind != SWEEP:
            raise StudyError(f"{folder} holds a {kind}, not the runs of a study.")
    elif (
        folder.is_dir()
        and any(folder.iterdir())
        # Windows takes the lock's file away with the lock.
        and not ((folder / _LOCK).is_file() or (folder / RUNS).is_dir())
    ):
        raise StudyError(f"the folder {folder} is not empty and holds no runs of a study.")


def _pins(study: Study) -> dict[str, Any]:
    """Return what decides numbers besides the study itself."""
    return {
        "sim77": sim77.__version__,
        "evaluator": study.evaluator or "sim77",
        "territory": None if study.evaluator else study.where.hash,
        "registries": registries_hash(),
    }


def registries_hash() -> str:
    """Return the sha256, in hexadecimal, of the files that say what parameters and levers are."""
    package, registries = resources.files("sim77"), hashlib.sha256()
    for name in ("parameters.yaml", "levers.yaml"):
        registries.update(package.joinpath(name).read_bytes())
    return registries.hexdigest()


_PINNED = {
    "sim77": "by another version of sim77 ({found})",
    "evaluator": "with another evaluator ({found})",
    "territory": "from other data of the territory",
    "registries": "with other values in parameters.yaml or levers.yaml",
}


def _check_pins(folder: Path, store: SweepStore, pins: Mapping[str, Any]) -> None:
    manifest = read_manifest(folder)
    for name, how in _PINNED.items():
        found = manifest.get("pins", {}).get(name)
        if found != pins[name]:
            raise StudyError(
                f"the runs in {folder} were made {how.format(found=found)}: give another --out."
            )
    if manifest["columns"] != store.columns:
        raise StudyError(
            f"the runs in {folder} have other factors or outcomes than this study: give another "
            "--out."
        )


def _write_manifest(folder: Path, store: SweepStore, pins: Mapping[str, Any]) -> None:
    from sim77.run import made_with

    manifest = {
        KIND: SWEEP,
        "pins": pins,
        "columns": store.columns,
        "coordinates": coordinates(store.study),
        **made_with(),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    _replace(folder / MANIFEST, text.encode())


def coordinates(study: Study) -> dict[str, list[str]]:
    """Return what the entries of the lists that a study keeps are: days, communes, telecentres."""
    from sim77.calendar import working_days

    wanted = {outcome.by for _, outcome in study.lists}
    known = {
        "day": lambda: [str(day) for day in working_days(*study.days)],
        "commune": lambda: [str(code) for code in study.where.communes["code"]],
        "telecentre": lambda: [str(name) for name in study.where.telecentres["telecentre_id"]],
    }
    return {what: make() for what, make in known.items() if what in wanted}


def _write_design(folder: Path, study: Study) -> None:
    points = study.points
    keys = [study.point_key(design) for design in range(len(points))]
    frame = pd.concat([pd.DataFrame({"design": points.index, POINT: keys}), points], axis=1)
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pyarrow.parquet.write_table(table, sink, **_SPARING)
    _replace(folder / DESIGN_FILE, sink.getvalue().to_pybytes())


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole, or leave the one that is there."""
    partial = path.with_name(f".{path.name}.tmp")
    partial.write_bytes(content)
    _to_disk(partial)
    os.replace(partial, path)
