from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from swither.dynamics import LabelHistory, TrainingHistory, cartography
from swither.errors import InputError

transformers = pytest.importorskip("transformers", reason="pip install 'swither[transformers]'")
pytest.importorskip("accelerate", reason="pip install 'swither[transformers]'")
pytestmark = pytest.mark.filterwarnings("ignore")  # the trainer's own: unpinned memory, absent card

LABELLED, POOL = 36, 30
WORDS = torch.randint(5, 40, (LABELLED + POOL, 9), generator=torch.Generator().manual_seed(1))
LABELS = WORDS[:, 0] % 3


class Texts(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """Labelled sentences of random words, each with its id, a row number plus 500."""

    def __init__(self, *, ids: bool = True) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return LABELLED

    def __getitem__(self, row: int) -> dict[str, torch.Tensor]:
        item = {"input_ids": WORDS[row], "labels": LABELS[row]}
        return {**item, "id": torch.tensor(row + 500)} if self.ids else item


def train(folder: Path, callbacks: list[Any], *, ids: bool = True, resume: Any = None, **settings: Any) -> Any:
    transformers.set_seed(4)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    model = transformers.BertForSequenceClassification(transformers.BertConfig(vocab_size=40, num_labels=3, **shape))
    chosen = {"num_train_epochs": 4, "save_strategy": "no", "remove_unused_columns": False, **settings}
    quiet = {"report_to": "none", "disable_tqdm": True, "use_cpu": True, "logging_strategy": "no"}
    arguments = transformers.TrainingArguments(
        str(folder), per_device_train_batch_size=12, learning_rate=1e-2, seed=4, **quiet, **chosen
    )
    trainer = transformers.Trainer(model, arguments, train_dataset=Texts(ids=ids), callbacks=callbacks)
    trainer.train(resume_from_checkpoint=resume)
    return model


def predict(model: Any) -> Any:
    torch.rand(2)
    for rows in torch.arange(LABELLED, LABELLED + POOL).split(8):
        yield rows + 500, model(input_ids=WORDS[rows]).logits


def histories(folder: Path | None = None) -> tuple[LabelHistory, TrainingHistory]:
    pool = LabelHistory.create(np.arange(LABELLED, LABELLED + POOL) + 500, 3, folder=folder and folder / "pool")
    given = LABELS[:LABELLED]
    ids = np.arange(LABELLED) + 500
    return pool, TrainingHistory.create(ids, 3, given, folder=folder and folder / "labelled")


def recorder_of(pool: LabelHistory, labelled: TrainingHistory | None = None, **settings: Any) -> Any:
    from swither.adapters import TransformersRecorder

    return TransformersRecorder(pool, predict, labelled=labelled, **settings)


def test_every_epoch_and_every_presentation_of_a_text_model_is_recorded(tmp_path: Path) -> None:
    pool, labelled = histories()
    model = train(tmp_path, [recorder_of(pool, labelled)])
    assert (pool.epochs, labelled.epochs) == (4, 4)
    assert labelled.recorded.all()
    model.eval()
    assert np.array_equal(pool.labels[-1], model(input_ids=WORDS[LABELLED:]).logits.argmax(dim=1).numpy())
    assert np.isfinite(cartography(labelled).confidence).all()
    assert not model._forward_hooks
    assert not model._forward_pre_hooks


def test_recording_does_not_change_the_training(tmp_path: Path, same_weights: Any) -> None:
    watched = train(tmp_path, [recorder_of(*histories())])
    assert same_weights(watched, train(tmp_path, [], ids=False))


def test_steps_are_counted_as_the_optimiser_takes_them(tmp_path: Path) -> None:
    pool, _ = histories()
    train(tmp_path, [recorder_of(pool, every_steps=2)], ids=False)
    assert pool.epochs == 6  # 4 epochs of 3 batches
    pool, labelled = histories()
    train(tmp_path, [recorder_of(pool, labelled, every_steps=2)], gradient_accumulation_steps=3)
    assert (pool.epochs, labelled.epochs) == (2, 4)
    assert labelled.recorded.all()


class Killer(transformers.TrainerCallback):  # type: ignore[misc]
    """Ends the process, as it were, in the third epoch."""

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step >= 6:
            raise KeyError("killed")


@pytest.mark.parametrize(
    ("saving", "every_steps", "step"),
    [
        ({"save_strategy": "epoch"}, None, 6),
        ({"save_strategy": "epoch"}, None, 3),
        ({"save_strategy": "steps", "save_steps": 1}, None, 6),
        ({"save_strategy": "steps", "save_steps": 1}, 2, 5),
        ({"save_strategy": "steps", "save_steps": 1}, None, 4),
    ],
)
def test_a_killed_training_goes_on_with_the_same_histories(
    tmp_path: Path, saving: Any, every_steps: int | None, step: int
) -> None:
    whole_pool, whole_labelled = histories()
    train(tmp_path, [recorder_of(whole_pool, whole_labelled, every_steps=every_steps)])

    with pytest.raises(KeyError, match="killed"):
        train(tmp_path, [recorder_of(*histories(tmp_path), every_steps=every_steps), Killer()], **saving)
    pool, labelled = LabelHistory.open(tmp_path / "pool"), TrainingHistory.open(tmp_path / "labelled")
    again = [recorder_of(pool, labelled, every_steps=every_steps)]
    train(tmp_path, again, resume=str(tmp_path / f"checkpoint-{step}"), **saving)

    assert np.array_equal(pool.labels, whole_pool.labels)
    before = whole_labelled.labels.copy()
    if step % 3:  # what the interrupted epoch had seen before its checkpoint is not in the checkpoint
        assert labelled.recorded[step // 3].sum() == 12 * (3 - step % 3)
        before[step // 3][~labelled.recorded[step // 3]] = labelled.not_recorded
    assert np.array_equal(labelled.labels, before)


def test_an_epoch_that_a_killed_process_did_not_record_is_caught_up(tmp_path: Path) -> None:
    whole, _ = histories()
    saving = {"save_strategy": "steps", "save_steps": 1}
    train(tmp_path, [recorder_of(whole)], ids=False, **saving)
    short = LabelHistory.from_labels(whole.ids, 3, whole.labels[:1])
    train(tmp_path, [recorder_of(short)], ids=False, resume=str(tmp_path / "checkpoint-6"), **saving)
    assert np.array_equal(short.labels, whole.labels)


def test_a_training_that_starts_anew_does_not_overwrite_a_history(tmp_path: Path) -> None:
    pool, _ = histories()
    train(tmp_path, [recorder_of(pool)], ids=False)
    with pytest.raises(InputError, match=r"history.truncate\(0\)"):
        train(tmp_path, [recorder_of(pool)], ids=False)


def test_ids_that_do_not_reach_the_model_are_told_of(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="remove_unused_columns=False"):
        train(tmp_path, [recorder_of(*histories())], remove_unused_columns=True)
    with pytest.raises(InputError, match="No batch of this epoch brought ids"):
        train(tmp_path, [recorder_of(*histories())], ids=False)


def test_several_devices_are_refused_before_anything_is_trained() -> None:
    for processes, cards in ((2, 1), (1, 4)):
        arguments = SimpleNamespace(world_size=processes, n_gpu=cards)
        with pytest.raises(InputError, match="one process on one device"):
            recorder_of(histories()[0]).on_train_begin(arguments, SimpleNamespace(), None)
