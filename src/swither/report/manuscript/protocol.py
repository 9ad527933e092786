"""A paragraph on what was done, made of the folder's facts, as plain text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from swither.acquisition.catalogue import ACQUISITIONS
from swither.acquisition.variant import parted
from swither.own_code import is_own
from swither.report.areas import area_comparisons
from swither.report.comparison import Comparison
from swither.report.first_models import other_first_models
from swither.report.intervals import LEAST_SEEDS
from swither.report.manuscript.latex import escaped
from swither.report.manuscript.network import is_head, network_in_words, numbers_each, sample, trained, without_images
from swither.report.manuscript.references import OF_METHODS, REFERENCES, marked
from swither.report.manuscript.tables import seeds_in_words
from swither.report.markup import printable
from swither.report.whole_curves import WholeCurves
from swither.report.wording import SPACE, count, in_prose, listed, plural

_CITED = re.compile("\x02([^\x03]+)\x03")


def as_text(comparison: Comparison) -> str:
    """The paragraph in plain words, papers by author and year."""
    return _CITED.sub(lambda found: f" ({_short(found[1])})", _paragraph(comparison)) + "\n"


def as_latex(comparison: Comparison) -> str:
    r"""The paragraph escaped, papers by ``\cite``."""
    parts = _CITED.split(_paragraph(comparison))  # words and keys take turns
    return "".join(rf"~\cite{{{part}}}" if n % 2 else escaped(part) for n, part in enumerate(parts)) + "\n"


def cited(comparison: Comparison) -> list[str]:
    """The keys of all papers that the paragraph names."""
    return [key for keys in _CITED.findall(_paragraph(comparison)) for key in keys.split(",")]


def _short(keys: str) -> str:
    return "; ".join(REFERENCES[key].short for key in keys.split(","))


def _paragraph(comparison: Comparison) -> str:
    sentences = (_data, _methods, _budget, network_in_words, _recipe, _seeds, _statistics, _computed, _left_out)
    return " ".join(said for each in sentences if (said := each(comparison)))


def _settings(comparison: Comparison, group: str) -> Mapping[str, Any]:
    return comparison.data.settings.get(group, {})


def _data(comparison: Comparison) -> str:
    facts = _settings(comparison, "Data")
    if not {"source", "training images", "test images"} <= facts.keys():
        return ""
    name = re.split(r"[/\\]", str(facts["source"]).rstrip("/\\"))[-1]
    known = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}.get(name)
    source = f"{known}{marked('krizhevsky2009cifar')}" if known else f"the data set {name}"
    classes = len(comparison.data.class_names)
    of_classes = f" of {plural(classes, 'class', 'classes')}" if classes else ""
    sides = str(facts.get("image shape", "")).replace(" x ", " \u00d7 ")
    shape = f" ({sides})" if sides else ""
    shape = numbers_each(comparison) if without_images(comparison) else shape
    one = sample(comparison)
    said = f"Experiments use {source}: {plural(facts['training images'], f'training {one}')}{of_classes}{shape}"
    said += f", and {plural(facts['test images'], f'test {one}')} on which every accuracy is measured."
    # Of many notes those on which images these are: a part of the training images, test images that were drawn.
    notes = [note for note in comparison.data.data_notes if " take part" in note or " train and " in note]
    return " ".join((said, *notes))


def _methods(comparison: Comparison) -> str:
    if not comparison.methods:
        return ""
    named = []
    for method in comparison.methods:
        base, own = parted(method)
        title = in_prose(printable(comparison.titles[method]))
        title += f" with {own.replace(',', ', ')}" if own and base in OF_METHODS and ACQUISITIONS[base].entitle else ""
        named.append(title + marked(*OF_METHODS.get(base, ())))
    ours = [in_prose(printable(comparison.titles[method])) for method in comparison.methods if is_own(method)]
    whose = f"; {listed(ours)} {'is' if len(ours) == 1 else 'are'} our own, all others are" if ours else ", all"
    oracle = " The oracle knows the labels and is no method." if "oracle" in comparison.methods else ""
    return f"Compared are {listed(named)}{whose} as implemented in swither{marked('swither')}.{oracle}"


def _budget(comparison: Comparison) -> str:
    facts = _settings(comparison, "Budget")
    if not {"initial", "step", "cycles"} <= facts.keys():
        return ""
    first = plural(facts["initial"], sample(comparison))
    said = (
        f"For each seed {first}, drawn at random and the same for all methods, are "
        f"labelled at first; each of {plural(facts['cycles'], 'query', 'queries')} asks for {count(facts['step'])} "
        f"more, to {plural(facts['initial'] + facts['cycles'] * facts['step'], 'label')} in the end. After every query "
        f"the {trained(comparison)} is trained again from scratch on all that is labelled."
    )
    of_labels = {"dispersion", "diverse-dispersion", "clustered-dispersion"}
    if of_labels & {method.partition(":")[0] for method in comparison.methods} and facts.get("record_every"):
        every = facts["record_every"]
        when = "every epoch" if every == 1 else f"every {count(every)} epochs"
        said += f" Labels predicted for the unlabelled pool are recorded after {when}."
    if "bald" in {method.partition(":")[0] for method in comparison.methods} and facts.get("passes"):
        said += f" BALD draws {plural(facts['passes'], 'dropout mask')}."
    return said


def _recipe(comparison: Comparison) -> str:
    facts = _settings(comparison, "Training")
    if not {"epochs", "learning_rate", "momentum", "decay_at", "decay_factor", "batch_size"} <= facts.keys():
        return ""
    nesterov = "Nesterov " if facts.get("nesterov") else ""
    decay = f", weight decay {facts['weight_decay']:g}" if facts.get("weight_decay") else ""
    said = (
        f"The {trained(comparison)} is trained for {plural(facts['epochs'], 'epoch')} by stochastic "
        f"gradient descent with {nesterov}momentum {facts['momentum']:g}{decay} and batches of at most "
        f"{plural(facts['batch_size'], sample(comparison))}; the learning rate "
        f"of {facts['learning_rate']:g}"
    )
    when = [f"{100 * share:g}{SPACE}%" for share in facts["decay_at"]]
    said += f" is divided by {facts['decay_factor']:g} after {listed(when)} of the epochs." if when else " is constant."
    if facts.get("least_steps"):
        said += f" Where that gives fewer than {count(facts['least_steps'])} steps, the epochs grow to reach them."
    if facts.get("class_weights") == "balanced":
        said += " In the loss, every class is weighted by one over its labels."
    if facts.get("even_batches"):
        said += " The batches of an epoch are of one size, give or take one."
    return " ".join(filter(None, (said, _augmentation(comparison, facts))))


def _augmentation(comparison: Comparison, recipe: Mapping[str, Any]) -> str:
    shape = str(_settings(comparison, "Data").get("image shape", "")).split(" x ")
    if len(shape) != 3 or is_head(comparison):
        return ""  # embeddings are neither normalised as images are, nor cropped, nor flipped
    crop, flip = recipe.get("crop_padding"), recipe.get("flip")
    padding = min(int(side) for side in shape[:2]) // 8 if crop is None else int(crop)
    ways = [f"random crops from images with {plural(padding, 'pixel')} of zeros around them"] if padding else []
    ways += ["random horizontal flips"] if flip or (flip is None and shape[2] == "3") else []
    augmented = f", and augmented by {listed(ways)}" if ways else ""
    return f"Images are normalised by the mean and deviation of the labelled ones{augmented}."


def _seeds(comparison: Comparison) -> str:
    if not comparison.methods:
        return ""
    seeds = seeds_in_words(comparison)
    said = f"Everything is repeated with {seeds}, paired: what a seed draws is the same for all methods."
    whole = comparison.reference_point
    if whole is not None:
        runs = plural(len(whole.values), "training")
        said += f" As a reference the same {trained(comparison)} is trained on all "
        said += f"{plural(round(whole.labelled), sample(comparison))} ({runs})."
    return said


def _statistics(comparison: Comparison) -> str:
    if len(comparison.methods) < 2:
        return ""
    if len(comparison.seeds) < LEAST_SEEDS:
        return "So few seeds allow neither intervals nor tests; all numbers are descriptive."
    said = f"Given are means over seeds, sample standard deviations and Student\u2019s 95{SPACE}% intervals."
    found = area_comparisons(comparison, WholeCurves.of(comparison))
    family = next((each.family for each in found if each.family), 0)
    if not family:
        return said
    standards = listed([in_prose(comparison.titles[over]) for over in dict.fromkeys(each.over for each in found)])
    return (
        f"{said} Tested is the area under the learning curve over the whole budget: each method against {standards} by "
        f"Student\u2019s paired two-sided test, with p values adjusted over all {plural(family, 'comparison')} by "
        f"Holm\u2019s method{marked('holm1979')}; a difference is called one where the adjusted p is below 0.05. "
        "Accuracies at single budgets are descriptive."
    )


def _computed(comparison: Comparison) -> str:
    facts = dict(comparison.circumstances)
    said = [
        f"on {facts['machine']}" if "machine" in facts else "",
        f"in {facts['precision']}" if "precision" in facts else "",
    ]
    libraries = [f"PyTorch {facts['torch']}"] if "torch" in facts else []
    libraries += [f"NumPy {facts['numpy']}"] if "numpy" in facts else []
    said.append(f"with {listed(libraries)}" if libraries else "")
    return f"All was computed {' '.join(filter(None, said))}." if any(said) else ""


def _left_out(comparison: Comparison) -> str:
    """What was planned and is not in the numbers: nobody may think that all of it is."""
    said = []
    if comparison.missing:
        planned = len(comparison.planned)
        done = planned - len(comparison.missing)
        said.append(
            f"Of {plural(planned, 'planned run')} {count(done)} have finished; all numbers are of what is there."
        )
    return " ".join([*said, *comparison.unequal, *other_first_models(comparison)])
