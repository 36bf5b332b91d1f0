"""Announced and found: real processes in network namespaces of their own, with a cable between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crispd import __version__
from tests.api.fake_service import CONTENT
from tests.programs import missing

ROOT = Path(__file__).parents[2]


def _possible() -> bool:
    tools = not missing("ip", "unshare", "nsenter")
    trial = ["unshare", "-n", "ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"]
    return tools and subprocess.run(trial, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not _possible(), reason="network namespaces need root and iproute2")


class Machine:
    """A machine with a loopback and nothing else yet."""

    def __init__(self) -> None:
        self._holder = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", "echo here; exec sleep 600"], stdout=subprocess.PIPE
        )
        assert self._holder.stdout is not None
        self._holder.stdout.readline()
        self.pid = self._holder.pid
        self.ip("link set lo up")

    def command(self, *words: str) -> list[str]:
        return ["nsenter", "-t", str(self.pid), "-n", *words]

    def ip(self, words: str) -> None:
        subprocess.run(self.command("ip", *words.split()), check=True)

    def cable(self, other: Machine, name: str, mine: str, theirs: str) -> None:
        """Both ends have an address, and a route for multicast goes there."""
        self.ip(f"link add {name} type veth peer name {name} netns {other.pid}")
        for machine, address in ((self, mine), (other, theirs)):
            machine.ip(f"address add {address}/24 dev {name}")
            machine.ip(f"link set {name} up")

    def find(self, seconds: float = 2) -> list[dict[str, object]]:
        done = subprocess.run(
            self.command(
                sys.executable, "-m", "crispd", "find", "--json", "--seconds", str(seconds)
            ),
            cwd=ROOT, capture_output=True, text=True, check=False, env=_environment({}),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        services: list[dict[str, object]] = json.loads(done.stdout)["services"]
        return services

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()
        assert self._holder.stdout is not None
        self._holder.stdout.close()


def _environment(settings: dict[str, str]) -> dict[str, str]:
    named = {f"CRISPD_{name.upper()}": value for name, value in settings.items()}
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **named}


class Service:
    """The real server before a fake house."""

    def __init__(self, machine: Machine, folder: Path, **settings: str) -> None:
        folder.mkdir(parents=True)
        (folder / "original.jpg").write_bytes(CONTENT)
        self._log = folder / "log"
        with self._log.open("w") as log:
            self._run = subprocess.Popen(
                machine.command(
                    sys.executable, "-m", "tests.api.serve_fake", str(folder / "original.jpg"),
                    "well", "8642",
                ),
                cwd=ROOT, stdout=log, stderr=log,
                env=_environment({"host": "0.0.0.0", "announce": "true", **settings}),
            )  # fmt: skip
        try:
            self.until("listening at")
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """Whatever it does."""
        if self._run.poll() is None:
            self._run.kill()
            self._run.wait()

    @property
    def said(self) -> str:
        return self._log.read_text()

    def until(self, words: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while words not in self.said:
            assert time.monotonic() < end, self.said
            assert self._run.poll() is None, self.said
            time.sleep(0.05)

    def stop(self) -> float:
        """Seconds it took; it has to have ended in order."""
        begun = time.monotonic()
        if self._run.poll() is None:
            self._run.send_signal(signal.SIGTERM)
        assert self._run.wait(20) == 0, self.said
        assert "Traceback" not in self.said
        return time.monotonic() - begun


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    running: list[Service] = []

    def start(machine: Machine, **settings: str) -> Service:
        running.append(Service(machine, tmp_path / str(len(running)), **settings))
        return running[-1]

    yield start
    for service in running:
        service.kill()


@pytest.fixture
def machines() -> Iterator[Callable[[], Machine]]:
    running: list[Machine] = []

    def make() -> Machine:
        running.append(Machine())
        return running[-1]

    yield make
    for machine in running:
        machine.close()


def test_found_over_the_cable_and_withdrawn_at_the_end(
    machines: Callable[[], Machine], serve: Callable[..., Service]
) -> None:
    hub, laptop = machines(), machines()
    hub.cable(laptop, "lan0", "192.168.77.1", "192.168.77.2")
    service = serve(hub, announce_name="Photos at home", tls="auto")
    service.until("announced as 'Photos at home' at 192.168.77.1")
    (found,) = laptop.find()
    assert found["name"] == "Photos at home"
    assert found["url"] == "https://192.168.77.1:8642"
    assert (found["reached"], found["needs_pairing"]) == (True, True)
    assert found["addresses"] == ["192.168.77.1"]  # and no loopback
    assert found["version"] == __version__
    assert len(str(found["fingerprint"])) == 16
    listening = _listen_for_goodbye(laptop)
    assert service.stop() < 5
    assert listening.wait(20) == 0, listening.stdout
    assert laptop.find(1) == []


_GOODBYE = """
import sys, threading
from zeroconf import ServiceBrowser, Zeroconf
seen, gone = threading.Event(), threading.Event()
def heard(zeroconf, service_type, name, state_change):
    (gone if state_change.name == "Removed" else seen).set()
network = Zeroconf(interfaces=["192.168.77.2"])
ServiceBrowser(network, "_crispd._tcp.local.", handlers=[heard])
assert seen.wait(5)
print("seen", flush=True)
assert gone.wait(10)
network.close()
"""


def _listen_for_goodbye(machine: Machine) -> subprocess.Popen[str]:
    browser = subprocess.Popen(
        machine.command(sys.executable, "-c", _GOODBYE), stdout=subprocess.PIPE, text=True
    )
    assert browser.stdout is not None
    assert browser.stdout.readline() == "seen\n"
    browser.stdout.close()
    return browser


@pytest.mark.slow
def test_two_of_one_name_are_told_apart(
    machines: Callable[[], Machine], serve: Callable[..., Service]
) -> None:
    first, second = machines(), machines()
    first.cable(second, "lan0", "192.168.77.1", "192.168.77.2")
    one = serve(first, announce_name="hub")
    one.until("announced as 'hub' at")
    two = serve(second, announce_name="hub")
    two.until("announced as 'hub-2' at")
    urls = {str(found["name"]): found["url"] for found in second.find()}
    assert urls == {"hub": "http://192.168.77.1:8642", "hub-2": "http://192.168.77.2:8642"}
    one.stop()
    two.stop()


@pytest.mark.slow
def test_interfaces_come_and_go(
    machines: Callable[[], Machine], serve: Callable[..., Service]
) -> None:
    hub, laptop = machines(), machines()
    service = serve(hub)
    time.sleep(1)
    assert "announced" not in service.said
    hub.cable(laptop, "lan0", "192.168.77.1", "192.168.77.2")
    service.until("at 192.168.77.1")
    hub.cable(laptop, "wifi0", "192.168.88.1", "192.168.88.2")
    service.until("at 192.168.77.1, 192.168.88.1 from now on")
    (found,) = laptop.find()
    assert found["addresses"] == ["192.168.77.1", "192.168.88.1"]
    hub.ip("link delete lan0")
    service.until("announced at 192.168.88.1 from now on")
    (found,) = laptop.find()
    assert found["addresses"] == ["192.168.88.1"]
    hub.ip("link delete wifi0")
    service.until("no network: crispd is announced when there is one")
    hub.cable(laptop, "lan0", "192.168.77.1", "192.168.77.2")
    service.until("announced as", seconds=20)
    end = time.monotonic() + 15
    while service.said.count("announced as") < 2:
        assert time.monotonic() < end, service.said
        time.sleep(0.1)
    assert [one["url"] for one in laptop.find()] == ["http://192.168.77.1:8642"]
    assert service.stop() < 5


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"host": "127.0.0.1"}, {"announce": "false"}])
def test_not_announced(
    machines: Callable[[], Machine], serve: Callable[..., Service], settings: dict[str, str]
) -> None:
    hub, laptop = machines(), machines()
    hub.cable(laptop, "lan0", "192.168.77.1", "192.168.77.2")
    service = serve(hub, **settings)
    if "host" in settings:
        service.until("listens on this machine only")
    assert laptop.find(1) == []
    service.stop()


def test_nothing_to_look_in(machines: Callable[[], Machine]) -> None:
    done = subprocess.run(
        machines().command(sys.executable, "-m", "crispd", "find"),
        cwd=ROOT, capture_output=True, text=True, check=False, env=_environment({}),
    )  # fmt: skip
    assert done.returncode == 1
    assert "no network" in done.stderr
