"""Where packs lie."""

from __future__ import annotations

from pathlib import Path

from crispd.errors import PackMissing

_PACKAGE = Path(__file__).parent.parent
# Inside an installed package, and beside it in a checkout.
_PLACES = (_PACKAGE / "bundled", _PACKAGE.parent / "models")


def find_pack(name: str) -> Path:
    """The folder of a pack, by its path or by the name of one that ships. Raises PackMissing."""
    for folder in (Path(name).expanduser(), *(place / name for place in _PLACES)):
        if (folder / "pack.toml").is_file():
            return folder
    shipped = {manifest.parent.name for place in _PLACES for manifest in place.glob("*/pack.toml")}
    raise PackMissing(
        f"There is no model pack {name!r}. Give the folder of a pack, or one of those that ship: "
        f"{', '.join(sorted(shipped)) or 'none'}."
    )
