"""Places where a telecentre may be: those of the table, and a new one in any commune.

A scenario that names ``new-77131`` opens a centre at the town hall of commune 77131. The rows for
such centres are made from the table of communes, so that the tables, and their hash, stay as they
are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

NEW = "new-"
"""How the id of a new telecentre begins; the code of its commune follows."""

NEW_DESKS = 10
"""Desks of a new telecentre whose scenario says none."""

NEW_SERVICES = ("service_meeting_rooms", "service_videoconference", "space_confidential")
"""What a new telecentre offers: three services, as the centre of reference (`reference_services`)
and as the small rural centres of the table."""


def new_id(commune_code: str) -> str:
    """Return the id of a new telecentre in a commune.

    >>> new_id("77131")
    'new-77131'
    """
    return f"{NEW}{commune_code}"


def is_new(telecentre_id: str) -> bool:
    """Say whether an id is that of a new telecentre."""
    return telecentre_id.startswith(NEW)


def all_sites(telecentres: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """Return the table of telecentres with a new one in each commune below it.

    Parameters
    ----------
    telecentres, communes : pandas.DataFrame
        Tables of a territory.

    Returns
    -------
    pandas.DataFrame
        The columns of `telecentres`; the first rows are its rows. New telecentres stand at the
        commune's point, have `NEW_DESKS` and `NEW_SERVICES`, are rural where the commune is and
        are marked as assumed.
    """
    size = len(communes)
    flags = telecentres.select_dtypes("int64").columns
    new = pd.DataFrame(
        {name: [0 if name in flags else ""] * size for name in telecentres.columns}
    ).assign(
        telecentre_id=[new_id(code) for code in communes["code"]],
        name=communes["name"].to_numpy(),
        commune_code=communes["code"].to_numpy(),
        lat=communes["lat"].to_numpy(),
        lon=communes["lon"].to_numpy(),
        in_territory=1,
        kind="telecentre",
        area=np.where(communes["area_type"] == "outer-rural", "rural", "urban"),
        floor_m2=float("nan"),
        desks=NEW_DESKS,
        desks_estimated=1,
        services_estimated=1,
        assumed=1,
        source="assumption",
        **dict.fromkeys(NEW_SERVICES, 1),
    )
    new = new[telecentres.columns].astype(telecentres.dtypes.to_dict())
    return pd.concat([telecentres, new], ignore_index=True)
