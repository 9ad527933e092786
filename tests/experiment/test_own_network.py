"""A comparison trains a network of the user's own, and refuses it before any training where it cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from swither.errors import InputError, SettingsDiffer
from swither.experiment import CompareSettings, compare, prepare
from swither.experiment.forecast import Forecast
from swither.experiment.watch import Silent
from swither.models import ModelSettings

NET = """
from torch import nn
def build(image_shape, classes):
    h, w, c = image_shape
    return nn.Sequential(nn.Flatten(), nn.Linear(h * w * c, 6), nn.ReLU(), nn.Linear(6, classes))
"""


@pytest.fixture
def own(quick: CompareSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CompareSettings:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    return replace(quick, acquisitions=("random", "kcenter"), model=ModelSettings("net.py:build"), reference=False)


def test_it_is_planned_trained_and_gone_on_with(own: CompareSettings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert Forecast(prepare(own, out, Silent())).plan.trainings == 3
    assert compare(replace(own, jobs=2), out).num_rows == 4
    assert compare(replace(own, seeds=2), out).num_rows == 8
    assert "net.py:build" in (out / "report.html").read_text(encoding="utf-8")


def test_another_content_of_its_file_is_another_protocol(own: CompareSettings, tmp_path: Path) -> None:
    compare(own, tmp_path / "out")
    (tmp_path / "net.py").write_text(NET.replace("6", "8"))
    with pytest.raises(SettingsDiffer, match=r"versions\.network file"):
        prepare(own, tmp_path / "out", Silent())


def test_bald_needs_dropout_in_it(own: CompareSettings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"network of net\.py:build has none. Put an nn\.Dropout"):
        prepare(replace(own, acquisitions=("bald",)), tmp_path / "out", Silent())
    (tmp_path / "net.py").write_text(NET.replace("nn.ReLU()", "nn.Dropout(0.3)"))
    assert compare(replace(own, acquisitions=("bald",)), tmp_path / "out").num_rows == 2


SUBCLASS = """
from torch import nn
class Standardised(nn.Conv2d):
    def forward(self, x):
        return self._conv_forward(x, self.weight - self.weight.mean(), self.bias)
def build(image_shape, classes):
    return nn.Sequential(
        Standardised(image_shape[2], 4, 3), nn.BatchNorm2d(4),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, classes)
    )
"""


def test_folding_is_refused_where_only_layers_of_ones_own_could_be_folded(own: CompareSettings, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SUBCLASS)
    prepare(own, tmp_path / "out", Silent())
    with pytest.raises(InputError, match="No BatchNorm stands directly behind a convolution"):
        prepare(replace(own, record_folded=True), tmp_path / "folded", Silent())
