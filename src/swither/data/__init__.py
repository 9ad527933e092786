"""Images in, batches out: sources, identity, packed images, splits, augmentation on whole batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.data.groups import groups_by as groups_by
    from swither.data.image_set import UNLABELLED as UNLABELLED
    from swither.data.image_set import ImageSet as ImageSet
    from swither.data.split import Split as Split
    from swither.data.split import draw_split as draw_split
    from swither.data.split import load_split as load_split
    from swither.data.split import save_split as save_split
    from swither.data.split import split_given as split_given

__all__ = lazy(
    __name__,
    {
        "UNLABELLED": "swither.data.image_set",
        "ImageSet": "swither.data.image_set",
        "Split": "swither.data.split",
        "draw_split": "swither.data.split",
        "groups_by": "swither.data.groups",
        "load_split": "swither.data.split",
        "save_split": "swither.data.split",
        "split_given": "swither.data.split",
    },
)
