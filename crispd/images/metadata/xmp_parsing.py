"""A tolerant parser for XMP packets: malformed or truncated ones give what can be read."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 4 * 2**20
_MOST_ELEMENTS = 50_000
_DEEPEST = 100
BROKEN = "broken"  # the tag of a root of what is not well-formed
_WHOLE_BEGINS = re.compile(rb"<(?:\w+:)?(?:xmpmeta|xapmeta|RDF)\b")
# Names of namespaces by the prefixes that programs give them, for packets that do not say.
NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "x": "adobe:ns:meta/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xap": "http://ns.adobe.com/xap/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "MicrosoftPhoto": "http://ns.microsoft.com/photo/1.0/",
    "acdsee": "http://ns.acdsee.com/iptc/1.0/",
    "mediapro": "http://ns.iview-multimedia.com/mediapro/1.0/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "acdsee-rs": "http://ns.acdsee.com/regions/",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
_QUOTED = r"\"[^\"<]*\"|'[^'<]*'"
_TOKEN = re.compile(
    # nothing in it reaches beyond the next "<", so that no packet takes more than one pass
    rf"<(?:!--[^<]*?-->|!\[CDATA\[(?P<cdata>[^<]*?)\]\]>|[?!][^<>]*>"
    rf"|/(?P<end>[^\s<>/]+)\s*>"
    rf"|(?P<start>[A-Za-z_][^\s<>/=\"']*)(?P<attributes>(?:[^<>\"'/]|{_QUOTED}|/(?!>))*)(?P<empty>/?)>)"
    r"|(?P<text>[^<]+)|<",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rf"([^\s=\"'<>/]+)\s*=\s*({_QUOTED})")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parse_packet(packet: bytes) -> Element | None:
    """The root of a packet's tree; None where it is huge or tries to expand entities.

    What is not well-formed is read as far as it makes sense: programs write characters that XML
    does not have, prefixes that are declared nowhere, and packets are cut or have a tail.
    """
    if len(packet) > MOST_BYTES:
        return None
    start, end = packet.find(b"<"), packet.rfind(b">")
    if start < 0:
        return None
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(packet[start : end + 1])
        root: Element = parser.close()
    except (DefusedXmlException, _TooMuch):
        return None
    except (ParseError, ValueError, LookupError):
        return _read_leniently(_text_of(packet))
    return root


class _TooMuch(Exception):
    """More elements than any photo has."""


class _BoundedBuilder(TreeBuilder):
    """Ends where a tree becomes too large or too deep."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > _DEEPEST or self._count > _MOST_ELEMENTS:
            raise _TooMuch
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag)


def _text_of(packet: bytes) -> str:
    """UTF-8, UTF-16 or UTF-32 as XMP may have; what is none of them, Latin-1."""
    codec = "utf-8"
    for mark, name in ((b"<\0\0\0", "utf-32-le"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if mark in packet[:200]:
            codec = name
            break
    start = _WHOLE_BEGINS.search(packet)
    if start is not None and codec == "utf-8":
        packet = packet[start.start() :]
    try:
        text = packet.decode(codec)
    except UnicodeDecodeError as error:
        # a character cut in two at the very end is no sign of another encoding
        cut = codec != "utf-8" or error.start > len(packet) - 4
        text = packet.decode(codec, "ignore") if cut else packet.decode("latin-1")
    return _CONTROLS.sub("", text)


def _read_leniently(text: str) -> Element | None:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    root = Element(BROKEN)
    stack: list[tuple[str, Element]] = [("", root)]
    names = _Names(text)
    for count, token in enumerate(_TOKEN.finditer(text)):
        if count > 4 * _MOST_ELEMENTS:
            break
        if token["start"]:
            element = Element(
                names.full(token["start"]), dict(names.attributes(token["attributes"]))
            )
            if len(stack) <= _DEEPEST:
                stack[-1][1].append(element)
                if not token["empty"]:
                    stack.append((token["start"], element))
        elif token["end"]:
            _close(stack, token["end"])
        else:
            more = token["cdata"] or html.unescape(token["text"] or "")
            _add_text(stack[-1][1], more)
    for _, element in stack:  # what is cut short has no value that can be believed
        if not len(element):
            element.text = None
    return root


def _add_text(element: Element, text: str) -> None:
    if not len(element):
        element.text = (element.text or "") + text


def _close(stack: list[tuple[str, Element]], name: str) -> None:
    """The innermost of that name with all that is in it; one that was never opened is ignored."""
    for depth in range(len(stack) - 1, 0, -1):
        if stack[depth][0] == name:
            del stack[depth:]
            return


class _Names:
    """Names with their namespaces, by what the packet declares anywhere and by custom."""

    def __init__(self, text: str) -> None:
        declared = re.findall(rf"\bxmlns:([\w.-]+)\s*=\s*({_QUOTED})", text)
        self._spaces = NAMESPACES | {prefix: name[1:-1] for prefix, name in declared}

    def full(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        space = self._spaces.get(prefix) if colon else None
        return f"{{{space}}}{local}" if space else name

    def attributes(self, text: str) -> Iterator[tuple[str, str]]:
        for name, value in _ATTRIBUTE.findall(text):
            if not name.startswith("xmlns"):
                yield self.full(name), html.unescape(value[1:-1])
