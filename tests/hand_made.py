"""A day for the kernels made by hand: every number a kernel reads is the test's to set.

The engine makes the columns, so that they have the types of its compiled code; their values are
neutral.
"""

import datetime as dt
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from sim77.core.draws import ErrorBounds, error_bounds
from sim77.core.units import Plan
from sim77.engine import booking_kernels, loops
from sim77.engine.arrays import (
    Centres,
    ChoiceSets,
    Choosers,
    Coefficients,
    MarketGroups,
    Markets,
    Plans,
    Settings,
    Workers,
)
from sim77.engine.choice import choose_kernels, plan_kernels, week_kernels
from sim77.engine.columns import chooser_columns, worker_columns
from sim77.engine.modes import BestModes
from sim77.registry.parameters import resolve

MONDAY = dt.date(2014, 9, 1).toordinal()


class Day(NamedTuple):
    """What the kernels read of a day, in the order in which they take it."""

    w: Workers
    choosers: Choosers
    choice_sets: ChoiceSets
    centres: Centres
    markets: Markets
    settings: Settings

    def on(self, **settings: object) -> "Day":
        """Return the day with other settings; columns are shared, not copied."""
        return self._replace(settings=self.settings._replace(**settings))

    def weighing(self, **parameters: float) -> "Day":
        """Return the day with these parameters in place of zeros, theta of 1."""
        return self.on(coefficients=coefficients_of(**parameters))

    def without(self, choosers: np.ndarray) -> "Day":
        """Return the day with the choice taken from some; what workers remember is shared."""
        kept = np.delete(np.arange(self.choosers.worker.size), choosers)
        columns = self.choosers._asdict()
        rest = {name: np.ascontiguousarray(column[..., kept]) for name, column in columns.items()}
        self.w.chooser[:] = -1
        self.w.chooser[rest["worker"]] = np.arange(kept.size)
        return self._replace(choosers=Choosers(**rest))

    def like(self, home: np.ndarray | float, centre: np.ndarray | float) -> None:
        """Set what choosers like of home, and of a telecentre: half of it in half a day."""
        self.choosers.lasting[Plan.HOME] = home
        self.choosers.lasting[Plan.TELECENTRE] = centre
        self.choosers.lasting[Plan.HALF] = 0.5 * np.asarray(centre)

    def attract(self, centres: np.ndarray | tuple[float, ...]) -> None:
        """Set what centres are worth once there: half of it in half a day."""
        self.centres.attraction[Plan.TELECENTRE] = centres
        self.centres.attraction[Plan.HALF] = 0.5 * np.asarray(centres)

    @property
    def n_plans(self) -> int:
        return 2 + 2 * self.centres.key.size

    @property
    def bounds(self) -> ErrorBounds:
        return error_bounds(self.settings.mu, self.settings.mu_place)

    def totals(self, chooser: int) -> Plans:
        """Return utility, error and value of the allowance given up of every plan of a chooser."""
        plans = Plans(*np.full((3, self.n_plans), np.nan), np.empty(11))
        self._find_modes()
        plan_kernels.plan_totals(*self, chooser, plans)
        return plans

    def preferred(self, chooser: int) -> int:
        """Return the plan the engine prefers, out of the draws that matter only."""
        plans = Plans(*np.empty((3, self.n_plans)), np.empty(11))
        self._find_modes()
        return plan_kernels.preferred_plan(*self, chooser, plans, self.bounds)[0]

    def choose(self) -> np.ndarray:
        """Let everybody choose; return the plans in the kernels' order, -1 not at work."""
        n_communes = min(64, self.w.low.size)
        start = np.linspace(0, self.w.low.size, n_communes + 1).astype(np.int64)
        alternatives = max(self.centres.key.size, 1)
        self._find_modes()
        choose_kernels.choose(*self, self.bounds, start, alternatives, 0, n_communes)
        return self.plans_taken()

    def _find_modes(self) -> None:
        w, everybody = self.w, np.arange(self.w.low.size)
        # Of the types that the engine has, or all is compiled for others too.
        start = np.append(everybody, everybody.size)
        groups = MarketGroups(everybody.astype(np.int32), start, w.market)
        modes = BestModes(groups, w.taste.shape[1])
        modes.find(self.markets.office, w.taste, w.office_mode, w.office_taste)

    def book(
        self, order: np.ndarray, free: np.ndarray, refusals: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Let the seekers of desks take one in this order.

        Return who got none, by centre, and what refusals cost, by commune.
        """
        mine = self.w, self.choosers, self.markets, self.settings
        alternatives = max(self.centres.key.size, 1)
        turned_away = np.zeros_like(refusals)  # nobody works at home
        loss = np.zeros((int(self.w.commune.max()) + 1, 1))
        booking_kernels.book(
            mine, mine, self.choice_sets, self.centres, order, free, refusals, turned_away,
            loss, alternatives,
        )  # fmt: skip
        return turned_away, loss[:, 0]

    def plans_taken(self) -> np.ndarray:
        """Return today's plans in the kernels' order: office, home, whole days, half days."""
        kind, alternative = self.w.kind.astype(np.int64), self.w.alternative.astype(np.int64)
        taken = np.where(kind == loops.HOME, 1, np.minimum(kind, 0))
        taken[kind == loops.TELECENTRE] = 2 + alternative[kind == loops.TELECENTRE]
        half = kind == loops.HALF
        taken[half] = 2 + self.centres.key.size + alternative[half]
        return taken

    def value_week(self) -> None:
        """Fill the odds of the week; nobody has a team."""
        nobody = np.full(self.w.low.size, -1, dtype=np.int32)
        nothing = np.zeros((0, 2, 5), dtype=np.int32)
        sums = (nothing, nothing, np.full((5, nobody.size), 255, dtype=np.uint8), 0)
        week_kernels.value_week(*self, nobody, nobody, sums, 0, self.choosers.worker.size)


def coefficients_of(
    theta: float = 1.0, b_cost: float = 0.0, g_peer: float = 0.0, g_norm: float = 0.0,
    g_isolation: float = 0.0, g_habit: float = 0.0, asc_half: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """Return what multiplies the attributes of each kind of plan, from the equations."""
    money = theta * b_cost
    rows = [
        {"journey": theta, "presence": g_peer},
        {"journey": theta, "half_constant": asc_half, "presence": 0.5 * g_peer,
         "norm": 0.5 * g_norm, "price": money, "weekday": 0.5},
        {"isolation": -g_isolation, "norm": g_norm, "weekday": 1.0},
        {"norm": g_norm, "price": money, "weekday": 1.0},
    ]  # fmt: skip
    return np.array(
        [
            [{"habit": g_habit, **row}.get(name, 0.0) for name in Coefficients._fields]
            for row in rows
        ]
    )


def make_day(n_workers: int, n_centres: int = 0, *, day: int = MONDAY, modes: int = 2) -> Day:
    """Return a Monday on which every utility is 0, all are at work and may stay away all week.

    One market, one row of reach with all centres, which are open; scales theta and mu are 1.
    """
    n, k = n_workers, n_centres
    everybody = np.arange(n)
    people = SimpleNamespace(
        low=everybody.astype(np.uint32),
        high=np.full(n, 11_000_000, dtype=np.uint32),
        **{name: np.zeros(n, dtype=np.int32) for name in ("commune", "market")},
        **{name: np.zeros(n, dtype=np.int8) for name in ("group", "kind_of_worker")},
        **{name: np.zeros(n, dtype=np.float32) for name in ("z_home", "z_telecentre")},
        u_allowance=np.full(n, 0.5, dtype=np.float32),
        works=np.full(n, 31, dtype=np.uint8),
        afternoon=np.zeros(n, dtype=np.uint8),
        weight=np.ones(n),
        car_available=np.zeros(n, dtype=np.bool_),
        seed=1,
    )
    rights = SimpleNamespace(
        half_days=np.full(n, 10, dtype=np.int8),
        share_paid=np.ones(n),
        anchor=np.zeros(n, dtype=np.uint8),
        closed=np.zeros(n, dtype=np.uint8),
    )
    w = worker_columns(people, k, np.zeros((n, modes)))
    w.chooser[:], w.present[:], w.allowance[:] = everybody, 31, rights.half_days
    choosers = chooser_columns(people, rights, resolve(dt.date.fromordinal(day)))
    choosers.lasting[:] = choosers.presence[:] = 0.0
    choosers.considers[:] = True
    choice_sets = ChoiceSets(
        np.array([0, k]), np.arange(k), np.zeros((4, k)), *np.zeros((2, k)),
        mode=np.zeros(k, dtype=np.int8), leader=np.arange(k),
    )  # fmt: skip
    b_weekday = np.zeros(5)
    b_weekday.setflags(write=False)  # as from the registry
    keys = np.arange(7, 7 + k, dtype=np.uint32)
    is_open = np.ones(k, dtype=np.bool_)
    centres = Centres(
        keys, keys + 100, np.ones(k, np.bool_), is_open, np.zeros((4, k)), *np.zeros((2, k))
    )
    settings = Settings(
        seed=1, day=day, weekday=0, coming=0b11110,
        employer_ceiling_eur=1e6, employer_budget_eur=1e6,
        mu=1.0, mu_place=1.0, b_weekday=b_weekday, coefficients=coefficients_of(),
    )  # fmt: skip
    return Day(w, choosers, choice_sets, centres, Markets(*np.zeros((4, 1, modes))), settings)
