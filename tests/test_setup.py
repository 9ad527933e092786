"""The way in: `make` tells every task, and continuous integration runs what a contributor runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[1]


def targets() -> set[str]:
    """Targets of the Makefile that people call."""
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_lists_every_target_with_a_line_of_help() -> None:
    done = subprocess.run(["make"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    listed = dict(re.findall(r"^ +make ([a-z-]+) +(\S.*)$", done.stdout, re.MULTILINE))
    assert set(listed) == targets()
    assert all(len(line) > 10 for line in listed.values())


def test_every_target_is_declared_phony_so_that_a_file_of_its_name_cannot_hide_it() -> None:
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)[0].split())
    assert phony == targets()


def test_check_runs_every_kind_of_check() -> None:
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    needed = re.findall(r"^check: (.+?) ##", text, re.MULTILINE)[0].split()
    assert {"lint", "types", "contracts", "docs"} <= set(needed)


def test_continuous_integration_checks_and_tests() -> None:
    script = REPOSITORY / ".ci" / "run"
    lines = [line.strip() for line in script.read_text(encoding="utf-8").splitlines()]
    assert lines.index("make check") < lines.index("make test")
    assert "set -euo pipefail" in lines
    assert os.access(script, os.X_OK)
    assert os.access(REPOSITORY / "scripts" / "environment.sh", os.X_OK)


def test_the_workflow_calls_the_same_targets_on_linux_and_macos() -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8"))
    jobs = workflow["jobs"].values()
    systems = {str(system) for job in jobs for system in job["strategy"]["matrix"]["os"]}
    assert any(system.startswith("ubuntu") for system in systems)
    assert any(system.startswith("macos") for system in systems)
    commands = "\n".join(step.get("run", "") for job in jobs for step in job["steps"])
    assert {"make check", "make test"} <= set(commands.splitlines())


def test_the_stamps_depend_on_all_that_decides_the_environment() -> None:
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"^SETUP := (.+)$", text, re.MULTILINE)[0].split())
    assert {"pyproject.toml", "constraints.txt", "Makefile", "scripts/environment.sh"} <= named
    assert all((REPOSITORY / name).exists() for name in named)


def test_constraints_pin_every_library_of_the_train_extra_without_a_local_version() -> None:
    import tomllib

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = {}
    for line in (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            pins[name.lower()] = version
    wanted = project["dependencies"] + project["optional-dependencies"]["train"]
    names = {re.split(r"[<>=\[]", requirement)[0].lower() for requirement in wanted}
    assert names <= pins.keys()
    assert not [version for version in pins.values() if not version or "+" in version]
