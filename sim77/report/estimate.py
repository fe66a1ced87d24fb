"""An estimation in words: the table, what it means, and the command that runs the model with it."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim77.analysis.estimate.estimate import Estimation
from sim77.core.errors import ResultError, why
from sim77.core.files import replace_file
from sim77.registry.parameters import load_parameters
from sim77.report.locale import Locale, least_decimals, locale_of

FILES = ("overlay.yaml", "estimates.csv", "covariance.csv", "estimation.json", "summary.txt")
"""What `save_estimation` leaves in its folder."""

_WIDTH = 88


def save_estimation(found: Estimation, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write `FILES` into a folder, each whole; `ResultError` if one is there and not replaced."""
    out = Path(folder)
    if not overwrite:
        check_free(out)
    texts = (
        found.overlay_yaml(),
        found.table.to_csv(index=False),
        found.covariance.to_csv(index_label="parameter"),
        found.to_json(),
        estimation_text(found, folder=str(out)) + "\n",
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in zip(FILES, texts, strict=True):
            replace_file(out / name, text.encode())
    except OSError as error:
        raise ResultError(f"Cannot write to {out}: {why(error)}.") from error
    return out


def check_free(folder: str | Path) -> None:
    """Raise `ResultError` if a folder holds an estimation already."""
    there = next((name for name in FILES if (Path(folder) / name).exists()), None)
    if there is not None:
        raise ResultError(
            f"{Path(folder) / there} exists already: use --overwrite, or another folder."
        )


def estimation_text(found: Estimation, language: str = "en", folder: str | None = None) -> str:
    """Return an estimation in plain words, with the command that runs the model with it.

    Parameters
    ----------
    found : Estimation
    language : str
        ``en`` or ``fr``.
    folder : str, optional
        Where its files are.
    """
    locale = locale_of(language, "estimate")
    fixed = locale.numbers.fixed
    head = [
        locale.say(f"kind_{found.method}", days=found.n_days, persons=found.n_persons),
        locale.say(
            "likelihood",
            likelihood=fixed(found.log_likelihood, 1), null=fixed(found.log_likelihood_null, 1),
            rho=fixed(found.rho_squared, 3), adjusted=fixed(found.rho_squared_adjusted, 3),
        ),
        _starts(found, locale),
    ]  # fmt: skip
    words = [_wrapped(each) for each in (*_findings(found, locale), *_notes(found, locale))]
    last = f"{locale.words['run']}\n  {run_command(found, folder, language)}"
    return "\n".join([*head, "", *_lines(found, locale), "", *words, "", last])


def _starts(found: Estimation, locale: Locale) -> str:
    if not found.converged:
        return locale.words["not_converged"]
    if found.method == "mixed":
        return locale.words["converged"]
    return locale.say("starts", agreeing=found.starts_agreeing, starts=found.starts)


def _lines(found: Estimation, locale: Locale) -> list[str]:
    """Return the table of estimates; a star marks what is outside the registry's range."""
    fixed = locale.numbers.fixed
    names = ("parameter", "estimate", "se", "t", "interval", "registry")
    lines = [_row([locale.words[f"head_{name}"] for name in names])]
    for row in found.table.to_dict("records"):
        cells = [
            row["parameter"], fixed(row["estimate"], 3), fixed(row["se"], 3), fixed(row["t"], 1),
            locale.say("interval", low=fixed(row["low"], 3), high=fixed(row["high"], 3)),
            _plain(row["registry"], locale),
        ]  # fmt: skip
        lines.append(_row(cells) + ("" if row["inside_range"] else " *"))
    return [*lines, locale.words["errors"]]


def _row(cells: Sequence[str]) -> str:
    first, *others = cells
    widths = (10, 9, 8, 20, 10)
    return f"{first:<26}" + "".join(
        f"{cell:>{width}}" for cell, width in zip(others, widths, strict=True)
    )


def _findings(found: Estimation, locale: Locale) -> list[str]:
    """Say what the estimates mean."""
    table = found.table
    estimates: dict[str, float] = dict(zip(table["parameter"], table["estimate"], strict=True))
    words = []
    usual = (table["low"] <= table["registry"]) & (table["registry"] <= table["high"])
    if not usual.all():
        away = ", ".join(table.loc[~usual, "parameter"])
        words.append(locale.say("away", parameters=away))
    if estimates.get("theta", 0.0) > 0.0 and "asc_tc_telecentre" in estimates:
        b_cost = estimates.get("beta_cost_per_eur", load_parameters()["beta_cost_per_eur"].value)
        if b_cost < 0.0:
            euros = estimates["asc_tc_telecentre"] / (-b_cost * estimates["theta"])
            key = "worth_more" if euros > 0 else "worth_less"
            words.append(locale.say(key, euros=locale.numbers.fixed(abs(euros), 1)))
    if found.outside_ranges:
        words.append(locale.say("outside", parameters=", ".join(found.outside_ranges)))
    words.append(locale.say("sets_too", values=_values(found.goes_with, locale)))
    words.append(locale.say("held", values=_values(found.held, locale)))
    return words


def _notes(found: Estimation, locale: Locale) -> list[str]:
    words = []
    for note in found.notes:
        given = {name: _listed(value, locale) for name, value in note.values.items()}
        words.append(locale.say(f"note_{note.name}", **given))
    return words


def _listed(value: object, locale: Locale) -> str:
    return locale.words["and"].join(value) if isinstance(value, list) else f"{value}"


def _values(values: Mapping[str, float], locale: Locale) -> str:
    return ", ".join(f"{name} {_plain(value, locale)}" for name, value in values.items())


def _plain(value: float, locale: Locale) -> str:
    """Write a value of the registry with the decimals that it has."""
    return locale.numbers.fixed(value, least_decimals(value))


def _wrapped(sentence: str) -> str:
    return textwrap.fill(sentence, _WIDTH, break_on_hyphens=False)


def run_command(found: Estimation, folder: str | None = None, language: str = "en") -> str:
    """Return the command line: the overlay where it is written, else every value by ``--set``.

    Values outside the registry's ranges need the overlay, so without a folder none is given.
    """
    if folder is not None:
        return f"sim77 run {shlex.quote(str(Path(folder) / 'overlay.yaml'))}"
    if found.outside_ranges:
        return locale_of(language, "estimate").words["outside_command"]
    sets = " ".join(f"--set {name}={value:g}" for name, value in found.parameters.items())
    return f"sim77 run {shlex.quote(found.scenario)} {sets}"
