"""CLIP's tokenizer from the files that it had before ``tokenizer.json`` there was."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from crispd.errors import PackCorrupt
from crispd.packs.foreign.settings import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OPENAI_MERGES = "bpe_simple_vocab_16e6.txt.gz"
_START, _END = "<|startoftext|>", "<|endoftext|>"
_MERGES = 49152 - 256 - 2  # of the file, OpenAI's vocabulary takes so many
_LARGEST = 16 * 2**20
# As CLIP's own, in https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def find_byte_pairs(files: Sequence[str]) -> tuple[str, ...]:
    """Those of ``files`` that make a tokenizer; () where there are none."""
    by_name = {name.split("/")[-1]: name for name in sorted(files, reverse=True)}
    if OPENAI_MERGES in by_name:
        return (by_name[OPENAI_MERGES],)
    pair = tuple(by_name[name] for name in ("vocab.json", "merges.txt") if name in by_name)
    return pair if len(pair) == 2 else ()


def byte_pair_tokenizer(folder: Path, files: Sequence[str]) -> str:
    """The same as ``tokenizer.json``. Raises PackCorrupt."""
    try:
        if len(files) == 1:
            with gzip.open(folder / files[0]) as stream:
                lines = stream.read(_LARGEST).decode("utf-8").split("\n")[1 : _MERGES + 1]
            merges = [_pair(line) for line in lines]
            letters = sorted(pre_tokenizers.ByteLevel.alphabet(), key=_byte_order)
            pieces = [*letters, *(f"{one}</w>" for one in letters), *map("".join, merges)]
            vocab = {piece: number for number, piece in enumerate([*pieces, _START, _END])}
        else:
            vocab = {str(key): int(value) for key, value in read_json(folder / files[0]).items()}
            text = (folder / files[1]).read_text(encoding="utf-8")
            merges = [_pair(line) for line in text.split("\n") if line and line[:1] != "#"]
        return _clip(vocab, merges).to_str()
    except Exception as error:  # the Rust side raises plain Exception
        raise PackCorrupt(
            f"{', '.join(files)} in {folder} is no CLIP vocabulary: {error}."
        ) from error


def _byte_order(sign: str) -> tuple[bool, int]:
    """Bytes that can be seen first, as they are; then the others, moved beyond 255."""
    return ord(sign) > 255, ord(sign)


def _pair(line: str) -> tuple[str, str]:
    first, second = line.split()
    return first, second


def _clip(vocab: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    tokenizer = Tokenizer(
        models.BPE(vocab, merges, end_of_word_suffix="</w>", unk_token=_END, fuse_unk=False)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(
        (_END, vocab[_END]), (_START, vocab[_START]), add_prefix_space=False, trim_offsets=False
    )
    tokenizer.add_special_tokens([_START, _END])
    return tokenizer
