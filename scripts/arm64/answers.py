"""Indexes photos once and prints what crispd answers to questions, as JSON, for a comparison.

``python answers.py PHOTOS QUESTIONS DATA PRECISION``: a folder, a file with a question a line, a
data folder to make or to go on with, and float, int8 or auto; ``plain``: auto, as on a processor
without dot products, whatever this one has. Each answer is the first twenty hits with path and
scores.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from crispd.config import Settings
from crispd.packs.sessions import graph_choice
from crispd.packs.sessions.graph_choice import choose, choose_text
from crispd.query.request import SearchRequest, make_query
from crispd.service import Service

if TYPE_CHECKING:
    from crispd.types import Precision

_HITS = 20
# The fine stage is to reach every candidate, however slow the emulation is.
_PATIENCE_MS = 600_000


def main(photos: str, questions: Path, data: Path, wanted: str) -> dict[str, object]:
    """Everything that the comparison needs."""
    if wanted == "plain":
        graph_choice.has_dot_product = lambda: False  # type: ignore[assignment]
        graph_choice.is_x86 = lambda: False
    precision: Precision = "auto" if wanted == "plain" else wanted  # type: ignore[assignment]
    for name in [name for name in os.environ if name.startswith("CRISPD_")]:
        del os.environ[name]  # settings of whoever runs this must not decide what is compared
    settings = Settings(
        folders=[photos],
        data_dir=data,
        precision=precision,
        fine_deadline_ms=_PATIENCE_MS,
        memory_limit_mb=1024,
    )
    begun = time.monotonic()
    Service(settings).index_once()
    seconds = time.monotonic() - begun
    house = Service(settings)
    house.open_for_search()
    try:
        library = house._library
        assert library is not None
        manifest, counted = library.pack.manifest, house.status()
        answers = {
            words: [
                {"path": hit.photo.path, "score": hit.score, "coarse": hit.coarse_score}
                for hit in house.search(make_query(_asked(words))).hits
            ]
            for words in questions.read_text().splitlines()
        }
    finally:
        house.stop()
    return {
        "machine": platform.machine(),
        "dot_product": graph_choice.has_dot_product(),
        "image_graph": choose(manifest.image.files, precision),
        "text_graph": choose_text(manifest.text.files, precision),
        "photos": counted.photos,
        "failed": counted.failed,
        "seconds": round(seconds, 1),
        "answers": answers,
    }


def _asked(words: str) -> SearchRequest:
    """As the text says, without a reading of it, to the end: the models are compared."""
    return SearchRequest(q=words, limit=_HITS, spelling=False, parse=False, min_relevance="all")


if __name__ == "__main__":
    photos_, questions_, data_, precision_ = sys.argv[1:]
    found = main(photos_, Path(questions_), Path(data_), precision_)
    json.dump(found, sys.stdout, indent=1)
