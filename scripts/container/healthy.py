"""The container's health check: whether crispd answers /healthz, over HTTP or HTTPS.

Standard library only: it runs every half minute, and crispd's own takes longer to import. Who asks
is this container itself, so the certificate is not looked at.
"""

from __future__ import annotations

import os
import ssl
import sys
import urllib.request

_SECONDS = 2


def main() -> int:
    """0 where it is well."""
    port = os.environ.get("CRISPD_PORT", "8642")
    schemes = ["http", "https"]
    if os.environ.get("CRISPD_TLS", "off") != "off" or "CRISPD_TLS_CERTIFICATE" in os.environ:
        schemes.reverse()  # each wrong try is a line of its log
    error: OSError | None = None
    for scheme in schemes:  # a settings file may have switched either on
        try:
            _ask(f"{scheme}://127.0.0.1:{port}/healthz")
            return 0
        except OSError as wrong:
            error = error or wrong
    print(error)
    return 1


def _ask(url: str) -> None:
    """Raises OSError; URLError and HTTPError are such."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    urllib.request.urlopen(url, timeout=_SECONDS, context=context).close()


if __name__ == "__main__":
    sys.exit(main())
