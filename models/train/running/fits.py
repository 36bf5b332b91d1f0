"""What is fitted to a finished pack by crispd itself, which is installed beside the recipe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CRISPD = Path(__file__).parents[3]
_ENDS = ("benchmarks.relevance.answers", "--fit")
_QUESTION = ("benchmarks.ranking.question_fit", "--write")
# What decides in a question is fitted over the background that the first gives.
FITS = (_ENDS, _QUESTION, _ENDS)
ENDS = (_ENDS,)  # where vectors stay, and so how heavy their parts are


def fit_relevance(
    data: Path, pack: Path, cache: Path, fits: tuple[tuple[str, str], ...] = FITS
) -> None:
    """Fit where answers end, what decides in a question, and the ends again, with the code that
    serves.

    ``cache``: of this run, since packs of one version from two runs have one name.
    """
    for module, option in fits:
        command = ["-m", module, option, "--data", str(data.resolve())]
        command += ["--pack", str(pack.resolve()), "--cache", str(cache.resolve())]
        subprocess.run([sys.executable, *command], cwd=CRISPD, check=True)
