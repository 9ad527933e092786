"""Squared distances between the last layer's loss gradients, without the gradients.

With the predicted class taken for the label, the gradient of the cross-entropy by the last layer's weights is the
outer product of *p - onehot(argmax p)* and the embedding: classes x width numbers for each sample. But
``|a (x) h - b (x) k|^2 = |a|^2 |h|^2 + |b|^2 |k|^2 - 2 (a.b)(h.k)``, so no outer product is ever made.
"""

from __future__ import annotations

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.acquisition.distances import UNIT
from swither.arrays import AnyArray, FloatArray, IntArray


class GradientDistances:
    """Gradients of the loss of the predicted class by the last layer's weights, known by their squared distances.

    Of equally probable classes the first is the predicted one.

    Args:
        probabilities: (samples, classes) float, rows sum to 1.
        embeddings: (samples, width) finite real numbers, at least one row.

    Attributes:
        scale: a power of two, by whose square squared distances and norms are multiplied.
        norms: (samples,) squared norms of the gradients, float64, so multiplied.

    Example:
        >>> points = GradientDistances(np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([[1.0], [7.0]]))
        >>> (points.norms / points.scale**2).tolist()
        [0.5, 0.0]
    """

    def __init__(self, probabilities: FloatArray, embeddings: AnyArray) -> None:
        if embeddings.dtype not in (np.float32, np.float64):
            embeddings = embeddings.astype(np.float32 if embeddings.dtype == np.float16 else np.float64)
        samples, width = embeddings.shape
        self._probabilities, self._embeddings = probabilities, embeddings
        self._predicted = probabilities.argmax(axis=1)
        blocks = list(row_blocks(samples, width))
        largest = max(float(np.abs(embeddings[block]).max()) for block in blocks)
        # A power of two that brings every norm below about 1, so that no square leaves float32.
        exponent = int(np.frexp(largest)[1]) + width.bit_length() // 2 if largest > 0 else 0
        self.scale = 2.0 ** -max(exponent, -1000)
        self._residuals = np.empty(probabilities.shape, dtype=np.float32)  # (samples, classes)
        self.norms = np.empty(samples)
        for block in blocks:
            residuals, placed = self._factors(np.arange(block.start, block.stop))
            self._residuals[block] = residuals
            self.norms[block] = np.einsum("ij,ij->i", residuals, residuals) * np.einsum("ij,ij->i", placed, placed)
        terms = probabilities.shape[1] + width
        self._share, self._least = 1.02 * terms + 24, (terms + 1) * 2.0**-120

    def __len__(self) -> int:
        return len(self._embeddings)

    def distances(self, rows: IntArray, others: IntArray) -> FloatArray:
        """(rows, others) squared distances in float64; 0 where float64 cannot tell two gradients apart."""
        norms = np.add.outer(self.norms[rows], self.norms[others])
        residuals, placed = self._factors(rows)
        other_residuals, others_placed = self._factors(others)
        squared = norms - 2 * (residuals @ other_residuals.T) * (placed @ others_placed.T)
        return np.where(squared > self._share * 2.0**-52 * norms, squared, 0.0)

    def ceilings(self, rows: slice, others: IntArray) -> FloatArray:
        """(rows, others) float32 that no squared distance exceeds.

        Of the share of both norms by which float32 can be wrong, classes + width + 12 units at most, it adds more.
        """
        norms = self.norms * (1 + self._share * UNIT) + self._least
        placed = (self._embeddings[rows] * self.scale).astype(np.float32, copy=False)
        others_placed = (self._embeddings[others] * (-2 * self.scale)).astype(np.float32, copy=False)
        products = self._residuals[rows] @ self._residuals[others].T
        products *= placed @ others_placed.T
        products += norms[others].astype(np.float32)
        products += norms[rows].astype(np.float32)[:, None]
        return np.asarray(products)

    def _factors(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """The factors of some gradients: p - onehot(argmax p), and scaled embeddings; float64."""
        residuals = self._probabilities[rows].astype(np.float64)
        residuals[np.arange(len(rows)), self._predicted[rows]] -= 1
        return residuals, self._embeddings[rows].astype(np.float64) * self.scale
