"""Squared Euclidean distances between embeddings, as sampling by distance asks for them."""

from __future__ import annotations

import numpy as np

from swither.acquisition.distances import Frame
from swither.arrays import AnyArray, FloatArray, IntArray


class EmbeddingDistances:
    """Embeddings, known by their squared distances in a common scale.

    Args:
        embeddings: (samples, width) finite real numbers, at least one row.

    Example:
        >>> distances = EmbeddingDistances(np.array([[0.0, 0.0], [3.0, 4.0]]))
        >>> float(distances.distances(np.array([0]), np.array([1]))[0, 0] / distances.scale_squared)
        25.0
    """

    def __init__(self, embeddings: AnyArray) -> None:
        self._embeddings = embeddings
        self._frame = Frame.of(embeddings)
        self._placed = self._frame.place(embeddings)
        self._share = (embeddings.shape[1] + 8) * 2.0**-52  # of both norms, by which a float64 distance can be wrong

    @property
    def scale_squared(self) -> float:
        """What squared distances are multiplied by: a power of two, so that none overflows."""
        return self._frame.scale**2

    def __len__(self) -> int:
        return len(self._embeddings)

    def distances(self, rows: IntArray, others: IntArray) -> FloatArray:
        """(rows, others) squared distances in float64; 0 where float64 cannot tell two points apart."""
        ours, theirs = self._centred(rows), self._centred(others)
        norms = np.add.outer(np.einsum("ij,ij->i", ours, ours), np.einsum("ij,ij->i", theirs, theirs))
        squared = norms - 2 * (ours @ theirs.T)
        return np.where(squared > self._share * norms, squared, 0.0)

    def ceilings(self, rows: slice, others: IntArray) -> FloatArray:
        """(rows, others) float32 that no squared distance exceeds."""
        return self._placed[rows].upper_bounds(self._placed[others])

    def _centred(self, rows: IntArray) -> FloatArray:
        return np.asarray((self._embeddings[rows].astype(np.float64) - self._frame.centre) * self._frame.scale)
