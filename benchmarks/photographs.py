"""A folder of photographs: packed, and embedded by a frozen backbone, beside a DataLoader around the same backbone.

JPEG files of 4,000 x 3,000 pixels, each of other bytes: drawn pictures (smooth colour, edges and the noise of a
sensor) at several qualities, with a comment of its own in every file. Everything starts from an empty cache. The
loader is what one writes: Pillow opens a file, torchvision's transforms bring its shorter side to 128 pixels, cut the
square and normalise it, batches of 64, as many worker processes as cores; and the same without workers. swither has a
JPEG decoded at a reduced scale, which is one line more in a loader (Pillow's ``draft``): both loaders run with it, too
("lean"). How much quicker a lean loader is than the plain one is what decoding explains of the plain one's ratio.
Packing is shown beside packing with JPEG decoded at full scale. Checked: the embeddings point the same way. All cores
on either side; a loader's memory is that of its main process.

Run: python benchmarks/photographs.py [--quick] [--images N] [--json FILE]. About 3 MB of temporary files an image;
three minutes for 200 images, which is what it takes without ``--images``.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _measure import Call, Row, Run, here, interleaved, main, require, row
from _transforms import resized_square, whose
from PIL import Image, ImageDraw, JpegImagePlugin
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from swither.arrays import FloatArray
from swither.data import DataSettings, open_dataset
from swither.data.intake import cores
from swither.models.backbone import Backbone, load_backbone
from swither.models.backbone_settings import BackboneSettings
from swither.training.embedding import embed_together

WIDTH, HEIGHT, CLASSES, BATCH = 4000, 3000, 6, 64
QUALITIES = (80, 88, 94)
PACKED, EMBEDDED = 64, 128  # what --model tiny and --model features pack at by themselves
STATED = "none set; the ratios say what embedding a folder gains over a plain DataLoader"


def picture(number: int, width: int, height: int) -> Image.Image:
    """Something that costs a decoder what a photograph costs: smooth, with edges, with noise everywhere."""
    draw = np.random.default_rng(number)
    coarse = draw.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        left, top = int(draw.integers(width)), int(draw.integers(height))
        box = (left, top, left + int(draw.integers(20, 900)), top + int(draw.integers(20, 900)))
        colour = tuple(int(value) for value in draw.integers(0, 256, 3))
        (pen.ellipse if draw.random() < 0.5 else pen.rectangle)(box, fill=colour)
    noise = draw.normal(0, 5, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def write_photographs(folder: Path, count: int, width: int, height: int) -> float:
    """`count` files in six classes of unequal size; the answer is their mean size in MB."""
    contents, total = [], 0
    for number in range(max(2, min(24, count // 25))):
        image = picture(number, width, height)
        for quality in QUALITIES:
            file = BytesIO()
            image.save(file, "JPEG", quality=quality)
            contents.append(file.getvalue())
    for number in range(count):
        content, comment = contents[number % len(contents)], f"photograph {number}".encode()
        marked = content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + content[2:]
        path = folder / f"class {min(CLASSES - 1, (number % 63).bit_length() - 1 if number % 63 else 0)}"
        path.mkdir(parents=True, exist_ok=True)
        (path / f"{number:05}.jpg").write_bytes(marked)
        total += len(marked)
    return total / 1e6 / count


class Photographs(Dataset[Tensor]):
    """What is commonly written: a file opened, its shorter side resized, the square cut out, normalised.

    Lean: with a JPEG decoded at the smallest scale that leaves twice the pixels that are wanted.
    """

    def __init__(self, paths: list[Path], prepare: Callable[[Image.Image], Tensor], *, lean: bool) -> None:
        self.paths, self.prepare, self.lean = paths, prepare, lean

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        image = Image.open(self.paths[index])
        if self.lean:
            image.draft("RGB", (2 * EMBEDDED, 2 * EMBEDDED))
        return self.prepare(image.convert("RGB"))


def by_loader(paths: list[Path], backbone: Backbone, workers: int, *, lean: bool = False) -> FloatArray:
    """(images, width) embeddings in the order of `paths`."""
    data = Photographs(paths, resized_square(backbone.mean, backbone.deviation, EMBEDDED), lean=lean)
    with torch.no_grad():
        return torch.cat([backbone.network(i) for i in DataLoader(data, BATCH, num_workers=workers)]).numpy()


def by_swither(folder: Path, cache: str) -> dict[str, FloatArray]:
    """Path -> embedding."""
    data = open_dataset(DataSettings(str(folder), cache=cache), largest=EMBEDDED)
    found: dict[str, FloatArray] = {}
    for images in embed_together([data.train, data.test], cache=cache, device="cpu"):
        found |= dict(zip(map(str, images.paths), images.inputs(slice(None)), strict=True))
    return found


@contextmanager
def full_scale() -> Iterator[None]:
    """JPEG files are decoded as they are."""
    kept = JpegImagePlugin.JpegImageFile.draft
    JpegImagePlugin.JpegImageFile.draft = lambda *_: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        JpegImagePlugin.JpegImageFile.draft = kept  # type: ignore[method-assign]


def with_empty_cache(folder: Path, work: Callable[[str], Any]) -> Call:
    def call(memory: bool) -> Run:
        cache = tempfile.mkdtemp(dir=folder.parent)
        try:
            return here(lambda: work(cache))(memory)
        finally:
            shutil.rmtree(cache)

    return call


def pack(folder: Path, cache: str) -> int:
    data = open_dataset(DataSettings(str(folder), cache=cache), largest=PACKED)
    return len(data.train) + len(data.test)


def pack_at_full_scale(folder: Path, cache: str) -> int:
    with full_scale():
        return pack(folder, cache)


def require_alike(ours: dict[str, FloatArray], theirs: FloatArray, paths: list[Path]) -> float:
    """The median cosine between two embeddings of one photograph: they differ by how it was made smaller."""
    known = {Path(path).name: values for path, values in ours.items()}
    mine = np.stack([known[path.name] for path in paths]).astype(np.float32)
    cosines = (mine * theirs).sum(1) / (np.linalg.norm(mine, axis=1) * np.linalg.norm(theirs, axis=1))
    require(float(np.median(cosines)) > 0.9, f"Embeddings differ: the median cosine is {np.median(cosines):.3f}.")
    return float(np.median(cosines))


def rows(quick: bool, images: int) -> Iterator[Row]:
    count, width, height = (12, 800, 600) if quick else (images, WIDTH, HEIGHT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "photographs"
        size = write_photographs(folder, count, width, height)
        paths = sorted(folder.rglob("*.jpg"))
        about: dict[str, Any] = {
            "images": count,
            "pixels_a_side": f"{width} x {height}",
            "megabytes_a_file": size,
            "cores": cores(),
        }
        few = Path(name) / "few"  # modules are loaded and networks laid out with the first images
        write_photographs(few, 4, 320, 240)
        by_swither(few, tempfile.mkdtemp(dir=name))
        packing = {
            "swither": with_empty_cache(folder, lambda cache: pack(folder, cache)),
            "decoded at full scale": with_empty_cache(folder, lambda cache: pack_at_full_scale(folder, cache)),
        }
        timed = interleaved(packing, 1, once=packing)
        require(timed["swither"].answer == count, "not every photograph was packed")
        yield {**row(f"packing at {PACKED} pixels", timed, **about), "milliseconds_an_image": each(timed, count)}

        backbone = load_backbone(BackboneSettings())
        by_loader(sorted(few.rglob("*.jpg")), backbone, 0)
        embedding = {"swither": with_empty_cache(folder, lambda cache: by_swither(folder, cache))}
        for name_of, lean in (("DataLoader", False), ("lean DataLoader", True)):
            for told, workers in ((f"{cores()} workers", cores()), ("no workers", 0)):
                embedding[f"{name_of}, {told}"] = here(
                    lambda workers=workers, lean=lean: by_loader(paths, backbone, workers, lean=lean)  # type: ignore[misc]
                )
        timed = interleaved(embedding, 1, once=embedding)
        others = {peer: one.answer for peer, one in timed.items() if peer != "swither"}
        alike = {peer: require_alike(timed["swither"].answer, answer, paths) for peer, answer in others.items()}
        kept = row(
            f"packing and embedding at {EMBEDDED} pixels", timed, **about, median_cosine=alike, transforms=whose()
        )
        yield {**kept, "milliseconds_an_image": each(timed, count)}


def each(timed: Any, count: int) -> dict[str, float]:
    """Milliseconds an image."""
    return {name: 1000 * one.seconds[0] / count for name, one in timed.items()}


if __name__ == "__main__":
    packages = ("torch", "torchvision", "pillow")
    main(__doc__, "photographs", STATED, rows, packages=packages, options={"images": 200})
