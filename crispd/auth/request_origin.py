"""The origin of a request: the client's real address, and whether its headers can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crispd.auth.access_policy import is_address, is_loopback

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import Scope

    from crispd.auth.access_policy import AccessPolicy

# What a proxy puts on a request. One of them from an address that is not trusted means that
# somebody else may be behind it.
_TRACES = frozenset({
    "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip",
    "x-originating-ip", "x-remote-ip", "x-remote-addr", "x-scheme", "x-url-scheme", "x-varnish",
    "front-end-https", "cdn-loop", "proxy-connection",
})  # fmt: skip
_TRACES_BEGIN = ("x-forwarded", "x-original-", "x-proxy", "x-envoy-", "cf-", "tailscale-", "fly-")
# nginx before 1.29.7, where nothing else is said, and lighttpd ask so; programs do no more.
_OLD = "1.0"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """The origin of a request: the client's ``address``, and ``host`` and ``scheme`` as the client
    sees them.

    ``local``: a program on this machine, without any sign of a proxy: no proxy header, no HTTP/1.0,
    and only loopback names and addresses. A program that only forwards bytes (a tunnel, a forwarded
    port, HAProxy) keeps the client's host name.
    """

    address: str
    host: str
    scheme: str
    local: bool


def request_origin(scope: Scope, headers: Headers, rules: AccessPolicy) -> RequestOrigin:
    """Who asks. Only trusted proxies speak for others."""
    peer = (scope.get("client") or ("", 0))[0]
    host, scheme = headers.get("host", ""), scope["scheme"]
    if rules.is_proxy(peer):
        host = _last(headers, "x-forwarded-host") or host
        given = _last(headers, "x-forwarded-proto").lower()
        scheme = given if given in _PORTS else scheme
        return RequestOrigin(_behind(headers, rules, peer), host, scheme, local=False)
    local = is_loopback(peer) and not _is_handed_on(scope, headers)
    return RequestOrigin(peer, host, scheme, local=local)


def _is_handed_on(scope: Scope, headers: Headers) -> bool:
    """Whether anything about a request shows that somebody else's is handed on."""
    return (
        scope.get("http_version") == _OLD
        or any(name in _TRACES or name.startswith(_TRACES_BEGIN) for name in headers)
        or not is_same_machine(_name(headers.get("host", "")))
    )


def is_same_machine(name: str | None) -> bool:
    """Whether a host names this machine from within, and nothing that others could reach."""
    return name is not None and (name.endswith(".localhost") or is_loopback(name))


def _behind(headers: Headers, rules: AccessPolicy, peer: str) -> str:
    """The nearest address that is no trusted proxy: all before it may be made up."""
    chain = ",".join(headers.getlist("x-forwarded-for")).split(",")
    for text in reversed(chain):
        address = text.strip()
        if not is_address(address):
            break
        peer = address
        if not rules.is_proxy(address):
            break
    return peer


def _last(headers: Headers, name: str) -> str:
    """Of a list, what the nearest proxy added."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def host_allowed(client: RequestOrigin, rules: AccessPolicy) -> bool:
    """Whether crispd is asked under a name of its own.

    A page of a stranger's can make its name point here (DNS rebinding), and then the browser says
    that name. Addresses cannot be turned like that. Other names in ``.local`` are anybody's on the
    network, so they do only where a token is asked for all the same.
    """
    name = _name(client.host)
    if name is None:
        return False
    return (
        is_address(name)
        or name in rules.hosts
        or name.endswith(".localhost")
        or (rules.required and name.endswith(".local"))
        or any(name.endswith(end) for end in rules.wildcards)
    )


def _name(host: str) -> str | None:
    """Without the port, in small letters; None where it is no host."""
    if not host or any(sign in host for sign in "/@?#\\ ,"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    return (parts.hostname or "").rstrip(".") or None


def origin_allowed(client: RequestOrigin, headers: Headers, rules: AccessPolicy) -> bool:
    """Whether a browser sends this for a page of crispd's own, or of a listed origin."""
    origin = headers.get("origin")
    if origin is None or origin.lower() in rules.origins:
        return True
    return same_origin(client, origin)


def same_origin(client: RequestOrigin, origin: str) -> bool:
    """Whether an ``Origin`` names the host that is asked."""
    try:
        page, here = urlsplit(origin), urlsplit(f"{client.scheme}://{client.host}")
        ports = [part.port or _PORTS.get(part.scheme) for part in (page, here)]
    except ValueError:
        return False
    # A proxy that ends TLS and does not say so leaves us with http: 80 and 443 are then one.
    same_port = ports[0] == ports[1] or set(ports) == set(_PORTS.values())
    return page.hostname is not None and page.hostname == here.hostname and same_port
