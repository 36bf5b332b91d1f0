"""Loading of packs for a change of the pack, as the settings say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crispd.errors import NotReady
from crispd.images.decode import decode_photo
from crispd.library.limits import PACKS, search_threads
from crispd.library.pack_choice import load_chosen_encoder, load_chosen_pack
from crispd.pack_switch.places import PackPlaces
from crispd.pack_switch.switch import PackLoading, PackSwitch
from crispd.packs.integrity import verify
from crispd.packs.manifest import read_manifest
from crispd.search.suggest.suggestions import DEFAULT_WORDS
from crispd.store.pack_vectors import PackVectors
from crispd.vectors.index import VectorIndex
from crispd.vectors.workers import Workers

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.config import Settings
    from crispd.packs.manifest import Manifest
    from crispd.service.live_parts import LiveParts
    from crispd.types import ImageInput, PhotoRecord, Pixels


def make_pack_switch(settings: Settings, live: LiveParts) -> PackSwitch:
    """Not started yet."""
    library = live.search.library

    def verified(folder: Path) -> Manifest:
        manifest = read_manifest(folder)
        verify(folder, manifest)
        return manifest

    def copy(photo: PhotoRecord, wanted: ImageInput) -> Pixels:
        renderer, decode = live.search.photos.renderer(), live.search.decode
        small = renderer.picture(renderer.thumbnail(photo, None, "image/jpeg")).data
        thumbnails = decode.thumbnails[:1]
        return decode_photo(small, wanted, decode.limits, thumbnails=thumbnails).pixels

    loading = PackLoading(
        verify=verified,
        encoder=partial(load_chosen_encoder, settings=settings),
        whole=lambda folder: load_chosen_pack(folder, settings),
        copy=copy,
        words=DEFAULT_WORDS,
        empty_index=partial(_empty_index, settings),
    )
    places = PackPlaces(settings.data_dir / PACKS)
    return PackSwitch(
        live, PackVectors(library.database), places, loading, lambda: _fine_pack(live)
    )


def _empty_index(settings: Settings, dim: int) -> VectorIndex:
    workers = Workers(search_threads(settings))
    return VectorIndex(dim, folder=settings.data_dir / "index", workers=workers)


def _fine_pack(live: LiveParts) -> str | None:
    """The id of the fine pack. Raises NotReady until that is known."""
    fine = live.search.fine
    if fine is None or fine.problem is not None:
        return None
    if fine.model is None:
        raise NotReady(f"The fine pack {fine.name} is being loaded.")
    return fine.model.id
