"""Hugging Face's trainer trains a text classifier, swither watches: which texts to label next, which labels look wrong.

The texts are made here: complaints, questions and thanks, in sentences full of other words. The model is a small
BERT with random weights, so nothing is downloaded. Run it with ``python transformers_loop.py``: well under a minute.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import numpy as np
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments, set_seed

from swither.acquisition import select
from swither.adapters import TransformersRecorder
from swither.dynamics import LabelHistory, TrainingHistory, aum, cartography, forgetting_events

TELLING = (
    ["broken", "late", "damaged", "refund", "missing", "wrong", "torn", "rude"],
    ["when", "where", "how", "which", "opening", "possible", "price", "size"],
    ["thanks", "lovely", "perfect", "quick", "friendly", "great", "happy", "pleased"],
)
OTHER = [
    "the", "my", "order", "shop", "parcel", "this", "is", "was", "and",
    "it", "a", "you", "very", "shoes", "today", "colour", "for", "we",
]  # fmt: skip
NUMBER = {word: number for number, word in enumerate(["[PAD]", *OTHER, *(w for words in TELLING for w in words)])}


def make_texts(count: int, generator: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """Sentences of twelve words, two or three of which tell the class; in a third of them one tells another."""
    labels = generator.integers(0, 3, count)  # (texts,)
    texts = []
    for label in labels:
        telling = list(generator.choice(TELLING[label], generator.integers(2, 4)))
        if generator.random() < 1 / 3:
            telling.append(generator.choice(TELLING[(label + 1) % 3]))
        words = [*telling, *generator.choice(OTHER, 12 - len(telling))]
        texts.append(" ".join(generator.permutation(words)))
    return texts, labels


def tokens_of(texts: list[str]) -> torch.Tensor:
    """The words' numbers, (texts, 12); a tokenizer in small."""
    return torch.tensor([[NUMBER[word] for word in text.split()] for text in texts])


def train_and_record(epochs: int = 30, labelled: int = 160, wrong: int = 16, seed: int = 0) -> dict[str, object]:
    """Train with the trainer, record both histories, and read from them what to do next."""
    set_seed(seed)
    texts, truth = make_texts(1000, np.random.default_rng(seed))
    tokens = tokens_of(texts)
    known, pool = np.arange(labelled), np.arange(labelled, len(texts))
    given = truth[known].copy()
    given[:wrong] = (given[:wrong] + np.random.default_rng(seed).integers(1, 3, wrong)) % 3

    def predict(model: BertForSequenceClassification) -> Iterator[tuple[np.ndarray, torch.Tensor]]:
        for ids in np.array_split(pool, 4):  # batches of ids and logits, in any order
            yield ids, model(input_ids=tokens[ids].to(model.device)).logits

    history = LabelHistory.create(pool, classes=3)  # with folder=... it survives a crash
    presentations = TrainingHistory.create(known, classes=3, given_labels=given)
    recorder = TransformersRecorder(history, predict, labelled=presentations)

    data = [{"id": int(i), "input_ids": tokens[i], "labels": int(label)} for i, label in zip(known, given, strict=True)]
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    model = BertForSequenceClassification(BertConfig(vocab_size=len(NUMBER), num_labels=3, **shape))
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, num_train_epochs=epochs, per_device_train_batch_size=16, learning_rate=2e-3, seed=seed,
            remove_unused_columns=False, save_strategy="no", report_to="none", disable_tqdm=True, use_cpu=True,
            logging_strategy="no",
        )  # fmt: skip
        Trainer(model, arguments, train_dataset=data, callbacks=[recorder]).train()

    model.eval()
    with torch.inference_mode():
        probabilities = torch.cat([logits for _, logits in predict(model)]).softmax(dim=1).numpy()  # (pool, 3)
    mistaken = probabilities.argmax(axis=1) != truth[pool]
    how = {"samples": len(pool), "generator": np.random.default_rng(seed)}
    dispersed = select("dispersion", {"label_history": history.labels}, 100, **how).positions
    uncertain = select("margin", {"probabilities": probabilities}, 100, **how).positions
    suspects = np.argsort(aum(presentations), kind="stable")[:wrong]  # lowest first: these labels look wrong
    return {
        "label next, by dispersion": [texts[i] for i in pool[dispersed][:3]],
        "labels that look wrong": [f"{texts[i]} ({given[i]})" for i in known[suspects][:3]],
        "accuracy on the pool": 1 - mistaken.mean(),
        "mistaken among the 100 most dispersed": mistaken[dispersed].mean(),
        "mistaken among the 100 of least margin": mistaken[uncertain].mean(),
        "wrong labels among the suspects": (suspects < wrong).mean(),
        "confidence in wrong labels": cartography(presentations).confidence[:wrong].mean(),
        "confidence in right labels": cartography(presentations).confidence[wrong:].mean(),
        "never learnt or forgotten": (forgetting_events(presentations) > 0).mean(),
    }


if __name__ == "__main__":
    for what, value in train_and_record().items():
        print(f"{what}: {f'{value:.1%}' if isinstance(value, float) else '; '.join(value)}")
