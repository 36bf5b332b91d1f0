"""Prometheus metrics. Labels name routes, stages and states, never what people search for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector
from prometheus_client import ProcessCollector as ProcessNumbers
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from crispd.errors import CrispdError
from crispd.types import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from crispd.service_facade import ServiceFacade
    from crispd.types import CacheStats, IngestProgress, ResultPage, ServiceStatus

# Of seconds: a search takes a few milliseconds on a desktop, hundreds on a busy Raspberry Pi.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE"})
_MEBIBYTE = 2**20


class Metrics:
    """One application's numbers, in a registry of its own. Thread-safe."""

    def __init__(self, service: ServiceFacade) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._seconds = Histogram(
            "crispd_search_duration_seconds",
            "Time of answered searches by stage; a stage that a search did not need has none.",
            ["stage"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._requests = Counter(
            "crispd_http_requests",
            "Answered requests.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._of_stage = cache(self._seconds.labels)  # stages are few, and known
        self._registry.register(_ServiceCollector(service))
        ProcessNumbers(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def answered(self, answer: ResultPage) -> None:
        """Note how long a search took."""
        for stage, milliseconds in answer.timings_ms.items():
            if milliseconds > 0:
                self._of_stage(stage).observe(milliseconds / 1000)

    def requested(self, scope: Scope, status: int) -> None:
        """Note an answer. What is at no address of ours is ``none``, whatever was asked for."""
        route = scope.get("route")
        path = route.path if isinstance(route, APIRoute) else "none"
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(method, path, str(status)).inc()

    def written(self, accept: str) -> tuple[bytes, str]:
        """The numbers as whoever sends ``accept`` reads them, and their media type. Blocks."""
        write, media_type = choose_encoder(accept)
        return write(self._registry), media_type


class CountingMiddleware:
    """ASGI middleware that counts requests. It is the outermost one, so refusals count too."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # what is answered where nothing is sent before an exception

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.requested(scope, status)


class _ServiceCollector(Collector):
    """Collects the service's figures when Prometheus scrapes; stores nothing."""

    def __init__(self, service: ServiceFacade) -> None:
        self._house = service

    def collect(self) -> Iterable[Metric]:
        """What the house says, and whether it can."""
        yield _gauge("ready", "1 where searches are answered.", self._house.readiness().ok)
        try:
            status, progress, caches = (
                self._house.status(),
                self._house.progress(),
                self._house.caches(),
            )
        except CrispdError:  # starting, stopping or without its database: ready says so
            return
        yield from _library(status)
        yield from _indexing(status, progress)
        yield from _memory(status)
        yield from _caches(caches)


def _library(status: ServiceStatus) -> Iterator[Metric]:
    about = {"version": status.version, "pack": status.pack}
    yield InfoMetricFamily("crispd", "Version and model pack.", value=about)
    yield _gauge("photos", "Photos that are searchable now.", status.photos)
    yield _gauge("index_vectors", "Vectors in the index.", status.index_vectors)
    yield _gauge("folders", "Watched folders.", status.folders)
    yield _gauge("folders_online", "Watched folders that are there.", status.folders_online)
    yield _gauge("missing", "Photos that wait for a word that they are gone.", status.missing)
    yield _gauge("unreadable", "Files that cannot be read.", status.failed)


def _indexing(status: ServiceStatus, progress: IngestProgress) -> Iterator[Metric]:
    states = GaugeMetricFamily("crispd_state", "1 for the state it is in.", labels=["state"])
    for name in get_args(State):
        states.add_metric([name], float(name == status.state))
    yield states
    yield _gauge("pending", "Photos that wait to be indexed.", status.pending)
    yield _gauge("scanning", "1 while folders are walked.", status.scanning)
    yield _gauge("images_per_second", "Over the last minute of work.", status.images_per_second)
    if status.eta_seconds is not None:
        yield _gauge("eta_seconds", "Until nothing waits any more.", status.eta_seconds)
    for name, about in (
        ("encoded", "Photos encoded."),
        ("linked", "Photos whose content was known."),
        ("removed", "Photos removed."),
        ("moved", "Photos that were moved."),
        ("failed", "Files that could not be read when they were looked at."),
    ):
        yield CounterMetricFamily(f"crispd_{name}", about, value=getattr(progress, name))


def _memory(status: ServiceStatus) -> Iterator[Metric]:
    if status.memory_mb is not None:
        used = status.memory_mb * _MEBIBYTE
        yield _gauge("memory_bytes", "What counts against its limit.", used)
    limit = status.memory_limit_mb * _MEBIBYTE
    yield _gauge("memory_limit_bytes", "What crispd keeps within.", limit)
    if status.thumbnails_mb is not None:
        kept = status.thumbnails_mb * _MEBIBYTE
        yield _gauge("thumbnails_bytes", "Thumbnails on the disk.", kept)


def _caches(caches: dict[str, CacheStats]) -> Iterator[Metric]:
    hits = CounterMetricFamily("crispd_cache_hits", "Found in a cache.", labels=["cache"])
    misses = CounterMetricFamily("crispd_cache_misses", "Made anew.", labels=["cache"])
    for name, use in caches.items():
        hits.add_metric([name], use.hits)
        misses.add_metric([name], use.misses)
    yield from (hits, misses)


def _gauge(name: str, about: str, value: Any) -> Metric:
    return GaugeMetricFamily(f"crispd_{name}", about, value=float(value))
