"""Unit files, read by systemd itself where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from crispd.cli.app import app
from crispd.errors import ConfigError
from crispd.systemd import machine_unit
from crispd.systemd.machine_unit import UnitOptions, unit_for
from crispd.systemd.unit import Unit, packaged, quoted, socket_unit
from tests.programs import needs

ROOT = Path(__file__).parents[2]
ANALYZE = shutil.which("systemd-analyze")
has_systemd = needs("systemd-analyze")


def wishes(*folders: str, **more: object) -> UnitOptions:
    given = {"data_dir": None, "config": None, "environment": {}, "memory_mb": 512, "cpu_share": 1}
    return UnitOptions(folders, **{**given, **more})  # type: ignore[arg-type]


def runnable(unit: Unit) -> str:
    """The text with a program that is there, for systemd looks."""
    return re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit.service())


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run([ANALYZE, *words], text=True, capture_output=True, check=False)


def test_the_files_of_the_package_are_what_the_program_writes() -> None:
    """To write them anew, print packaged().service() and socket_unit("127.0.0.1", 8642)."""
    assert (ROOT / "systemd" / "crispd.service").read_text() == packaged().service()
    assert (ROOT / "systemd" / "crispd.socket").read_text() == socket_unit("127.0.0.1", 8642)


UNITS = {
    "packaged": packaged(),
    "machine": unit_for(wishes("/srv/photos", "/home/anna/My Pictures"), []),
    "user": unit_for(wishes("/home/anna/Pictures", per_user=True), []),
}


@has_systemd
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    file = tmp_path / "crispd.service"
    file.write_text(runnable(UNITS[name]))
    (tmp_path / "crispd.socket").write_text(socket_unit("127.0.0.1", 8642))
    done = analyze("verify", "--man=no", str(file), str(tmp_path / "crispd.socket"))
    ours = [line for line in done.stderr.splitlines() if "crispd" in line]
    assert not ours
    assert done.returncode == 0, done.stderr


@has_systemd
@pytest.mark.parametrize("name", ["packaged", "machine"])
def test_exposure_is_low(name: str, tmp_path: Path) -> None:
    file = tmp_path / "crispd.service"
    file.write_text(runnable(UNITS[name]))
    done = analyze("security", "--offline=true", "--no-pager", "--threshold=15", str(file))
    assert done.returncode == 0, done.stdout[-2000:]
    level = re.search(r"exposure level for crispd\.service: ([\d.]+)", done.stdout)
    assert level is not None
    assert float(level[1]) <= 1.5


def test_memory_and_weight_follow_the_settings() -> None:
    text = unit_for(wishes("/srv/photos", memory_mb=800, cpu_share=0.5), []).service()
    assert "MemoryMax=1064M\n" in text
    assert "CPUWeight=25\n" in text
    assert "CPUWeight=50\n" in unit_for(wishes("/srv/photos"), []).service()


def test_photos_of_a_home_are_bound_into_the_service(tmp_path: Path) -> None:
    notes: list[str] = []
    home = "/home/anna/Pictures"
    text = unit_for(wishes(home), notes).service()
    assert "ProtectHome=tmpfs\n" in text
    assert f"BindReadOnlyPaths=-{home}\n" in text
    assert any("ejected" in note for note in notes)


def test_photos_on_another_drive_have_no_mount_of_their_own() -> None:
    """It would stay when the drive is ejected; /proc stands for a drive here."""
    text = unit_for(wishes("/proc", "/srv/not there"), []).service()
    assert "ReadOnlyPaths=-/proc" not in text
    assert "not there" not in text
    assert "ProtectSystem=strict" in text
    assert "ReadOnlyPaths=-/usr\n" in unit_for(wishes("/usr"), []).service()


def test_a_closed_folder_is_served_by_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder to another user")
    monkeypatch.setattr(machine_unit, "is_hidden", lambda path: False)
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in [photos, *photos.parents]:
        if str(path).startswith(str(tmp_path.parents[1])):
            path.chmod(0o755)
    notes: list[str] = []
    assert "DynamicUser=yes\nUser=crispd\n" in unit_for(wishes(str(photos)), notes).service()
    photos.chmod(0o700)
    os.chown(photos, 1, 1)  # daemon, on every Linux
    assert "User=daemon\n" in unit_for(wishes(str(photos)), notes).service()
    assert "DynamicUser" not in unit_for(wishes(str(photos)), notes).service()
    os.chown(photos, 0, 0)
    notes.clear()
    assert "DynamicUser=yes" in unit_for(wishes(str(photos)), notes).service()
    assert "--run-as" in notes[0]


def test_an_unknown_user() -> None:
    with pytest.raises(ConfigError, match="no user nobody-at-all"):
        unit_for(wishes("/srv/photos", run_as="nobody-at-all"), [])


def test_a_data_folder_elsewhere_is_written(tmp_path: Path) -> None:
    unit = unit_for(wishes("/srv/photos", data_dir=Path("/srv/crispd"), run_as="daemon"), [])
    assert "ReadWritePaths=/srv/crispd\n" in unit.service()
    assert "CRISPD_DATA_DIR=/srv/crispd\n" in unit.service()
    usual = unit_for(wishes("/srv/photos", data_dir=Path("/var/lib/crispd")), []).service()
    assert "ReadWritePaths" not in usual


def test_the_unit_of_one_person_asks_for_nothing_it_may_not() -> None:
    text = UNITS["user"].service()
    for root_only in (
        "User=",
        "ProtectSystem",
        "PrivateUsers",
        "CapabilityBoundingSet",
        "IPAddress",
    ):
        assert root_only not in text
    assert "WantedBy=default.target" in text
    assert "NoNewPrivileges=yes" in text


@given(st.text())
def test_any_text_stays_one_value(text: str) -> None:
    try:
        value = quoted(text, command=True)
    except ConfigError:
        return
    assert "\n" not in value
    assert _read(value) == text


def _read(value: str) -> str:
    """As systemd reads one word: quotes, escapes, specifiers, variables."""
    if value.startswith('"'):
        value = value[1:-1]
    value = re.sub(r"\\(.)", r"\1", value)
    return value.replace("%%", "%").replace("$$", "$")


@has_systemd
def test_odd_names_reach_the_service(tmp_path: Path) -> None:
    name = '/srv/My "best" 100% \\ photos; $HOME'
    (tmp_path / "x.service").write_text(
        f"[Service]\nExecStart=/bin/true {quoted(name, command=True)}\n"
    )
    assert analyze("verify", "--man=no", str(tmp_path / "x.service")).returncode == 0


def test_install_service_shows_asks_and_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("CRISPD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    command = ["install-service", "/srv/photos", "--user", "--port", "9000"]
    run = CliRunner()
    shown = run.invoke(app, command, input="n\n")
    assert shown.exit_code == 1
    assert "ExecStart=" in shown.output
    assert "Nothing was written" in shown.output
    assert not list(tmp_path.rglob("*.service"))
    done = run.invoke(app, [*command, "--socket", "--yes"])
    assert done.exit_code == 0, done.output
    folder = tmp_path / "systemd" / "user"
    text = (folder / "crispd.service").read_text()
    assert text in done.output
    assert "CRISPD_PORT=9000" in text
    assert r'Environment="CRISPD_FOLDERS=[\"/srv/photos\"]"' in text
    assert "ListenStream=127.0.0.1:9000" in (folder / "crispd.socket").read_text()
    assert "enable --now crispd.socket" in done.output


def test_install_service_without_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CRISPD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    done = CliRunner().invoke(app, ["install-service"])
    assert isinstance(done.exception, ConfigError)
    assert "crispd install-service /srv/photos" in str(done.exception)
