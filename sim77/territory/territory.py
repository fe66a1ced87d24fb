"""A territory: communes, flows, workplaces, rail, roads, telecentres, as typed tables.

Seine-et-Marne ships with the package; any folder of tables of the same form works the same way.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from sim77.core.errors import TerritoryError, nearest
from sim77.registry.parameters import FrozenDict
from sim77.territory.built import OriginDestination, built_problems, read_built
from sim77.territory.example import write_example
from sim77.territory.settings import FORM, read_settings
from sim77.territory.sites import all_sites

__all__ = ["SHIPPED", "Territory", "check_territory", "load_territory", "write_example"]

DATA = Path(__file__).parent / "data"
SHIPPED = DATA / "seine-et-marne"
SHAPE_FILES = ("communes.geojson", "departements.geojson")


@dataclass(frozen=True, eq=False)
class Territory:
    """The tables of a territory; one attribute a file, columns as in `sim77.territory.schema`.

    Codes and dates are text (dates as YYYY-MM-DD; blank is ``""``), counts and 0/1 flags int64,
    other numbers float64. Columns a file may leave out are there all the same.

    Attributes
    ----------
    name : str
        Name of the folder.
    folder : Path
        Where the tables were read.
    communes, flows, workplaces, lines, rail_changes, telecentres, telecentre_names, sources : \
pandas.DataFrame
        The tables.
    od : OriginDestination
        Modes by pair of home and workplace.
    hash : str
        SHA-256 over all the tables (not maps, nor names of stops and telecentres): the same tables
        give the same hash.
    data_hashes : dict of str to str
        SHA-256 of each table's file.
    without_new_lines : Territory, optional
        The territory as its folder has it, if a scenario has added lines to this one
        (`sim77.territory.build.new_lines`).
    """

    name: str
    folder: Path
    communes: pd.DataFrame
    flows: pd.DataFrame
    workplaces: pd.DataFrame
    lines: pd.DataFrame
    rail_changes: pd.DataFrame
    telecentres: pd.DataFrame
    telecentre_names: pd.DataFrame
    sources: pd.DataFrame
    hash: str
    data_hashes: dict[str, str]
    od: OriginDestination
    without_new_lines: Territory | None = None

    @property
    def as_read(self) -> Territory:
        """The territory as its folder has it."""
        return self.without_new_lines or self

    @cached_property
    def workplace_zones(self) -> tuple[str, ...]:
        """The names of the workplace zones, in their order."""
        return tuple(self.od.settings["scopes"])

    @property
    def labels(self) -> dict[str, str]:
        """What the territory is called, by language."""
        return dict(self.od.settings["label"])

    @property
    def default_zones(self) -> tuple[str, ...]:
        """The workplace zones of a run that names none."""
        return tuple(self.od.settings["default_scopes"])

    @property
    def central_zone(self) -> str:
        """The workplace zone to which a toll or a low-emission zone applies: the first."""
        return self.workplace_zones[0]

    @property
    def base_day(self) -> dt.date:
        """First day of the base year: its railway carries the background, before any policy."""
        return dt.date(self.od.settings["base_year"], 1, 1)

    @cached_property
    def parameters(self) -> Mapping[str, float]:
        """Parameters fitted for this territory; a scenario's own values hold above them."""
        if self.od.scale is None:
            return FrozenDict()
        return FrozenDict({"mu_mode": self.od.scale})

    @property
    def ships(self) -> bool:
        """Whether it comes with sim77, made of public data: not one of a user, nor the example."""
        return self.folder.parent == DATA and self.folder.name in territory_names()

    @property
    def reference(self) -> str | None:
        """How commands and manifests name it: a shipped one by its name, None for the default."""
        if self.folder == SHIPPED:
            return None
        return self.name if self.folder.parent == DATA else str(self.folder.absolute())

    @cached_property
    def sites(self) -> pd.DataFrame:
        """The telecentres, in their order, and below them a new one in each commune.

        See `sim77.territory.sites`.
        """
        return all_sites(self.telecentres, self.communes)

    @cached_property
    def site_labels(self) -> dict[str, dict[str, str]]:
        """What telecentres are called, by id and language.

        That is the name of the table, unless ``telecentre_names.csv`` has one in each language;
        apostrophes are those of print, which tables seldom have.
        """
        names = zip(self.sites["telecentre_id"], self.sites["name"], strict=True)
        own = self.telecentre_names.to_dict("records")
        labels = {site: {"fr": name, "en": name} for site, name in names} | {
            row["telecentre_id"]: {"fr": row["name_fr"], "en": row["name_en"]} for row in own
        }
        return {
            site: {language: name.replace("'", "’") for language, name in label.items()}
            for site, label in labels.items()
        }

    @cached_property
    def scenarios(self) -> dict[str, Path]:
        """The territory's own scenario files, ``scenarios/NAME.yaml`` in its folder, by name."""
        files = self.folder.glob("scenarios/*.yaml")
        return {file.stem: file for file in sorted(files, key=lambda file: file.stem)}

    def shapes(self) -> dict[str, Any] | None:
        """Return the communes' outlines as GeoJSON, or None if the folder has none."""
        return _map(self.folder / "communes.geojson")

    def departements(self) -> dict[str, Any] | None:
        """Return the outlines of the départements around, or None if the folder has none."""
        return _map(self.folder / "departements.geojson")


def check_territory(folder: str | Path) -> list[str]:
    """Return the problems of a territory's tables and maps; an empty list: none.

    Parameters
    ----------
    folder : str or Path
        The folder that holds the tables.

    Returns
    -------
    list of str
        One sentence a problem; at most ten of the same kind in a column.
    """
    folder = Path(folder)
    problems = built_problems(folder)
    for file in SHAPE_FILES:
        problems += _shape_problems(folder / file)
    return problems


def _shape_problems(path: Path) -> list[str]:
    """Check that a map, if there is one, is a GeoJSON collection whose features have codes."""
    if not path.is_file():
        return []
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        coded = all("code" in feature["properties"] for feature in features)
    except (ValueError, KeyError, TypeError):
        coded = False
    if coded:
        return []
    return [f"{path.name}: must be a GeoJSON FeatureCollection whose features have a 'code'."]


def load_territory(folder: Territory | str | Path | None = None) -> Territory:
    """Read and check a territory.

    Parameters
    ----------
    folder : str or Path, optional
        Name of a shipped territory, or the folder of its tables; the shipped Seine-et-Marne if
        left out. A folder is read again only when its files have changed. A territory that has been
        read is given back as it is.

    Raises
    ------
    TerritoryError
        The tables have a problem: the first one, and how many others there are.
    """
    if folder is None:
        return _shipped()
    if isinstance(folder, Territory):
        return folder
    if not isinstance(folder, str | Path) or folder == "":
        raise TerritoryError(
            f"A territory is a name, a folder, or one that has been read, not {folder!r}."
        )
    place = Path(folder)
    if not place.exists():
        name, names = str(folder), territory_names()
        if name not in names:
            raise TerritoryError(
                f"{name}: there is no such folder, and no territory of that name ships with "
                f"sim77.{nearest(name, names)}"
            )
        place = DATA / name
    kinds = ("*.csv", "scenarios/*.yaml", "*.parquet", FORM, "transit/*.*", "road/*.*")
    files = sorted(file for kind in kinds for file in place.glob(kind))
    stamps = tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    return _read(place, stamps)


def territory_names() -> tuple[str, ...]:
    """Return the names of the shipped territories, that of the examples left out."""
    return tuple(sorted(each.name for each in DATA.iterdir() if each.name not in ("example",)))


@lru_cache(maxsize=1)
def territory_labels() -> dict[str, dict[str, str]]:
    """Return what the shipped territories are called, by name and language; none is read whole."""
    return {name: dict(read_settings(DATA / name)["label"]) for name in territory_names()}


@lru_cache(maxsize=1)
def _shipped() -> Territory:
    return _read(SHIPPED, ())


@lru_cache(maxsize=4)
def _read(folder: Path, stamps: tuple[tuple[Path, int, int], ...]) -> Territory:
    """Read the tables; the stamps of the files are part of the key under which they are cached."""
    tables, od, hashes = read_built(folder)
    return Territory(
        name=folder.resolve().name,
        folder=folder,
        hash=_joined(hashes),
        data_hashes=hashes,
        od=od,
        without_new_lines=None,
        **tables,
    )


def _joined(hashes: Mapping[str, str]) -> str:
    text = "".join(f"{file}:{hashes[file]}\n" for file in sorted(hashes))
    return hashlib.sha256(text.encode()).hexdigest()


def _map(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    return _geojson(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _geojson(path: Path, stamp: int) -> dict[str, Any]:
    """Read a map; when its file was written is part of the key under which it is cached."""
    if problems := _shape_problems(path):
        raise TerritoryError(problems[0])
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
