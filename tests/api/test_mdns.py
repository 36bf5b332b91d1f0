"""What is announced, and at which addresses."""

from __future__ import annotations

from types import SimpleNamespace

import ifaddr
import pytest

from crispd.cli.doctor import _network
from crispd.config import load
from crispd.doctor.findings import Level
from crispd.errors import ConfigError
from crispd.server import mdns
from crispd.server.mdns import (
    announced_host,
    announced_name,
    listens_on_the_network,
    network_addresses,
    txt_record_of,
)


def adapter(name: str, *addresses: str) -> SimpleNamespace:
    ips = [
        SimpleNamespace(ip=(text, 0, 0) if ":" in text else text, is_IPv4=":" not in text)
        for text in addresses
    ]
    return SimpleNamespace(name=name, ips=ips)


HERE = [
    adapter("lo", "127.0.0.1", "::1"),
    adapter("eth0", "192.168.1.7", "fe80::1", "fd00::7"),
    adapter("wlan0", "192.168.1.8"),
    adapter("docker0", "172.17.0.1"),
    adapter("br-0123456789ab", "172.18.0.1"),
    adapter("br-lan", "10.0.0.1"),
]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: HERE)
    monkeypatch.setattr(mdns, "own_address", lambda family: "192.168.1.8")


@pytest.mark.parametrize(
    ("bound", "found"),
    [
        (["0.0.0.0"], ("192.168.1.8", "10.0.0.1", "192.168.1.7")),
        (["::"], ("192.168.1.8", "10.0.0.1", "192.168.1.7", "fd00::7")),
        (["192.168.1.7"], ("192.168.1.7",)),
        (["fd00::7", "127.0.0.1"], ("fd00::7",)),
        (["127.0.0.1"], ()),
        (["::1"], ()),
        (["192.168.9.9"], ()),
    ],
)
def test_addresses_are_those_that_others_reach(bound: list[str], found: tuple[str, ...]) -> None:
    assert network_addresses(bound) == found


def test_what_listens_here_alone_has_nothing_to_announce() -> None:
    assert not listens_on_the_network(["127.0.0.1", "::1"])
    assert listens_on_the_network(["127.0.0.1", "0.0.0.0"])


def test_names_fit_a_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mdns.socket, "gethostname", lambda: "hub.example.org")
    assert announced_name("") == "hub"
    assert announced_name("Photos at home") == "Photos at home"
    long = announced_name("ä" * 40)
    assert long == "ä" * 30
    for wrong in ("x" * 61, "a\nb", "a\0b"):
        with pytest.raises(ConfigError, match="announce_name"):
            load(announce_name=wrong)


def test_the_host_name_is_this_folders_own_and_tells_nothing_of_its_key() -> None:
    first, second = announced_host(b"a" * 32), announced_host(b"b" * 32)
    assert first != second
    assert first == announced_host(b"a" * 32)
    assert first.startswith("crispd-")
    assert first.endswith(".local")


def test_facts() -> None:
    assert txt_record_of("1.2", "ab" * 32, tls=True, pairing=True) == {
        "version": "1.2", "path": "/", "tls": "1", "pair": "1", "fp": "ab" * 8,
    }  # fmt: skip
    assert txt_record_of("1.2", None, tls=False, pairing=False) == {
        "version": "1.2", "path": "/", "tls": "0", "pair": "0",
    }  # fmt: skip


def test_the_doctor_says_when_nothing_can_be_announced() -> None:
    assert list(_network(load())) == []
    (alone,) = _network(load(announce=True))
    assert (alone.level, "this machine only" in alone.seen) == (Level.WARNING, True)
    (open_,) = _network(load(announce=True, host="0.0.0.0"))
    assert (open_.level, "192.168.1.8" in open_.seen) == (Level.GOOD, True)
    (away,) = _network(load(announce=True, host="192.168.9.9"))
    assert away.level is Level.WARNING
