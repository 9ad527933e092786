from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.data.groups import content_of
from swither.data.image_set import UNLABELLED, ImageSet
from swither.data.split import Split, draw_split, load_split, save_split, split_given
from swither.errors import DamagedState, InputError, NewerFormat
from swither.randomness import keyed_order


def content(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


def image_set(ids: list[str], labels: list[int], groups: list[str] | None = None) -> ImageSet:
    classes = max([*labels, 0]) + 1
    return ImageSet(
        pixels=np.zeros((max(1, len(ids)), 1, 1, 1), dtype=np.uint8),
        rows=np.zeros(len(ids), dtype=np.int64),
        ids=np.array(ids, dtype=np.str_),
        labels=np.array(labels, dtype=np.int64),
        class_names=tuple(f"class {c}" for c in range(classes)),
        paths=np.array([f"{i}.png" for i in ids], dtype=np.str_),
        groups=None if groups is None else np.array(groups, dtype=np.str_),
    )


def random_set(seed: int, count: int, classes: int = 4, grouped: int = 0, copies: int = 0) -> ImageSet:
    """Labels of unequal frequency, some unknown; `copies` images repeat others; `grouped` unbalanced groups."""
    rng = np.random.default_rng(seed)
    ids = [content(f"{seed} {k}") for k in range(count - copies)]
    repeated = Counter(ids)
    for k in rng.integers(0, count - copies, copies):
        repeated[ids[k]] += 1
        ids.append(f"{ids[k]}-{repeated[ids[k]]}")
    shares = 0.5 ** np.arange(classes)
    labels = rng.choice(classes, count, p=shares / shares.sum())
    labels[rng.random(count) < 0.1] = UNLABELLED
    if not grouped:
        return image_set(ids, labels.tolist())
    sizes = rng.dirichlet(np.full(grouped, 0.5))
    return image_set(ids, labels.tolist(), [f"patient {g}" for g in rng.choice(grouped, count, p=sizes)])


def label_of(images: ImageSet) -> dict[str, int]:
    return dict(zip(images.ids.tolist(), images.labels.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_without_groups_each_class_gives_exactly_its_first_fifth_in_hash_order(seed: int) -> None:
    images = random_set(seed, count=400)
    labels = label_of(images)
    expected = set()
    for c in range(4):
        of_class = [i for i in images.ids.tolist() if labels[i] == c]
        wanted = min(max(1, int(0.2 * len(of_class) + 0.5)), len(of_class) - 1)
        expected |= {of_class[k] for k in keyed_order(of_class, 0, "test images")[:wanted]}
    assert set(draw_split(images).test_ids) == expected


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(12, 120),
    grouped=st.sampled_from([0, 6, 25]),
    copies=st.integers(0, 5),
    share=st.floats(0.05, 0.8),
)
def test_whatever_the_data_every_image_has_one_place_and_nothing_that_belongs_together_is_parted(
    seed: int, count: int, grouped: int, copies: int, share: float
) -> None:
    images = random_set(seed, count, grouped=grouped, copies=copies)
    try:
        split = draw_split(images, share)
    except InputError:
        assert grouped  # groups may leave nothing to draw; images alone always do
        return
    assert sorted([*split.train_ids, *split.test_ids, *split.left_out_ids]) == sorted(images.ids.tolist())
    labels = label_of(images)
    assert all(labels[i] != UNLABELLED for i in split.test_ids)
    assert all(labels[i] == UNLABELLED for i in split.left_out_ids)
    assert not {content_of(i) for i in split.train_ids} & {content_of(i) for i in split.test_ids}
    if images.groups is not None:
        group = dict(zip(images.ids.tolist(), images.groups.tolist(), strict=True))
        assert not {group[i] for i in split.train_ids} & {group[i] for i in split.test_ids}
    in_training = {labels[i] for i in split.train_ids}
    assert {labels[i] for i in split.test_ids} <= in_training, "a class has no training image"


@pytest.mark.parametrize("grouped", [0, 15])
def test_the_order_of_the_source_changes_nothing(grouped: int) -> None:
    images = random_set(3, count=200, grouped=grouped, copies=10)
    shuffled = images.take(np.random.default_rng(0).permutation(len(images)))
    assert draw_split(shuffled) == draw_split(images)


def test_added_images_hardly_move_others_to_another_side() -> None:
    images = random_set(5, count=1100)
    before = draw_split(images.take(np.arange(1000)))
    after = draw_split(images)
    moved = set(before.test_ids) ^ (set(after.test_ids) & set(images.ids[:1000].tolist()))
    assert len(moved) <= 30  # of 200 test images; a fresh draw would move about 320


def test_images_that_join_a_group_do_not_move_the_groups() -> None:
    ids = [content(str(k)) for k in range(120)]
    groups = [f"patient {k // 4}" for k in range(120)]
    images = image_set(ids, [0] * 120, groups)
    larger = image_set([*ids, content("new")], [0] * 121, [*groups, "patient 7"])
    moved = set(draw_split(images).test_ids) ^ (set(draw_split(larger).test_ids) - {content("new")})
    assert len(moved) <= 4


@pytest.mark.parametrize("seed", range(8))
def test_unbalanced_groups_come_near_the_share_in_every_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups: list[str] = []
    labels: list[int] = []
    for g in range(120):
        size = int(rng.choice([1, 2, 3, 5, 8, 40], p=[0.3, 0.25, 0.2, 0.15, 0.08, 0.02]))
        groups += [f"video {g}"] * size
        labels += rng.choice(3, size, p=rng.dirichlet([0.5, 0.5, 0.5])).tolist()
    images = image_set([content(str(k)) for k in range(len(groups))], labels, groups)
    split = draw_split(images)
    total, tested = Counter(labels), Counter(label_of(images)[i] for i in split.test_ids)
    for c in total:
        assert 0.15 <= tested[c] / total[c] <= 0.25, (c, tested, total)
    assert "groups kept whole" in split.how
    assert any("between" in note for note in split.notes)


def test_a_group_of_almost_all_images_trains_and_the_others_test() -> None:
    images = image_set([content(str(k)) for k in range(20)], [0, 1] * 10, ["large"] * 16 + ["a", "a", "b", "b"])
    split = draw_split(images)
    large = set(images.ids[:16].tolist())
    assert large <= set(split.train_ids)
    assert set(split.test_ids) == set(images.ids[16:].tolist())


def test_copies_with_different_labels_stay_on_one_side() -> None:
    for k in range(40):
        twice = content(f"conflict {k}")
        ids = [twice, f"{twice}-2", *(content(f"{k} {n}") for n in range(8))]
        split = draw_split(image_set(ids, [0, 1, *([0, 1] * 4)]))
        assert len({twice in split.test_ids, f"{twice}-2" in split.test_ids}) == 1


def test_a_copy_joins_two_groups_into_one() -> None:
    twice = content("twice")
    others = [content(str(k)) for k in range(4)]
    images = image_set([twice, f"{twice}-2", *others], [0] * 6, ["a", "b", "a", "b", "c", "d"])
    split = draw_split(images)
    assert len(set(split.test_ids) & {twice, f"{twice}-2", others[0], others[1]}) in {0, 4}


def test_a_class_of_one_image_trains_and_is_reported() -> None:
    images = image_set([content(str(k)) for k in range(11)], [0] * 10 + [1])
    split = draw_split(images)
    assert images.ids[10] in split.train_ids
    assert len(split.test_ids) == 2
    assert split.notes == ("Classes without a test image, since they have a single image or group: 1 (class 1).",)


def test_a_class_of_two_images_gives_one_to_each_side() -> None:
    ids = [content(str(k)) for k in range(2)]
    split = draw_split(image_set(ids, [0, 0]), share=0.01)
    assert len(split.train_ids) == len(split.test_ids) == 1
    assert len(draw_split(image_set(ids, [0, 0]), share=0.99).train_ids) == 1


def test_unlabelled_images_of_a_tested_group_are_left_out_of_training() -> None:
    ids = [content(str(k)) for k in range(8)]
    labels = [0, 0, UNLABELLED] * 2 + [0, UNLABELLED]
    images = image_set(ids, labels, ["a"] * 3 + ["b"] * 3 + ["c", "d"])
    split = draw_split(images, share=0.4)
    by_group = defaultdict(set)
    for i, g in zip(ids, images.groups.tolist(), strict=True):
        by_group[g].add(i)
    tested = [g for g in by_group if by_group[g] & set(split.test_ids)]
    assert tested
    assert set(split.left_out_ids) == {
        i for i, y, g in zip(ids, labels, "aaabbbcd", strict=True) if y < 0 and g in tested
    }
    assert by_group["d"] <= set(split.train_ids)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2, 20.0, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        draw_split(random_set(0, 50), share)


@pytest.mark.parametrize(
    ("labels", "groups"), [([UNLABELLED] * 4, None), ([0, 1, 2, 3], None), ([0, 0, 1, 1], ["a", "a", "b", "b"])]
)
def test_data_that_cannot_be_tested_are_refused(labels: list[int], groups: list[str] | None) -> None:
    images = image_set([content(str(k)) for k in range(4)], labels, groups)
    with pytest.raises(InputError, match="No test image could be drawn"):
        draw_split(images)


def test_given_test_images_take_their_copies_out_of_training() -> None:
    a, b, c, d = (content(name) for name in "abcd")
    train = image_set([a, f"{a}-2", b, c], [0, 1, 0, 1])
    test = image_set([a, d], [0, 1])
    split = split_given(train, test, how="test images from elsewhere")
    assert split.train_ids == tuple(sorted([b, c]))
    assert split.test_ids == tuple(sorted([a, d]))
    assert split.left_out_ids == (a, f"{a}-2")
    assert split.how == "test images from elsewhere"
    assert split.notes == ("Training images left out as exact copies of test images: 2.",)


def test_given_test_images_take_their_groups_out_of_training() -> None:
    ids = [content(str(k)) for k in range(7)]
    train = image_set(ids[:5], [0] * 5, ["p1", "p1", "p2", "p3", ""])
    test = image_set([ids[5], ids[2], ids[6]], [0] * 3, ["p1", "p9", ""])
    split = split_given(train, test, how="given")
    assert split.left_out_ids == tuple(sorted(ids[:3]))
    assert split.train_ids == tuple(sorted(ids[3:5]))
    assert split.notes == (
        "Training images left out as exact copies of test images: 1.",
        "Training images left out as belonging to a group with test images: 2.",
    )


def test_a_test_image_that_copies_a_training_patient_brings_the_whole_patient_out() -> None:
    ids = [content(str(k)) for k in range(3)]
    train = image_set(ids, [0] * 3, ["p1", "p1", "p2"])
    split = split_given(train, image_set([ids[0]], [0]), how="given")
    assert split.train_ids == (ids[2],)


def test_test_images_equal_to_all_training_images_are_refused() -> None:
    images = random_set(1, 10)
    with pytest.raises(InputError, match="10 of 10"):
        split_given(images, images, how="given")
    with pytest.raises(InputError, match="got 0 test images"):
        split_given(images, images.take(np.array([], dtype=np.int64)), how="given")


@pytest.mark.parametrize("grouped", [0, 12])
def test_a_split_reads_back_as_it_was_written(tmp_path: Path, grouped: int) -> None:
    images = random_set(2, 90, grouped=grouped, copies=6)
    split = draw_split(images)
    save_split(tmp_path / "split.json", split)
    assert load_split(tmp_path / "split.json") == split
    train, test = split.apply(images)
    assert (tuple(train.ids), tuple(test.ids)) == (split.train_ids, split.test_ids)
    assert label_of(train).items() <= label_of(images).items()


def test_a_split_of_other_data_is_refused_with_counts() -> None:
    images = random_set(2, 60)
    split = draw_split(images)
    with pytest.raises(InputError, match=r"the data lack 5 \(.*, \.\.\. \(2 more\)\).*does not name 0\. "):
        split.apply(images.take(np.arange(55)))
    with pytest.raises(InputError, match=r"the data lack 0\..*does not name 1 \("):
        replace(split, train_ids=split.train_ids[1:]).apply(images)


def test_a_split_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no split .*gone\.json"):
        load_split(tmp_path / "gone.json")


@pytest.mark.parametrize(
    "change",
    [
        {"train_ids": None},
        {"train_ids": [1, 2]},
        {"test_ids": "abc"},
        {"notes": [3]},
        {"train_ids": ["a", "a"], "test_ids": ["b"]},
        {"train_ids": ["a"], "test_ids": ["a"]},
        {"train_ids": ["a"], "test_ids": ["b"], "left_out_ids": ["a"]},
    ],
)
def test_a_damaged_split_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "split.json"
    save_split(path, Split(train_ids=("a",), test_ids=("b",), left_out_ids=(), how="given"))
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DamagedState, match=r"split\.json"):
        load_split(path)


@pytest.mark.parametrize("content", [b"PAR1\x00", b'{"format": "swither experiment"}', b""])
def test_a_file_of_another_kind_is_not_called_a_damaged_split(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(InputError, match=r"other is not a split file. Expected the split\.json"):
        load_split(tmp_path / "other")


def test_a_split_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    save_split(path, Split(train_ids=("a",), test_ids=("b",), left_out_ids=(), how="given"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamagedState, match="damaged"):
        load_split(path)


def test_a_split_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    save_split(path, Split(train_ids=("a",), test_ids=("b",), left_out_ids=(), how="given"))
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(NewerFormat, match="version 2"):
        load_split(path)


def test_a_split_of_the_first_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    path.write_text(
        '{"format": "swither split", "version": 1, "how": "given", "notes": ["n"],'
        ' "train_ids": ["a", "c"], "test_ids": ["b"], "left_out_ids": ["d"]}'
    )
    assert load_split(path) == Split(("a", "c"), ("b",), ("d",), "given", ("n",))


@pytest.mark.data
def test_the_ten_images_of_cifar100_that_stand_on_both_sides_leave_training(
    real_data: Callable[[str], Path],
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")

    def part(name: str) -> ImageSet:
        seen: Counter[str] = Counter()
        ids = []
        for file in sorted(real_data("cifar100").glob(f"{name}-*.parquet")):
            for cell in parquet.read_table(file, columns=["img"])["img"]:
                hashed = hashlib.blake2b(cell["bytes"].as_py(), digest_size=16).hexdigest()
                seen[hashed] += 1
                ids.append(hashed if seen[hashed] == 1 else f"{hashed}-{seen[hashed]}")
        return image_set(ids, [0] * len(ids))

    split = split_given(part("train"), part("test"), how="given")
    assert len(split.left_out_ids) == 10
    assert (len(split.train_ids), len(split.test_ids)) == (49_990, 10_000)
