"""The places where packs lie."""

from __future__ import annotations

from pathlib import Path

from crispd.errors import PackMissing

_PACKAGE = Path(__file__).parent.parent
# Inside an installed package, and beside it in a checkout.
_PLACES = (_PACKAGE / "bundled", _PACKAGE.parent / "models")


def find_pack(name_or_path: str) -> Path:
    """The folder of a pack, by its path or by the name of one that ships. Raises PackMissing."""
    for folder in _candidates(name_or_path):
        if (folder / "pack.toml").is_file():
            return folder
    shipped = {manifest.parent.name for place in _PLACES for manifest in place.glob("*/pack.toml")}
    raise PackMissing(
        f"There is no model pack {name_or_path!r}. Give the folder of a pack, which holds a "
        f"pack.toml, or the name of one that ships: {', '.join(sorted(shipped)) or 'none does'}."
    )


def _candidates(name: str) -> list[Path]:
    if not name:  # would be the current folder
        return []
    try:
        own = [Path(name).expanduser()]
    except RuntimeError:  # ~somebody whom the system does not know
        own = []
    return own + [place / name for place in _PLACES]
