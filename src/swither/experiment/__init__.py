"""Machines compare: the grid of methods and seeds, its cells, the protocol, results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.experiment.cells import REFERENCE as REFERENCE
    from swither.experiment.cells import Cell as Cell
    from swither.experiment.compare import CellsFailed as CellsFailed
    from swither.experiment.compare import compare as compare
    from swither.experiment.compare import rebuild as rebuild
    from swither.experiment.compare import unfinished as unfinished
    from swither.experiment.opinions import opinions as opinions
    from swither.experiment.paper import paper as paper
    from swither.experiment.paper import prepare_paper as prepare_paper
    from swither.experiment.protocol import Experiment as Experiment
    from swither.experiment.protocol import prepare as prepare
    from swither.experiment.settings import CompareSettings as CompareSettings
    from swither.experiment.watch import Silent as Silent
    from swither.experiment.watch import Watcher as Watcher

__all__ = lazy(
    __name__,
    {
        "Cell": "swither.experiment.cells",
        "CellsFailed": "swither.experiment.compare",
        "CompareSettings": "swither.experiment.settings",
        "Experiment": "swither.experiment.protocol",
        "REFERENCE": "swither.experiment.cells",
        "Silent": "swither.experiment.watch",
        "Watcher": "swither.experiment.watch",
        "compare": "swither.experiment.compare",
        "opinions": "swither.experiment.opinions",
        "paper": "swither.experiment.paper",
        "prepare": "swither.experiment.protocol",
        "prepare_paper": "swither.experiment.paper",
        "rebuild": "swither.experiment.compare",
        "unfinished": "swither.experiment.compare",
    },
)
