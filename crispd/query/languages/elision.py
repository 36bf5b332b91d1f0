"""French words with what was elided before them: "l'eau", "d'enfants"."""

from __future__ import annotations

import re

_ELIDED = re.compile("^[ld]['’](?=.)", re.IGNORECASE)


def unelided(word: str) -> str:
    """ "enfants" of "d'enfants"; other words as they are."""
    return _ELIDED.sub("", word)
