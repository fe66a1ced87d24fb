"""Proper names of stops that a timetable writes in capitals without accents.

"FONTAINEBLEAU AVON" becomes "Fontainebleau–Avon": places and words are spelled as the zones spell
them, else as stops that are not in capitals do, else as `SPELLED` does; any other word has one
capital.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

SPELLED = (
    "Allée", "Broué", "Château-Thierry", "Chénay", "Chézy", "Clairières", "Crépy",
    "Élisabethville", "Épine", "Épluches", "Européen", "Grésillons", "Hacquinière",
    "La Ferté-Milon", "Le Plessis-Belleville", "Lozère", "Notre-Dame", "Président",
    "Saint-Leu-d'Esserent", "Trie-Château", "Valérien", "Vallées", "Veneux-les-Sablons",
)  # fmt: skip
"""Words whose accents zones and other stops may lack, and places beyond the zones."""
PARTICLES = {
    "A": "à", "AU": "au", "AUX": "aux", "D": "d", "DE": "de", "DES": "des", "DU": "du", "EN": "en",
    "L": "l", "LA": "la", "LE": "le", "LES": "les", "SOUS": "sous", "SUR": "sur",
}  # fmt: skip
"""Words with small letters, but at the beginning."""
_LINKS = {"AUX", "EN", "L", "LA", "LE", "LES", "SOUS", "SUR"}
"""Particles that stand between hyphens in the name of a place."""
_NOT_SHORT = {
    "BOIS", "CHAMP", "CHATEAU", "FORET", "GRAND", "PETIT", "PORT", "SAINT", "SAINTE", "VAL", "VERT",
    "VILLE",
}  # fmt: skip
"""First words of communes that are no short form of their names."""
_BEFORE_NAMES = {"GRAND", "GRANDE", "GROS", "GROSSE", "PETIT", "PETITE", "VAL"}
"""Words that belong to the name after them."""
_KEPT = {"RER", "TER", "TGV"}
_LONG = {"ST": "SAINT", "STE": "SAINTE"}
_WORD = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[^\W\d_]+(?:[-' ][^\W\d_]+)*")


class _Piece(NamedTuple):
    """A place or a word, and what stood before it."""

    text: str
    kind: Literal["place", "city", "word", "particle"]
    before: str


def plain(text: str) -> str:
    """Return a text in capitals without accents and ligatures."""
    split = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "Oe"))
    return "".join(each for each in split if not unicodedata.combining(each)).upper()


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(plain(text)))


def _in_capitals(text: str) -> bool:
    """Say whether a text has a word that is nothing but capitals."""
    words = _WORD.findall(text)
    return any(len(word) > 1 and word.isupper() and word not in _KEPT for word in words)


@dataclass(frozen=True)
class Spelling:
    """How places and words are written.

    Attributes
    ----------
    zones
        Names of communes or arrondissements.
    stops
        Names of stops that are not in capitals.
    """

    zones: tuple[str, ...]
    stops: tuple[str, ...] = ()

    @cached_property
    def cities(self) -> set[str]:
        """The cities that zones are arrondissements of."""
        return {plain(each.split()[0]) for each in self.zones if each.endswith("Arrondissement")}

    @cached_property
    def places(self) -> dict[tuple[str, ...], str]:
        """Whole names by their words, then names of zones without an article, then short ones."""
        stops = (each for each in self.stops if "(" not in each)
        several = (each for each in (*stops, *SPELLED) if len(_words(each)) > 1)
        found: dict[tuple[str, ...], str] = {}
        for name in (*self.zones, *several):
            found.setdefault(_words(name), name)
        for name in self.zones:
            article, _, rest = name.partition(" ")
            if article in ("La", "Le", "Les") and len(_words(rest)) > 1:
                found.setdefault(_words(rest), rest)
        for name in sorted(self.zones):
            ends = [each.end() for each in _WORD.finditer(name)]
            words = _words(name)
            for n in range(1, len(words)):
                if words[n - 1] not in _NOT_SHORT and words[n - 1] not in PARTICLES:
                    found.setdefault(words[:n], name[: ends[n - 1]])
        return found

    @cached_property
    def words(self) -> dict[str, str]:
        """The most frequent spelling of each word, that of zones before that of stops."""
        spelled: dict[str, str] = {}
        for names in (self.zones, self.stops, SPELLED):
            counts: dict[str, Counter[str]] = defaultdict(Counter)
            for word in (word for name in names for word in _WORD.findall(name)):
                if word[0].isupper():
                    counts[plain(word)][word] += 1
            for key, found in counts.items():
                spelled.setdefault(key, min(found, key=lambda each: (-found[each], each)))
        return spelled

    def proper(self, name: str) -> str:
        """Return a name, its words that are in capitals spelled properly."""
        text = " ".join(name.split())
        return _RUN.sub(lambda run: self._spelled(run[0], first=run.start() == 0), text)

    def _spelled(self, run: str, first: bool) -> str:
        """Spell words that nothing but spaces, hyphens and apostrophes stand between."""
        if not run.isupper() or not _in_capitals(run):
            return run
        pieces = self._pieces(run)
        station = [each.text for each in pieces[:2]] in (["Gare", "de"], ["Gare", "d"])
        if first and station and pieces[2:] and pieces[2].kind in ("place", "city"):
            pieces = pieces[2:]
        text = pieces[0].text
        for at in range(1, len(pieces)):
            text += _between(pieces, at) + pieces[at].text
        return text

    def _pieces(self, run: str) -> list[_Piece]:
        found = list(_WORD.finditer(run))
        words = tuple(_LONG.get(word, word) for word in (plain(each[0]) for each in found))
        before = ["", *(run[a.end() : b.start()] for a, b in itertools.pairwise(found))]
        pieces, at = [], 0
        while at < len(words):
            word, n = words[at], 1
            known = [n for n in range(len(words) - at, 0, -1) if words[at : at + n] in self.places]
            if word in PARTICLES and known in ([], [1]):
                small = PARTICLES[word]
                piece = _Piece(small if at else small.capitalize(), "particle", before[at])
            elif known:
                n = known[0]
                kind: Literal["city", "place"] = "city" if word in self.cities else "place"
                piece = _Piece(self.places[words[at : at + n]], kind, before[at])
            else:
                own = found[at][0].capitalize() if word not in _KEPT else word
                piece = _Piece(self.words.get(word, own), "word", before[at])
            pieces.append(piece)
            at += n
        return pieces


def _between(pieces: list[_Piece], at: int) -> str:
    """Return what stands before a piece that is not the first."""
    last, this = pieces[at - 1], pieces[at]
    if this.before != " ":
        return this.before
    word = plain(last.text)
    if last.kind == "particle":
        if word in ("D", "L"):
            return "'"
        linked = word in _LINKS and at > 1 and pieces[at - 2].kind != "particle"
        return "-" if linked and this.kind != "particle" else " "
    if this.kind == "particle":
        ends = at + 1 == len(pieces) or pieces[at + 1].kind == "particle"
        return "-" if plain(this.text) in _LINKS and not ends else " "
    if this.kind == "place" and last.kind != "city" and word not in _BEFORE_NAMES:
        return "–"
    return " "


def proper_names(lines_of: Mapping[str, Collection[str]], zones: Iterable[str]) -> dict[str, str]:
    """Return proper names of the stops that are in capitals.

    Parameters
    ----------
    lines_of : mapping of str to collection of str
        The lines of each stop, by the timetable's name of it.
    zones : iterable of str
        Names of communes or arrondissements.

    Returns
    -------
    dict of str to str
        Those that differ. No two stops have the same: a name that another stop has is followed by
        the lines.
    """
    stops = sorted(lines_of)
    spelling = Spelling(tuple(zones), tuple(each for each in stops if not _in_capitals(each)))
    names = {each: spelling.proper(each) for each in stops if _in_capitals(each)}
    uses = Counter(names.get(each, each) for each in stops)
    for stop, name in names.items():
        if uses[name] > 1:
            names[stop] = f"{name} ({', '.join(sorted(lines_of[stop]))})"
    return {stop: name for stop, name in names.items() if name != stop}
