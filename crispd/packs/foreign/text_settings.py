"""How a text becomes token ids as a model was trained with them: tokenizer, cleaning, padding."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crispd.errors import PackCorrupt, PackMismatch
from crispd.packs.foreign.settings import NONSENSE, FolderSettings, read_json
from crispd.packs.manifest import MOST_TOKENS

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.foreign.settings import Json
    from crispd.packs.foreign.towers import Tower

_LARGEST = 256 * 2**20  # bytes of a tokenizer; Gemma's has 34 MB
_CLIP_CONTEXT = 77
_STEPS = {
    "lower": ["basic", "whitespace", "lower"],
    "whitespace": ["basic", "whitespace"],
    "canonicalize": ["basic", "canonicalize"],
}
# Vocabularies so large are of many languages: XLM-R 250,002, Gemma 256,000, NLLB 256,206.
_MANY_LANGUAGES = 100_000
# Tokens that say a text's language to NLLB, English first: it is meant where nobody can tell.
_FLORES = (
    ("en", "eng_Latn"), ("de", "deu_Latn"), ("fr", "fra_Latn"), ("es", "spa_Latn"),
    ("it", "ita_Latn"), ("pt", "por_Latn"), ("nl", "nld_Latn"), ("pl", "pol_Latn"),
    ("cs", "ces_Latn"), ("sv", "swe_Latn"), ("da", "dan_Latn"), ("hu", "hun_Latn"),
    ("tr", "tur_Latn"), ("fi", "fin_Latn"), ("ru", "rus_Cyrl"), ("uk", "ukr_Cyrl"),
    ("el", "ell_Grek"), ("zh", "zho_Hans"), ("ja", "jpn_Jpan"), ("ko", "kor_Hang"),
    ("ar", "arb_Arab"), ("he", "heb_Hebr"), ("hi", "hin_Deva"), ("th", "tha_Thai"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TokenizerFile:
    """What ``tokenizer.json`` says. ``pieces``: ids by piece, of those that matter."""

    pieces: dict[str, int]
    size: int
    padding: Json
    truncation: Json

    @property
    def is_clip(self) -> bool:
        """The byte pairs of OpenAI's CLIP, which open_clip took over."""
        return {"<|startoftext|>", "<|endoftext|>"} <= self.pieces.keys() and self.size < 50_000

    @property
    def is_multilingual(self) -> bool:
        """By the size of its vocabulary."""
        return self.size > _MANY_LANGUAGES


def read_tokenizer(source: Path | str) -> TokenizerFile:
    """Of a file, or of its text. Raises PackCorrupt."""
    said = json.loads(source) if isinstance(source, str) else read_json(source, _LARGEST)
    try:
        added = {str(item["content"]): int(item["id"]) for item in said.get("added_tokens") or []}
        vocab = said["model"]["vocab"]
        if isinstance(vocab, dict):
            pieces = {str(piece): int(number) for piece, number in vocab.items()}
        else:
            pieces = {str(row[0]): number for number, row in enumerate(vocab)}
        pieces |= added
        padding, truncation = said.get("padding") or {}, said.get("truncation") or {}
        return TokenizerFile(pieces, max(pieces.values()) + 1, dict(padding), dict(truncation))
    except NONSENSE as error:
        raise PackCorrupt(f"{source} is no tokenizer that crispd knows: {error!r}.") from error


def text_table(
    settings: FolderSettings, tower: Tower, tokenizer: TokenizerFile
) -> tuple[Json, list[str]]:
    """``[text]`` as far as tokens go, and sentences on what is assumed. Raises PackError."""
    try:
        return _text_table(settings, tower, tokenizer)
    except NONSENSE as error:
        raise PackCorrupt(f"What the settings say of texts makes no sense: {error}.") from error


def _text_table(
    settings: FolderSettings, tower: Tower, tokenizer: TokenizerFile
) -> tuple[Json, list[str]]:
    shape = tower.main.shape
    fixed = shape[1] if shape is not None else None
    said = settings.open_clip.get("text_cfg") or {}
    if said.get("tokenizer_mode"):
        raise PackMismatch(
            "Its tokenizer needs code of its own (tokenizer mode), which never runs."
        )
    notes: list[str] = []
    context = fixed or _context(settings, tokenizer)
    if context is None:
        context = _CLIP_CONTEXT
        notes.append(f"Nothing says how many tokens a text may have: taken as {context}.")
    if not 3 <= context <= MOST_TOKENS:
        raise PackMismatch(
            f"It is to read {context} tokens a text; crispd takes 3 to {MOST_TOKENS}."
        )
    siglip = "siglip" in settings.model_type
    padded = fixed or (context if siglip or not tower.mask else 0)
    table: Json = {
        "max_tokens": context, "length": padded, "clean": _steps(settings, tokenizer),
        "pad_id": _pad_id(settings, tokenizer), "pad_side": _pad_side(settings, tokenizer),
    }  # fmt: skip
    if siglip and tower.mask:
        table["mask_pads"] = True
    told = [[code, tokenizer.pieces[name]] for code, name in _FLORES if name in tokenizer.pieces]
    if len(told) > 1:
        table["language_ids"] = told
    return table, notes


def _context(settings: FolderSettings, tokenizer: TokenizerFile) -> int | None:
    """Tokens a text, of who knows best."""
    cfg = settings.open_clip.get("text_cfg")
    if isinstance(cfg, dict):
        return int(cfg.get("context_length") or _CLIP_CONTEXT)
    config = settings.config.get("text_config") or {}
    said = (
        config.get("max_position_embeddings"),
        settings.tokenizer.get("model_max_length"),
        tokenizer.truncation.get("max_length"),
    )
    # tokenizers without a limit say 10 ** 30; as the only word it is none
    known = [int(one) for one in said if isinstance(one, int | float) and 0 < one < 1e15]
    return min(known, default=_CLIP_CONTEXT if tokenizer.is_clip else None)


def _steps(settings: FolderSettings, tokenizer: TokenizerFile) -> list[str]:
    cfg = settings.open_clip.get("text_cfg")
    if isinstance(cfg, dict):
        usual = "whitespace" if cfg.get("hf_tokenizer_name") else "lower"
        wanted = (cfg.get("tokenizer_kwargs") or {}).get("clean") or usual
        if wanted not in _STEPS:
            raise PackMismatch(f"The cleaning {wanted!r} of its tokenizer is not known.")
        return _STEPS[wanted]
    if "siglip" in settings.model_type:
        gemma = "gemma" in str(settings.tokenizer.get("tokenizer_class", "")).lower()
        return ["lower"] if gemma or settings.model_type == "siglip2" else ["canonicalize"]
    # so OpenAI trained it; Transformers leaves out the first of these
    return _STEPS["lower"] if tokenizer.is_clip else []


def _pad_id(settings: FolderSettings, tokenizer: TokenizerFile) -> int:
    # As open_clip trains. Transformers pads with the end of text; under a causal mask nobody can
    # tell, and models without one were trained by open_clip.
    if tokenizer.is_clip:
        return 0
    names: list[Any] = [
        settings.tokenizer.get("pad_token"),
        settings.special_tokens.get("pad_token"),
    ]
    for name in names:
        name = name.get("content") if isinstance(name, dict) else name
        if isinstance(name, str) and name in tokenizer.pieces:
            return tokenizer.pieces[name]
    config = settings.config.get("text_config") or {}
    for said in (tokenizer.padding.get("pad_id"), config.get("pad_token_id")):
        if isinstance(said, int) and 0 <= said < tokenizer.size:
            return said
    return 0


def _pad_side(settings: FolderSettings, tokenizer: TokenizerFile) -> str:
    said = settings.tokenizer.get("padding_side") or tokenizer.padding.get("direction") or "right"
    return "left" if str(said).lower() == "left" else "right"
