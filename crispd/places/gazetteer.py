"""The packed gazetteer, as arrays."""

from __future__ import annotations

import hashlib
import io
import lzma
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crispd.types import PlaceNames, folded

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.types import Floats

    Ints = npt.NDArray[np.integer]

FILE = Path(__file__).with_name("gazetteer.xz")
_READING = threading.Lock()
# Raised with the file, or where it is read in another way: places of photos are named anew.
EDITION = "2"
_STEP = 1000.0
# The radius in km of a city of a million people, and how it grows with them: fitted on half of the
# facts of benchmarks/finding/places.tsv (benchmarks/finding/places.py).
_RADIUS_KM = 13.5
_GROWTH = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Many short texts, as bytes of UTF-8; ``starts`` has one more than there are."""

    data: bytes
    starts: Ints

    def __getitem__(self, number: int) -> str:
        start, end = int(self.starts[number]), int(self.starts[number + 1]) - 1
        return self.data[start:end].decode()

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """Cities by rising latitude. Arrays of n cities, m regions, k names.

    ``latitude``, ``longitude``: degrees, float32 [n]; ``radius``: km, float32 [n]; ``region``: of a
    city, [n]; ``region_country``: [m]. ``keys``: of names, uint64 [k], rising; ``key_kind``: what
    each is a name of: 0 a city, 1 a region, 2 a country; ``key_target``: its number.
    """

    latitude: Floats
    longitude: Floats
    population: Floats
    radius: Floats
    region: Ints
    city_names: Texts
    region_names: Texts
    region_country: Ints
    country_names: Texts
    country_codes: Texts
    keys: Ints
    key_kind: Ints
    key_target: Ints

    def city(self, number: int) -> PlaceNames:
        """A city with its region and country."""
        region = self.region_of(int(self.region[number]))
        return PlaceNames(self.city_names[number], region.region, region.country)

    def region_of(self, number: int) -> PlaceNames:
        """A region with its country."""
        country = self.country_names[int(self.region_country[number])]
        return PlaceNames(None, self.region_names[number] or None, country)


def gazetteer() -> Gazetteer:
    """The one that comes with the package: about 8 MB, read once, whoever asks at the same time."""
    with _READING:
        return _packaged()


@cache
def _packaged() -> Gazetteer:
    return read_gazetteer(FILE)


def read_gazetteer(path: Path) -> Gazetteer:
    """Of a file that ``scripts/gazetteer.py`` made."""
    with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as packed:
        population = np.exp2(packed["population"] / 8.0).astype(np.float32)
        return Gazetteer(
            latitude=(np.cumsum(packed["latitude_steps"]) / _STEP).astype(np.float32),
            longitude=(packed["longitude"] / _STEP).astype(np.float32),
            population=population,
            radius=radius_km(population),
            region=packed["region"],
            city_names=_texts(packed["city_names"]),
            region_names=_texts(packed["region_names"]),
            region_country=packed["region_country"],
            country_names=_texts(packed["country_names"]),
            country_codes=_texts(packed["country_codes"]),
            keys=np.cumsum(packed["key_steps"], dtype=np.uint64),
            key_kind=packed["key_kind"],
            key_target=packed["key_target"],
        )


def radius_km(population: Floats) -> Floats:
    """How far a city of so many people reaches: float32, km."""
    return (_RADIUS_KM * (population / 1e6) ** _GROWTH).astype(np.float32)


def name_key(name: str) -> int:
    """Of a name without case, accents, spaces and marks: 40 bits of BLAKE2b; 0 for no name."""
    bare = "".join(character for character in folded(name) if character.isalnum())
    if not bare:
        return 0
    return int.from_bytes(hashlib.blake2b(bare.encode(), digest_size=5).digest(), "big")


def _texts(packed: Ints) -> Texts:
    data = packed.tobytes() + b"\n"
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    return Texts(data, np.concatenate([[0], ends]).astype(np.int32))
