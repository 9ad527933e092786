from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Script = Callable[[str], ModuleType]


@pytest.fixture
def run(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The runner, in a folder with three benchmarks, of which one fails, and a file that they share."""
    module = script("run")
    text = "import json, sys; json.dump({'rows': [{'seconds': 1}]}, open(sys.argv[-1], 'w'))  # "
    for name, code in (("fine", text + "--quick"), ("long", text), ("broken", "raise ValueError('why') # --quick")):
        (tmp_path / f"{name}.py").write_text(code)
    (tmp_path / "_shared.py").write_text("")
    monkeypatch.setattr(module, "HERE", tmp_path)
    return module


def test_what_benchmarks_share_is_no_benchmark(run: ModuleType) -> None:
    assert [path.stem for path in run.scripts([])] == ["broken", "fine", "long"]
    with pytest.raises(SystemExit, match="_shared"):
        run.scripts(["_shared"])


def test_a_benchmark_that_fails_is_written_down_and_the_others_are_run(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "bench.json"
    monkeypatch.setattr("sys.argv", ["run.py", "--to", str(results)])
    assert run.main() == 1
    kept = json.loads(results.read_text())
    assert kept["broken"]["measured"]["rows"] == [{"failed": "ValueError: why"}]
    assert kept["fine"]["measured"]["rows"] == kept["long"]["measured"]["rows"] == [{"seconds": 1}]


def test_a_quick_run_leaves_out_what_has_no_quick_size(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "bench.json"
    monkeypatch.setattr("sys.argv", ["run.py", "--quick", "--to", str(results), "fine", "long"])
    assert run.main() == 0
    assert list(json.loads(results.read_text())) == ["fine"]
