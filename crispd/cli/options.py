"""Options that several commands share, each defined once.

A command lists its shared options: ``@with_options("url", "token", "as_json")``. It receives them
as one ``SharedOptions``, its first parameter; ``--help`` shows them after its own options.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from crispd import config

if TYPE_CHECKING:
    from collections.abc import Callable

Folders = Annotated[list[str] | None, typer.Argument(help="Photo folders.", show_default=False)]

# Name in ``SharedOptions``: what typer reads.
_OPTIONS: dict[str, Any] = {
    "folders": Folders,
    "data_dir": Annotated[
        Path | None, typer.Option("--data-dir", help="Where crispd keeps its data.")
    ],
    "pack": Annotated[str | None, typer.Option("--pack", help="Model pack: a name or a folder.")],
    "log_level": Annotated[
        str | None, typer.Option("--log-level", help="debug, info, warning, error.")
    ],
    "url": Annotated[str | None, typer.Option("--url", help="Address of a running crispd.")],
    "token": Annotated[
        str | None, typer.Option("--token", help="Token of a device. Better: CRISPD_TOKEN.")
    ],
    "config_file": Annotated[Path | None, typer.Option("--config", help="A settings file (TOML).")],
    "as_json": Annotated[bool, typer.Option("--json", help="Print JSON.")],
}
Carry = Annotated[bool | None, typer.Option("--carry-over/--no-carry-over", help="What is known.")]
SERVICE = ("url", "token", "data_dir", "config_file", "as_json")


@dataclass(frozen=True, slots=True)
class SharedOptions:
    """Shared options as they were given; None for those left out."""

    folders: list[str] | None = None
    data_dir: Path | None = None
    pack: str | None = None
    log_level: str | None = None
    url: str | None = None
    token: str | None = None
    config_file: Path | None = None
    as_json: bool = False

    def settings(self, **more: Any) -> config.Settings:
        """The settings with these options on top. Raises ConfigError."""
        return config.load(
            self.config_file,
            folders=self.folders or None,
            data_dir=self.data_dir,
            pack=self.pack,
            token=self.token,
            **{"log_level": self.log_level, **more},
        )


def with_options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the shared options ``names`` as its first parameter."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(command, include_extras=True)
        own = list(inspect.signature(command).parameters.values())[1:]
        shared = [_parameter(name) for name in names]

        @functools.wraps(command)
        def call(**given: Any) -> None:
            options = SharedOptions(**{name: given.pop(name) for name in names})
            command(options, **given)

        # typer reads signature and annotations
        own = [
            each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[each.name])
            for each in own
        ]
        arguments = [each for each in shared if each.name == "folders"]
        options = [each for each in shared if each.name != "folders"]
        call.__signature__ = inspect.Signature([*arguments, *own, *options])  # type: ignore[attr-defined]
        call.__annotations__ = {each.name: hints[each.name] for each in own}
        call.__annotations__ |= {name: _OPTIONS[name] for name in names}
        return call

    return decorate


def _parameter(name: str) -> inspect.Parameter:
    default = False if name == "as_json" else None
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, default=default, annotation=_OPTIONS[name])
