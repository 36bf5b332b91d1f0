"""German, French and Czech for a finished pack:
``python -m train.languages --data DATA --dictionaries FOLDER --pack PACK --work WORK``.

``DATA`` holds ``sentences/parallel.jsonl`` (``{"split", "en", "de", "fr", "cs"}``), ``flickr8k``
and ``imagenet`` as the recipe has them. ``FOLDER`` holds what ``lexicon.py`` reads, and
dictionaries from English into languages that the tower shall tell from its own. Vectors of photos
stay what they are, so the pack keeps its version.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from train.classes import read_names
from train.data import MAX_TOKENS, load_photos, squeezed
from train.evaluate import Graphs
from train.fine import TOKEN_DIM, Fine
from train.lexicon import DICTIONARIES, Pair, class_names, entries, read_lexicon
from train.student import CODES, PART
from train.student_export import export_student
from train.student_stage import Said, StudentPlan, StudentTrainer, Teacher
from train.sums import write_sums
from train.texts import tokenise
from train.warm import fine_of

HERE = Path(__file__).parent
PHOTOS = 1000
_NAMES = 30.0  # how often a class's name is drawn
_LEAST = 0.15  # how often a word is that no caption has
_OFTEN = 150  # times in captions, from which a word is drawn no oftener

_CARD = {
    "by English words:": "by words in English, German, French or Czech:",
    "- English only. Other": "- English, German, French and Czech. Other",
    "| captions | Flickr8k, train": (
        "| language tower | our own; what it gives is what the text tower gives in English, over "
        "parallel sentences of multi30k, FreeDict's dictionaries and Unicode CLDR's names of emoji "
        "| research use (sentences), GPL (dictionaries; no entry of theirs is in the file) |\n"
        "| captions | Flickr8k, train"
    ),
}


class English:
    """English texts by the row of each, in the order they are first asked for."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}

    def row(self, text: str) -> int:
        """The row of a text."""
        return self.rows.setdefault(text, len(self.rows))

    def said(self, text: str, language: str, means: Mapping[str, float]) -> Said:
        """A text with its meanings as rows."""
        return Said(text, language, tuple((self.row(one), share) for one, share in means.items()))


def sentences(path: Path, english: English) -> list[dict[str, Said]]:
    """The training split of parallel sentences."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        {code: english.said(row[code], code, {row["en"]: 1.0}) for code in ("en", *CODES)}
        for row in rows
        if row["split"] == "train"
    ]


def words(
    pairs: list[Pair], names: list[str], english: English, counts: Mapping[str, int]
) -> list[tuple[Said, float]]:
    """The lexicon, the classes by their names, and what they mean in English; with weights: what
    captions speak of (``counts``) is asked for.
    """

    def weight(meaning: str) -> float:
        return min(min(counts.get(word, 0) for word in meaning.split()), _OFTEN) ** 0.5

    found = [
        (
            english.said(pair.word, pair.language, dict(pair.meanings)),
            _LEAST + sum(share * weight(meaning) for meaning, share in pair.meanings),
        )
        for pair in pairs
    ]
    for index, language, name in class_names(HERE / "class_names.tsv"):
        found.append((english.said(name, language, {names[index]: 1.0}), _NAMES))
    means = sorted({meaning for pair in pairs for meaning, _ in pair.meanings})
    return found + [(english.said(meaning, "en", {meaning: 1.0}), 2 * _LEAST) for meaning in means]


def others(folder: Path) -> list[list[str]]:
    """Words of each language that ``folder`` has a dictionary of and the tower does not read."""
    known, found = {name for name, _, _ in DICTIONARIES}, []
    for path in sorted((folder / "dictd").glob("freedict-eng-*.index")):
        if path.stem.removeprefix("freedict-") not in known:
            pairs = entries(path.with_suffix(""))
            terms = {word for _, terms in pairs for term in terms[:2] for word in term.split()}
            found.append(sorted(word.lower() for word in terms))
    return [each for each in found if each]


def teach(pack: Path, texts: list[str], photos: list[Path]) -> Teacher:
    """What the pack makes of English texts and of some photos."""
    graphs, ids = Graphs.load(pack, "image.int8.onnx"), tokenise(texts)
    lengths = (ids != 0).sum(1)
    tokens = torch.zeros(len(texts), MAX_TOKENS, TOKEN_DIM, dtype=torch.float16)
    vectors = []
    for row, length in enumerate(lengths):
        taken = {"input_ids": ids[row : row + 1, :length]}
        taken["attention_mask"] = np.ones_like(taken["input_ids"])
        vector, found = graphs.text.run(["embedding", "tokens"], taken)
        vectors.append(vector[0])
        tokens[row, :length] = torch.from_numpy(found[0])
    seen = graphs.photos(np.stack([squeezed(path) for path in photos]))
    fine = Fine()
    fine.load_state_dict(fine_of(pack))
    return Teacher(
        torch.from_numpy(np.stack(vectors)), tokens, torch.from_numpy(lengths),
        *map(torch.from_numpy, seen), fine.eval().requires_grad_(False),
    )  # fmt: skip


def put_in(pack: Path) -> None:
    """``[languages]`` of ``pack.toml``, and the checksums anew."""
    manifest = pack / "pack.toml"
    before, _, rest = manifest.read_text(encoding="utf-8").partition("\n[languages]")
    if rest:
        before += "\n[" + rest.partition("\n[")[2]
    head, _, files = before.partition("\n[[files]]")
    part = f"""
[languages]
file = "{PART.file}"
codes = {json.dumps(list(PART.codes))}
buckets = {PART.buckets}
shortest = {PART.shortest}
longest = {PART.longest}
max_words = {PART.max_words}
"""
    manifest.write_text(f"{head.rstrip()}\n{part}\n[[files]]{files}", encoding="utf-8")
    card = pack / "CARD.md"
    card.write_text(told(card.read_text(encoding="utf-8")), encoding="utf-8")
    write_sums(pack)


def told(card: str) -> str:
    """The card of a pack that reads these languages; the same where it says so already."""
    for old, new in _CARD.items():
        card = card if new in card else card.replace(old, new)
    return card


def main() -> None:
    """Train, resuming where an earlier run stopped, and put the tower into the pack."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "dictionaries", "pack", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=StudentPlan().steps)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    chosen.work.mkdir(parents=True, exist_ok=True)
    english, plan = English(), StudentPlan(steps=chosen.steps)
    parallel = sentences(chosen.data / "sentences" / "parallel.jsonl", english)
    lines = (chosen.pack / "words.txt").read_text(encoding="utf-8").splitlines()
    counts = {word: int(count) for word, count in (line.split("\t") for line in lines)}
    pairs = read_lexicon(chosen.dictionaries, counts)
    names = [name.lower() for name in read_names(chosen.data / "imagenet" / "classes.tsv")]
    lexicon = words(pairs, names, english, counts)
    photos = load_photos(chosen.data / "flickr8k", human=True)
    paths = [photo.path for photo in photos if photo.split == "train"]
    some = random.Random(plan.seed).sample(paths, min(PHOTOS, len(paths)))
    teacher = teach(chosen.pack, list(english.rows), some)
    trainer = StudentTrainer(
        plan, teacher, parallel, lexicon, others(chosen.dictionaries), chosen.work
    )
    export_student(trainer.run(), chosen.pack / PART.file)
    put_in(chosen.pack)


if __name__ == "__main__":
    main()
