"""How well text in photos is read.

``python -m benchmarks.finding.text_reading --data DATA [--pages N]``.

Receipts of ``DATA/everyday`` whose shop and total a person can read, with both written down in
``receipts.tsv``: photos 224 pixels wide. Pages made here: receipts, letters, screenshots and signs
in four languages and five fonts, turned, blurred, lit from one side and compressed, as large as
phones take them. Photos without text: what is read in them is read wrongly. One thread; seconds are
of the processor. Intervals: 95 %, Wilson's for shares of photos, by 2,000 draws of pages for words.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from crispd.images.ocr_pixels import decode_for_ocr
from crispd.ocr.models import find_ocr_models
from crispd.ocr.reader import OcrReader
from crispd.ocr.text_reading import LONG_SIDE
from crispd.platform.memory import give_back_freed, tame_allocator
from crispd.store.words.documents import words_shown
from crispd.store.words.query_terms import query_terms
from crispd.store.words.text_lines import packed_lines
from crispd.store.words.tokens import words_of
from crispd.types import DecodeLimits

RECEIPTS = Path(__file__).parent / "receipts.tsv"
_LIMITS = DecodeLimits(2**30, 2**30)
_FONTS = (
    "DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "LiberationSerif-Regular.ttf",
    "LiberationSansNarrow-Regular.ttf",
)  # fmt: skip
_LANGUAGES = ("en", "de", "fr", "cs")
# Of the width: height of letters, and lines of a page; its colours.
_KINDS = {
    "receipt": (0.042, 22, ((244, 243, 238), (40, 40, 45))),
    "letter": (0.020, 30, ((250, 250, 250), (20, 20, 30))),
    "screenshot": (0.034, 16, ((18, 18, 20), (235, 235, 240))),
    "sign": (0.09, 3, ((20, 70, 140), (250, 250, 250))),
}
_TURNS = (0, 0, 0, 2, -4, 8, 90, 180, 270)
_DRAWS = 2000
WIDTHS = (900, 1400, 2200, 3000)  # of pages, as they are photographed
_Z = 1.96


class Timed:
    """A reader that notes its seconds, by the long side of photos, and the bytes that are kept."""

    def __init__(self) -> None:
        models = find_ocr_models()
        if models is None:
            raise SystemExit('The models are missing: pip install --no-deps "rapidocr>=3.9,<4"')
        self._reader = OcrReader(models)
        self.seconds: list[tuple[int, int, float]] = []
        self.stored: list[int] = []

    def words(self, data: bytes) -> set[str]:
        """What is read in a file, as it is indexed."""
        began = time.thread_time()
        pixels = decode_for_ocr(data, LONG_SIDE, _LIMITS)
        lines = self._reader.read(pixels)
        self.seconds.append((max(pixels.shape), len(lines), time.thread_time() - began))
        stored = packed_lines(lines)
        self.stored.append(len(stored))
        return set(words_shown(stored))


def page(
    rng: random.Random, kind: str, sentences: Sequence[str], font: str, widths: Sequence[int]
) -> tuple[bytes, set[str]]:
    """A photo of a page as JPEG, and its words."""
    share, count, (paper, ink) = _KINDS[kind]
    width = rng.choice(widths)
    letters = max(int(width * share), 11)
    face = ImageFont.truetype(font, letters)
    image = Image.new("RGB", (width, int(letters * 1.6 * (count + 4))), paper)
    draw, lines, at = ImageDraw.Draw(image), [], 2.0
    while len(lines) < count:
        line = rng.choice(sentences).rstrip(".")
        if kind == "receipt":
            line = f"{line[:24].rpartition(' ')[0]} {rng.randint(0, 99)},{rng.randint(0, 99):02}"
        while draw.textlength(line, face) > 0.88 * width:
            line = line.rpartition(" ")[0]
        if not line:
            continue
        draw.text((0.05 * width, at * letters * 1.6), line, ink, face)
        lines.append(line)
        at += 1
    return photographed(rng, image, paper), {word for line in lines for word in words_of(line)}


def photographed(rng: random.Random, image: Image.Image, paper: tuple[int, int, int]) -> bytes:
    """Turned, lit from one side, blurred, with noise, as JPEG."""
    turn = rng.choice(_TURNS)
    image = image.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, image.width / 2500)))
    values = np.asarray(image, np.float32)
    light = np.linspace(1, rng.uniform(0.55, 1), values.shape[1], dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, 5, values.shape[:2])[:, :, None]
    out = io.BytesIO()
    shot = Image.fromarray((values * light + noise).clip(0, 255).astype(np.uint8))
    shot.save(out, "JPEG", quality=rng.randint(45, 85))
    return out.getvalue()


def wilson(right: int, of: int) -> str:
    """A share with its interval."""
    share, spread = right / of, _Z**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * np.sqrt(share * (1 - share) / of + spread / of / 4)
    return f"{right} of {of}, {share:.1%} ({middle - half:.1%} to {middle + half:.1%})"


def drawn(right: Sequence[int], of: Sequence[int]) -> str:
    """A share of words, with an interval over pages."""
    rng = np.random.default_rng(0)
    rows, many = np.array(right), np.array(of)
    places = rng.integers(0, len(rows), (_DRAWS, len(rows)))
    low, high = np.percentile(rows[places].sum(1) / many[places].sum(1), [2.5, 97.5])
    return f"{rows.sum() / many.sum():.1%} ({low:.1%} to {high:.1%})"


def receipts(reader: Timed, images: Path) -> None:
    """Shop and total of each."""
    rows = [line.split("\t") for line in RECEIPTS.read_text().splitlines()]
    read = [reader.words((images / name).read_bytes()) for name, *_ in rows]
    asked = [[shop, total, f"{shop} {total}"] for _, shop, total in rows]
    for kind, what in enumerate(("shop", "total", "both")):
        having = [
            [all(term.is_in(words) for term in query_terms(own[kind].split())) for words in read]
            for own in asked
        ]
        found = [having[place][place] for place in range(len(rows))]
        print(f"receipts, {what}: {wilson(sum(found), len(found))}", flush=True)
        others = sum(map(sum, having)) - sum(found)
        missed = [rows[at][0] for at, right in enumerate(found) if not right]
        print(f"  missed: {' '.join(name.partition('.')[0] for name in missed) or 'none'}")
        print(f"  other receipts that have the words: {others / len(rows):.2f} a question")
    print(f"bytes kept of a receipt: median {np.median(reader.stored):.0f}")


def made(
    sentences: dict[str, list[str]], count: int, widths: Sequence[int] = WIDTHS
) -> list[tuple[str, str, bytes, set[str]]]:
    """Kind, language, file and words of each page."""
    rng = random.Random(1)
    found = []
    for number in range(count):
        kind, language = list(_KINDS)[number % 4], _LANGUAGES[number // 4 % 4]
        found.append(
            (kind, language, *page(rng, kind, sentences[language], _FONTS[number % 5], widths))
        )
    return found


def pages(reader: Timed, each: Sequence[tuple[str, str, bytes, set[str]]]) -> None:
    """Words of made pages, by kind and in all."""
    rows: dict[str, list[tuple[int, int, int]]] = {}
    for kind, language, data, wanted in each:
        read = reader.words(data)
        for name in (kind, language, "all"):
            rows.setdefault(name, []).append((len(read & wanted), len(wanted), len(read)))
    for name, counts in rows.items():
        right, wanted_counts, read_counts = zip(*counts, strict=True)
        recall, precision = drawn(right, wanted_counts), drawn(right, read_counts)
        print(f"made pages, {name}, {len(counts)}: recall {recall}, precision {precision}")


def without_text(reader: Timed, photos: Sequence[Path], common: set[str]) -> None:
    """What is read where nobody wrote anything."""
    read = [reader.words(path.read_bytes()) for path in photos]
    print(f"photos without text, any word read: {wilson(sum(map(bool, read)), len(read))}")
    hits = sum(len(words & common) for words in read)
    print(f"  common words read: {hits} in {len(read)} photos x {len(common)} words")


def main() -> None:
    """All three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=80)
    parser.add_argument("--photos", type=int, default=200)
    given = parser.parse_args()
    rows = (given.data / "sentences" / "parallel.jsonl").read_text().splitlines()
    parallel = [json.loads(line) for line in rows[:4000]]
    each = made({name: [row[name] for row in parallel] for name in _LANGUAGES}, given.pages)
    tame_allocator()  # as the service does
    give_back_freed()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    before = memory_mb("VmRSS")
    reader = Timed()
    receipts(reader, given.data / "everyday" / "images")
    pages(reader, each)
    counts: dict[str, int] = {}
    for row in parallel:
        for word in words_of(row["en"]):
            counts[word] = counts.get(word, 0) + 1
    common = {word for word in sorted(counts, key=counts.__getitem__)[-300:] if len(word) > 2}
    nature = sorted((given.data / "flickr8k" / "images").glob("*.jpg"))
    without_text(reader, random.Random(2).sample(nature, given.photos), common)
    for low, high in ((0, 800), (800, 1600), (1600, LONG_SIDE + 1)):
        own = [(lines, took) for side, lines, took in reader.seconds if low <= side < high]
        if own:
            lines, took = np.median([n for n, _ in own]), [seconds for _, seconds in own]
            print(
                f"long side {low} to {high}: {np.median(took):.2f} s a photo, p95 "
                f"{np.percentile(took, 95):.2f} s, median of {lines:.0f} lines, {len(own)} photos"
            )
    print(f"memory: {memory_mb('VmHWM') - before} MB more at its peak than before the models")


def memory_mb(name: str) -> int:
    """A line of this process's status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) // 1024


if __name__ == "__main__":
    main()
