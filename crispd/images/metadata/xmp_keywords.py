"""Keywords of an XMP packet, flat or hierarchical."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crispd.images.metadata.xmp_parsing import NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

_RDF = f"{{{NAMESPACES['rdf']}}}"
_FLAT = (f"{{{NAMESPACES['dc']}}}subject", f"{{{NAMESPACES['acdsee']}}}keywords")
# What stands between a keyword and those below it: Lightroom's, digiKam's, Windows' and others'.
_TREES = (
    (f"{{{NAMESPACES['lr']}}}hierarchicalSubject", "|"),
    (f"{{{NAMESPACES['digiKam']}}}TagsList", "/"),
    (f"{{{NAMESPACES['MicrosoftPhoto']}}}LastKeywordXMP", "/"),
    (f"{{{NAMESPACES['MicrosoftPhoto']}}}LastKeywordIPTC", "/"),
    (f"{{{NAMESPACES['mediapro']}}}CatalogSets", "|"),
)
_CATEGORIES = f"{{{NAMESPACES['acdsee']}}}categories"
_CATEGORY = re.compile(r"<Category\b[^<>]*>([^<>]+)")
_OF_PROGRAMS = ("_digikam_internal_tags_", "darktable|", "_no_label_")


def keywords_in(root: Element, values: Mapping[str, str]) -> Iterator[str]:
    """Of a packet, ``values`` its simple properties; of those in a tree each branch is one."""
    for name in _FLAT:
        yield from items_of(root, name)
    for branches in keyword_trees(root):
        yield from reversed(branches)
    yield from _CATEGORY.findall(values.get(_CATEGORIES, ""))


def keyword_trees(root: Element) -> Iterator[list[str]]:
    """Each keyword that stands in a tree, with what it stands below before it."""
    for name, mark in _TREES:
        for item in items_of(root, name):
            if not item.casefold().startswith(_OF_PROGRAMS):
                yield item.split(mark)


def items_of(root: Element, name: str) -> Iterator[str]:
    """Of lists of that name; of one that is no list, its text."""
    for element in root.iter(name):
        if not len(element):
            yield element.text or ""
        for item in element.iter(f"{_RDF}li"):
            yield item.text or ""
