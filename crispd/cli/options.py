"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[Path | None, typer.Option("--config", help="A settings file (TOML).")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where crispd keeps its data.")]
PackName = Annotated[str | None, typer.Option("--pack", help="Model pack: a name or a folder.")]
LogLevel = Annotated[str | None, typer.Option("--log-level", help="debug, info, warning, error.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Token = Annotated[
    str | None, typer.Option("--token", help="Token of a device. Better: CRISPD_TOKEN.")
]
Carry = Annotated[bool | None, typer.Option("--carry-over/--no-carry-over", help="What is known.")]
Url = Annotated[str | None, typer.Option("--url", help="Address of a running crispd.")]
