"""What a method for choosing samples is: a function of evidence, and the words that stand for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from swither.acquisition.selection import Score, Select


@dataclass(frozen=True)
class Acquisition:
    """A method that says which samples to label next, and what it asks for.

    Attributes:
        name: what users type.
        title: what figures and tables print.
        function: a `Score` or a `Select`; its arguments carry the names in `needs`.
        kind: ``"score"`` (evidence to one number per sample, higher is sooner) or ``"selection"``
            (evidence, count and generator to positions).
        needs: names of the evidence, in the order of the function's arguments; see `EVIDENCE`.
        settings: the function's keyword-only settings with their defaults.
        paper: where the method was published.
        summary: one line for lists.
        evidence_settings: settings of how its evidence is made (which a loop reads and the function never sees), with
            their defaults.
        prefixes: whether a smaller count takes the first part of a larger one's choice; else each count is solved
            for itself.
        entitle: what to print for settings that differ from the defaults; None: the title and those settings.
        version: goes up with every change of what it chooses, defaults included, so that results of an older one are
            never taken for its own.
        file: checksum of the user's file that the function comes from; empty for one of swither's own.
        of_most_dispersed: whether the `count` most dispersed samples and their labels are all that it needs of a label
            history, so that nothing has to be known of the others.
    """

    name: str
    title: str
    function: Score | Select
    kind: Literal["score", "selection"]
    needs: tuple[str, ...]
    summary: str
    paper: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    evidence_settings: Mapping[str, Any] = field(default_factory=dict)
    prefixes: bool = True
    entitle: Callable[[Mapping[str, Any]], str] | None = None
    version: int = 1
    file: str = ""
    of_most_dispersed: bool = False

    @property
    def identity(self) -> dict[str, int | str]:
        """What tells it from another of the same name: nothing for one that never changed.

        Example:
            >>> from swither.acquisition import find
            >>> find("margin").identity
            {}
        """
        known: dict[str, int | str] = {"version": self.version} if self.version > 1 else {}
        return known | ({"file": self.file} if self.file else {})

    @property
    def records(self) -> bool:
        """Whether the pool must be recorded while the network trains."""
        return "label_history" in self.needs

    @property
    def asks_network(self) -> bool:
        """Whether any of its evidence comes from the network that is trained on the labels."""
        return not set(self.needs) <= {"labelled_likelihood", "true_labels"}

    @property
    def wants_samples(self) -> bool:
        """Whether the function asks for the number of candidates by an argument called ``samples``."""
        return "samples" in inspect.signature(self.function).parameters

    def titled(self, settings: Mapping[str, Any]) -> str:
        """The title, with the settings behind it that were given.

        Example:
            >>> from swither.acquisition import find
            >>> find("dispersion").titled({"stride": 5})
            'dispersion (stride 5)'
            >>> find("dispersion").titled({"burn_in": 0.1, "augmented": True})
            'dispersion (burn in 0.1, augmented)'
        """
        if not settings:
            return self.title
        return f"{self.title} ({', '.join(_in_words(name, value) for name, value in settings.items())})"


def _in_words(setting: str, value: Any) -> str:
    """``stride 5``; what is switched on is named alone."""
    said = {True: setting, False: f"not {setting}"}[value] if isinstance(value, bool) else f"{setting} {value}"
    return said.replace("_", " ")
