"""The smaller pack that ships: it sees by itself and reads with the files of ``mini``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crispd.errors import PackCorrupt
from crispd.packs.integrity import verify
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import Pack, load_pack
from tests.packs import golden
from tests.packs.test_mini import ALBUM, DOGS, _square

TINY = golden.PACK.with_name("tiny")
SUMS = "PYTHONPATH=models python -m train.packing.sums models/mini"


@pytest.fixture(scope="module")
def tiny() -> Pack:
    return load_pack(TINY, index_threads=1, search_threads=1, precision="float")


def test_only_what_sees_lies_in_its_folder() -> None:
    """Of a new mini: ``train.second.make_tiny``, or new sums alone where it sees as before."""
    manifest, mini = read_manifest(TINY), read_manifest(golden.PACK)
    try:
        verify(TINY, manifest)
    except PackCorrupt as error:
        pytest.fail(f"{error}\nWhere files of mini changed, {SUMS} tells both packs.")
    shared = {file.path for file in manifest.files if file.pack == "mini"}
    assert {*mini.text.files, mini.text.tokenizer, "languages.onnx"} <= shared
    assert "fine.onnx" not in shared  # its tokens are not those of mini any more
    assert not any((TINY / name).exists() for name in shared)
    assert manifest.text == mini.text
    assert manifest.languages == mini.languages
    assert sum(path.stat().st_size for path in TINY.iterdir()) < 15_000_000


def test_it_finds_what_mini_finds_on_the_sample_album(tiny: Pack) -> None:
    paths = sorted(ALBUM.rglob("*.jpg"))
    pixels = np.stack([_square(path, tiny) for path in paths])
    fast = load_pack(TINY, index_threads=1, search_threads=1, precision="int8")
    seen, quick = (pack.image_encoder.encode(pixels) for pack in (tiny, fast))
    cosines = [float(a.embedding @ b.embedding) for a, b in zip(seen, quick, strict=True)]
    assert min(cosines) > 0.95
    assert np.mean(cosines) > 0.985
    vectors = np.stack([photo.embedding for photo in seen])
    for text in ("two dogs", "zwei Hunde"):
        order = np.argsort(-vectors @ tiny.text_encoder.encode(text).embedding)
        assert DOGS in {Path(paths[at]).stem for at in order[:3]}
