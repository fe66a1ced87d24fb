"""The page of a comparison: one HTML file that needs no network and no other file."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim77.analysis.compare.comparison import Comparison
from sim77.report.compare import tables, views
from sim77.report.compare.differences import what_differs
from sim77.report.compare.findings import Findings
from sim77.report.compare.map import draw_maps
from sim77.report.compare.parts import section_parts
from sim77.report.compare.text import caveat, scenario_label, title
from sim77.report.locale import Voice, voices
from sim77.report.run.about import is_shipped, options, trust
from sim77.report.run.facts import estimated_of
from sim77.report.run.page import write_page
from sim77.territory.territory import SHIPPED, Territory


def write_compare_html(comparison: Comparison, territory: Territory, path: Path) -> None:
    """Write the page of a comparison.

    Parameters
    ----------
    comparison : Comparison
    territory : Territory
        The one compared on.
    path : pathlib.Path
        The HTML file, replaced if it is there.
    """
    findings = Findings(comparison)
    scene = views.Scene(findings, territory, draw_maps(findings, territory))
    write_page(
        path,
        "compare",
        pages=[_page(scene, voice) for voice in voices("summary", "compare")],
        maps=scene.maps,
        names=findings.names,
    )


def _page(scene: views.Scene, voice: Voice) -> dict[str, Any]:
    """Return everything the template says in one language."""
    findings, territory = scene.findings, scene.territory
    names = {side: scenario_label(findings, side, voice) for side in ("a", "b")}
    shipped = territory.folder == SHIPPED
    return {
        "language": voice.language,
        "words": voice.words,
        "document_title": voice.say("document_title", **names),
        "scenario": voice.say("versus", **names),
        "title": title(findings, voice),
        "caveat": caveat(findings, voice),
        "one_seed": findings.seeds == 1,
        "differs": what_differs(findings.manifest["differences"], territory, voice.language),
        "maps": views.section_maps(scene, voice),
        "changes": views.section_changes(scene, voice),
        "effects": views.section_effects(scene, voice),
        "parts": section_parts(findings, voice),
        "gains": views.section_gains(scene, voice),
        "weeks": views.section_weeks(scene, voice),
        "claims": views.section_claims(scene, voice),
        "communes": tables.communes_table(findings, scene.maps.layers, voice),
        "telecentres": tables.telecentres_table(findings, voice),
        "about": _about(findings, territory, voice),
        "reproduce": _reproduce(findings, territory, voice),
        "credits": voice.words["credits_shipped" if shipped else "credits_other"],
        "sources": territory.sources.to_dict("records"),
    }


def _about(findings: Findings, territory: Territory, voice: Voice) -> list[str]:
    """Return the sentences that say how far to trust the page."""
    manifest = findings.manifest
    sites = findings.comparison.telecentres["telecentre_id"]
    estimated = estimated_of(territory, manifest["workplaces"], sites)
    sentences = trust(
        estimated, voice, trains=bool(findings.lines), sites=len(sites) > 0,
        posterior=manifest.get("posterior"),
    )  # fmt: skip
    sentences.append(voice.words["limits_pairing"])
    interval = "limits_interval_posterior" if findings.draws else "limits_interval"
    sentences.append(voice.words[interval if findings.seeds > 1 else "one_seed"])
    sentences.append(voice.words["limits_minutes"])
    if manifest["scale"] < 1.0:
        scale = voice.numbers.percent(manifest["scale"])
        sentences.append(voice.say("limits_sample", scale=scale))
    return sentences


def _reproduce(findings: Findings, territory: Territory, voice: Voice) -> dict[str, Any]:
    """Return the command line of the comparison and the facts that fix its result."""
    manifest, numbers = findings.manifest, voice.numbers
    shipped = {side: is_shipped(manifest[side], manifest["overrides"]) for side in ("a", "b")}
    files = [f"{manifest[side]['name']}.yaml" for side in ("a", "b") if not shipped[side]]
    libraries = {"Python": manifest["python"], **manifest["libraries"]}
    made = dt.datetime.fromisoformat(manifest["made"])
    seconds = numbers.fixed(manifest["cost"]["seconds"], 1)
    named = {
        **{f"r_{side}": f"{manifest[side]['name']}, {manifest[side]['hash']}" for side in "ab"},
        "r_seeds": ", ".join(map(str, manifest["seeds"])),
        "r_scale": numbers.percent(manifest["scale"]),
        "r_territory": f"{manifest['territory']['name']}, {manifest['territory']['hash']}",
        "r_version": manifest["sim77"],
        "r_libraries": ", ".join(f"{name} {version}" for name, version in libraries.items()),
        "r_made": f"{numbers.date(made)}, {made:%H:%M}",
        "r_cost": voice.say("r_seconds", seconds=seconds),
    }
    if drawn := manifest.get("posterior"):
        named["r_posterior"] = f"{drawn['name']}, {drawn['hash']}"
    return {
        "command": command(manifest, territory, shipped),
        "note": " ".join(voice.say("reproduce_yaml", file=file) for file in files),
        "texts": [(voice.words[f"text_{side}"], manifest[side]["yaml"]) for side in ("a", "b")],
        "facts": [(voice.words[key], value) for key, value in named.items()],
    }


def command(manifest: Mapping[str, Any], territory: Territory, shipped: Mapping[str, bool]) -> str:
    """Return the command line that gives a comparison again.

    Parameters
    ----------
    manifest : mapping
        Of the comparison.
    territory : Territory
    shipped : mapping of str to bool
        Whether the name alone gives scenario ``a`` and ``b``; else their files are named.

    Returns
    -------
    str
    """
    words = ["sim77", "compare"]
    words += [
        manifest[side]["name"] if shipped[side] else f"{manifest[side]['name']}.yaml"
        for side in ("a", "b")
    ]
    seeds = manifest["seeds"]
    words += ["--seeds", str(len(seeds))]
    if seeds[0] != 1:
        words += ["--first-seed", str(seeds[0])]
    if drawn := manifest.get("posterior"):
        words += ["--posterior", drawn["name"], "--seeds-per-draw", str(drawn["seeds_per_draw"])]
    if any(shipped.values()):
        for name, value in manifest["overrides"].items():
            words += ["--set", f"{name}={value:g}"]
    return shlex.join([*words, *options(manifest, territory), "--out", "out/again"])
