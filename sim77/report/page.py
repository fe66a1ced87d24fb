"""A page of results: blocks in French and in English, as one HTML file that needs no network.

A page is a list of sections; a section is a title and blocks: prose, tables, charts. Each kind of
block is a class here and a macro of the same name in ``templates/blocks.html.j2``. Charts are data:
the page's script draws them with the modules of the app (``web/src/page``), and all that they show
is also in a table or beside them, so that nothing is lost without it.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from sim77.core.files import replace_text
from sim77.report.locale import LANGUAGES, Locale
from sim77.report.tables import Table, heads, records
from sim77.territory.territory import Territory

TEMPLATES = Path(__file__).parent / "templates"
_FONTS = (("S77 Sans", 400), ("S77 Sans", 600), ("S77 Sans", 700), ("S77 Serif", 600))


# Blocks ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """A titled part of the page; ``id`` is unique on it, and ``head`` the style of the title."""

    id: str
    title: str
    blocks: Sequence[Any]
    style: str = ""
    head: str = ""


@dataclass(frozen=True)
class Group:
    """Blocks in one box, shown only while the chooser is at ``scale`` if that is given."""

    style: str
    blocks: Sequence[Any]
    scale: int | None = None


@dataclass(frozen=True)
class Fold:
    """Blocks folded under a caption."""

    caption: str
    blocks: Sequence[Any]


@dataclass(frozen=True)
class Shares:
    """Parts of a whole as one bar of true widths: kind, name, value, share and its text."""

    parts: Sequence[tuple[str, str, str, float, str]]


@dataclass(frozen=True)
class Heading:
    """A title within a section."""

    text: str


@dataclass(frozen=True)
class Prose:
    """A paragraph; ``link`` is a section's id and the words that lead there."""

    text: str
    style: str = ""
    link: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Items:
    """A list of sentences, each with a style of its own if ``styles`` are given."""

    sentences: Sequence[str]
    style: str = ""
    styles: Sequence[str] = ()


@dataclass(frozen=True)
class Facts:
    """Names with what they stand for."""

    rows: Iterable[tuple[str, str]]
    style: str = "facts"


@dataclass(frozen=True)
class Figures:
    """Large figures: name, value, unit and a note."""

    rows: Sequence[tuple[str, str, str, str]]
    label: str = ""


@dataclass(frozen=True)
class Code:
    """Text to copy, folded under a caption if there is one."""

    text: str
    caption: str = ""


@dataclass(frozen=True)
class Shown:
    """A table, folded under its caption unless ``folded`` is false; each row may have a ring."""

    table: Table
    caption: str
    folded: bool = True
    rings: Sequence[Sequence[Any]] = ()
    style: str = ""


@dataclass(frozen=True)
class Keys:
    """What marks mean: the name of each in ``web/src/page`` with its values, and words."""

    items: Sequence[tuple[Sequence[Any], str]]
    style: str = "keys"


@dataclass(frozen=True)
class Legend:
    """The colours of a map, a grid or cells, with the values between them.

    Attributes
    ----------
    prefix : str
        Of the colours: ``q`` from little to much, ``v`` around zero, ``g`` the days of a year.
    breaks : sequence of float
    name, unit : str
        Above and below.
    ends : sequence of str
        What both ends mean.
    signed : bool
        Whether the values are differences.
    style : str
    scale : int, optional
        Shown only while the chooser is there.
    """

    prefix: str
    breaks: Sequence[float]
    name: str = ""
    unit: str = ""
    ends: Sequence[str] = ()
    signed: bool = False
    style: str = ""
    scale: int | None = None


@dataclass(frozen=True)
class Track:
    """Marks on a scale, with the value that stands beside them.

    Attributes
    ----------
    data : mapping
        ``marks``, each (kind, value) or (kind, from, to), with the ``ends`` of their scale unless
        all rows share one; or an ``effect``: ``value``, ``interval``, ``unpaired`` and whether it
        is ``noise``.
    value : str
    """

    data: Mapping[str, Any]
    value: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a chart: a name, one track or several, and words.

    Attributes
    ----------
    name : str
    tracks : sequence of Track
    value, unit, detail, verdict : str
        Said beside the name of rows whose tracks have no values.
    notes : sequence of str
        Paragraphs below.
    state : str
        Class of the row.
    """

    name: str
    tracks: Sequence[Track]
    value: str = ""
    unit: str = ""
    detail: str = ""
    verdict: str = ""
    notes: Sequence[str] = ()
    state: str = ""


@dataclass(frozen=True)
class Tracks:
    """A chart of rows with marks on a scale: bars, dots, intervals."""

    rows: Sequence[Row]
    style: str = ""
    role: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart of ``web/src/page/charts.js`` with its data; ``role`` says what it shows."""

    kind: str
    data: Mapping[str, Any]
    role: str
    style: str = ""
    caption: str | Markup = ""
    note: str | Markup = ""


@dataclass(frozen=True)
class Heat:
    """A table whose cells are coloured by its ``data``; ``rows`` are names with texts by column."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    data: Mapping[str, Any]
    legend: Legend
    corner: str = ""
    over: str = ""


@dataclass(frozen=True)
class Chooser:
    """A choice among what `Group.scale` shows, and perhaps a search for a commune."""

    label: str
    choices: Sequence[str]
    find: str = ""
    style: str = ""


@dataclass(frozen=True)
class Map:
    """The place of a map by its name among the maps of the page; ``role`` says what it shows."""

    which: str
    role: str
    legend: Sequence[Any] = ()


@dataclass(frozen=True)
class Raw:
    """HTML as it is, where no kind of block fits."""

    html: Markup


@dataclass(frozen=True)
class Page:
    """One language of a page.

    Attributes
    ----------
    locale : Locale
    document_title, scenario, title, caveat : str
        For the browser; in the header; the finding in one sentence; what to beware of.
    blocks : sequence of blocks
    caveat_at : str
        The section that says more of the caveat.
    sample : str
        What figures of a part of the workers do not show; nothing of one of all of them.
    """

    locale: Locale
    document_title: str
    scenario: str
    title: str
    caveat: str
    blocks: Sequence[Any] = ()
    caveat_at: str = "about"
    sample: str = ""
    contents: Mapping[str, Any] | None = None

    @property
    def language(self) -> str:
        """One of `sim77.report.locale.LANGUAGES`."""
        return self.locale.language

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the language."""
        return self.locale.words

    @property
    def first(self) -> bool:
        """Whether this is the language that holds what both share."""
        return self.language == LANGUAGES[0]


# Sections that all pages end with ----------------------------------------------------------


def again(
    lead: str,
    command: str,
    facts: Mapping[str, str],
    locale: Locale,
    texts: Iterable[tuple[str, str]] = (),
) -> Section:
    """Return how to make a result again: command, facts that fix it, and texts to copy.

    Parameters
    ----------
    lead, command : str
    facts : mapping of str to str
        By key of the words; blank ones are left out.
    locale : Locale
    texts : iterable of (str, str)
        Caption and text.
    """
    named = [(locale.words[key], value) for key, value in facts.items() if value]
    blocks = [Prose(lead), Code(command), Facts(named)]
    blocks += [Code(text, caption) for caption, text in texts if text]
    return Section("again", locale.words["reproduce"], blocks, "text")


def named_hash(of: Mapping[str, Any]) -> str:
    """Return what a manifest calls something, and the hash that tells it from others."""
    return f"{of['name']}, {of['hash']}"


def reproduce_lead(files: Iterable[str], locale: Locale) -> str:
    """Return the sentence before a command, and which files it needs that do not ship."""
    notes = (locale.say("reproduce_yaml", file=file) for file in files)
    return " ".join([locale.words["reproduce_lead"], *notes])


def made_with(manifest: Mapping[str, Any], locale: Locale) -> dict[str, str]:
    """Return with which versions and when a result was made, for `again`."""
    libraries = {"Python": manifest.get("python", ""), **manifest.get("libraries", {})}
    versions = (f"{name} {version}" for name, version in libraries.items() if version)
    made = dt.datetime.fromisoformat(manifest["made"]) if manifest.get("made") else None
    return {
        "r_version": manifest.get("sim77", ""),
        "r_libraries": ", ".join(versions),
        "r_made": f"{locale.numbers.date(made)}, {made:%H:%M}" if made else "",
    }


def credits_of(territory: Territory | None, locale: Locale) -> Section:
    """Return whose data a result rests on; without a territory, that it has none of its own."""
    words = locale.words
    blocks: list[Any] = [Prose(words["credits_other" if territory is None else "credits_data"])]
    sources = [] if territory is None else territory.sources.to_dict("records")
    if sources:
        heads = tuple(words[key] for key in ("s_source", "s_text", "s_licence"))
        rows = [(each["source_id"], each["text"], each["licence"]) for each in sources]
        table = Table(heads, rows, names=3)
        blocks.append(Shown(table, words["sources"], folded=True, style="sources"))
    blocks.append(Prose(words["fonts"], "small mut"))
    return Section("credits", words["credits"], blocks, "text")


# The file ----------------------------------------------------------------------------------


def write_page(
    path: Path,
    kind: str,
    pages: Sequence[Page],
    names: Sequence[str] = (),
    maps: Mapping[str, Any] | None = None,
) -> None:
    """Write a page in all its languages.

    Parameters
    ----------
    path : pathlib.Path
        The HTML file, replaced if it is there.
    kind : str
        Class of the page's body, for the style.
    pages : sequence of Page
        One a language, French first.
    names : sequence of str
        Of the communes that can be looked for.
    maps : mapping, optional
        The data of its maps, from `sim77.report.map.maps_data`: both languages share them.
    """
    mains = [_main(kind, page) for page in pages]
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            kind=kind,
            pages=pages,
            mains=mains,
            names=names,
            maps=maps,
            fonts=fonts(),
            style=chart_style() + _text("page.css"),
            script=_text("page.js"),
        )
    )
    replace_text(path, html)


def _main(kind: str, page: Page) -> Markup:
    """Return the contents of a page in one language."""
    if page.contents is None:
        return Markup("")
    locale = page.locale
    given = {"p": page, "locale": locale, "say": locale.say, "words": locale.words,
             "n": locale.numbers, "heads": partial(heads, locale)}  # fmt: skip
    template = _environment().get_template(f"{kind}.html.j2")
    return Markup(template.render(**given, **page.contents))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def show(blocks: Iterable[Any], page: Page) -> Markup:
        macros = environment.get_template("blocks.html.j2").module
        shown = (getattr(macros, type(each).__name__.lower())(each, page) for each in blocks)
        return Markup("").join(shown)

    environment.globals["show"] = show
    environment.globals |= {"records": records, "zip": zip, "isfinite": math.isfinite}
    environment.policies["json.dumps_function"] = _json
    return environment


_DIGITS = 6
"""Of the numbers of a chart: more than a picture can show."""


def _json(data: Any, **_: Any) -> str:
    """Write the data of a chart, numbers as short as a picture allows, what is unknown as null."""
    return json.dumps(_plain(data), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, np.ndarray | list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, dt.date):
        return data.isoformat()
    if isinstance(data, float | np.floating):
        return float(f"{data:.{_DIGITS}g}") if np.isfinite(data) else None
    return data.item() if isinstance(data, np.generic) else data


def _text(name: str) -> Markup:
    """Return a style or a script of this package as it is."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def chart_style() -> str:
    """Return the style of colours, charts and maps, which the app shares."""
    return _text("charts.css")


@lru_cache(maxsize=1)
def fonts() -> Markup:
    """Return the type faces as a style sheet, so that the page looks the same everywhere."""
    rules = []
    for family, weight in _FONTS:
        file = TEMPLATES / "fonts" / f"{family.lower().replace(' ', '-')}-{weight}.woff2"
        data = base64.b64encode(file.read_bytes()).decode()
        rules.append(
            f"@font-face{{font-family:'{family}';font-weight:{weight};font-display:block;"
            f"src:url(data:font/woff2;base64,{data})format('woff2')}}"
        )
    return Markup("".join(rules))
