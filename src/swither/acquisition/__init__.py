"""Which samples to label next: arrays in, positions out, one file per idea."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.acquisition.badge import badge as badge
    from swither.acquisition.bald import bald as bald
    from swither.acquisition.catalogue import ACQUISITIONS as ACQUISITIONS
    from swither.acquisition.catalogue import find as find
    from swither.acquisition.choosing import select as select
    from swither.acquisition.clustered_dispersion import clustered_dispersion as clustered_dispersion
    from swither.acquisition.coreset import coreset as coreset
    from swither.acquisition.default import default_acquisition as default_acquisition
    from swither.acquisition.dispersion import dispersion as dispersion
    from swither.acquisition.diverse_dispersion import diverse_dispersion as diverse_dispersion
    from swither.acquisition.entropy import entropy as entropy
    from swither.acquisition.evidence import EVIDENCE as EVIDENCE
    from swither.acquisition.kcenter import kcenter as kcenter
    from swither.acquisition.least_confidence import least_confidence as least_confidence
    from swither.acquisition.margin import margin as margin
    from swither.acquisition.method import Acquisition as Acquisition
    from swither.acquisition.oracle import oracle as oracle
    from swither.acquisition.random import random as random
    from swither.acquisition.selection import Selection as Selection
    from swither.acquisition.selection import take_highest as take_highest
    from swither.acquisition.typiclust import typiclust as typiclust
    from swither.acquisition.vaal import vaal as vaal
    from swither.acquisition.variant import Variant as Variant

__all__ = lazy(
    __name__,
    {
        "ACQUISITIONS": "swither.acquisition.catalogue",
        "Acquisition": "swither.acquisition.method",
        "EVIDENCE": "swither.acquisition.evidence",
        "Selection": "swither.acquisition.selection",
        "Variant": "swither.acquisition.variant",
        "badge": "swither.acquisition.badge",
        "bald": "swither.acquisition.bald",
        "clustered_dispersion": "swither.acquisition.clustered_dispersion",
        "coreset": "swither.acquisition.coreset",
        "default_acquisition": "swither.acquisition.default",
        "dispersion": "swither.acquisition.dispersion",
        "diverse_dispersion": "swither.acquisition.diverse_dispersion",
        "entropy": "swither.acquisition.entropy",
        "find": "swither.acquisition.catalogue",
        "kcenter": "swither.acquisition.kcenter",
        "least_confidence": "swither.acquisition.least_confidence",
        "margin": "swither.acquisition.margin",
        "oracle": "swither.acquisition.oracle",
        "random": "swither.acquisition.random",
        "select": "swither.acquisition.choosing",
        "take_highest": "swither.acquisition.selection",
        "typiclust": "swither.acquisition.typiclust",
        "vaal": "swither.acquisition.vaal",
    },
)
