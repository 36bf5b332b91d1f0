"""Small models of each family, written as they are published."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from benchmarks.ranking.parity.exports import export, half, twins, write_json

_torchvision = torch.library.Library("torchvision", "FRAGMENT")
for _name in ("nms", "qnms"):  # its compiled part needs the same build of torch; this does without
    if not hasattr(torch.ops.torchvision, _name):
        _torchvision.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import open_clip  # noqa: E402
import transformers  # noqa: E402
from open_clip.tokenizer import basic_clean  # noqa: E402
from open_clip.transform import PreprocessCfg, image_transform_v2  # noqa: E402

OPENAI = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}
HALF = {"mean": [0.5] * 3, "std": [0.5] * 3}
PLAIN = {"mean": [0.0] * 3, "std": [1.0] * 3}
_TEXT = {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2}
_VISION = {"image_size": 64, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16}


@dataclass(frozen=True)
class Reference:
    """A family's own way. ``pixels``: a Pillow image to [3, S, S]; ``ids``: a text to the ids of a
    whole context; ``image``, ``text``: vectors of length 1.
    """

    pixels: Callable[[object], np.ndarray]
    ids: Callable[[str], list[int]]
    image: Callable[[object], np.ndarray]
    text: Callable[[str], np.ndarray]


def openai_clip(folder: Path, sentences: list[str]) -> Reference:
    """OpenAI CLIP with QuickGELU, as Immich publishes: fixed batch, int32 ids, unit length."""
    config = {"embed_dim": 32, "quick_gelu": True, "vision_cfg": _VISION, "text_cfg": _TEXT}
    model = _open_clip(config)
    preprocess = {**OPENAI, "size": 64, "interpolation": "bicubic", "resize_mode": "shortest"}
    _immich(folder, model, config, preprocess)
    _clip_files(folder / "textual")
    return _of_open_clip(model, preprocess, open_clip.SimpleTokenizer())


def openclip(folder: Path, sentences: list[str]) -> Reference:
    """OpenCLIP, as Immich's next revision: uint8 pixels, weights beside, vectors in fp16."""
    config = {"embed_dim": 32, "vision_cfg": _VISION, "text_cfg": _TEXT}
    model = _open_clip(config)
    preprocess = {**OPENAI, "size": [64, 64], "interpolation": "bicubic", "resize_mode": "shortest"}
    _immich(folder, model, config, preprocess, folded=True)
    _clip_files(folder / "textual")
    return _of_open_clip(model, preprocess, open_clip.SimpleTokenizer(), halves=True)


def mobileclip(folder: Path, sentences: list[str]) -> Reference:
    """MobileCLIP (FastViT, bilinear, no mean), as Transformers.js publishes it."""
    model = _mobileclip("fastvit_mci0")
    preprocess = {**PLAIN, "size": 64, "interpolation": "bilinear", "resize_mode": "shortest"}
    write_json(folder / "config.json", {"model_type": "clip", "_name_or_path": "small-mobileclip"})
    write_json(folder / "preprocessor_config.json", {
        "crop_size": {"height": 64, "width": 64}, "do_center_crop": True, "do_normalize": False,
        "do_rescale": True, "do_resize": True, "resample": 2, "rescale_factor": 1 / 255,
        "size": {"shortest_edge": 64},
    })  # fmt: skip
    export(folder / "onnx/vision_model.onnx", model, lambda m, x: m.encode_image(x),
           {"pixel_values": torch.randn(2, 3, 64, 64)}, ["image_embeds"],
           dynamic={"pixel_values": {0: "batch"}})  # fmt: skip
    export(folder / "onnx/text_model.onnx", model, lambda m, x: m.encode_text(x),
           {"input_ids": _ids(2)}, ["text_embeds"],
           dynamic={"input_ids": {0: "batch"}})  # fmt: skip
    _clip_files(folder)
    return _of_open_clip(model, preprocess, open_clip.SimpleTokenizer())


def mobileclip2(folder: Path, sentences: list[str]) -> Reference:
    """MobileCLIP2 without a causal mask, as a pair of files with OpenAI's vocabulary beside it."""
    model = _mobileclip("fastvit_mci0")
    preprocess = {**PLAIN, "size": 64, "interpolation": "bilinear", "resize_mode": "shortest"}
    export(
        folder / "visual.onnx",
        model,
        lambda m, x: m.encode_image(x),
        {"input": torch.randn(2, 3, 64, 64)},
        ["output"],
        dynamic={"input": {0: "batch"}},
    )
    export(folder / "textual.onnx", model, lambda m, x: m.encode_text(x),
           {"input": _ids(2)}, ["output"], dynamic={"input": {0: "batch"}})  # fmt: skip
    write_json(folder / "preprocess_cfg.json", preprocess)
    source = Path(open_clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
    shutil.copyfile(source, folder / source.name)
    return _of_open_clip(model, preprocess, open_clip.SimpleTokenizer())


def transformers_clip(folder: Path, sentences: list[str]) -> Reference:
    """CLIP of Transformers, all precisions, with a mask, two outputs a tower."""
    config = transformers.CLIPConfig(
        text_config={"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
                     "num_attention_heads": 2, "hidden_act": "quick_gelu", "eos_token_id": 49407,
                     "bos_token_id": 49406, "pad_token_id": 49407},
        vision_config={"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
                       "num_attention_heads": 2, "image_size": 64, "patch_size": 16,
                       "hidden_act": "quick_gelu"},
        projection_dim=32,
    )  # fmt: skip
    model = transformers.CLIPModel(config).eval()
    processor = transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 64}, crop_size={"height": 64, "width": 64}
    )
    config.save_pretrained(folder)
    processor.save_pretrained(folder)
    _clip_files(folder)

    def image(m: object, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        out = m.vision_model(pixel_values=x)
        return m.visual_projection(out.pooler_output), out.last_hidden_state

    def text(m: object, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        out = m.text_model(input_ids=ids, attention_mask=mask)
        return m.text_projection(out.pooler_output), out.last_hidden_state

    export(folder / "onnx/vision_model.onnx", model, image,
           {"pixel_values": torch.randn(2, 3, 64, 64)}, ["image_embeds", "last_hidden_state"],
           dynamic={"pixel_values": {0: "batch"}})  # fmt: skip
    ids = _ids(2).long()
    export(folder / "onnx/text_model.onnx", model, text,
           {"input_ids": ids, "attention_mask": torch.ones_like(ids)},
           ["text_embeds", "last_hidden_state"],
           dynamic={"input_ids": {0: "batch", 1: "length"},
                    "attention_mask": {0: "batch", 1: "length"}})  # fmt: skip
    for tower in ("vision_model", "text_model"):
        twins(folder / f"onnx/{tower}.onnx")
    own = transformers.AutoTokenizer.from_pretrained(folder)

    def tokenizer(words: str, **more: object) -> dict:
        # as OpenAI cleaned what it trained with; Transformers leaves that to whoever calls it
        return own(basic_clean(words), truncation=True, max_length=77, **more)

    return Reference(
        lambda picture: processor(picture, return_tensors="np")["pixel_values"][0],
        lambda words: tokenizer(words)["input_ids"],
        lambda picture: _unit(image(model, torch.tensor(
            processor(picture, return_tensors="np")["pixel_values"]))[0]),
        lambda words: _unit(text(model, *(
            tokenizer(words, return_tensors="pt")[key]
            for key in ("input_ids", "attention_mask")))[0]),
    )  # fmt: skip


def siglip(folder: Path, sentences: list[str]) -> Reference:
    """SigLIP of Transformers: unigrams, pads of 1 that are read, the pooled output of two."""
    pieces = _sentencepiece(folder, sentences, "unigram", pad=1, eos=1, unk=2)
    tokenizer = _unigram(pieces, "</s>", eos=1)
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Lowercase(), normalizers.Replace(_punctuation(), ""),
        normalizers.Replace(_blanks(), " "), normalizers.Strip(),
    ])  # fmt: skip
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "SiglipTokenizer", "model_max_length": 64, "pad_token": "</s>",
        "eos_token": "</s>", "unk_token": "<unk>"})  # fmt: skip
    model, image, text = _siglip(folder, len(pieces), "siglip")
    # bicubic in this repository, bilinear in the next: the file decides
    processor = transformers.SiglipImageProcessorPil(
        size={"height": 64, "width": 64}, image_mean=[0.5] * 3, image_std=[0.5] * 3, resample=3
    )
    processor.save_pretrained(folder)
    own = transformers.SiglipTokenizer(str(folder / "spiece.model"), pad_token="</s>", extra_ids=0)

    def ids(words: str) -> list[int]:
        # a blank for _, as in training; Transformers drops it
        words = words.replace("_", " ")
        return own(words, padding="max_length", truncation=True, max_length=64)["input_ids"]

    return _of_siglip(model, image, text, processor, ids)


def siglip2(folder: Path, sentences: list[str]) -> Reference:
    """SigLIP 2: Gemma's kind of tokenizer, pads of 0, end of 1, lower case, bilinear."""
    pieces = _sentencepiece(folder, sentences, "unigram", pad=0, eos=1, unk=3, bos=2)
    tokenizer = _unigram(pieces, "<eos>", eos=1)
    tokenizer.enable_padding(pad_id=0, pad_token="<pad>", length=64)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "GemmaTokenizer", "model_max_length": 64, "pad_token": "<pad>",
        "eos_token": "<eos>", "padding_side": "right"})  # fmt: skip
    model, image, text = _siglip(folder, len(pieces), "siglip")
    processor = transformers.SiglipImageProcessorPil(
        size={"height": 64, "width": 64}, image_mean=[0.5] * 3, image_std=[0.5] * 3, resample=2
    )
    processor.save_pretrained(folder)
    own = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="<pad>", eos_token="<eos>"
    )
    return _of_siglip(
        model,
        image,
        text,
        processor,
        lambda words: own(words.lower(), padding="max_length", truncation=True, max_length=64)[
            "input_ids"
        ],
    )


def open_clip_siglip(folder: Path, sentences: list[str]) -> Reference:
    """SigLIP 2 of open_clip, as Immich publishes it: canonicalised, pooled at the last."""
    pieces = _sentencepiece(folder / "textual", sentences, "unigram", pad=0, eos=1, unk=3, bos=2)
    tokenizer = _unigram(pieces, "<eos>", eos=1)
    tokenizer.save(str(folder / "textual/tokenizer.json"))
    write_json(folder / "textual/tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 64, "pad_token": "<pad>",
        "eos_token": "<eos>", "unk_token": "<unk>", "padding_side": "right"})  # fmt: skip
    kwargs = {"clean": "canonicalize"}
    config = {
        "embed_dim": 32, "custom_text": True, "vision_cfg": _VISION,
        "text_cfg": {
            **_TEXT, "context_length": 64, "vocab_size": len(pieces), "no_causal_mask": True,
            "hf_tokenizer_name": str(folder / "textual"), "tokenizer_kwargs": kwargs,
            "proj_bias": True, "pool_type": "last",
        },
    }  # fmt: skip
    model = _open_clip(config)
    preprocess = {**HALF, "size": [64, 64], "interpolation": "bicubic", "resize_mode": "squash"}
    _immich(folder, model, config, preprocess)
    own = open_clip.tokenizer.HFTokenizer(str(folder / "textual"), context_length=64, **kwargs)
    return _of_open_clip(model, preprocess, own, context=64)


def xlm_roberta(folder: Path, sentences: list[str]) -> Reference:
    """XLM-R as text tower of open_clip: mean over the words, pads of 1."""
    pieces = _sentencepiece(folder / "textual", sentences, "unigram", pad=1, eos=2, unk=3, bos=0)
    tokenizer = _unigram(pieces, "</s>", eos=2, bos=("<s>", 0))
    tokenizer.save(str(folder / "textual/tokenizer.json"))
    write_json(folder / "textual/tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, "pad_token": "<pad>",
        "eos_token": "</s>", "bos_token": "<s>", "unk_token": "<unk>"})  # fmt: skip
    hugging = transformers.XLMRobertaConfig(
        vocab_size=len(pieces), hidden_size=64, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=128, max_position_embeddings=514, pad_token_id=1, type_vocab_size=1,
    )  # fmt: skip
    hugging.save_pretrained(folder / "textual/model")
    config = {
        "embed_dim": 32, "custom_text": True, "vision_cfg": _VISION,
        "text_cfg": {
            "hf_model_name": str(folder / "textual/model"), "hf_model_pretrained": False,
            "hf_tokenizer_name": str(folder / "textual"), "hf_pooler_type": "mean_pooler",
            "hf_proj_type": "mlp",
        },
    }  # fmt: skip
    model = _open_clip(config)
    preprocess = {**OPENAI, "size": 64, "interpolation": "bicubic", "resize_mode": "shortest"}
    _immich(folder, model, config, preprocess)
    own = open_clip.tokenizer.HFTokenizer(str(folder / "textual"), context_length=77)
    return _of_open_clip(model, preprocess, own)


FAMILIES = {
    "OpenAI CLIP, QuickGELU (open_clip); Immich": openai_clip,
    "OpenCLIP; Immich's next: uint8, fp16, weights beside": openclip,
    "CLIP (transformers); Transformers.js, three precisions": transformers_clip,
    "MobileCLIP (open_clip); Transformers.js": mobileclip,
    "MobileCLIP2, no causal mask (open_clip); pair of files": mobileclip2,
    "SigLIP (transformers); Transformers.js": siglip,
    "SigLIP 2 (transformers); Transformers.js": siglip2,
    "SigLIP 2 (open_clip); Immich": open_clip_siglip,
    "XLM-R tower (open_clip); Immich": xlm_roberta,
}


def _open_clip(config: dict) -> torch.nn.Module:
    config = {key: value for key, value in config.items() if key != "custom_text"}
    kind = (
        open_clip.CustomTextCLIP
        if "hf_model_name" in config["text_cfg"] or config["text_cfg"].get("no_causal_mask")
        else open_clip.CLIP
    )
    return kind(**config).eval()


def _mobileclip(name: str) -> torch.nn.Module:
    return open_clip.CustomTextCLIP(
        embed_dim=32,
        vision_cfg={"timm_model_name": name, "timm_model_pretrained": False, "timm_pool": "avg",
                    "timm_proj": None, "image_size": 64},
        text_cfg={**_TEXT, "no_causal_mask": True},
    ).eval()  # fmt: skip


def _immich(
    folder: Path, model: torch.nn.Module, config: dict, preprocess: dict, *, folded: bool = False
) -> None:
    context = config["text_cfg"].get("context_length", 77)
    write_json(folder / "config.json", config)
    write_json(folder / "visual/preprocess_cfg.json", preprocess)
    ids = torch.randint(4, 100, (1, context), dtype=torch.int32)

    def text(m: object, x: torch.Tensor) -> torch.Tensor:
        return m.encode_text(x, normalize=True)

    if not folded:
        export(
            folder / "visual/model.onnx",
            model,
            lambda m, x: m.encode_image(x, normalize=True),
            {"image": torch.randn(1, 3, 64, 64)},
            ["embedding"],
        )
        export(folder / "textual/model.onnx", model, text, {"text": ids}, ["embedding"])
        return
    mean, std = (torch.tensor(preprocess[key]).view(3, 1, 1) for key in ("mean", "std"))

    def image(m: object, x: torch.Tensor) -> torch.Tensor:
        pixels = (x.permute(0, 3, 1, 2).float() / 255 - mean) / std
        return m.encode_image(pixels, normalize=True).half()

    export(folder / "visual/model.onnx", model, image,
           {"image": torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)}, ["image_embedding"],
           dynamic={"image": {0: "batch"}}, external=True)  # fmt: skip
    export(folder / "textual/model.onnx", model, lambda m, x: text(m, x).half(),
           {"text": ids.repeat(2, 1)}, ["text_embedding"], dynamic={"text": {0: "batch"}},
           external=True)  # fmt: skip
    half(folder / "textual/model.onnx", folder / "textual/model_fp16.onnx")


def _of_open_clip(
    model: torch.nn.Module,
    preprocess: dict,
    tokenizer: object,
    *,
    context: int = 77,
    halves: bool = False,
) -> Reference:
    """``halves``: its vectors are published in float16."""
    size = preprocess["size"]
    transform = image_transform_v2(PreprocessCfg(**{
        **preprocess, "size": (size, size) if isinstance(size, int) else tuple(size)
    }), is_train=False)  # fmt: skip

    def rounded(vector: torch.Tensor) -> torch.Tensor:
        return vector.half() if halves else vector

    return Reference(
        lambda picture: transform(picture).numpy(),
        lambda words: tokenizer([words], context_length=context)[0].tolist(),
        lambda picture: _unit(rounded(model.encode_image(transform(picture)[None], True))),
        lambda words: _unit(
            rounded(model.encode_text(tokenizer([words], context_length=context), True))
        ),
    )


def _siglip(folder: Path, vocabulary: int, kind: str) -> tuple:
    config = transformers.SiglipConfig(
        text_config={"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
                     "num_attention_heads": 2, "vocab_size": vocabulary,
                     "max_position_embeddings": 64, "projection_size": 64},
        vision_config={"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
                       "num_attention_heads": 2, "image_size": 64, "patch_size": 16},
    )  # fmt: skip
    model = transformers.SiglipModel(config).eval()
    config.save_pretrained(folder)

    def image(m: object, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        out = m.vision_model(pixel_values=x)
        return out.last_hidden_state, out.pooler_output

    def text(m: object, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        out = m.text_model(input_ids=x)
        return out.last_hidden_state, out.pooler_output

    names = ["last_hidden_state", "pooler_output"]
    export(folder / "onnx/vision_model.onnx", model, image,
           {"pixel_values": torch.randn(2, 3, 64, 64)}, names,
           dynamic={"pixel_values": {0: "batch"}})  # fmt: skip
    export(folder / "onnx/text_model.onnx", model, text,
           {"input_ids": torch.randint(4, 100, (2, 64))}, names,
           dynamic={"input_ids": {0: "batch"}})  # fmt: skip
    for tower in ("vision_model", "text_model"):
        twins(folder / f"onnx/{tower}.onnx")
    return model, image, text


def _of_siglip(model, image, text, processor, ids) -> Reference:
    def pixels(picture: object) -> np.ndarray:
        return processor(picture, return_tensors="np")["pixel_values"]

    return Reference(
        lambda picture: pixels(picture)[0],
        ids,
        lambda picture: _unit(image(model, torch.tensor(pixels(picture)))[1]),
        lambda words: _unit(text(model, torch.tensor([ids(words)]))[1]),
    )


def _ids(batch: int) -> torch.Tensor:
    ids = torch.randint(1, 49000, (batch, 77), dtype=torch.int32)
    ids[:, 0], ids[:, 9] = 49406, 49407
    return ids


def _unit(vectors: torch.Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(vectors.detach().float(), dim=-1)[0].numpy()


def _clip_files(folder: Path) -> None:
    """``tokenizer.json`` of CLIP, from open_clip's own vocabulary by transformers."""
    folder.mkdir(parents=True, exist_ok=True)
    own = open_clip.SimpleTokenizer()
    source = Path(open_clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
    lines = gzip.decompress(source.read_bytes()).decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    vocab = {
        piece.replace("<start_of_text>", "<|startoftext|>").replace(
            "<end_of_text>", "<|endoftext|>"
        ): number
        for piece, number in own.encoder.items()
    }
    made = transformers.CLIPTokenizer(vocab=vocab, merges=[tuple(one.split()) for one in lines])
    made.model_max_length = 77
    made.save_pretrained(folder)


def _sentencepiece(
    folder: Path, sentences: list[str], kind: str, *, pad: int, eos: int, unk: int, bos: int = -1
) -> list[tuple[str, float]]:
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "sentences.txt"
    text.write_text("\n".join(sentences))
    numbers = {"eos_id": eos, "unk_id": unk, "bos_id": bos, "pad_id": pad if pad != eos else -1}
    shown = {"eos_piece": "</s>" if pad == 1 or eos == 2 else "<eos>", "pad_piece": "<pad>"}
    if unk == 2:  # SigLIP's: piece 0 is of no use
        numbers |= {"unk_id": 2, "pad_id": 0}
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "spiece"), vocab_size=400, model_type=kind,
        hard_vocab_limit=False, minloglevel=2, byte_fallback=False, **numbers, **shown,
    )  # fmt: skip
    text.unlink()
    read = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model"))
    return [(read.id_to_piece(one), read.get_score(one)) for one in range(read.vocab_size())]


def _unigram(
    pieces: list[tuple[str, float]], end: str, *, eos: int, bos: tuple[str, int] | None = None
) -> Tokenizer:
    unk = next(place for place, (piece, _) in enumerate(pieces) if piece == "<unk>")
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(_blanks(), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    single = f"{bos[0]} $A {end}" if bos else f"$A {end}"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, special_tokens=[(end, eos), *([bos] if bos else [])]
    )
    return tokenizer


def _punctuation() -> object:

    return Regex(r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]")


def _blanks() -> object:

    return Regex(r"\s+")
