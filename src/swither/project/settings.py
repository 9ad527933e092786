"""The settings of a project, in one JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from swither.errors import DamagedState, InputError
from swither.files import read_json, write_json

FILE = "project.json"
_KIND, _VERSION = "swither project", 1


@dataclass(frozen=True)
class ProjectSettings:
    """What a project is about; a change of any of them changes no label.

    Attributes:
        name: for people.
        images: the folder of images; relative to the project's folder where it lies above it, so that both can be
            moved together.
        seed: of everything that is drawn.
        test_every: about every so many-th image asked is a random one that is never trained on.
        test_limit: until there are so many of them.
        seconds_per_cycle: how long a training may take with everything around it.
        acquisition: the method that chooses; None: the default for small budgets.
        batch: how many images a cycle chooses.
        retrain_after: how many new labels ask for a new cycle.
        model: what is trained.
    """

    name: str
    images: str
    seed: int = 0
    test_every: int = 5
    test_limit: int = 250
    seconds_per_cycle: float = 60.0
    acquisition: str | None = None
    batch: int = 20
    retrain_after: int = 20
    model: str = "features"

    def __post_init__(self) -> None:
        for name, least in (("seed", 0), ("test_every", 2), ("test_limit", 0), ("batch", 1), ("retrain_after", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InputError(f"Expected a whole number of at least {least} as {name} of a project, got {value!r}.")
        seconds = self.seconds_per_cycle
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
            raise InputError(f"Expected a number of seconds above 0 as seconds_per_cycle, got {seconds!r}.")
        for name in ("name", "images", "model", "acquisition"):
            value = getattr(self, name)
            if not (isinstance(value, str) and value) and not (name == "acquisition" and value is None):
                raise InputError(f"Expected a text as {name} of a project, got {value!r}.")


def write_settings(folder: Path, settings: ProjectSettings) -> None:
    """Write the settings into a project's folder; a crash leaves the old ones or the new ones."""
    write_json(folder / FILE, _KIND, _VERSION, asdict(settings))


def read_settings(folder: Path) -> ProjectSettings:
    """Read the settings of a project's folder; one that an older version did not know has its default.

    Raises:
        DamagedState: they do not read back; the labels are in another file and not concerned.
        NewerFormat: a newer swither wrote them.
    """
    file = folder / FILE
    value: Mapping[str, Any] = read_json(file, _KIND, _VERSION)
    known = {field.name for field in fields(ProjectSettings)}
    try:
        return ProjectSettings(**{name: value[name] for name in known if name in value})
    except (TypeError, InputError) as error:
        raise DamagedState(
            f"{file} is damaged: {error} The labels lie in another file and are not concerned. Repair it by hand: it "
            "is a short JSON text."
        ) from error
