"""The list of stored studies: what each asks, when and with what it was made, how far it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim77.analysis.siting.result import load_siting
from sim77.analysis.sweep.store import (
    DESIGN_FILE,
    POINT,
    RUN_ID,
    RUNS,
    damaged_shards,
    read_shards,
    registries_hash,
    shard_key,
)
from sim77.analysis.sweep.study import STUDY_FILE
from sim77.core.errors import ResultError, Sim77Error, StudyError
from sim77.core.version import __version__
from sim77.core.yaml_file import read_yaml
from sim77.report.locale import LANGUAGES
from sim77.report.siting.text import Facts, base_name, locale_of, title
from sim77.runs.store import SITING, SWEEP, kind_of, read_manifest, read_table

BROKEN = (Sim77Error, OSError, ValueError, TypeError, KeyError, AttributeError, LookupError)
"""What reading a damaged folder may raise (Arrow's errors are ValueError, OSError or KeyError)."""


def catalogue(places: Iterable[tuple[str, str]], territory_hash: str) -> list[dict[str, Any]]:
    """Return one entry a stored study, the newest first; other results are left out.

    Parameters
    ----------
    places : iterable of (str, str)
        Name and folder, from `sim77.app.studies.folders.Catalogue`.
    territory_hash : str
        Of the app's territory.

    Returns
    -------
    list of dict
        ``name``, ``form`` (``sweep`` or ``siting``), ``title`` and ``question`` by language,
        ``made`` (ISO date), ``runs``, ``planned`` (None if open), ``latest`` (when the last runs
        were stored), ``sim77``, ``differs`` (what it was made with that is not the app's); or
        ``name`` and ``damaged``.
    """
    found = [entry(name, Path(folder), territory_hash) for name, folder in places]
    listed = [each for each in found if each is not None]
    return sorted(listed, key=lambda each: str(each.get("made", "")), reverse=True)


def entry(name: str, folder: Path, territory_hash: str) -> dict[str, Any] | None:
    """Return the entry of one folder, as in `catalogue`; None if it holds another result."""
    try:
        manifest = read_manifest(folder)
        kind = kind_of(manifest)
        if kind not in (SWEEP, SITING):
            return None
        own = _sweep(folder, manifest) if kind == SWEEP else _siting(folder)
        return {
            "name": name,
            "form": kind,
            "made": str(manifest.get("made", ""))[:10],
            **_versions(manifest, kind, territory_hash),
            **own,
        }
    except BROKEN:
        return {"name": name, "damaged": True}


def _sweep(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    content = read_yaml(folder / STUDY_FILE, StudyError)[1]
    points = read_table(folder, DESIGN_FILE, manifest)[POINT]
    key = shard_key(manifest)
    for damage in damaged_shards(folder / RUNS, key):
        raise ResultError(f"{damage} is damaged.")
    runs = read_shards(folder / RUNS, (RUN_ID, POINT), key).to_pandas().drop_duplicates(RUN_ID)
    shards = (folder / RUNS).glob("*.parquet")
    repeats = content.get("replications", 1)
    latest = max((each.stat().st_mtime for each in shards), default=None)
    return {
        "title": _by_language(content.get("title"), folder.name),
        "question": _by_language(content.get("question"), ""),
        # Those of the study as it is now.
        "runs": int(points.value_counts().reindex(runs[POINT]).sum()),
        "planned": len(points) * repeats if isinstance(repeats, int) else None,
        "latest": _local(latest),
    }


def _siting(folder: Path) -> dict[str, Any]:
    facts = Facts(load_siting(folder))
    locales = {language: locale_of(language) for language in LANGUAGES}
    runs = int(facts.manifest["cost"]["runs"])
    return {
        "title": {language: title(facts, locale) for language, locale in locales.items()},
        "question": {language: base_name(facts, locale) for language, locale in locales.items()},
        "runs": runs,
        "planned": runs,
        "latest": None,
    }


def _versions(manifest: Mapping[str, Any], kind: str, territory_hash: str) -> dict[str, Any]:
    """Return the version that made a study, and what of it is not the app's own."""
    if kind == SITING:
        version, data = manifest["sim77"], manifest["territory"]["hash"]
        registries = registries_hash()
    else:
        pins = manifest["pins"]
        version, data, registries = pins["sim77"], pins["territory"], pins["registries"]
    differs = [
        what
        for what, theirs, ours in (
            ("version", version, __version__),
            # A study of another function than the model has no territory.
            ("data", data or territory_hash, territory_hash),
            ("parameters", registries, registries_hash()),
        )
        if theirs != ours
    ]
    return {"sim77": str(version), "differs": differs}


def _by_language(text: Any, instead: str) -> dict[str, str]:
    if isinstance(text, Mapping):
        either = str(next(iter(text.values()), instead))
        return {name: str(text.get(name) or either) for name in LANGUAGES}
    return dict.fromkeys(LANGUAGES, str(text or instead))


def _local(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return dt.datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="minutes")
