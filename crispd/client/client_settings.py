"""Settings that both clients share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crispd.client import certificate_trust, responses
from crispd.client.exceptions import CrispdClientError
from crispd.client.retry_policy import RetryPolicy

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    import httpx

    from crispd.client.models import SearchResults

DEFAULT_URL = "http://127.0.0.1:8642"
_TIMEOUT_SECONDS = 30.0


class ClientSettings:
    """Settings of a client; see ``Client`` for their meaning."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        token: str | None = None,
        ca: str | Path | None = None,
        fingerprint: str | None = None,
        verify: ssl.SSLContext | None = None,
        uds: str | None = None,
        timeout: float | httpx.Timeout = _TIMEOUT_SECONDS,
        patience: RetryPolicy | None = None,
    ) -> None:
        self.address = responses.address_of(url)
        self.patience = patience or RetryPolicy()
        if token is not None and not (token.isascii() and token.isprintable()):
            raise CrispdClientError("The token has signs in it that no token has.")
        self.uds = uds
        secure = self.address.startswith("https:")
        # over plain HTTP there is no certificate to look at, and no authorities need to be read
        self.trust: ssl.SSLContext | bool = verify or False
        if ca is not None:
            self.trust = certificate_trust.trusted_file(ca)
        elif fingerprint is not None and secure:
            self.trust = certificate_trust.pinned(self.address, fingerprint)
        elif verify is None and secure:
            self.trust = certificate_trust.system_trust()
        self.options: dict[str, Any] = {
            "base_url": self.address,
            "timeout": timeout,
            "headers": {"Authorization": f"Bearer {token}"} if token else {},
            "trust_env": False,  # a proxy of the environment knows nothing of this house
        }

    def delay(self, error: CrispdClientError, tried: int, safe: bool) -> float:
        """Seconds to wait before the next try. Raises the error where there is none."""
        wait = self.patience.wait(error, tried, safe)
        if wait is None:
            raise error
        return wait


def redacted(page: SearchResults, seen: set[str], again: bool) -> SearchResults:
    """Without what came before, which only a new search may bring again."""
    fresh = tuple(hit for hit in page.results if hit.id not in seen)
    seen.update(hit.id for hit in fresh)
    return replace(page, results=fresh, asked_again=True) if again else page
