"""What crispd reads of photos beside what ExifTool reads.

``python -m benchmarks.finding.metadata FOLDER``.

``--make`` first fills the folder with photos of every format, date and spelling, written by
ExifTool. ExifTool is no part of crispd: apt install libimage-exiftool-perl.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from PIL import Image

from crispd.errors import PhotoError
from crispd.images.formats import is_candidate, register_decoders
from crispd.images.opening import read_metadata

_FORMATS = {
    "jpg": "JPEG", "tif": "TIFF", "png": "PNG", "webp": "WEBP", "heic": "HEIF", "avif": "AVIF",
    "gif": "GIF",
}  # fmt: skip
_TAGS = (
    "EXIF:DateTimeOriginal", "EXIF:CreateDate", "IFD0:DateTimeOriginal",
    "XMP-exif:DateTimeOriginal", "XMP-photoshop:DateCreated",
    "XMP-xmp:CreateDate", "IPTC:DateCreated", "PNG:CreationTime",
)  # fmt: skip
_SPELLINGS = (
    "2012:03:04 05:06:07", "2012:03:04 05:06", "2012-03-04 05:06:07", "2012-03-04T05:06:07",
    "2012-03-04T05:06:07+02:00", "2012/03/04 05:06:07", "2012:03:04 05:06:60", "2012:03:04",
    "2012-03", "2012", "2012:00:00 00:00:00", "2012:03:04 05:06:07.25Z",
)  # fmt: skip
# Kinds of dates, the surest first; the second of a pair is the time where it stands apart.
_DATES = (
    (
        ("ExifIFD:DateTimeOriginal",), ("IFD0:DateTimeOriginal",), ("XMP-exif:DateTimeOriginal",),
        ("XMP-photoshop:DateCreated",), ("IPTC:DateCreated", "IPTC:TimeCreated"),
        ("PNG:CreationTime",),
    ),
    (
        ("ExifIFD:CreateDate",), ("XMP-xmp:CreateDate",), ("XMP-exif:DateTimeDigitized",),
        ("IPTC:DigitalCreationDate", "IPTC:DigitalCreationTime"),
    ),
    (("IFD0:ModifyDate",), ("XMP-xmp:ModifyDate",), ("XMP-tiff:DateTime",)),
)  # fmt: skip


def main() -> int:
    """How many photos agree; those that do not, in lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--make", action="store_true")
    chosen = parser.parse_args()
    if shutil.which("exiftool") is None:
        print("exiftool is not installed: apt install libimage-exiftool-perl")
        return 2
    if chosen.make:
        make(chosen.folder)
    told = _asked(chosen.folder)
    agreed: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for path, theirs in sorted(told.items()):
        for what, expected, found in compared(path, theirs):
            asked[what] += 1
            agreed[what] += expected == found
            if expected != found:
                print(f"{path}: {what} is {found}, ExifTool: {expected}")
    for what, count in asked.items():
        print(f"{what}: {agreed[what]} of {count} agree")
    return int(agreed != asked)


def make(folder: Path) -> None:
    """A photo for each format, date and spelling that ExifTool can write there."""
    register_decoders()
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for (extension, format_), tag, (number, spelled) in itertools.product(
        _FORMATS.items(), _TAGS, enumerate(_SPELLINGS)
    ):
        name = folder / f"{extension}-{tag.replace(':', '-')}-{number}.{extension}"
        out = io.BytesIO()
        Image.new("RGB", (16, 12), "teal").save(out, format_)
        name.write_bytes(out.getvalue())
        lines += [f"-{tag}#={spelled}", "-EXIF:ModifyDate=2020:01:01 01:01:01", "-m", "-q",
                  "-overwrite_original", str(name), "-execute"]  # fmt: skip
    # Only in the call: what it cannot write there stays as it was.
    subprocess.run(
        ["exiftool", "-@", "-"], input="\n".join(lines), text=True, check=False, capture_output=True
    )


def compared(path: Path, theirs: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(what, as ExifTool has it, as crispd has it) of what ExifTool knows."""
    try:
        ours = read_metadata(path.read_bytes())
    except (PhotoError, OSError) as error:
        return [("photo", "read", str(error))]
    found = []
    date = _date(theirs)
    if date:
        digits = "".join(
            filter(str.isdigit, ours.capture_time.at[:19] if ours.capture_time else "")
        )
        found.append(("date", date, digits[: len(date)]))
    latitude = theirs.get("Composite:GPSLatitude")
    if isinstance(latitude, int | float) and latitude:
        found.append(
            ("latitude", f"{latitude:.4f}", f"{ours.place.latitude:.4f}" if ours.place else "")
        )
    words = _words(theirs)
    if words:
        missing = words - {word.casefold() for word in ours.keywords}
        found.append(("keywords", "", ", ".join(sorted(missing))))
    return found


def _date(theirs: dict[str, Any]) -> str:
    """Digits of the surest date, as many as are known."""
    for names in itertools.chain.from_iterable(_DATES):
        parts = [str(theirs.get(name, "")) for name in names]
        clock = parts[1][:8] if len(parts) > 1 else ""
        whole = f"{parts[0]} {clock}".strip()
        bare = whole[4:].split("+")[0].split(".")[0].rstrip("Z")
        digits = whole[:4] + "".join(filter(str.isdigit, bare))
        for zeros in ("00000000", "0000000000"):  # the year alone
            digits = digits[:4] if digits[4:] in {zeros, zeros[:4]} else digits
        if len(digits) >= 4 and digits[:4].isdigit() and 1000 <= int(digits[:4]) <= 2026:
            return digits[:12] + "59" if digits[12:14] == "60" else digits[:14]
    return ""


def _words(theirs: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for name in ("XMP-dc:Subject", "IPTC:Keywords"):
        value = theirs.get(name, [])
        found |= {str(word).casefold() for word in (value if isinstance(value, list) else [value])}
    return found


def _asked(folder: Path) -> dict[Path, dict[str, Any]]:
    done = subprocess.run(
        ["exiftool", "-json", "-G1", "-n", "-r", "-q", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    answers = json.loads(done.stdout or "[]")
    return {
        Path(answer["SourceFile"]): answer
        for answer in answers
        if is_candidate(Path(answer["SourceFile"]).name)
    }


if __name__ == "__main__":
    sys.exit(main())
