"""``crispd install-service``: shows the systemd unit for this machine, asks, and writes it."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import typer

from crispd import config, memory_plan
from crispd.cli import output
from crispd.cli.library_transfer import carry_over, library_to_carry, offer
from crispd.default_data_dir import marked_data_dir
from crispd.errors import ConfigError
from crispd.systemd.machine_unit import STATE, UnitOptions, target, unit_for
from crispd.systemd.unit import NAME, socket_unit

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.config import Settings

# Settings that may come from options and the environment of this command, which the service has
# not. Everything else belongs into the settings file; a unit can be read by everyone.
_CARRIED = ("host", "port", "pack", "precision", "provider", "log_level")


def run(
    settings: Settings,
    config_file: Path | None,
    *,
    run_as: str | None,
    per_user: bool,
    with_socket: bool,
    yes: bool,
    carry: bool | None,
) -> None:
    """Show, ask, write, and say what comes next. Raises ConfigError."""
    if not sys.platform.startswith("linux"):
        raise ConfigError(
            "systemd is Linux's. Let the service manager of this system run: crispd serve FOLDER"
        )
    notes: list[str] = []
    options = _unit_options(settings, config_file, run_as=run_as, per_user=per_user)
    files = {f"{NAME}.service": unit_for(options, notes).service()}
    if with_socket:
        files[f"{NAME}.socket"] = socket_unit(settings.host, settings.port)
    folder = target(per_user=per_user)
    for name, text in files.items():
        output.line(f"# {folder / name}")
        output.line()
        output.block(text)
    for note in notes:
        output.line(f"Note: {note}")
    if not yes and not typer.confirm(f"Write this to {folder}?", default=False):
        output.line("Nothing was written.")
        raise typer.Exit(1)
    source = library_to_carry(settings, options, STATE)
    if source is not None and carry is None and not yes:
        carry = typer.confirm(offer(source, options.data_dir or STATE), default=True)
    for name, text in files.items():
        _write(folder / name, text)
    if source is not None and carry is not False:
        carry_over(source, options.data_dir or STATE)
    _say_next(per_user=per_user, name=f"{NAME}.{'socket' if with_socket else 'service'}")


def _unit_options(
    settings: Settings, config_file: Path | None, *, run_as: str | None, per_user: bool
) -> UnitOptions:
    if not settings.folders:
        raise ConfigError(
            "No photo folder is given. Name them here or in the settings file: "
            "crispd install-service /srv/photos"
        )
    file = config.config_file(config_file)
    folders = tuple(os.path.abspath(os.path.expanduser(each)) for each in settings.folders)  # noqa: PTH100, PTH111 - names in any bytes
    limit = settings.memory_limit_mb or memory_plan.default_limit_mb()
    carried = {
        f"CRISPD_{name.upper()}": str(getattr(settings, name))
        for name in _CARRIED
        if name in settings.model_fields_set
    }
    given = "data_dir" in settings.model_fields_set
    # one's own service goes on with the data that make run has begun
    same = per_user and marked_data_dir() is not None
    return UnitOptions(
        folders,
        settings.data_dir if given or same else None,
        file.expanduser().absolute() if file else None,
        {
            "CRISPD_FOLDERS": json.dumps(folders, ensure_ascii=False),
            # without it crispd would plan half of MemoryMax
            "CRISPD_MEMORY_LIMIT_MB": str(limit),
            **carried,
        },
        limit,
        settings.cpu_share,
        run_as,
        per_user,
    )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)  # for everybody, as unit files are, whatever the umask
    except PermissionError as error:
        raise ConfigError(
            f"{path} cannot be written by this user. Run it with sudo, or for yourself only with "
            "--user."
        ) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    output.line(f"Wrote {path}")


def _say_next(*, per_user: bool, name: str) -> None:
    systemctl = "systemctl --user" if per_user else "sudo systemctl"
    output.block("\nTo start it now and with the machine:\n")
    output.line(f"  {systemctl} daemon-reload && {systemctl} enable --now {name}")
    if per_user:
        output.line("  loginctl enable-linger        # also while you are not logged in")
    output.block(f"\nHow it stands: {systemctl.removeprefix('sudo ')} status {NAME}")
