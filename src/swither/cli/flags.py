"""Every flag of a comparison, once: what reads the command line, reads a file or writes a command reads this table.

Names, types and defaults come from the settings themselves; here stand their panel in the help and a line for people.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from swither.experiment.settings import CompareSettings
from swither.models.settings import ModelSettings
from swither.training.recipe import HEADS, recipe_for

PANELS = ("Data", "What is compared", "Budget", "Network", "Training", "Execution")

NAMES = {"data.source": "data", "model.name": "model", "acquisitions": "acquisition"}
"""Fields whose flag is called otherwise than the field."""

NEGATIVES = {"decay-at": "--no-decay"}
"""What empties a list, by its flag's name."""


@dataclass(frozen=True)
class Flag:
    """One flag, and the field of `CompareSettings` that it fills.

    Attributes:
        field: where the value belongs: ``seeds``, or ``recipe.epochs`` in the settings' recipe.
        panel: under which heading the help shows it.
        help: one line.
        otherwise: how a default of None is explained.
        value: how the help calls what follows the flag; by its type where empty.
    """

    field: str
    panel: str
    help: str
    otherwise: str = ""
    value: str = ""

    @property
    def name(self) -> str:
        """Without dashes in front: ``batch-size``."""
        return NAMES.get(self.field, self.field.rpartition(".")[2]).replace("_", "-")

    @cached_property
    def type(self) -> Any:
        """Of one value: int, float, str or bool."""
        annotation = _types(_owner(self.field))[self.field.rpartition(".")[2]]
        if get_origin(annotation) in (Union, types.UnionType):
            (annotation,) = (part for part in get_args(annotation) if part is not type(None))
        return get_args(annotation)[0] if self.is_list else annotation

    @property
    def is_list(self) -> bool:
        """Whether it may be given several times."""
        return isinstance(self.default, tuple)

    @cached_property
    def default(self) -> Any:
        """What holds where it is not given; None for what has to be given."""
        described = next(f for f in fields(_owner(self.field)) if f.name == self.field.rpartition(".")[2])
        return None if described.default is MISSING else described.default

    @property
    def metavar(self) -> str:
        """What stands for the value in the help."""
        return self.value or {int: "N", float: "X", str: "NAME", bool: ""}[self.type]

    @property
    def default_text(self) -> str:
        """The default, for the help."""
        if self.default is None or self.default == ():
            return self.otherwise
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        return " ".join(map(str, self.default)) if self.is_list else f"{self.default}"


@cache
def _types(owner: type) -> dict[str, Any]:
    """The types of a dataclass's fields, worked out once: every start of the command asks for each of them."""
    return get_type_hints(owner)


def _owner(field: str) -> type:
    """The dataclass in which a dotted field stands."""
    owner: type = CompareSettings
    for part in field.split(".")[:-1]:
        owner = _types(owner)[part]
        assert is_dataclass(owner)
    return owner


FLAGS = (
    Flag(
        "data.source",
        "Data",
        "A folder with one sub-folder a class, a Parquet file or folder, an .npz file, or a name: digits, cifar10, "
        "cifar100.",
    ),
    Flag("data.test", "Data", "Other data to test on.", "its own test part, else a fifth of it", "DATA"),
    Flag(
        "data.split",
        "Data",
        "File that says which ids train and which test, such as an earlier split.json.",
        value="FILE",
    ),
    Flag(
        "data.group_by",
        "Data",
        "What must stay on one side of the split: a column, 'folder', or a pattern.",
        value="RULE",
    ),
    Flag("data.image_size", "Data", "Pixels a side that every image is brought to.", "as they are up to 64, else 64"),
    Flag("data.image_column", "Data", "Column or key that holds the images.", "found by itself"),
    Flag("data.label_column", "Data", "Column or key that holds the labels.", "found by itself"),
    Flag("data.skip_unreadable", "Data", "Leave out images that do not decode, and list them, instead of stopping."),
    Flag("data.train_images", "Data", "Train on so many images only, always the same ones.", "all"),
    Flag("data.cache", "Data", "Folder for decoded images.", "$SWITHER_CACHE, else the system's", "FOLDER"),
    Flag(
        "acquisitions",
        "What is compared",
        "Methods to compare, as `swither methods` lists them; with settings as dispersion:stride=5; one of your own "
        "as my_file.py:my_score.",
        value="METHOD",
    ),
    Flag("seeds", "What is compared", "Repetitions: other initial images, weights and orders each time."),
    Flag("reference", "What is compared", "Train on all images too, once a seed, as the line to reach."),
    Flag("initial", "Budget", "Images labelled at random before the first training: a number or a share.", value="N|%"),
    Flag("step", "Budget", "Images that each query adds: a number or a share.", value="N|%"),
    Flag("cycles", "Budget", "Queries; every method is trained once more than that."),
    Flag(
        "model.name",
        "Network",
        "resnet18 (for a GPU), resnet8 (an afternoon on a CPU) or tiny (minutes); features, a head on a frozen "
        "backbone; or one of your own as my_file.py:build.",
    ),
    Flag("model.width", "Network", "Channels of its first stage.", "resnet18: 64, resnet8: 16, tiny: 32"),
    Flag("model.dropout", "Network", "Before its last layer, for every method; BALD needs some."),
    Flag(
        "features.backbone",
        "Network",
        "With --model features: the frozen network that embeds the images; timm:NAME for one of timm's.",
    ),
    Flag(
        "features.weights",
        "Network",
        "Other weights for the backbone, .safetensors or .pth.",
        "ImageNet's, from swither[features]",
        "FILE",
    ),
    Flag(
        "features.embedding_size",
        "Network",
        "Pixels a side at which images are embedded.",
        "128; timm's: as it was trained",
    ),
    Flag(
        "features.embeddings",
        "Network",
        "Your own embeddings instead of a backbone, .npz or Parquet; DATA may be the same file.",
        "the backbone's",
        "FILE",
    ),
    Flag("recipe.epochs", "Training", "Passes over the labelled images."),
    Flag("recipe.learning_rate", "Training", "At the start."),
    Flag("recipe.batch_size", "Training", "Largest batch; smaller on few images."),
    Flag("recipe.weight_decay", "Training", "On every weight."),
    Flag("recipe.momentum", "Training", "Of stochastic gradient descent."),
    Flag("recipe.nesterov", "Training", "Nesterov's form of momentum."),
    Flag("recipe.decay_at", "Training", "Shares of the epochs after which the learning rate falls."),
    Flag("recipe.decay_factor", "Training", "What the learning rate is divided by then."),
    Flag("recipe.least_batch_size", "Training", "Smallest batch that few images may lead to."),
    Flag("recipe.least_steps_per_epoch", "Training", "The batch is halved until an epoch has so many steps."),
    Flag("recipe.least_steps", "Training", "Of a whole training; on few images the epochs grow to reach them."),
    Flag("recipe.crop_padding", "Training", "Pixels around an image before the random crop.", "an eighth of its side"),
    Flag("recipe.flip", "Training", "Mirror every second image.", "colour yes, grey no"),
    Flag(
        "recipe.class_weights", "Training", "Weight classes in the loss: none, or balanced, by one over their labels."
    ),
    Flag("recipe.even_batches", "Training", "Batches of one size, instead of a last one of what is left."),
    Flag("record_every", "Training", "Epochs between two recordings of the unlabelled images, for dispersion."),
    Flag(
        "record",
        "Training",
        "full; or online or deferred: dispersion asks for the same images after fewer forward passes, and little else "
        "is known of the pool.",
        value="WAY",
    ),
    Flag(
        "record_folded",
        "Training",
        "Record with BatchNorm folded into the convolutions: quicker, not exactly the same.",
    ),
    Flag("passes", "Training", "Dropout passes of BALD."),
    Flag("only", "Execution", "Run only these cells of the grid now, such as random--seed1.", "all", "CELL"),
    Flag("jobs", "Execution", "Runs side by side.", "as many as there are cores; one on a GPU"),
    Flag("threads", "Execution", "CPU threads of each run; another number changes last digits."),
    Flag("device", "Execution", "cpu, cuda or mps.", "the best there is"),
    Flag("checkpoint_seconds", "Execution", "At most so many seconds of training are lost when it is stopped."),
    Flag("deterministic", "Execution", "On a GPU, the same bits each time; slower. A CPU needs none."),
    Flag("precision", "Execution", "float32 or bfloat16.", "bfloat16 on a GPU that has it, else float32"),
    Flag("graphs", "Execution", "Launch training steps on CUDA one by one (no), as steps, or compiled.", "steps"),
)

BY_NAME: Mapping[str, Flag] = {flag.name: flag for flag in FLAGS}


def settings_from(given: Mapping[str, Any]) -> CompareSettings:
    """Settings of the values that were given; whatever was not has its default.

    Args:
        given: flag's name -> value of the flag's type; lists as tuples.

    Raises:
        InputError: a value that the settings refuse.

    Example:
        >>> settings_from({"data": "digits", "epochs": 20}).recipe.epochs
        20
        >>> settings_from({"data": "digits", "acquisition": ("random,margin",)}).acquisitions
        ('random', 'margin')
    """
    values: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for name, value in given.items():
        if name == "acquisition":  # commas are as good as spaces
            value = methods_typed(value)
        part, _, last = BY_NAME[name].field.rpartition(".")
        (parts.setdefault(part, {}) if part else values)[last] = value
    model = parts.get("model", {}).get("name", ModelSettings().name)
    parts["recipe"] = {**(HEADS if model == "features" else {}), **parts.get("recipe", {})}
    hints = get_type_hints(CompareSettings)
    return CompareSettings(**values, **{part: hints[part](**inside) for part, inside in parts.items()})


def methods_typed(words: Sequence[str]) -> tuple[str, ...]:
    """Names of methods; what has no name before its ``=`` is one more setting of the method before it."""
    methods: list[str] = []
    for word in (part for typed in words for part in _parts(typed)):
        if methods and "=" in word and ":" not in word:
            methods[-1] += f",{word}"
        else:
            methods.append(word)
    return tuple(methods)


def _parts(typed: str) -> list[str]:
    """What stands between commas and spaces, those in the path of a file that there is apart."""
    end = typed.find(".py:") + len(".py")
    path = typed[:end] if end >= len(".py") and Path(typed[:end]).expanduser().is_file() else ""
    if not path and "," in typed:
        return [word for part in typed.split(",") for word in _parts(part)]
    first, *rest = f"_{typed[len(path) :]}".replace(",", " ").split()
    return [word for word in (path + first[1:], *rest) if word]


def default_of(flag: Flag, settings: CompareSettings) -> Any:
    """What holds where a flag is not given beside the others of `settings`: heads have a recipe of their own."""
    part, _, name = flag.field.rpartition(".")
    return getattr(recipe_for(settings.model.name), name) if part == "recipe" else flag.default


def value_of(settings: CompareSettings, flag: Flag) -> Any:
    """What `settings` hold for a flag."""
    value: Any = settings
    for part in flag.field.split("."):
        value = getattr(value, part)
    return value
