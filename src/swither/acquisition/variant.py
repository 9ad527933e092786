"""An acquisition with settings of its own, as people type it: ``dispersion:stride=5``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from swither.acquisition.catalogue import ACQUISITIONS, find
from swither.acquisition.method import Acquisition
from swither.errors import InputError, UnknownName
from swither.own_code import own_name

_WORDS: Mapping[str, Any] = {"none": None, "true": True, "false": False, "yes": True, "no": False}


@dataclass(frozen=True)
class Variant:
    """An acquisition, and the settings that were given with its name.

    Attributes:
        acquisition: what chooses.
        settings: name -> value, only those that were given, in the order in which the acquisition declares them.
    """

    acquisition: Acquisition
    settings: Mapping[str, Any]

    @classmethod
    def named(cls, spec: str) -> Variant:
        """Read ``name`` or ``name:setting=value,setting=value``; a name may be ``file.py:function``, see `find`.

        Args:
            spec: as typed; settings are those of the function and those of its evidence.

        Raises:
            UnknownName: there is no such acquisition, or it has no such setting; the known ones are listed.
            InputError: a setting has no value, is given twice, or its value is of another type than its default.

        Example:
            >>> Variant.named("dispersion:stride=5").title
            'dispersion (stride 5)'
            >>> Variant.named("margin").spec
            'margin'
        """
        name, given = parted(spec)
        acquisition = find(name)
        name = acquisition.name
        known = {**acquisition.settings, **acquisition.evidence_settings}
        values: dict[str, Any] = {}
        for word in given.replace(":", ",").split(",") if given else ():
            setting, equals, text = (part.strip() for part in word.partition("="))
            if not equals or not text:
                raise InputError(f"Expected settings as name=value in {spec!r}, got {word!r}: {name}:setting=value.")
            if setting not in known:
                raise UnknownName(f"setting of {name}", setting, known)
            if setting in values:
                raise InputError(f"{setting} is given twice in {spec!r}.")
            values[setting] = _value(f"{setting} of {name}", text, known[setting])
        return cls(acquisition, {setting: values[setting] for setting in known if setting in values})

    @property
    def spec(self) -> str:
        """The one way to write it: settings in the order in which they are declared."""
        if not self.settings:
            return self.acquisition.name
        return f"{self.acquisition.name}:{','.join(f'{n}={_text(v)}' for n, v in self.settings.items())}"

    @property
    def title(self) -> str:
        """What figures and tables print."""
        if self.acquisition.file:
            return title_of(self.spec)
        if self.acquisition.entitle is not None:
            return self.acquisition.entitle(self.settings)
        return self.acquisition.titled(self.settings)


def in_catalogue_order(specs: Iterable[str]) -> list[str]:
    """Each method once: those of the catalogue in its order, its variants behind it as they come, then all others.

    Example:
        >>> in_catalogue_order(["dispersion:stride=5", "margin", "dispersion", "mine"])
        ['margin', 'dispersion', 'dispersion:stride=5', 'mine']
    """
    place = {name: number for number, name in enumerate(ACQUISITIONS)}
    once = dict.fromkeys(specs)
    return sorted(once, key=lambda spec: (place.get(parted(spec)[0], len(place)), bool(parted(spec)[1])))


def parted(spec: str) -> tuple[str, str]:
    """The name, of a method or of a function of the user's own, and the settings behind it as they were typed.

    Example:
        >>> parted("dispersion:stride=5"), parted("my_file.py:my_score:power=2")
        (('dispersion', 'stride=5'), ('my_file.py:my_score', 'power=2'))
    """
    own = own_name(spec)
    if own is not None:
        return own.text, own.settings
    name, _, settings = spec.partition(":")
    return name, settings


def title_of(spec: str) -> str:
    """What figures and tables print for a method as results call it; no file of the user's is loaded for it.

    Example:
        >>> title_of("dispersion:stride=5"), title_of("ideas/mine.py:doubt:power=2"), title_of("of a later version")
        ('dispersion (stride 5)', 'doubt (mine.py, power 2)', 'of a later version')
    """
    own = own_name(spec)
    if own is not None:
        return own.title
    try:
        return Variant.named(spec).title
    except InputError:
        return spec


def _value(what: str, text: str, default: Any) -> Any:
    value = _parsed(text)
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if default is not None and value is not None and type(value) is not type(default):
        raise InputError(f"Expected {what} like its default, {_text(default)}, got {text!r}.")
    return value


def _parsed(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _text(value: Any) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
