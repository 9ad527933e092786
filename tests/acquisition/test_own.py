"""An acquisition in a user's file works like one of the catalogue, and says what is wrong where it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.acquisition import Variant, find, margin, select
from swither.acquisition.conformance import ADVICE, CHECKS, run_checks
from swither.acquisition.variant import in_catalogue_order, title_of
from swither.errors import InputError, OwnCodeFailed, UnknownName

GOOD = '''
"""Mine."""
import numpy as np

def doubt(probabilities, *, power=1.0):
    """Small margins first."""
    ordered = np.sort(probabilities, axis=1)
    if not power > 0:
        raise ValueError("power must be above 0")
    return (1 - (ordered[:, -1] - ordered[:, -2])) ** power

def drawn(embeddings, count, generator, samples):
    return generator.permutation(samples)[:count]

def passes(sampled_logits):
    return np.mean([np.ptp(logits, axis=1) for logits in sampled_logits], axis=0)
'''


def file(folder: Path, text: str) -> Path:
    (folder / "mine.py").write_text(text)
    return folder / "mine.py"


def chosen(spec: str, evidence: Any, **settings: Any) -> list[int]:
    generator = np.random.default_rng(0)
    return list(select(spec, evidence, 3, samples=4, generator=generator, **settings).positions)


PROBABILITIES = np.array([[0.9, 0.1], [0.5, 0.5], [0.6, 0.4], [0.8, 0.2]])


def test_a_function_of_evidence_is_a_score_with_settings(tmp_path: Path) -> None:
    mine = file(tmp_path, GOOD)
    method = find(f"{mine}:doubt")
    assert (method.kind, method.needs, dict(method.settings)) == ("score", ("probabilities",), {"power": 1.0})
    assert (method.summary, method.title) == ("Small margins first.", "doubt (mine.py)")
    assert chosen(f"{mine}:doubt", {"probabilities": PROBABILITIES}) == [1, 2, 3]
    np.testing.assert_allclose(method.function(probabilities=PROBABILITIES), margin(PROBABILITIES))


def test_count_and_generator_make_it_a_selection_that_may_give_plain_positions(tmp_path: Path) -> None:
    spec = f"{file(tmp_path, GOOD)}:drawn"
    assert find(spec).kind == "selection"
    assert sorted(set(chosen(spec, {"embeddings": np.zeros((4, 2))}))) == sorted(
        chosen(spec, {"embeddings": np.zeros((4, 2))})
    )


def test_a_variant_carries_settings_behind_the_function(tmp_path: Path) -> None:
    mine = file(tmp_path, GOOD)
    variant = Variant.named(f"{mine}:doubt:power=2")
    assert (variant.spec, dict(variant.settings)) == (f"{mine.as_posix()}:doubt:power=2.0", {"power": 2.0})
    assert variant.title == title_of(variant.spec) == "doubt (mine.py, power 2.0)"
    assert in_catalogue_order([variant.spec, f"{mine}:doubt", "random"]) == ["random", f"{mine}:doubt", variant.spec]
    with pytest.raises(UnknownName, match="power"):
        Variant.named(f"{mine}:doubt:pwer=2")


def test_evidence_brings_the_settings_of_how_it_is_made(tmp_path: Path) -> None:
    assert find(f"{file(tmp_path, GOOD)}:passes").evidence_settings == {"passes": 10}


def test_titles_load_nothing(tmp_path: Path) -> None:
    assert title_of(f"{tmp_path}/gone.py:doubt:power=2") == "doubt (gone.py, power 2)"


def test_a_good_function_passes_every_check(tmp_path: Path) -> None:
    mine = file(tmp_path, GOOD)
    found = [finding for name in ("doubt", "drawn") for finding in run_checks(find(f"{mine}:{name}"))]
    assert [finding for finding in found if not finding.passed and finding.check not in ADVICE] == []


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ("probabilites", UnknownName, "Did you mean 'probabilities'"),
        ("probabilities, power", UnknownName, "argument of .*mine.py:mine 'power'"),
        ("probabilities, power=2", InputError, r"write \(probabilities, \*, power=2\)"),
        ("power=2, probabilities=None, *, top='all'", InputError, r"write \(probabilities, \*, power=2, top='all'\)"),
        ("probabilities, count", InputError, "takes count and not generator"),
        ("probabilities=None", InputError, "default for probabilities"),
        ("probabilities, *, power=[1]", InputError, "default of power"),
        ("*, count=3, generator", InputError, "default for count"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(
    tmp_path: Path, arguments: str, error: type[InputError], message: str
) -> None:
    mine = file(tmp_path, f"def mine({arguments}): ...\n")
    with pytest.raises(error, match=message):
        find(f"{mine}:mine")


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ("1 / 0", OwnCodeFailed, "raised ZeroDivisionError in line 2 of .*mine.py"),
        ("probabilities[:, 7]", OwnCodeFailed, "raised IndexError in line 2"),
        ("int('x')", InputError, "raised ValueError in line 2"),
        ("exit()", OwnCodeFailed, "raised SystemExit in line 2"),
        ("probabilities", InputError, "one per sample, got shape"),
        ("None", InputError, "scores"),
        ("probabilities[:, 0] * float('nan')", InputError, "NaN"),
    ],
)
def test_a_function_that_fails_is_named_with_the_line(
    tmp_path: Path, body: str, error: type[Exception], message: str
) -> None:
    mine = file(tmp_path, f"def mine(probabilities):\n    return {body}\n")
    with pytest.raises(error, match=message):
        chosen(f"{mine}:mine", {"probabilities": PROBABILITIES})


@pytest.mark.parametrize("body", ["[0, 0, 1]", "[0, 1]", "[0, 1, 9]", "None", "[0.5, 1, 2]"])
def test_a_selection_that_does_not_choose_what_was_asked_is_refused(tmp_path: Path, body: str) -> None:
    mine = file(tmp_path, f"def mine(count, generator):\n    return {body}\n")
    with pytest.raises(InputError, match=r"mine\.py:mine"):
        chosen(f"{mine}:mine", {})


def test_the_checks_find_a_draw_from_global_randomness(tmp_path: Path) -> None:
    mine = file(
        tmp_path, "import random\ndef mine(probabilities):\n    return [random.random() for _ in probabilities]\n"
    )
    wrong = {finding.check: finding.message for finding in run_checks(find(f"{mine}:mine")) if not finding.passed}
    assert "random" in wrong["global randomness is untouched"]


def test_its_identity_is_the_file_and_one_of_the_catalogue_has_none_until_it_changes(tmp_path: Path) -> None:
    assert [find(name).identity for name in ("random", "dispersion")] == [{}, {}]
    mine = find(f"{file(tmp_path, GOOD)}:doubt")
    assert mine.identity == {"file": mine.file}


def test_advice_is_of_checks_that_there_are() -> None:
    assert set(CHECKS) > ADVICE


def test_settings_behind_a_name_are_not_lost_where_they_are_given_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Settings are given apart"):
        find(f"{file(tmp_path, GOOD)}:doubt:power=2")
