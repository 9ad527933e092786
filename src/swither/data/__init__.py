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
    from swither.data.data_report import DataReport as DataReport
    from swither.data.dataset import Dataset as Dataset
    from swither.data.dataset import open_dataset as open_dataset
    from swither.data.dataset import open_images as open_images
    from swither.data.dataset import open_with_report as open_with_report
    from swither.data.groups import groups_by as groups_by
    from swither.data.identity import CopyGroup as CopyGroup
    from swither.data.identity import array_id as array_id
    from swither.data.identity import content_id as content_id
    from swither.data.identity import copy_groups as copy_groups
    from swither.data.identity import number_copies as number_copies
    from swither.data.image_set import UNLABELLED as UNLABELLED
    from swither.data.image_set import ImageSet as ImageSet
    from swither.data.progress import Progress as Progress
    from swither.data.settings import DataSettings as DataSettings
    from swither.data.split import Split as Split
    from swither.data.split import draw_split as draw_split
    from swither.data.split import load_split as load_split
    from swither.data.split import save_split as save_split
    from swither.data.split import split_given as split_given
    from swither.data.stratify import stratify as stratify

__all__ = lazy(
    __name__,
    {
        "CopyGroup": "swither.data.identity",
        "DataReport": "swither.data.data_report",
        "DataSettings": "swither.data.settings",
        "Dataset": "swither.data.dataset",
        "Progress": "swither.data.progress",
        "array_id": "swither.data.identity",
        "content_id": "swither.data.identity",
        "copy_groups": "swither.data.identity",
        "number_copies": "swither.data.identity",
        "open_dataset": "swither.data.dataset",
        "open_images": "swither.data.dataset",
        "open_with_report": "swither.data.dataset",
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
