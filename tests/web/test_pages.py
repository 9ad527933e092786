"""The page and its files come with the package, ask nobody else, and are asked for again after an update."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import swither.web
from swither.project.ledger import KEYS

HERE = Path(swither.web.__file__).parent
FILES = sorted(path for folder in ("static", "templates") for path in (HERE / folder).iterdir() if path.is_file())
OUTSIDE = re.compile(rb"""(?:https?:)?//(?!www\.w3\.org)[a-z0-9-]+\.[a-z]{2,}""")


def test_the_page_loads_nothing_but_what_is_served_here(client: TestClient) -> None:
    page = client.get("/").text
    assert "<script>" not in page
    assert " style=" not in page
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert loaded
    for address in loaded:
        assert address.startswith("/"), address
        if address.startswith("/static/"):
            assert client.get(address).status_code == 200, address


def test_the_page_takes_the_keys_of_classes_from_where_they_are_given(client: TestClient) -> None:
    assert f'data-class-keys="{"".join(KEYS)}"' in client.get("/").text
    assert KEYS[1] not in (HERE / "static" / "classes.js").read_text(encoding="utf-8"), "a second list of keys"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_of_the_page_names_another_host(path: Path) -> None:
    lines = [line for line in path.read_bytes().splitlines() if OUTSIDE.search(line)]
    assert not lines


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name == "static"], ids=lambda path: path.name)
def test_a_static_file_has_its_type_and_is_asked_for_again(client: TestClient, path: Path) -> None:
    answer = client.get(f"/static/{path.name}")
    kinds = {".js": "javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    assert kinds[path.suffix] in answer.headers["content-type"]
    assert answer.headers["cache-control"] == "no-cache"
    assert client.get(f"/static/{path.name}", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/", "/static"]
)
def test_nothing_but_the_static_files_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (404, 405)
