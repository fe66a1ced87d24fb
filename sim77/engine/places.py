"""Places: telecentres so near each other that they are one and the same to whoever chooses."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from sim77.core.draws import site_key
from sim77.core.geography import crow_fly_km
from sim77.territory.territory import Territory


@lru_cache(maxsize=16)
def first_of_place(territory: Territory, same_place_km: float) -> np.ndarray:
    """Return the first site of the place of each site of a territory, those not open included.

    Known telecentres are joined, nearest first, as long as no two of a place are further apart than
    `same_place_km` as the crow flies (agglomerative clustering by complete linkage). A possible new
    site that near to a known telecentre is in the place of the nearest one: nothing is gained by
    moving next door to it. The other new sites are joined among themselves. All sites of a
    territory take part, a new one in each commune too, so that what is open in a run changes no
    place; some new sites of two places are nearer to each other than `same_place_km`.

    Parameters
    ----------
    territory : Territory
    same_place_km : float

    Returns
    -------
    numpy.ndarray of int64, shape (n_sites,)
        Rows of ``territory.sites``, the same for sites of one place: its first by id, a known
        telecentre if it has one.
    """
    # By id, since of equal distances the first in order counts.
    sites = territory.sites.sort_values("telecentre_id")
    lat, lon = sites["lat"].to_numpy(), sites["lon"].to_numpy()
    is_known = np.asarray(sites.index < len(territory.telecentres))
    known, new = np.flatnonzero(is_known), np.flatnonzero(~is_known)
    place = np.empty(len(sites), dtype=np.int64)
    place[known] = _joined(lat[known], lon[known], same_place_km)
    if known.size:
        apart_km = crow_fly_km(lat[new, None], lon[new, None], lat[known], lon[known])
        next_door = apart_km.min(axis=1, initial=np.inf) <= same_place_km
        place[new[next_door]] = place[known[apart_km[next_door].argmin(axis=1)]]
        new = new[~next_door]
    place[new] = known.size + _joined(lat[new], lon[new], same_place_km)
    ranked = np.lexsort((np.arange(place.size), ~is_known))
    first = dict(zip(place[ranked][::-1], sites.index[ranked][::-1], strict=True))
    return np.array([first[each] for each in place], dtype=np.int64)[np.argsort(sites.index)]


@lru_cache(maxsize=16)
def place_keys(territory: Territory, same_place_km: float) -> np.ndarray:
    """Return the key of the place of each site (`first_of_place`), uint32 (n_sites,).

    A place is named after the commune of its first site.
    """
    of_site = first_of_place(territory, same_place_km)
    sites = territory.sites.assign(new=np.arange(len(of_site)) >= len(territory.telecentres))
    first = sites.iloc[np.unique(of_site)].sort_values(["new", "telecentre_id"])
    number = first.groupby("commune_code").cumcount()
    names = first["commune_code"] + number.map(lambda n: f"-{n}" if n else "")
    return names.map(site_key)[of_site].to_numpy(np.uint32)


def _joined(lat: np.ndarray, lon: np.ndarray, same_place_km: float) -> np.ndarray:
    """Return the number of the place of each of some sites, from 1."""
    if lat.size < 2:
        return np.ones(lat.size, dtype=np.int64)
    one, other = np.triu_indices(lat.size, 1)
    apart_km = crow_fly_km(lat[one], lon[one], lat[other], lon[other])
    return np.asarray(fcluster(linkage(apart_km, "complete"), same_place_km, "distance"))
