from __future__ import annotations

import contextlib
import random as standard_random
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from swither.data import decoding
from swither.data.decoding import SizesDiffer, Unreadable, decode, decode_array, decode_upright, displayed_size

COLOUR = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
GREY = COLOUR[..., 0]


def encoded(pixels: np.ndarray, kind: str = "PNG", mode: str | None = None, **options: object) -> bytes:
    file = BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


def test_pixels_of_a_native_size_come_back_as_they_were() -> None:
    for kind in ("PNG", "BMP", "TIFF"):
        assert np.array_equal(decode(encoded(COLOUR, kind), (30, 20)).pixels, COLOUR)
        assert np.array_equal(decode(encoded(GREY, kind), (30, 20)).pixels, GREY[..., None])


def test_grey_in_a_coloured_file_has_one_channel() -> None:
    content = encoded(np.repeat(GREY[..., None], 3, axis=-1), "WEBP", lossless=True)
    assert np.array_equal(decode(content, (30, 20)).pixels, GREY[..., None])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    content = encoded(COLOUR, kind, exif=exif, **options)
    with Image.open(BytesIO(content)) as image:
        image.load()
        wanted = np.asarray(ImageOps.exif_transpose(image))
    size = (wanted.shape[1], wanted.shape[0])
    assert size == ((30, 20) if orientation < 5 else (20, 30))
    assert displayed_size(content) == size
    native = decode(content, size)
    assert native.size == size
    assert np.array_equal(native.pixels, wanted)
    scaled = decode(content, 8)
    assert scaled.size == size
    if kind != "JPEG":  # which decodes at a reduced scale first
        difference = scaled.pixels.astype(int) - decode_array(wanted, 8).pixels
        assert np.abs(difference).max() <= 2  # scaled, then turned: rounding only
    else:
        assert scaled.pixels.shape == (8, 8, 3)


def test_sixteen_bit_grey_is_scaled_over_its_whole_range_and_not_clipped() -> None:
    deep = np.linspace(0, 65535, 600).astype(np.uint16).reshape(20, 30)
    wanted = np.rint(deep / 257).astype(np.uint8)
    for kind in ("PNG", "TIFF"):
        assert np.array_equal(decode(encoded(deep, kind), (30, 20)).pixels[..., 0], wanted)


def test_transparent_pixels_show_white() -> None:
    opacity = np.zeros((20, 30), np.uint8)
    opacity[:, 15:] = 255
    see_through = np.dstack([COLOUR, opacity])
    pixels = decode(encoded(see_through), (30, 20)).pixels
    assert (pixels[:, :15] == 255).all()
    assert np.array_equal(pixels[:, 15:], COLOUR[:, 15:])
    grey = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(opacity)])
    file = BytesIO()
    grey.save(file, "PNG")
    pixels = decode(file.getvalue(), (30, 20)).pixels
    assert pixels.shape == (20, 30, 1)
    assert (pixels[:, :15] == 255).all()


def test_half_transparent_pixels_are_mixed_with_white() -> None:
    black = np.zeros((4, 4, 4), np.uint8)
    black[..., 3] = 128
    assert decode(encoded(black), (4, 4)).pixels.ravel().tolist() == [127] * 16


def test_a_transparent_colour_of_a_palette_shows_white() -> None:
    image = Image.fromarray(np.array([[0, 1], [1, 2]], np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    file = BytesIO()
    image.save(file, "PNG", transparency=1)
    assert decode(file.getvalue(), (2, 2)).pixels.tolist() == [
        [[10, 20, 30], [255, 255, 255]],
        [[255, 255, 255], [70, 80, 90]],
    ]


def test_cmyk_and_one_bit_images_are_read() -> None:
    ink = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    file = BytesIO()
    ink.save(file, "TIFF")
    assert decode(file.getvalue(), (4, 4)).pixels[0, 0].tolist() == [255, 0, 0]
    bits = encoded(np.array([[0, 255], [255, 0]], np.uint8), mode="1")
    assert decode(bits, (2, 2)).pixels[..., 0].tolist() == [[0, 255], [255, 0]]


def test_the_first_frame_of_an_animation_counts() -> None:
    frames = [Image.new("RGB", (6, 6), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        file = BytesIO()
        options = {"lossless": True} if kind == "WEBP" else {}
        frames[0].save(file, kind, save_all=True, append_images=frames[1:], **options)
        assert decode(file.getvalue(), (6, 6)).pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("shape", [(40, 90), (90, 40), (64, 64), (10, 17), (33, 32)])
def test_scaling_keeps_the_centre_and_the_proportions(shape: tuple[int, int]) -> None:
    height, width = shape
    across = np.broadcast_to(np.linspace(0, 255, width)[None, :], shape).astype(np.uint8)
    down = np.broadcast_to(np.linspace(0, 255, height)[:, None], shape).astype(np.uint8)
    pixels = decode_array(np.dstack([across, down, down]), 32).pixels.astype(float)
    assert pixels.shape == (32, 32, 3)
    shorter = min(shape)
    for values, length in ((pixels[16, :, 0], width), (pixels[:, 16, 1], height)):
        places = (length - shorter) / 2 + (np.arange(32) + 0.5) * shorter / 32 - 0.5
        wanted = 255 * np.clip(places, 0, length - 1) / max(1, length - 1)
        inner = slice(3, -3)  # at the edge the filter has one side only
        assert np.abs(values - wanted)[inner].max() < 6


def test_a_jpeg_decodes_at_reduced_scale_and_looks_the_same() -> None:
    smooth = np.zeros((800, 1200, 3), np.uint8)
    smooth[..., 0] = np.linspace(0, 255, 1200)[None, :]
    smooth[..., 1] = np.linspace(0, 255, 800)[:, None]
    content = encoded(smooth, "JPEG", quality=95)
    reduced = decode(content, 64)
    assert reduced.size == (1200, 800)
    assert np.abs(reduced.pixels.astype(int) - decode_array(smooth, 64).pixels).max() <= 6


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    """(1600, 2400, 3): smooth colour, sharp edges, the noise of a sensor."""
    draw = np.random.default_rng(0)
    coarse = draw.integers(0, 256, (15, 20, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((2400, 1600), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    for number in range(40):
        left, top, wide, high = (int(v) for v in draw.integers((0, 0, 10, 10), (2400, 1600, 450, 450)))
        colour = tuple(int(v) for v in draw.integers(0, 256, 3))
        (pen.ellipse if number % 2 else pen.rectangle)((left, top, left + wide, top + high), fill=colour)
    noise = draw.normal(0, 5, (1600, 2400, 1))
    return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)


def in_full(content: bytes, side: int) -> np.ndarray:
    """Every pixel decoded, turned, then scaled."""
    with Image.open(BytesIO(content)) as image:
        return decode_array(np.asarray(ImageOps.exif_transpose(image)), side).pixels


@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
@pytest.mark.parametrize("side", [32, 64, 100, 101, 128, 224, 400])
def test_a_photograph_decoded_at_reduced_scale_is_the_one_decoded_in_full(
    photograph: np.ndarray, kind: str, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, decoded = encoded(photograph, kind, quality=85), []
    plain = decoding._grey_or_colour  # is given what came out of the decoder
    monkeypatch.setattr(decoding, "_grey_or_colour", lambda image: decoded.append(image.size) or plain(image))
    difference = np.abs(decode(content, side).pixels.astype(int) - in_full(content, side))
    assert difference.mean() < 0.5
    assert difference.max() <= 20
    (size,) = decoded
    scale = next(scale for scale in (8, 4, 2, 1) if 1600 // scale >= 2 * side)
    assert size == (2400 // scale, 1600 // scale)


@pytest.mark.parametrize("side", [32, 64, 128, 224])
def test_where_a_side_is_no_multiple_of_the_scale_a_photograph_is_shifted_by_less_than_half_a_pixel(
    photograph: np.ndarray, side: int
) -> None:
    content = encoded(photograph[:1501, :2003], "JPEG", quality=85)  # decoded, 188 rows at an eighth stand for 1,504
    difference = np.abs(decode(content, side).pixels.astype(int) - in_full(content, side))
    half_a_pixel = np.abs(decode_array(photograph[:1501, :2003], 2 * side).pixels.astype(int))
    moved = np.abs(half_a_pixel[::2, 1::2] - half_a_pixel[::2, ::2])  # what half a pixel to the side changes
    assert difference.mean() < moved.mean()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_decoded_at_reduced_scale_is_turned(photograph: np.ndarray, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(photograph, "JPEG", quality=85, exif=exif)
    decoded = decode(content, 64)
    assert decoded.size == ((2400, 1600) if orientation < 5 else (1600, 2400))
    difference = np.abs(decoded.pixels.astype(int) - in_full(content, 64))
    assert difference.mean() < 0.5
    assert difference.max() <= 20


def test_an_image_of_another_size_than_the_rest_is_noticed() -> None:
    with pytest.raises(SizesDiffer):
        decode(encoded(COLOUR), (20, 30))
    with pytest.raises(SizesDiffer):
        decode_array(COLOUR, (20, 30))


def test_each_kind_of_damage_gives_its_reason() -> None:
    whole = encoded(COLOUR, "JPEG")
    heic = b"\0\0\0\x18ftypheic" + bytes(40)
    cases = {
        b"": "0 bytes",
        b"just text, no image": "not an image",
        whole[:300]: "truncated|damaged",
        whole[: len(whole) // 2 + 200]: "truncated",
        encoded(COLOUR)[:60]: "truncated|damaged|unrecognized|cannot",
        b"\x89PNG\r\n\x1a\n": "damaged: it begins like PNG",
        heic: "damaged: it begins like HEIC",
        encoded(np.full((4, 4), 0.5, np.float32), "TIFF"): "floating-point",
        encoded(np.full((4, 4), -7, np.int32), "TIFF"): "32-bit integer",
    }
    for content, reason in cases.items():
        with pytest.raises(Unreadable, match=f"(?i){reason}"):
            decode(content, 16)


@pytest.mark.filterwarnings("ignore")  # of Pillow, which reads past some damage
def test_any_damage_is_a_reason_and_never_another_error() -> None:
    random = standard_random.Random(0)
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"):
        whole = encoded(COLOUR, kind)
        for _ in range(60):
            broken = bytearray(whole)
            for _ in range(random.randint(1, 8)):
                broken[random.randrange(len(broken))] = random.randrange(256)
            del broken[random.randrange(len(broken) // 2, len(broken) + 1) :]
            with contextlib.suppress(Unreadable):
                assert decode(bytes(broken), 16).pixels.shape[:2] == (16, 16)


def test_a_decompression_bomb_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding.Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(Unreadable, match="too large"):
        decode(encoded(COLOUR), 16)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_upright_image_stands_upright_and_keeps_its_shape(kind: str, orientation: int) -> None:
    left_is_red = np.zeros((400, 600, 3), np.uint8)
    left_is_red[:, :300, 0] = 255
    left_is_red[:200, :, 1] = 128
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(left_is_red, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    with Image.open(BytesIO(content)) as image:
        image.load()
        wanted = ImageOps.exif_transpose(image).convert("RGB")
    whole = decode_upright(content)
    assert whole.size == whole.image.size == wanted.size
    assert np.array_equal(np.asarray(whole.image), np.asarray(wanted))
    small = decode_upright(content, 60)
    assert small.size == wanted.size
    assert small.image.size == ((60, 40) if wanted.size == (600, 400) else (40, 60))
    places = [(5, 5), (small.image.size[0] - 6, 5), (5, small.image.size[1] - 6)]
    for x, y in places:  # corners: no turn or mirror image has the same colours there
        there = np.array(small.image.getpixel((x, y)), int)
        assert np.abs(there - wanted.getpixel((x * 10, y * 10))).max() < 12


def test_an_upright_image_is_red_green_blue_whatever_it_came_as() -> None:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"):
        kind = "TIFF" if mode in ("CMYK", "YCbCr", "I;16") else "PNG"
        file = BytesIO()
        Image.new("L", (40, 20), 0).convert(mode).save(file, kind)
        upright = decode_upright(file.getvalue(), 10)
        assert (upright.image.mode, upright.image.size, upright.size) == ("RGB", (10, 5), (40, 20)), mode
        assert max(upright.image.getpixel((5, 2))) < 60, mode


def test_a_reduced_jpeg_looks_like_the_whole_one_scaled() -> None:
    smooth = np.asarray(Image.fromarray(COLOUR).resize((1600, 1200), Image.Resampling.BICUBIC))
    content = encoded(smooth, "JPEG", quality=90)
    plain = np.asarray(decode_upright(content).image.resize((160, 120), Image.Resampling.BICUBIC), int)
    assert np.abs(np.asarray(decode_upright(content, 160).image, int) - plain).mean() < 1.5


def test_small_upright_images_are_not_enlarged() -> None:
    assert decode_upright(encoded(COLOUR), 1000).image.size == (30, 20)
