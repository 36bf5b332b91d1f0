"""The places where packs lie."""

from __future__ import annotations

from pathlib import Path

from crispd.errors import PackMissing

_PACKAGE = Path(__file__).parent.parent
# Inside an installed package, and beside it in a checkout.
_PLACES = (_PACKAGE / "bundled", _PACKAGE.parent / "models")


def find_pack(name_or_path: str, installed: Path | None = None) -> Path:
    """The folder of a pack, by its path or by the name of one that is installed or ships. Raises
    PackMissing.

    ``installed``: where packs were installed to.
    """
    for folder in _candidates(name_or_path, installed):
        if (folder / "pack.toml").is_file():
            return folder
    places = _PLACES if installed is None else (*_PLACES, installed)
    there = {found.parent.name for place in places for found in place.glob("[!.]*/pack.toml")}
    raise PackMissing(
        f"There is no model pack {name_or_path!r}. Give the folder of a pack, which holds a "
        f"pack.toml, or the name of one that is here: {', '.join(sorted(there)) or 'none is'}."
    )


def shipped_packs() -> list[Path]:
    """The folders of packs that ship."""
    return sorted(found.parent for place in _PLACES for found in place.glob("[!.]*/pack.toml"))


def is_shipped(folder: Path) -> bool:
    """Whether a folder came with crispd, and changes when it does."""
    return folder.parent in _PLACES


def _candidates(name: str, installed: Path | None) -> list[Path]:
    if not name:  # would be the current folder
        return []
    try:
        own = [Path(name).expanduser()]
    except RuntimeError:  # ~somebody whom the system does not know
        own = []
    inner = Path(name).name == name and not name.startswith(".")
    there = [installed / name] if installed is not None and inner else []
    return own + there + [place / name for place in _PLACES]
