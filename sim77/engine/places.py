"""Places: telecentres so near each other that they are one and the same to whoever chooses."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from sim77.core.draws import site_key
from sim77.core.geography import crow_fly_km
from sim77.territory.territory import Territory


@lru_cache(maxsize=16)
def place_keys(territory: Territory, same_place_km: float) -> np.ndarray:
    """Return the key of the place of each site of a territory, those not open included.

    Sites are joined, nearest first, as long as no two of a place are further apart than
    `same_place_km` as the crow flies (agglomerative clustering by complete linkage). All sites of
    a territory take part, a new one in each commune too, so that what is open in a run changes no
    place.

    Parameters
    ----------
    territory : Territory
    same_place_km : float

    Returns
    -------
    numpy.ndarray of uint32, shape (n_sites,)
        Of the rows of ``territory.sites``: the same for sites of one place.
    """
    # By id, since of equal distances the first in order counts.
    sites = territory.sites.sort_values("telecentre_id")
    lat, lon = sites["lat"].to_numpy(), sites["lon"].to_numpy()
    one, other = np.triu_indices(len(sites), 1)
    apart_km = crow_fly_km(lat[one], lon[one], lat[other], lon[other])
    place = np.ones(1, dtype=np.int64)
    if apart_km.size:
        place = fcluster(linkage(apart_km, "complete"), same_place_km, "distance")
    # A place is named after the commune of its first site by id, a known telecentre if it has one.
    known = sites.index < len(territory.telecentres)
    ranked = sites.assign(place=place, new=~known).sort_values(["new", "telecentre_id"])
    first = ranked.drop_duplicates("place").set_index("place")
    number = first.groupby("commune_code").cumcount()
    names = first["commune_code"] + number.map(lambda n: f"-{n}" if n else "")
    keys = names.map(site_key)[place].to_numpy(np.uint32)
    return keys[np.argsort(sites.index)]
