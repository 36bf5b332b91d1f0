"""Pictures decoded in a process of their own: the same pixels, and no way to harm this one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crispd.errors import PhotoError, PhotoTooLarge, PhotoUnreadable, PhotoUnsupported
from crispd.images.decode import decode_photo
from crispd.images.isolation import isolated_decoder
from crispd.images.isolation.isolated_decoder import decode_isolated
from crispd.types import DecodeLimits, ImageInput
from tests.images.test_decode import encoded, scene

LIMITS = DecodeLimits(max_pixels=50_000_000, max_bytes=20_000_000)
WANTED = ImageInput(224)

# Loaded by Python at its start, in the place of a decoder with faults.
FAULT = """
import ctypes, time
import crispd.images.decode as module
whole = module.open_oriented
def faulty(data, *rest):
    if data.endswith(b"crash"):
        ctypes.string_at(0)
    if data.endswith(b"endless"):
        time.sleep(60)
    if data.endswith(b"chatty"):
        print("a decoder says something on standard output", flush=True)
    return whole(data, *rest)
module.open_oriented = faulty
"""


@pytest.fixture
def fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that are started have the faulty decoder."""
    (tmp_path / "sitecustomize.py").write_text(FAULT)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_same_pixels(kind: str) -> None:
    data = encoded(scene(900, 600), kind)
    here = decode_photo(data, WANTED, LIMITS, thumbnails=(320,)).pixels
    np.testing.assert_array_equal(decode_isolated(data, WANTED, LIMITS, thumbnails=(320,)), here)


def test_room_is_asked_for_here() -> None:
    asked: list[int] = []
    limits = DecodeLimits(LIMITS.max_pixels, LIMITS.max_bytes, asked.append)
    decode_isolated(encoded(scene(900, 600), "PNG"), WANTED, limits, thumbnails=(320,))
    assert sum(asked) >= 900 * 600


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"no picture at all", PhotoUnsupported),
        (encoded(scene(900, 600), "JPEG")[:2000], PhotoUnreadable),
        (encoded(scene(900, 600), "PNG")[:400], PhotoUnreadable),
    ],
)
def test_what_cannot_be_read_says_the_same(data: bytes, kind: type[PhotoError]) -> None:
    with pytest.raises(PhotoError) as here:
        decode_photo(data, WANTED, LIMITS, thumbnails=(320,))
    with pytest.raises(kind) as there:
        decode_isolated(data, WANTED, LIMITS, thumbnails=(320,))
    assert (type(there.value), str(there.value)) == (type(here.value), str(here.value))


def test_a_bomb_is_refused() -> None:
    small = DecodeLimits(max_pixels=1000, max_bytes=20_000_000)
    with pytest.raises(PhotoTooLarge):
        decode_isolated(encoded(scene(900, 600), "PNG"), WANTED, small, thumbnails=(320,))


@pytest.mark.usefixtures("fault")
def test_a_crash_ends_the_other_process_alone() -> None:
    with pytest.raises(PhotoUnreadable, match="crash") as error:
        decode_isolated(encoded(scene(), "JPEG") + b"crash", WANTED, LIMITS, thumbnails=(320,))
    assert error.value.code == "crash"
    found = decode_isolated(encoded(scene(), "JPEG"), WANTED, LIMITS, thumbnails=(320,))
    assert found.shape == (224, 224, 3)


@pytest.mark.usefixtures("fault")
def test_what_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated_decoder, "_SECONDS", 3.0)
    with pytest.raises(PhotoUnreadable, match="come to an end"):
        decode_isolated(encoded(scene(), "JPEG") + b"endless", WANTED, LIMITS, thumbnails=(320,))


@pytest.mark.usefixtures("fault")
def test_what_a_decoder_prints_is_no_answer() -> None:
    data = encoded(scene(), "JPEG")
    found = decode_isolated(data + b"chatty", WANTED, LIMITS, thumbnails=(320,))
    np.testing.assert_array_equal(found, decode_isolated(data, WANTED, LIMITS, thumbnails=(320,)))


def test_no_descriptor_is_left_open() -> None:
    data = encoded(scene(), "JPEG")
    decode_isolated(data, WANTED, LIMITS, thumbnails=(320,))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        decode_isolated(data, WANTED, LIMITS, thumbnails=(320,))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
