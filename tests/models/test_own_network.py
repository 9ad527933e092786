"""A network of the user's own is completed where it can be, and refused with what is missing where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from swither.errors import InputError, OwnCodeFailed
from swither.models import ModelSettings, Network, build_model
from swither.models.own_network import check_own_network

HEAD = "import numpy as np\nimport torch\nfrom torch import nn\n"
PAIR = """
class Net(nn.Module):
    def __init__(self, inputs, width, classes):
        super().__init__()
        self.trunk, self.head = nn.Linear(inputs, width), nn.Linear(width, classes)
    def forward(self, images):
        embeddings = torch.relu(self.trunk(images.flatten(1)))
        return self.head(embeddings), embeddings
def build(image_shape, classes, width=7):
    h, w, c = image_shape
    return Net(h * w * c, width, classes)
"""
PLAIN = """
def build(image_shape, classes, dropout):
    h, w, c = image_shape
    layers = nn.Flatten(), nn.Linear(h * w * c, 5), nn.ReLU(), nn.Dropout(dropout), nn.Linear(5, classes)
    return nn.Sequential(*layers)
"""
SHAPE = (8, 8, 1)


def settings(folder: Path, text: str, **given: object) -> ModelSettings:
    (folder / "net.py").write_text(HEAD + text)
    return ModelSettings(f"{folder}/net.py:build", **given)  # type: ignore[arg-type]


def test_logits_and_embeddings_are_taken_as_they_are(tmp_path: Path) -> None:
    network = check_own_network(settings(tmp_path, PAIR, width=9), SHAPE, 3)
    logits, embeddings = network(torch.zeros(2, 1, 8, 8))
    assert (tuple(logits.shape), tuple(embeddings.shape), network.embedding_width) == ((2, 3), (2, 9), 9)


def test_the_embeddings_of_a_plain_network_enter_its_last_layer(tmp_path: Path) -> None:
    network = check_own_network(settings(tmp_path, PLAIN, dropout=0.25), SHAPE, 3).eval()
    images = torch.randn(2, 1, 8, 8)
    logits, embeddings = network(images)
    layers = network.network
    assert isinstance(layers, torch.nn.Sequential)
    assert torch.equal(embeddings, layers[:4](images))
    assert torch.equal(logits, layers(images))
    assert layers[3].p == 0.25


def test_a_network_of_swithers_own_class_stays_one(tmp_path: Path) -> None:
    text = "from swither.models import Network\ndef build(image_shape, classes):\n"
    text += "    return Network(nn.Conv2d(image_shape[2], 4, 3), 4, classes, 0.5)\n"
    assert isinstance(build_model(settings(tmp_path, text), SHAPE, 3, seed=0), Network)


def test_one_seed_gives_one_network_and_torchs_global_state_stays(tmp_path: Path) -> None:
    chosen, before = settings(tmp_path, PLAIN), torch.random.get_rng_state()
    one, same, other = (build_model(chosen, SHAPE, 3, seed) for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    weight = "network.1.weight"
    assert torch.equal(one.state_dict()[weight], same.state_dict()[weight])
    assert not torch.equal(one.state_dict()[weight], other.state_dict()[weight])


def body(forward: str, init: str = "self.head = nn.Linear(64, classes)") -> str:
    return f"""
def build(image_shape, classes):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            {init}
        def forward(self, images):
            flat = images.flatten(1)
            {forward}
    return Net()
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def build(image_shape, classes): return 3\n", "give a torch.nn.Module, got int"),
        (body("return torch.relu(self.head(flat))"), "not the output of a torch.nn.Linear"),
        (body("return self.head(flat), images"), "answer"),
        (body("return self.head(flat)", "self.head = nn.Linear(64, 5)"), "answers 5 logits for each image; expected 3"),
        (body("return nn.functional.dropout(self.head(flat)), flat"), "differently in evaluation mode"),
        (body("return self.head(flat).detach(), flat"), "No gradient reaches"),
        (body("return flat[:, :3], flat", "pass"), "no weight that can be trained"),
        (
            body("return self.head(flat) + self.shift, flat", "self.head = nn.Linear(64, classes)\n"
            "            self.register_buffer('shift', torch.tensor(np.random.randn(), dtype=torch.float32))"),
            "two different networks from one seed",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_or_repeated_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises((InputError, OwnCodeFailed), match=message):
        check_own_network(settings(tmp_path, text), SHAPE, 3)


def test_an_error_in_it_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(OwnCodeFailed, match=r"RuntimeError in line 12 of .*net\.py: mat1 and mat2"):
        check_own_network(settings(tmp_path, body("return self.head(flat)", "self.head = nn.Linear(5, 3)")), SHAPE, 3)


def test_a_neighbour_is_found_while_the_network_is_built_and_later_the_error_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "beside_the_net.py").write_text("from torch import relu\n")
    built = "import beside_the_net\n            self.head, self.f = nn.Linear(64, classes), beside_the_net.relu"
    assert check_own_network(settings(tmp_path, body("return self.head(self.f(flat)), flat", built)), SHAPE, 3)
    late = settings(tmp_path, body("import beside_the_net\n            return self.head(flat), flat"))
    with pytest.raises(OwnCodeFailed, match=r"line \d+ of .*Import beside_the_net at the top of .*net\.py"):
        check_own_network(late, SHAPE, 3)
    missing = settings(tmp_path, body("import no_such_module_at_all\n            return self.head(flat), flat"))
    with pytest.raises(OwnCodeFailed, match=r"No module named 'no_such_module_at_all'$"):
        check_own_network(missing, SHAPE, 3)


def test_a_network_that_ends_the_program_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OwnCodeFailed, match="SystemExit"):
        check_own_network(settings(tmp_path, body("raise SystemExit")), SHAPE, 3)
