from __future__ import annotations

import numpy as np
import pytest
import torch

from swither.errors import InputError
from swither.training import choose_device, circumstances, use_threads
from swither.training.device import available_devices, deterministic_algorithms


def test_an_unknown_device_is_answered_with_those_that_are_there() -> None:
    with pytest.raises(InputError, match=r"No device 'quantum' here\. There is: .*cpu"):
        choose_device("quantum")
    with pytest.raises(InputError, match="There is"):
        choose_device("cuda:99")


def test_without_a_name_the_best_device_is_taken() -> None:
    assert choose_device() == torch.device(available_devices()[0])
    assert choose_device("CPU") == torch.device("cpu")


def test_the_number_of_threads_is_given_back_after_an_error() -> None:
    before = torch.get_num_threads()
    with use_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    with pytest.raises(ZeroDivisionError), use_threads(before + 1):
        torch.rand(torch.get_num_threads() // 0)
    assert torch.get_num_threads() == before
    with pytest.raises(InputError, match="at least 1 thread"), use_threads(0):
        pass


def test_circumstances_say_what_a_number_depends_on() -> None:
    with use_threads(2):
        said = circumstances("cpu")
    assert said["threads"] == 2
    assert (said["device"], said["torch"], said["numpy"]) == ("cpu", torch.__version__, np.__version__)
    assert said["precision"] == "float32"
    assert all(said[name] for name in ("machine", "python"))


def test_deterministic_algorithms_are_a_loan() -> None:
    with deterministic_algorithms(True):
        assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()
    with pytest.raises(ZeroDivisionError), deterministic_algorithms(True):
        torch.rand(1 // 0)
    assert not torch.are_deterministic_algorithms_enabled()
    with deterministic_algorithms(False):
        assert not torch.are_deterministic_algorithms_enabled()
