from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

ROOMS = ["swither.dynamics", "swither.acquisition"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_fresh_process_imports_the_room_and_all_its_names_without_torch(room: str) -> None:
    script = (
        f"import sys, importlib; room = importlib.import_module({room!r}); assert room.__all__\n"
        "for name in room.__all__: getattr(room, name)\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'torch', 'matplotlib', 'pyarrow', 'sklearn', 'PIL', 'cyclopts'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_importing_the_room_alone_loads_not_even_its_own_files() -> None:
    script = "import sys, swither.dynamics; print([n for n in sys.modules if n.startswith('swither.dynamics.')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_catalogue_of_methods_is_read_without_scipy() -> None:
    script = (
        "import sys, swither.dynamics, swither.acquisition\n"
        "swither.acquisition.ACQUISITIONS\n"
        "for name in swither.dynamics.__all__: getattr(swither.dynamics, name)\n"
        "print([name for name in sys.modules if name.startswith('scipy')])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_swither_loads_no_library_at_all() -> None:
    script = "import sys, swither; print(sorted({n.split('.')[0] for n in sys.modules} & {'numpy', 'scipy', 'torch'}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_help_is_printed_without_what_only_commands_need() -> None:
    script = (
        "import sys\n"
        "from swither.cli import main\n"
        "try:\n    code = main(['--help'])\nexcept SystemExit as ending:\n    code = ending.code\n"
        "heavy = 'torch numpy scipy sklearn matplotlib pyarrow PIL yaml sqlalchemy alembic fastapi uvicorn jinja2'\n"
        "print(code, sorted({n.split('.')[0] for n in sys.modules} & set(heavy.split())), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Commands" in done.stdout
    assert done.stderr.strip() == "0 []"


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_resolves_and_is_listed(room: str) -> None:
    module = importlib.import_module(room)
    assert list(module.__all__) == sorted(set(module.__all__))
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module)
    with pytest.raises(AttributeError, match="no attribute 'never'"):
        _ = module.never
