"""Stored studies for the app's tests: a planted rule, a real small sweep, a search for sites."""

import shutil
from pathlib import Path
from unittest import mock

import pandas as pd
import pyarrow as pa

from sim77.analysis.siting.options import Options
from sim77.analysis.siting.result import Siting
from sim77.analysis.siting.run import find_sites
from sim77.analysis.sweep.runner import run_study
from sim77.analysis.sweep.store import shard_key, study_files, write_shard
from sim77.analysis.sweep.study import Study
from sim77.runs.store import read_manifest, write_manifest
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory

EFFECT = "effect_co2e_travel_kg"
PLANTED, GRID, REAL, HALF, DAMAGED, OTHER, SITES = (
    "planted", "grid", "real", "half", "damaged", "other-version", "sites",
)  # fmt: skip
TITLE = {"fr": "Postes et prix", "en": "Desks and price"}
QUESTION = {"fr": "Où cela aide-t-il ?", "en": "Where does it help?"}


def planted(folder: Path, design: dict, levers: dict) -> None:
    """Run a study of a rule planted in noise: it helps from 12 desks on, up to a price of 9."""
    study = Study(
        evaluator="tests.analysis_functions:planted_plainly", levers=levers, design=design,
        replications=2, outcomes=[EFFECT, "effect_chance"], title=TITLE, question=QUESTION,
    )  # fmt: skip
    run_study(study, folder, workers=0)


def grid(folder: Path) -> None:
    """Run a study on a small grid."""
    levers = {"desks": {"values": [5, 20, 30]}, "price": {"values": [3, 15]}}
    planted(folder, {"method": "grid"}, levers)


def make_studies(folder: Path) -> None:
    """Fill a folder with sweeps: whole, half done, damaged, of another version."""
    planted(
        folder / PLANTED, {"method": "lhs", "samples": 120},
        {"desks": {"low": 1, "high": 40, "unit": "desks"},
         "price": {"low": 0, "high": 20, "unit": "€"},
         "leaflets": {"values": ["none", "<many>"]}},
    )  # fmt: skip
    grid(folder / GRID)
    for name in (HALF, DAMAGED):
        shutil.copytree(folder / GRID, folder / name)
    runs, key = folder / HALF / "runs", shard_key(read_manifest(folder / HALF))
    table = pa.Table.from_pandas(pd.read_parquet(runs).head(4), preserve_index=False)
    for each in runs.glob("*.parquet"):
        each.unlink()
    write_shard(runs, 1, table, key)
    next((folder / DAMAGED / "runs").glob("*.parquet")).write_bytes(b"PAR1 no such thing")
    with mock.patch("sim77.analysis.sweep.store.__version__", "0.0.1"):
        grid(folder / OTHER)
    study = (folder / OTHER / "study.yaml").read_text(encoding="utf-8")
    (folder / OTHER / "study.yaml").write_text(study + "colour: blue\n", encoding="utf-8")
    write_manifest(folder / OTHER, read_manifest(folder / OTHER), study_files(folder / OTHER))


def real_sweep(folder: Path) -> None:
    """Run the model itself at two prices, twice each, beside its baseline."""
    study = Study(
        scenario="network-2014", baseline="no-telecentres", title=TITLE, question=QUESTION,
        levers={"price_day": {"values": [2, 12], "target": "all"}}, replications=2, scale=0.01,
        period={"from": "2014-09-22", "to": "2014-09-23"}, outcomes=["remote_days", "home"],
    )  # fmt: skip
    run_study(study, folder, workers=0)


def small_siting(scenario: Scenario, territory: Territory) -> Siting:
    """Search for two sites on the small territory."""
    options = Options(
        sites=2, budget=400e3, sizes=(3, 9), days=1, evaluations=4, training_seeds=1,
        fresh_seeds=2, random=3, draws=2, from_scratch=True,
    )  # fmt: skip
    return find_sites(
        options, scenario, overrides={"burn_in_days": 2.0}, territory=str(territory.folder),
        workers=0,
    )  # fmt: skip


def moved(siting: Siting, territory: Territory) -> Siting:
    """Return a search with its places moved to the first communes of another territory."""
    codes = siting.candidates["commune_code"].tolist()
    communes = territory.communes.head(len(codes))
    to_code = dict(zip(codes, communes["code"], strict=True))
    to_row = communes.set_index("code")
    tables = {}
    for name, table in siting.tables.items():
        frame = table.copy()
        if "commune_code" in frame:
            frame["commune_code"] = [to_code[code] for code in frame["commune_code"]]
            for column in ("name", "lat", "lon"):
                if column in frame:
                    frame[column] = to_row.loc[frame["commune_code"], column].to_numpy()
        if name == "search":
            frame["sites"] = [
                " ".join(f"{to_code[site[:5]]}{site[5:]}" for site in sites.split())
                for sites in frame["sites"]
            ]
        tables[name] = frame
    where = {"name": territory.name, "hash": territory.hash, "folder": None}
    return Siting(tables, {**siting.manifest, "territory": where})
