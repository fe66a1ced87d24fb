"""Distances on the Earth."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""


def crow_fly_km(
    lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike
) -> NDArray[np.float64]:
    """Return great-circle distances by the haversine formula; degrees in, any broadcast shape.

    Examples
    --------
    >>> float(crow_fly_km(48.8530, 2.3499, 48.40483, 2.70115).round(1))
    56.1
    """
    phi1, lambda1, phi2, lambda2 = (np.radians(each) for each in (lat1, lon1, lat2, lon2))
    haversine = (
        np.sin((phi2 - phi1) / 2) ** 2
        + np.cos(phi1) * np.cos(phi2) * np.sin((lambda2 - lambda1) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(haversine)))
