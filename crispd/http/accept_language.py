"""The ``Accept-Language`` header (RFC 9110, 12.5.4)."""

from __future__ import annotations

import re

_QUALITY = re.compile(r"\s*q=(\d(?:\.\d+)?)\s*")


def accepted_languages(header: str) -> list[str]:
    """Codes of languages without regions, as ``de``, in lower case, the best first."""
    weighted = []
    for part in header.lower().split(","):
        tag, _, parameter = part.strip().partition(";")
        quality = _QUALITY.fullmatch(parameter)
        weighted.append((float(quality[1]) if quality else 1.0, tag.partition("-")[0]))
    ordered = sorted(weighted, key=lambda item: -item[0])
    return [tag for weight, tag in ordered if weight and tag]
