"""German, French and Czech for a finished pack:
``python -m train.languages.add_languages --data DATA --dictionaries FOLDER --pack PACK
--work WORK``.

``DATA`` holds ``sentences/parallel.jsonl`` (``{"split", "en", "de", "fr", "cs"}``), ``flickr8k``
and ``imagenet`` as the recipe has them. ``FOLDER`` holds what ``lexicon.py`` reads, and
dictionaries from English into languages that the tower shall tell from its own. Vectors of photos
stay what they are, so the pack keeps its version.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import normalize

from train.data.classes import read_names
from train.data.photos import MAX_TOKENS, load_photos, squeezed
from train.fine.network import TOKEN_DIM
from train.languages.known_words import write_known_words
from train.languages.lexicon import DICTIONARIES, Pair, Usage, class_names, entries, read_lexicon
from train.languages.reading import read_texts
from train.languages.student import CODES, PART
from train.languages.student_export import export_student, share_tower
from train.languages.student_stage import MORE, Said, StudentPlan, StudentTrainer, Teacher
from train.measuring.evaluate import Graphs
from train.packing.join import join, taken_apart
from train.packing.sums import write_sums
from train.pools.balance import EMBEDDING_DIM
from train.running.atomic import atomic, rewrite
from train.towers.model import between
from train.towers.warm import fine_model, student_of

HERE = Path(__file__).parent
PHOTOS = 3000
_NAMES = 60.0  # how often the name of a class or of an emoji is drawn: a thing to look at
_LEAST = 0.15  # how often a word is that no caption has

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
    pairs: list[Pair], names: list[str], english: English, usage: Usage
) -> list[tuple[Said, float]]:
    """The lexicon, the classes by their names, and what they mean in English; with weights: what
    people may ask for is drawn most. Each language weighs as much as another: dictionaries have
    ten times more German than French.
    """

    def weight(pair: Pair) -> float:
        told = sum(share * usage.often(meaning) for meaning, share in pair.meanings)
        thing = (pair.language, pair.word) in usage.things and told > 0
        return max(_LEAST + told, _NAMES if thing else 0.0)

    found = [
        (english.said(pair.word, pair.language, dict(pair.meanings)), weight(pair))
        for pair in pairs
    ]
    for index, language, name in class_names(HERE / "class_names.tsv"):
        found.append((english.said(name, language, {names[index]: 1.0}), _NAMES))
    found = alike(found)
    means = sorted({meaning for pair in pairs for meaning, _ in pair.meanings})
    return found + [(english.said(meaning, "en", {meaning: 1.0}), 2 * _LEAST) for meaning in means]


def alike(lexicon: list[tuple[Said, float]]) -> list[tuple[Said, float]]:
    """With weights that are as large in sum for each language, and as large as before in all."""
    sums: Counter[str] = Counter()
    for said, weight in lexicon:
        sums[said.language] += weight
    each = sums.total() / len(sums)
    return [(said, weight * each / sums[said.language]) for said, weight in lexicon]


def material(
    data: Path, dictionaries: Path, pack: Path
) -> tuple[English, list[dict[str, Said]], list[tuple[Said, float]]]:
    """English texts, the parallel sentences, and the lexicon with weights."""
    english = English()
    parallel = sentences(data / "sentences" / "parallel.jsonl", english)
    lines = (pack / "words.txt").read_text(encoding="utf-8").splitlines()
    counts = {word: int(count) for word, count in (line.split("\t") for line in lines)}
    names = [name.lower() for name in read_names(data / "imagenet" / "classes.tsv")]
    usage = Usage.read(dictionaries, counts)
    return english, parallel, words(read_lexicon(dictionaries, usage), names, english, usage)


def others(folder: Path) -> list[list[str]]:
    """Words of each language that ``folder`` has a dictionary of and the tower does not read."""
    known, found = {name for name, _, _ in DICTIONARIES}, []
    for path in sorted((folder / "dictd").glob("freedict-eng-*.index")):
        if path.stem.removeprefix("freedict-") not in known:
            pairs = entries(path.with_suffix(""))
            terms = {word for _, terms in pairs for term in terms[:2] for word in term.split()}
            found.append(sorted(word.lower() for word in terms))
    return [each for each in found if each]


def teach(pack: Path, texts: list[str], photos: list[Path], kept: Path) -> Teacher:
    """What the pack makes of English texts and of some photos; ``kept`` from an earlier run."""
    fine = fine_model(pack)
    fine = fine.eval().requires_grad_(False)
    if not kept.exists():
        with atomic(kept) as part:
            torch.save(_taught(pack, texts, photos), part)
    return Teacher(*torch.load(kept, weights_only=True), fine)


def _taught(pack: Path, texts: list[str], photos: list[Path]) -> list[torch.Tensor]:
    vectors: list[np.ndarray] = [np.empty(0)] * len(texts)
    lengths = torch.zeros(len(texts), dtype=torch.long)
    tokens = torch.zeros(len(texts), MAX_TOKENS, TOKEN_DIM, dtype=torch.float16)
    for row, (vector, found, _) in read_texts(pack, texts):
        vectors[row], lengths[row] = vector, len(found)
        tokens[row, : len(found)] = torch.from_numpy(found)
    graphs = Graphs.load(pack, "image.int8.onnx")
    seen = graphs.photos(np.stack([squeezed(path) for path in photos]))
    towers, photos = (_alone(each) for each in (np.stack(vectors), seen[0]))
    return [towers, tokens, lengths, photos, torch.from_numpy(seen[1])]


def _alone(embeddings: np.ndarray) -> torch.Tensor:
    """Without objects, where the pack has them: a judge of tokens tells what a text asks for."""
    return normalize(torch.from_numpy(embeddings[:, :EMBEDDING_DIM]), dim=-1)


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
    rewrite(manifest, f"{head.rstrip()}\n{part}\n[[files]]{files}")
    card = pack / "CARD.md"
    rewrite(card, told(card.read_text(encoding="utf-8"), _CARD))
    write_sums(pack)


def told(card: str, changes: Mapping[str, str]) -> str:
    """A card with ``changes`` from what it said to what it says; the same where it does already."""
    for old, new in changes.items():
        card = card if new in card else card.replace(old, new)
    return card


def add_languages(
    data: Path, dictionaries: Path, pack: Path, work: Path, plan: StudentPlan, *,
    go_on: bool = False,
) -> None:  # fmt: skip
    """Train, resuming where an earlier run stopped, and put the tower into a finished pack.

    ``go_on``: from the pack's own tower; half-way between it and what it has become, since that
    agrees with English better than either. Its judge of objects stays what it was.
    """
    english, parallel, lexicon = material(data, dictionaries, pack)
    photos = load_photos(data / "flickr8k", human=True)
    paths = [photo.path for photo in photos if photo.split == "train"]
    some = random.Random(plan.seed).sample(paths, min(PHOTOS, len(paths)))
    teacher = teach(pack, list(english.rows), some, work / "teacher.pt")
    trainer = StudentTrainer(plan, teacher, parallel, lexicon, others(dictionaries), work)
    judge, share = work / "judge.onnx", None
    if go_on:
        share = taken_apart(pack / PART.file, judge)
        if not trainer.path.exists():
            trainer.student.load_state_dict(student_of(pack / PART.file))
    student = trainer.run()
    if go_on:
        student.load_state_dict(between(student_of(pack / PART.file), student.state_dict()))
    export_student(student, pack / PART.file)
    if share is not None:
        join(pack / PART.file, judge, share)
    share_tower(pack / PART.file)
    put_in(pack)
    write_known_words(data, dictionaries, pack)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "dictionaries", "pack", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=StudentPlan().steps)
    parser.add_argument("--go-on", action="store_true", help="from the tower that the pack has")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    chosen.work.mkdir(parents=True, exist_ok=True)
    plan = dataclasses.replace(MORE if chosen.go_on else StudentPlan(), steps=chosen.steps)
    add_languages(
        chosen.data, chosen.dictionaries, chosen.pack, chosen.work, plan, go_on=chosen.go_on
    )


if __name__ == "__main__":
    main()
