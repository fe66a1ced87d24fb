"""Say what became of every row of an import, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sim77.core.units import WORKPLACE_ZONES
from sim77.territory.build.count import (
    ABROAD,
    DEPARTEMENTS,
    NOT_GIVEN,
    UNKNOWN_CODE,
    FlowCounts,
    Outcome,
    Places,
)
from sim77.territory.build.formats import MobproFile

FARMERS = 1
KNOWN_GROUPS = (1, 2, 3, 4, 5, 6)
LARGE_FLOWS_ONLY = 100
_MOST_NAMED = 20


@dataclass(frozen=True)
class FileRead:
    """One table that was read."""

    name: str
    kind: str
    size_bytes: int


@dataclass(frozen=True)
class Merged:
    """An old code of residence and the commune it now belongs to."""

    code: str
    commune: str
    rows: int
    persons: float


@dataclass(frozen=True)
class ImportReport:
    """What was read, mapped and left out; ``str()`` is the readable form.

    Attributes
    ----------
    source
        What the tables name as their source.
    vintage
        Census year; None if unknown.
    files
        What was read.
    read
        All rows.
    kept
        Residents of the territory's communes: those of `zones`, `elsewhere`, `abroad` and
        `workplace_missing`.
    zones, workers
        Workplace zone to rows and persons, and to whole workers in flows.csv.
    elsewhere
        Workplaces in other départements, by département; not in the flows.
    abroad, workplace_missing
        Workplaces abroad, and rows without one; not in the flows.
    outside, residence_missing
        Residents of other départements, and rows without a residence; not kept.
    unmapped
        Codes of residence in the territory's département that no commune has; not kept.
    merged
        Old codes that were counted with the commune they were merged into.
    without_rows
        Communes of the territory that no row names; their flows are 0.
    farmers, occupation_unknown, mode_unknown
        Persons in the flows but in no occupation group, of unknown group, of unknown mode; None
        where the file does not tell.
    notes
        Sentences on what to be careful with.
    """

    source: str
    vintage: int | None
    files: tuple[FileRead, ...]
    read: Outcome
    kept: Outcome
    zones: dict[str, Outcome]
    workers: dict[str, int]
    elsewhere: dict[str, Outcome]
    abroad: Outcome
    workplace_missing: Outcome
    outside: Outcome
    residence_missing: Outcome
    unmapped: dict[str, Outcome]
    merged: tuple[Merged, ...]
    without_rows: tuple[str, ...]
    farmers: float | None
    occupation_unknown: float | None
    mode_unknown: float | None
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def make_report(
    found: Sequence[MobproFile],
    places: Places,
    counts: FlowCounts,
    vintage: int | None,
    workers: np.ndarray,
) -> ImportReport:
    """Return the report of a count; ``workers`` is ``(n_communes, n_zones)`` int."""
    rows, persons = counts.rows.sum(axis=0), counts.persons.sum(axis=0)
    outcomes = [Outcome(int(n), float(p)) for n, p in zip(rows, persons, strict=True)]
    zones = {
        zone: sum((outcomes[i] for i in np.flatnonzero(places.zone_of == place)), Outcome())
        for place, zone in enumerate(WORKPLACE_ZONES)
    }
    far = [i for i in range(len(DEPARTEMENTS)) if places.zone_of[i] < 0 and rows[i]]
    far.sort(key=lambda i: -persons[i])
    modes = all("mode" in each.positions for each in found)
    groups = all("occupation" in each.positions for each in found)
    codes = counts.occupations.sum(axis=0)
    without = [c for c, n in zip(places.communes, counts.rows.sum(axis=1), strict=True) if not n]
    return ImportReport(
        source=f"INSEE MOBPRO {vintage or 'of unknown year'}",
        vintage=vintage,
        files=tuple(FileRead(f.name, f.kind, f.path.stat().st_size) for f in found),
        read=Outcome(counts.rows_read, counts.persons_read),
        kept=sum(outcomes, Outcome()),
        zones=zones,
        workers=dict(zip(WORKPLACE_ZONES, workers.sum(axis=0).tolist(), strict=True)),
        elsewhere={DEPARTEMENTS[i]: outcomes[i] for i in far},
        abroad=outcomes[ABROAD],
        workplace_missing=outcomes[NOT_GIVEN],
        outside=counts.outside,
        residence_missing=counts.homeless,
        unmapped=dict(sorted(counts.unmapped.items())),
        merged=_merged(places, counts),
        without_rows=tuple(without),
        farmers=float(codes[FARMERS]) if groups else None,
        occupation_unknown=float(codes.sum() - codes[list(KNOWN_GROUPS)].sum()) if groups else None,
        mode_unknown=float(counts.modes[..., UNKNOWN_CODE].sum()) if modes else None,
        notes=_notes(found, counts, vintage, modes, groups),
    )


def _merged(places: Places, counts: FlowCounts) -> tuple[Merged, ...]:
    commune_of = dict(zip(places.codes, places.commune_of, strict=True))
    return tuple(
        Merged(code, places.communes[commune_of[code]], outcome.rows, outcome.persons)
        for code, outcome in sorted(counts.renamed.items())
    )


def _notes(
    found: Sequence[MobproFile], counts: FlowCounts, vintage: int | None, modes: bool, groups: bool
) -> tuple[str, ...]:
    notes = ["INSEE advises care with counts below 200 persons: they rest on few answers."]
    if vintage is None:
        notes.append("Neither names nor columns tell the census year; give it with vintage.")
        if modes:
            notes.append("The codes of TRANS were read by whether the code 6 (from 2017) occurs.")
    if not modes:
        notes.append("No column TRANS: mode_shares.csv was not written.")
    if not groups:
        notes.append("No column CS1 or GS: occupations.csv is that of the territory copied.")
    if found[0].kind == "aggregated" and counts.smallest >= LARGE_FLOWS_ONLY:
        notes.append(
            f"No flow is below {LARGE_FLOWS_ONLY} persons: this looks like INSEE's extract of the "
            "larger flows, which leaves out much of the small communes."
        )
    unread = sorted({member for each in found for member in each.unread})
    if unread:
        notes.append(f"Not read, for they hold no commuting table: {', '.join(unread)}.")
    return tuple(notes)


# Text ----------------------------------------------------------------------------------------


def _lines(report: ImportReport) -> list[str]:
    lines = [report.source + ": " + ", ".join(f"{f.name} ({f.kind})" for f in report.files), ""]
    lines.append(f"{'':44}{'rows':>12}{'persons':>14}{'workers':>12}")
    lines.append(_line("read", report.read))
    lines.append(_line("residents of the territory, kept", report.kept))
    for zone, outcome in report.zones.items():
        lines.append(_line(f"  work in {zone}", outcome) + f"{report.workers[zone]:>12,}")
    elsewhere = sum(report.elsewhere.values(), Outcome())
    lines.append(_line("  work elsewhere in France, not in flows", elsewhere))
    lines.append(_line("  work abroad, not in flows", report.abroad))
    lines.append(_line("  workplace not given, not in flows", report.workplace_missing))
    lines.append(_line("residents of other départements", report.outside))
    lines.append(_line("residence not given", report.residence_missing))
    lines.append(_line("residence code unknown", sum(report.unmapped.values(), Outcome())))
    lines += ["", *_details(report)]
    return lines


def _line(label: str, outcome: Outcome) -> str:
    return f"{label:44}{outcome.rows:>12,}{outcome.persons:>14,.1f}"


def _details(report: ImportReport) -> list[str]:
    lines = [
        f"{each.code} counted with {each.commune}: {each.rows:,} rows, {each.persons:,.1f} persons"
        for each in report.merged
    ]
    if report.unmapped:
        named = [f"{code} ({each.persons:,.1f})" for code, each in report.unmapped.items()]
        lines.append(f"Unknown codes of residence (persons): {_listed(named)}")
    if report.elsewhere:
        named = [f"{code} ({each.persons:,.1f})" for code, each in report.elsewhere.items()]
        lines.append(f"Elsewhere by département (persons): {_listed(named)}")
    if report.without_rows:
        lines.append(f"Communes without rows, flows 0: {_listed(report.without_rows)}")
    if report.farmers is not None:
        lines.append(
            f"Occupations: {report.farmers:,.1f} farmers and {report.occupation_unknown:,.1f} "
            "persons of unknown group are in the flows, not in the mix"
        )
    if report.mode_unknown is not None:
        lines.append(
            f"Modes: {report.mode_unknown:,.1f} persons of unknown mode, not in the shares"
        )
    return lines + list(report.notes)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
