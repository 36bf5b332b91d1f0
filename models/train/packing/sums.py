"""The checksums at the end of a manifest: ``python -m train.packing.sums models/mini``, with
``PYTHONPATH=models``, writes those of a pack and of every pack beside it that reads with its files.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from train.running.atomic import rewrite

MANIFEST = "pack.toml"
_SHARED_PARTS = ("text", "languages")  # what the manifest says of shared files


def sums(folder: Path, shared: Iterable[tuple[Path, str]] = ()) -> str:
    """``[[files]]`` of everything in the folder but the manifest, and of files ``shared`` with the
    pack of a name.
    """
    text = ""
    own = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    for path, pack in [*((path, "") for path in own), *shared]:
        digest, size = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
        text += f'\n[[files]]\npath = "{path.name}"\n'
        text += f'pack = "{pack}"\n' if pack else ""
        text += f'bytes = {size}\nsha256 = "{digest}"\n'
    return text


def write_sums(folder: Path) -> None:
    """Make those of a finished pack anew, and of the packs beside it that share its files; what
    stands before them stays, but for what is said of shared files.
    """
    _write(folder)
    for manifest in sorted(folder.parent.glob(f"*/{MANIFEST}")):
        if manifest.parent != folder and folder.name in _shared_with(manifest):
            _take_parts(manifest, folder / MANIFEST)
            _write(manifest.parent)


def readers(folder: Path, file: str) -> list[Path]:
    """Packs beside it that read a file of it."""
    found = []
    for manifest in sorted(folder.parent.glob(f"*/{MANIFEST}")):
        files = tomllib.loads(manifest.read_text(encoding="utf-8")).get("files", ())
        if any(each["path"] == file and each.get("pack") == folder.name for each in files):
            found.append(manifest.parent)
    return found


def _write(folder: Path) -> None:
    manifest = folder / MANIFEST
    text = manifest.read_text(encoding="utf-8")
    names = _shared_with(manifest)
    shared = [(path, name) for name in names for path in _lent(folder.parent / name, folder)]
    before = text.partition("\n[[files]]")[0].rstrip("\n") + "\n"
    rewrite(manifest, before + sums(folder, shared))


def _shared_with(manifest: Path) -> list[str]:
    """Names of the packs that a pack has files of."""
    files = tomllib.loads(manifest.read_text(encoding="utf-8")).get("files", ())
    return list(dict.fromkeys(file["pack"] for file in files if "pack" in file))


def _lent(pack: Path, folder: Path) -> list[Path]:
    """Files of ``pack`` that ``folder`` has none of its own for."""
    own = {path.name for path in folder.iterdir()} | {MANIFEST}
    return sorted(path for path in pack.iterdir() if path.name not in own)


def _take_parts(manifest: Path, source: Path) -> None:
    """What ``source`` says of the files that it lends, in its own words."""
    text, other = (path.read_text(encoding="utf-8") for path in (manifest, source))
    for part in _SHARED_PARTS:
        pattern = re.compile(rf"\n\[{part}\]\n(?:[^\[\n].*\n)*")
        wanted = pattern.search(other)
        if wanted and pattern.search(text):
            text = pattern.sub(lambda _, new=wanted[0]: new, text, count=1)
        elif wanted:
            text = text.replace("\n[[files]]", f"{wanted[0]}\n[[files]]", 1)
    rewrite(manifest, text)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path, help="the pack whose files changed")
    write_sums(parser.parse_args().pack)


if __name__ == "__main__":
    main()
