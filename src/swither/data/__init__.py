"""Images in, batches out: sources, identity, packed images, splits, augmentation on whole batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.data.augmentation import Normalisation as Normalisation
    from swither.data.augmentation import augment as augment
    from swither.data.augmentation import to_tensor as to_tensor
    from swither.data.batches import batch_positions as batch_positions
    from swither.data.batches import batches as batches
    from swither.data.groups import groups_by as groups_by
    from swither.data.image_set import UNLABELLED as UNLABELLED
    from swither.data.image_set import ImageSet as ImageSet
    from swither.data.split import Split as Split
    from swither.data.split import draw_split as draw_split
    from swither.data.split import load_split as load_split
    from swither.data.split import save_split as save_split
    from swither.data.split import split_given as split_given
    from swither.data.stratify import stratify as stratify

__all__ = lazy(
    __name__,
    {
        "ImageSet": "swither.data.image_set",
        "Normalisation": "swither.data.augmentation",
        "Split": "swither.data.split",
        "UNLABELLED": "swither.data.image_set",
        "augment": "swither.data.augmentation",
        "batch_positions": "swither.data.batches",
        "batches": "swither.data.batches",
        "draw_split": "swither.data.split",
        "groups_by": "swither.data.groups",
        "load_split": "swither.data.split",
        "save_split": "swither.data.split",
        "split_given": "swither.data.split",
        "stratify": "swither.data.stratify",
        "to_tensor": "swither.data.augmentation",
    },
)
