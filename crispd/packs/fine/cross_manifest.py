"""The manifest of a cross-encoder: a graph that takes a text and a photo and gives one score."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated

from pydantic import ValidationError

from crispd.errors import PackCorrupt, PackMissing
from crispd.packs.fields import Count, Section, Text, listed, must, sentence
from crispd.packs.manifest import (
    ImagePart,
    Manifest,
    PackFile,
    PackPart,
    TextPart,
    TokensPart,
    read_manifest,
)

if TYPE_CHECKING:
    from pathlib import Path


class CrossPart(Section):
    """``[cross]``: of the graph that ``[text]`` names. ``photos_name``: its input for features, or
    for pixels where there is no ``[tokens]``; ``photos_mask``: for which of the features count,
    empty: none. ``output_name``: one number a photo, or two, of which ``match`` says that they fit.
    ``ids_once``: it takes the text once, however many photos there are. ``at_once``: photos in one
    run.
    """

    photos_name: Text
    output_name: Text
    photos_mask: str = ""
    match: Annotated[int, must(lambda at: at in (0, 1), "0 or 1 is expected")] = 1
    ids_once: bool = False
    at_once: Count = 8


class CrossManifest(Section):
    """The whole of ``pack.toml``. ``[image]``: the graph that makes features of pixels, where there
    are ``[tokens]`` of them; else how the cross-encoder itself wants its pixels.
    """

    format: Count
    pack: PackPart
    image: ImagePart
    text: TextPart
    cross: CrossPart
    files: Annotated[tuple[PackFile, ...], listed("a list of tables is")]
    tokens: TokensPart | None = None

    @property
    def id(self) -> str:
        """``name@version``."""
        return f"{self.pack.name}@{self.pack.version}"

    @property
    def language_codes(self) -> tuple[str, ...]:
        """Codes of all languages that it reads, its own first."""
        return tuple(dict.fromkeys((self.pack.language, *self.pack.languages)))

    @property
    def used_files(self) -> tuple[str, ...]:
        """Files that are loaded; each must be among ``files``."""
        image = () if self.tokens is None else self.image.files
        return (*image, *self.text.files, self.text.tokenizer)


def is_cross(folder: Path) -> bool:
    """Whether a pack is a cross-encoder. Raises PackMissing or PackCorrupt."""
    return "cross" in _document(folder)


def read_cross_manifest(folder: Path) -> CrossManifest:
    """Raises PackMissing or PackCorrupt with the key that is wrong."""
    document = _document(folder)
    try:
        return CrossManifest.model_validate(document)
    except ValidationError as error:
        where = sentence(error.errors()[0], document, CrossManifest)
        raise PackCorrupt(f"{folder / 'pack.toml'}{where}") from error


def read_any_manifest(folder: Path) -> Manifest | CrossManifest:
    """Of a pack of either kind. Raises PackMissing or PackCorrupt."""
    return read_cross_manifest(folder) if is_cross(folder) else read_manifest(folder)


def _document(folder: Path) -> dict[str, object]:
    path = folder / "pack.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PackMissing(f"There is no model pack in {folder}: pack.toml is missing.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackCorrupt(f"{path} cannot be read: {error}.") from error
