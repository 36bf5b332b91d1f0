"""A pack through onnxruntime: what it gives, and what is said of one that does not fit."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from crispd.errors import PackCorrupt, PackError, PackMismatch, PackMissing
from crispd.packs.constants.calibration import LogisticCalibration
from crispd.packs.constants.parts import CalibrationPart
from crispd.packs.fine.token_storage import unpack_tokens
from crispd.packs.image_encoder import OnnxImageEncoder
from crispd.packs.manifest import ImagePart
from crispd.packs.pack import Pack, load_pack
from crispd.packs.preprocess import Normaliser
from crispd.packs.sessions.runtime import OnnxSession
from crispd.packs.text.text_encoder import OnnxTextEncoder
from crispd.types import ImageInput
from tests.packs import small

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOADING = "crispd.packs.pack"


def photos(count: int) -> np.ndarray:
    shape = (count, small.SIZE, small.SIZE, 3)
    return np.random.default_rng(count).integers(0, 256, shape, dtype=np.uint8)


def load(folder: Path, **more: Any) -> Pack:
    return load_pack(folder, index_threads=1, search_threads=1, **more)


# --- what it gives ----------------------------------------------------------------------------


def test_the_pack(pack: Pack) -> None:
    assert (pack.id, pack.dim, pack.image_input) == ("small@1", small.DIM, ImageInput(small.SIZE))
    assert pack.reranker is not None
    assert (pack.reranker.coarse_weight, pack.reranker.short_list) == (2.0, 5)


def test_normalisation_is_by_channel() -> None:
    part = ImagePart(
        file="image.onnx", size=4, fit="stretch", interpolation="bicubic",
        mean=(0.1, 0.5, 0.9), std=(0.5, 0.25, 1.0), max_batch=1,
    )  # fmt: skip
    pixels = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3), dtype=np.uint8)
    wanted = (pixels / 255 - np.array(part.mean)) / np.array(part.std)
    planes = Normaliser(part)(pixels)
    assert planes.dtype == np.float32
    assert planes.flags.c_contiguous
    assert planes == pytest.approx(wanted.transpose(0, 3, 1, 2), abs=1e-5)


def test_photos_are_the_same_alone_and_in_any_batch(pack: Pack) -> None:
    pixels = photos(7)  # the pack takes 3 at once
    together = pack.image_encoder.encode(pixels)
    assert len(together) == 7
    for photo, encoded in zip(pixels, together, strict=True):
        (alone,) = pack.image_encoder.encode(photo[None])
        assert alone.embedding == pytest.approx(encoded.embedding, abs=1e-6)
        assert alone.tokens == encoded.tokens
        assert np.linalg.norm(encoded.embedding) == pytest.approx(1, abs=1e-5)


def test_no_photos(pack: Pack) -> None:
    assert pack.image_encoder.encode(photos(0)) == []


def test_a_photo_does_not_keep_its_batch(pack: Pack) -> None:
    assert pack.image_encoder.encode(photos(2))[0].embedding.base is None


def test_texts(pack: Pack) -> None:
    encoded = pack.text_encoder.encode("a red dog")
    assert encoded.embedding.shape == (small.DIM,)
    assert encoded.tokens.shape == (5, small.TOKEN_DIM)
    assert encoded.word_mask.tolist() == [1] * 5
    assert not encoded.cut
    assert pack.text_encoder.encode("a " * 50).cut


def test_fine_scores_are_those_of_the_formula(pack: Pack) -> None:
    assert pack.reranker is not None
    assert pack.manifest.tokens is not None
    text = pack.text_encoder.encode("a red dog")
    stored = [encoded.tokens or b"" for encoded in pack.image_encoder.encode(photos(4))]
    regions = unpack_tokens(stored, pack.manifest.tokens)
    wanted = (regions @ text.tokens.T).max(axis=1) @ text.word_mask
    scores = pack.reranker.score(text, stored)
    assert scores.dtype == np.float32
    assert scores == pytest.approx(wanted, abs=1e-5)
    assert pack.reranker.score(text, []).shape == (0,)


def test_stored_tokens_of_another_pack(pack: Pack) -> None:
    assert pack.reranker is not None
    with pytest.raises(PackError, match="another pack"):
        pack.reranker.score(pack.text_encoder.encode("dog"), [b"1234"])


def test_a_pack_without_a_fine_stage(folder: Path) -> None:
    table = small.manifest_table()
    del table["fine"], table["tokens"]
    small.image_graph(folder / "image.onnx", tokens=False)
    small.text_graph(folder / "text.onnx", tokens=False)
    small.seal(folder, table)
    pack = load(folder)
    assert pack.reranker is None
    assert pack.image_encoder.encode(photos(1))[0].tokens is None
    text = pack.text_encoder.encode("dog")
    assert text.embedding.shape == (small.DIM,)
    assert text.tokens.size == text.word_mask.size == 0


def test_threads_share_a_pack(pack: Pack) -> None:
    texts = ["a dog", "red car", "car", "dog red"]
    wanted = {text: pack.text_encoder.encode(text).embedding.tolist() for text in texts}
    wrong: list[str] = []

    def ask(text: str) -> None:
        for _ in range(50):
            if pack.text_encoder.encode(text).embedding.tolist() != wanted[text]:
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not wrong


# --- the cache of texts ---------------------------------------------------------------------------


def text_encoder(pack: Pack, folder: Path, cache_size: int) -> OnnxTextEncoder:
    return OnnxTextEncoder(folder, pack.manifest, 1, cache_size)


def test_a_text_is_encoded_once(pack: Pack, small_folder: Path) -> None:
    encoder = text_encoder(pack, small_folder, 2)
    first = encoder.encode("a dog")
    assert encoder.encode("  a   dog ") is first
    encoder.encode("car")
    assert encoder.encode("a dog") is first  # asked again, so "car" is the oldest
    encoder.encode("red")
    assert encoder.encode("a dog") is first
    encoder.encode("car")
    encoder.encode("red car")
    assert encoder.encode("a dog") is not first


def test_no_cache(pack: Pack, small_folder: Path) -> None:
    encoder = text_encoder(pack, small_folder, 0)
    assert encoder.encode("dog") is not encoder.encode("dog")


def test_what_is_shared_cannot_be_written(pack: Pack) -> None:
    encoded = pack.text_encoder.encode("dog")
    for array in (encoded.embedding, encoded.tokens, encoded.word_mask):
        assert not array.flags.writeable


# --- files that do not fit the manifest -----------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: small.image_graph(f / "image.onnx", dim=9), r"image .* \(2, 9\); .* \(2, 8\)"),
        (lambda f: small.image_graph(f / "image.onnx", token_dim=5), r"tokens have the shape"),
        (lambda f: small.image_graph(f / "image.onnx", unit=False), "unit vectors are expected"),
        (lambda f: small.image_graph(f / "image.onnx", poison=np.nan), "not all finite"),
        (lambda f: small.image_graph(f / "image.onnx", tokens=False), r"gives \['embedding'\]"),
        (lambda f: small.image_graph(f / "image.onnx", size=24), "does not take what pack.toml"),
        (lambda f: small.image_graph(f / "image.onnx", batch=1), "does not take what pack.toml"),
        (lambda f: small.text_graph(f / "text.onnx", dim=9), r"text .* \(1, 9\); .* \(1, 8\)"),
        (lambda f: small.text_graph(f / "text.onnx", token_dim=5), r"tokens have the shape"),
        (lambda f: small.text_graph(f / "text.onnx", gain=2.0), "the length 2; unit vectors"),
        (lambda f: small.text_graph(f / "text.onnx", tokens=False), r"gives \['embedding'\]"),
        (lambda f: small.fine_graph(f / "fine.onnx", score="marks"), r"gives \['marks'\]"),
        (lambda f: small.fine_graph(f / "fine.onnx", mean=True), r"2 candidates .*\(1,\)"),
        (lambda f: small.fine_graph(f / "text.onnx"), r"takes \['image_tokens', 'text_tokens'"),
    ],
)
def test_a_graph_that_does_not_fit(folder: Path, spoil: Callable[[Path], None], says: str) -> None:
    spoil(folder)
    small.seal(folder, small.manifest_table())
    with pytest.raises(PackMismatch, match=says):
        load(folder)


def test_a_damaged_file_stops_the_pack(folder: Path) -> None:
    (folder / "CARD.md").write_text("B pack for tests.\n")
    with pytest.raises(PackCorrupt, match=r"CARD\.md"):
        load(folder)
    assert load(folder, verify_files=False).id == "small@1"


def test_unverified_files_still_fail_in_sentences(folder: Path) -> None:
    (folder / "image.onnx").write_bytes(b"not a graph")
    with pytest.raises(PackCorrupt, match=r"image\.onnx cannot be loaded"):
        load(folder, verify_files=False)
    (folder / "image.onnx").unlink()
    with pytest.raises(PackMissing, match=r"image\.onnx is missing"):
        load(folder, verify_files=False)


def test_a_word_the_graph_does_not_know(folder: Path) -> None:
    session = OnnxSession(folder / "text.onnx", 1)
    ids = np.array([[99]])
    with pytest.raises(PackError, match=r"text\.onnx"):
        session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})


# --- calibration ----------------------------------------------------------------------------------


def test_calibration() -> None:
    calibration = LogisticCalibration(
        CalibrationPart(scale=1.0, offset=-3.0, coarse_scale=20.0, coarse_offset=-8.0)
    )
    assert calibration.final(3.0) == 0.5
    assert calibration.coarse(0.4) == 0.5
    assert calibration.final(4.0) == pytest.approx(0.7310586)
    scores = [calibration.final(float(raw)) for raw in range(-1000, 1000)]
    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (0.0, 1.0)


def test_the_image_encoder_is_loaded_beside_the_text_s(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=20)  # breaks where one waits for the other

    def beside(make: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **more: Any) -> Any:
            both.wait()
            return make(*args, **more)

        return made

    monkeypatch.setattr(f"{LOADING}.OnnxImageEncoder", beside(OnnxImageEncoder))
    monkeypatch.setattr(f"{LOADING}.OnnxTextEncoder", beside(OnnxTextEncoder))
    assert load(small_folder).id == "small@1"


@pytest.mark.parametrize(("threads", "of_text"), [(1, 1), (2, 1), (3, 3)])
def test_a_text_is_not_divided_between_two_threads(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch, threads: int, of_text: int
) -> None:
    given: list[int] = []

    def make(folder: Path, manifest: Any, count: int, *more: Any) -> OnnxTextEncoder:
        given.append(count)
        return OnnxTextEncoder(folder, manifest, count, *more)

    monkeypatch.setattr(f"{LOADING}.OnnxTextEncoder", make)
    load_pack(small_folder, index_threads=1, search_threads=threads)
    assert given == [of_text]
