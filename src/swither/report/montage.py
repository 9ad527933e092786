"""Example images with what the network called them in its last epochs (the paper's Fig. 1)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from swither.arrays import ByteArray
from swither.report.comparison import Comparison
from swither.report.contents import MontageImage
from swither.report.drawing import Drawing, draw, plain
from swither.report.markup import Markup, tag, text
from swither.report.section import Section, paragraph
from swither.report.style import MUTED, WRONG
from swither.report.wording import plural

_LARGEST = 160
"""The longest side of an example in the page, in pixels of the image; larger ones are made smaller."""

_COARSE = 64
"""Images up to this side are shown with sharp pixels."""

_ROW = 180.0
"""The height of a row of examples in the figure, in CSS pixels."""

_SIDES = {
    "most": "The most dispersed: it kept changing its mind",
    "least": "The least dispersed: always the same answer",
}


def montage(comparison: Comparison) -> Section | None:
    """The section of example images, most dispersed first. None without images."""
    images = comparison.data.montage
    if not images:
        return None
    parts: list[Markup] = [paragraph(_summary(images))]
    longest = max((len(name) for image in images for name in image.last_labels), default=1)
    width = f"--name:{1.1 + 0.6 * longest:.1f}em"  # names of one card stand in columns; a long one has a row
    for side, title in _SIDES.items():
        shown = [image for image in images if image.side == side]
        if shown:
            parts += [tag("h3", title), tag("ul", [_card(image) for image in shown], class_="cards", style=width)]
    parts.append(
        paragraph(
            "Under each image: its true class, the labels of the last recorded epochs, oldest first (the last is "
            "the prediction; a cross marks the wrong ones), the confidence of the prediction, and the dispersion "
            f"over all recorded epochs.{_source(comparison)} They are the extremes of one training, and prove nothing.",
            "note",
        )
    )
    drawing = _drawing(images)
    return Section("montage", "Which images is it in two minds about?", "Images", text(parts), (drawing,))


def is_wrong(image: MontageImage) -> bool:
    """Whether the prediction, the last label, is not the true class."""
    return bool(image.last_labels) and image.last_labels[-1] != image.true_label


def _summary(images: Sequence[MontageImage]) -> str:
    said = []
    for side in _SIDES:
        shown = [image for image in images if image.side == side]
        if shown:
            wrong = sum(map(is_wrong, shown))
            ends = f"{wrong or 'none'} {'ends' if wrong == 1 else 'end'} up wrong"
            if len(shown) == 1:
                ends = f"{'that one ends' if wrong else 'none ends'} up wrong"
            said.append(f"Of the {plural(len(shown), 'image')} shown as {side} dispersed, {ends}")
    return "; ".join([said[0], *(s[0].lower() + s[1:] for s in said[1:])]) + "."


def _source(comparison: Comparison) -> str:
    source = comparison.data.montage_source
    return f" The images come from one training: {source}." if source else ""


def _card(image: MontageImage) -> Markup:
    labels = [_label(name, wrong=name != image.true_label) for name in image.last_labels]
    height, width, _ = image.pixels.shape
    numbers = tag(
        "dl",
        tag("div", tag("dt", "confidence"), tag("dd", f"{image.confidence:.2f}")),
        tag("div", tag("dt", "dispersion"), tag("dd", f"{image.dispersion:.2f}")),
        class_="measures",
    )
    return tag(
        "li",
        tag(
            "img",
            src=f"data:image/png;base64,{base64.b64encode(_png(image.pixels)).decode()}",
            alt=f"An image of class {image.true_label}",
            title=image.id,
            class_="coarse" if max(height, width) <= _COARSE else None,
        ),
        tag("div", tag("strong", image.true_label, class_="true"), class_="truth", title=image.true_label),
        tag("ol", labels, class_="labels", aria_label="Labels of the last epochs, oldest first"),
        numbers,
        class_="card wrong" if is_wrong(image) else "card",
    )


def _label(name: str, *, wrong: bool) -> Markup:
    if not wrong:
        return tag("li", name, title=name)
    cross = tag("span", "\u2717\u2009", aria_hidden="true") + tag("span", "wrong: ", class_="unseen")
    return tag("li", Markup(cross), name, class_="wrong", title=name)


def _png(pixels: ByteArray) -> bytes:
    image = Image.fromarray(np.asarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))
    if max(image.size) > _LARGEST:
        image.thumbnail((_LARGEST, _LARGEST))
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _drawing(images: Sequence[MontageImage]) -> Drawing:
    """The montage as one figure, for files: the page itself shows the images as images."""
    sides = [[image for image in images if image.side == side] for side in _SIDES]
    rows = [shown[at : at + 6] for shown in sides for at in range(0, len(shown), 6)]

    def paint(figure: Figure, /, *, wide: bool) -> None:
        assert wide, "drawn for files only"
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        for row, shown in enumerate(rows):
            for column, image in enumerate(shown):
                _paint_example(axes, image, 130.0 * column + 10, _ROW * row + 24)
        axes.set(xlim=(0, 780), ylim=(_ROW * len(rows), 0), aspect="auto")

    return draw(
        "montage",
        "Example images with the labels of the last epochs",
        _summary(images),
        paint,
        height=_ROW * len(rows),
        numbers=[
            {
                "side": image.side,
                "id": image.id,
                "true_label": image.true_label,
                "last_labels": " ".join(image.last_labels),
                "confidence": image.confidence,
                "dispersion": image.dispersion,
            }
            for image in images
        ],
    )


def _paint_example(axes: Axes, image: MontageImage, left: float, top: float) -> None:
    """One image, 110 units wide, with its words; all lie in one axes, which is much quicker than one axes each."""
    pixels = np.repeat(image.pixels, 3, axis=2) if image.pixels.shape[2] == 1 else image.pixels
    axes.imshow(pixels, interpolation="none", extent=(left, left + 110, top + 110, top))
    axes.text(left + 55, top - 5, plain(image.true_label, 16), ha="center", fontsize=11, fontweight="bold")
    last = plain(" ".join(image.last_labels), 24)
    words = f"{last}\nconf. {image.confidence:.2f}  disp. {image.dispersion:.2f}"
    colour = WRONG if is_wrong(image) else MUTED
    axes.text(left + 55, top + 114, words, ha="center", va="top", fontsize=9.5, color=colour)
