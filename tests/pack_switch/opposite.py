"""The bundled pack with every vector turned around: it answers the same, and its vectors beside
those of the other mean the opposite.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

MINI = Path(__file__).parents[2] / "models" / "mini"


def opposite_of_mini(folder: Path) -> None:
    """A pack in an empty folder."""
    shutil.copytree(MINI, folder)
    for name in ("image", "image.int8", "text", "text.int8", "languages"):
        _turn_around(folder / f"{name}.onnx")
    background = np.load(folder / "background.npy")
    np.save(folder / "background.npy", -background)
    manifest = folder / "pack.toml"
    text = manifest.read_text()
    version = tomllib.loads(text)["pack"]["version"]
    text = text.replace(f'version = "{version}"', f'version = "{version}-turned"', 1)
    for file in tomllib.loads(text)["files"]:
        data = (folder / file["path"]).read_bytes()
        row = rf'(path = "{re.escape(file["path"])}"\s+bytes = )\d+(\s+sha256 = ")[0-9a-f]+'
        found = rf"\g<1>{len(data)}\g<2>{hashlib.sha256(data).hexdigest()}"
        text, count = re.subn(row, found, text)
        assert count == 1, file["path"]
    manifest.write_text(text)


def _turn_around(path: Path) -> None:
    model = onnx.load(str(path), load_external_data=False)
    for node in model.graph.node:
        node.output[:] = [_renamed(name) for name in node.output]
        node.input[:] = [_renamed(name) for name in node.input]
    model.graph.node.append(helper.make_node("Neg", ["embedding.before"], ["embedding"]))
    path.write_bytes(model.SerializeToString())


def _renamed(name: str) -> str:
    return "embedding.before" if name == "embedding" else name
