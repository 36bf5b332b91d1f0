"""The files of the page, as they lie in ``crispd/web``: read once, and again when they change."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from crispd.api.linking import linked

WEB = Path(__file__).parent.parent / "web"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_PACKED = {".css", ".js", ".json", ".svg"}
_VERSION_LENGTH = 12
_STYLE, _ENTRY = "page.css", "app.js"
# All modules in one; none of the files has this name.
SCRIPT = "page.js"
# Everything comes from this house: no script in the document, one style, no other host. Pictures
# that somebody is about to send are shown from memory (blob:).
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' '{style}'; img-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types crispd"
)
_PLACE = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. ``packed``: the same with gzip; None where that is no use."""

    data: bytes
    packed: bytes | None
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Edition:
    """All files at one time. ``version`` changes with any of them.

    ``document`` holds the style, so that the first paint waits for nothing else; ``policy`` lets
    that style through and no other.
    """

    version: str
    assets: dict[str, Asset]
    document: str
    style: str
    policy: str

    def filled(self, **parts: str) -> str:
        """The document with its ``{{places}}`` filled in; ``parts`` are HTML already."""
        known = {**parts, "web": f"/web/{self.version}", "style": self.style}
        # in one pass: what somebody types may look like a place
        return _PLACE.sub(lambda place: known[place[1]], self.document)


class Shell:
    """Thread-safe: an edition is put in place whole. No build step, and no restart either."""

    def __init__(self, folder: Path = WEB) -> None:
        self._folder = folder
        self._read: tuple[tuple[tuple[str, int, int], ...], Edition] | None = None

    def edition(self) -> Edition:
        """As the files are now: some thirty of them are looked at, 0.2 ms."""
        found = sorted(path for path in self._folder.rglob("*") if path.suffix in _TYPES)
        stamps = tuple(
            (str(path), stat.st_mtime_ns, stat.st_size) for path in found for stat in [path.stat()]
        )
        if self._read is None or self._read[0] != stamps:
            self._read = stamps, self._edition(found)
        return self._read[1]

    def _edition(self, found: list[Path]) -> Edition:
        files = {path.relative_to(self._folder).as_posix(): path.read_bytes() for path in found}
        digest = hashlib.sha256()
        for name, data in files.items():
            digest.update(f"{name} {len(data)} ".encode() + data)
        version = digest.hexdigest()[:_VERSION_LENGTH]
        document = files.pop("index.html").decode()
        style = files[_STYLE].decode()
        modules = {name: data.decode() for name, data in files.items() if name.endswith(".js")}
        files[SCRIPT] = linked(modules, _ENTRY).encode()
        assets = {name: asset_of(name, data) for name, data in files.items()}
        return Edition(version, assets, document, style, _POLICY.format(style=hash_of(style)))


def hash_of(text: str) -> str:
    """As a content security policy names a text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def asset_of(name: str, data: bytes) -> Asset:
    """A file as it is sent."""
    suffix = Path(name).suffix
    # no time of its own: the same bytes shall come out of every start
    packed = gzip.compress(data, 9, mtime=0) if suffix in _PACKED else None
    return Asset(data, packed, _TYPES[suffix], hashlib.sha256(data).hexdigest()[:_VERSION_LENGTH])
