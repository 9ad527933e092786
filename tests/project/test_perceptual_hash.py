from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from sklearn.datasets import load_sample_images

from swither.project.hamming_pairs import bits_apart
from swither.project.perceptual_hash import MOST_BITS, alike, fingerprint


@pytest.fixture(scope="module")
def photographs() -> list[Image.Image]:
    """Thirty different parts of two photographs."""
    draw, parts = np.random.default_rng(1), []
    for photograph in map(Image.fromarray, load_sample_images().images):
        for _ in range(15):
            left, top = int(draw.integers(0, 340)), int(draw.integers(0, 200))
            parts.append(photograph.crop((left, top, left + 300, top + 225)).resize((800, 600)))
    return [part for part in parts if np.asarray(part.convert("L")).std() > 25]


def near(ours: Image.Image, theirs: Image.Image) -> bool:
    a, b = (np.array([fingerprint(image)]) for image in (ours, theirs))
    return bool(bits_apart(a["hash"], b["hash"])[0] <= MOST_BITS and alike(a, b)[0])


def compressed(image: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(BytesIO(file.getvalue())).convert("RGB")


CHANGES = {
    "half as large": lambda image: image.resize((400, 300), Image.Resampling.BICUBIC),
    "a fifth as large": lambda image: image.resize((160, 120), Image.Resampling.BICUBIC),
    "larger": lambda image: image.resize((1300, 975), Image.Resampling.LANCZOS),
    "compressed hard": lambda image: compressed(image, 35),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "of more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.15),
    "all of it": lambda image: compressed(ImageEnhance.Brightness(image.resize((500, 375))).enhance(1.08), 60),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_is_near(photographs: list[Image.Image], change: object) -> None:
    missed = [n for n, image in enumerate(photographs) if not near(image, change(image))]  # type: ignore[operator]
    assert len(missed) <= len(photographs) // 20, missed


def test_different_photographs_are_not_near(photographs: list[Image.Image]) -> None:
    pairs = [(a, b) for a in range(len(photographs)) for b in range(a)]
    # parts drawn from one photograph may overlap nearly fully, so very few pairs may be near
    assert sum(near(photographs[a], photographs[b]) for a, b in pairs) <= 2


@pytest.mark.parametrize("change", [ImageOps.mirror, ImageOps.flip, ImageOps.invert])
def test_a_mirrored_turned_or_inverted_image_is_another(photographs: list[Image.Image], change: object) -> None:
    assert not any(near(image, change(image)) for image in photographs)  # type: ignore[operator]


def test_a_thing_that_appears_before_a_fixed_camera_makes_another_image(photographs: list[Image.Image]) -> None:
    for image in photographs:
        visited = image.copy()
        ImageDraw.Draw(visited).ellipse((300, 250, 460, 420), fill=(20, 20, 20), outline=(250, 250, 250), width=12)
        assert not near(image, visited)


def test_the_same_thing_in_another_colour_is_another_image(photographs: list[Image.Image]) -> None:
    for image in photographs:
        red, green, blue = image.split()
        dyed = Image.merge("RGB", (red.point(lambda v: min(255, v + 70)), green, blue.point(lambda v: max(0, v - 70))))
        assert not near(image, dyed)


def test_images_of_which_nothing_is_left_from_afar_are_never_near() -> None:
    white, snow = Image.new("RGB", (600, 400), "white"), Image.effect_noise((600, 400), 8).convert("RGB")
    tiny = load_sample_images().images[0]
    digit = Image.fromarray(tiny).resize((28, 28))
    for image in (white, snow, digit):
        assert not near(image, image.copy())


def test_the_original_size_decides_whether_an_image_is_too_small() -> None:
    photograph = Image.fromarray(load_sample_images().images[0])
    assert fingerprint(photograph.resize((64, 40)), (6400, 4000))["speaks"]
    assert not fingerprint(photograph, (40, 28))["speaks"]
