"""A fit of the modes to a census as a text for a terminal."""

from __future__ import annotations

from sim77.analysis.modes.fit import ModeFit

_ANSWERS = {"TC": "public transport", "VP": "car", "NM": "walk, two-wheelers"}


def fit_text(found: ModeFit) -> str:
    """Return shares, errors by commune and the scale of a fit."""
    lines = [
        f"Scale of the tastes for modes (mu_mode): {1.0 / found.free[0]:.3f}, "
        f"log-likelihood a worker {found.log_likelihood:.4f}",
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
    return "\n".join(lines)
