"""What package, container and lock files must hold; make builds them, not these tests."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXTRAS = ("test", "browser", "dev")
LOCKS = (
    "requirements.lock",
    "requirements-build.lock",
    "requirements-text.lock",
    *(f"requirements-{e}.lock" for e in EXTRAS),
)


def locked(name: str) -> dict[str, str]:
    """Each entry by its name, with all its lines."""
    text = (ROOT / name).read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return {re.split("[=<> ]", entry)[0]: entry for entry in entries if entry[:1].isalnum()}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_version_has_hashes_and_no_host(name: str) -> None:
    entries = locked(name)
    assert entries
    for entry in entries.values():
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|--index|--find-links|file:", text)


def test_everything_that_is_needed_is_locked() -> None:
    """make lock when this fails."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[=<>!~ ]", line)[0] for line in project["dependencies"]}
    assert wanted
    assert not wanted - set(locked("requirements.lock"))


@pytest.mark.parametrize("extra", EXTRAS)
def test_everything_of_an_extra_is_locked(extra: str) -> None:
    """make lock when this fails. What is shipped has the same version there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    entries = locked(f"requirements-{extra}.lock")
    for line in project["optional-dependencies"][extra]:
        if not line.startswith("crispd["):
            assert re.split(r"[\[=<>!~ ]", line)[0] in entries
    for name, entry in locked("requirements.lock").items():
        assert entry.splitlines()[0] == entries[name].splitlines()[0]


def test_make_installs_nothing_that_is_not_locked() -> None:
    """The tools of their own environment (sbom, audit) and uv, which makes the locks, are not."""
    recipes = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip" in line]
    loose = [line for line in recipes if re.search(r"pip install|-m pip install", line)]
    assert all("cyclonedx-bom" in line or line.rstrip().endswith("uv") for line in loose), loose
    steps = [
        line
        for line in (ROOT / "scripts" / "install.sh").read_text().splitlines()
        if line.startswith("pip -")
    ]
    assert len(steps) == 3
    for line in steps:
        assert "--require-hashes" in line or ("--no-deps" in line and "--no-index" in line)
    assert "--no-build-isolation" in steps[1]


def test_the_wheel_holds_what_pages_are_made_of() -> None:
    """And so do the container and the Debian package, which install it."""
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="make installs hatchling")
    packed = {
        file.distribution_path for file in wheel.WheelBuilder(str(ROOT)).recurse_project_files()
    }
    webui = ROOT / "crispd" / "webui"
    for name in ("static", "strings", "templates"):
        files = {
            path.relative_to(ROOT).as_posix()
            for path in (webui / name).rglob("*")
            if path.is_file()
        }
        assert files
        assert files <= packed


def test_the_last_stage_of_the_container() -> None:
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    # by digest: the tag alone is another image next month
    assert re.search(
        r"^ARG BASE=debian:13\.\d+-slim@sha256:[0-9a-f]{64}\n$", stages[0], re.MULTILINE
    )
    last = stages[-1]
    assert "USER crispd" in last
    assert "HEALTHCHECK" in last
    assert not re.search(r"g\+\+|pip|python3-dev|apt-get", last)
    assert "g++" not in stages[1]
    assert stages[1].startswith("${BASE} AS base")


def test_compose_keeps_the_fences_up() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for wanted in (
        "read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", ":/photos:ro",
        "127.0.0.1:8642:8642", "mem_limit", "pids_limit",
    ):  # fmt: skip
        assert wanted in text


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").rglob("*.sh")), ids=lambda p: p.name)
def test_scripts_are_plain_shell(path: Path) -> None:
    shell = shutil.which("dash") or shutil.which("sh")
    assert shell is not None
    assert path.read_text().startswith("#!/bin/sh\n")
    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_proofs_run_on_debian_13_and_packages_on_12_as_well() -> None:
    scripts = {path: path.read_text() for path in (ROOT / "scripts").rglob("*.sh")}
    used = {path.parent.name for path, text in scripts.items() if "SUITE:-trixie" in text}
    assert used == {"arm64", "container", "debian", "systemd"}
    for path, text in scripts.items():
        # only where a package says that it is for Debian 12
        older = [line for line in text.splitlines() if "bookworm" in line]
        assert all(line.startswith("*+deb12*)") for line in older), path
        assert not re.search(r"PYTHON_VERSION:-3\.(?!13)", text), path
    makefile = (ROOT / "Makefile").read_text()
    assert "SUITES ?= trixie bookworm\n" in makefile
    said = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "deb", "deb-test", "systemd-test"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "for suite in trixie bookworm" in said
    assert "for release in deb13 deb12" in said
    assert re.search(r"systemd/prove\.sh dist/crispd_[\d.]+\+deb13_", said)


def test_a_package_says_which_debian_it_is_for() -> None:
    """An upgrade of Debian takes the newer one, and two of one version do not overwrite another."""
    text = (ROOT / "scripts" / "debian" / "build.sh").read_text()
    assert "version=$version+$release" in text
    assert "crispd_${version}_${arch}.deb" in text
    compare = ["dpkg", "--compare-versions"]
    if shutil.which("dpkg"):
        for older, newer in (("1.0", "1.0+deb12"), ("1.0+deb12", "1.0+deb13")):
            assert subprocess.run([*compare, older, "lt", newer], check=False).returncode == 0


@pytest.mark.parametrize("name", ["postinst", "prerm", "postrm"])
def test_maintainer_scripts(name: str) -> None:
    text = (ROOT / "scripts" / "debian" / name).read_text()
    assert text.startswith("#!/bin/sh\n")
    assert "set -e" in text
    if name == "postrm":  # data goes at a purge only
        assert text.index('if [ "$1" = purge ]') < text.index("rm -rf /var/lib/crispd")


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ('{"dependencies": [{"name": "pillow", "skip_reason": "not found"}]}', 0, "SKIPPED"),
        ("ERROR: no route to host", 0, "no route to host"),
        ('{"dependencies": [{"name": "pillow", "vulns": [{"id": "X"}]}]}', 7, "requirements.lock"),
    ],
)
def test_an_audit_says_whether_it_could_ask(
    tmp_path: Path, answer: str, status: int, said: str
) -> None:
    """A service that knows of nothing wrong with a version full of holes was not reached."""
    program = tmp_path / "pip-audit"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *.lock*) echo "$*"; exit 7 ;; esac\necho \'{answer}\'\n'
    )
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", str(ROOT / "scripts" / "audit.sh"), str(program)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert said in done.stdout
    assert ("--strict" in done.stdout) is (status != 0)
