"""Whatever a folder's files say, it is described or refused with a sentence, never a traceback."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crispd.errors import PackError
from crispd.packs.foreign import describe
from crispd.packs.foreign.graph_file import read_graph
from tests.packs.foreign import published
from tests.packs.foreign.published import LAYOUTS

INF = float("inf")
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 16, 1e308, INF, 10**30, -(10**30), "", "x", "224", [], [1],
    [16, 16], ["a"], {}, {"height": 16}, {"shortest_edge": "x"}, {"a": [1]}, "\ud800", "\0",
    [None] * 3, [0, 0, 0], [float("nan")] * 3,
]  # fmt: skip
UNSAID = [
    ("text_cfg", "tokenizer_kwargs"), ("text_cfg", "hf_tokenizer_name"), ("model_type",),
    ("padding",), ("truncation",), ("pad_token",), ("padding_side",), ("text_config",),
    ("vision_config",), ("model_cfg",), ("preprocess_cfg",), ("do_rescale",), ("crop_size",),
    ("added_tokens",), ("size",),
]  # fmt: skip
KNOWN = [  # each was a traceback once
    ("immich", "config.json", ("text_cfg",), True),
    ("immich", "textual/tokenizer.json", ("model", "vocab", "[PAD]"), INF),
    ("immich", "visual/preprocess_cfg.json", ("mean",), INF),
    ("transformers_js", "preprocessor_config.json", ("size", "shortest_edge"), INF),
    ("transformers_js", "preprocessor_config.json", ("rescale_factor",), False),
    ("transformers_js", "config.json", ("text_config",), True),
    ("pair", "vocab.json", (), {}),
    ("pair", "vocab.json", ("<|startoftext|>",), -1),
]


def places(value: Any, start: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield start
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*start, key))


def changed(value: Any, place: tuple[Any, ...], to: Any) -> Any:
    if not place:
        return to
    made = json.loads(json.dumps(value))
    inner = made
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = to
    return made


@pytest.mark.parametrize(("layout", "name", "place", "value"), KNOWN)
def test_it_is_refused(
    tmp_path: Path, layout: str, name: str, place: tuple[Any, ...], value: Any
) -> None:
    LAYOUTS[layout](tmp_path)
    path = tmp_path / name
    path.write_text(json.dumps(changed(json.loads(path.read_text()), place, value)))
    with pytest.raises(PackError):
        describe(tmp_path)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_any_value_in_any_place(tmp_path: Path, layout: str) -> None:
    LAYOUTS[layout](tmp_path)
    rng = random.Random(layout)
    for path in sorted(tmp_path.rglob("*.json")):
        text = path.read_text()
        said = json.loads(text)
        for _ in range(10):
            place = rng.choice([*places(said), *UNSAID])
            with contextlib.suppress(KeyError, TypeError, IndexError):  # no such place
                path.write_text(json.dumps(changed(said, place, rng.choice(VALUES))))
            with contextlib.suppress(PackError):
                describe(tmp_path)
        path.write_text(text)


def test_any_bytes_in_a_graph(tmp_path: Path) -> None:
    published.immich_next(tmp_path)
    path, rng = tmp_path / "visual/model.onnx", random.Random(0)
    whole = path.read_bytes()
    for _ in range(150):
        spoilt = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(spoilt))
            spoilt[place : place + rng.randrange(3)] = rng.randbytes(rng.randrange(4))
        path.write_bytes(spoilt)
        with contextlib.suppress(PackError):
            read_graph(path)
