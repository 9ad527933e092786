"""Checks of `swither.project.store_contract` that need nothing from it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from swither.project.contract import Store
from swither.project.records import ImageFile

OpenStore = Callable[[], Store]


def check_finding(store: Store) -> None:
    """Against a look at all files: what is counted, gone and found."""
    odd = (
        ImageFile("Straße/ÉTÉ_1%.jpg", 1, 1, "f" * 32, 1, 1),
        ImageFile("a/copy of été_1%.jpg", 1, 1, "f" * 32, 1, 1),
        ImageFile("été/unread.jpg", 1, 1),
        ImageFile("été/broken.jpg", 1, 1, "e" * 32, problem="damaged"),
        ImageFile("été/gone.jpg", 1, 1, "d" * 32, 1, 1, present=False),
        ImageFile("été/gone unread.jpg", 1, 1, present=False),
    )
    store.put_files(odd)
    files = [file for file in store.files() if file.present]
    shown = {file.image for file in files if file.problem is None and file.image is not None}
    unread = [file for file in files if file.problem is None and file.image is None]
    assert store.count_files() == (len(files), len(shown) + len(unread))
    known = {file.image for file in store.files() if file.image is not None}
    assert store.gone_images() == known - {file.image for file in files}
    assert "d" * 32 in store.gone_images()
    for text in ("été", "ÉTÉ", "STRASSE", "%", "_1", ".JPG", "nowhere", "'"):
        named = [file for file in files if file.problem is None and text.casefold() in file.path.casefold()]
        expected = list(dict.fromkeys(file.image for file in named if file.image is not None))
        assert store.images_named(text, 99) == (tuple(expected), sum(file.image is None for file in named)), text
        assert store.images_named(text, 1)[0] == tuple(expected[:1])


def a_project_has_one_identity(open_store: OpenStore) -> None:
    """Also where it is first asked for by several at once, and after the store was closed."""
    with open_store() as store:
        found: list[str] = []

        def ask() -> None:
            with open_store() as other:
                found.append(other.identity())

        asking = [threading.Thread(target=ask) for _ in range(4)]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
        assert set(found) == {store.identity()}
        assert len(found) == 4
        assert len(found[0]) >= 16
        assert set(found[0]) <= set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-")
        changes = store.changes()
        store.identity()
        assert store.changes() == changes, "to read it is no write"
    with open_store() as again:
        assert again.identity() == found[0]
