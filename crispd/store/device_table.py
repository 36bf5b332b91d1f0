"""The table of devices that may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from crispd.errors import Conflict
from crispd.store.schema import devices
from crispd.types import SCOPES, Device

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from crispd.store.database import Database


class SqliteDeviceStore:
    """Devices of an open database. Thread-safe as that is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Device]:
        """Every device, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(devices).order_by(devices.c.name)).all()
        return [_device(row) for row in rows]

    def add(self, device: Device) -> None:
        """Keep a new one. Raises Conflict where its name is taken."""
        with self._database.write() as tx:
            same = devices.c.name == device.name
            if tx.connection.execute(select(devices.c.id).where(same)).first() is not None:
                raise Conflict(
                    f"There is a device named {device.name!r} already. Take another name, or "
                    "revoke that one first (crispd unpair NAME)."
                )
            tx.connection.execute(insert(devices).values(**_columns(device)))

    def remove(self, device_id: str) -> bool:
        """Forget one; whether there was one."""
        with self._database.write() as tx:
            statement = delete(devices).where(devices.c.id == device_id)
            return bool(tx.connection.execute(statement).rowcount)

    def used(self, times: Mapping[str, str]) -> None:
        """When devices were last heard of, by id."""
        statement = update(devices).where(devices.c.id == bindparam("device"))
        values = [{"device": name, "when": when} for name, when in times.items()]
        if values:
            with self._database.write() as tx:
                tx.connection.execute(statement.values(last_used=bindparam("when")), values)


def _device(row: Row[tuple[object, ...]]) -> Device:
    scopes = tuple(scope for scope in SCOPES if scope in row.scopes.split())
    return Device(row.id, row.name, scopes, row.token_hash, row.created_at, row.last_used)


def _columns(device: Device) -> dict[str, object]:
    return {
        "id": device.id,
        "name": device.name,
        "scopes": " ".join(device.scopes),
        "token_hash": device.token_hash,
        "created_at": device.created_at,
        "last_used": device.last_used,
    }
