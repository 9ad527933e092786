"""CIFAR by name, from a server on loopback that serves small archives of the same layout."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from swither.data import open_dataset, open_images, open_with_report
from swither.data.cache import cache_folder
from swither.data.identity import array_id
from swither.data.settings import DataSettings
from swither.errors import DownloadFailed, UnknownName

ROWS = 20  # of each file of CIFAR-10


@dataclass
class Server:
    """What is served, and how it misbehaves."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    break_after: list[int] = field(default_factory=list)  # bytes sent before the connection ends, request by request
    ranges: bool = True


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.requests.append((self.path, asked))
            content = state.files.get(self.path.lstrip("/"))
            if content is None:
                self.send_error(404)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and state.ranges else 0
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            end = start + state.break_after.pop(0) if state.break_after else len(content)
            self.wfile.write(content[start:end])

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_port}"
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def records(seed: int, rows: int, *classes: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    labels = [random.integers(0, count, (rows, 1), dtype=np.uint8) for count in classes]
    return np.hstack([*labels, random.integers(0, 256, (rows, 3072), dtype=np.uint8)])


TEN = {
    name: records(seed, ROWS, 10) for seed, name in enumerate([*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"])
}
HUNDRED = {"train": records(7, 40, 20, 100), "test": records(8, 10, 20, 100)}


@pytest.fixture
def ten(server: Server, monkeypatch: pytest.MonkeyPatch) -> bytes:
    names = b"\n".join(b"class%d" % n for n in range(10)) + b"\n\n"
    files = {f"cifar-10-batches-bin/{name}.bin": rows.tobytes() for name, rows in TEN.items()}
    content = archive({**files, "cifar-10-batches-bin/batches.meta.txt": names, "../outside.txt": b"no"})
    server.files["cifar-10-binary.tar.gz"] = content
    monkeypatch.setenv("SWITHER_CIFAR_URL", server.url)
    monkeypatch.setenv("SWITHER_CIFAR10_MD5", hashlib.md5(content).hexdigest())
    return content


@pytest.fixture
def hundred(server: Server, monkeypatch: pytest.MonkeyPatch) -> bytes:
    files = {f"cifar-100-binary/{name}.bin": rows.tobytes() for name, rows in HUNDRED.items()}
    files["cifar-100-binary/fine_label_names.txt"] = "\n".join(f"fine{n:02}" for n in range(100)).encode()
    files["cifar-100-binary/coarse_label_names.txt"] = "\n".join(f"coarse{n:02}" for n in range(20)).encode()
    content = archive(files)
    server.files["cifar-100-binary.tar.gz"] = content
    monkeypatch.setenv("SWITHER_CIFAR_URL", server.url)
    monkeypatch.setenv("SWITHER_CIFAR100_MD5", hashlib.md5(content).hexdigest())
    return content


def test_cifar10_is_downloaded_once_and_unpacked_exactly(ten: bytes, server: Server) -> None:
    data = open_dataset("cifar10")
    assert (len(data.train), len(data.test)) == (5 * ROWS, ROWS)
    assert data.train.class_names == tuple(f"class{n}" for n in range(10))
    for images in (data.train, data.test):
        for image_id, path, label, pixels in zip(
            images.ids, images.paths, images.labels, images.images(slice(None)), strict=True
        ):
            file, row = str(path).split(".bin#")
            record = TEN[file][int(row)]
            plain = np.stack([record[1 + 1024 * c : 1 + 1024 * (c + 1)].reshape(32, 32) for c in range(3)], axis=-1)
            assert label == record[0]
            assert np.array_equal(pixels, plain)
            assert image_id == array_id(plain)
    assert open_with_report("cifar10")[1].decoded == 0
    assert len(server.requests) == 1
    assert not (cache_folder() / "outside.txt").exists()


def test_cifar100_has_fine_and_coarse_labels(hundred: bytes) -> None:
    fine = open_images("cifar100")
    coarse = open_images(DataSettings("cifar100", label_column="coarse_label"))
    assert (fine.classes, coarse.classes) == (100, 20)
    assert fine.ids.tolist() == coarse.ids.tolist()
    for path, one, other in zip(fine.paths, fine.labels, coarse.labels, strict=True):
        file, row = str(path).split(".bin#")
        assert [other, one] == HUNDRED[file][int(row), :2].tolist()
    with pytest.raises(UnknownName, match="fine_label"):
        open_images(DataSettings("cifar100", label_column="fine"))


def test_progress_counts_what_has_come(ten: bytes) -> None:
    told: list[tuple[str, int, int]] = []
    open_images("cifar10", progress=lambda *what: told.append(what))
    counts = [(done, total) for what, done, total in told if what.startswith("downloading")]
    assert counts[-1] == (len(ten) // 1000, len(ten) // 1000)


def test_a_wrong_checksum_is_refused_and_removed(ten: bytes, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.delenv("SWITHER_CIFAR10_MD5")
        with pytest.raises(DownloadFailed, match="expected c32a1d4ab5d03f1284b67883e8d87530"):
            open_images("cifar10")
    assert not [path for path in (cache_folder() / "downloads").iterdir() if path.suffix != ".lock"]
    assert len(open_images("cifar10")) == 6 * ROWS


def test_a_missing_file_names_the_address_and_the_way_without_a_network(ten: bytes, server: Server) -> None:
    del server.files["cifar-10-binary.tar.gz"]
    with pytest.raises(DownloadFailed, match=r"cifar-10-binary\.tar\.gz answers 404.*put it into") as caught:
        open_images("cifar10")
    assert server.url in str(caught.value)


def test_a_broken_connection_is_taken_up_where_it_broke_off(ten: bytes, server: Server) -> None:
    server.break_after = [1000, 2000]
    assert len(open_images("cifar10")) == 6 * ROWS
    assert [asked for _, asked in server.requests] == [None, "bytes=1000-", "bytes=3000-"]


def test_a_connection_that_keeps_breaking_keeps_what_came_for_the_next_start(ten: bytes, server: Server) -> None:
    server.break_after = [1000, 1000, 1000]
    with pytest.raises(DownloadFailed, match="3,000 bytes have arrived and are kept"):
        open_images("cifar10")
    assert len(open_images("cifar10")) == 6 * ROWS
    assert server.requests[-1][1] == "bytes=3000-"


def test_a_server_that_cannot_resume_sends_all_of_it_again(ten: bytes, server: Server) -> None:
    server.ranges = False
    server.break_after = [1000]
    assert len(open_images("cifar10")) == 6 * ROWS


def test_a_finished_part_file_is_not_fetched_again(ten: bytes, server: Server) -> None:
    part = cache_folder() / "downloads" / "cifar-10-binary.tar.gz.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(ten)
    assert len(open_images("cifar10")) == 6 * ROWS


def test_an_archive_put_there_by_hand_needs_no_network(
    ten: bytes, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITHER_CIFAR_URL", "http://127.0.0.1:9")  # nobody listens there
    with pytest.raises(DownloadFailed, match=r"Cannot download .*Without a network, fetch cifar-10-binary"):
        open_images("cifar10")
    (cache_folder() / "downloads" / "cifar-10-binary.tar.gz").write_bytes(ten)
    assert len(open_images("cifar10")) == 6 * ROWS
    assert not server.requests


def test_an_archive_without_its_files_is_refused(ten: bytes, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (archive({"cifar-10-batches-bin/test_batch.bin": b""}), b"no archive", ten[:-2000]):
        server.files["cifar-10-binary.tar.gz"] = content
        monkeypatch.setenv("SWITHER_CIFAR10_MD5", hashlib.md5(content).hexdigest())
        with pytest.raises(DownloadFailed, match="does not hold what the CIFAR-10 archive holds"):
            open_images("cifar10")
        (cache_folder() / "downloads" / "cifar-10-binary.tar.gz").unlink()
