"""What can be seen of a model: agents, workers and observations know no more of it."""

from __future__ import annotations

import datetime as dt

import mesa
import numpy as np

from sim77.engine.arrays import ChoiceSets, Choosers, Workers
from sim77.engine.choice.allowance import Entitlements
from sim77.engine.columns import Sites
from sim77.engine.population.population import Population
from sim77.engine.recorder import Recorder
from sim77.engine.state import Memory
from sim77.engine.supply.loads import Trains
from sim77.engine.supply.network import Network
from sim77.engine.world import Effects, World
from sim77.registry.parameters import ParameterSet
from sim77.scenario.policy import PolicyState
from sim77.territory.territory import Territory


class ModelView(mesa.Model):
    """A model as those see it who look at it; see `sim77.engine.model.CommuteModel`."""

    territory: Territory
    population: Population
    world: World
    network: Network
    sites: Sites
    days: list[dt.date]
    scale: float
    memory: Memory

    @property
    def columns(self) -> Workers:
        """What the workers are and remember, in columns."""
        return self.memory.columns

    @property
    def effects(self) -> Effects:
        """What the policies in force do."""
        return self.memory.effects

    @property
    def recorder(self) -> Recorder:
        """What has been recorded so far, day by day."""
        return self.memory.recorder

    @property
    def day(self) -> dt.date:
        """The last day simulated."""
        return self.memory.day

    @property
    def state(self) -> PolicyState:
        """The policies in force."""
        return self.memory.effects.state

    @property
    def parameters(self) -> ParameterSet:
        """The parameters in force."""
        return self.memory.effects.parameters

    @property
    def choice_sets(self) -> ChoiceSets:
        """The centres in reach by commune and car available, under the policies in force."""
        return self.world.choice_sets(self.parameters)

    @property
    def rights(self) -> Entitlements:
        """Who may work away from the office."""
        return self.memory.effects.rights

    @property
    def trains_today(self) -> Trains:
        """The trains that run today."""
        return self.memory.effects.trains_today

    @property
    def centre_today(self) -> np.ndarray:
        """Row in ``sites`` of the centre each worker uses today, -1 none, (n_workers,)."""
        centre = np.full(self.columns.alternative.size, -1, dtype=np.int64)
        workers, at = self.at_centres
        centre[workers] = at
        return centre

    @property
    def at_centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Workers who use a centre today, in order, and the row in ``sites`` of each one's."""
        return self._at_centres(self.columns, self.memory.choosers, self.effects.considering[0])

    @property
    def home_based_at_centres(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of those who work at home for themselves."""
        effects = self.effects
        return self._at_centres(self.memory.home_based, effects.home_based, effects.considering[1])

    def _at_centres(
        self, w: Workers, choosers: Choosers, considering: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        rows = considering[w.alternative[choosers.worker[considering]] >= 0]
        workers, first = choosers.worker[rows], self.choice_sets.start[choosers.choice_set[rows]]
        return workers, self.choice_sets.centre[first + w.alternative[workers]]
