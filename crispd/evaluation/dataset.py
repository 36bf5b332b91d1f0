"""Data sets of captioned photos, in the formats that people use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crispd.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL = "all"
CAPTIONS = "captions.jsonl"


@dataclass(frozen=True, slots=True)
class CaptionedPhoto:
    """A photo with its sentences. ``split`` and ``set`` are empty where the data set names none."""

    path: Path
    split: str
    captions: tuple[str, ...]
    set: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set: photos whose captions are queries, and distractors."""

    name: str
    split: str
    photos: tuple[CaptionedPhoto, ...]
    distractors: tuple[CaptionedPhoto, ...] = ()


def read_dataset(
    path: Path, *, split: str | None = None, images: Path | None = None, library: int | None = None
) -> Dataset:
    """Read a folder with ``captions.jsonl``, or a JSON file of Karpathy's or of COCO's form.

    ``split``: which photos are asked for, ``all`` for every one; without it ``test`` where the set
    has one, else all. ``images``: where the photos lie, if not beside the captions or in a folder
    ``images`` there. ``library``: so many photos in all, filled up from the other splits. Raises
    DatasetError.
    """
    found = [photo for photo in read_photos(path, images) if photo.captions]
    return _chosen(name_of(path), found, split, library)


def name_of(path: Path) -> str:
    """What a data set is called."""
    return path.resolve().name if path.is_dir() else path.stem


def read_photos(path: Path, images: Path | None = None) -> list[CaptionedPhoto]:
    """Every photo of a data set, those without captions as well. Raises DatasetError."""
    source = path / CAPTIONS if path.is_dir() else path
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DatasetError(
            f"{source} is missing. A data set is a folder with captions.jsonl and images, a folder "
            "of such folders, or a JSON file of captions in the form of COCO or of Karpathy's "
            "splits."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{source} cannot be read: {error}.") from error
    places = [images] if images else [source.parent / "images", source.parent]
    return [_photo(row, places, source) for row in _rows(text, source)]


def _chosen(
    name: str, photos: list[CaptionedPhoto], split: str | None, library: int | None
) -> Dataset:
    splits = {photo.split for photo in photos}
    wanted = split or ("test" if "test" in splits else ALL)
    asked = tuple(photo for photo in photos if wanted in {ALL, photo.split})
    if not asked:
        known = ", ".join(sorted(splits - {""})) or "none"
        raise DatasetError(f"{name} has no captioned photos of split {wanted}; it has: {known}.")
    others = tuple(photo for photo in photos if library and wanted not in {ALL, photo.split})
    missing = max((library or 0) - len(asked), 0)
    if missing > len(others):
        raise DatasetError(
            f"{name} has {len(asked) + len(others)} photos, which is less than the {library} that "
            "--library asks for."
        )
    return Dataset(name, wanted, asked, others[:missing])


def _rows(text: str, source: Path) -> Iterable[dict[str, Any]]:
    """Each photo as a dict with image, split and captions."""
    try:
        if source.suffix == ".jsonl":
            yield from (_lined(json.loads(line)) for line in text.splitlines() if line.strip())
            return
        table = json.loads(text)
        if "annotations" in table:
            yield from _coco(table)
            return
        yield from (_karpathy(entry) for entry in table["images"])
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{source} is not understood ({type(error).__name__}: {error}). Expected are lines of "
            '{"image": "a.jpg", "captions": ["…"]}, or the JSON of COCO captions or of Karpathy\'s '
            "splits."
        ) from error


def _lined(row: dict[str, Any]) -> dict[str, Any]:
    captions = row["captions"] if "captions" in row else row["caption"]
    captions = [captions] if isinstance(captions, str) else captions
    names = {name: row.get(name) or "" for name in ("split", "set")}
    return {"image": row["image"], **names, "captions": captions}


def _karpathy(entry: dict[str, Any]) -> dict[str, Any]:
    name = entry["filename"]
    folder = entry.get("filepath")
    return {
        "image": f"{folder}/{name}" if folder else name,
        "split": {"val": "dev"}.get(entry["split"], entry["split"]),
        "captions": [sentence["raw"] for sentence in entry["sentences"]],
    }


def _coco(table: dict[str, Any]) -> Iterable[dict[str, Any]]:
    captions: dict[Any, list[str]] = {}
    for annotation in table["annotations"]:
        captions.setdefault(annotation["image_id"], []).append(annotation["caption"])
    for image in table["images"]:
        found = captions.get(image["id"], [])
        yield {"image": image["file_name"], "split": "", "captions": found}


def _photo(row: dict[str, Any], places: list[Path], source: Path) -> CaptionedPhoto:
    name = str(row["image"])
    for place in places:
        for candidate in (place / name, place / Path(name).name):
            if candidate.is_file():
                captions = tuple(str(caption).strip() for caption in row["captions"])
                said = tuple(filter(None, captions))
                return CaptionedPhoto(candidate, str(row["split"]), said, str(row.get("set", "")))
    looked = " or ".join(map(str, places))
    raise DatasetError(f"{source} names {name}, which is not in {looked}. Use --images FOLDER.")
