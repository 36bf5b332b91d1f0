"""TLS: with a given certificate, or one of a small authority that crispd makes.

The authority's certificate has name constraints. On a phone that trusts it, it is valid for local
names and addresses only, even if its key were stolen.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import logging
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crispd.auth.access_policy import is_address, is_inside, own_names
from crispd.auth.tokens import write_secret
from crispd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

log = logging.getLogger(__name__)

_AUTHORITY_DAYS = 3650
_LEAF_DAYS = 397  # browsers refuse longer ones
_RENEW_DAYS = 30
_LOOK_SECONDS = 6 * 3600.0
_HOUSE_NAMES = (
    "localhost", "local", "lan", "home", "home.arpa", "internal", "localdomain", "fritz.box",
)  # fmt: skip
_HOUSE_NETWORKS = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where a certificate with its chain, its key and, of our own, the authority lie."""

    certificate: Path
    key: Path
    authority: Path | None = None


class TlsCertificates:
    """The TLS context of a server, kept up to date."""

    def __init__(self, files: TlsFiles, names: tuple[str, ...] = ()) -> None:
        self.files = files
        self._names = names
        if files.authority is not None:
            _ensure(files, names)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load()

    @property
    def authority(self) -> str | None:
        """The authority's certificate (PEM), where it is our own."""
        path = self.files.authority
        return path.read_text("ascii") if path is not None else None

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the authority's certificate, hex."""
        if self.authority is None:
            return None
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.authority)).hexdigest()

    async def keep_fresh(self) -> None:
        """Renew, and take up files that were renewed by others: new connections get them."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await asyncio.to_thread(self.refresh)
            except (ConfigError, OSError) as error:
                log.warning("the certificate could not be renewed: %s", error)

    def refresh(self) -> None:
        """Do it now. Raises ConfigError, StorageUnwritable."""
        if self.files.authority is not None:
            _ensure(self.files, self._names)
        self._load()

    def _load(self) -> None:
        files = self.files
        try:
            # asks for no passphrase: nobody sits at this terminal
            self.context.load_cert_chain(files.certificate, files.key, lambda: "")
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"The certificate {files.certificate} with the key {files.key} cannot be used: "
                f"{error}. PEM is expected, the key without a passphrase."
            ) from error


def make_certificates(
    tls: str, data_dir: Path, host: str, certificate: str, key: str, names: Iterable[str] = ()
) -> TlsCertificates | None:
    """What the settings ask for; None for plain HTTP. Raises ConfigError."""
    if bool(certificate) != bool(key):
        raise ConfigError("tls_certificate and tls_key are given together, or neither.")
    if certificate:
        return TlsCertificates(TlsFiles(Path(certificate).expanduser(), Path(key).expanduser()))
    if tls == "off":
        return None
    folder = data_dir / "tls"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = TlsFiles(folder / "server.crt", folder / "server.key", folder / "ca.crt")
    plain = (name for name in names if "*" not in name)
    return TlsCertificates(files, tuple(sorted({*_names_here(host), *plain})))


def _names_here(host: str) -> set[str]:
    """Names and addresses that devices of the house may use."""
    found = {*own_names(), "127.0.0.1", "::1"}
    if host not in {"0.0.0.0", "::"}:
        return found | {host.lower()}
    for family, probe in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as sock:
                sock.connect((probe, 9))  # sends nothing
                found.add(str(sock.getsockname()[0]))
        except OSError:
            continue
    return found


def _ensure(files: TlsFiles, names: tuple[str, ...]) -> None:
    """A certificate that is good for a month and has all names; made anew where it is not."""
    assert files.authority is not None
    key_file = files.authority.with_suffix(".key")
    signer = _read(files.authority, key_file)
    if signer is None:
        _make_authority(files.authority, key_file, names)
        signer = _read(files.authority, key_file)
        assert signer is not None
    wanted = [name for name in names if _permitted(name, signer[0])]
    known = _read(files.certificate, files.key)
    if known is None or not _good(known[0], signer[0], wanted):
        _make_leaf(files, signer, wanted)
        log.info("a new certificate for %s", ", ".join(wanted))


def _read(certificate: Path, key: Path) -> tuple[x509.Certificate, EllipticCurvePrivateKey] | None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        secret = load_pem_private_key(key.read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(secret, ec.EllipticCurvePrivateKey) or _is_old(found):
        return None
    return (found, secret) if found.public_key() == secret.public_key() else None


def _is_old(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=_RENEW_DAYS)


def _good(leaf: x509.Certificate, authority: x509.Certificate, wanted: list[str]) -> bool:
    from cryptography import x509

    try:
        leaf.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001 - it says it in several types; any means: not ours
        return False
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found) >= set(_general(wanted))


def _make_authority(path: Path, key_file: Path, names: tuple[str, ...]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    domains = dict.fromkeys((*_HOUSE_NAMES, *(name for name in names if not is_address(name))))
    permitted: list[x509.GeneralName] = [
        *(x509.DNSName(name) for name in domains),
        *(x509.IPAddress(ipaddress.ip_network(text)) for text in _HOUSE_NETWORKS),
    ]
    name = f"crispd on {socket.gethostname()}"[:64]
    built = _builder(name, name, key, _AUTHORITY_DAYS)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    built = built.add_extension(x509.NameConstraints(permitted, None), critical=True)
    built = built.add_extension(_usage(signs=True), critical=True)
    _write(path, key_file, built, key, key)


def _make_leaf(
    files: TlsFiles, signer: tuple[x509.Certificate, EllipticCurvePrivateKey], names: list[str]
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    authority, secret = signer
    key = ec.generate_private_key(ec.SECP256R1())
    built = _builder("crispd", authority.subject, key, _LEAF_DAYS)
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    built = built.add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
    built = built.add_extension(_usage(signs=False), critical=True)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    _write(files.certificate, files.key, built.add_extension(usage, critical=False), key, secret)


def _builder(name: str, issuer: Any, key: EllipticCurvePrivateKey, days: int) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if isinstance(issuer, str) else issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # a board without a battery wakes up in the past
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip


def _write(
    path: Path, key_file: Path, built: Any, key: EllipticCurvePrivateKey,
    secret: EllipticCurvePrivateKey,
) -> None:  # fmt: skip
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(secret.public_key())
    signed = built.add_extension(identifier, critical=False).sign(secret, hashes.SHA256())
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_secret(key_file, text.decode().strip())
    write_secret(path, signed.public_bytes(serialization.Encoding.PEM).decode().strip())


def _general(names: Iterable[str]) -> list[Any]:
    from cryptography import x509

    return [
        x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name)
        for name in names
    ]


def _permitted(name: str, authority: x509.Certificate) -> bool:
    """Whether the authority may speak for a name: it was fixed when that was made."""
    from cryptography import x509

    found = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    subtrees = found.permitted_subtrees or []
    if is_address(name):
        networks = [item.value for item in subtrees if isinstance(item, x509.IPAddress)]
        return any(is_inside(name, ipaddress.ip_network(str(network))) for network in networks)
    domains = [item.value for item in subtrees if isinstance(item, x509.DNSName)]
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)
