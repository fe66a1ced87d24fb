"""A fit of the modes to a census, and riders who were counted, as texts for a terminal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim77.analysis.modes.fit import ModeFit
from sim77.registry.parameters import load_parameters

_ANSWERS = {"TC": "public transport", "VP": "car", "NM": "walk, two-wheelers"}


def fit_text(found: ModeFit) -> str:
    """Return shares, errors by commune, the scale and the coefficients of a fit."""
    lines = [
        f"Scale of the tastes for modes (mu_mode): {1.0 / found.free[0]:.3f}, "
        f"log-likelihood a worker {found.log_likelihood:.4f}",
        *_held(1.0 / found.free[0]),
        *_elsewhere(found),
        "",
        f"{'':12}{'':20}{'workers':>12}{'observed %':>12}{'model %':>9}"
        f"{'mean error by commune, points':>32}{'one share for all':>19}",
    ]
    joined = found.shares.merge(found.errors, on=["communes", "mode"])
    for row in joined.to_dict("records"):
        lines.append(
            f"{row['communes']:12}{_ANSWERS[row['mode']]:20}{row['workers']:>12,.0f}"
            f"{100 * row['observed']:>12.1f}{100 * row['model']:>9.1f}"
            f"{row['points']:>32.1f}{row['points_without_model']:>19.1f}"
        )
    worse = joined[joined["points"] > joined["points_without_model"]]
    if len(worse):
        modes = ", ".join(dict.fromkeys(worse["mode"].map(_ANSWERS)))
        said = f"Further off by commune than one share for all: {modes}."
        lines += ["", f"{said} Do not read shares by commune."]
    return "\n".join([*lines, "", *_coefficients(found.table)])


def _held(scale: float) -> list[str]:
    """Say that the scale is held at an end of its range, where it is."""
    entry = load_parameters()["mu_mode"]
    if not (np.isclose(scale, entry.low) or np.isclose(scale, entry.high)):
        return []
    said = "little" if np.isclose(scale, entry.high) else "much"
    return [
        f"Held at the end of its range, {entry.low:g} to {entry.high:g}: times and euros tell too "
        f"{said} of who takes which mode. Check the times of the territory."
    ]


def _elsewhere(found: ModeFit) -> list[str]:
    """Say who answered and is not in the fit, where there are any."""
    if found.elsewhere == 0.0:
        return []
    counted = found.shares.drop_duplicates("communes")["workers"].sum()
    share = found.elsewhere / (found.elsewhere + counted)
    return [
        f"Not counted: {found.elsewhere:,.0f} workers of the answers ({share:.1%}), whose home and "
        "workplace are no pair of the territory."
    ]


def _coefficients(table: pd.DataFrame) -> list[str]:
    """Return what was fitted by mode, one line an area pair, an occupation or a density."""
    fitted = table[table["term"] != "mu_mode"].fillna("")
    words = fitted[["term", "origin", "destination", "occupation"]].astype(str)
    of = [" ".join(each for each in row if each) for row in words.to_numpy().tolist()]
    modes = list(dict.fromkeys(fitted["mode"]))
    by_mode = dict(zip(zip(of, fitted["mode"], strict=True), fitted["value"], strict=True))
    source = ", ".join(dict.fromkeys(table["source"].astype(str)))
    lines = [f"Coefficients, utils (source: {source}):", f"{'':34}{''.join(map(_cell, modes))}"]
    return lines + [
        f"{name:34}{''.join(_cell(f'{by_mode[name, mode]:.3f}') for mode in modes)}"
        for name in dict.fromkeys(of)
    ]


def _cell(text: str) -> str:
    return f"{text:>18}"


def riders_text(ratio: pd.Series) -> str:
    """Return the riders of the peak hour over those who commute, by line with counts."""
    lines = ["", "Riders of the peak hour that counts ask for, over those who commute, by line:"]
    for line, value in ratio.items():
        lines.append(f"{line:12}{value:8.2f}{'' if value > 1.0 else '  (no others are added)'}")
    return "\n".join(lines)
