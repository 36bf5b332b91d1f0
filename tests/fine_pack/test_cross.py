"""Cross-encoders: found by what their graphs take, and as fine stage of a pack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crispd.errors import PackMismatch
from crispd.images.decode import decode_photo
from crispd.packs.fine.cross_fine import CrossFineModel
from crispd.packs.fine.cross_manifest import read_cross_manifest
from crispd.packs.foreign import describe, write_manifest
from crispd.packs.locate import find_pack
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import load_pack
from crispd.packs.sessions.sample_pictures import sample_pictures
from crispd.types import DecodeLimits
from tests.fine_pack.conftest import until
from tests.fine_pack.cross_packs import of_mini, over_features, over_pixels
from tests.fine_pack.test_fine_pack import WORDS
from tests.pack_switch.conftest import COLOURS
from tests.packs import small


def load(folder: Path) -> CrossFineModel:
    return CrossFineModel(folder, read_cross_manifest(folder), 1)


def test_features_are_kept_and_compared(tmp_path: Path) -> None:
    write_manifest(over_features(tmp_path / "model"), tmp_path / "pack")
    manifest = read_cross_manifest(tmp_path / "pack")
    assert manifest.tokens is not None
    assert (manifest.tokens.regions, manifest.tokens.dim) == (4, 6)
    assert manifest.cross.photos_name == "encoder_hidden_states"
    assert manifest.cross.photos_mask == "encoder_attention_mask"
    assert manifest.text.mask_name == "attention_mask"
    model = load(tmp_path / "pack")
    pixels = sample_pictures(16)
    photos = [model.see(one) for one in pixels]
    assert {len(photo.tokens or b"") for photo in photos} == {4 * 8}
    assert np.allclose([np.linalg.norm(photo.embedding) for photo in photos], 1, atol=1e-5)
    found = model.scorer("a red dog")(photos)
    normal = (pixels / 255 - [0.4, 0.5, 0.6]) / [0.2, 0.25, 0.3]
    quarters = normal.reshape(-1, 2, 8, 2, 8, 3).mean((2, 4)).reshape(-1, 4, 3)
    regions = quarters @ small.weights(3, 6)
    ids = [small.WORDS.index(one) for one in ("[CLS]", "a", "red", "dog", "[SEP]")]
    table = small.weights(len(small.WORDS), 6)[ids]
    expected = 2 * (regions @ table.T).max(1).sum(1)
    assert np.allclose(found, expected, atol=0.05)  # features are kept in eight bits


def test_pixels_are_kept_without_loss(tmp_path: Path) -> None:
    write_manifest(over_pixels(tmp_path / "model"), tmp_path / "pack")
    manifest = read_cross_manifest(tmp_path / "pack")
    assert manifest.tokens is None
    assert (manifest.cross.at_once, manifest.text.id_type) == (1, "int32")
    model = load(tmp_path / "pack")
    pixels = sample_pictures(16)
    found = model.scorer("a dog")([model.see(one) for one in pixels])
    alone = [float(model.scorer("a dog")([model.see(one)])[0]) for one in pixels]
    assert np.allclose(found, alone)
    assert len(set(alone)) == len(pixels)


def test_it_cannot_be_the_pack_that_answers(tmp_path: Path) -> None:
    write_manifest(over_pixels(tmp_path / "model"), tmp_path / "pack")
    with pytest.raises(PackMismatch, match="fine_pack"):
        read_manifest(tmp_path / "pack")


def test_two_towers_stay_two_towers() -> None:
    assert "cross" not in describe(find_pack("mini")).table


@pytest.mark.parametrize("make", [over_features, over_pixels])
def test_it_re_ranks_what_a_pack_finds(
    begin: Callable, tmp_path: Path, make: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder that nobody has made a pack of."""
    # words of random weights mean what they will
    monkeypatch.setattr("crispd.fine_pack.filling.LEAST_AGREEMENT", 0.0)
    both = begin(str(make(tmp_path / "model")))
    until(both, lambda status: status.fine_pack is not None)
    before = both.order(WORDS)
    until(both, lambda status: status.fine_vectors == 50)
    after = both.order(WORDS)
    assert len(after) == COLOURS
    assert after[50:] == before[50:]
    assert after[:50] != before[:50]
    made = both.service.packs.overview().packs
    [entry] = [one for one in made if one.name.startswith("model-")]
    assert (entry.state, entry.dimensions, entry.pixels) == ("installed", None, 16)


@pytest.mark.slow
def test_the_fine_stage_of_mini_is_as_good_as_a_cross_encoder(tmp_path: Path) -> None:
    write_manifest(of_mini(tmp_path / "model"), tmp_path / "pack")
    assert read_cross_manifest(tmp_path / "pack").cross.ids_once
    cross = load(tmp_path / "pack")
    mini = load_pack(find_pack("mini"), index_threads=1, search_threads=1, precision="float")
    assert mini.reranker is not None
    album = Path(__file__).parents[2] / "crispd" / "sample_album"
    limits = DecodeLimits(max_pixels=10**8, max_bytes=10**8)
    pixels = [
        decode_photo(path.read_bytes(), mini.image_input, limits, thumbnails=(320,)).pixels
        for path in sorted(album.glob("*.jpg"))[:12]
    ]
    photos = [cross.see(one) for one in pixels]
    own = [mini.image_encoder.encode(one[None])[0].tokens or b"" for one in pixels]
    for words in ("mountains", "a stream in the forest", "a man with a camera on a tripod"):
        text = mini.text_encoder.encode(words)
        expected = mini.reranker.score(text, own) / text.trust
        assert np.allclose(cross.scorer(words)(photos), expected, atol=0.05), words
