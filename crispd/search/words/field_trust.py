"""How far the field that has a word is trusted: tables over sets of fields.

A set of fields is an integer of ``MASK_TYPE``, the bits of its fields. The best field of a set
speaks for it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

MASK_TYPE = np.uint16
# How sure a field makes that a photo is meant, all words of the query being in it. Names are given
# to single photos, people and places are what is asked for by name; descriptions mention much else.
# Set by judgement; ``benchmarks/finding/one_box.py`` measures what they do.
_TRUST = {
    "name": 0.999, "person": 0.99, "place": 0.95, "title": 0.92, "folder": 0.9, "camera": 0.9,
    "keyword": 0.92, "description": 0.75, "text": 0.75, "date": 0.3,
    "kind": 0.9, "alike": 0.3,
}  # fmt: skip
# What is left of it where the other words of the query show nowhere: somebody asked for by name is
# shown first and last, a word of a description is not.
_FLOOR = {
    "name": 0.5, "person": 0.6, "place": 0.5, "title": 0.2, "folder": 0.25, "camera": 0.25,
    "keyword": 0.2, "description": 0.02, "text": 0.02, "date": 0.25,
    "kind": 0.25, "alike": 0.01,
}  # fmt: skip
# The least for words that the models do not know: names, which nothing but files can have.
_NAMED_FLOOR = 0.4

FIELDS = tuple(_TRUST)
FIELD_BITS = {field: 1 << at for at, field in enumerate(FIELDS)}
# What a photo itself shows, as it was read.
READ = FIELD_BITS["text"] | FIELD_BITS["alike"]
# Whoever is asked for by name is meant, however many photos show them.
ALWAYS_MEANT = FIELD_BITS["person"]


def _of_best(values: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Over all sets of fields, 0 for none."""
    table = np.zeros(1 << len(FIELDS))
    for field, bit in FIELD_BITS.items():
        having = np.flatnonzero(np.arange(len(table)) & bit)
        table[having] = np.maximum(table[having], values[field])
    return table


TRUST = _of_best(_TRUST)
LOG_TRUST = np.log(np.where(TRUST > 0, TRUST, 1.0))
FLOOR = _of_best(_FLOOR)
NAMED_FLOOR = np.where(FLOOR > 0, np.maximum(FLOOR, _NAMED_FLOOR), 0.0)


@cache
def fields_of(mask: int) -> tuple[str, ...]:
    """The fields of a set."""
    return tuple(field for field, bit in FIELD_BITS.items() if mask & bit)
