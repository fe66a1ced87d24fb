"""What agents, workers and observations may see of a model: they know no more of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from sim77.engine.arrays import Workers
from sim77.engine.choice.allowance import Entitlements
from sim77.engine.columns import Sites
from sim77.engine.population.population import Population
from sim77.engine.state import Memory
from sim77.engine.supply.network import Network
from sim77.registry.parameters import ParameterSet
from sim77.scenario.policy import PolicyState
from sim77.territory.territory import Territory


class ModelView(Protocol):
    """A model as those see it who look at it; see `sim77.engine.model.CommuteModel`."""

    territory: Territory
    population: Population
    network: Network
    sites: Sites
    days: Sequence[dt.date]
    scale: float
    memory: Memory

    @property
    def columns(self) -> Workers:
        """What the workers are and remember."""

    @property
    def state(self) -> PolicyState:
        """The policies in force."""

    @property
    def parameters(self) -> ParameterSet:
        """The parameters in force."""

    @property
    def rights(self) -> Entitlements:
        """Who may work away from the office."""

    @property
    def trains_today(self) -> Any:
        """The trains that run today."""

    @property
    def at_centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Workers who use a centre today, and which."""

    @property
    def home_based_at_centres(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of those who work at home for themselves."""

    @property
    def centre_today(self) -> np.ndarray:
        """The centre each worker uses today."""
