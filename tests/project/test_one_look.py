from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from swither.data.decoding import decode
from swither.data.identity import content_id
from swither.models.backbone import Backbone
from swither.project.one_look import look
from swither.project.perceptual_hash import fingerprint
from swither.project.previews import THUMBNAIL, pictures
from swither.project.project import Project
from swither.project.records import ImageFile
from swither.training.embedding import prepared


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
    assert np.array_equal(seen.square, decode(content, 128).pixels)  # what `swither compare` packs of the same file
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


def test_the_project_shows_the_network_other_pixels_than_a_comparison(project: Project) -> None:
    draws, turned = np.random.default_rng(1), Image.Exif()
    turned[0x0112] = 6
    kinds = {  # name: size of the file, whether it stands on its side, the fit that a comparison of such files takes
        "panorama.png": ((1200, 200), False, 128),
        "panorama.jpg": ((2400, 400), False, 128),
        "large.jpg": ((2048, 2048), False, 128),
        "upright.jpg": ((1600, 1000), True, 128),
        "small.png": ((32, 32), False, (32, 32)),
        "wide.png": ((121, 60), False, (121, 60)),
        "flat.png": ((300, 90), False, 128),
        "side.jpg": ((121, 60), True, (60, 121)),
    }
    for name, (size, on_side, fit) in kinds.items():
        picture = Image.fromarray(draws.integers(0, 256, (7, 9, 3), dtype=np.uint8)).resize(size)
        picture.save(project.images / name, **({"exif": turned} if on_side else {}))
        seen = look(project, ImageFile(name, 1, 1), 128, (), ()).square
        assert seen is not None, name
        packed = decode((project.images / name).read_bytes(), fit).pixels
        backbone = Backbone("none", nn.Identity(), 1, (0.5,) * 3, (0.5,) * 3, "")
        ours, theirs = (prepared(torch.from_numpy(p.copy())[None], 128, backbone) for p in (seen, packed))
        assert torch.equal(ours, theirs), name
        thumbnail = Image.open(
            BytesIO(pictures(project, THUMBNAIL).get(content_id((project.images / name).read_bytes())) or b"")
        )
        assert max(thumbnail.size) == min(256, max(size)), name


def test_a_small_square_leaves_the_thumbnail_its_pixels(project: Project) -> None:
    image = look(project, FOUND, 64, (), ()).file.image
    assert Image.open(BytesIO(pictures(project, THUMBNAIL).get(str(image)) or b"")).size == (256, 192)
