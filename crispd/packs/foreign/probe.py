"""Runs the graphs of a folder once, in a process of their own: ``python -m
crispd.packs.foreign.probe FOLDER`` with the manifest's table as JSON on standard input.

Runtimes are written in C++, and a graph of strangers may crash them, take all memory, or never end.
What this process says of them, as JSON on standard output, is all that is trusted.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.errors import PackError, PackMismatch
from crispd.packs.fine.cross_fine import CrossFineModel
from crispd.packs.fine.cross_manifest import CrossManifest
from crispd.packs.foreign.examine import NEUTRAL_QUESTIONS
from crispd.packs.image_encoder import OnnxImageEncoder
from crispd.packs.manifest import MOST_DIMENSIONS, Manifest
from crispd.packs.sessions.runtime import open_session
from crispd.packs.sessions.sample_pictures import sample_pictures
from crispd.packs.text.text_encoder import OnnxTextEncoder
from crispd.platform.memory import limit_process, peak_mb, prefer_to_be_killed

if TYPE_CHECKING:
    from crispd.types import Floats, Pixels

Json = dict[str, Any]
_TEXTS = ("a dog", "two children on a beach at sunset", "an old red car, parked")
# As for rounding of float32 and no more; padding that is seen changes a vector by a hundredth.
_SAME = 0.99999
# Below, int8 finds other photos; on x86 without VNNI, kernels that saturate come out at 0.93.
_AGREES = 0.97
_FILE = {"path": "none", "bytes": 1, "sha256": "0" * 64}


def examine(folder: Path, table: Json) -> Json:
    """What the graphs are, once they have run: additions to the table. Raises PackError."""
    if "cross" in table:
        return _examine_cross(folder, table)
    dim = int(table["embedding"]["dim"]) or _dim(folder, table)
    table = {**table, "embedding": {"dim": dim}}
    batch = _working_batch(folder, table)
    table["image"] = {**table["image"], "max_batch": batch}
    images = OnnxImageEncoder(folder, _manifest(table), 1, "float")
    pixels = sample_pictures(int(table["image"]["size"]))
    started = time.perf_counter()
    vectors = _vectors(images, pixels)
    image_ms = 1000 * (time.perf_counter() - started) / len(pixels)
    _expect_different("image", vectors)
    del images
    small = _agreement(folder, table, pixels, vectors)
    words = _read(folder, table)
    _expect_different("text", words)
    length = _needed_length(folder, table, words)
    table["text"] = {**table["text"], "length": length}
    texts = OnnxTextEncoder(folder, _manifest(table), 1, 1, "float")
    started = time.perf_counter()
    neutral = np.stack([texts.encode(text).embedding for text in NEUTRAL_QUESTIONS])
    text_ms = 1000 * (time.perf_counter() - started) / len(neutral)
    return {
        "dim": dim, "max_batch": batch, "length": length, "int8_agrees": small,
        "image_ms": round(image_ms, 1), "text_ms": round(text_ms, 1), "memory_mb": peak_mb(),
        "neutral": neutral.astype(np.float16).tolist(),
    }  # fmt: skip


def _examine_cross(folder: Path, table: Json) -> Json:
    """Of a cross-encoder: ``tokens`` and ``at_once`` as its graphs have them."""
    if "tokens" in table:
        table = {**table, "tokens": {**table["tokens"], **_regions(folder, table["image"])}}
    wanted, at_once = table["cross"], int(table["cross"]["at_once"])
    last: PackError | None = None
    for count in dict.fromkeys((at_once, 1)):  # some take one photo at a time
        table["cross"] = {**wanted, "at_once": count, "ids_once": wanted["ids_once"]}
        try:
            CrossFineModel(folder, CrossManifest.model_validate({**table, "files": [_FILE]}), 1)
        except PackMismatch as error:
            last = error
            continue
        return {
            "at_once": count, "ids_once": bool(table["cross"]["ids_once"]),
            "tokens": table.get("tokens"), "memory_mb": peak_mb(),
        }  # fmt: skip
    assert last is not None
    raise last


def _regions(folder: Path, part: Json) -> Json:
    """How many features the image graph gives, and how long they are."""
    found = _blank(folder, part)
    if found.ndim != 3 or found.shape[2] > MOST_DIMENSIONS:
        raise PackMismatch(f"The image encoder gives {found.shape}; features are expected.")
    return {"regions": int(found.shape[1]), "dim": int(found.shape[2])}


def _manifest(table: Json) -> Manifest:
    return Manifest.model_validate({**table, "files": [_FILE]})


def _dim(folder: Path, table: Json) -> int:
    """Of the image encoder's vectors, where no graph says it."""
    found = _blank(folder, table["image"])
    if found.ndim != 2 or not 1 <= found.shape[1] <= MOST_DIMENSIONS:
        raise PackMismatch(f"The image encoder gives {found.shape}; one vector is expected.")
    return int(found.shape[1])


def _blank(folder: Path, part: Json) -> Floats:
    """What the image graph gives of a picture of nothing."""
    session = open_session(folder / part["file"], 1)
    size = int(part["size"])
    shape = (1, 3, size, size) if part["layout"] == "nchw" else (1, size, size, 3)
    try:
        found: list[Floats] = session.run(
            [part["output_name"]], {part["input_name"]: np.zeros(shape, part["type"])}
        )
    except Exception as error:  # onnxruntime's errors have no common base
        raise PackMismatch(f"The image encoder fails: {error}.") from error
    return found[0]


def _working_batch(folder: Path, table: Json) -> int:
    """As many pictures at once as the table says, or one where the graph takes no more."""
    wanted = int(table["image"]["max_batch"])
    try:
        OnnxImageEncoder(folder, _manifest(table), 1, "float")
    except PackMismatch:
        if wanted == 1:
            raise
        alone = {**table, "image": {**table["image"], "max_batch": 1}}
        OnnxImageEncoder(folder, _manifest(alone), 1, "float")
        return 1
    return wanted


def _vectors(images: OnnxImageEncoder, pixels: Pixels) -> Floats:
    return np.stack([one.embedding for one in images.encode(pixels)])


def _agreement(folder: Path, table: Json, pixels: Pixels, vectors: Floats) -> bool | None:
    """Whether the int8 graphs give the same vectors; None where there are none."""
    named = [part for part in ("image", "text") if "int8_file" in table[part]]
    if not named:
        return None
    try:
        if "image" in named:
            small = _vectors(OnnxImageEncoder(folder, _manifest(table), 1, "int8"), pixels)
            if _usual_likeness(small, vectors) < _AGREES:
                return False
        if "text" in named:
            words = _read(folder, table)
            return _usual_likeness(_read(folder, table, "int8"), words) >= _AGREES
    except PackError:
        return False
    return True


def _read(folder: Path, table: Json, precision: Any = "float") -> Floats:
    texts = OnnxTextEncoder(folder, _manifest(table), 1, 1, precision)
    return np.stack([texts.encode(text).embedding for text in _TEXTS])


def _needed_length(folder: Path, table: Json, words: Floats) -> int:
    """0 where padding changes nothing and the graph takes texts of any length: short texts are
    then read in a fraction of the time.
    """
    if not table["text"]["length"]:
        return 0
    free = {**table, "text": {**table["text"], "length": 0}}
    try:
        same = _likeness(_read(folder, free), words) > _SAME
    except PackError:
        same = False
    return 0 if same else int(table["text"]["length"])


def _likeness(some: Floats, others: Floats) -> float:
    """The least cosine of pairs of unit vectors."""
    return float(np.sum(some * others, axis=1).min())


def _usual_likeness(some: Floats, others: Floats) -> float:
    """The median: a single picture may be hard for int8 that is right, as a chess board is."""
    return float(np.median(np.sum(some * others, axis=1)))


def _expect_different(kind: str, vectors: Floats) -> None:
    if _likeness(vectors[:1], vectors[1:2]) > 1 - 1e-6:
        raise PackMismatch(f"The {kind} encoder gives the same vector whatever it is given.")


def main() -> None:
    """One folder; says what is found, or why it is refused."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the other one ends us
    prefer_to_be_killed()
    # what a runtime prints goes elsewhere
    say = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    asked = json.load(sys.stdin)
    limit_process(int(asked["memory_bytes"]), int(asked["seconds"]))
    try:
        answer = examine(Path(sys.argv[1]), asked["table"])
    except (PackError, MemoryError) as error:
        answer = {"error": str(error) or "It needs more memory than there is."}
    json.dump(answer, say)
    say.close()


if __name__ == "__main__":
    main()
