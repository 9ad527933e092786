from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

from swither.data.settings import DataSettings


def test_every_field_is_explained_and_is_of_a_known_kind() -> None:
    assert DataSettings.__doc__ is not None
    for field in fields(DataSettings):
        assert f"\n        {field.name}: " in DataSettings.__doc__
        assert field.metadata["kind"] in ("protocol", "execution")


def test_settings_load_neither_torch_nor_pillow_nor_pyarrow() -> None:
    program = (
        "import sys; from swither.data import DataSettings, open_dataset\n"
        "print(*[name for name in ('torch', 'PIL', 'pyarrow', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
