"""Put stored studies into the package, small, so that the app shows them without being given any.

::

    python -m experiments.ship                        # every shipped study that is in out/
    python -m experiments.ship out/co2-uncertainties  # this one

A shipped study is the store itself with its runs in one file, so that `sim77.load` and the app read
it like any other. One of the same name is replaced.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pyarrow.parquet

from sim77.analysis.siting.result import PLAN, TABLES, load_siting
from sim77.analysis.sweep.results import load_sweep
from sim77.analysis.sweep.store import (
    DESIGN_FILE,
    FAILURES,
    RUNS,
    shard_key,
    study_files,
    write_shard,
)
from sim77.app.studies.folders import SHIPPED
from sim77.core.errors import ResultError, Sim77Error
from sim77.runs.store import MANIFEST, SITING, SWEEP, kind_of, read_manifest, write_manifest

HERE = Path(__file__).parent
MOST_BYTES = 1_500_000
"""More than this is no small table: such a study is not shipped."""


def ship(folder: Path, catalogue: Path = SHIPPED) -> Path:
    """Put one stored study into a folder of shipped ones.

    Parameters
    ----------
    folder : Path
        Of ``sim77 sweep`` or ``sim77 site``; its name becomes the study's.
    catalogue : Path

    Returns
    -------
    Path
        Where it is now.

    Raises
    ------
    ResultError
        If the folder is no finished study, is too large, or names a folder of this machine.
    """
    manifest = read_manifest(folder)
    kind = kind_of(manifest)
    if kind not in (SWEEP, SITING):
        raise ResultError(f"{folder} holds a {kind}, expected a study or a search for sites.")
    name = folder.resolve().name
    partial = catalogue / f".{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        (_sweep if kind == SWEEP else _siting)(folder, partial, manifest)
        size = sum(each.stat().st_size for each in partial.rglob("*") if each.is_file())
        if size > MOST_BYTES:
            raise ResultError(f"{folder} is {size / 1e6:.1f} MB, too large to be shipped.")
        target = catalogue / name
        shutil.rmtree(target, ignore_errors=True)
        partial.replace(target)
        return target
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _sweep(folder: Path, target: Path, manifest: dict[str, Any]) -> None:
    """Copy a sweep with the runs that its study has now, in one file."""
    sweep = load_sweep(folder)
    study = sweep.study
    if study.territory is not None:
        raise ResultError(f"{folder} is of another territory, which is not in the package.")
    planned = study.n_points * study.repeats.at_least
    if sweep.n_runs < planned:
        raise ResultError(f"{folder} has {sweep.n_runs} of {planned} runs: finish it first.")
    study.save(target)
    shutil.copyfile(folder / DESIGN_FILE, target / DESIGN_FILE)
    write_manifest(target, manifest, study_files(target))
    key = shard_key(read_manifest(target))
    assert key is not None
    for what in (RUNS, FAILURES):
        files = sorted(str(each) for each in (folder / what).glob("*.parquet"))
        if files:
            (target / what).mkdir()
            rows = pyarrow.dataset.dataset(files).to_table()
            write_shard(target / what, 1, rows, key, compression="zstd")


def _siting(folder: Path, target: Path, manifest: dict[str, Any]) -> None:
    siting = load_siting(folder)
    if siting.manifest["territory"]["folder"] is not None:
        raise ResultError(f"{folder} is of another territory, which is not in the package.")
    for name in TABLES:
        rows = pyarrow.parquet.read_table(folder / f"{name}.parquet")
        pyarrow.parquet.write_table(rows, target / f"{name}.parquet", compression="zstd")
    shutil.copyfile(folder / PLAN, target / PLAN)
    write_manifest(target, manifest, [f"{name}.parquet" for name in TABLES])


def main(words: Sequence[str] | None = None) -> int:
    """Ship what the command line names, by default all studies of this folder that are in out/."""
    parser = argparse.ArgumentParser(description="Put stored studies into the package.")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    folders = parser.parse_args(words).folders or _in_out()
    if not folders:
        print("There is no study to ship in out/: run one first.", file=sys.stderr)
        return 2
    try:
        for folder in folders:
            target = ship(folder)
            size = sum(each.stat().st_size for each in target.rglob("*") if each.is_file())
            print(f"{folder} is now in {target.relative_to(HERE.parent)} ({size / 1e3:.0f} kB)")
    except Sim77Error as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _in_out() -> list[Path]:
    names = sorted(each.name for each in SHIPPED.iterdir())
    return [Path("out") / name for name in names if (Path("out") / name / MANIFEST).is_file()]


if __name__ == "__main__":
    sys.exit(main())
