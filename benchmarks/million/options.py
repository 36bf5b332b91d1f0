"""The library that measurements without a service make, as the command line says."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import say
from benchmarks.million.neighbourhoods import Neighbourhoods, nearest_of, real_photos
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack

if TYPE_CHECKING:
    from crispd.types import Floats


def parser_of(description: str | None, size: int, queries: int) -> argparse.ArgumentParser:
    """With what all of them take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="encoded photos are kept there")
    parser.add_argument("--size", type=int, default=size)
    parser.add_argument("--every", type=int, default=3, help="of the real photos one in so many")
    parser.add_argument("--noise", type=float, default=0.2, help="what benchmarks.million chose")
    parser.add_argument("--queries", type=int, default=queries)
    return parser


def made_library(given: argparse.Namespace) -> tuple[Pack, Floats, Floats]:
    """The pack, vectors of real photos, and as many made-up ones around them as are asked for."""
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=1)
    assert pack.manifest.tokens is not None
    real, tokens = real_photos(given.data, pack, given.work / "encoded", given.every)
    made = Neighbourhoods(real, tokens, nearest_of(real), given.noise, pack.manifest.tokens.regions)
    say(f"making {given.size} vectors")
    return pack, real, np.stack([made.vector(number) for number in range(given.size)])
