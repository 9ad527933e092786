"""Training a network on the labelled images, and the one clean pass with which everything is predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.training.clean_pass import Prediction as Prediction
    from swither.training.clean_pass import clean_pass as clean_pass
    from swither.training.clean_pass import predict as predict
    from swither.training.clean_pass import predict_labels as predict_labels
    from swither.training.clean_pass import predict_probabilities as predict_probabilities
    from swither.training.device import choose_device as choose_device
    from swither.training.device import circumstances as circumstances
    from swither.training.device import use_threads as use_threads
    from swither.training.embedding import embedded as embedded
    from swither.training.fit import Fitted as Fitted
    from swither.training.fit import fit as fit
    from swither.training.observer import Observer as Observer
    from swither.training.recipe import Recipe as Recipe
    from swither.training.recipe import Schedule as Schedule
    from swither.training.recipe import recipe_for as recipe_for
    from swither.training.recording import PoolRecorder as PoolRecorder
    from swither.training.recording import TrainingRecorder as TrainingRecorder
    from swither.training.sampled_logits import SampledLogits as SampledLogits
    from swither.training.sampled_logits import sampled_logits as sampled_logits
    from swither.training.weights import load_weights as load_weights
    from swither.training.weights import save_weights as save_weights

__all__ = lazy(
    __name__,
    {
        "Fitted": "swither.training.fit",
        "Observer": "swither.training.observer",
        "PoolRecorder": "swither.training.recording",
        "Prediction": "swither.training.clean_pass",
        "Recipe": "swither.training.recipe",
        "SampledLogits": "swither.training.sampled_logits",
        "Schedule": "swither.training.recipe",
        "TrainingRecorder": "swither.training.recording",
        "choose_device": "swither.training.device",
        "circumstances": "swither.training.device",
        "clean_pass": "swither.training.clean_pass",
        "embedded": "swither.training.embedding",
        "fit": "swither.training.fit",
        "load_weights": "swither.training.weights",
        "predict": "swither.training.clean_pass",
        "predict_labels": "swither.training.clean_pass",
        "predict_probabilities": "swither.training.clean_pass",
        "recipe_for": "swither.training.recipe",
        "sampled_logits": "swither.training.sampled_logits",
        "save_weights": "swither.training.weights",
        "use_threads": "swither.training.device",
    },
)
