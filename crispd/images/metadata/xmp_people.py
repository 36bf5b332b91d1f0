"""People on a photo: named faces, lists of persons, and keywords below "People"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.images.metadata.text_cleaning import clean_text, keyword_list
from crispd.images.metadata.xmp_keywords import items_of, keyword_trees
from crispd.images.metadata.xmp_parsing import NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_MOST_PEOPLE = 100
# Regions of the Metadata Working Group (Guidelines 2.0, 5.9), which Picasa, digiKam, Lightroom and
# others write, and ACDSee's, which are alike.
_REGIONS = (f"{{{NAMESPACES['mwg-rs']}}}", f"{{{NAMESPACES['acdsee-rs']}}}")
_FACES = {"", "face"}
_MICROSOFT_NAME = f"{{{NAMESPACES['MPReg']}}}PersonDisplayName"
_PERSONS = f"{{{NAMESPACES['Iptc4xmpExt']}}}PersonInImage"
# What keywords of persons stand below, as programs and people name it.
_PARENT_WORDS = """
people persons person faces family friends personen leute menschen gesichter familie freunde
personnes gens visages famille amis lidé lide osoby osoba tváře rodina přátelé personas gente caras
familia amigos persone volti famiglia amici pessoas mensen gezichten ludzie twarze personer folk
ansikten люди лица
"""
_PARENTS = frozenset(_PARENT_WORDS.split())
_NOBODY = {"unknown", "unconfirmed", "ignored", "unnamed", "unbekannt", "ignoriert", "inconnu"}


def people_in(root: Element) -> tuple[str, ...]:
    """Names in a packet, each once, the faces first; at most a hundred."""
    found = [*_regions(root), *items_of(root, _PERSONS), *_below_people(root)]
    named = (name for name in found if clean_text(name).casefold() not in _NOBODY)
    return tuple(keyword_list(named)[:_MOST_PEOPLE])


def _regions(root: Element) -> Iterator[str]:
    """Names stand in attributes or in elements, with the kind of the region beside them."""
    for element in root.iter():
        name = _property(element, _MICROSOFT_NAME)
        if name:
            yield name
        for space in _REGIONS:
            name = _property(element, f"{space}Name")
            kind = _property(element, f"{space}Type").strip().casefold()
            if name and kind in _FACES:
                yield name


def _property(element: Element, name: str) -> str:
    if name in element.attrib:
        return element.attrib[name]
    child = element.find(name)
    return "" if child is None else child.text or ""


def _below_people(root: Element) -> Iterator[str]:
    """The last branch of each, without groups that hold others: Family of People/Family/Aunt."""
    trees = [[clean_text(branch) for branch in tree] for tree in keyword_trees(root)]
    parents = {tuple(tree[:depth]) for tree in trees for depth in range(1, len(tree))}
    for tree in trees:
        if len(tree) > 1 and tuple(tree) not in parents and tree[0].casefold() in _PARENTS:
            yield tree[-1]
