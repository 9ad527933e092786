"""Torch's global random state, lent for a moment: seeded inside, given back as it was.

Dropout and the initial weights of torch's own layers draw from global generators and take no other; everything
else in swither hands a generator along.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def seeded(seed: int | None, device: torch.device | str = "cpu") -> Iterator[None]:
    """Seed torch's generators of the CPU and of `device` inside; restore both afterwards, also after an error.

    Args:
        seed: in [0, 2**63); None seeds nothing and only restores.
        device: the device whose generator is lent beside the CPU's.

    Example:
        >>> with seeded(0):
        ...     first = torch.rand(2)
        >>> before = torch.random.get_rng_state()
        >>> with seeded(0):
        ...     second = torch.rand(2)
        >>> torch.equal(first, second), torch.equal(before, torch.random.get_rng_state())
        (True, True)
    """
    generators = [torch.default_generator, *_generator_of(torch.device(device))]
    states = [generator.get_state() for generator in generators]
    try:
        if seed is not None:
            for generator in generators:
                generator.manual_seed(seed)
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


def _generator_of(device: torch.device) -> list[torch.Generator]:
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        return [torch.cuda.default_generators[index]]
    if device.type == "mps":
        return [torch.mps._get_default_mps_generator()]
    return []
