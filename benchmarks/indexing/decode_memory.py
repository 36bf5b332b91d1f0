"""What decoding takes of memory at its peak, against what crispd plans for it.

``python -m benchmarks.indexing.decode_memory [megapixels …]``; each file in a process of its own.
The plan (``images/isolation/memory_cost.py``) must not be below what is measured.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image

from crispd.images.decode import decode_photo
from crispd.images.thumbnails import indexed_sizes
from crispd.memory_plan import MB
from crispd.platform.memory import tame_allocator
from crispd.types import DecodeLimits, ImageInput
from tests.images.large import KINDS, SIZES, large_photos, scene

_LIMITS = DecodeLimits(max_pixels=10**9, max_bytes=10**9)
_SMALL = (400, 300)


def _status_mb(key: str) -> float:
    text = Path("/proc/self/status").read_text()
    return int(text.split(f"{key}:")[1].split()[0]) / 1024


def _decode(data: bytes) -> int:
    """Bytes that were planned."""
    planned: list[int] = []
    limits = replace(_LIMITS, take=planned.append)
    decode_photo(data, ImageInput(224), limits, thumbnails=indexed_sizes(320))
    return sum(planned)


def measure(path: Path) -> None:
    """Print a line about a file; ends in ``!`` where more was taken than planned."""
    tame_allocator()
    data, small = path.read_bytes(), io.BytesIO()
    scene(_SMALL).save(small, "JPEG")
    _decode(small.getvalue())
    with Image.open(path) as image:
        pixels = image.width * image.height
    before = _status_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    planned = _decode(data) / MB
    peak = _status_mb("VmHWM") - before
    # libheif keeps a copy of the file, which is no part of the plan for pixels
    mark = "" if peak <= planned + len(data) / MB + 2 else " !"
    print(
        f"| {path.name} | {len(data) / MB:.1f} | {peak:.0f} | {peak * MB / pixels:.2f} "
        f"| {planned:.0f} |{mark}",
        flush=True,
    )


def main() -> None:
    """Make files and measure each."""
    wanted = [int(text) for text in sys.argv[1:]] or list(SIZES)
    print("| file | MB | peak MB | bytes a pixel | planned MB |\n|---|---|---|---|---|", flush=True)
    for megapixels in wanted:
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as folder:
                for name, data in large_photos(megapixels, (kind,)):
                    path = Path(folder) / name
                    path.write_bytes(data)
                    module = [sys.executable, "-m", "benchmarks.indexing.decode_memory", "--file"]
                    subprocess.run([*module, str(path)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--file"]:
        measure(Path(sys.argv[2]))
    else:
        main()
