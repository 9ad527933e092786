from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def synthetic() -> ModuleType:
    """The module beside this file that makes up an experiment."""
    return _beside("synthetic")


@pytest.fixture(scope="session")
def synthetic_paper() -> ModuleType:
    """The module beside this file that makes up a folder that repeats the paper."""
    return _beside("synthetic_paper")


def _beside(file: str) -> ModuleType:
    name = f"swither_{file}_report"
    specification = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{file}.py"))
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module
