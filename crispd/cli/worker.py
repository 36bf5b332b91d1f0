"""``crispd worker``: this machine encodes photos for a hub."""

from __future__ import annotations

import base64
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np

from crispd.cli import output
from crispd.cli.service_client import ServiceNotRunning, connected
from crispd.client import CrispdClientError, NotFound, TooManyRequests, Unavailable
from crispd.errors import PackError
from crispd.library.limits import PACKS
from crispd.pack_manager.installer import PackInstaller
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import load_image_encoder
from crispd.platform.processor import usable_cores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.client import Client
    from crispd.client.pack_models import EncodeLease
    from crispd.config import Settings
    from crispd.types import ImageEncoder

_WAIT_SECONDS = 10
_RETRY_SECONDS = 10.0
_BEAT_SECONDS = 2.0
_TELL_SECONDS = 10.0


def work(settings: Settings, hub: str, name: str) -> None:
    """Until it is stopped, or the hub refuses it. Raises CrispdError then."""
    worker = _Worker(settings, name)
    while True:
        try:
            with connected(settings, hub) as client:
                worker.serve(client)
        except ServiceNotRunning as error:
            worker.say(str(error))
        time.sleep(_RETRY_SECONDS)


class _Worker:
    """What it has loaded, and what it said last."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._pack = ""
        self._encoder: ImageEncoder | None = None
        self._photos = 0
        self._told, self._told_at = "", 0.0

    def serve(self, client: Client) -> None:
        """One job after the other, until the hub is starting or overloaded. Raises
        CrispdClientError.
        """
        try:
            while True:
                found = client.encode_jobs(self._name, self._pack, _WAIT_SECONDS)
                if found.job is not None and self._encoder is not None:
                    self._encode(client, self._encoder, found.job)
                elif found.wanted is None:
                    self.say("The hub has nothing to encode; this waits until it has.")
                elif found.wanted != self._pack:
                    self._load(found.wanted)
        except (Unavailable, TooManyRequests) as error:
            self.say(str(error))

    def _load(self, wanted: str) -> None:
        self._encoder = _encoder_of(self._settings, wanted)
        self._pack = "" if self._encoder is None else wanted
        if self._encoder is not None:
            self.say(f"Encodes by {wanted}")
            return
        name = wanted.partition("@")[0]
        self.say(f"{wanted} is not here. Fetch the same as on the hub: crispd packs pull {name}")
        time.sleep(_RETRY_SECONDS)

    def _encode(self, client: Client, encoder: ImageEncoder, job: EncodeLease) -> None:
        shape = (job.count, job.size, job.size, 3)
        pixels = np.frombuffer(base64.b64decode(job.pixels), np.uint8).reshape(shape)
        with self._beating(client, job.lease):
            made = encoder.encode(pixels)
        vectors = np.stack([one.embedding for one in made]).astype("<f4").tobytes()
        tokens = b"".join(one.tokens or b"" for one in made)
        with suppress(NotFound):  # too late: the hub was faster
            client.give_encoded(
                self._name, job.lease, len(made), base64.b64encode(vectors).decode(),
                base64.b64encode(tokens).decode(),
            )  # fmt: skip
            self._photos += len(made)
        if time.monotonic() - self._told_at > _TELL_SECONDS:
            self.say(f"{self._photos} photos encoded")

    @contextmanager
    def _beating(self, client: Client, lease: str) -> Iterator[None]:
        """Signs of life in a thread of their own: the first at once, so that the hub relies on
        them.
        """
        done = threading.Event()

        def beat() -> None:
            with suppress(CrispdClientError):  # the result is answered the same
                while True:
                    client.keep_encode_lease(self._name, lease)
                    if done.wait(_BEAT_SECONDS):
                        return

        thread = threading.Thread(target=beat, name="crispd-worker-beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def say(self, text: str) -> None:
        """Once, not again and again."""
        if text != self._told:
            output.line(text)
            sys.stdout.flush()  # a service manager reads along
        self._told, self._told_at = text, time.monotonic()


def _encoder_of(settings: Settings, wanted: str) -> ImageEncoder | None:
    installer = PackInstaller(settings.data_dir / PACKS)
    for folder in installer.here().values():
        try:
            if installer.id_of(folder) == wanted and installer.verify(folder):
                threads = settings.encode_threads or usable_cores()
                return load_image_encoder(
                    folder, read_manifest(folder), threads, settings.precision, settings.provider
                )
        except PackError as error:
            output.error(str(error))
    return None
