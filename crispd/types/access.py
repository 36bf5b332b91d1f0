"""Devices and their store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Scope = Literal["search", "originals", "encode", "admin"]
# search: search, metadata, thumbnails, status; originals: the files; encode: photos as pixels, to
# encode them for this hub; admin: everything that changes
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Device:
    """Somebody's phone, tablet or program. ``token_hash`` is the SHA-256 of its token."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    token_hash: bytes
    created_at: str
    last_used: str | None = None


class DeviceStore(Protocol):
    """Storage of devices. Methods block; they raise CrispdError."""

    def all(self) -> list[Device]:
        """Every device, by name."""

    def add(self, device: Device) -> None:
        """Keep a new one. Raises Conflict where its name is taken."""

    def remove(self, device_id: str) -> bool:
        """Forget one; whether there was one."""

    def used(self, times: Mapping[str, str]) -> None:
        """When devices were last heard of, by id."""
