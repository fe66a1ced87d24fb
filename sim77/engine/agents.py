"""The few who are ordinary Mesa agents: employers, telecentres, lines, road sections, communes.

Workers are many, so their state lives in columns (`sim77.engine.workers` shows them as agents). The
agents here read those columns too: each knows its place in the model and has named attributes.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator

import mesa
import numpy as np

from sim77.core.units import EMPLOYER_SIZES, Plan
from sim77.engine.view import ModelView


class _Counters(weakref.WeakKeyDictionary):
    """Running numbers by model: Mesa's own keep every model of a process for good (3.3 only)."""

    def __getitem__(self, model: mesa.Model) -> Iterator[int]:
        return self.setdefault(model, itertools.count(1))


class PlacedAgent(mesa.Agent):
    """A Mesa agent with a place in the model's columns."""

    model: ModelView
    _ids = _Counters()

    def __init__(self, model: ModelView, index: int):
        super().__init__(model)
        self.index = index


class Employer(PlacedAgent):
    """An employer of simulated workers, drawn from the size classes."""

    @property
    def size(self) -> str:
        """Size class."""
        return EMPLOYER_SIZES[self.model.population.employer_size[self.index]]

    @property
    def zone(self) -> str:
        """Workplace zone."""
        zones = self.model.territory.workplace_zones
        return zones[self.model.population.employer_zone[self.index]]

    @property
    def heads(self) -> int:
        """Simulated workers employed."""
        return int(self.model.population.employer_heads[self.index])

    @property
    def members(self) -> np.ndarray:
        """Rows of the workers employed, int64."""
        return np.flatnonzero(self.model.population.employer == self.index)

    def step(self) -> None:
        """Lease the desks of the next quarter (`sim77.engine.organisations.employers`)."""
        self.model.memory.employers.decide(slice(self.index, self.index + 1), self.model.state)

    @property
    def desks_leased(self) -> float:
        """Desks leased for the simulated workers."""
        return float(self.model.memory.employers.desks_leased[self.index])

    @property
    def desks_needed(self) -> float:
        """Desks that last quarter's busiest weekday needed, reserve included."""
        return float(self.model.memory.employers.desks_needed[self.index])

    @property
    def saving_eur(self) -> float:
        """Saved on desks given up since the start of the run."""
        return float(self.model.memory.employers.saving_eur[self.index])

    @property
    def covered_heads(self) -> int:
        """Workers employed whom an agreement covers."""
        return int(self.model.rights.covered[self.members].sum())

    @property
    def at_office(self) -> int:
        """Workers employed who are at the office today, half days not counted."""
        return int((self.model.columns.kind[self.members] == Plan.OFFICE).sum())


class Telecentre(PlacedAgent):
    """A shared office near home, bookable by the day and the half-day."""

    @property
    def telecentre_id(self) -> str:
        """Id in the territory's table."""
        return self.model.sites.ids[self.index]

    @property
    def name(self) -> str:
        """Name in the territory's table."""
        return self.model.sites.names[self.index]

    @property
    def is_open(self) -> bool:
        """Whether it is open today."""
        return any(site.telecentre_id == self.telecentre_id for site in self.model.state.sites)

    def step(self) -> None:
        """Act on the month's books: close, add desks, move prices (`organisations.operators`)."""
        self.model.memory.operators.decide(slice(self.index, self.index + 1), self.model.state)

    @property
    def closed(self) -> bool:
        """Whether the operator has given it up."""
        return bool(self.model.memory.operators.closed[self.index])

    @property
    def price_factor(self) -> float:
        """Prices asked over prices posted by the scenario."""
        return float(self.model.memory.operators.price_factor[self.index])

    @property
    def cumulated_eur(self) -> float:
        """Result since the start of the run."""
        return float(self.model.memory.operators.cumulated_eur[self.index])

    @property
    def margin_eur(self) -> float:
        """Revenue and subsidy less cost of the last month closed."""
        return float(self.model.memory.operators.accounts.margin_eur[self.index])

    @property
    def break_even_occupancy(self) -> float:
        """Occupancy at which the last month would have paid its cost."""
        return float(self.model.memory.operators.accounts.break_even_occupancy[self.index])

    @property
    def subsidy_needed_eur(self) -> float:
        """Public money that the last month would have needed to break even."""
        return float(self.model.memory.operators.accounts.subsidy_needed_eur[self.index])

    @property
    def desks(self) -> int:
        """Desks today, at the scale of the run."""
        return int(self.model.memory.centres.desks[self.index])

    @property
    def occupied(self) -> float:
        """Desks occupied today, users who are not simulated included, mean of both halves."""
        return float(
            self.model.memory.centres.desks[self.index]
            - self.model.memory.centres.free_desks[self.index].mean()
        )

    @property
    def refusals(self) -> int:
        """Bookings refused today."""
        return int(self.model.memory.centres.refusals[self.index])


class Line(PlacedAgent):
    """A railway line; its services share segments (`sim77.engine.supply.loads`)."""

    @property
    def name(self) -> str:
        """Name of the line, such as ``R``."""
        return str(self.model.territory.lines["line"].iloc[self.index])

    @property
    def segments(self) -> np.ndarray:
        """Rows of the line's segments, int64."""
        return np.flatnonzero(self.model.network.line == self.index)

    @property
    def peak_riders(self) -> float:
        """Riders in the peak hour where the line is fullest, background included."""
        return float(self._today[:, 0].sum())

    @property
    def load_factor(self) -> float:
        """Peak riders over places there."""
        return float(self.peak_riders / self._today[:, 3].sum())

    @property
    def _today(self) -> np.ndarray:
        network, loads = self.model.network, self.model.memory.loads
        mine = network.peak_segments(loads.riders)[self.index]
        return network.segment_columns(loads, self.model.trains_today)[mine]


class Section(PlacedAgent):
    """A section of road in one direction."""

    @property
    def name(self) -> str:
        """Name of the road and direction, such as ``A4 east``."""
        section = self.model.territory.od.road.sections.iloc[self.index]
        return f"{section['road']} {section['direction']}"

    @property
    def volume_veh_per_hour(self) -> float:
        """Vehicles an hour in the peak, background included."""
        return float(self.model.memory.loads.volume[self.index])

    @property
    def expected_ratio(self) -> float:
        """Minutes expected over free-flow minutes."""
        return float(self.model.memory.expected_ratio[self.index])


class Commune(PlacedAgent):
    """A commune of residence."""

    @property
    def code(self) -> str:
        """INSEE code."""
        return str(self.model.territory.communes["code"].iloc[self.index])

    @property
    def name(self) -> str:
        """Name of the commune."""
        return str(self.model.territory.communes["name"].iloc[self.index])

    @property
    def residents(self) -> int:
        """Simulated workers who live here."""
        start = self.model.population.commune_start
        return int(start[self.index + 1] - start[self.index])

    @property
    def away_from_office(self) -> int:
        """Workers who spend today at home or in a telecentre."""
        start = self.model.population.commune_start
        kind = self.model.columns.kind[start[self.index] : start[self.index + 1]]
        return int((kind >= Plan.HOME).sum())


AGENTS: dict[type[PlacedAgent], Callable[[ModelView], int]] = {
    Telecentre: lambda model: len(model.sites.ids),
    Line: lambda model: len(model.territory.lines),
    Section: lambda model: len(model.territory.od.road.sections),
    Employer: lambda model: model.population.employer_heads.size,
    Commune: lambda model: len(model.territory.communes),
}
"""How many of each kind a model has."""


class ModelOfAgents(ModelView):
    """A Mesa model that has agents of these five kinds.

    A run itself asks for few of them, and there are thousands: those of a kind are made when
    somebody first looks at one, or a sweep would spend a tenth of its time on them.
    """

    def _make_all(self) -> None:
        for kind in AGENTS:
            self._agents_of(kind)

    @property
    def agents(self) -> mesa.agent.AgentSet:
        """All agents of Mesa's; those that nobody has looked at before are made now."""
        self._make_all()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], mesa.agent.AgentSet]:
        """The same by class."""
        self._make_all()
        return super().agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """Their classes."""
        self._make_all()
        return super().agent_types

    def _agents_of(self, kind: type[PlacedAgent]) -> mesa.agent.AgentSet:
        if kind not in self._agents_by_type:
            for index in range(AGENTS[kind](self)):
                kind(self, index)
        return self._agents_by_type.get(kind, mesa.agent.AgentSet([], random=self.random))

    @property
    def employers(self) -> mesa.agent.AgentSet:
        """The employers of simulated workers."""
        return self._agents_of(Employer)

    @property
    def telecentres(self) -> mesa.agent.AgentSet:
        """The telecentres that open at any time in the run."""
        return self._agents_of(Telecentre)

    @property
    def lines(self) -> mesa.agent.AgentSet:
        """The railway lines."""
        return self._agents_of(Line)

    @property
    def sections(self) -> mesa.agent.AgentSet:
        """The sections of road."""
        return self._agents_of(Section)

    @property
    def communes(self) -> mesa.agent.AgentSet:
        """The communes of residence."""
        return self._agents_of(Commune)
