"""Photos of a family's journeys, made up: dates, places, people, ratings, keywords and titles.

``python -m tests.browser.library FOLDER COUNT`` makes them to be looked at.
"""

from __future__ import annotations

import io
import random
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw

# name, latitude, longitude, colour of its photos
CITIES = (
    ("Lisbon", 38.722, -9.139, (214, 160, 92)), ("Kiel", 54.323, 10.123, (96, 140, 176)),
    ("Prague", 50.088, 14.42, (168, 96, 84)), ("Paris", 48.857, 2.352, (150, 150, 164)),
    ("Brno", 49.195, 16.608, (120, 160, 110)), ("Oslo", 59.914, 10.752, (110, 130, 170)),
    ("New York", 40.713, -74.006, (130, 120, 130)), ("Tokyo", 35.69, 139.692, (200, 120, 150)),
    ("Sydney", -33.868, 151.207, (90, 160, 190)), ("Cape Town", -33.926, 18.423, (190, 170, 110)),
    ("Reykjavik", 64.135, -21.895, (140, 170, 180)), ("Lima", -12.043, -77.028, (180, 140, 120)),
)  # fmt: skip
PEOPLE = ("Anna", "Ben", "Clara", "David", "Novák, Jiří")
KEYWORDS = ("beach", "food", "family", "train")
FIRST_YEAR, YEARS = 2012, 12
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmp:Rating="{rating}">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:subject><rdf:Bag><rdf:li>{keyword}</rdf:li></rdf:Bag></dc:subject>
<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>{person}</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
_GPS, _EXIF = 0x8825, 0x8769
_TAKEN, _MODEL = 0x9003, 0x0110


@dataclass(frozen=True, slots=True)
class Made:
    """What one of the photos says of itself. ``place``: a number in ``CITIES``."""

    number: int
    taken: datetime
    city: int
    person: str
    keyword: str
    rating: int

    @property
    def path(self) -> str:
        return f"{self.taken.year}/{CITIES[self.city][0]}/IMG_{self.number:05}.jpg"


def journeys(count: int) -> list[Made]:
    """The same for the same count, spread over all years; twelve photos a journey."""
    chance = random.Random(24)
    found = []
    for number in range(count):
        journey = number // 12
        start = datetime(FIRST_YEAR + journey % YEARS, 1 + journey * 5 % 12, 1 + journey % 20, 9)  # noqa: DTZ001
        found.append(
            Made(
                number=number,
                taken=start + timedelta(hours=number % 12 * 5),
                city=journey * 7 % len(CITIES),
                person=chance.choice(PEOPLE),
                keyword=chance.choice(KEYWORDS),
                rating=chance.choice((0, 0, 3, 4, 5)),
            )
        )
    return found


def make_library(folder: Path, count: int) -> list[Made]:
    """Write them."""
    made = journeys(count)
    for one in made:
        path = folder / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_photo(one))
    return made


def _photo(made: Made) -> bytes:
    name, latitude, longitude, colour = CITIES[made.city]
    size = (240, 180) if made.number % 3 else (180, 240)
    picture = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(picture)
    chance = random.Random(made.number)
    for _ in range(7):  # that no two are duplicates of each other
        left, top = chance.randrange(size[0]), chance.randrange(size[1])
        shade = tuple(chance.randrange(256) for _ in range(3))
        draw.ellipse(
            (left, top, left + chance.randrange(20, 90), top + chance.randrange(20, 90)), shade
        )
    exif = Image.Exif()
    exif[_MODEL] = "Pixel 8" if made.number % 2 else "EOS R6"
    exif.get_ifd(_EXIF)[_TAKEN] = made.taken.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(_GPS).update(
        {
            1: "N" if latitude >= 0 else "S", 2: _degrees(latitude + chance.uniform(-0.02, 0.02)),
            3: "E" if longitude >= 0 else "W", 4: _degrees(longitude + chance.uniform(-0.02, 0.02)),
        }
    )  # fmt: skip
    xmp = _XMP.format(
        rating=made.rating,
        title=f"{made.person} in {name}",
        keyword=made.keyword,
        person=made.person,
    )
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=60, exif=exif, xmp=xmp.encode())
    return out.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    return abs(value), 0.0, 0.0


if __name__ == "__main__":
    make_library(Path(sys.argv[1]), int(sys.argv[2]))
