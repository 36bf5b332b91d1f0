"""Kinds of photos that files tell of: panoramas, selfies, screenshots and others.

Whether a photo is black and white, its pixels say: measured when it is decoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.types import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.filters.definition import Mask, PhotoColumns

_GREY = 10  # colourfulness at most
# Fields whose words name a kind, where a programme or a person sorted photos by it.
NAME_FIELDS = ("name", "folder", "title", "keyword")


@dataclass(frozen=True, slots=True)
class PhotoKind:
    """``asked``: words of a query, folded, "; " between them. ``written``: words of names, folders,
    titles and keywords; ``lens``: of the camera or lens. ``shape``: what columns show.
    """

    asked: str
    written: tuple[str, ...]
    lens: tuple[str, ...] = ()
    shape: Callable[[PhotoColumns], Mask] | None = None


def _is_panorama(photos: PhotoColumns) -> Mask:
    """More than twice as wide as high; not a picture of a screen or a banner."""
    wide = photos.column("width") > 2 * photos.column("height")
    return wide & photos.where("type", lambda kind: bool(kind not in {"png", "gif", "webp"}))


def _is_screen(photos: PhotoColumns) -> Mask:
    """A PNG of no camera with the shape of a phone: 16:9 to 21:9, as iPhones call IMG_1234.PNG."""
    width, height = photos.column("width"), photos.column("height")
    phone = (height > 1.7 * width) & (height < 2.4 * width) & (width >= 600)
    is_png = photos.where("type", lambda kind: bool(kind == "png"))
    return phone & is_png & photos.where("camera", lambda camera: camera is None)


def _is_grey(photos: PhotoColumns) -> Mask:
    """Hardly any colour. Of 1,500 real photos 33 have none at all, and the next ones 5 to 11; scans
    of grey ones that are a little yellow have 14 to 18 and are left to what the models see.
    """
    colourfulness = photos.column("colourfulness")
    return (colourfulness >= 0) & (colourfulness <= _GREY)


_KINDS = (
    PhotoKind(
        "panorama; panoramas; pano; panos; panoramic; panoramafoto; panoramabild; panoramique; "
        "panoramata; panoramaticka fotka",
        ("pano", "panorama", "panoramas"),
        shape=_is_panorama,
    ),
    PhotoKind(
        "selfie; selfies; selbstportrat; selbstportraet; autoportrait; autoportraits; autoportret; "
        "selfiecko",
        ("selfie", "selfies"),
        ("front",),
    ),
    PhotoKind(
        "screenshot; screenshots; screen shot; screen shots; bildschirmfoto; bildschirmfotos; "
        "bildschirmaufnahme; capture d'ecran; captures d'ecran; snimek obrazovky; "
        "snimky obrazovky; printscreen",
        (
            "screenshot",
            "screenshots",
            "bildschirmfoto",
            "bildschirmfotos",
            "capture d'écran",
            "snímek obrazovky",
            "printscreen",
        ),
        shape=_is_screen,
    ),
    PhotoKind(
        "black and white; black & white; black white; b&w; bw; monochrome; schwarz weiss; "
        "schwarzweiss; schwarz-weiss; schwarz und weiss; schwarzweissfoto; schwarzweissfotos; "
        "noir et blanc; cernobila; cernobile; cernobily; cernobila fotka; cernobile fotky",
        ("bw", "blackandwhite", "monochrome", "schwarzweiss", "noir et blanc", "cernobile"),
        shape=_is_grey,
    ),
    PhotoKind(
        "receipt; receipts; quittung; quittungen; kassenbon; kassenzettel; beleg; belege; "
        "ticket de caisse; tickets de caisse; recu; recus; uctenka; uctenky; uctenek; stvrzenka; "
        "paragon",
        (
            "receipt",
            "receipts",
            "quittung",
            "quittungen",
            "kassenbon",
            "beleg",
            "belege",
            "ticket de caisse",
            "reçu",
            "reçus",
            "účtenka",
            "účtenky",
            "paragon",
        ),
    ),
    PhotoKind(
        "portrait; portraits; portrat; portrats; portret; portrety",
        ("portrait", "portraits", "portrat", "portrét", "portréty"),
    ),
)
_BY_WORD = {word: kind for kind in _KINDS for word in kind.asked.split("; ")}


def kind_of(word: str) -> PhotoKind | None:
    """What a word of a query asks for, in any language of the pack; None where it is no kind."""
    return _BY_WORD.get(folded(word).replace("’", "'"))
