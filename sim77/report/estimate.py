"""An estimation in words: the table, what it means, and the command that runs the model with it."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path

from sim77.analysis.estimate.estimate import Estimation
from sim77.core.errors import StudyError
from sim77.registry.parameters import load_parameters
from sim77.report.locale import only_english

FILES = ("overlay.yaml", "estimates.csv", "covariance.csv", "estimation.json", "summary.txt")
"""What `save_estimation` leaves in its folder."""

_WIDTH = 88


def save_estimation(found: Estimation, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write `FILES` into a folder, or raise `StudyError` if one is there and not to be replaced."""
    out = Path(folder)
    there = next((out / name for name in FILES if (out / name).exists()), None)
    if there is not None and not overwrite:
        raise StudyError(f"{there} exists already: use --overwrite, or another folder.")
    out.mkdir(parents=True, exist_ok=True)
    (out / "overlay.yaml").write_text(found.overlay_yaml(), encoding="utf-8")
    found.table.to_csv(out / "estimates.csv", index=False)
    found.covariance.to_csv(out / "covariance.csv", index_label="parameter")
    (out / "estimation.json").write_text(found.to_json(), encoding="utf-8")
    text = estimation_text(found, folder=str(out))
    (out / "summary.txt").write_text(text + "\n", encoding="utf-8")
    return out


def estimation_text(found: Estimation, language: str = "en", folder: str | None = None) -> str:
    """Return an estimation in plain words, with the command that runs the model with it.

    Parameters
    ----------
    found : Estimation
    language : str
        English only.
    folder : str, optional
        Where its files are.
    """
    only_english("estimation", language)
    kind = {
        "nested": "Nested logit of the day plans",
        "mixed": "Mixed logit of the day plans, tastes that last",
    }[found.method]
    head = [
        f"{kind}: {found.n_days} days of {found.n_persons} persons.",
        f"Log-likelihood {found.log_likelihood:.1f}, with all plans alike "
        f"{found.log_likelihood_null:.1f}; rho² {found.rho_squared:.3f}, "
        f"adjusted {found.rho_squared_adjusted:.3f}.",
        _starts(found),
    ]
    words = [_wrapped(note) for note in (*_findings(found), *found.notes)]
    last = f"To run the model with these values:\n  {run_command(found, folder)}"
    return "\n".join([*head, "", *_lines(found), "", *words, "", last])


def _starts(found: Estimation) -> str:
    if not found.converged:
        return "The search did NOT converge: do not use these values."
    if found.method == "mixed":
        return "xlogit converged."
    return f"{found.starts_agreeing} of {found.starts} starting points led to this maximum."


def _lines(found: Estimation) -> list[str]:
    """Return the table of estimates; a star marks what is outside the registry's range."""
    lines = [
        f"{'parameter':<26}{'estimate':>10}{'s.e.':>9}{'t':>8}{'95 % interval':>20}{'registry':>10}"
    ]
    for row in found.table.itertuples():
        interval = f"{row.low:.3f} to {row.high:.3f}"
        star = "" if row.inside_range else " *"
        lines.append(
            f"{row.parameter:<26}{row.estimate:>10.3f}{row.se:>9.3f}{row.t:>8.1f}{interval:>20}"
            f"{row.registry:>10.3g}{star}"
        )
    lines.append("s.e. robust, days of one person together; t of mu_remote against 1, others 0.")
    return lines


def _findings(found: Estimation) -> list[str]:
    """Say what the estimates mean."""
    table = found.table
    estimates: dict[str, float] = dict(zip(table["parameter"], table["estimate"], strict=True))
    words = []
    usual = (table["low"] <= table["registry"]) & (table["registry"] <= table["high"])
    if not usual.all():
        away = ", ".join(table.loc[~usual, "parameter"])
        words.append(f"Away from the registry's value by more than chance: {away}.")
    if estimates.get("theta", 0.0) > 0.0 and "asc_tc_telecentre" in estimates:
        b_cost = estimates.get("beta_cost_per_eur", load_parameters()["beta_cost_per_eur"].value)
        if b_cost < 0.0:
            euros = estimates["asc_tc_telecentre"] / (-b_cost * estimates["theta"])
            words.append(
                f"A day at a telecentre, at no price and next door, is worth {abs(euros):.1f} € "
                f"{'more' if euros > 0 else 'less'} than one at home."
            )
    if found.outside_ranges:
        words.append(
            f"Outside the registry's range (*): {', '.join(found.outside_ranges)}. "
            "The overlay says outside_ranges: true, so that the model takes them; --set does not."
        )
    set_too = ", ".join(f"{name} {value:g}" for name, value in found.goes_with.items())
    words.append(f"The overlay also sets what this estimator takes for granted: {set_too}.")
    held = ", ".join(f"{name} {value:g}" for name, value in found.held.items())
    words.append(f"Held at the registry's value: {held}.")
    return words


def _wrapped(sentence: str) -> str:
    return textwrap.fill(sentence, _WIDTH, break_on_hyphens=False)


def run_command(found: Estimation, folder: str | None = None) -> str:
    """Return the command line: the overlay where it is written, else every value by ``--set``.

    Values outside the registry's ranges need the overlay, so without a folder none is given.
    """
    if folder is not None:
        return f"sim77 run {shlex.quote(str(Path(folder) / 'overlay.yaml'))}"
    if found.outside_ranges:
        return "sim77 run OVERLAY.yaml   (write it with --out FOLDER)"
    sets = " ".join(f"--set {name}={value:g}" for name, value in found.parameters.items())
    return f"sim77 run {shlex.quote(found.scenario)} {sets}"
