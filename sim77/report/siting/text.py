"""What a search for sites found, in plain words: sentences shared by the terminal and the page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.siting.evaluate import OBJECTIVE_COLUMN
from sim77.analysis.siting.result import Siting
from sim77.report import locale
from sim77.report.compare.text import signed
from sim77.report.locale import Locale, decimals_apart, decimals_of
from sim77.report.run.text import scope_notes
from sim77.report.tables import records

PAGES = ("summary", "compare", "site")
_INDENT = 30
_DIGITS = 2
_MONEY_DIGITS = 3
_EXACT_GAP = 1e-3


@dataclass(frozen=True)
class Facts:
    """A siting with what its texts say of it."""

    siting: Siting

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""
        return self.siting.manifest

    @property
    def column(self) -> str:
        """The gain that was maximised."""
        return OBJECTIVE_COLUMN[self.manifest["options"]["objective"]]

    @property
    def found(self) -> pd.Series:
        """The row of the recommended plan."""
        return self.siting.gains(self.manifest["recommended"])

    @cached_property
    def new_sites(self) -> list[dict[str, Any]]:
        """The rows of the new sites, those with the most users first."""
        sites = self.siting.sites
        new = sites[sites["is_new"]].sort_values("users", ascending=False, kind="stable")
        names = dict(
            zip(self.siting.plan_sites["commune_code"], self.siting.plan_sites["name"], strict=True)
        )
        # Desks as planned: a run of a sample of the workers has other ones, rounded.
        plan = self.siting.plan
        return [
            {**row, "name": names[row["commune_code"]], "desks": plan[row["commune_code"]]}
            for row in records(new)
        ]

    def named_sites(self, sites: str) -> str:
        """Name the communes of a plan that the search has tried, with their desks."""
        names = self.siting.candidates.set_index("commune_code")["name"]
        pairs = (site.split(":") for site in sites.split())
        return ", ".join(f"{names[code]} ({desks})" for code, desks in pairs)

    def of_kind(self, kind: str) -> pd.DataFrame:
        """Return the plans of a kind, the best first."""
        plans = self.siting.plans
        return plans[plans["kind"] == kind].sort_values("behind", kind="stable")

    def swap(self, plan: str, locale: Locale) -> str:
        """Say which commune a runner-up has instead of which other."""
        desks = self.siting.plan_sites
        own, best = (
            dict(zip(part["name"], part["desks"], strict=True))
            for part in (
                desks[desks["plan"] == plan],
                desks[desks["plan"] == self.manifest["recommended"]],
            )
        )

        def named(some: dict[str, int], other: dict[str, int]) -> str:
            return ", ".join(
                locale.say("site_of", name=name, desks=str(number))
                for name, number in some.items()
                if name not in other
            )

        return locale.say("plan_runner-up", inside=named(own, best), outside=named(best, own))


def locale_of(language: str) -> Locale:
    """Return the words of searches for sites in one language."""
    return locale.locale_of(language, *PAGES)


def money(value: float, locale: Locale) -> str:
    """Write euros a year."""
    return locale.numbers.rounded(value, _MONEY_DIGITS)


def measured(row: Any, name: str, locale: Locale) -> dict[str, str]:
    """Write a gain: ``value``, ``unit``, ``low``, ``high``, ``interval`` (blank if seeds agree)."""
    mean, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    size = max(abs(mean), abs(high - low)) if np.isfinite(high - low) else abs(mean)
    decimals = decimals_apart((mean, low, high), decimals_of(size, _DIGITS))
    unit = locale.words.get(f"u_{name}", "")
    value, begin, end = (signed(each, decimals, locale) for each in (mean, low, high))
    interval = locale.say("interval", low=begin, high=end) if begin != end else ""
    return {"value": value, "unit": unit, "low": begin, "high": end, "interval": interval}


def gain_text(row: Any, name: str, locale: Locale) -> str:
    """Say a gain with its unit and interval, or that it is not clear."""
    message = measured(row, name, locale)
    if not message["interval"]:
        return locale.say("x_gain_same", **message)
    unclear = row[f"{name}_low"] <= 0.0 <= row[f"{name}_high"]
    return locale.say("x_gain_unclear" if unclear else "x_gain", **message)


def plan_name(facts: Facts, row: dict[str, Any], locale: Locale) -> str:
    """Name a plan."""
    if row["kind"] == "runner-up":
        return facts.swap(row["plan"], locale)
    if row["kind"] == "random":
        return locale.say("plan_random_one", number=str(int(row["plan"].rpartition("-")[2])))
    return locale.words[f"plan_{row['kind']}"]


def from_best(facts: Facts, row: Any, locale: Locale) -> dict[str, str]:
    """Write how a plan differs from the recommended one, as `measured`."""
    turned = {"d": -row["behind"], "d_low": -row["behind_high"], "d_high": -row["behind_low"]}
    return measured(turned, "d", locale) | {"unit": locale.words[f"u_{facts.column}"]}


def title(facts: Facts, locale: Locale) -> str:
    """Say what to open."""
    sites = len(facts.siting.plan)
    given = {
        "desks": locale.numbers.count(sum(facts.siting.plan.values())),
        "cost": locale.numbers.count(facts.found["cost_eur_per_year"]),
    }
    return locale.say("t_title" if sites > 1 else "t_title_one", sites=str(sites), **given)


def base_name(facts: Facts, locale: Locale) -> str:
    """Name what the gains are counted from."""
    scenario = facts.manifest["from"]
    name = scenario[f"label_{locale.language}"] or scenario["name"]
    kept = not facts.manifest["options"]["from_scratch"]
    return locale.say("base_kept" if kept else "base_scratch", scenario=name)


def caveat(facts: Facts, locale: Locale) -> str:
    """Say from which runs the figures come."""
    manifest = facts.manifest
    ends = {
        name: locale.numbers.date(dt.date.fromisoformat(manifest[name]))
        for name in ("start", "end")
    }
    sentence = locale.say(
        "t_caveat",
        base=base_name(facts, locale),
        seeds=str(len(manifest["seeds"]["fresh"])),
        days=str(manifest["days"]),
        **ends,
    )
    return " ".join([sentence, parameters_text(facts, locale), *scope_notes(manifest, locale)])


def sample_text(facts: Facts, locale: Locale) -> str:
    """Say that the runs are of a part of the workers; nothing of all of them."""
    scale = facts.manifest["scale"]
    return locale.say("x_scale", scale=locale.numbers.percent(scale)) if scale < 1.0 else ""


def parameters_text(facts: Facts, locale: Locale) -> str:
    """Say where the behavioural parameters come from."""
    drawn = facts.manifest.get("posterior")
    if drawn is None:
        return locale.words["calibrated"]
    return locale.say("drawn_fresh", name=drawn["name"])


def over_static(facts: Facts, locale: Locale) -> str:
    """Say what simulation has added to the static optimum."""
    row = facts.siting.gains("static")
    plans = facts.siting.plan_sites
    static = plans[plans["plan"] == "static"]
    same = dict(zip(static["commune_code"], static["desks"], strict=True)) == facts.siting.plan
    if same:
        return locale.words["x_same"]
    given = measured(row, "behind", locale) | {"unit": locale.words[f"u_{facts.column}"]}
    return locale.say("x_better" if row["behind_low"] > 0 else "x_no_better", **given)


def gap(facts: Facts, locale: Locale) -> str:
    """Say how far the static plan is known to be from the best one."""
    found = facts.manifest["static"]["gap"]
    key = "x_gap" if found <= 1.5 * _EXACT_GAP else "x_gap_limit"
    return locale.say(key, gap=locale.numbers.percent(max(found, _EXACT_GAP)))


def random_line(facts: Facts, locale: Locale) -> str:
    """Say how random networks of the same budget do."""
    drawn = facts.of_kind("random")[facts.column]
    ends = [float(each) for each in (drawn.mean(), drawn.min(), drawn.max())]
    decimals = decimals_apart(ends, decimals_of(float(drawn.abs().max()), _DIGITS))
    mean, low, high = (signed(each, decimals, locale) for each in ends)
    beaten = int((drawn < facts.found[facts.column]).sum())
    return locale.say(
        "x_random_range", mean=mean, low=low, high=high, beaten=str(beaten),
        number=str(len(drawn)), unit=locale.words[f"u_{facts.column}"],
    )  # fmt: skip


def accounts_line(facts: Facts, locale: Locale) -> str:
    """Say which of the new sites would fail."""
    rows = facts.new_sites
    losing = [row for row in rows if row["margin_eur_per_year"] < 0]
    new, margin = str(len(rows)), sum(row["margin_eur_per_year"] for row in rows)
    if len(losing) < len(rows):
        written = money(margin, locale)
        return locale.say("x_some_lose", losing=str(len(losing)), new=new, margin=written)
    years = [row["years_to_closing"] for row in rows]
    ends = (min(years), max(years))
    decimals = decimals_apart(ends, 1)
    low, high = (locale.numbers.fixed(each, decimals) for each in ends)
    alike = "x_all_lose_alike" if low == high else "x_all_lose"
    key = "x_one_loses" if len(rows) == 1 else alike
    return locale.say(key, low=low, high=high, new=new, loss=money(-margin, locale))


def behind_line(facts: Facts, row: Any, locale: Locale) -> str:
    """Say which swap a runner-up is and how it differs from the plan found."""
    unclear = row["behind_low"] <= 0.0 <= row["behind_high"]
    swap, difference = facts.swap(row["plan"], locale), from_best(facts, row, locale)
    return locale.say("x_swap_unclear" if unclear else "x_swap", swap=swap, **difference)


def regret_rows(facts: Facts, locale: Locale) -> list[dict[str, str]]:
    """Return of each plan the greatest and the mean regret and how often it is best."""
    table = facts.siting.regret
    plans = table.groupby("plan", sort=False)["regret"]
    most, mean = (list(map(float, found)) for found in (plans.max(), plans.mean()))
    # All plans with like decimals, so that two that differ look different.
    figures = zip(plans, locale.numbers.apart(*most), locale.numbers.apart(*mean), strict=True)
    rows = []
    for (plan, regrets), most_text, mean_text in figures:
        kind = str(plan).split("-")[0]
        key = "x_random_name" if kind == "random" else f"plan_{kind}"
        rows.append(
            {
                "plan": locale.words[key],
                "most": most_text,
                "mean": mean_text,
                "best": str(int((regrets <= 0.0).sum())),
                "draws": str(table["draw"].nunique()),
                "unit": locale.words[f"u_{facts.column}"],
            }
        )
    return rows


def siting_text(siting: Siting, language: str = "en") -> str:
    """Return the findings as a text for a terminal.

    Parameters
    ----------
    siting : Siting
    language : str
        ``en`` or ``fr``.

    Returns
    -------
    str
    """
    facts, locale = Facts(siting), locale_of(language)
    names = [facts.column, *(each for each in ("use", "minutes_saved", "net_eur")
                             if each != facts.column)]  # fmt: skip
    found, words = facts.found, locale.words
    rows: list[tuple[str, str]] = [
        (words[f"g_{name}"], gain_text(found, name, locale)) for name in names
    ]
    rows.append((words["x_static"], f"{over_static(facts, locale)} {gap(facts, locale)}"))
    if len(facts.of_kind("existing")):
        existing = gain_text(facts.siting.gains("existing"), facts.column, locale)
        rows.append((words["plan_existing"], existing))
    if len(facts.of_kind("random")):
        rows.append((words["x_random"], random_line(facts, locale)))
    rows.append(("", ""))
    for number, site in enumerate(facts.new_sites):
        rows.append((words["x_sites"] if number == 0 else "", _site(site, locale)))
    rows.append((words["x_accounts"], accounts_line(facts, locale)))
    for number, row in enumerate(records(facts.of_kind("runner-up"))):
        rows.append((words["x_runners"] if number == 0 else "", behind_line(facts, row, locale)))
    for number, line in enumerate(regret_rows(facts, locale)):
        rows.append((words["x_regret"] if number == 0 else "", locale.say("x_regret_line", **line)))
    body = "\n".join(f"  {name:<{_INDENT}}{text}".rstrip() for name, text in rows)
    notes = [words["x_calibrated" if "posterior" not in facts.manifest else "x_drawn"]]
    if said := sample_text(facts, locale):
        notes.append(said)
    return "\n".join([title(facts, locale), caveat(facts, locale), body, *notes])


def _site(site: dict[str, Any], locale: Locale) -> str:
    numbers = locale.numbers
    return locale.say(
        "x_site",
        name=site["name"],
        desks=numbers.count(site["desks"]),
        users=numbers.fixed(site["users"], 1),
        refusals=numbers.fixed(site["refusals"], 1),
        margin=money(site["margin_eur_per_year"], locale),
    )
