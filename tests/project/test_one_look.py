from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from swither.data.decoding import decode
from swither.data.identity import content_id
from swither.project.one_look import look, square
from swither.project.perceptual_hash import fingerprint
from swither.project.previews import THUMBNAIL, pictures
from swither.project.project import Project
from swither.project.records import ImageFile


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "images"
    folder.mkdir()
    smooth = np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    Image.fromarray(smooth).resize((1200, 900), Image.Resampling.BICUBIC).save(folder / "a.jpg", quality=92)
    with Project.create(folder) as made:
        yield made


FOUND = ImageFile("a.jpg", 1, 1)


def test_one_look_gives_everything(project: Project) -> None:
    content = (project.images / "a.jpg").read_bytes()
    image = content_id(content)
    seen = look(project, FOUND, 128, (), ())
    assert (seen.file.image, seen.file.width, seen.file.height) == (image, 1200, 900)
    assert (seen.file.size, seen.file.problem) == (len(content), None)
    thumbnail = Image.open(BytesIO(pictures(project, THUMBNAIL).get(image) or b""))
    assert thumbnail.size == (256, 192)
    assert seen.square is not None
    experiments = decode(content, 128).pixels.astype(int)  # what `swither compare` packs of the same file
    assert np.abs(seen.square - experiments).mean() < 2
    whole = np.array([fingerprint(Image.open(project.images / "a.jpg").convert("RGB"))])
    assert seen.fingerprint is not None
    assert (int(seen.fingerprint["hash"]) ^ int(whole["hash"][0])).bit_count() <= 2


def test_what_is_known_is_not_made_again(project: Project) -> None:
    image = look(project, FOUND, 128, (), ()).file.image
    assert image is not None
    seen = look(project, FOUND, 128, {image}, {image})
    assert seen.fingerprint is None
    assert seen.square is None
    assert seen.file.image == image


def test_a_file_that_cannot_be_shown_says_why_and_one_that_is_gone_is_not_there(project: Project) -> None:
    (project.images / "bad.jpg").write_bytes(b"\xff\xd8\xffnothing")
    bad = look(project, ImageFile("bad.jpg", 1, 1), 128, (), ()).file
    assert bad.problem
    assert bad.present
    assert not look(project, ImageFile("none.jpg", 1, 1), 128, (), ()).file.present


def test_a_link_that_leads_out_by_now_is_not_read(project: Project, tmp_path: Path) -> None:
    os.rename(project.images / "a.jpg", tmp_path / "outside.jpg")
    os.symlink(tmp_path / "outside.jpg", project.images / "a.jpg")
    seen = look(project, FOUND, 128, (), ())
    assert not seen.file.present
    assert seen.file.image is None


def test_the_square_is_cut_from_the_middle() -> None:
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste((0, 0, 255), (100, 0, 200, 100))
    assert (square(wide, 32)[:, 2:-2] == [0, 0, 255]).all()
    assert square(Image.new("RGB", (5, 9)), 32).shape == (32, 32, 3)
