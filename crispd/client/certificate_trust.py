"""Certificate trust: which certificate the client accepts."""

from __future__ import annotations

import hashlib
import hmac
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from crispd.client.exceptions import (
    CertificateNotTrusted,
    CrispdClientError,
    InvalidAddress,
    NoAnswer,
)

_SECONDS = 10.0
_DIGITS = 64


def system_trust() -> ssl.SSLContext:
    """The authorities that httpx believes, or those of SSL_CERT_FILE. Raises CrispdClientError."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # of OpenSSL, too
        raise CrispdClientError(
            f"SSL_CERT_FILE names {os.environ.get('SSL_CERT_FILE')}, whose certificates cannot be "
            f"read: {error.strerror}. Name another file, or leave the variable out."
        ) from error


def trusted_file(ca: str | Path) -> ssl.SSLContext:
    """The authorities of the system, and that of a PEM file. Raises InvalidAddress."""
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(Path(ca).expanduser())
    except (OSError, ssl.SSLError) as error:
        raise InvalidAddress(f"{ca} is no certificate that can be read: {error}") from error
    return context


def pinned(address: str, fingerprint: str) -> ssl.SSLContext:
    """A context that believes one certificate: the server's own, or the authority of its house.

    ``fingerprint``: SHA-256 in hex, with or without colons, as ``crispd pair`` shows it. Asks the
    server for both before anything else is sent. Raises NoAnswer or Untrusted.
    """
    wanted = fingerprint.replace(":", "").replace(" ", "").lower()
    if len(wanted) != _DIGITS:
        raise InvalidAddress("The fingerprint is not a SHA-256: 64 hexadecimal digits.")
    parts = urlsplit(address)
    try:
        server = ssl.get_server_certificate(
            (parts.hostname or "", parts.port or 443), timeout=_SECONDS
        )
        if _is(server, wanted):
            return _only(server)
        # Not verified: what comes is compared with the fingerprint, and no token goes with it.
        authority = httpx.get(
            f"{address}/ca.crt", verify=False, timeout=_SECONDS, trust_env=False
        ).text
        if _is(authority, wanted):
            return ssl.create_default_context(cadata=authority)
    except (OSError, ValueError, httpx.HTTPError) as error:
        raise NoAnswer(f"The certificate of {address} cannot be had: {error}") from error
    raise CertificateNotTrusted(
        f"The certificate at {address} does not have the fingerprint that was given."
    )


def _only(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False  # it is this very certificate, whatever name was asked for
    return context


def _is(pem: str, wanted: str) -> bool:
    try:
        found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    except ValueError:
        return False
    return hmac.compare_digest(found, wanted)
