"""Tensors on disk: safetensors, written whole or not at all, read back only if not a bit has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from swither.errors import DamagedState, InputError, NewerFormat, list_some
from swither.files import write_atomically

_FORMAT = "swither-tensors"
_VERSION = 1


def save_weights(path: Path, model: nn.Module, metadata: Mapping[str, str] | None = None) -> None:
    """Write a network's weights and buffers with some words about them.

    Args:
        path: the file; replaced as a whole.
        model: any network, on any device.
        metadata: what to remember beside the weights, such as its settings as JSON.
    """
    write_tensors(path, model.state_dict(), metadata or {})


def load_weights(path: Path, model: nn.Module) -> dict[str, str]:
    """Read weights into a network of the same shape; it stays on its device and in its mode.

    Returns:
        The metadata that `save_weights` was given.

    Raises:
        DamagedState: the file does not read back as it was written.
        InputError: the weights are of another network; names what is missing, left over or of another shape.
    """
    tensors, metadata = read_tensors(path)
    own = model.state_dict()
    wrong = [
        *(f"{name} is missing" for name in own.keys() - tensors.keys()),
        *(f"{name} is left over" for name in tensors.keys() - own.keys()),
        *(
            f"{name} has shape {tuple(tensors[name].shape)}, not {tuple(own[name].shape)}"
            for name in own.keys() & tensors.keys()
            if own[name].shape != tensors[name].shape
        ),
    ]
    if wrong:
        raise InputError(
            f"{path} holds the weights of another network: {list_some(sorted(wrong), 5)}. "
            "Build the network with the model settings that the weights were trained with."
        )
    model.load_state_dict(tensors)
    return metadata


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write named tensors and metadata with a checksum of both, atomically."""
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    header: dict[str, Any] = {"version": _VERSION, "metadata": dict(metadata)}
    header["checksum"] = _checksum(plain, header)
    # One entry, because safetensors writes several in any order: equal tensors shall give equal files.
    write_atomically(path, safetensors.torch.save(plain, {_FORMAT: json.dumps(header, sort_keys=True)}))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read what `write_tensors` wrote: named tensors on the CPU, and the metadata.

    Raises:
        DamagedState: no such file of ours, or its content has changed.
        NewerFormat: a newer swither wrote it.
    """
    try:
        with safetensors.safe_open(path, framework="pt", device="cpu") as file:
            entries = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (safetensors.SafetensorError, OSError) as error:
        raise DamagedState(f"{path} does not read as a safetensors file: {error}.") from error
    if _FORMAT not in entries:
        raise DamagedState(f"{path} was not written by swither, or is damaged: it has no entry {_FORMAT!r}.")
    try:
        header = json.loads(entries[_FORMAT])
        written = header.pop("checksum")
    except (ValueError, KeyError, AttributeError) as error:
        raise DamagedState(f"{path} is damaged: its header does not read.") from error
    if written != _checksum(tensors, header):
        raise DamagedState(f"{path} is damaged: its content does not match the checksum written with it.")
    if header["version"] > _VERSION:
        raise NewerFormat(
            f"{path} is of version {header['version']}; this swither reads up to {_VERSION}. Use the newer swither "
            "that wrote it."
        )
    return tensors, dict(header["metadata"])


def tensors_digest(tensors: Mapping[str, Tensor]) -> str:
    """BLAKE2b, hex, 16 bytes, of names, types, shapes and values, whatever device and memory order."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(repr((name, str(tensor.dtype), tuple(tensor.shape))).encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _checksum(tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> str:
    words = json.dumps(dict(header), sort_keys=True)
    return hashlib.blake2b((tensors_digest(tensors) + words).encode(), digest_size=16).hexdigest()
