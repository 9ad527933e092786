"""The paper's protocol as settings: eight methods, three seeds, two data sets, at its own scale or at a small one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from swither.acquisition import Variant
from swither.acquisition.vaal import AUTHORS_SCALE
from swither.data import Dataset, DataSettings
from swither.data.sample import sample
from swither.errors import InputError, UnknownName
from swither.experiment.choice import GRID
from swither.experiment.settings import CompareSettings
from swither.models.settings import ModelSettings
from swither.own_code import is_own
from swither.report.paper_figures import DATA_SETS, ORACLE
from swither.training.recipe import Recipe

METHODS = ("random", "margin", "bald", "kcenter", "coreset", "vaal", "dispersion", ORACLE)
"""The seven that the paper's Table 1 compares, and the oracle of its Fig. 3."""

OPEN = tuple(GRID)
"""Fields of the recipe that the paper leaves open and that are chosen on held-out images where nobody gives them."""

SEEDS = 3
SMALL_IMAGES = 10_000
SMALL_EPOCHS = 30
SMALL_VAAL = "vaal:width=16,iterations=300"
"""An eighth of its authors' width; 300 iterations keep its share of the whole near that of the other methods."""


@dataclass(frozen=True)
class Expected:
    """What a data set that bears a name must be.

    Attributes:
        train: images, copies of test images included.
        test: images.
        classes: their number.
        shape: height, width and channels.
        copies: how many of the training images are copies of test images.
    """

    train: int
    test: int
    classes: int
    shape: tuple[int, int, int]
    copies: int = field(default=0, compare=False)


EXPECTED: dict[str, Expected] = {
    "cifar10": Expected(50_000, 10_000, 10, (32, 32, 3)),
    "cifar100": Expected(50_000, 10_000, 100, (32, 32, 3), copies=10),
}


def paper_settings(
    dataset: str,
    scale: Literal["full", "small"] = "full",
    data: str | None = None,
    specs: Mapping[str, str] | None = None,
    own: Sequence[str] = (),
    **given: Any,
) -> CompareSettings:
    """The settings of a comparison that repeats the paper.

    Args:
        dataset: ``cifar10`` or ``cifar100``.
        scale: ``full``, the paper's; ``small``, for two CPU cores.
        data: where the images lie; None downloads them by name.
        specs: the paper's name of a method -> that method with settings of its own.
        own: functions of your own to compare with them, as ``file.py:function``.
        **given: fields of `CompareSettings`, where they are to differ; the model may be a mapping or a name, the
            recipe a mapping, and ``cache`` and ``train_images`` are those of the data.

    Raises:
        UnknownName: no such data set, scale or method.

    Example:
        >>> small = paper_settings("cifar10", "small", recipe={"weight_decay": 0.0})
        >>> small.model.name, small.recipe.epochs, small.recipe.weight_decay, small.data.train_images
        ('tiny', 30, 0.0, 10000)
    """
    if dataset not in DATA_SETS:
        raise UnknownName("data set of the paper", dataset, DATA_SETS)
    if scale not in ("full", "small"):
        raise UnknownName("scale", scale, ("full", "small"))
    small = scale == "small"
    model = {"name": "tiny" if small else "resnet18"} | _fields(given.pop("model", {}), "name")
    recipe: dict[str, Any] = {"epochs": SMALL_EPOCHS if small else 100, **given.pop("recipe", {})}
    images = given.pop("train_images", None)
    if images is None and small:  # 0 is no number of images, and is refused where they are drawn
        images = SMALL_IMAGES
    if images in (EXPECTED[dataset].train, EXPECTED[dataset].train - EXPECTED[dataset].copies):
        images = None  # all of them, which is how a folder of the paper's scale has it
    chosen = scale_specs(scale) | dict(specs or {})
    values: dict[str, Any] = {
        "seeds": SEEDS,
        "acquisitions": tuple(Variant.named(spec).spec for spec in (*(chosen[name] for name in METHODS), *own)),
        "model": ModelSettings(**model),
        "recipe": Recipe(**recipe),
    }
    source = DataSettings(data or dataset, train_images=images, cache=given.pop("cache", None))
    return CompareSettings(source, **values | given)


def scale_specs(scale: str) -> dict[str, str]:
    """The paper's name of each of its methods -> that method as a scale has it.

    Example:
        >>> scale_specs("full")["vaal"], scale_specs("small")["vaal"]
        ('vaal', 'vaal:width=16,iterations=300')
    """
    return {name: name for name in METHODS} | ({"vaal": SMALL_VAAL} if scale == "small" else {})


def specs_of(settings: CompareSettings) -> dict[str, str]:
    """The paper's name of each of its methods -> what the rows of results call it."""
    return {spec.partition(":")[0]: spec for spec in settings.acquisitions if not is_own(spec)}


def read_specs(
    words: Iterable[str], usual: Mapping[str, str] | None = None, begun: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Methods as they are typed, such as ``margin`` or ``vaal:iterations=1000``, under the paper's names.

    Settings that say what holds without them are left out.

    Args:
        words: as typed.
        usual: the paper's name of a method -> that method as the scale has it: what is typed is laid over its settings.
        begun: the same as a folder has it: typed just so, nothing is laid under it.

    Raises:
        UnknownName: a method that the paper does not compare.
        InputError: one method with two different settings.

    Example:
        >>> read_specs(["margin", "dispersion:stride=5"])
        {'margin': 'margin', 'dispersion': 'dispersion:stride=5'}
        >>> read_specs(["vaal:width=128,iterations=1000"])
        {'vaal': 'vaal:iterations=1000'}
        >>> read_specs(["vaal:iterations=1000"], scale_specs("small"))
        {'vaal': 'vaal:width=16,iterations=1000'}
    """
    specs: dict[str, str] = {}
    for word in words:
        name = word.partition(":")[0]
        if name not in METHODS:
            raise UnknownName("method of the paper", name, (*METHODS, "my_file.py:my_score"))
        spec = _without_defaults(Variant.named(word)).spec
        if spec != (begun or {}).get(name):
            spec = _without_defaults(_laid_over(word, (usual or {}).get(name, name))).spec
        if specs.get(name, spec) != spec:
            raise InputError(
                f"{name} is given twice, as {specs[name]} and as {spec}: a folder that repeats the paper has it once."
            )
        specs[name] = spec
    return specs


def typed_as(spec: str, usual: Mapping[str, str]) -> str:
    """What has to be typed for a method where `usual` is laid under it.

    Example:
        >>> typed_as("vaal:iterations=1000", scale_specs("small"))
        'vaal:width=128,iterations=1000'
    """
    variant = Variant.named(spec)
    under = Variant.named(usual.get(variant.acquisition.name, spec)).settings
    known = _known_to(variant)
    return _laid_over(spec, replace(variant, settings={name: known[name] for name in under}).spec).spec


def _laid_over(word: str, usual: str) -> Variant:
    """A method with the settings of `usual` where the word gives none."""
    given = Variant.named(word)
    settings = {**Variant.named(usual).settings, **given.settings}
    return replace(given, settings={name: settings[name] for name in _known_to(given) if name in settings})


def _known_to(variant: Variant) -> dict[str, Any]:
    """The settings of a method, and what holds without them."""
    return {**variant.acquisition.settings, **variant.acquisition.evidence_settings}


def _without_defaults(variant: Variant) -> Variant:
    usual = _known_to(variant)
    usual.pop("passes", None)  # where nobody gives them to the method, --passes says how many there are
    told = {name: value for name, value in variant.settings.items() if name not in usual or value != usual[name]}
    return replace(variant, settings=told)


def reductions(settings: CompareSettings) -> tuple[str, ...]:
    """What differs from the paper's scale, a few words each; none at its own.

    Example:
        >>> reductions(paper_settings("cifar10"))
        ()
        >>> reductions(paper_settings("cifar10", "small"))[1:3]
        ('the tiny network in place of ResNet-18', '30 epochs in place of 100')
    """
    found = []
    if settings.data.train_images is not None:
        found.append(f"{settings.data.train_images:,} training images in place of 50,000")
    model = settings.model
    if model.name != "resnet18" or model.width not in (None, 64):
        width = f" of width {model.width}" if model.width is not None else ""
        found.append(f"the {model.name} network{width} in place of ResNet-18")
    if settings.recipe.epochs != Recipe().epochs:
        found.append(f"{settings.recipe.epochs} epochs in place of {Recipe().epochs}")
    found += _schedule(settings.recipe)
    if settings.record_every != 1:
        found.append(f"the pool recorded every {settings.record_every} epochs in place of every one")
    if settings.record_folded:
        found.append("the pool recorded with BatchNorm folded into the convolutions in place of the network itself")
    budget = (settings.initial, settings.step, settings.cycles)
    if budget != ("10%", "5%", 4):
        found.append(
            f"{settings.initial} and {settings.cycles} x {settings.step} of the labels in place of 10% and 4 x 5%"
        )
    changed = [spec for spec in specs_of(settings).values() if _departs(spec)]
    if changed:
        found.append(f"{', '.join(changed)} in place of the authors\u2019 settings")
    return tuple(found)


def _departs(spec: str) -> bool:
    """Whether a method is smaller than its authors', or counts other labels than the paper does.

    All other settings of methods are left open by the paper.
    """
    variant = _without_defaults(Variant.named(spec))
    if variant.acquisition.name == "vaal":
        return any((variant.settings.get(name, least) or 0) < least for name, least in AUTHORS_SCALE.items())
    return variant.acquisition.name == "dispersion" and bool(variant.settings)


def _schedule(recipe: Recipe) -> list[str]:
    """What differs of the training that the paper fixes, besides its epochs."""
    paper, found = Recipe(), []
    for name in ("learning_rate", "momentum", "decay_at", "decay_factor", "class_weights", "even_batches"):
        ours, theirs = (_value(getattr(each, name)) for each in (recipe, paper))
        if ours != theirs:
            found.append(f"{name.replace('_', ' ')} {ours} in place of {theirs}")
    if recipe.flip is False:  # None flips colour images, which CIFAR's are
        found.append("no flipped images in place of every second one")
    return found


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def refuse_other_data(dataset: str, images: Dataset) -> None:
    """Raise unless the images are as many, of as many classes and of the size that the named data set has.

    Args:
        dataset: its name.
        images: all of it, undivided by `DataSettings.train_images`.
    """
    wanted, train, test = EXPECTED[dataset], images.train, images.test
    # Copies of test images are left out of training, so all that were there are counted.
    found = Expected(len(train) + images.report.left_out, len(test), train.classes, train.image_shape)
    if found != wanted:
        raise InputError(
            f"Expected {DATA_SETS[dataset]}: {_in_words(wanted)}. Got {_in_words(found)}. Name the folder of its "
            "Parquet files with --data, or leave --data away and it is downloaded; for other images there is "
            "`swither compare`."
        )


def reduced(images: Dataset, settings: CompareSettings) -> Dataset:
    """The images that take part: all, or the drawn ones."""
    count = settings.data.train_images
    if count is None:
        return images
    note = f"{count:,} of {len(images.train):,} training images take part, drawn by their ids."
    report = replace(images.report, train=count, notes=(*images.report.notes, note))
    return replace(images, train=sample(images.train, count), report=report)


def _fields(given: Any, name: str) -> dict[str, Any]:
    return {name: given} if isinstance(given, str) else dict(given)


def _in_words(data: Expected) -> str:
    shape = " x ".join(map(str, data.shape))
    return f"{data.train:,} training and {data.test:,} test images of {shape}, {data.classes} classes"
