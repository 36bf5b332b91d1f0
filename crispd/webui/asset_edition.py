"""Asset editions: all files of the page at one time, read again after a change."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from crispd.search.suggest.translations import FILE as WORDS
from crispd.search.suggest.translations import translations
from crispd.types import displayable
from crispd.webui.filter_list import filter_list
from crispd.webui.module_bundler import bundle_modules
from crispd.webui.translations import FALLBACK_LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

FOLDER = Path(__file__).parent
_MEDIA_TYPES = {
    ".bin": "application/octet-stream",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_PLACES = ("static", "strings", "templates")
_SUFFIXES = {*_MEDIA_TYPES, ".html"}
_COMPRESSED = {".bin", ".css", ".js", ".json", ".svg"}
_VERSION_LENGTH = 12
_ENTRY, _PAIRING_SCRIPT = "app.js", "pairing/redeem.js"
# In the order in which they count.
_STYLES = tuple(
    f"styles/{name}.css" for name in ("page", "viewer", "panels", "map", "house", "screens")
)
# Made here: all styles in one, all modules in one, and the strings and the filters as modules. None
# of the files has these names. The page loads a language but the fallback from a module of its own.
STYLE, BUNDLE = "page.css", "page.js"
LANGUAGES, FILTER_LIST = "languages.js", "filter_list.js"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file ready to send. ``compressed``: the same with gzip; None where gzip does not help."""

    data: bytes
    compressed: bytes | None
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class AssetEdition:
    """``version`` changes with any file. ``strings``: by language, the fallback first.

    Documents hold ``style``, so that the first paint waits for nothing else, and those of pairing
    ``pairing_script``.
    """

    version: str
    assets: dict[str, Asset]
    strings: dict[str, dict[str, Any]]
    templates: Environment
    style: str
    pairing_script: str


class AssetStore:
    """Thread-safe: an edition is put in place whole. No build step, and no restart either."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._current: tuple[tuple[tuple[str, int, int], ...], AssetEdition] | None = None

    def edition(self) -> AssetEdition:
        """As the files are now: some forty of them are looked at, 0.3 ms. Raises BundleError."""
        found = [
            path
            for place in _PLACES
            for path in sorted((self._folder / place).rglob("*"))
            if path.suffix in _SUFFIXES
        ]
        stamps = tuple(
            (str(path), stat.st_mtime_ns, stat.st_size) for path in found for stat in [path.stat()]
        )
        if self._current is None or self._current[0] != stamps:
            files = {path.relative_to(self._folder).as_posix(): path.read_bytes() for path in found}
            self._current = stamps, _make_edition(files)
        return self._current[1]


def make_asset(name: str, data: bytes) -> Asset:
    """A file as it is sent."""
    suffix = Path(name).suffix
    # no time of its own: the same bytes shall come out of every start
    compressed = gzip.compress(data, 9, mtime=0) if suffix in _COMPRESSED else None
    etag = hashlib.sha256(data).hexdigest()[:_VERSION_LENGTH]
    return Asset(data, compressed, _MEDIA_TYPES[suffix], etag)


def _make_edition(files: Mapping[str, bytes]) -> AssetEdition:
    static, strings, templates = (_below(files, place) for place in _PLACES)
    digest = hashlib.sha256()
    for name, data in files.items():
        digest.update(f"{name} {len(data)} ".encode() + data)
    filters = filter_list()
    digest.update(filters.encode() + WORDS.read_bytes())
    version = digest.hexdigest()[:_VERSION_LENGTH]
    by_language = {name.removesuffix(".json"): json.loads(data) for name, data in strings.items()}
    for language, own in by_language.items():
        own["words"] = dict(translations(language))
    # the page lists languages in this order
    ordered = {FALLBACK_LANGUAGE: by_language.pop(FALLBACK_LANGUAGE), **by_language}
    modules = {name: data.decode() for name, data in static.items() if name.endswith(".js")}
    modules |= {**_string_modules(ordered), FILTER_LIST: filters}
    made = {name: text for name, text in modules.items() if name not in static}
    made[BUNDLE] = bundle_modules(modules, _ENTRY)
    style = "".join(static.pop(name).decode() for name in _STYLES if name in static)
    static |= {name: text.encode() for name, text in {**made, STYLE: style}.items()}
    pairing_script = templates[_PAIRING_SCRIPT].decode()
    environment = _make_environment(templates, web=f"/web/{version}", style=Markup(style))
    assets = {name: make_asset(name, data) for name, data in static.items()}
    return AssetEdition(version, assets, ordered, environment, style, pairing_script)


def _below(files: Mapping[str, bytes], place: str) -> dict[str, bytes]:
    start = f"{place}/"
    return {name[len(start) :]: data for name, data in files.items() if name.startswith(start)}


def language_module(language: str) -> str | None:
    """Name of the module of a language; None of the fallback, which is in the bundle."""
    return None if language == FALLBACK_LANGUAGE else f"languages/{language}.js"


def _string_modules(by_language: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """For the bundle, the fallback and the names of the others; and each of those whole."""
    own = {language_module(tag): strings for tag, strings in by_language.items()}
    brief = {
        tag: {"own_name": strings["own_name"]} if language_module(tag) else strings
        for tag, strings in by_language.items()
    }
    return {
        name: f"export default {_compact(value)};\n"
        for name, value in {**own, LANGUAGES: brief}.items()
        if name
    }


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _make_environment(templates: Mapping[str, bytes], **known: object) -> Environment:
    # Imported by the first page, not by each start: 20 modules.
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({name: data.decode() for name, data in templates.items()}),
        autoescape=True,
        auto_reload=False,  # changed files are another edition
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(known, language_module=language_module)
    environment.filters["displayable"] = displayable
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment
