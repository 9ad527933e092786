"""``swither check``: whether a function of one's own may be compared, before anything is trained."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from swither.cli.exits import FAILED

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = """Examples:

  swither check my_file.py:my_score
      is it a way to choose images?
  swither check my_file.py:my_score:power=2
      the same with a setting
  swither check my_file.py:build --image-size 28 --channels 1
      is it a network?

The file is run with all that you may do, as any program of yours: check only files that you trust."""

WHY: Mapping[str, str] = {
    "arguments carry the names in the catalogue": "The names of its arguments say what it is given.",
    "it gives as many distinct positions as asked": "Each query pays for exactly so many labels, each image once.",
    "copies are chosen once each": "Images that are alike must be scored alike, or their place in the pool decides.",
    "certainty gives no nan": "Trained networks give probabilities of exactly 0 and 1: beware of log(0), 0 / 0.",
    "nan is refused": "A NaN in the evidence means that something broke before; better an error than a choice.",
    "one class is chosen from or refused": "With a single class: choose all the same, or raise a ValueError.",
    "equal generators give equal choices": "One seed, one result: else no run can be repeated or gone on with.",
    "global randomness is untouched": "Draw from the argument generator alone: another draw moves what others draw.",
    "evidence is not modified": "The arrays are used again after it: copy before you change them.",
    "the order of rows decides only ties": "The order of the pool is an accident; a score may not depend on it.",
    "a keyed order settles everything": "The same images in another order of files must lead to the same choice.",
    "memory stays in proportion to the evidence": "An array of samples x samples does not fit for 50,000 images.",
    "higher is sooner": "Images in plain doubt come before settled ones; right, if your idea is another.",
    "settings are checked": "A wrong setting is better refused (raise a ValueError) than run for hours.",
    "missing evidence is named": "Without what it needs it must not go on.",
    "tensors are taken": "Whoever calls it may have tensors.",
}
"""Check -> why it matters, in a sentence."""


def check(
    function: Annotated[str, Parameter(help="FILE.py:NAME, with settings where wanted.")],
    /,
    *,
    image_size: Annotated[int, Parameter(help="Of a network: pixels a side.", metavar="N")] = 32,
    channels: Annotated[int, Parameter(help="Of a network: 1 is grey, 3 is colour.", metavar="N")] = 3,
    classes: Annotated[int, Parameter(help="Of a network: how many it tells apart.", metavar="N")] = 10,
) -> int:
    """Check a function of your own, a way to choose images or a network, in seconds.

    Says what it is taken for and what it will be given, then which rules it breaks, why they matter and where. The
    code it ends with is 0 where it can be compared.
    """
    from rich.console import Console

    from swither.own_code import arguments_of, is_own, load_own

    console = Console(highlight=False, markup=False, soft_wrap=True)
    if is_own(function) and "image_shape" in arguments_of(load_own(function)):
        return _check_network(console, function, (image_size, image_size, channels), classes)
    return _check_acquisition(console, function)


def _check_acquisition(console: Console, spec: str) -> int:
    from swither.acquisition import Variant
    from swither.acquisition.conformance import ADVICE, CHECKS, run_check

    variant = Variant.named(spec)
    plain = variant.acquisition
    inside = {name: value for name, value in variant.settings.items() if name in plain.settings}
    given = replace(plain, settings={**plain.settings, **inside})
    kind = "a score, higher is sooner" if plain.kind == "score" else "a selection"
    settings = ", ".join(f"{name}={value}" for name, value in {**given.settings, **plain.evidence_settings}.items())
    console.print(f"{variant.spec} is {kind}.")
    console.print(f"Given:    {', '.join(plain.needs) or 'nothing about the images'}")
    console.print(f"Settings: {settings or 'none'}\n")
    broken = 0
    seen: set[str] = set()
    for number, name in enumerate(CHECKS):
        finding = run_check(given if number else plain, name)  # the first holds it to its own defaults
        must = name not in ADVICE
        broken += must and not finding.passed
        word, style = ("ok", "green") if finding.passed else ("FAILS", "red") if must else ("advice", "yellow")
        console.print(f"{word:7}{_first_upper(name)}", style=style)
        if not finding.passed:
            console.print(f"       What: {finding.message}")
            console.print(f"       Why:  {WHY[name]}", style="dim")
        if must and finding.message in seen:
            console.print("\nThe same error again. Mend it, and check again for the other rules.", style="bold red")
            return FAILED
        seen |= {finding.message} - {""} if must else set()
    if broken:
        console.print(f"\n{broken} of {len(CHECKS)} rules are broken; mend them, and check again.", style="bold red")
        return FAILED
    console.print("\nIt can be compared:", style="bold green")
    console.print(f"  swither compare digits --out out --model tiny --acquisition random {shlex.quote(variant.spec)}")
    return 0


def _check_network(console: Console, name: str, image_shape: tuple[int, int, int], classes: int) -> int:
    from swither.models.own_network import check_own_network
    from swither.models.settings import ModelSettings
    from swither.training.sampled_logits import dropouts

    network = check_own_network(ModelSettings(name), image_shape, classes)  # says what is wrong
    weights = sum(weight.numel() for weight in network.parameters())
    console.print(f"{name} is a network: {weights:,} weights, embeddings of {network.embedding_width} numbers.")
    if not dropouts(network):
        console.print("It has no dropout, so BALD cannot be asked: put an nn.Dropout before its last layer.")
    console.print("\nIt can be trained:", style="bold green")
    console.print(f"  swither compare digits --out out --acquisition random margin --model {shlex.quote(name)}")
    return 0


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
