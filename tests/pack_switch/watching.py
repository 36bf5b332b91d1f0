"""A service, and somebody who asks it all the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from crispd.errors import CrispdError
from crispd.service import Service
from crispd.types import Query, ResultPage

QUESTIONS = ("a dog", "red car", "a red dog", "car")


@dataclass
class Watched:
    """``failed``: what went wrong for those who asked; ``answers``: how many they had."""

    service: Service
    failed: list[str] = field(default_factory=list)
    answers: int = 0

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.service.packs.switch.progress()
            time.sleep(0.02)

    def settle(self, photos: int) -> None:
        self.until(lambda: self.service.status().photos == photos)
        self.until(lambda: not self.service.status().pending)

    def order(self, words: str = "a dog") -> list[str]:
        page = self.ask(words, 200)
        return [hit.photo.path for hit in page.hits]

    def ask(self, words: str, limit: int = 30) -> ResultPage:
        return self.service.search(Query(words, words=words, limit=limit))

    def answers_with(self, pack: str) -> Callable[[], bool]:
        return lambda: self.service.status().pack == pack

    @contextmanager
    def asked_meanwhile(self, clients: int = 4) -> Iterator[None]:
        """By clients who hardly pause: none may get an error or nothing."""
        stop = threading.Event()

        def client(number: int) -> None:
            while not stop.is_set():
                try:
                    page = self.ask(QUESTIONS[(number + self.answers) % len(QUESTIONS)], 5)
                    if len(page.hits) != 5:
                        self.failed.append(f"{len(page.hits)} photos")
                    if page.next:
                        more = self.service.search(Query("", cursor=page.next, limit=5))
                        if len(more.hits) != 5:
                            self.failed.append(f"{len(more.hits)} photos on the second page")
                except (CrispdError, ValueError, TypeError) as error:
                    self.failed.append(repr(error))
                self.answers += 1
                time.sleep(0.02)  # a search every few milliseconds, and time to change the pack

        threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert self.failed == []
        assert self.answers > clients
