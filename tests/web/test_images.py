"""Images are looked up by id; no path comes from outside or leads there, and nothing is served as a document."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from swither.data.identity import content_id
from swither.project.records import ImageFile
from swither.web.workspace import Workspace


def first(client: TestClient) -> dict[str, Any]:
    """The first question."""
    item: dict[str, Any] = client.get("/api/next?count=1").json()["items"][0]
    return item


def known_as_image(workspace: Workspace, name: str, content: bytes) -> str:
    """A file whose bytes the store takes for an image, whatever they are; its id."""
    path = workspace.project.images / name
    path.write_bytes(content)
    image = content_id(content)
    workspace.project.store.put_files([ImageFile(name, len(content), path.stat().st_mtime_ns, image, 8, 8)])
    return image


def test_preview_thumbnail_and_original_show_the_image(client: TestClient, workspace: Workspace) -> None:
    item = first(client)
    path = workspace.project.images / item["name"]
    for address in (item["preview"], item["thumbnail"]):
        answer = client.get(address)
        assert answer.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(answer.content)).size == (item["width"], item["height"])
    original = client.get(f"/images/{item['image']}/original")
    assert original.content == path.read_bytes()
    assert original.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize("kind", ["preview", "thumbnail", "original"])
def test_what_an_id_names_is_kept_by_the_browser_and_not_sent_twice(client: TestClient, kind: str) -> None:
    address = f"/images/{first(client)['image']}/{kind}"
    answer = client.get(address)
    assert "immutable" in answer.headers["cache-control"]
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


@pytest.mark.parametrize(
    "image",
    [
        "f" * 32,
        "..",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "early/000.jpg",
        "A" * 32,
        "0" * 31,
        "0" * 32 + "%00",
        "-2",
    ],
)
@pytest.mark.parametrize("kind", ["preview", "thumbnail", "original"])
def test_what_is_no_id_of_an_image_is_not_there(client: TestClient, image: str, kind: str) -> None:
    answer = client.get(f"/images/{image}/{kind}", headers={"If-None-Match": f'"{image}-{kind}"'})
    assert answer.status_code == (304 if image == "f" * 32 else 404)
    assert b"root:" not in answer.content


def test_a_link_that_leads_out_of_the_folder_is_not_followed(
    client: TestClient, workspace: Workspace, tmp_path: Path
) -> None:
    outside = tmp_path / "secret.jpg"
    Image.new("RGB", (8, 8), "red").save(outside)
    link = workspace.project.images / "link.jpg"
    link.symlink_to(outside)
    image = content_id(outside.read_bytes())
    status = outside.stat()
    workspace.project.store.put_files([ImageFile("link.jpg", status.st_size, status.st_mtime_ns, image, 8, 8)])
    linked = workspace.project.images / "folder"
    linked.symlink_to(tmp_path, target_is_directory=True)
    inside = content_id(b"through a folder")
    (tmp_path / "other.jpg").write_bytes(b"through a folder")
    workspace.project.store.put_files([ImageFile("folder/other.jpg", 16, 0, inside, 8, 8)])
    for one in (image, inside):
        for kind in ("preview", "thumbnail", "original"):
            assert client.get(f"/images/{one}/{kind}").status_code == 404, kind


def test_a_path_in_the_store_that_points_elsewhere_is_not_served(client: TestClient, workspace: Workspace) -> None:
    image = content_id(b"elsewhere")
    (workspace.project.images.parent / "elsewhere.jpg").write_bytes(b"elsewhere")
    workspace.project.store.put_files([ImageFile("../elsewhere.jpg", 9, 0, image, 8, 8)])
    assert client.get(f"/images/{image}/original").status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"",
        b"GIF8<script>",
    ],
)
@pytest.mark.parametrize("name", ["drawing.jpg", "page.png"])
def test_a_document_that_is_called_an_image_is_never_shown_as_a_document(
    client: TestClient, workspace: Workspace, content: bytes, name: str
) -> None:
    answer = client.get(f"/images/{known_as_image(workspace, name, content)}/original")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("kind", ["TIFF", "PPM"])
def test_what_browsers_do_not_draw_comes_as_jpeg_of_its_size(
    client: TestClient, workspace: Workspace, kind: str
) -> None:
    written = io.BytesIO()
    Image.new("RGB", (50, 30), "blue").save(written, kind)
    answer = client.get(f"/images/{known_as_image(workspace, f'scan.{kind.lower()}', written.getvalue())}/original")
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (50, 30)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_what_browsers_draw_comes_as_it_is(client: TestClient, workspace: Workspace, kind: str) -> None:
    written = io.BytesIO()
    Image.new("RGB", (50, 30), "blue").save(written, kind)
    answer = client.get(f"/images/{known_as_image(workspace, 'one.img', written.getvalue())}/original")
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    assert answer.content == written.getvalue()


def test_a_name_with_quotes_and_newlines_stays_one_header(client: TestClient, workspace: Workspace) -> None:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "PNG")
    image = known_as_image(workspace, 'a"b\r\nX-Evil: 1 ü.png', written.getvalue())
    answer = client.get(f"/images/{image}/original")
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers
    assert answer.headers["content-disposition"].endswith("%C3%BC.png")


def test_an_image_whose_file_is_gone_is_not_there(
    client: TestClient, workspace: Workspace, send: Callable[..., Any]
) -> None:
    item = first(client)
    (workspace.project.images / item["name"]).unlink()
    for kind in ("preview", "original"):
        answer = client.get(f"/images/{item['image']}/{kind}")
        assert answer.status_code in (200, 404)
    assert client.get(f"/images/{item['image']}/original").status_code == 404


def test_a_file_that_was_replaced_is_not_served_under_the_old_id(client: TestClient, workspace: Workspace) -> None:
    item = first(client)
    path = workspace.project.images / item["name"]
    Image.new("RGB", (9, 9), "green").save(path)
    answer = client.get(f"/images/{item['image']}/original")
    assert answer.status_code == 404


def test_a_file_that_was_only_touched_is_served_still(client: TestClient, workspace: Workspace) -> None:
    item = first(client)
    (workspace.project.images / item["name"]).touch()
    assert client.get(f"/images/{item['image']}/original").status_code == 200
