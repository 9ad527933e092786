"""Every image is embedded once, whatever stops it, and as the backbone was trained to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from swither.data import decoding
from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.files import key_of, locked
from swither.models.backbone import Backbone
from swither.models.backbone_settings import BackboneSettings
from swither.training import embedded, embedding
from swither.training.device import use_threads
from swither.training.embedding import embed_together, prepared

SETTINGS = BackboneSettings(embedding_size=32)


class Fake(nn.Module):
    """Means of the four quarters of each channel; counts the images that it sees, and can fail."""

    def __init__(self) -> None:
        super().__init__()
        self.seen, self.fails_after = 0, 10**9

    def forward(self, images: Tensor) -> Tensor:
        if self.seen >= self.fails_after:
            raise KeyboardInterrupt
        self.seen += len(images)
        return nn.functional.adaptive_avg_pool2d(images, 2).flatten(1)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    network = Fake().eval()
    backbone = Backbone("fake", network, 12, (0.5,) * 3, (0.25,) * 3, "checksum")
    monkeypatch.setattr(embedding, "load_backbone", lambda settings, say=None: backbone)
    return network


def test_an_image_is_embedded_once_and_found_by_its_id(
    fake: Fake, make_images: Callable[..., ImageSet], tmp_path: Path
) -> None:
    images = make_images(40, channels=3)
    said: list[tuple[int, int]] = []
    first = embedded(images, SETTINGS, cache=str(tmp_path), progress=lambda _, done, of: said.append((done, of)))
    assert fake.seen == 48  # three batches of 16, the last one filled up
    assert said[0] == (0, 40)
    assert said[-1] == (40, 40)
    turned = images.take(np.arange(40)[::-1])
    again = embedded(turned, SETTINGS, cache=str(tmp_path))
    assert fake.seen == 48
    assert np.array_equal(again.inputs(slice(None))[::-1], first.inputs(slice(None)))
    plain = fake(prepared(torch.from_numpy(images.images(slice(None))), 32, embedding.load_backbone(SETTINGS)))
    assert np.array_equal(first.inputs(slice(None)), plain.half().numpy())


def test_what_is_new_is_added_and_the_rest_kept(
    fake: Fake, make_images: Callable[..., ImageSet], tmp_path: Path
) -> None:
    images = make_images(40, channels=3)
    part = embedded(images.take(np.arange(16)), SETTINGS, cache=str(tmp_path))
    train, test = embed_together(
        [images.take(np.arange(20)), images.take(np.arange(20, 32))], SETTINGS, cache=str(tmp_path)
    )
    assert fake.seen == 48
    assert train.features is not None
    assert test.features is not None
    assert train.features.values is test.features.values
    assert train.features.key == part.features.key  # type: ignore[union-attr]
    assert np.array_equal(train.inputs(slice(0, 16)), part.inputs(slice(None)))


def test_an_interrupted_embedding_is_gone_on_with(
    fake: Fake, make_images: Callable[..., ImageSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "_BLOCK", 16)
    images = make_images(64, channels=3)
    fake.fails_after = 32
    with pytest.raises(KeyboardInterrupt):
        embedded(images, SETTINGS, cache=str(tmp_path))
    fake.fails_after = 10**9
    whole = embedded(images, SETTINGS, cache=str(tmp_path))
    assert fake.seen == 64
    other = embedded(images, SETTINGS, cache=str(tmp_path / "other"))
    assert np.array_equal(whole.inputs(slice(None)), other.inputs(slice(None)))


def test_batches_side_by_side_give_other_bits_or_another_order_than_one_after_the_other(
    make_images: Callable[..., ImageSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, before = make_images(70, channels=3), torch.get_num_threads()
    rows = []
    for count in (1, 2, 5):
        monkeypatch.setattr(embedding, "cores", lambda count=count: count)
        rows.append(embedded(images, SETTINGS, cache=str(tmp_path / str(count))).inputs(slice(None)))
    backbone = embedding.load_backbone(SETTINGS)
    backbone.network.to(memory_format=torch.channels_last)
    with torch.inference_mode(), use_threads(2):  # as was done before: all cores on one batch
        given = [images.images(np.resize(np.arange(n, min(n + 16, 70)), 16)) for n in range(0, 70, 16)]
        plain = [backbone.network(prepared(torch.from_numpy(some), 32, backbone)).half().numpy() for some in given]
    for row in rows:
        assert np.array_equal(row, np.concatenate(plain)[:70])
    assert torch.get_num_threads() == before


def test_who_waits_for_another_process_is_told_nothing(
    fake: Fake, make_images: Callable[..., ImageSet], tmp_path: Path
) -> None:
    images, said = make_images(16), []
    embedded(images, SETTINGS, cache=str(tmp_path))
    (lock,) = (tmp_path / "embeddings").glob("*/lock")
    holding = locked(lock)

    def tell(words: str, done: int, of: int) -> None:
        said.append(words)
        if words.startswith("Waiting for another process"):
            holding.__exit__(None, None, None)

    holding.__enter__()
    embedded(images, SETTINGS, cache=str(tmp_path), progress=tell)
    assert said[0].startswith("Waiting for another process")
    said.clear()
    embedded(images, SETTINGS, cache=str(tmp_path), progress=tell)
    assert said == []


def test_another_size_or_other_weights_are_other_embeddings(
    fake: Fake, make_images: Callable[..., ImageSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = make_images(16, channels=3)
    keys = [
        embedded(images, BackboneSettings(embedding_size=size), cache=str(tmp_path)).features.key  # type: ignore[union-attr]
        for size in (32, 48)
    ]
    other = replace(embedding.load_backbone(SETTINGS), checksum="other")
    monkeypatch.setattr(embedding, "load_backbone", lambda settings, say=None: other)
    keys.append(embedded(images, SETTINGS, cache=str(tmp_path)).features.key)  # type: ignore[union-attr]
    assert len(set(keys)) == 3


def test_grey_images_get_three_channels_and_only_the_centre_square_is_seen() -> None:
    backbone = Backbone("fake", Fake(), 12, (0.5, 0.25, 0.0), (0.5, 0.5, 1.0), "checksum")
    wide = torch.zeros((2, 8, 13, 1), dtype=torch.uint8)
    wide[:, :, 2:10] = 255
    given = prepared(wide, 32, backbone)
    assert given.shape == (2, 3, 32, 32)
    torch.testing.assert_close(given.amin(dim=(2, 3)), given.amax(dim=(2, 3)))
    tall = prepared(wide.transpose(1, 2), 32, backbone)
    assert torch.equal(tall, given)
    torch.testing.assert_close(given[0, :, 0, 0], torch.tensor([1.0, 1.5, 1.0]))


def test_embeddings_of_whole_rectangles_are_taken_for_those_of_squares_or_squares_lose_theirs(
    fake: Fake, make_images: Callable[..., ImageSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squares = make_images(16, channels=3)
    wide = replace(squares, pixels=np.zeros((16, 8, 12, 3), np.uint8))
    keys = [embedded(images, SETTINGS, cache=str(tmp_path)).features.key for images in (squares, wide)]  # type: ignore[union-attr]
    before = [key_of("embeddings", 1, "checksum", 32, list(images.image_shape)) for images in (squares, wide)]
    assert keys[0] == before[0]
    assert keys[1] != before[1]


def test_embeddings_of_images_that_were_decoded_otherwise_are_taken_for_their_own(
    fake: Fake, make_images: Callable[..., ImageSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = embedded(make_images(16), SETTINGS, cache=str(tmp_path)).features.key  # type: ignore[union-attr]
    monkeypatch.setattr(decoding, "VERSION", decoding.VERSION + 1)
    assert embedded(make_images(16), SETTINGS, cache=str(tmp_path)).features.key != first  # type: ignore[union-attr]


def test_embeddings_that_are_not_finite_are_refused(
    fake: Fake, make_images: Callable[..., ImageSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "forward", lambda images: torch.full((len(images), 12), 1e30))
    with pytest.raises(InputError, match="not finite in half precision"):
        embedded(make_images(16, channels=3), SETTINGS, cache=str(tmp_path))


def test_images_without_pixels_cannot_be_embedded(fake: Fake, make_images: Callable[..., ImageSet]) -> None:
    nothing = replace(make_images(16), pixels=np.zeros((16, 0, 0, 1), np.uint8))
    with pytest.raises(InputError, match="no pixels to embed"):
        embedded(nothing, SETTINGS)
