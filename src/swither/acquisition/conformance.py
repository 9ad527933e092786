"""The rules that every acquisition is held to, as checks that run on any: swither's own and users'.

A check takes an acquisition and answers what is wrong, in words, or an empty text. It learns only through `select`,
as everything else does.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from swither.acquisition import rules_of_choice, rules_of_evidence
from swither.acquisition.method import Acquisition
from swither.acquisition.rules_of_choice import global_randomness_kept
from swither.errors import UnknownName

Check = Callable[[Acquisition], str]


@dataclass(frozen=True)
class Finding:
    """What one check says of one acquisition.

    Attributes:
        check: the check's name, a sentence of what holds where it passes.
        passed: whether it holds.
        message: what is wrong; empty where it passed.
    """

    check: str
    passed: bool
    message: str


def run_checks(acquisition: Acquisition) -> Iterator[Finding]:
    """Hold an acquisition to every rule, one finding each.

    Example:
        >>> from swither.acquisition import find
        >>> all(finding.passed for finding in run_checks(find("margin")))
        True
    """
    for name in CHECKS:
        yield run_check(acquisition, name)


def run_check(acquisition: Acquisition, name: str) -> Finding:
    """Hold an acquisition to one rule; an error or a warning that it raises is a finding, too.

    Raises:
        UnknownName: there is no such check.

    Example:
        >>> from swither.acquisition import find
        >>> run_check(find("random"), "equal generators give equal choices").passed
        True
    """
    if name not in CHECKS:
        raise UnknownName("check", name, CHECKS)
    try:
        with global_randomness_kept(), warnings.catch_warnings(), np.errstate(divide="warn", invalid="warn"):
            warnings.simplefilter("error")
            message = CHECKS[name](acquisition)
    except Exception as error:  # whatever a user's function raises is what the finding says
        message = f"{type(error).__name__}: {error}"
    return Finding(name, not message, message)


CHECKS: Mapping[str, Check] = {
    check.__name__.replace("_", " "): check
    for check in (
        rules_of_evidence.arguments_carry_the_names_in_the_catalogue,
        rules_of_choice.it_gives_as_many_distinct_positions_as_asked,
        rules_of_choice.copies_are_chosen_once_each,
        rules_of_evidence.certainty_gives_no_nan,
        rules_of_evidence.nan_is_refused,
        rules_of_choice.one_class_is_chosen_from_or_refused,
        rules_of_choice.equal_generators_give_equal_choices,
        rules_of_choice.global_randomness_is_untouched,
        rules_of_evidence.evidence_is_not_modified,
        rules_of_choice.the_order_of_rows_decides_only_ties,
        rules_of_choice.a_keyed_order_settles_everything,
        rules_of_evidence.memory_stays_in_proportion_to_the_evidence,
        rules_of_choice.higher_is_sooner,
        rules_of_evidence.settings_are_checked,
        rules_of_evidence.missing_evidence_is_named,
        rules_of_evidence.tensors_are_taken,
    )
}
"""Every check by its name, a sentence."""

ADVICE = frozenset(
    {
        "nan is refused",
        "one class is chosen from or refused",
        "memory stays in proportion to the evidence",
        "higher is sooner",
        "settings are checked",
        "tensors are taken",
    }
)
"""Checks that every method of the catalogue passes, and that one of your own may fail and be compared all the same."""
