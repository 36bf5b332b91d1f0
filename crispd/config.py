"""Settings: a TOML file, below environment variables, below the command line.

Only ``cli``, ``server``, ``service`` and ``library`` import this module; every other room gets
plain values.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from crispd.default_data_dir import default_data_dir
from crispd.errors import ConfigError
from crispd.setting_names import PREFIX, unknown_keys, unknown_variables
from crispd.types import Precision

_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")

_LONGEST_NAME = 60  # bytes: a label of DNS holds 63

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(BaseModel):
    """Every setting. The annotated example is ``config/crispd.toml``."""

    model_config = ConfigDict(extra="forbid", validate_default=True)

    folders: list[str] = Field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = Field(8642, ge=0, le=65535)
    auth: Literal["auto", "required", "off"] = "auto"
    token: SecretStr = SecretStr("")
    trusted_proxies: list[str] = Field(default_factory=list)
    allowed_hosts: list[str] = Field(default_factory=list)
    allowed_origins: list[str] = Field(default_factory=list)
    public_url: str = ""
    immich_api: bool = False
    tls: Literal["off", "auto"] = "off"
    tls_certificate: str = ""
    tls_key: str = ""
    announce: bool = False
    announce_name: str = ""
    max_connections: int = Field(512, ge=16, le=65536)
    data_dir: Path = Field(default_factory=default_data_dir)
    pack: str = "auto"
    fine_pack: str = ""
    precision: Precision = "auto"
    provider: str = Field("auto", pattern="[A-Za-z]+")
    log_level: LogLevel = "info"

    decode_threads: int = Field(0, ge=0, le=64)
    encode_threads: int = Field(0, ge=0, le=64)
    search_threads: int = Field(0, ge=0, le=64)
    batch_size: int = Field(8, ge=1, le=64)
    memory_limit_mb: int = Field(0, ge=0)
    settle_seconds: float = Field(0.5, ge=0.05, le=60)
    rescan_minutes: float = Field(60, ge=0)
    removal_share: float = Field(0.5, ge=0, le=1)
    exclude: list[str] = Field(default_factory=list)
    quiet_hours: str = ""
    cpu_share: float = Field(1.0, gt=0.01, le=1)
    temperature_limit: float = Field(0, ge=0, le=120)
    max_megapixels: float = Field(100, gt=0)
    max_file_mb: float = Field(512, gt=0)
    thumbnail_size: int = Field(320, ge=64, le=1024)
    thumbnail_cache_mb: int = Field(0, ge=0)
    thumbnails_ahead: bool = True
    read_text: Literal["auto", "on", "off"] = "auto"

    hemisphere: Literal["auto", "north", "south"] = "auto"
    max_upload_mb: float = Field(20, gt=0, le=200)
    short_list: int | None = Field(None, ge=1, le=1000)
    fine_deadline_ms: float = Field(250, gt=0)
    exact_below: int = Field(5000, ge=0)  # of older versions; without effect
    checkpoint_minutes: float = Field(5, gt=0)

    @field_validator("folders", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        return split_folders(value) if isinstance(value, str) else value

    @field_validator("exclude", mode="before")
    @classmethod
    def _split_patterns(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return json.loads(value) if value.lstrip().startswith("[") else value.split(os.pathsep)

    @field_validator("trusted_proxies", "allowed_hosts", "allowed_origins", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            return json.loads(value)
        return [part.strip() for part in value.split(",") if part.strip()]

    @field_validator("public_url", mode="after")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/?#\s]+", value.rstrip("/")):
            raise ValueError("an address is expected, such as https://photos.example.org")
        return value.rstrip("/")

    @field_validator("announce_name", mode="after")
    @classmethod
    def _check_name(cls, value: str) -> str:
        if len(value.encode()) > _LONGEST_NAME or not value.isprintable():
            raise ValueError(f"a name of at most {_LONGEST_NAME} bytes on one line is expected")
        return value.strip()

    @field_validator("quiet_hours", mode="after")
    @classmethod
    def _check_hours(cls, value: str) -> str:
        if value and not _HOURS.fullmatch(value):
            raise ValueError("two times with a dash between are expected, such as 22:00-07:00")
        return value

    @field_validator("data_dir", mode="after")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser().absolute()


def split_folders(text: str) -> list[str]:
    """Folders out of one string: a JSON list, or paths with ``:`` between them.

    A string that is an existing path as it stands is one folder, whatever it contains.
    """
    if text.lstrip().startswith("["):
        parsed = json.loads(text)
        if not isinstance(parsed, list) or not all(isinstance(item, str) for item in parsed):
            raise ValueError("a JSON list of folder names is expected")
        return list(parsed)
    if Path(text).expanduser().exists():
        return [text]
    return [part for part in text.split(os.pathsep) if part.strip()]


def config_file(explicit: Path | None) -> Path | None:
    """The TOML file to read: given, ``CRISPD_CONFIG``, or the usual places; None without one."""
    named = explicit or (
        Path(os.environ["CRISPD_CONFIG"]) if os.environ.get("CRISPD_CONFIG") else None
    )
    if named is not None:
        return named
    home = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    usual = (home / "crispd" / "crispd.toml", Path("/etc/crispd/crispd.toml"))
    return next((path for path in usual if path.is_file()), None)


def load(explicit: Path | None = None, **options: Any) -> Settings:
    """Settings from file < environment < ``options`` (those that are None are not given).

    Raises ``ConfigError`` with a sentence that names each wrong or unknown setting.
    """
    given = {name: value for name, value in options.items() if value is not None}
    path = config_file(explicit)
    values = _read_toml(path) if path else {}
    unknown = unknown_variables(os.environ, Settings.model_fields)
    if unknown:
        raise ConfigError(unknown)
    try:
        return Settings.model_validate(values | _of_environment() | given)
    except ValidationError as error:
        raise ConfigError(_explain(error, path)) from error


def _of_environment() -> dict[str, str]:
    """``CRISPD_…`` variables that are settings, in any case."""
    given = {name.upper(): value for name, value in os.environ.items()}
    names = {name: PREFIX + name.upper() for name in Settings.model_fields}
    return {name: given[variable] for name, variable in names.items() if variable in given}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError as error:
        raise ConfigError(f"There is no settings file at {path}.") from error
    except OSError as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The settings file {path} is not valid TOML: {error}.") from error
    unknown = unknown_keys(values, Settings.model_fields)
    if unknown:
        raise ConfigError(f"In the settings file {path}: {unknown}")
    return values


def _explain(error: ValidationError, path: Path | None) -> str:
    parts = []
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"]) or "settings"
        parts.append(f"{name}: {item['msg']} (given: {item['input']!r})")
    source = f" Settings file: {path}." if path else ""
    return f"Wrong settings. {'; '.join(parts)}.{source}"
