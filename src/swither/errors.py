"""Every error that swither raises on purpose: what was expected, what came, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class SwitherError(Exception):
    """The root of the tree; catching it catches everything that swither raises on purpose."""


class InputError(SwitherError, ValueError):
    """Something that the user gave cannot be used."""


class UnknownName(InputError):
    """A name that is not among the known ones; the message offers the nearest."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(f"Unknown {what} {name!r}.{hint} Known: {', '.join(names) or 'none'}.")
        self.name = name
        self.suggestion = near[0] if near else None


class UnknownIds(InputError):
    """Ids that the data set or history does not hold."""

    def __init__(self, ids: Sequence[str], where: str) -> None:
        super().__init__(f"{plural(len(ids), 'unknown id')}: {list_some(ids)}. Expected ids of {where}.")


class UnreadableImages(InputError):
    """Files that do not decode; names the first ten and counts them all."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        lines = "\n".join(f"  {path}: {reason}" for path, reason in problems[:10])
        more = f"\n  ... and {len(problems) - 10} more" if len(problems) > 10 else ""
        super().__init__(
            f"{plural(len(problems), 'image')} could not be read:\n{lines}{more}\n"
            "Repair or remove them, or leave them out with --skip-unreadable (they are listed in the report)."
        )
        self.problems = tuple(problems)


class MissingExtra(SwitherError, ImportError):
    """An optional package that the called feature needs is not installed."""

    def __init__(self, feature: str, extra: str, package: str) -> None:
        super().__init__(f"{feature} needs {package}. Install it with: pip install 'swither[{extra}]'")
        self.extra = extra


class OwnCodeFailed(SwitherError):
    """Code of the user's own, such as an acquisition function in a file, raised an error."""


class DamagedState(SwitherError):
    """A file that swither wrote does not read back as it was written."""


class NewerFormat(SwitherError):
    """A file of a newer version of swither."""


class SettingsDiffer(InputError):
    """A folder holds results of other protocol settings; the message shows them field by field."""


class Busy(SwitherError):
    """Another process holds the lock of this folder."""


class DownloadFailed(SwitherError, OSError):
    """A file cannot be downloaded, or is not the one that was expected."""


class NotEnoughSpace(SwitherError, OSError):
    """The disk has no room for what is to be written."""


class NotWritable(InputError, OSError):
    """Nothing can be written where something is to be written."""


def list_some(items: Sequence[object], most: int = 10) -> str:
    """The first few items, and how many more there are.

    Example:
        >>> list_some(["a", "b", "c"], most=2)
        'a, b, ... (1 more)'
    """
    shown = ", ".join(str(item) for item in items[:most])
    return shown if len(items) <= most else f"{shown}, ... ({len(items) - most} more)"


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> plural(1, "image"), plural(1200, "image"), plural(2, "class", "classes")
        ('1 image', '1,200 images', '2 classes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
