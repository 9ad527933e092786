"""The room is light: nothing of a framework is loaded before its recorder is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest


def python(code: str) -> str:
    """What fresh Python says, on stdout or with its last line on stderr."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def test_importing_the_room_imports_no_framework_and_not_even_torch() -> None:
    frameworks = {"torch", "lightning", "pytorch_lightning", "transformers", "accelerate", "keras"}
    assert python(f"import sys, swither.adapters; print(sorted({frameworks} & set(sys.modules)))") == "[]"


@pytest.mark.parametrize(
    ("name", "missing", "extra"),
    [
        ("LightningRecorder", ("lightning", "pytorch_lightning"), "lightning"),
        ("KerasRecorder", ("keras",), "keras"),
        ("TransformersRecorder", ("transformers",), "transformers"),
        ("TransformersRecorder", ("accelerate",), "transformers"),
    ],
)
def test_a_missing_framework_is_named_with_the_extra_that_brings_it(
    name: str, missing: tuple[str, ...], extra: str
) -> None:
    pytest.importorskip("transformers", reason="pip install 'swither[transformers]'")
    code = (
        "import sys\n"
        "class Without:\n"
        "    def __init__(self, finder): self.finder = finder\n"
        "    def __getattr__(self, name): return getattr(self.finder, name)\n"
        "    def find_spec(self, name, *rest):\n"
        f"        return None if name in {missing} else self.finder.find_spec(name, *rest)\n"
        "sys.meta_path[:] = map(Without, sys.meta_path)\n"
        f"import swither.adapters; swither.adapters.{name}\n"
    )
    said = python(code)
    assert f"swither.adapters.{name} needs {missing[0]}" in said
    assert f"pip install 'swither[{extra}]'" in said
