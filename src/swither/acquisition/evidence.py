"""What an acquisition may ask for, by name: its shape and which axis counts the candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from swither.errors import InputError


@dataclass(frozen=True)
class Evidence:
    """One kind of evidence.

    Attributes:
        name: the argument's name in every method that asks for it.
        shape: the shape in words.
        meaning: what it holds.
        candidate_axis: the axis along which the candidates lie; None where they do not.
    """

    name: str
    shape: str
    meaning: str
    candidate_axis: int | None


EVIDENCE: Mapping[str, Evidence] = {
    kind.name: kind
    for kind in (
        Evidence("probabilities", "(samples, classes)", "predicted probabilities, rows sum to 1", 0),
        Evidence("sampled_logits", "(samples, classes) for each pass", "logits with dropout on, a sequence", None),
        Evidence("embeddings", "(samples, width)", "last layer's input, of the candidates", 0),
        Evidence("labelled_embeddings", "(labelled, width)", "the same of the labelled samples", None),
        Evidence("label_history", "(epochs, samples)", "predicted label after each epoch of training", 1),
        Evidence("labelled_likelihood", "(samples,)", "how likely a discriminator takes it for labelled", 0),
        Evidence("true_labels", "(samples,)", "true class numbers; experiments only", 0),
    )
}


def require_evidence(evidence: Mapping[str, Any], needs: tuple[str, ...], samples: int, method: str) -> None:
    """Raise unless `evidence` holds what `method` needs, for `samples` candidates.

    Example:
        >>> require_evidence({"probabilities": [[0.5, 0.5]]}, ("probabilities",), samples=1, method="margin")
    """
    missing = [name for name in needs if evidence.get(name) is None]
    if missing:
        shapes = ", ".join(f"{name} {EVIDENCE[name].shape}" if name in EVIDENCE else name for name in missing)
        raise InputError(f"The method {method!r} needs {shapes}; got {', '.join(evidence) or 'no evidence'}.")
    for name in needs:
        shape = getattr(evidence[name], "shape", None)  # lists and lazy sequences are checked by the method
        axis = EVIDENCE[name].candidate_axis if name in EVIDENCE else None
        if shape is not None and axis is not None and (len(shape) <= axis or shape[axis] != samples):
            raise InputError(
                f"Expected {name} of shape {EVIDENCE[name].shape} for {samples} samples, got {tuple(shape)}."
            )
