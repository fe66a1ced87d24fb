"""Estimate ``flows.csv``, how many residents of each commune work in which zone, and say how well.

The model is in `sim77.analysis.flows.interaction`; its result is marked estimated. So is the
occupation mix of the zones, which follows from how far from work each occupation lives
(`sim77.engine.population.occupations`). Whoever has the census's own flows by commune reads them in
instead (``sim77 territory import-mobpro``).
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim77.analysis.flows.interaction import (
    CENSUS_DAY,
    DISTANCES,
    OCCUPATION_MEDIANS,
    OTHER_TOTALS,
    OTHER_ZONES,
    SLOPES,
    Observed,
    Target,
    fit_slopes,
    leave_one_out,
    logistic,
    mean_by_arrondissement,
    mean_of_others,
    observe,
    other_workers,
    paris_workers,
    read_targets,
    share_paris_by_commune,
)
from sim77.core.units import ARRONDISSEMENTS, OCCUPATION_GROUPS, WORKPLACE_ZONES
from sim77.engine.population.occupations import fit_slopes_per_km
from sim77.engine.supply.access import Floats
from sim77.engine.supply.gravity import commute_distances, fit_decay
from sim77.registry.parameters import ParameterSet, resolve
from sim77.territory.territory import Territory, load_territory

FONTAINEBLEAU_EPCI = "CA du Pays de Fontainebleau"


def fit_flows(territory: Territory, parameters: ParameterSet) -> tuple[pd.DataFrame, str]:
    """Estimate ``flows.csv`` of a territory.

    Parameters
    ----------
    territory : Territory
        With ``flow_targets.csv`` in its folder.
    parameters : ParameterSet

    Returns
    -------
    flows : DataFrame
        Columns of ``flows.csv``.
    report : str
        What was fitted and how well.
    """
    targets = read_targets(territory.folder)
    observed = observe(territory, parameters, targets)
    constant, slopes = fit_slopes(observed)
    in_paris = paris_workers(observed, share_paris_by_commune(observed, slopes))
    others = other_workers(territory, targets, observed.workers - in_paris)
    by_zone = dict(zip(OTHER_ZONES, others.T, strict=True)) | {"paris": in_paris}
    workers = np.column_stack([by_zone[zone] for zone in WORKPLACE_ZONES])
    flows = pd.DataFrame(
        {
            "commune_code": np.repeat(territory.communes["code"].to_numpy(), len(WORKPLACE_ZONES)),
            "workplace_zone": np.tile(WORKPLACE_ZONES, len(workers)),
            "workers": workers.ravel(),
            "estimated": 1,
            "source": "flows-fit",
        }
    )
    report = [
        *_slopes_report(observed, constant, slopes),
        *_communes_report(territory, observed, in_paris, targets),
        *_zones_report(workers, targets),
        *_distance_report(territory, parameters, workers, targets),
    ]
    return flows, "\n".join(report)


def _slopes_report(observed: Observed, constant: float, slopes: Floats) -> list[str]:
    first = mean_by_arrondissement(logistic(constant + observed.covariates @ slopes), observed)
    without = leave_one_out(observed)
    return [
        "Share working in Paris: logit with one constant for all (first stage)",
        f"  constant {constant:.3f}",
        *(
            f"  {name:<13} {slope:8.4f}   assumed {mean:.4f} with sd {sd:.4f}"
            for name, slope, mean, sd in zip(
                SLOPES, slopes, observed.prior, observed.prior_sd, strict=True
            )
        ),
        "  Five observations for five numbers: the assumed slopes carry the result.",
        "",
        "Share working in Paris, %   observed   first stage   predicted without it   error",
        *(
            f"  {name:<24} {100 * seen:8.2f} {100 * fit:13.2f} {100 * out:22.2f} "
            f"{100 * (out - seen):+7.2f}"
            for name, seen, fit, out in zip(
                ARRONDISSEMENTS, observed.share_paris, first, without, strict=True
            )
        ),
        f"  root mean square error of the predictions without it: "
        f"{100 * np.sqrt(np.mean((without - observed.share_paris) ** 2)):.2f} points, "
        f"of the mean of the others: "
        f"{100 * np.sqrt(np.mean((mean_of_others(observed) - observed.share_paris) ** 2)):.2f}",
        "",
    ]


def _communes_report(
    territory: Territory,
    observed: Observed,
    in_paris: NDArray[np.int64],
    targets: dict[str, Target],
) -> list[str]:
    share = in_paris / np.maximum(observed.workers, 1)
    rail_min = observed.covariates[:, 0]
    lines = ["Communes after the constants are solved   share in Paris, %   with rail minutes"]
    for index, name in enumerate(ARRONDISSEMENTS):
        here = (observed.arrondissement == index) & (observed.workers > 0)
        correlation = np.corrcoef(share[here], rail_min[here])[0, 1]
        lines.append(
            f"  {name:<38} {100 * share[here].min():6.1f} to {100 * share[here].max():4.1f}"
            f"     correlation {correlation:+.2f}"
        )
    epci = (territory.communes["epci_name"] == FONTAINEBLEAU_EPCI).to_numpy()
    reported = targets["fontainebleau_area_to_paris"].value
    return [
        *lines,
        "",
        f"{FONTAINEBLEAU_EPCI} to Paris: {in_paris[epci].sum()} workers; reported {reported:.0f}",
        "",
    ]


def _zones_report(workers: NDArray[np.int64], targets: dict[str, Target]) -> list[str]:
    by_zone = dict(zip(WORKPLACE_ZONES, workers.sum(axis=0), strict=True))
    of_zone = {"paris": "rp2014_share_paris"} | dict(zip(OTHER_ZONES, OTHER_TOTALS, strict=True))
    return [
        "Workers by zone             workers   share, %   observed, %",
        *(
            f"  {zone:<20} {count:14d} {100 * count / workers.sum():10.2f} "
            f"{targets[of_zone[zone]].value:13.2f}"
            for zone, count in by_zone.items()
        ),
        "",
    ]


def _distance_report(
    territory: Territory,
    parameters: ParameterSet,
    workers: NDArray[np.int64],
    targets: dict[str, Target],
) -> list[str]:
    mean_km, median_km = (targets[name].value for name in DISTANCES)
    fitted = fit_decay(territory, workers, mean_km, median_km)
    lines = ["Crow-fly km to work   decay per km   mean   median   in own commune, %"]
    for name, decay in (("registry", parameters.gravity_decay_per_km), ("best fit", fitted)):
        model = commute_distances(territory, workers, decay)
        lines.append(
            f"  {name:<20} {decay:11.3f} {model.mean_km:6.1f} {model.median_km:8.1f} "
            f"{100 * model.share_own_commune:19.1f}"
        )
    own_percent = targets["employees_in_own_commune_2004"].value
    observed = f"{mean_km:6.1f} {median_km:8.1f} {own_percent:19.1f}"
    lines.append(f"  {'observed':<20} {'':11} {observed}")
    return lines


def fit_occupations(territory: Territory, parameters: ParameterSet) -> tuple[pd.DataFrame, str]:
    """Estimate the occupation mix by zone from how far each occupation lives from work.

    Parameters
    ----------
    territory : Territory
        With its flows, and with ``flow_targets.csv`` in its folder.
    parameters : ParameterSet

    Returns
    -------
    occupations : DataFrame
        Columns of ``occupations.csv``; rows that are not estimated stay as they are.
    report : str
    """
    targets = read_targets(territory.folder)
    medians_km = {group: targets[name].value for group, name in OCCUPATION_MEDIANS.items()}
    slopes, mixes = fit_slopes_per_km(territory, parameters, medians_km)
    table, by_zone = territory.occupations.copy(), dict(zip(WORKPLACE_ZONES, mixes, strict=True))
    for zone, rows in table.groupby("workplace_zone", sort=False):
        if rows["estimated"].all():
            shares = by_zone[str(zone)].round(6)
            shares[-1] = 1.0 - shares[:-1].sum()
            column = rows["group"].map(OCCUPATION_GROUPS.index)
            table.loc[rows.index, "share"] = shares[column]
    managers = table.loc[table["group"] == "managers"].set_index("workplace_zone")["share"]
    report = [
        "",
        "Occupation by crow-fly km to work   median, km   log-odds per km   registry",
        *(
            f"  {group:<32} {medians_km[group]:12.1f} {found:17.4f} "
            f"{parameters[f'odds_per_km_{group}']:10.4f}"
            for group, found in slopes.items()
        ),
        "  share of managers that follows, %: "
        + ", ".join(f"{zone} {100 * managers[zone]:.1f}" for zone in WORKPLACE_ZONES),
    ]
    return table, "\n".join(report)


def fit_report(out: str | Path | None = None) -> str:
    """Estimate the shipped territory's flows and occupations by zone, and say how well.

    Parameters
    ----------
    out : str or Path, optional
        Folder to write ``flows.csv`` and ``occupations.csv`` to.

    Returns
    -------
    str
    """
    territory = load_territory()
    parameters = resolve(CENSUS_DAY)
    flows, report = fit_flows(territory, parameters)
    occupations, groups_report = fit_occupations(replace(territory, flows=flows), parameters)
    if out is not None:
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        flows.to_csv(folder / "flows.csv", index=False)
        columns = ["workplace_zone", "group", "share", "estimated", "source"]
        table = folder / "occupations.csv"
        occupations[columns].to_csv(table, index=False, float_format="%.6f")
    return report + "\n" + groups_report
