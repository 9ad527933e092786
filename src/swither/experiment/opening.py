"""The images of a comparison, with their embeddings where heads are trained on a frozen backbone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from swither.data import Dataset, open_dataset
from swither.data.progress import Progress
from swither.errors import InputError
from swither.experiment.settings import CompareSettings
from swither.models.backbone_settings import BackboneSettings


def opened(settings: CompareSettings, dataset: Dataset | None, progress: Progress) -> Dataset:
    """What a comparison works on.

    Args:
        settings: of the comparison.
        dataset: the images, where they are open already; embedded here, unless they are.
        progress: told what is going on.

    Raises:
        InputError: the data cannot be opened or embedded, or a backbone is named that nothing uses.
    """
    features = settings.features
    if settings.model.name != "features":
        if features != BackboneSettings():
            raise InputError(
                "--backbone, --weights, --embedding-size and --embeddings are for --model features, but the model is "
                f"{settings.model.name}."
            )
        if dataset is not None and dataset.train.features is not None:
            dataset = replace(
                dataset, train=replace(dataset.train, features=None), test=replace(dataset.test, features=None)
            )
        return dataset or open_dataset(settings.data, progress=progress)
    if dataset is not None and dataset.train.features is not None:
        return dataset
    if features.embeddings is not None:
        return _with_own(settings, dataset, progress)
    from swither.training.embedding import embed_together  # loads torch, which tables and reports do without

    dataset = dataset or open_dataset(settings.data, progress=progress, largest=features.size())
    train, test = embed_together(
        [dataset.train, dataset.test],
        features,
        cache=settings.data.cache,
        device=settings.device,
        progress=progress,
    )
    return replace(dataset, train=train, test=test)


def _with_own(settings: CompareSettings, dataset: Dataset | None, progress: Progress) -> Dataset:
    """The images joined to the user's own embeddings, or these alone where they are the data."""
    from swither.data.own_embeddings import read_embeddings

    assert settings.features.embeddings is not None
    path = Path(settings.features.embeddings).expanduser()
    own = read_embeddings(path, settings.data.cache)
    if dataset is None and Path(settings.data.source).expanduser().resolve() == path.resolve():
        return own.dataset(settings.data)
    dataset = dataset or open_dataset(settings.data, progress=progress)
    return replace(dataset, train=own.joined(dataset.train), test=own.joined(dataset.test))
