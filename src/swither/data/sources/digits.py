"""The digits that scikit-learn ships: 1,797 grey images of 8x8 pixels, at hand without any download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from swither.data.sources.contents import Content, Contents, Found
from swither.extras import require


def open_digits() -> Contents:
    """Open the digits of scikit-learn.

    Their pixels count ink from 0 to 16; they are scaled to 0 .. 255 as ``round(value * 255 / 16)``, so that no ink
    is 0 and full ink is 255. No two values meet, so nothing is lost.

    References:
        Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998
        (the test part).
    """
    datasets = require("sklearn.datasets", "Opening the digits", "train")
    digits = datasets.load_digits()
    pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None]  # (1797, 8, 8, 1)
    class_names = tuple(map(str, digits.target_names))
    images = [
        Found(path=f"digits#{row}", size=0, modified=0, label=class_names[label])
        for row, label in enumerate(digits.target.tolist())
    ]

    def read(positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        for position in positions:
            yield position, pixels[position]

    return Contents("the digits that scikit-learn ships", images, class_names, read, origin=None)
