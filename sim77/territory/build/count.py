"""Count the rows of commuting files by home and place of work; nothing is dropped unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sim77.core.errors import TerritoryError
from sim77.core.units import WORKPLACE_ZONES
from sim77.territory.build.formats import Batch, MobproFile, read_batches

CHANGES = Path(__file__).parent / "commune_changes.csv"

ZONE_OF_DEPARTEMENT = {
    "75": "paris",
    **dict.fromkeys(("92", "93", "94"), "inner-ring"),
    **dict.fromkeys(("77", "78", "91", "95"), "outer-ring"),
}
"""The territory's own département is ``within`` whatever it is called here."""

DEPARTEMENTS = tuple(
    [f"{number:02}" for number in range(1, 96) if number != 20] + ["2A", "2B", "97", "98"]
)
ABROAD, NOT_GIVEN = len(DEPARTEMENTS), len(DEPARTEMENTS) + 1
DESTINATIONS = len(DEPARTEMENTS) + 2
"""The départements, then abroad, then no workplace given."""

CODES, UNKNOWN_CODE = 10, 9
"""One-digit codes of TRANS and CS1; 9 stands for all that is none of them."""


@dataclass(frozen=True)
class Outcome:
    """How many rows, and how many persons they stand for."""

    rows: int = 0
    persons: float = 0.0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.rows + other.rows, self.persons + other.persons)


@dataclass(frozen=True)
class Places:
    """Where codes belong.

    Attributes
    ----------
    communes
        ``n`` codes of the territory.
    codes
        The same, then the old codes of communes that were merged into one of them.
    commune_of
        ``(len(codes),)`` int, the commune of each code.
    departements
        Those of the territory.
    zone_of
        ``(DESTINATIONS,)`` int, the workplace zone of each destination; -1 none.
    """

    communes: tuple[str, ...]
    codes: tuple[str, ...]
    commune_of: np.ndarray
    departements: tuple[str, ...]
    zone_of: np.ndarray


@dataclass
class FlowCounts:
    """What was counted in a file, or in several.

    Attributes
    ----------
    rows_read, persons_read
        Everything.
    rows, persons
        ``(n_communes, DESTINATIONS)`` by home and département of work (then abroad, not given).
    modes
        ``(n_communes, n_zones, 10)`` persons by code of TRANS; 9: none of the codes.
    occupations
        ``(n_zones, 10)`` persons by code of CS1.
    renamed, unmapped
        Old or unknown code of residence to what lives there.
    outside, homeless
        Rows of residents elsewhere, and without a residence.
    smallest
        Least weight of a row kept.
    """

    rows: np.ndarray
    persons: np.ndarray
    modes: np.ndarray
    occupations: np.ndarray
    rows_read: int = 0
    persons_read: float = 0.0
    renamed: dict[str, Outcome] = field(default_factory=dict)
    unmapped: dict[str, Outcome] = field(default_factory=dict)
    outside: Outcome = Outcome()
    homeless: Outcome = Outcome()
    smallest: float = np.inf

    def zone_persons(self, places: Places) -> np.ndarray:
        """Return the persons who work in the zones, ``(n_communes, n_zones)``."""
        return np.stack(
            [
                self.persons[:, places.zone_of == zone].sum(axis=1)
                for zone in range(len(WORKPLACE_ZONES))
            ],
            axis=1,
        )


# Places --------------------------------------------------------------------------------------


def find_places(communes: tuple[str, ...]) -> Places:
    """Return where residence and workplace codes belong, old codes included."""
    table = pd.read_csv(CHANGES, dtype=str)
    new_of = dict(zip(table["old_code"], table["new_code"], strict=True))
    index = {code: place for place, code in enumerate(communes)}
    merged = {old: index[new] for old, new in new_of.items() if new in index and old not in index}
    departements = tuple(sorted({code[:2] for code in communes}))
    zones = [
        "within" if each in departements else ZONE_OF_DEPARTEMENT.get(each, "")
        for each in DEPARTEMENTS
    ]
    zone_of = [WORKPLACE_ZONES.index(zone) if zone else -1 for zone in zones]
    return Places(
        communes=communes,
        codes=communes + tuple(merged),
        commune_of=np.array([*range(len(communes)), *merged.values()]),
        departements=departements,
        zone_of=np.array([*zone_of, -1, -1]),
    )


def _residences(texts: dict[str, pa.StringArray], places: Places) -> np.ndarray:
    """Return ``(n,)`` int positions in ``places.codes``; -1 for others."""
    known = pa.array(places.codes)
    found = pc.index_in(texts["residence"], known)
    if "arrondissement" in texts:
        # Paris, Lyon and Marseille: a territory may list arrondissements instead of the city.
        found = pc.coalesce(found, pc.index_in(texts["arrondissement"], known))
    return _positions(found)


def _destinations(codes: pa.StringArray) -> np.ndarray:
    """Return ``(n,)`` int, the département of work, abroad or not given."""
    # Codes kept as numbers have lost the zero of 01 to 09.
    padded = pc.utf8_lpad(codes, 5, "0")
    found = _positions(pc.index_in(pc.utf8_slice_codeunits(padded, 0, 2), pa.array(DEPARTEMENTS)))
    missing = pc.is_in(padded, pa.array(["00000", "ZZZZZ"])).to_numpy(zero_copy_only=False)
    return np.where(missing, NOT_GIVEN, np.where(found < 0, ABROAD, found))


def _positions(found: pa.Int32Array) -> np.ndarray:
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False)


# Counting ------------------------------------------------------------------------------------


def _empty(places: Places) -> FlowCounts:
    communes, zones = len(places.communes), len(WORKPLACE_ZONES)
    return FlowCounts(
        rows=np.zeros((communes, DESTINATIONS), dtype=np.int64),
        persons=np.zeros((communes, DESTINATIONS)),
        modes=np.zeros((communes, zones, CODES)),
        occupations=np.zeros((zones, CODES)),
    )


def count(file: MobproFile, places: Places) -> FlowCounts:
    """Count one file, batch by batch: memory does not grow with it."""
    counts = _empty(places)
    for batch in read_batches(file):
        _count_batch(batch, places, counts)
    return counts


def _count_batch(batch: Batch, places: Places, counts: FlowCounts) -> None:
    residence, persons = _residences(batch.texts, places), batch.persons
    counts.rows_read += len(persons)
    counts.persons_read += float(persons.sum())
    _count_others(batch, residence < 0, places, counts)
    kept = np.flatnonzero(residence >= 0)
    if not len(kept):
        return
    texts = {role: column.take(pa.array(kept)) for role, column in batch.texts.items()}
    residence, persons = residence[kept], persons[kept]
    home, work = places.commune_of[residence], _destinations(texts["workplace"])
    counts.smallest = min(counts.smallest, float(persons.min()))
    np.add.at(counts.rows, (home, work), 1)
    np.add.at(counts.persons, (home, work), persons)
    old = residence >= len(places.communes)
    _count_codes(np.array(places.codes)[residence[old]], persons[old], counts.renamed)
    zone = places.zone_of[work]
    near = zone >= 0
    if "mode" in texts:
        codes = _digits(texts["mode"])
        np.add.at(counts.modes, (home[near], zone[near], codes[near]), persons[near])
    if "occupation" in texts:
        codes = _digits(texts["occupation"])
        np.add.at(counts.occupations, (zone[near], codes[near]), persons[near])


def _count_others(batch: Batch, others: np.ndarray, places: Places, counts: FlowCounts) -> None:
    """Account for rows whose residence is not in the territory."""
    codes = batch.texts["residence"].filter(pa.array(others))
    persons = batch.persons[others]
    blank = pc.is_in(codes, pa.array(["", "ZZZZZ"])).to_numpy(zero_copy_only=False)
    prefix = pc.utf8_slice_codeunits(codes, 0, 2)
    inside = pc.is_in(prefix, pa.array(places.departements)).to_numpy(zero_copy_only=False)
    _count_codes(codes.filter(pa.array(inside)).to_pylist(), persons[inside], counts.unmapped)
    outside = ~blank & ~inside
    counts.homeless += Outcome(int(blank.sum()), float(persons[blank].sum()))
    counts.outside += Outcome(int(outside.sum()), float(persons[outside].sum()))


def _count_codes(
    codes: Sequence[str] | np.ndarray, persons: np.ndarray, outcomes: dict[str, Outcome]
) -> None:
    for code, weight in zip(codes, persons, strict=True):
        outcomes[str(code)] = outcomes.get(str(code), Outcome()) + Outcome(1, float(weight))


def _digits(codes: pa.StringArray) -> np.ndarray:
    """Return ``(n,)`` int, the one-digit codes; 9 for everything else."""
    found = _positions(pc.index_in(codes, pa.array(list("012345678"))))
    return np.where(found < 0, UNKNOWN_CODE, found)


def count_all(found: Sequence[MobproFile], places: Places) -> FlowCounts:
    """Count all files, and refuse what would count persons twice or not at all."""
    all_counts = [count(file, places) for file in found]
    for place, counts in enumerate(all_counts):
        if not counts.rows_read:
            raise TerritoryError(f"{found[place].name} has column names, but no rows.")
        for earlier in range(place):
            if counts.rows.any() and np.array_equal(all_counts[earlier].persons, counts.persons):
                raise TerritoryError(
                    f"{found[earlier].name} and {found[place].name} hold the same persons; "
                    "give the file once."
                )
    total = reduce(_sum, all_counts)
    if not total.persons[:, places.zone_of >= 0].sum() > 0:
        raise TerritoryError(
            f"{found[0].name}: none of its {total.rows_read:,} rows is a resident of a commune of "
            f"the territory ({places.communes[0]}, …) at work in Île-de-France."
        )
    return total


def _sum(one: FlowCounts, other: FlowCounts) -> FlowCounts:
    return FlowCounts(
        rows=one.rows + other.rows,
        persons=one.persons + other.persons,
        modes=one.modes + other.modes,
        occupations=one.occupations + other.occupations,
        rows_read=one.rows_read + other.rows_read,
        persons_read=one.persons_read + other.persons_read,
        renamed=_joined(one.renamed, other.renamed),
        unmapped=_joined(one.unmapped, other.unmapped),
        outside=one.outside + other.outside,
        homeless=one.homeless + other.homeless,
        smallest=min(one.smallest, other.smallest),
    )


def _joined(one: dict[str, Outcome], other: dict[str, Outcome]) -> dict[str, Outcome]:
    return {
        code: one.get(code, Outcome()) + other.get(code, Outcome()) for code in {**one, **other}
    }
