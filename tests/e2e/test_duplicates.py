"""Near duplicates on a real process: what was made of a photo is found, and nothing else."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from tests.e2e.server import Server
from tests.images.documents import pages


def versions(path: Path) -> set[str]:
    """Beside a photo: smaller, as another format, cropped, brighter, and a copy."""
    made = {}
    with Image.open(path) as image:
        rgb = image.convert("RGB")
        width, height = rgb.size
        made["smaller.jpg"] = rgb.resize((width * 2 // 3, height * 2 // 3))
        made["other.webp"] = rgb
        made["cropped.jpg"] = rgb.crop((width // 50, height // 50, width, height))
        made["bright.jpg"] = ImageEnhance.Brightness(rgb).enhance(1.15)
        for name, version in made.items():
            version.save(path.with_name(f"{path.stem}_{name}"), quality=85)
    shutil.copy(path, path.with_name(f"{path.stem}_copy.jpg"))
    return {path.name, f"{path.stem}_copy.jpg", *(f"{path.stem}_{name}" for name in made)}


@pytest.mark.usefixtures("indexed")
def test_versions_of_photos_are_found(photos: Path, serve: Callable[..., Server]) -> None:
    made = {name: versions(photos / f"{name}.jpg") for name in ("rocket", "raccoon", "astronaut")}
    server = serve(photos)
    server.settle()
    found = server.get("/duplicates")
    while not found["complete"]:
        time.sleep(0.05)
        found = server.get("/duplicates")
    groups = [{photo["filename"] for photo in group["photos"]} for group in found["groups"]]
    assert sorted(map(sorted, groups)) == sorted(map(sorted, made.values()))
    for group in found["groups"]:
        best = group["photos"][0]
        same = [photo for photo in group["photos"] if photo["exact"]]
        assert best in same
        assert {photo["bytes"] for photo in same} == {best["bytes"]}
        assert best["width"] == max(photo["width"] for photo in group["photos"])
        assert group["wasted_bytes"] == sum(photo["bytes"] for photo in group["photos"][1:])
    (photos / "raccoon.jpg").unlink()
    server.until(lambda status: status["photos"] == len(list(photos.iterdir())), 30)
    assert len(server.get("/duplicates")["groups"]) == 3


def test_different_pages_are_never_folded(tmp_path: Path, serve: Callable[..., Server]) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for kind in ("invoice", "settings"):
        for number, page in enumerate(pages(kind, 2)):
            page.save(folder / f"{kind}-{number}.jpg", quality=88)
    page.save(folder / "settings-1 again.jpg", quality=60)
    server = serve(folder)
    server.settle()
    found = server.get("/duplicates")
    while not found["complete"]:
        time.sleep(0.05)
        found = server.get("/duplicates")
    groups = [sorted(photo["filename"] for photo in group["photos"]) for group in found["groups"]]
    assert groups == [["settings-1 again.jpg", "settings-1.jpg"]]
    asked = {"group": "duplicates", "limit": 50}
    assert len(server.get("/search", type="jpeg", **asked)["results"]) == 4
