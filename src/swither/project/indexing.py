"""Everything that a project learns of its images in the background, in small steps that can be killed at any time."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from swither.data.embedding_file import EmbeddingFile
from swither.data.intake import cores
from swither.errors import Busy
from swither.files import locked, make_folder
from swither.project.clock import now
from swither.project.discovery import Discovery
from swither.project.embedders import Embedder, choose_embedder
from swither.project.embeddings import NOTE as EMBEDDINGS
from swither.project.embeddings import embedding_folder, look_again, opened, rows_state
from swither.project.near_copies import FingerprintFile, fingerprint_path
from swither.project.one_look import look
from swither.project.records import ImageFile

if TYPE_CHECKING:
    from swither.project.project import Project

NOTE = "indexing"
"""Under this name the store keeps how far it is."""

AT_ONCE = 16
"""Files read together for each core, as many as are embedded together: at most so many are read again after a kill."""

_THREADS = 8  # that decode at most: a large image takes hundreds of megabytes meanwhile
_NOTE_SECONDS = 1.0
_NAMED = 20
_PAUSE, _LEAST_PAUSE = 50.0, 30.0  # until the next walk: so many times what the last one took; seconds


class Indexer:
    """Walks the folder, and reads every image once for its id, thumbnail, near copies and embedding.

    Images come in an order drawn by their paths, so that what is embedded at any time is a fair sample of all. All that
    is written can be written again: after a kill the next one goes on, and reads at most one batch a second time. When
    everything is read, the folder is walked again from time to time. Only one process indexes a project at a time.

    Args:
        project: whose images.
        stop: asked between two batches; says whether to leave off.
        embedder: what embeds; None: the best that is installed, loaded with the first image.
    """

    def __init__(
        self, project: Project, stop: Callable[[], bool] = lambda: False, *, embedder: Embedder | None = None
    ) -> None:
        self.project, self._stop, self._embedder = project, stop, embedder
        self._discovery: Discovery | None = None
        self._walk_again = self._walk_began = -float("inf")
        self._todo: deque[ImageFile] = deque()
        self._of = 0
        self._problems: dict[str, str] = {}
        self._found = ""
        self._fingerprints = FingerprintFile(fingerprint_path(project))
        self._fingerprinted: set[str] = set()
        self._records = 0
        self._rows: EmbeddingFile | None = None  # its own, as those for reading must not change while they are read
        self._rows_state = (0, 0)
        self._said: tuple[object, ...] = ()
        self._said_at = -float("inf")

    def step(self, seconds: float = 2.0) -> bool:
        """Work for about so long: at least one piece of the walk, or one batch of images.

        Returns:
            Whether there is more to do now; False also where another process does it.

        Raises:
            NotEnoughSpace, NotWritable: what was read cannot be kept.
        """
        until = time.monotonic() + seconds
        try:
            with locked(self.project.derived("indexing") / "lock"):
                while not self._stop():
                    if not self._piece(until - time.monotonic()):
                        return False
                    if time.monotonic() >= until:
                        return True
                return bool(self._discovery or self._todo)
        except Busy:
            return False

    def prefer(self, paths: Collection[str]) -> None:
        """Read these files next, where they are still to be read: somebody waits for what they give."""
        first = [file for file in self._todo if file.path in paths]
        if first:
            self._todo = deque([*first, *(file for file in self._todo if file.path not in paths)])

    def close(self) -> None:
        """Leave off; another one may be made at any time."""
        if self._discovery is not None:
            self._discovery.close()
            self._discovery = None

    def _piece(self, seconds: float) -> bool:
        """Do one thing; whether there was one to do."""
        if self._discovery is None and not self._todo:
            if time.monotonic() < self._walk_again:
                return False
            self._discovery, self._walk_began = Discovery(self.project), time.monotonic()
        if self._discovery is not None:
            self._walk(self._discovery, max(0.1, min(seconds, 0.5)))
        if self._discovery is None and self._todo:
            self._read_batch()
        return self._discovery is not None or bool(self._todo)

    # The walk, and what follows from it.

    def _walk(self, discovery: Discovery, seconds: float) -> None:
        if discovery.step(seconds):
            self._say("looking through the folder", discovery.found, 0)
            return
        self._walk_again = time.monotonic() + max(_LEAST_PAUSE, _PAUSE * (time.monotonic() - self._walk_began))
        self._discovery, self._found = None, discovery.words()
        if discovery.problem is not None:
            self._problems = {"": discovery.problem}
            self._say("waiting for the folder", 0, 0, ended=True)
            return
        self._plan(dict(discovery.passed.closed))

    def _plan(self, closed: dict[str, str]) -> None:
        """Find what is to be read: files never read, and images of which something is missing."""
        self._read_fingerprints()
        present = [file for file in self.project.store.files() if file.present]
        embedded = self._embeddings().rows if present else {}
        todo, planned = [], set[str]()
        for file in present:
            if file.image is None:
                if file.problem is None:
                    todo.append(file)
            elif file.problem is None and file.image not in planned:
                planned.add(file.image)
                if file.image not in self._fingerprinted or file.image not in embedded:
                    todo.append(file)
        seed = self.project.settings.seed
        self._todo = deque(sorted(todo, key=lambda file: _drawn(seed, file.path)))
        self._of = len(present)
        self._problems = closed | {file.path: file.problem for file in present if file.problem is not None}
        if not todo:
            self._finish()

    def _finish(self) -> None:
        embedder = self._embedder
        if embedder is not None:
            self._note_embeddings(embedder, complete=True)
        self._say("done", self._of, self._of, ended=True)

    # Reading.

    def _read_batch(self) -> None:
        batch = [self._todo.popleft() for _ in range(min(AT_ONCE * cores(), len(self._todo)))]
        self._read_fingerprints()
        embedder, embeddings = self._chosen(), self._embeddings()
        with ThreadPoolExecutor(min(cores(), _THREADS)) as pool:
            looks = list(
                pool.map(
                    lambda file: look(self.project, file, embedder.side, self._fingerprinted, embeddings.rows), batch
                )
            )
        squares = {one.file.image: one.square for one in looks if one.file.image and one.square is not None}
        if squares:
            embeddings.append(list(map(str, squares)), embedder.embed(list(squares.values())))
            self._rows_state = rows_state(embeddings.path.parent)
        prints = {str(one.file.image): one.fingerprint for one in looks if one.fingerprint is not None}
        if prints:
            self._fingerprints.append(prints)
        changed = [one.file for one, before in zip(looks, batch, strict=True) if one.file != before]
        if changed:  # last: what the store knows as read has everything else
            self.project.store.put_files(changed)
            if not all(file.present for file in changed):
                look_again(self.project)
        for one in looks:
            if (words := one.problem or one.file.problem) is not None:
                self._problems[one.file.path] = words
        self._say("reading images", self._of - len(self._todo), self._of)
        if not self._todo:
            self._finish()

    def _read_fingerprints(self) -> None:
        if self._fingerprints.count() < self._records:  # deleted by somebody
            self._records = 0
            self._fingerprinted.clear()
        ids, _, self._records = self._fingerprints.read(self._records)
        self._fingerprinted.update(ids)

    def _chosen(self) -> Embedder:
        if self._embedder is None:
            self._embedder = choose_embedder(self.project)
        return self._embedder

    def _embeddings(self) -> EmbeddingFile:
        embedder = self._chosen()
        folder = embedding_folder(self.project, embedder.key)
        make_folder(folder)
        if self._rows is None or self._rows_state != rows_state(folder):
            self._rows, self._rows_state = EmbeddingFile(folder, embedder.width), rows_state(folder)
            self._note_embeddings(embedder, complete=False)
        return self._rows

    def _note_embeddings(self, embedder: Embedder, *, complete: bool) -> None:
        """Say which embeddings are used: better ones only when they are complete, so that no label is without one."""
        about: dict[str, Any] = {name: getattr(embedder, name) for name in ("key", "width", "description", "problem")}
        note: dict[str, Any] = self.project.store.note(EMBEDDINGS) or {}
        used = note.get("used")
        if used is not None and used["key"] != embedder.key and not complete:
            complete = not opened(embedding_folder(self.project, used["key"]), used["width"]).rows
        if used is None or used["key"] == embedder.key or complete:
            new = {"used": about, "making": None}
        else:
            new = {"used": used, "making": about}
        if new != note:
            self.project.store.set_note(EMBEDDINGS, new)

    # Saying how far it is.

    def _say(self, what: str, done: int, of: int, *, ended: bool = False) -> None:
        """Leave a note for people, once a second at most, and none that says nothing new."""
        said = (what, done, of, len(self._problems))
        if said == self._said or (not ended and time.monotonic() - self._said_at < _NOTE_SECONDS):
            return
        self._said, self._said_at = said, time.monotonic()
        named = [{"path": path, "words": words} for path, words in sorted(self._problems.items())[:_NAMED]]
        note = {"what": what, "done": done, "of": of, "problems": len(self._problems), "running": not ended}
        self.project.store.set_note(NOTE, {**note, "named": named, "found": self._found, "at": now()})


def _drawn(seed: int, path: str) -> bytes:
    return hashlib.blake2b(f"{seed}:{path}".encode(), digest_size=8, person=b"indexing").digest()
