"""Nobody who names no acquisition gets one that does not exist or cannot be asked."""

from __future__ import annotations

import pytest

from swither.acquisition import ACQUISITIONS, default_acquisition
from swither.models import MODELS


@pytest.mark.parametrize("model", [*MODELS, "my_file.py:build"])
def test_the_default_of_every_model_is_in_the_catalogue_and_asks_for_no_labels(model: str) -> None:
    chosen = ACQUISITIONS[default_acquisition(model)]
    assert "true_labels" not in chosen.needs
