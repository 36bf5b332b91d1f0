"""The settings beside the graphs: how pictures become the square that a model was trained with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crispd.errors import PackCorrupt, PackMismatch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LARGEST = 4 * 2**20  # bytes of a file of settings
_OPENAI_MEAN = (0.48145466, 0.4578275, 0.40821073)
_OPENAI_STD = (0.26862954, 0.26130258, 0.27577711)
# PIL.Image.Resampling, as preprocessor_config.json numbers it
_RESAMPLING = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}

Json = dict[str, Any]
# What reading a value as something that it is not raises.
NONSENSE = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """What the files of settings of a folder say; {} for each that is not there.

    ``open_clip``: ``embed_dim``, ``vision_cfg``, ``text_cfg`` of open_clip; ``config``: of
    Transformers. ``preprocess`` and ``processor``: of pictures, as each of them writes it.
    """

    config: Json = field(default_factory=dict)
    open_clip: Json = field(default_factory=dict)
    preprocess: Json = field(default_factory=dict)
    processor: Json = field(default_factory=dict)
    tokenizer: Json = field(default_factory=dict)
    special_tokens: Json = field(default_factory=dict)

    @property
    def model_type(self) -> str:
        """As Transformers calls it; empty where nobody says."""
        return str(self.config.get("model_type", ""))


def read_settings(folder: Path, files: Sequence[str]) -> FolderSettings:
    """Of the ``files`` of ``folder``, those nearest to its top first. Raises PackCorrupt."""

    def read(name: str) -> Json:
        found = sorted((one for one in files if one.split("/")[-1] == name), key=_depth)
        return read_json(folder / found[0]) if found else {}

    config, published = read("config.json"), read("open_clip_config.json")
    wrapped = published or config
    model = wrapped.get("model_cfg", wrapped)
    open_clip = model if isinstance(model, dict) and "text_cfg" in model else {}
    preprocess = read("preprocess_cfg.json") or _table(wrapped, "preprocess_cfg")
    return FolderSettings(
        config, open_clip, preprocess, read("preprocessor_config.json"),
        read("tokenizer_config.json"), read("special_tokens_map.json"),
    )  # fmt: skip


def read_json(path: Path, largest: int = _LARGEST) -> Json:
    """A JSON object. Raises PackCorrupt."""
    try:
        if path.stat().st_size > largest:
            raise PackCorrupt(f"{path} is larger than {largest // 2**20} MB; it is not read.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PackCorrupt(f"{path} cannot be read: {error}.") from error
    if not isinstance(found, dict):
        raise PackCorrupt(f"{path} does not hold a JSON object.")
    return found


def image_table(settings: FolderSettings, size: int | None) -> tuple[Json, list[str]]:
    """``[image]`` as far as pixels go, and sentences on what is assumed. Raises PackError.

    ``size``: what the graph takes, where it says so.
    """
    try:
        notes: list[str] = []
        if settings.preprocess:
            table = _of_open_clip(settings.preprocess)
        elif settings.processor:
            table = _of_transformers(settings.processor)
        else:
            table = {"fit": "shortest", "interpolation": "bicubic"}
            table |= {"mean": list(_OPENAI_MEAN), "std": list(_OPENAI_STD)}
            notes += ["Nothing says how pictures are prepared: taken as for CLIP of OpenAI."]
        said = table.setdefault("size", size or _config_size(settings))
    except NONSENSE as error:
        raise PackCorrupt(f"What the settings say of pictures makes no sense: {error}.") from error
    if not said:
        raise PackMismatch("Neither the image encoder nor the settings say how large pictures are.")
    if size is not None and said != size:
        raise PackMismatch(f"The image encoder takes {size} pixels, and the settings say {said}.")
    return table, notes


def _of_open_clip(said: Json) -> Json:
    size = said.get("size")
    size = size if isinstance(size, int) or size is None else _square(*size)
    fit = said.get("resize_mode") or "shortest"
    if fit not in {"shortest", "squash"}:
        raise ValueError(f"resize_mode {fit!r} is not known")
    table: Json = {
        "fit": fit,
        "interpolation": _known(said.get("interpolation") or "bicubic"),
        "mean": _three(said.get("mean") or _OPENAI_MEAN),
        "std": _three(said.get("std") or _OPENAI_STD),
    }
    return table if size is None else {"size": size, **table}


def _of_transformers(said: Json) -> Json:
    wanted, crop = said.get("size"), said.get("crop_size")
    wanted = {"shortest_edge": wanted} if isinstance(wanted, int) else (wanted or {})
    table: Json = {"interpolation": _known(_RESAMPLING[int(said.get("resample", 3))])}
    if "shortest_edge" in wanted:
        short = int(wanted["shortest_edge"])
        cut = (
            crop
            if isinstance(crop, int) or crop is None
            else _square(crop["height"], crop["width"])
        )
        size = cut if cut and said.get("do_center_crop", True) else short
        table |= {"size": size, "fit": "shortest", "rounding": "down"}
        table |= {"resize": short} if short != size else {}
    elif "height" in wanted:
        table |= {"size": _square(wanted["height"], wanted["width"]), "fit": "squash"}
    else:
        table |= {"fit": "shortest", "rounding": "down"}
    # the manifest's mean and std are of x / 255
    scale = (
        float(said.get("rescale_factor", 1 / 255)) * 255 if said.get("do_rescale", True) else 255.0
    )
    scale = 1.0 if abs(scale - 1) < 1e-6 else scale
    plain = said.get("do_normalize") is False
    mean = (0.0, 0.0, 0.0) if plain else said.get("image_mean") or _OPENAI_MEAN
    std = (1.0, 1.0, 1.0) if plain else said.get("image_std") or _OPENAI_STD
    table["mean"] = [value / scale for value in _three(mean)]
    table["std"] = [value / scale for value in _three(std)]
    return table


def _config_size(settings: FolderSettings) -> int | None:
    said = _table(settings.config, "vision_config") or _table(settings.open_clip, "vision_cfg")
    size = said.get("image_size")
    return size if isinstance(size, int) or size is None else _square(*size)


def _table(parent: Json, key: str) -> Json:
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


def _known(name: str) -> str:
    if name not in _RESAMPLING.values():
        raise ValueError(f"interpolation {name!r} is not known")
    return name


def _square(height: int, width: int) -> int:
    if height != width:
        raise ValueError(f"pictures of {width} x {height} are no squares")
    return int(height)


def _three(values: Any) -> list[float]:
    found = [
        float(value) for value in ([values] * 3 if isinstance(values, int | float) else values)
    ]
    if len(found) != 3:
        raise ValueError("three numbers are expected for mean and std")
    return found


def _depth(name: str) -> tuple[int, str]:
    return name.count("/"), name
