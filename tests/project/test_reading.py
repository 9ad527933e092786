from __future__ import annotations

import contextlib
import os
import threading
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from swither.data.identity import content_id
from swither.project import reading
from swither.project.reading import ImageProblem, quiet_pillow, read_image


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def test_one_read_gives_identity_size_and_pixels(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", Image.new("RGB", (1600, 1200), (200, 10, 10)))
    read = read_image(path, 384)
    assert read.image == content_id(path.read_bytes())
    assert (read.width, read.height) == (1600, 1200)
    assert read.pixels.shape == (288, 384, 3)
    assert (read.size, read.modified) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert read_image(path).pixels.shape == (1200, 1600, 3)


def test_a_turned_image_comes_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (400, 200), "white")
    image.paste((255, 0, 0), (0, 0, 100, 200))  # left, which is the top once it stands upright
    read = read_image(saved(tmp_path / "a.jpg", image, exif=exif), 100)
    assert (read.width, read.height) == (200, 400)
    assert read.pixels.shape == (100, 50, 3)
    assert read.pixels[5, 25, 1] < 60 < 200 < read.pixels[80, 25, 1]


def test_every_kind_of_image_becomes_rgb(tmp_path: Path) -> None:
    grey = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (100, 1)))
    kinds = {
        "grey.png": grey,
        "palette.gif": grey.convert("P"),
        "cmyk.jpg": grey.convert("CMYK"),
        "alpha.png": grey.convert("LA"),
        "sixteen.png": Image.fromarray(np.asarray(grey).astype(np.uint16) * 257),
        "one.bmp": grey.convert("1", dither=Image.Dither.NONE),
    }
    for name, image in kinds.items():
        read = read_image(saved(tmp_path / name, image), 128)
        assert read.pixels.shape == (50, 128, 3), name
        assert read.pixels[25, 5].max() < 40, name
        assert read.pixels[25, 122].min() > 215, name


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    path = saved(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert read_image(path).pixels[0, 0].tolist() == [255, 0, 0]


def test_transparency_is_shown_on_white(tmp_path: Path) -> None:
    assert read_image(saved(tmp_path / "a.png", Image.new("RGBA", (9, 9), (0, 0, 0, 0)))).pixels.min() == 255


def test_what_cannot_be_shown_is_said_in_words(tmp_path: Path) -> None:
    whole = saved(tmp_path / "whole.png", Image.effect_noise((300, 300), 90)).read_bytes()
    contents = {
        "empty": b"",
        "text": b"hello",
        "torn": whole[: len(whole) // 2],
        "jpeg": b"\xff\xd8\xff\xe0" + b"?" * 99,
    }
    for name, content in contents.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(content)
        with pytest.raises(ImageProblem) as caught:
            read_image(path, 100)
        assert len(str(caught.value)) > 5
        assert caught.value.image == content_id(content)
        assert not caught.value.gone


def test_a_missing_file_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ImageProblem) as caught:
        read_image(tmp_path / "none.jpg")
    assert caught.value.gone


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(ImageProblem, match="not a plain file"):
        read_image(tmp_path / "a.jpg")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    small = BytesIO()
    Image.new("1", (8, 8)).save(small, "PNG")
    content = bytearray(small.getvalue())
    content[16:24] = (60_000).to_bytes(4, "big") * 2  # width and height in the header: 3.6 billion pixels
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    path.write_bytes(bytes(content))
    with pytest.raises(ImageProblem, match="too large"):
        read_image(path, 100)


def test_a_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 1000)
    (tmp_path / "a.jpg").write_bytes(b"\xff" * 1001)
    with pytest.raises(ImageProblem, match=r"too large: 1\.0 kB, and at most 1\.0 kB"):
        read_image(tmp_path / "a.jpg")


def test_a_decoder_that_fails_in_its_own_way_is_a_problem_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(content: bytes, *settings: int | None) -> None:
        raise TypeError("odd")

    monkeypatch.setattr(reading, "decode_upright", broken)
    with pytest.raises(ImageProblem, match="damaged: TypeError odd"):
        read_image(saved(tmp_path / "a.png", Image.new("L", (4, 4))))


def test_damaged_bytes_never_raise_anything_else(tmp_path: Path) -> None:
    draw = np.random.default_rng(int.from_bytes(os.urandom(4), "big"))
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"):
        file = BytesIO()
        Image.effect_noise((40, 40), 90).convert("RGB").save(file, kind)
        for _ in range(30):
            content = bytearray(file.getvalue())
            for place in draw.integers(0, len(content), 8):
                content[place] = draw.integers(256)
            path = tmp_path / "damaged.img"
            path.write_bytes(bytes(content))
            with contextlib.suppress(ImageProblem):
                read_image(path, 32)


def test_pillow_is_quiet_in_all_threads_and_the_filters_come_back() -> None:
    before = list(warnings.filters)
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with quiet_pillow():
            inside.set()
            leave.wait(10)

    with quiet_pillow():
        thread = threading.Thread(target=other)
        thread.start()
        inside.wait(10)
    assert list(warnings.filters) != before  # the other thread is still in
    leave.set()
    thread.join()
    assert list(warnings.filters) == before
