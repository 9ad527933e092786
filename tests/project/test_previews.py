from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from swither.data.identity import content_id
from swither.project import previews
from swither.project.discovery import Discovery
from swither.project.identify import identify
from swither.project.previews import preview, thumbnail
from swither.project.project import Project
from swither.project.reading import ImageProblem


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "images"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.tile(np.arange(0, 240, 0.1).astype(np.uint8), (1800, 1))).save(folder / "wide.png")
    Image.new("RGB", (2400, 1600), "red").save(folder / "turned.jpg", exif=exif)
    Image.new("RGB", (40, 30), "blue").save(folder / "small.png")
    with Project.create(folder) as made:
        Discovery(made).run()
        for file in made.store.files():
            identify(made, file.path)
        shutil.rmtree(made.derived("previews"))
        yield made


def image_of(project: Project, name: str) -> str:
    return content_id((project.images / name).read_bytes())


def test_a_preview_is_upright_and_of_a_screens_size(project: Project) -> None:
    wide = opened(preview(project, image_of(project, "wide.png")))
    assert (wide.format, wide.mode, wide.size) == ("JPEG", "RGB", (1280, 960))
    assert opened(preview(project, image_of(project, "turned.jpg"))).size == (853, 1280)
    assert opened(thumbnail(project, image_of(project, "turned.jpg"))).size == (171, 256)
    assert not opened(preview(project, image_of(project, "turned.jpg"))).getexif()


def test_an_image_that_was_identified_is_not_decoded_again_to_be_shown(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    identify(project, "turned.jpg")
    monkeypatch.setattr(previews, "read_image", None)
    assert opened(preview(project, image_of(project, "turned.jpg"))).size == (853, 1280)


def test_a_small_image_is_not_enlarged(project: Project) -> None:
    assert opened(preview(project, image_of(project, "small.png"))).size == (40, 30)
    assert opened(thumbnail(project, image_of(project, "small.png"))).size == (40, 30)


def test_a_preview_is_made_once_and_again_when_it_is_deleted(project: Project) -> None:
    image = image_of(project, "wide.png")
    first = preview(project, image)
    os.rename(project.images / "wide.png", project.images.parent / "aside")
    assert preview(project, image) == first
    assert opened(thumbnail(project, image)).size == (256, 192)  # from the preview
    shutil.rmtree(project.derived("previews"))
    with pytest.raises(ImageProblem, match="no longer there"):
        preview(project, image)
    os.rename(project.images.parent / "aside", project.images / "moved.png")
    Discovery(project).run()
    assert identify(project, "moved.png") == image
    assert preview(project, image) == first


def test_a_file_that_was_overwritten_is_not_shown_for_what_it_was(project: Project) -> None:
    image = image_of(project, "small.png")
    Image.new("RGB", (40, 30), "green").save(project.images / "small.png")
    with pytest.raises(ImageProblem):
        preview(project, image)
    other = image_of(project, "small.png")
    assert [file.path for file in project.store.files_of(other)] == ["small.png"]
    assert opened(preview(project, other)).getpixel((5, 5))[1] > 100


def test_an_exact_copy_stands_in_for_a_file_that_is_gone(project: Project) -> None:
    image = image_of(project, "small.png")
    shutil.copy(project.images / "small.png", project.images / "copy.png")
    Discovery(project).run()
    assert identify(project, "copy.png") == image
    (project.images / "copy.png").unlink()
    shutil.rmtree(project.derived("previews"))
    assert opened(preview(project, image)).size == (40, 30)
    assert not project.store.files_of(image)[0].present


def test_a_file_replaced_by_a_link_that_leads_out_is_not_shown(project: Project, tmp_path: Path) -> None:
    image = image_of(project, "small.png")
    os.rename(project.images / "small.png", tmp_path / "outside.png")
    os.symlink(tmp_path / "outside.png", project.images / "small.png")
    with pytest.raises(ImageProblem):
        preview(project, image)


def test_the_colours_of_a_wide_gamut_camera_stay_what_they_are_meant_to_be(project: Project) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (600, 400), "orange").save(project.images / "p3.jpg", icc_profile=profile)
    image = identify(project, "p3.jpg")
    assert image is not None
    assert opened(preview(project, image)).info["icc_profile"] == profile
    assert opened(thumbnail(project, image)).info["icc_profile"] == profile
