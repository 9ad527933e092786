from __future__ import annotations

from swither.experiment.results import RESULTS
from swither.loop.interruption import SAME_CIRCUMSTANCES
from swither.report.contents import CIRCUMSTANCES, SHOWN_BESIDE
from swither.training.device import circumstances


def test_every_circumstance_that_is_recorded_stands_in_the_results() -> None:
    recorded = {*circumstances("cpu"), "swither"}

    assert recorded == {*CIRCUMSTANCES, *SHOWN_BESIDE}
    assert recorded <= set(RESULTS.names)


def test_a_training_goes_on_only_where_its_result_may_be_pooled() -> None:
    assert {*SAME_CIRCUMSTANCES, "threads"} == set(CIRCUMSTANCES)
