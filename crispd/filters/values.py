"""Values of filters as people write them; a QueryError says what is expected instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crispd.errors import QueryError
from crispd.types.query import Bounds, NameChoice, Near

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

# crispd/images/formats.py has the same names; a test holds them together.
RAW_TYPES = ("cr2", "cr3", "nef", "arw", "dng", "orf", "raf", "rw2", "raw")
_TYPES: dict[str, tuple[str, ...]] = {
    "jpeg": ("jpeg",), "jpg": ("jpeg",), "jpe": ("jpeg",), "jfif": ("jpeg",), "mpo": ("jpeg",),
    "png": ("png",), "webp": ("webp",), "gif": ("gif",), "bmp": ("bmp",), "dib": ("bmp",),
    "tiff": ("tiff",), "tif": ("tiff",), "heic": ("heic",), "heif": ("heic",), "hif": ("heic",),
    "avif": ("avif",), **{name: (name,) for name in RAW_TYPES}, "raw": RAW_TYPES,
}  # fmt: skip
_HAS = {
    "gps": "gps", "location": "gps", "place": "gps", "geo": "gps", "coordinates": "gps",
    "keywords": "keywords", "keyword": "keywords", "tags": "keywords", "tag": "keywords",
    "rating": "rating", "ratings": "rating", "stars": "rating",
    "text": "text", "words": "text",
}  # fmt: skip
_ORIENTATIONS = {
    "landscape": "landscape", "horizontal": "landscape", "portrait": "portrait",
    "vertical": "portrait", "upright": "portrait", "square": "square",
}  # fmt: skip
_NEAR = re.compile(
    r"(?:geo:)?\s*([-+−]?)\s*(\d{1,3}(?:\.\d{1,15})?)\s*°?\s*([NS]?)\s*[,;\s]\s*"
    r"([-+−]?)\s*(\d{1,3}(?:\.\d{1,15})?)\s*°?\s*([EW]?)\s*"
    r"(?:[,;\s]\s*(\d{1,6}(?:\.\d{1,9})?)\s*(km|kms|m|mi|miles?)?\s*)?",
    re.IGNORECASE | re.ASCII,
)
_KILOMETRES = {
    "km": 1.0,
    "kms": 1.0,
    "m": 0.001,
    "mi": 1.609344,
    "mile": 1.609344,
    "miles": 1.609344,
}
DEFAULT_RADIUS_KM = 5.0
_HALF_ROUND_KM = 20_038.0  # half the equator: farther away nothing is
_AT_LEAST = re.compile(r"(>=|=>|≥|>|=)?\s*(\d{1,9})(?:\.0{1,3})?\s*\+?", re.ASCII)
_MEGAPIXELS = re.compile(
    r"(?:>=|=>|≥|>|=)?\s*(\d{1,5}(?:\.\d{1,6})?)\s*(?:mp|mpx|mpix|megapixels?)?\s*\+?",
    re.IGNORECASE | re.ASCII,
)
_SIDES = re.compile(
    r"(?:>=|=>|≥|>|=)?\s*(\d{1,6})\s*[x×]\s*(\d{1,6})\s*(?:px)?", re.IGNORECASE | re.ASCII
)
_STARS = re.compile(r"[★*⭐]{1,5}")
_MOST_STARS = 5
_ID = re.compile(r"[a-z2-7]{24}")
_SHOWN = 40
_EVERY = "all:"
_PIECES = re.compile(r"\\[\\,]|[,\\]|[^,\\]+")


def wall_clock(time: datetime) -> str:
    """A local time as filters have it."""
    return time.isoformat(timespec="seconds")


def parse_types(text: str) -> tuple[str, ...]:
    """Names of types as crispd stores them, of "heic", "jpg, png" or "raw"."""
    names = [name.strip(" .").lower() for name in re.split(r"[,|]", text)]
    if not text.strip() or any(name not in _TYPES for name in names):
        raise _refused(text, "a type", f"one or more of {', '.join(_shown_types())} is")
    return _once(type_ for name in names for type_ in _TYPES[name])


def _shown_types() -> list[str]:
    return sorted({*(types[0] for types in _TYPES.values() if len(types) == 1), "raw"})


def parse_has(text: str) -> tuple[str, ...]:
    """What photos shall have: gps, keywords, rating, text."""
    names = [name.strip().lower() for name in text.split(",")]
    if any(name not in _HAS for name in names):
        raise _refused(text, "a thing that photos have", "gps, keywords, rating or text is")
    return _once(_HAS[name] for name in names)


def parse_orientation(text: str) -> str:
    """landscape, portrait or square."""
    orientation = _ORIENTATIONS.get(text.strip().lower())
    if orientation is None:
        raise _refused(text, "an orientation", "landscape, portrait or square is")
    return orientation


def parse_near(text: str) -> Near:
    """ "48.86,2.35" or "48.86,2.35,5km" (km, m or mi): degrees, south and west negative."""
    found = _NEAR.fullmatch(text.strip())
    if found is None:
        raise _refused(text, "a place", "latitude,longitude with a radius, as 48.86,2.35,5km, is")
    latitude = _degrees(found[1], found[2], found[3], "S")
    longitude = _degrees(found[4], found[5], found[6], "W")
    unit = (found[8] or "km").lower()
    radius = float(found[7]) * _KILOMETRES[unit] if found[7] else DEFAULT_RADIUS_KM
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise _refused(text, "a place", "latitude -90 to 90, then longitude -180 to 180, is")
    if not 0 < radius <= _HALF_ROUND_KM:
        raise _refused(text, "a place", f"a radius above 0 and up to {_HALF_ROUND_KM:.0f} km is")
    return Near(latitude, longitude, radius)


def parse_bounds(text: str) -> Bounds:
    """A part of a map, of "47.2,5.8,55.1,15.1": south, west, north, east. Raises QueryError."""
    try:
        south, west, north, east = map(float, text.split(","))
    except ValueError:
        raise _refused(text, "a part of a map", "south,west,north,east in degrees is") from None
    # written so that NaN is none
    if not (-90 <= south <= north <= 90 and max(abs(west), abs(east)) <= 180):
        wanted = "south,west,north,east, from -90 to 90 and from -180 to 180, is"
        raise _refused(text, "a part of a map", wanted)
    return Bounds(south, west, north, east)


def _degrees(sign: str, digits: str, letter: str, negative: str) -> float:
    size = float(digits)
    return -size if (sign in {"-", "−"}) != (letter.upper() == negative) else size


def parse_rating(text: str) -> int:
    """The fewest stars, 1 to 5, of "4", ">=4", ">3", "4+" or "★★★★"."""
    text = text.strip()
    stars = len(text) if _STARS.fullmatch(text) else None
    least = stars or at_least(re.sub(r"\s*stars?$", "", text, flags=re.IGNORECASE))
    if least is None or not 1 <= least <= _MOST_STARS:
        raise _refused(text, "a rating", "the fewest stars, 1 to 5, as 4 or >=4, is")
    return least


def parse_pixels(text: str) -> int:
    """The fewest pixels of a side, of "2000", ">2000" or "2000px"."""
    least = at_least(re.sub(r"\s*px$", "", text.strip(), flags=re.IGNORECASE))
    if least is None:
        raise _refused(text, "a number of pixels", "at least so many, as 2000 or >2000, is")
    return least


def parse_megapixels(text: str) -> float:
    """The fewest megapixels, of "12", ">12mp" or "12.5 megapixels"."""
    found = _MEGAPIXELS.fullmatch(text.strip())
    if found is None:
        raise _refused(text, "a size", "at least so many megapixels, as 12mp or >12mp, is")
    return float(found[1])


def parse_sides(text: str) -> tuple[int, int] | None:
    """(width, height) of "4000x3000"; None where it is not of this form."""
    found = _SIDES.fullmatch(text.strip())
    return (int(found[1]), int(found[2])) if found else None


def parse_id(text: str) -> str:
    """A photo's id."""
    if not _ID.fullmatch(text):
        raise _refused(text, "a photo's id", "24 letters and digits, as results have them, are")
    return text


def parse_folder(text: str) -> str:
    """A path with slashes; those of Windows are turned round."""
    path = text if "/" in text else text.replace("\\", "/")
    path = re.sub("/+", "/", path.strip())
    if not path or "\0" in path:
        raise _refused(text, "a folder", "a path below a photo folder, as 2019/party, is")
    return path if path == "/" else path.rstrip("/")


def parse_camera(text: str) -> str:
    """A part of the maker's or model's name."""
    return _named(text, "a camera", "a part of the name of its maker or model, as pixel, is")


def parse_person(text: str) -> str:
    """A name, or a part of it."""
    return _named(text, "a person", "a name or one of its words, as anna, is")


def parse_place(text: str) -> str:
    """A city, a region or a country."""
    return _named(text, "a place", "a city, region or country, as Lisbon, is")


def parse_name(text: str) -> str:
    """A part of a file's name."""
    return _named(text, "a file name", "a part of one, as IMG_1061, is")


def parse_text(text: str) -> str:
    """Words that stand in a photo."""
    return _named(text, "a text", "words that stand in the photo are")


def split_names(text: str) -> list[str]:
    """Names with commas between; a backslash before it makes a comma, or a backslash, a part of a
    name: ``Berg\\, Anna`` is one.
    """
    names = [""]
    for piece in _PIECES.findall(text):
        if piece == ",":
            names.append("")
        else:
            names[-1] += piece[1] if piece in {r"\\", r"\,"} else piece
    return names


def written_name(name: str) -> str:
    """A name as ``split_names`` reads it."""
    return re.sub(r"([\\,])", r"\\\1", name)


def parse_choice(text: str, parse_one: Callable[[str], str]) -> NameChoice:
    """ "anna,ben", of whom any will do, or "all:anna,ben"."""
    every = text.strip().lower().startswith(_EVERY)
    names = text.strip()[len(_EVERY) :] if every else text
    return NameChoice(_once(map(parse_one, split_names(names))), every)


def shown_choice(choice: NameChoice) -> str:
    """For people."""
    return (" and " if choice.every else " or ").join(choice.names)


def parse_keyword(text: str) -> str:
    """One keyword."""
    return _named(text, "a keyword", "a word, or several in quotes, is")


def _named(text: str, what: str, expected: str) -> str:
    name = " ".join(text.replace("\0", " ").split())
    if not name:
        raise _refused(text, what, expected)
    return name


def at_least(text: str) -> int | None:
    """4 of "4", ">=4", "4+" and ">3"."""
    found = _AT_LEAST.fullmatch(text.strip())
    return int(found[2]) + (found[1] == ">") if found else None


def _once(names: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))  # type: ignore[call-overload]


def _refused(text: str, what: str, expected: str) -> QueryError:
    return QueryError(f"{text[:_SHOWN]!r} is not {what}; {expected} expected.")
