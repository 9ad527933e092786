"""A torchvision whose compiled operators do not load, such as CUDA's beside PyTorch for the CPU, made to import.

torchvision describes its operators ``nms`` and ``qnms`` to PyTorch when it is imported, and where they were never
loaded that fails. Declared without an implementation they can be described, and all of it that needs no operator
works; calling one of them would still fail, and backbones call none.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec

import torch

_OPERATORS = ("nms", "qnms")
_DECLARED: list[torch.library.Library] = []  # a declaration lives as long as its library


def declare_missing_operators() -> bool:
    """Import torchvision, with its operators declared where it does not import without.

    Returns:
        Whether they had to be declared.
    """
    if find_spec("torchvision") is None:
        return False
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    else:
        return False
    for name in [known for known in sys.modules if known == "torchvision" or known.startswith("torchvision.")]:
        del sys.modules[name]  # half imported
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in _OPERATORS:
        signature = f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        library.define(signature)  # type: ignore[no-untyped-call]
    _DECLARED.append(library)
    importlib.import_module("torchvision")
    return True
