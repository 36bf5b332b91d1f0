"""The graph of a large library, built behind searches by a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from crispd.vectors.graph import BYTES_EACH, Graph, is_available

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.vectors.index import VectorIndex

log = logging.getLogger(__name__)

# From here on comparing with all takes some 10 ms of a processor, and what a graph proposes half.
GRAPH_FROM = 400_000
_SAMPLE = 20_000
_AT_ONCE = 256
_LOOK_SECONDS = 60.0
_JOIN_SECONDS = 5.0


class GraphBuilding:
    """Gives ``index`` a graph once it has ``least`` vectors and ``allowed_bytes`` hold one.

    ``courtesy``: called between steps, waits while people search or the machine shall rest.
    """

    def __init__(
        self,
        index: VectorIndex,
        allowed_bytes: int,
        courtesy: Callable[[threading.Event], None],
        *,
        least: int = GRAPH_FROM,
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        self._index = index
        self._allowed_bytes = allowed_bytes
        self._courtesy = courtesy
        self._least = least
        self._look_seconds = look_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crispd-graph", daemon=True)

    def start(self) -> None:
        """Begin. Without hnswlib nothing does: every search is exact."""
        if is_available():
            self._thread.start()

    def stop(self) -> None:
        """End after the step that it is at."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            while not self._is_due():
                if self._stop.wait(self._look_seconds):
                    return
            self._build()
        except Exception:  # a thread's top: searches are exact without it
            log.exception("the graph over the vectors was not built")

    def _is_due(self) -> bool:
        count = len(self._index)
        return count >= self._least and count * BYTES_EACH <= self._allowed_bytes

    def _build(self) -> None:
        begun = time.monotonic()
        labels = self._index.labels()
        chosen = np.random.default_rng(0).choice(labels, min(_SAMPLE, len(labels)), replace=False)
        sample = self._index.vectors_of(chosen)
        graph = Graph(sample[~np.isnan(sample[:, 0])])
        while True:
            missing = np.setdiff1d(self._index.labels(), graph.labels(), assume_unique=True)
            if len(missing) <= _AT_ONCE:
                break
            for start in range(0, len(missing), _AT_ONCE):
                self._courtesy(self._stop)
                if self._stop.is_set():
                    return
                part = missing[start : start + _AT_ONCE]
                vectors = self._index.vectors_of(part)
                known = ~np.isnan(vectors[:, 0])
                graph.add(part[known], vectors[known])
        self._index.adopt_graph(graph)
        log.info(
            "a graph over %d vectors was built in %.0f s", len(graph), time.monotonic() - begun
        )
