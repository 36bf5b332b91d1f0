"""What a contributor's forge and editor read is valid, and runs what CI runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOW = ROOT / ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("schema", "path"),
    [("vendor.github-workflows", WORKFLOW), ("vendor.compose-spec", ROOT / "compose.yaml")],
)
def test_it_fits_its_schema(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_runs_what_ci_runs_on_every_python_that_is_named() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    commands = {step["run"] for job in jobs.values() for step in job["steps"] if "run" in step}
    of_ci = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line[:5] == "make "]
    words = {word for command in commands for word in command.split()}
    assert all(line.split()[1] in words for line in of_ci)
    named = [line.split("::")[-1].strip(' ",') for line in (ROOT / "pyproject.toml").read_text()
             .splitlines() if "Python :: 3." in line]  # fmt: skip
    assert jobs["test"]["strategy"]["matrix"]["python-version"] == [name.strip() for name in named]


def test_all_tests_run_at_night() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text())
    assert workflow[True]["schedule"]  # YAML 1.1 reads "on" as true
    job = workflow["jobs"]["test-all"]
    assert "schedule" in job["if"]
    assert "make test-all" in {step.get("run") for step in job["steps"]}


def test_the_hooks_run_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    makefile = (ROOT / "Makefile").read_text()
    for hook in hooks:
        words = hook["entry"].split()
        if words[0] == "make":
            assert f"\n{words[1]}:" in makefile
        else:
            assert all((ROOT / word).exists() for word in words if word.startswith("tests/"))
