"""The store of a study: a folder that only grows, whole at every moment, open to any reader.

::

    study.yaml       the study, with copies of the files it reads in inputs/
    manifest.json    versions and hashes of all that decides numbers, and the columns
    design.parquet   one row a design point: design, point, factors
    runs/*.parquet   one row a run: run_id, point, seed, factors, outcomes, seconds
    failures/*.parquet   one row a failed attempt: run_id, point, seed, factors, error
    damaged/         what a repair has set aside

``point`` is a hash of all that decides a point's numbers, and ``run_id`` is that and the seed: a
run is never stored twice, and an edited study finds what is there. A shard is written under
another name, forced to disk and renamed, so that it is there whole or not at all. Its name ends in
a digest of its bytes and of what its store was made with (`shard_key`): a shard that is damaged or
comes from elsewhere is told and left out. One process writes, and holds a lock meanwhile; any
number may read.
"""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from sim77.analysis.sweep.study import INPUTS, STUDY_FILE
from sim77.core.calendar import working_days
from sim77.core.errors import DamageWarning, ResultError, StudyError
from sim77.core.files import LOCK_FILE, locked, parquet_table, replace_file
from sim77.core.version import __version__
from sim77.registry.levers import levers
from sim77.registry.parameters import defaults_hash, load_parameters
from sim77.runs.run import made_with
from sim77.runs.store import (
    FILES,
    KIND,
    MANIFEST,
    SWEEP,
    damaged,
    digest,
    kind_of,
    read_file,
    read_manifest,
    write_manifest,
)

if TYPE_CHECKING:
    from sim77.analysis.sweep.study import Study

DESIGN_FILE = "design.parquet"
RUNS, FAILURES, ASIDE = "runs", "failures", "damaged"
RUN_ID, POINT, SEED, DRAW = "run_id", "point", "seed", "draw"
ERROR_COLUMNS = ("error_type", "message")

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

    Attributes
    ----------
    columns : dict of str to str
        The columns of a run, and their types.
    pins : dict
        What decides numbers besides the study itself.
    changed : list of str
        Files of the store's own copy of the study that are not as the last sweep left them.
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
        errors = [(name, pa.string()) for name in ERROR_COLUMNS]
        schema = pa.schema(identity + values)
        self.columns = {field.name: str(field.type) for field in schema}
        self.pins = _pins(study)
        self.key = _key(self.pins, self.columns)
        self.changed: list[str] = []
        self._runs = _Shards(folder / RUNS, schema, self.key)
        self._failures = _Shards(folder / FAILURES, pa.schema(identity + errors), self.key)

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

    def runs(self, columns: Sequence[str]) -> pa.Table:
        """Return columns of the runs that are on disk."""
        return read_shards(self.folder / RUNS, columns, self.key)

    def stored(self) -> set[str]:
        """Return the names of the runs that are there."""
        return set(self.runs([RUN_ID])[RUN_ID].to_pylist())

    def failed(self) -> set[str]:
        """Return the names of the runs that have failed at least once."""
        failures = read_shards(self.folder / FAILURES, [RUN_ID], self.key)
        return set(failures[RUN_ID].to_pylist())


@contextmanager
def open_store(folder: Path, study: Study, *, repair: bool = False) -> Iterator[SweepStore]:
    """Open the store of a study for writing, new or not, and write what is left at the end.

    Parameters
    ----------
    folder : Path
    study : Study
    repair : bool
        Set aside what is damaged, into the folder ``damaged``; otherwise it is refused.

    Yields
    ------
    SweepStore

    Raises
    ------
    StudyError
        If another process writes to it, if it holds anything but runs of this study made by this
        version from these data, or if it is damaged; nothing is changed then.
    ResultError
        If its manifest is damaged.
    """
    manifest = _manifest_in(folder, repair=repair)
    store = SweepStore(folder, study)
    own = folder.is_dir() and study.folder.resolve() == folder.resolve()
    if manifest is not None:
        _check_pins(manifest, store)
        store.changed = _changed_inputs(folder, manifest) if own else []
    if repair and store.changed:
        raise StudyError(
            f"{folder / store.changed[0]} is not as the last sweep left it: repair the store by "
            f"the study's own file, sim77 sweep STUDY --out {folder} --repair."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        for name in (RUNS, FAILURES):
            (folder / name).mkdir(exist_ok=True)
            for left in (folder / name).glob(".*.tmp"):
                left.unlink()
        if manifest is None and (folder / MANIFEST).is_file():
            _set_aside(folder, folder / MANIFEST)
        elif manifest is not None and FILES not in manifest:
            _give_names(store)
        _check_shards(store, repair=repair)
        if not own:
            study.save(folder)
        _write_design(folder, study)
        _write_manifest(store)
        try:
            yield store
        finally:
            try:
                store.flush()
            except KeyboardInterrupt:
                store.flush()
                raise


def shard_key(manifest: Mapping[str, Any]) -> bytes | None:
    """Return the key of the digests in a store's names; None: one of before there were any."""
    return _key(manifest["pins"], manifest["columns"]) if FILES in manifest else None


def _key(pins: Mapping[str, Any], columns: Mapping[str, str]) -> bytes:
    content = json.dumps([pins, columns], sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=32).digest()


def read_shards(folder: Path, columns: Sequence[str], key: bytes | None) -> pa.Table:
    """Return the columns wanted of all sound shards of a folder; text columns without any.

    What is left out is told in a `DamageWarning`. A run is there twice where someone has copied
    shards of one store into another.
    """
    tables, damage = [], []
    for path in sorted(folder.glob("*.parquet")):
        table = _read_shard(path, columns, key)
        if table is None:
            damage.append(path)
        else:
            tables.append(table)
    if damage:
        warnings.warn(_told(damage, ", and left out"), DamageWarning, stacklevel=2)
    if not tables:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    return pa.concat_tables(tables)


def damaged_shards(folder: Path, key: bytes | None) -> list[Path]:
    """Return the files among the shards of a folder that are damaged or come from elsewhere."""
    shards = sorted(folder.glob("*.parquet"))
    return [path for path in shards if _read_shard(path, (RUN_ID,), key) is None]


def write_shard(folder: Path, number: int, table: pa.Table, key: bytes, **options: Any) -> Path:
    """Write a shard whole or not at all, and return its path."""
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink, **options)
    content = sink.getvalue().to_pybytes()
    path = folder / f"{number:06d}-{digest(content, key)}.parquet"
    replace_file(path, content)
    return path


def _read_shard(path: Path, columns: Sequence[str], key: bytes | None) -> pa.Table | None:
    """Return the columns wanted of a shard, or None if its bytes are not those of its name."""
    try:
        content, number = path.read_bytes(), _number(path)
    except FileNotFoundError:  # a repair has just set it aside
        return None
    name = f"{number:06d}" if key is None else f"{number:06d}-{digest(content, key)}"
    if path.stem != name:
        return None
    try:
        return parquet_table(content, columns=list(columns))
    except (OSError, ValueError, pa.ArrowException):
        return None


def _number(shard: Path) -> int:
    number = shard.stem.partition("-")[0]
    return int(number) if number.isdecimal() else 0


def _told(damage: Sequence[Path], consequence: str) -> str:
    """Say in one sentence which shards are damaged and what mends them."""
    first, store, more = damage[0], damage[0].parents[1], len(damage) - 1
    which, them = (f"{first} and {more} more are", "them") if more else (f"{first} is", "it")
    return (
        f"{which} damaged or from elsewhere{consequence}: sim77 sweep {store} --repair sets "
        f"{them} aside and does missing runs again."
    )


class _Shards:
    """A folder of Parquet files that grows."""

    def __init__(self, folder: Path, schema: pa.Schema, key: bytes) -> None:
        self.folder, self.schema, self.key = folder, schema, key
        # Rows not on disk yet, and the number of their shard once a first attempt has chosen it:
        # an interrupted attempt is made again under this number, so that no row is there twice.
        self._pending: tuple[int, list[Mapping[str, Any]]] = (0, [])
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
        number, rows = self._pending
        if not rows:
            return
        if not number:
            number = max((_number(path) for path in self.folder.glob("*.parquet")), default=0) + 1
            self._pending = (number, rows)
        table = pa.Table.from_pylist(list(rows), schema=self.schema)
        written = write_shard(self.folder, number, table, self.key, **_SPARING)
        for earlier in self.folder.glob(f"{number:06d}-*.parquet"):
            if earlier != written:
                earlier.unlink()
        self._pending = (0, [])


def _manifest_in(folder: Path, *, repair: bool) -> dict[str, Any] | None:
    """Return the manifest of a store; None where there is none, or a damaged one to be repaired.

    A folder that holds anything else than a store, or the beginnings of one, is refused.
    """
    if folder.exists() and not folder.is_dir():
        raise StudyError(f"the output must be a folder, but {folder} is a file.")
    if (folder / MANIFEST).is_file():
        try:
            manifest = read_manifest(folder)
        except ResultError:
            if repair and (folder / RUNS).is_dir():
                return None
            raise
        if kind_of(manifest) != SWEEP:
            raise StudyError(f"{folder} holds a {kind_of(manifest)}, not the runs of a study.")
        return manifest
    if (
        folder.is_dir()
        and any(folder.iterdir())
        # Windows takes the lock's file away with the lock.
        and not ((folder / LOCK_FILE).is_file() or (folder / RUNS).is_dir())
    ):
        raise StudyError(f"the folder {folder} is not empty and holds no runs of a study.")
    return None


def _changed_inputs(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return which files of a stored study are not as the last sweep left them."""
    changed = []
    for name in manifest.get(FILES, ()):
        try:
            read_file(folder, name, manifest)
        except ResultError:
            changed.append(name)
    return [name for name in changed if name != DESIGN_FILE]  # that one is made from the study


def _check_shards(store: SweepStore, *, repair: bool) -> None:
    """Refuse shards that are damaged, or set them aside."""
    for what in (RUNS, FAILURES):
        damage = damaged_shards(store.folder / what, store.key)
        if damage and not repair:
            raise StudyError(_told(damage, ""))
        for path in damage:
            _set_aside(store.folder, path)


def _set_aside(folder: Path, path: Path) -> None:
    (folder / ASIDE).mkdir(exist_ok=True)
    target = folder / ASIDE / path.name
    while target.exists():
        target = target.with_name(f"again-{target.name}")
    path.replace(target)


def _give_names(store: SweepStore) -> None:
    """Give shards of before there were digests names with theirs."""
    for what in (RUNS, FAILURES):
        damage = damaged_shards(store.folder / what, None)
        for path in set((store.folder / what).glob("*.parquet")) - set(damage):
            path.replace(path.with_stem(f"{path.stem}-{digest(path.read_bytes(), store.key)}"))


def _pins(study: Study) -> dict[str, Any]:
    """Return what decides numbers besides the study itself."""
    return {
        "sim77": __version__,
        "evaluator": study.evaluator or "sim77",
        "territory": None if study.evaluator else study.where.hash,
        "registries": registries_hash(),
    }


def registries_hash() -> str:
    """Return the sha256, in hexadecimal, of what numbers depend on in parameters and levers.

    Words about them, sources and notes do not count: runs outlive a better explanation.
    """
    ranges = [[name, each.low, each.high, each.whole] for name, each in load_parameters().items()]
    meanings = [
        [each.name, each.kind, each.low, each.high, each.neutral, each.target, each.sets]
        for each in levers().values()
    ]
    content = json.dumps([defaults_hash(), ranges, meanings], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


_PINNED = {
    "sim77": "by another version of sim77 ({found})",
    "evaluator": "with another evaluator ({found})",
    "territory": "from other data of the territory",
    "registries": "with other values in parameters.yaml or levers.yaml",
}


def _check_pins(manifest: Mapping[str, Any], store: SweepStore) -> None:
    pins = manifest.get("pins")
    if not isinstance(pins, dict):
        raise damaged(store.folder, f"{MANIFEST} does not say what its runs were made with")
    for name, how in _PINNED.items():
        found = pins.get(name)
        if found != store.pins[name]:
            raise StudyError(
                f"the runs in {store.folder} were made {how.format(found=found)}: give another "
                "folder (--out)."
            )
    if manifest.get("columns") != store.columns:
        raise StudyError(
            f"the runs in {store.folder} have other factors or outcomes than this study: give "
            "another folder (--out)."
        )


def _write_manifest(store: SweepStore) -> None:
    folder = store.folder
    manifest = {
        KIND: SWEEP,
        "pins": store.pins,
        "columns": store.columns,
        "coordinates": coordinates(store.study),
        **made_with(),
    }
    write_manifest(folder, manifest, study_files(folder))


def study_files(folder: Path) -> list[str]:
    """Return the names of the files that say what a stored study is."""
    inputs = sorted(each.name for each in (folder / INPUTS).glob("*") if each.is_file())
    return [STUDY_FILE, DESIGN_FILE, *(f"{INPUTS}/{name}" for name in inputs)]


def coordinates(study: Study) -> dict[str, list[str]]:
    """Return what the entries of the lists that a study keeps are: days, communes, telecentres."""
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
    replace_file(folder / DESIGN_FILE, sink.getvalue().to_pybytes())
