"""What is damaged, copied or foreign in a stored result is told, left out and mended."""

import json
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import yaml

import sim77
from sim77.analysis.calibrate.calibrate import TABLES
from sim77.analysis.sweep import Study, Sweep, load_sweep, run_study
from sim77.analysis.sweep.store import damaged_shards, shard_key
from sim77.core.errors import DamageWarning, ResultError, Sim77Error, StudyError
from sim77.report.calibration.facts import read_calibration
from sim77.runs.store import (
    CHECKSUM,
    FILES,
    KIND,
    MANIFEST,
    RUN,
    digest,
    read_manifest,
    read_tables,
    write_folder,
    write_manifest,
)
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory
from tests.calibration_folder import make_calibration

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
Damage = Callable[[Path], None]


def noisy(**changes: object) -> Study:
    given: dict = {
        "evaluator": "tests.sweep_functions:noisy",
        "outcomes": ["y"],
        "levers": {"x": {"low": 0, "high": 1}},
        "design": {"method": "lhs", "samples": 8},
        "replications": 2,
    }
    return Study(**given | changes)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of 16 runs in two shards, the half and the rest."""
    folder = tmp_path_factory.mktemp("sound") / "s"
    run_study(noisy(), folder, workers=0, only="x < 0.5")
    run_study(noisy(), folder, workers=0)
    assert len(shards(folder)) == 2
    return folder


@pytest.fixture
def store(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "s"))


def shards(folder: Path) -> list[Path]:
    return sorted((folder / "runs").glob("*.parquet"))


def table(folder: Path) -> pd.DataFrame:
    """Return the runs of a sweep but for what they cost."""
    found = sim77.load(folder)
    assert isinstance(found, Sweep)
    return found.table().drop(columns="seconds")


def told(folder: Path) -> tuple[pd.DataFrame | None, str]:
    """Return what a folder gives, if anything, and what is said of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = table(folder)
        except Sim77Error as error:
            return None, str(error)
    sentence = {str(each.message) for each in caught if each.category is DamageWarning}
    return found, "\n".join(sentence)


def check(folder: Path, whole: pd.DataFrame, *, harmless: bool) -> None:
    """Hold that damage is told in one sentence or is harmless, and that what is read is true."""
    found, sentence = told(folder)
    assert sentence or (harmless and found is not None and found.equals(whole))
    assert sentence.count("\n") == 0 and (not sentence or str(folder) in sentence)
    if found is not None:
        assert len(found.merge(whole)) == len(found)


def flips(content: bytes, number: int) -> Iterator[bytes]:
    """Yield a file with one bit turned, for bits spread over all of it."""
    for bit in np.unique(np.linspace(0, 8 * len(content) - 1, number).astype(int)):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << (bit % 8)
        yield bytes(changed)


def test_every_turned_bit_of_a_store_is_told_or_harmless(store: Path) -> None:
    whole = table(store)
    files = [
        MANIFEST,
        "design.parquet",
        "study.yaml",
        *(f"runs/{each.name}" for each in shards(store)),
    ]
    for name in files:
        file = store / name
        content = file.read_bytes()
        for changed in flips(content, 120):
            file.write_bytes(changed)
            # A manifest may be written in other ways that say the same.
            check(store, whole, harmless=name == MANIFEST)
        file.write_bytes(content)
    check(store, whole, harmless=True)


def test_a_file_cut_off_anywhere_is_told(store: Path) -> None:
    whole = table(store)
    for name in (MANIFEST, "design.parquet", "study.yaml", f"runs/{shards(store)[0].name}"):
        file = store / name
        content = file.read_bytes()
        for length in np.linspace(0, len(content) - 1, 25).astype(int):
            file.write_bytes(content[:length])
            check(store, whole, harmless=False)
        file.write_bytes(content)


def turn_a_bit(folder: Path) -> None:
    file = shards(folder)[0]
    file.write_bytes(next(flips(file.read_bytes(), 1)))


def cut_off(folder: Path) -> None:
    file = shards(folder)[0]
    file.write_bytes(file.read_bytes()[:-100])


def copy_by_hand(folder: Path) -> None:
    file = shards(folder)[0]
    shutil.copy(file, file.with_stem(f"{file.stem} (1)"))


def bring_from_elsewhere(folder: Path) -> None:
    other = folder.parent / "other"
    run_study(noisy(evaluator="tests.sweep_functions:slow"), other, workers=0)
    file = shards(other)[0]
    shutil.copy(file, folder / "runs" / f"000009-{file.stem.partition('-')[2]}.parquet")


def bring_without_digest(folder: Path) -> None:
    shutil.copy(shards(folder)[0], folder / "runs" / "000007.parquet")


def empty_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_bytes(b"")


def manifest_without_columns(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    del manifest["columns"]
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def spoilt_design(folder: Path) -> None:
    (folder / "design.parquet").write_bytes(b"PAR1")


DAMAGES = (
    turn_a_bit, cut_off, copy_by_hand, bring_from_elsewhere, bring_without_digest, empty_manifest,
    manifest_without_columns, spoilt_design,
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_told_read_and_repaired(damage: Damage, store: Path) -> None:
    whole = table(store)
    damage(store)
    found, sentence = told(store)
    assert f"sim77 sweep {store} --repair" in sentence and "\n" not in sentence
    if found is not None:
        expected = 8 if damage in (turn_a_bit, cut_off) else 16
        assert len(found) == expected == len(found.merge(whole))
    before = {path.read_bytes() for path in store.rglob("*") if path.is_file()}
    if damage is not spoilt_design:  # that one every sweep writes again
        with pytest.raises(Sim77Error, match=f"sim77 sweep {store} --repair"):
            run_study(noisy(), store, workers=0)
        assert before == {path.read_bytes() for path in store.rglob("*") if path.is_file()}
    run_study(store, store, workers=0, repair=True)
    found, sentence = told(store)
    assert found is not None and found.equals(whole) and not sentence
    # Anybody else finds each run once, and nothing is lost that the repair did not understand.
    runs = pd.read_parquet(store / "runs")["run_id"]
    assert len(runs) == len(set(runs)) == 16
    after = {path.read_bytes() for path in store.rglob("*") if path.is_file()}
    assert damage is spoilt_design or len(before - after) <= 1  # the manifest that was sound


def test_a_copy_under_a_number_of_its_own_counts_once(store: Path) -> None:
    whole = table(store)
    file = shards(store)[0]
    shutil.copy(file, file.with_name(file.name.replace("000001", "000008")))
    found, sentence = told(store)
    assert found is not None and found.equals(whole) and not sentence
    assert load_sweep(store).n_runs == 16


def test_runs_of_a_missing_shard_are_missing_and_done_again(store: Path) -> None:
    whole = table(store)
    shards(store)[-1].unlink()
    assert load_sweep(store).n_runs == len(table(store)) == 8
    run_study(noisy(), store, workers=0)
    assert table(store).equals(whole)


def test_an_edited_copy_of_the_study_is_told(store: Path) -> None:
    file = store / "study.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("samples: 8", "samples: 16"))
    found, sentence = told(store)
    assert found is None and "study.yaml is not the file that was written there" in sentence
    with pytest.raises(StudyError, match="not as the last sweep left it"):
        run_study(store, store, workers=0, repair=True)
    sentences: list[str] = []
    run_study(store, store, workers=0, tell=sentences.append)
    assert "study.yaml has changed since the last sweep" in sentences[0]
    assert len(table(store)) == 32


def test_a_store_of_before_there_were_digests_is_read_and_gone_on_with(store: Path) -> None:
    whole = table(store)
    manifest = json.loads((store / MANIFEST).read_text(encoding="utf-8"))
    del manifest[FILES], manifest[CHECKSUM]
    (store / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    for file in shards(store):
        file.rename(file.with_name(f"{file.name[:6]}.parquet"))
    assert table(store).equals(whole)
    run_study(noisy(replications=3), store, workers=0)
    assert load_sweep(store).n_runs == 24
    key = shard_key(read_manifest(store))
    assert key is not None and not damaged_shards(store / "runs", key)


def test_of_two_that_write_at_once_one_is_told_and_the_store_is_whole(tmp_path: Path) -> None:
    study = {
        "evaluator": "tests.sweep_functions:slow", "outcomes": ["y"],
        "levers": {"x": {"low": 0, "high": 1}}, "design": {"method": "lhs", "samples": 60},
    }  # fmt: skip
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    words = [sys.executable, "-m", "sim77", "sweep", str(tmp_path), "--out", str(tmp_path / "s")]
    with psutil.Popen([*words, "--workers", "0"], cwd=ROOT) as first:
        while not (tmp_path / "s" / MANIFEST).is_file():
            assert first.poll() is None
            time.sleep(0.05)
        first.suspend()
        second = subprocess.run(
            [*words, "--workers", "0"], cwd=ROOT, capture_output=True, text=True
        )
        first.resume()
    assert second.returncode == 2 and "another process is writing to" in second.stderr
    assert first.returncode == 0
    runs = pd.read_parquet(tmp_path / "s" / "runs")["run_id"]
    assert load_sweep(tmp_path / "s").n_runs == len(runs) == len(set(runs)) == 60


# Folders of tables ---------------------------------------------------------------------------


@pytest.fixture
def result(tmp_path: Path) -> Path:
    frame = pd.DataFrame({"day": pd.date_range("2014-01-01", periods=20), "trips": np.arange(20.0)})
    manifest = {"seed": 1, "scale": 0.1, "made": "today"}
    return write_folder({"days": frame}, manifest, tmp_path / "r", overwrite=False)


def again(folder: Path, **options: object) -> Path:
    """Write another result of one row over an earlier one."""
    frame = pd.DataFrame({"x": [7.0]})
    return write_folder({"days": frame}, {}, folder, overwrite=True, **options)


def rows_there(folder: Path) -> int:
    """Count the rows of a result that must be the only thing beside it."""
    assert list(folder.parent.iterdir()) == [folder]
    return len(pd.read_parquet(folder / "days.parquet"))


def test_an_earlier_result_stays_where_another_cannot_take_its_place(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_there(result)
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if path.suffix == ".partial":
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ResultError, match="Cannot write the result to"):
        again(result)
    assert rows_there(result) == rows != 1


def test_of_two_that_write_to_one_folder_neither_takes_the_others_files(result: Path) -> None:
    assert again(result, add=lambda folder: again(result) and None) == result
    assert rows_there(result) == 1


def test_whatever_stops_the_writing_leaves_nothing_beside_the_earlier_result(
    result: Path,
) -> None:
    def stop(folder: Path) -> None:
        raise KeyboardInterrupt

    rows = rows_there(result)
    with pytest.raises(KeyboardInterrupt):
        again(result, add=stop)
    assert rows_there(result) == rows


def test_every_turned_bit_of_a_table_or_its_manifest_is_told(result: Path) -> None:
    tables, manifest = read_tables(result, ("days",), RUN)
    assert manifest == {"seed": 1, "scale": 0.1, "made": "today"}
    for name in (MANIFEST, "days.parquet"):
        file = result / name
        content = file.read_bytes()
        cut = (content[:length] for length in range(0, len(content), 50))
        for changed in (*flips(content, 400), *cut):
            file.write_bytes(changed)
            try:
                found, same = read_tables(result, ("days",), RUN)
            except ResultError as error:
                assert f"{result} is damaged: {name}" in str(error) and "--overwrite" in str(error)
                assert "\n" not in str(error)
            else:
                assert name == MANIFEST and found["days"].equals(tables["days"])
                assert same == manifest
        file.write_bytes(content)


def test_a_foreign_or_missing_table_is_told(result: Path) -> None:
    pd.DataFrame({"day": [1], "trips": [2]}).to_parquet(result / "days.parquet")
    with pytest.raises(ResultError, match=r"days\.parquet is not the file that was written there"):
        read_tables(result, ("days",), RUN)
    (result / "days.parquet").unlink()
    with pytest.raises(ResultError, match=r"days\.parquet is missing"):
        read_tables(result, ("days",), RUN)


def test_a_table_of_a_calibration_that_is_cut_off_is_told(tmp_path: Path) -> None:
    folder = make_calibration(tmp_path / "c")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    write_manifest(folder, manifest, [each for each in TABLES if (folder / each).is_file()])
    read_calibration(folder)
    file = folder / "posterior.csv"
    # At the end of a line, where a table of comma-separated values looks whole.
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(ResultError, match=r"posterior\.csv is not the file.*sim77 calibrate"):
        read_calibration(folder)


def test_a_digest_depends_on_its_key() -> None:
    assert digest(b"a") != digest(b"b") and digest(b"a") != digest(b"a", b"key")
    assert len(digest(b"")) == 16


def test_a_run_of_an_earlier_version_is_told_by_the_column_it_lacks(
    tiny_scenario: Scenario, small_territory: Territory, tmp_path: Path
) -> None:
    result = sim77.run(tiny_scenario, territory=str(small_territory.folder))
    result.tables["telecentres_by_day"] = result.telecentres_by_day.drop(columns="known")
    sim77.save(result, tmp_path / "run", overwrite=True)
    with pytest.raises(ResultError, match=r"earlier version of sim77.*no column 'known'\. Make"):
        sim77.load(tmp_path / "run")


def test_so_is_a_comparison(
    tiny_scenario: Scenario, small_territory: Territory, tmp_path: Path
) -> None:
    pair = (tiny_scenario.with_(network=()), tiny_scenario)
    found = sim77.compare(*pair, seeds=2, territory=str(small_territory.folder), processes=1)
    renamed = {"user_days_per_day_a": "worker_days_per_day_a"}
    sim77.save(found, tmp_path / "whole")
    found.tables["telecentres"].rename(columns=renamed).to_parquet(
        tmp_path / "whole" / "telecentres.parquet", index=False
    )
    manifest = json.loads((tmp_path / "whole" / MANIFEST).read_text(encoding="utf-8"))
    files = manifest.pop("files")
    manifest.pop("checksum")
    write_manifest(tmp_path / "whole", manifest, list(files))
    with pytest.raises(ResultError, match=r"earlier version.*no column 'user_days_per_day_a'\."):
        sim77.load(tmp_path / "whole")


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"manifest.json": '{"name": "a web app"}', "src/app.js": ""}, "holds no sim77 result"),
        ({"notes.txt": "mine"}, "holds 'notes.txt' beside its result"),
        ({"sub/manifest.json": "{}"}, "holds 'sub' beside its result"),
    ],
)
def test_only_a_result_is_replaced(there: dict[str, str], said: str, result: Path) -> None:
    folder = result if MANIFEST not in there else result.with_name("other")
    for name, text in there.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with pytest.raises(ResultError, match=said):
        again(folder)
    assert all((folder / name).read_text() == text for name, text in there.items())


def test_a_result_of_another_kind_is_not_replaced(tmp_path: Path) -> None:
    folder = write_folder({}, {KIND: "siting"}, tmp_path / "s", overwrite=False)
    with pytest.raises(ResultError, match="holds a siting, which a run does not replace"):
        again(folder)


@pytest.mark.parametrize("name", [".", "..", "new/.."])
def test_the_folder_one_works_in_is_not_replaced(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ResultError, match="a folder of its own"):
        again(Path(name))
    assert not list(tmp_path.iterdir())
