"""Rows taken a few at a time, so that no method needs memory in proportion to the pool beyond its own answer."""

from __future__ import annotations

from collections.abc import Iterator

BLOCK_ELEMENTS = 1 << 18  # 1 to 2 MB of floats: what stays in a core's cache while several passes go over it


def row_blocks(rows: int, width: int, elements: int = BLOCK_ELEMENTS) -> Iterator[slice]:
    """Slices that cover `rows` rows of `width` numbers in order, each of at most about `elements` numbers.

    Args:
        rows: how many rows there are; 0 gives no slice.
        width: numbers in a row.
        elements: numbers that a block may hold; a block has one row at least.

    Example:
        >>> [(block.start, block.stop) for block in row_blocks(5, width=10, elements=20)]
        [(0, 2), (2, 4), (4, 5)]
    """
    step = max(1, elements // max(1, width))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))
