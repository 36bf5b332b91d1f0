"""Names that are no settings, in the environment and in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from crispd import config
from crispd.errors import ConfigError
from crispd.setting_names import nearest


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("CRISPD_CONFIG", raising=False)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("CRISPD_FOLDER", "CRISPD_FOLDERS"),
        ("CRISPD_DATADIR", "CRISPD_DATA_DIR"),
        ("CRISPD_LOGLEVEL", "CRISPD_LOG_LEVEL"),
        ("CRISPD_PROT", "CRISPD_PORT"),
        ("CRISPD_MEMORY_LIMIT", "CRISPD_MEMORY_LIMIT_MB"),
        ("CRISPD_CONFIG_FILE", "CRISPD_CONFIG"),
    ],
)
def test_a_variable_with_a_slip(given: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(given, "x")
    with pytest.raises(ConfigError) as error:
        config.load()
    assert f"{given} is no setting of crispd (did you mean {meant}?)" in str(error.value)


def test_a_variable_like_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRISPD_ZZZ", "x")
    with pytest.raises(ConfigError, match=r"CRISPD_ZZZ is no setting of crispd\."):
        config.load()


def test_variables_that_are_settings_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("crispd_port", "9000")
    monkeypatch.setenv("CRISPD_TEST_DATA", "/x")
    monkeypatch.setenv("OTHER_FOLDER", "/x")
    assert config.load().port == 9000


def test_the_command_line_goes_before_variables_and_these_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "crispd.toml"
    path.write_text('port = 1001\nhost = "::1"\nfolders = ["/one"]\n')
    monkeypatch.setenv("CRISPD_PORT", "1002")
    monkeypatch.setenv("CRISPD_FOLDERS", "/two:/three")
    settings = config.load(path)
    assert (settings.port, settings.host) == (1002, "::1")
    assert settings.folders == ["/two", "/three"]
    assert config.load(path, port=1003, folders=None).port == 1003


def test_every_setting_has_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in config.Settings.model_fields:
        monkeypatch.setenv(f"CRISPD_{name.upper()}", "")
    monkeypatch.setenv("CRISPD_CONFIG", "")
    with pytest.raises(ConfigError) as error:  # of the values, not of the names
        config.load()
    assert "is no setting" not in str(error.value)


def test_keys_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "crispd.toml"
    file.write_text("folder = ['/a']\nport = 1\n[server]\nhost = '::'\n")
    with pytest.raises(ConfigError) as error:
        config.load(file)
    said = str(error.value)
    assert str(file) in said
    assert "folder is no setting of crispd (did you mean folders?)" in said
    assert "server is no setting of crispd" in said
    assert "in no table: without [server]" in said


def test_the_nearest_name() -> None:
    names = list(config.Settings.model_fields)
    assert nearest("exclude-patterns", names) == "exclude"
    assert nearest("thumbnails_cache_mb", names) == "thumbnail_cache_mb"
    assert nearest("qqq", names) is None
