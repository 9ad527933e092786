"""The catalogue: every acquisition by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from swither.acquisition.badge import badge
from swither.acquisition.bald import bald
from swither.acquisition.clustered_dispersion import clustered_dispersion
from swither.acquisition.coreset import coreset
from swither.acquisition.dispersion import dispersion
from swither.acquisition.diverse_dispersion import diverse_dispersion
from swither.acquisition.entropy import entropy
from swither.acquisition.kcenter import kcenter
from swither.acquisition.least_confidence import least_confidence
from swither.acquisition.margin import margin
from swither.acquisition.method import Acquisition
from swither.acquisition.oracle import oracle
from swither.acquisition.own import own_acquisition
from swither.acquisition.random import random
from swither.acquisition.typiclust import typiclust
from swither.acquisition.vaal import AUTHORS_SCALE, vaal, vaal_title
from swither.errors import UnknownName
from swither.own_code import is_own

ACQUISITIONS: Mapping[str, Acquisition] = MappingProxyType(
    {
        method.name: method
        for method in (
            Acquisition(
                "random",
                "random",
                random,
                "selection",
                (),
                "a uniform draw: the baseline",
                'Settles, "Active Learning Literature Survey", 2009',
            ),
            Acquisition(
                "least-confidence",
                "least confidence",
                least_confidence,
                "score",
                ("probabilities",),
                "1 - probability of the most probable class",
                'Lewis and Gale, "A Sequential Algorithm for Training Text Classifiers", SIGIR 1994',
            ),
            Acquisition(
                "margin",
                "margin",
                margin,
                "score",
                ("probabilities",),
                "1 - (first - second) of the largest class probabilities",
                'Scheffer et al., "Active Hidden Markov Models for Information Extraction", IDA 2001',
            ),
            Acquisition(
                "entropy",
                "entropy",
                entropy,
                "score",
                ("probabilities",),
                "entropy of the class probabilities, in nats",
                'Shannon, "A Mathematical Theory of Communication", 1948',
            ),
            Acquisition(
                "bald",
                "BALD",
                bald,
                "score",
                ("sampled_logits",),
                "mutual information between the label and the dropout mask",
                'Gal et al., "Deep Bayesian Active Learning with Image Data", ICML 2017',
                {"passes": 10},
            ),
            Acquisition(
                "dispersion",
                "dispersion",
                dispersion,
                "score",
                ("label_history",),
                "share of the recorded predictions that are not the modal label",
                'Zolfaghari Bengar et al., "When Deep Learners Change Their Mind", CAIP 2021',
                {"window": None, "stride": 1, "burn_in": 0.0},
                {"augmented": False},
                of_most_dispersed=True,
            ),
            Acquisition(
                "diverse-dispersion",
                "diverse dispersion",
                diverse_dispersion,
                "selection",
                ("label_history", "embeddings"),
                "k-means++ on the embeddings, weighted by dispersion: dispersed and unlike each other",
                "swither, 2026; after Arthur and Vassilvitskii, SODA 2007",
                {"power": 2.0},
                {"augmented": False},
            ),
            Acquisition(
                "clustered-dispersion",
                "clustered dispersion",
                clustered_dispersion,
                "selection",
                ("label_history", "embeddings"),
                "the middle of each cluster of the most dispersed samples",
                'swither, 2026; after Zhdanov, "Diverse mini-batch Active Learning", 2019',
                {"considered": 10},
                {"augmented": False},
                prefixes=False,
            ),
            Acquisition(
                "kcenter",
                "k-center greedy",
                kcenter,
                "selection",
                ("embeddings", "labelled_embeddings"),
                "the point farthest from all labelled and chosen ones, again and again",
                'Sener and Savarese, "Active Learning for CNNs: A Core-Set Approach", ICLR 2018',
            ),
            Acquisition(
                "coreset",
                "CoreSet",
                coreset,
                "selection",
                ("embeddings", "labelled_embeddings"),
                "the batch that covers the pool at the smallest radius, a few outliers left aside; solved and proven",
                'Sener and Savarese, "Active Learning for CNNs: A Core-Set Approach", ICLR 2018',
                {"outliers": 1e-4, "nodes": 2000, "seconds": 300.0},
                prefixes=False,
            ),
            Acquisition(
                "badge",
                "BADGE",
                badge,
                "selection",
                ("probabilities", "embeddings"),
                "k-means++ on the loss gradients of the last layer: uncertain and unlike each other",
                'Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", ICLR 2020',
                {"first": "largest"},
            ),
            Acquisition(
                "typiclust",
                "TypiClust",
                typiclust,
                "selection",
                ("embeddings", "labelled_embeddings"),
                "the most typical sample of each cluster with the fewest labels; for the smallest budgets",
                'Hacohen et al., "Active Learning on a Budget", ICML 2022',
                {"clusters": 500, "neighbours": 20},
                prefixes=False,
            ),
            Acquisition(
                "vaal",
                "VAAL",
                vaal,
                "score",
                ("labelled_likelihood",),
                "what a discriminator takes least for labelled, by the codes of an autoencoder that tries to fool it",
                'Sinha et al., "Variational Adversarial Active Learning", ICCV 2019',
                evidence_settings={**AUTHORS_SCALE, "quirks": "corrected"},
                entitle=vaal_title,
            ),
            Acquisition(
                "oracle",
                "oracle",
                oracle,
                "selection",
                ("probabilities", "true_labels"),
                "misclassified samples first; knows the labels, for experiments only",
                'Zolfaghari Bengar et al., "When Deep Learners Change Their Mind", CAIP 2021, figure 3',
                {"order": "random"},
            ),
        )
    }
)
"""Every acquisition of swither, by name."""


def find(name: str) -> Acquisition:
    """The acquisition of that name.

    Args:
        name: a key of `ACQUISITIONS`, or a function of your own as ``file.py:function``, which is loaded.

    Raises:
        UnknownName: there is none; the message lists the known ones and the nearest.

    Example:
        >>> find("kcenter").title
        'k-center greedy'
    """
    if is_own(name):
        return own_acquisition(name)
    if name not in ACQUISITIONS:
        raise UnknownName("acquisition", name, ACQUISITIONS)
    return ACQUISITIONS[name]
