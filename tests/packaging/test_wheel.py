"""The wheel holds what it must and nothing else."""

from __future__ import annotations

import zipfile
from email import message_from_string
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "swither"


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """What the wheel holds."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> dict[str, list[str]]:
    """The fields of its METADATA."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        message = message_from_string(archive.read(name).decode())
    return {field: message.get_all(field, []) for field in set(message.keys())}


def test_the_wheel_holds_every_file_of_the_package(names: set[str]) -> None:
    there = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert {f"swither/{path.relative_to(PACKAGE).as_posix()}" for path in there} <= names


def test_the_wheel_says_that_it_is_typed(names: set[str]) -> None:
    assert "swither/py.typed" in names


def test_the_wheel_holds_the_licence_and_nothing_beside_the_package(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    outside = [name for name in names if not name.startswith(("swither/", "swither-"))]
    assert not outside


def test_without_an_extra_only_numpy_and_scipy_are_required_and_nothing_is_pinned(
    metadata: dict[str, list[str]],
) -> None:
    required = [line for line in metadata["Requires-Dist"] if "extra ==" not in line]
    assert sorted(line.split(">=")[0] for line in required) == ["numpy", "scipy"]
    assert not [line for line in metadata["Requires-Dist"] if "==" in line.partition(";")[0]]
