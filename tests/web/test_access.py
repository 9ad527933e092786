"""Only loopback is open without a token, and only names that nobody else can point here are answered."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from swither.errors import InputError
from swither.web.access import Access, is_loopback, new_token
from swither.web.server import address

TOKEN = "a-token-of-enough-letters"


def test_elsewhere_there_is_no_access_without_a_token() -> None:
    with pytest.raises(InputError, match="token"):
        Access("0.0.0.0")
    with pytest.raises(InputError, match="at least 16"):
        Access("0.0.0.0", "short")
    assert Access("0.0.0.0", new_token()).token != new_token()
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.0.1", "example.org", "")))
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "localhost")))


def test_a_token_is_told_from_every_other() -> None:
    access = Access("0.0.0.0", TOKEN)
    assert access.admits(TOKEN)
    assert not any(map(access.admits, (None, "", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\u00fc")))
    assert Access().admits(None)


def test_on_loopback_an_address_of_another_machine_is_not_ours() -> None:
    assert not Access().knows("192.168.1.7:8421")
    assert Access("0.0.0.0", TOKEN).knows("192.168.1.7:8421")
    assert Access("192.168.1.7", TOKEN).knows("192.168.1.7")


@pytest.mark.parametrize("host", ["127.0.0.2", "127.0.0.1", "localhost", "::1", "192.168.1.7", "Box.Example"])
def test_a_server_is_reached_under_the_address_that_it_prints(host: str) -> None:
    printed = urlsplit(address(host, 8421, None)).netloc
    assert Access(host, None if is_loopback(host) else TOKEN).knows(printed)
    assert not Access("127.0.0.2").knows("127.0.0.3:8421")
