"""Estimation: the choice model's parameters from a table of observed choices, with their errors.

``estimate(survey)`` reads the table (`sim77.analysis.estimate.survey`), makes utilities of it
(`sim77.analysis.estimate.design`), maximises the likelihood of the nested
(`sim77.analysis.estimate.nested`) or of the mixed logit (`sim77.analysis.estimate.mixed`), and
returns an `Estimation`, which `sim77.save` writes as tables and as a scenario to run.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from sim77.analysis.estimate.design import ChoiceDesign, Note, make_design, registry_values
from sim77.analysis.estimate.mixed import fit_mixed
from sim77.analysis.estimate.nested import MU, Fit, covariances, fit_nested
from sim77.analysis.estimate.survey import COLUMNS, check_survey, read_survey
from sim77.core.errors import StudyError, nearest
from sim77.engine.scope import checked_whole
from sim77.registry.parameters import load_parameters
from sim77.scenario.scenario import load_scenario

METHODS = ("nested", "mixed")
_Z95 = 1.959963984540054
_STEP = 1e-6
_STILL_TO_GAIN = 0.01  # log-likelihood: a maximum is found if one more step would add less
_NO_TASTES = ("sd_taste_home", "sd_taste_telecentre")


@dataclass(frozen=True)
class Estimation:
    """Parameters estimated from a survey.

    Attributes
    ----------
    method : str
        ``nested`` or ``mixed``.
    table : pandas.DataFrame
        One row a parameter: ``parameter``, ``estimate``, ``se`` (robust, by person),
        ``se_classical``, ``t`` (against `t_against`: 1 for ``mu_remote``, else 0), ``low``,
        ``high`` (95 %), ``registry``, ``registry_low``, ``registry_high``, ``inside_range``.
    covariance : pandas.DataFrame
        Robust covariance of the estimates.
    goes_with : dict of str to float
        Parameters that the estimator takes to be at a value and the overlay therefore sets.
    held : dict of str to float
        Parameters kept at the registry's value while estimating.
    n_days, n_persons : int
    log_likelihood, log_likelihood_null : float
        At the maximum, and with all available plans alike.
    starts, starts_agreeing : int
        Starting points, and those that led to the same maximum.
    converged : bool
    scenario : str
        The scenario that the overlay extends.
    notes : tuple of Note
        What the user should know.
    """

    method: str
    table: pd.DataFrame
    covariance: pd.DataFrame
    goes_with: dict[str, float]
    held: dict[str, float]
    n_days: int
    n_persons: int
    log_likelihood: float
    log_likelihood_null: float
    starts: int
    starts_agreeing: int
    converged: bool
    scenario: str
    notes: tuple[Note, ...]

    @property
    def rho_squared(self) -> float:
        """McFadden's: 1 less the ratio of the log-likelihoods."""
        return 1.0 - self.log_likelihood / self.log_likelihood_null

    @property
    def rho_squared_adjusted(self) -> float:
        """The same, with the number of estimates taken off the log-likelihood."""
        return 1.0 - (self.log_likelihood - len(self.covariance)) / self.log_likelihood_null

    @property
    def parameters(self) -> dict[str, float]:
        """What to run the model with: the estimates, and what goes with the estimator."""
        estimates = zip(self.table["parameter"], self.table["estimate"], strict=True)
        return {**{name: float(f"{value:.6g}") for name, value in estimates}, **self.goes_with}

    @property
    def outside_ranges(self) -> tuple[str, ...]:
        """The parameters whose estimate lies outside the registry's range."""
        return tuple(self.table.loc[~self.table["inside_range"], "parameter"])

    def overlay_yaml(self) -> str:
        """Return a scenario that extends another by these parameters, as YAML."""
        file = Path(self.scenario)
        # The scenario that is written may stand in another folder.
        extended = str(file.resolve()) if file.is_file() else self.scenario
        content: dict[str, object] = {"extends": extended}
        if self.outside_ranges:
            content["outside_ranges"] = True
        content["parameters"] = self.parameters
        head = (
            f"# Estimated by sim77 estimate ({self.method} logit): {self.n_days} days of "
            f"{self.n_persons} persons.\n# Standard errors stand in estimates.csv.\n"
        )
        if self.outside_ranges:
            head += f"# Outside the registry's range: {', '.join(self.outside_ranges)}.\n"
        return head + yaml.safe_dump(content, sort_keys=False, width=100)

    def to_json(self) -> str:
        """Return everything as JSON."""
        content = {
            "method": self.method,
            "n_days": self.n_days,
            "n_persons": self.n_persons,
            "log_likelihood": self.log_likelihood,
            "log_likelihood_null": self.log_likelihood_null,
            "rho_squared": self.rho_squared,
            "rho_squared_adjusted": self.rho_squared_adjusted,
            "converged": self.converged,
            "starts": self.starts,
            "starts_agreeing": self.starts_agreeing,
            "estimates": self.table.to_dict(orient="records"),
            "goes_with": self.goes_with,
            "held": self.held,
            "notes": [{"note": each.name, **each.values} for each in self.notes],
        }
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def estimate(
    survey: str | Path | pd.DataFrame,
    method: str = "nested",
    *,
    hold: Collection[str] = (),
    free: Collection[str] = (),
    scenario: str = "hybrid-2022",
    n_draws: int = 500,
    seed: int = 1,
) -> Estimation:
    """Fit the day-plan choice model to observed choices.

    Parameters
    ----------
    survey : str, Path or pandas.DataFrame
        One row a person-day (`sim77.analysis.estimate.survey.COLUMNS`).
    method : str
        ``nested``: scale of the nests, no lasting tastes. ``mixed``: lasting tastes for home and
        centres, no other nest.
    hold : collection of str
        Parameters, or families by the start of their name, to keep at the registry's value.
    free : collection of str
        Of `sim77.analysis.estimate.design.HELD_UNLESS_ASKED`, those to estimate.
    scenario : str
        The scenario that the overlay extends: a shipped name or a file.
    n_draws : int
        Halton draws a person (mixed).
    seed : int
        Which stretch of Halton's sequences (mixed).

    Raises
    ------
    StudyError
        If the survey is wrong, or does not tell the parameters.
    ScenarioError
        If there is no such scenario.
    """
    if method not in METHODS:
        raise StudyError(f"unknown method '{method}'.{nearest(method, METHODS)}")
    checked_whole("number of draws", n_draws, 1, 100_000, StudyError)
    checked_whole("seed", seed, 1, 1_000_000, StudyError)
    load_scenario(scenario)
    table = check_survey(survey) if isinstance(survey, pd.DataFrame) else read_survey(survey)
    holds_mu = MU in hold
    if holds_mu and method == "mixed":
        raise StudyError(f"the mixed logit has {MU} at 1, it cannot be held at another value.")
    design = make_design(table, [name for name in hold if name != MU], free)
    usual_mu = load_parameters()[MU].value
    if method == "nested":
        fit = fit_nested(design, usual_mu if holds_mu else None)
        goes_with = dict.fromkeys(_NO_TASTES, 0.0)
    else:
        fit, goes_with = fit_mixed(design, n_draws, seed), {MU: 1.0}
    return _estimation(design, fit, method, goes_with, scenario)


def _estimation(
    design: ChoiceDesign, fit: Fit, method: str, goes_with: dict[str, float], scenario: str
) -> Estimation:
    robust, classical = covariances(fit)
    values = registry_values(fit.names, fit.values)
    jacobian = _jacobian(fit)
    covariance = jacobian @ robust @ jacobian.T
    usual = jacobian @ classical @ jacobian.T
    held = dict(design.held)
    if MU not in (*fit.names, *goes_with):
        held[MU] = load_parameters()[MU].value
    choices = (design.weight * np.log(design.available.sum(axis=1))).sum()
    notes = [*design.notes]
    if method == "mixed" and "sd_taste_telecentre" not in values:
        notes.append(Note("no_centre"))
    return Estimation(
        method=method,
        table=_table(values, np.sqrt(np.diag(covariance)), np.sqrt(np.diag(usual))),
        covariance=pd.DataFrame(covariance, index=list(values), columns=list(values)),
        goes_with=goes_with,
        held=held,
        n_days=design.n_days,
        n_persons=design.n_persons,
        log_likelihood=fit.log_likelihood,
        log_likelihood_null=-float(choices),
        starts=fit.starts,
        starts_agreeing=fit.starts_agreeing,
        converged=fit.starts_agreeing > 0 and 0.0 <= fit.still_to_gain() < _STILL_TO_GAIN,
        scenario=scenario,
        notes=tuple(notes),
    )


def _jacobian(fit: Fit) -> np.ndarray:
    """Return the derivatives of the parameters by the coefficients, by central differences."""
    columns = []
    for index in range(fit.values.size):
        step = np.zeros(fit.values.size)
        step[index] = _STEP
        ends = [
            np.array(list(registry_values(fit.names, fit.values + sign * step).values()))
            for sign in (1.0, -1.0)
        ]
        columns.append((ends[0] - ends[1]) / (2.0 * _STEP))
    return np.array(columns).T


def _table(values: dict[str, float], se: np.ndarray, se_classical: np.ndarray) -> pd.DataFrame:
    known = load_parameters()
    estimates = np.array(list(values.values()))
    against = np.array([1.0 if name == MU else 0.0 for name in values])
    low = np.array([known[name].low for name in values])
    high = np.array([known[name].high for name in values])
    return pd.DataFrame(
        {
            "parameter": list(values),
            "estimate": estimates,
            "se": se,
            "se_classical": se_classical,
            "t": (estimates - against) / se,
            "t_against": against,
            "low": estimates - _Z95 * se,
            "high": estimates + _Z95 * se,
            "registry": [known[name].value for name in values],
            "registry_low": low,
            "registry_high": high,
            "inside_range": (low <= estimates) & (estimates <= high),
        }
    )


def write_template(path: str | Path) -> Path:
    """Write an example survey of a few made-up days, with every column there is.

    Raises
    ------
    StudyError
        If the file exists.
    """
    out = Path(path)
    if out.exists():
        raise StudyError(f"{out} exists already, expected the name of a new file.")
    template().to_csv(out, index=False)
    return out


def template() -> pd.DataFrame:
    """Return the example survey: made-up days of two persons."""
    common = {
        "travel_eur": 0,
        "access_eur": 0.6,
        "price_day_eur": 15,
        "price_half_day_eur": 8,
        "centre_kind": "telecentre",
        "chosen_centre": "",
        "fibre": 1,
        "presence_share": 0.6,
        "norm_share": 0.3,
        "isolation_days": 0,
        "half_days_left": 10,
        "weight": 1,
    }
    ada = {"person": "ada", "occupation": "managers", "travel_perceived_min": 190,
           "off_peak_perceived_min": 170, "mode": "public-transport", "mode_constant": 0.0,
           "access_min": 24, "access_perceived_min": 31}  # fmt: skip
    ben = {"person": "ben", "occupation": "clerical", "travel_perceived_min": 150,
           "off_peak_perceived_min": 120, "mode": "car", "mode_constant": -0.8,
           "access_min": 16, "access_perceived_min": 32}  # fmt: skip
    days = [
        {**ada, "weekday": "monday", "available": "office half home telecentre",
         "chosen": "office", "last_plan": "home", "working_days_left": 4},
        {**ada, "weekday": "tuesday", "available": "office half home telecentre",
         "chosen": "telecentre", "last_plan": "office", "working_days_left": 3,
         "chosen_centre": 1},
        {**ben, "weekday": "thursday", "available": "office home", "chosen": "home",
         "last_plan": "", "working_days_left": 1},
        {**ben, "weekday": "friday", "available": "office half home telecentre",
         "chosen": "half", "last_plan": "home", "working_days_left": 0},
    ]  # fmt: skip
    frame = pd.DataFrame([{**common, **day} for day in days])
    return frame[[name for name in COLUMNS if name in frame]]
