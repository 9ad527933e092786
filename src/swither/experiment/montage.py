"""Example images for the report: the most and the least dispersed, with what the network called them last."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from swither.arrays import AnyArray
from swither.data.image_set import ImageSet
from swither.dynamics import LabelHistory, dispersion
from swither.files import write_atomically

EXAMPLES = 6
LAST_EPOCHS = 5


def save_montage(path: Path, pool: ImageSet, history: LabelHistory) -> None:
    """Write pixels, true labels, the last epochs' labels, confidence and dispersion of a few images (npz).

    Args:
        path: of the file.
        pool: the recorded images with their true labels, in id order, as the columns of `history` stand.
        history: the labels recorded while the first model learned.
    """
    scores = dispersion(history)  # (samples,)
    examples = min(EXAMPLES, len(scores) // 2)
    most, least = np.argsort(-scores, kind="stable")[:examples], np.argsort(scores, kind="stable")[:examples]
    taken = np.concatenate([most, least])
    confidence = history.confidence
    assert confidence is not None, "the loop records confidence beside the labels"
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        pixels=pool.images(taken),
        ids=pool.ids[taken],
        true_labels=pool.labels[taken],
        last_labels=history.labels[-LAST_EPOCHS:, taken].T,  # (examples, epochs)
        confidence=confidence[-1, taken],
        dispersion=scores[taken],
        most=np.arange(len(taken)) < examples,
    )
    write_atomically(path, buffer.getvalue())


def load_montage(path: Path) -> dict[str, AnyArray] | None:
    """What `save_montage` wrote; None where there is none, or it is damaged (it is then made again by its cell)."""
    try:
        with np.load(path, allow_pickle=False) as saved:
            return {name: saved[name] for name in saved.files}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
