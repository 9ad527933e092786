"""Every answer can be sent, whatever a file is called."""

from __future__ import annotations

import json

import pytest

from swither.web.answers import Answer, as_json


@pytest.mark.parametrize("name", ["plain.jpg", "Iain Mòr 李.jpg", "broken-\udcff.jpg", "two\nlines\u2028.jpg"])
def test_a_name_of_any_characters_comes_through_on_one_line(name: str) -> None:
    sent = Answer({"name": name}).body
    assert bytes(sent).isascii()
    assert b"\n" not in bytes(sent)
    assert json.loads(bytes(sent)) == {"name": name}


def test_what_is_no_json_is_an_error_here_and_not_in_the_browser() -> None:
    with pytest.raises(ValueError, match="JSON"):
        as_json({"share": float("nan")})
