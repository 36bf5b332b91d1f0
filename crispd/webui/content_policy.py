"""Content security policies of the pages."""

from __future__ import annotations

import base64
import hashlib

# Everything comes from this service: no script in the document, one style, no other host. Pictures
# that somebody is about to send are shown from memory (blob:).
_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self' '{style}'; img-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types crispd"
)
_PAIRING = (
    "default-src 'none'; img-src 'self'; style-src '{style}'; script-src '{script}'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page_policy(style: str) -> str:
    """For the page: lets this inline style through and no other."""
    return _PAGE.format(style=_hash_source(style))


def pairing_policy(style: str, script: str) -> str:
    """For the pages of pairing: one inline style and one inline script."""
    return _PAIRING.format(style=_hash_source(style), script=_hash_source(script))


def _hash_source(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
