"""What a search for sites found: plans, their sites, gains and regrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sim77.core.errors import ResultError, nearest
from sim77.runs.store import SITING, read_tables

PLAN = "plan.yaml"
TABLES = ("plans", "plan_sites", "sites", "runs", "search", "candidates", "regret")


@dataclass(frozen=True)
class Siting:
    """Where to open telecentres.

    Attributes
    ----------
    tables : dict of str to pandas.DataFrame
        By the names of `TABLES`, also attributes:

        - ``plans``: one row a plan, the recommended one first: its gains over the base network on
          fresh seeds, a working day, with intervals, and how far it is behind the recommended one;
        - ``plan_sites``: the communes and desks of each plan;
        - ``sites``: use and accounts of every telecentre under the recommended plan;
        - ``runs``: the gains by plan and fresh seed;
        - ``search``: every plan tried, in order, on training seeds;
        - ``candidates``: what a centre alone would bring in each commune, and its cost;
        - ``regret``: under each draw of the uncertain parameters; empty unless asked for.
    manifest : dict
        What was asked, with which seeds and versions, and what it took.
    """

    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name == "tables":
            raise AttributeError(name)
        if name not in self.tables:
            raise AttributeError(f"a siting has no '{name}'.{nearest(name, TABLES)}")
        return self.tables[name]

    def __repr__(self) -> str:
        about, of = self.manifest, "without a manifest"
        if about:
            of = f"in {about['scenario']['name']}, {about['start']} to {about['end']}"
        return f"<sim77 siting {of}: {', '.join(self.tables)}>"

    @property
    def plan(self) -> dict[str, int]:
        """Desks by commune code of the recommended plan."""
        found = self.plan_sites[self.plan_sites["plan"] == self.manifest["recommended"]]
        return {
            str(code): int(desks)
            for code, desks in zip(found["commune_code"], found["desks"], strict=True)
        }

    def gains(self, plan: str) -> pd.Series:
        """Return the row of a plan in ``plans``, or raise `ResultError`."""
        found = self.plans[self.plans["plan"] == plan]
        if found.empty:
            raise ResultError(f"there is no plan '{plan}'.{nearest(plan, self.plans['plan'])}")
        return found.iloc[0]


def load_siting(folder: str | Path) -> Siting:
    """Read a siting back; `sim77.load` reads whatever a folder holds."""
    return Siting(*read_tables(Path(folder), TABLES, SITING))
