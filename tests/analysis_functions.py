"""Functions that studies of the analysis tests evaluate: rules planted in noise of real runs."""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from sim77.analysis.sweep.outcomes import Outcome, values_of
from sim77.core.units import OCCUPATION_GROUPS
from sim77.engine.model import CommuteModel
from sim77.scenario.scenario import Scenario, SiteSpec
from sim77.territory.territory import load_territory, write_example

Point = Mapping[str, float]

DESKS, PRICE = 12.0, 9.0
"""The thresholds of the planted rule: the policy helps from so many desks, up to such a price."""

_PAIRS = 30


@lru_cache(maxsize=1)
def real_noise() -> np.ndarray:
    """Return paired effects on CO2e of real small runs, one a seed, centred and of spread 1."""
    scenario = Scenario(
        *("noise", "", "", "", ""),
        start=dt.date(2014, 9, 8),
        end=dt.date(2014, 9, 10),
        parameters={
            f"share_{what}_{group}": 1.0
            for what in ("teleworkable", "covered") for group in OCCUPATION_GROUPS
        } | {"awareness_innovation_per_month": 1.0, "awareness_elsewhere": 1.0},
        network=(SiteSpec("bourg"), SiteSpec("village")),
        outside_ranges=True,
    )  # fmt: skip
    outcome = (Outcome("co2e_travel_kg"),)
    with tempfile.TemporaryDirectory() as folder:
        territory = load_territory(write_example(Path(folder) / "small"))
    effects = []
    for seed in range(1, _PAIRS + 1):
        pair = []
        for side in (scenario, scenario.with_(network=())):
            model = CommuteModel(side, seed=seed, territory=territory)
            while model.running:
                model.step()
            pair.append(float(values_of(model, outcome)["co2e_travel_kg"]))
        effects.append(pair[0] - pair[1])
    found = np.array(effects)
    return (found - found.mean()) / found.std(ddof=1)


def noise(point: Point, seed: int) -> float:
    """Draw from the real noise, another value for each point and seed."""
    text = f"{sorted(point.items())} {seed}".encode()
    place = int.from_bytes(hashlib.sha256(text).digest()[:4], "big")
    return float(real_noise()[place % _PAIRS])


def planted(point: Point, seed: int) -> dict[str, float]:
    """Shift the effect by a rule on desks and price; the two other levers do nothing."""
    helps = point["desks"] >= DESKS and point["price"] <= PRICE
    effect = (-1.2 if helps else 1.2) + noise(point, seed)
    return {"effect_co2e_travel_kg": effect, "effect_chance": noise(point, seed + 1000)}


def planted_plainly(point: Point, seed: int) -> dict[str, float]:
    """Give the same rule with drawn noise, for tests of pages, which need no real runs."""
    text = f"{sorted(point.items())} {seed}".encode()
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(text).digest()[:8], "big"))
    helps = point["desks"] >= DESKS and point["price"] <= PRICE
    first, second = random.normal(size=2)
    return {"effect_co2e_travel_kg": (-1.2 if helps else 1.2) + first, "effect_chance": second}


def linear(point: Point, seed: int) -> dict[str, float]:
    """Return 4 a - 2 b; c does nothing."""
    return {"y": 4.0 * point["a"] - 2.0 * point["b"]}


PAYOFF = {("small", 0.0): 10.0, ("small", 1.0): 20.0, ("large", 0.0): 40.0, ("large", 1.0): 12.0}


def payoff(point: Mapping[str, object], seed: int) -> dict[str, float]:
    """Return a loss by lever and state, worked out by hand in the tests."""
    return {"y": PAYOFF[str(point["size"]), float(point["state"])]}  # type: ignore[arg-type]


def emissions(point: Mapping[str, object], seed: int) -> dict[str, float]:
    """Return the same loss as kilograms of CO2e, as they are and as an effect."""
    loss = payoff(point, seed)["y"]
    return {"co2e_travel_kg": loss, "effect_co2e_travel_kg": loss - 15.0}
