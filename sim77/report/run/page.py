"""The summary page of a run: one HTML file that needs no network and no other file.

The page is written once in French and once in English; the map, which holds few words, is shared.
`write_page` puts any such page together; that of a comparison is made with it too.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from sim77.core.files import replace_text
from sim77.report.locale import Voice, voices
from sim77.report.run import about, tables, views
from sim77.report.run.facts import Facts, facts_of
from sim77.runs.results import Result
from sim77.territory.territory import SHIPPED, Territory

_TEMPLATES = Path(__file__).parents[1] / "templates"
_FONTS = (("S77 Sans", 400), ("S77 Sans", 600), ("S77 Sans", 700), ("S77 Serif", 600))


def write_summary_html(result: Result, territory: Territory, path: Path) -> None:
    """Write the summary page of a run.

    Parameters
    ----------
    result : Result
    territory : Territory
        The one the run was made with.
    path : pathlib.Path
        The HTML file, replaced if it is there.
    """
    facts = facts_of(result, territory)
    write_page(
        path,
        "summary",
        pages=[_page(facts, voice) for voice in voices()],
        map=facts.map.svg,
        names=result.communes["name"].tolist(),
    )


def write_page(path: Path, name: str, *, styles: Sequence[str] = (), **given: Any) -> None:
    """Write a page from the template and the style of its name.

    Parameters
    ----------
    path : pathlib.Path
        The HTML file, replaced if it is there.
    name : str
        ``summary`` for ``summary.html.j2`` and ``summary.css``.
    styles : sequence of str
        Names of other pages whose styles it uses too.
    **given : Any
        What the template says: ``pages``, one a language, and ``names``, of communes, at least.
    """
    html = _template(name).render(
        **given,
        fonts=fonts(),
        style=Markup("").join(_text(f"{each}.css") for each in ("page", *styles, name)),
        script=_text("page.js"),
    )
    replace_text(path, html)


def _page(facts: Facts, voice: Voice) -> dict[str, Any]:
    """Return everything the template says in one language."""
    scenario = facts.result.manifest["scenario"]
    name = scenario[f"label_{voice.language}"] or scenario["name"]
    shipped = facts.territory.folder == SHIPPED
    return {
        "language": voice.language,
        "words": voice.words,
        "document_title": voice.say("document_title", scenario=name),
        "scenario": name,
        "description": (facts.scenario.get("description") or {}).get(voice.language, ""),
        "title": views.title(facts, voice),
        "days": voice.say("days_simulated", days=voice.numbers.count(facts.days)),
        "caveat": _caveat(facts.result.manifest, voice),
        "where": views.where(facts, voice),
        "figures": views.key_figures(facts, voice),
        "map": views.map_words(facts, voice),
        "communes": tables.communes_table(facts, voice),
        "year": views.year(facts, voice),
        "lines": views.lines(facts, voice),
        "telecentres": views.telecentres(facts, voice),
        "groups": views.groups(facts, voice),
        "about": about.about(facts, voice),
        "estimated": tables.estimated_table(facts, voice),
        "reproduce": about.reproduce(facts, voice),
        "credits": voice.words["credits_shipped" if shipped else "credits_other"],
        "sources": facts.territory.sources.to_dict("records"),
    }


def _caveat(manifest: Mapping[str, Any], voice: Voice) -> str:
    seed, drawn = str(manifest["seed"]), manifest.get("posterior")
    if drawn is None:
        return voice.say("caveat", seed=seed)
    return voice.say("caveat_posterior", seed=seed, draw=str(drawn["draw"]), name=drawn["name"])


@lru_cache(maxsize=4)
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{name}.html.j2")


def _text(name: str) -> Markup:
    """Return a style or a script of this package as it is."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def fonts() -> Markup:
    """Return the type faces as a style sheet, so that the page looks the same everywhere."""
    rules = []
    for family, weight in _FONTS:
        file = _TEMPLATES / "fonts" / f"{family.lower().replace(' ', '-')}-{weight}.woff2"
        data = base64.b64encode(file.read_bytes()).decode()
        rules.append(
            f"@font-face{{font-family:'{family}';font-weight:{weight};font-display:block;"
            f"src:url(data:font/woff2;base64,{data})format('woff2')}}"
        )
    return Markup("".join(rules))
