from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from swither.errors import InputError
from swither.models import Network, logits_and_embeddings


def small_network() -> Network:
    return Network(nn.Conv2d(1, 6, 3), embedding_width=6, classes=4, dropout=0.5)


def test_embeddings_are_averages_over_the_map_before_dropout() -> None:
    network, images = small_network().train(), torch.rand(2, 1, 8, 8)
    _, embeddings = network(images)
    assert torch.allclose(embeddings, network.trunk(images).flatten(2).mean(2))


def test_dropout_draws_in_training_mode_only() -> None:
    network, images = small_network(), torch.rand(4, 1, 8, 8)
    assert not torch.equal(network.train()(images)[0], network(images)[0])
    assert torch.equal(network.eval()(images)[0], network(images)[0])


class Answers(nn.Module):
    def __init__(self, *answer: Tensor) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, images: Tensor) -> object:
        return self.answer if len(self.answer) != 1 else self.answer[0]


@pytest.mark.parametrize(
    "answer",
    [
        (torch.zeros(2, 10),),
        (torch.zeros(2, 10), torch.zeros(2, 5), torch.zeros(2)),
        (torch.zeros(2, 10), torch.zeros(2, 5, 4, 4)),
        (torch.zeros(3, 10), torch.zeros(3, 5)),
    ],
)
def test_a_network_that_answers_something_else_is_told_what_to_answer(answer: tuple[Tensor, ...]) -> None:
    with pytest.raises(InputError, match="Return both from forward"):
        logits_and_embeddings(Answers(*answer), torch.zeros(2, 1, 8, 8))


def test_any_module_that_answers_the_pair_will_do() -> None:
    logits, embeddings = logits_and_embeddings(Answers(torch.zeros(2, 10), torch.ones(2, 5)), torch.zeros(2, 1, 8, 8))
    assert (logits.shape, embeddings.shape) == ((2, 10), (2, 5))
