"""Blocking calls beside the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call beside the event loop."""
    return await anyio.to_thread.run_sync(lambda: call(*args, **kwargs))


async def in_turn(
    limiter: anyio.CapacityLimiter, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """The same, with no more calls at once than ``limiter`` lets in."""
    return await anyio.to_thread.run_sync(lambda: call(*args, **kwargs), limiter=limiter)
