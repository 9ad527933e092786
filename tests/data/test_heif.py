from __future__ import annotations

import contextlib
import random
import sys
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageOps

from swither.cli import main
from swither.data import heif, open_dataset, open_images
from swither.data.decoding import Unreadable, decode, displayed_size
from swither.data.settings import DataSettings
from swither.errors import MissingExtra, UnreadableImages

pillow_heif = pytest.importorskip("pillow_heif")


def coloured(width: int = 60, height: int = 40) -> np.ndarray:
    """Four corners of four colours, which lossy compression leaves where they are."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (230, 20, 20)
    pixels[height // 2 :, : width // 2] = (20, 20, 230)
    pixels[height // 2 :, width // 2 :] = (240, 240, 20)
    return pixels


def heic(pixels: np.ndarray, **options: object) -> bytes:
    file = BytesIO()
    pillow_heif.register_heif_opener()
    Image.fromarray(pixels).save(file, "HEIF", **options)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path, make: SimpleNamespace) -> Path:
    """Six PNG images of two classes, and two of HEIC."""
    root = make.folder(tmp_path / "photos", make.draw(6, (40, 60)), ["cat", "dog"])
    (root / "cat" / "one.heic").write_bytes(heic(coloured()))
    (root / "dog" / "two.HEIF").write_bytes(heic(coloured()[::-1]))
    return root


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heif.read_heif.cache_clear()
    for table in ("OPEN", "SAVE"):
        monkeypatch.delitem(getattr(Image, table), "HEIF", raising=False)
    monkeypatch.setattr(Image, "ID", [name for name in Image.ID if name != "HEIF"])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_image_decodes_turned_as_it_is_displayed(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = heic(coloured(), exif=exif.tobytes(), quality=95)
    turned = Image.fromarray(coloured())
    turned.getexif()[0x0112] = orientation
    wanted = np.asarray(ImageOps.exif_transpose(turned))
    size = (wanted.shape[1], wanted.shape[0])
    assert displayed_size(content) == size
    decoded = decode(content, size)
    assert decoded.size == size
    assert np.abs(decoded.pixels.astype(int) - wanted).mean() < 5
    assert decode(content, 16).pixels.shape == (16, 16, 3)


def test_the_small_picture_that_a_telephone_puts_into_its_file_is_not_taken_for_the_image() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    plain, with_thumbnail = heic(noise, quality=90), heic(noise, quality=90, thumbnails=[256])
    assert with_thumbnail != plain
    assert np.array_equal(decode(with_thumbnail, 64).pixels, decode(plain, 64).pixels)


def test_heic_files_in_a_folder_are_images_as_others_are(folder: Path) -> None:
    data = open_dataset(str(folder))
    assert len(data.train) + len(data.test) == 8
    assert open_images(str(folder)).image_shape == (40, 60, 3)


@pytest.mark.usefixtures("without")
def test_without_the_extra_the_error_names_it_before_anything_is_decoded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("swither.data.packing.take_in", lambda *_: pytest.fail("images were decoded"))
    with pytest.raises(MissingExtra, match=r"HEIC images needs? pillow_heif.*pip install 'swither\[heic\]'"):
        open_dataset(str(folder))
    assert main(["compare", str(folder), "--out", str(folder.parent / "out"), "--model", "tiny"]) != 0
    assert "pip install 'swither[heic]'" in capsys.readouterr().err


@pytest.mark.usefixtures("without")
def test_without_the_extra_heic_images_can_be_skipped_and_are_listed(folder: Path) -> None:
    data = open_dataset(DataSettings(str(folder), skip_unreadable=True))
    assert sorted(path for path, _ in data.report.skipped) == ["cat/one.heic", "dog/two.HEIF"]
    assert all("swither[heic]" in reason for _, reason in data.report.skipped)
    assert len(data.train) + len(data.test) == 6


@pytest.mark.usefixtures("without")
def test_without_the_extra_heic_images_under_other_names_give_the_reason(folder: Path) -> None:
    for path in [*folder.rglob("*.heic"), *folder.rglob("*.HEIF")]:
        path.rename(path.with_suffix(".jpg"))
    with pytest.raises(UnreadableImages, match=r"one\.jpg: a HEIC image.*swither\[heic\]"):
        open_dataset(str(folder))


def test_a_damaged_heic_image_gives_a_reason_and_never_another_error() -> None:
    whole, draw = heic(coloured()), random.Random(0)
    with pytest.raises(Unreadable, match="damaged: it begins like HEIC"):
        decode(whole[: len(whole) // 2], 16)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(draw.randint(1, 8)):
            broken[draw.randrange(12, len(broken))] = draw.randrange(256)
        with contextlib.suppress(Unreadable):
            assert decode(bytes(broken), 16).pixels.shape[:2] == (16, 16)
