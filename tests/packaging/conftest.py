"""The wheel as users get it, and two environments that know nothing of the source folder.

An editable installation never notices a file that the wheel lacks, and a test environment with everything in it never
notices an import that a bare one cannot make. Nothing is downloaded: the libraries are those of the test environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LIBRARIES = Path(sysconfig.get_paths()["purelib"])


@dataclass(frozen=True)
class Environment:
    """A virtual environment with swither installed from the wheel."""

    folder: Path

    @property
    def programs(self) -> Path:
        """Where its programs lie."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def libraries(self) -> Path:
        """Its site-packages."""
        inside = sysconfig.get_path("purelib", "venv", {"base": str(self.folder), "platbase": str(self.folder)})
        return Path(inside)

    def run(self, *command: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its programs in `folder`, with nothing of the tests' own surroundings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
        surroundings = kept | {"OMP_NUM_THREADS": "1", "SWITHER_CACHE": str(folder / "cache"), "NO_COLOR": "1"}
        return subprocess.run(
            [str(self.programs / command[0]), *command[1:]],
            cwd=folder,
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=280,
        )

    def python(self, code: str, folder: Path) -> str:
        """Run Python code; what it prints. A failure shows what it said."""
        done = self.run("python", "-c", code, folder=folder)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the build tools of the test environment."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(REPOSITORY)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def bare_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What ``pip install swither`` gives: the wheel, NumPy and SciPy."""
    environment = install(wheel, tmp_path_factory.mktemp("bare") / "environment")
    for pattern in ("numpy", "numpy.libs", "numpy-*.dist-info", "scipy", "scipy.libs", "scipy-*.dist-info"):
        for found in LIBRARIES.glob(pattern):
            (environment.libraries / found.name).symlink_to(found)
    return environment


@pytest.fixture(scope="session")
def train_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What ``pip install 'swither[train]'`` gives: all libraries, but not the editable swither among them."""
    environment = install(wheel, tmp_path_factory.mktemp("train") / "environment")
    # A path in a .pth file is searched, but the .pth files that lie there (the editable swither's) are not read.
    (environment.libraries / "libraries.pth").write_text(f"{LIBRARIES}\n", encoding="utf-8")
    return environment


def install(wheel: Path, folder: Path) -> Environment:
    """A new environment that holds the wheel and nothing else."""
    venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(folder)
    environment = Environment(folder)
    python = environment.programs / "python"
    quietly = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-compile")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", *quietly, str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return environment
