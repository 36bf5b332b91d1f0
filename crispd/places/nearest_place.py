"""The city that a position belongs to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crispd.places.gazetteer import Gazetteer
    from crispd.types import Floats, GeoPosition, PlaceNames

KM_A_DEGREE = 111.2
_FARTHEST_KM = 120.0
# So far from where a city ends its name says nothing any more; region and country still do.
_NAMED_KM = 30.0


def place_at(gazetteer: Gazetteer, position: GeoPosition) -> PlaceNames | None:
    """City, region and country of a position; of one far from any city region and country, None
    where there is nobody for 120 km.
    """
    first, distances = distances_around(gazetteer, position, _FARTHEST_KM)
    if not len(distances):
        return None
    radii = gazetteer.radius[first : first + len(distances)]
    # The power of the position for the circle of each city: inside a large one whatever lies there
    # counts as that city, and its suburbs do not cut it up; outside the nearer edge wins.
    best = int(np.argmin(distances**2 - radii**2))
    beyond = float(distances[best] - radii[best])
    if beyond > _FARTHEST_KM:
        return None
    number = first + best
    if beyond > _NAMED_KM:
        return gazetteer.region_of(int(gazetteer.region[number]))
    return gazetteer.city(number)


def distances_around(gazetteer: Gazetteer, position: GeoPosition, km: float) -> tuple[int, Floats]:
    """Of the cities whose latitude is within ``km``: the first one, and how far each is in km."""
    reach = km / KM_A_DEGREE
    first, end = np.searchsorted(
        gazetteer.latitude, [position.latitude - reach, position.latitude + reach]
    ).tolist()
    return first, distances_km(
        gazetteer.latitude[first:end], gazetteer.longitude[first:end], position
    )


def distances_km(latitudes: Floats, longitudes: Floats, position: GeoPosition) -> Floats:
    """From a position, as on a plane: good to a percent as far as names of places reach."""
    east = (longitudes - position.longitude + 180.0) % 360.0 - 180.0
    middle = np.radians((latitudes + position.latitude) / 2)
    north = latitudes - position.latitude
    found: Floats = KM_A_DEGREE * np.hypot(north, east * np.cos(middle))
    return found


def great_circle_km(
    latitudes: Floats, longitudes: Floats, latitude: float, longitude: float
) -> Floats:
    """Over the sphere, for far ones."""
    there, here = np.radians(latitudes), math.radians(latitude)
    east = np.radians(longitudes - longitude)
    half = np.sin((there - here) / 2) ** 2 + np.cos(there) * math.cos(here) * np.sin(east / 2) ** 2
    found: Floats = 2 * 180 / math.pi * KM_A_DEGREE * np.arcsin(np.sqrt(half))
    return found
