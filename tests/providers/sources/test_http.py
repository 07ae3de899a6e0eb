"""Reading addresses, over real sockets: everything ends, nothing grows, nobody is led astray."""

import gzip
import ipaddress
import zlib

import pytest

from providers import addresses
from providers.sources.http import Fetcher, FetchFailed, Limits

from .servers import dripping, redirect, response, serving

LOOPBACK = ["127.0.0.1/32"]


def fetcher(**limits) -> Fetcher:
    return Fetcher(
        limits=Limits(**{"seconds": 60.0, "attempts": 1, **limits}),
        allowed_private=LOOPBACK,
        sleep=lambda seconds: None,
    )


def test_it_reads_a_body():
    with serving(response(b'{"a": 1}')) as url:
        assert fetcher().get(url) == b'{"a": 1}'


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_it_unpacks(encoding, pack):
    body = b'{"a": 1}' * 50_000
    with serving(response(pack(body), Content_Encoding=encoding)) as url:
        assert fetcher().get(url) == body


# -- it ends --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "],
    ids=["in the body", "in the head"],
)
def test_a_slow_loris_ends_at_the_deadline(head):
    with serving(dripping(0.05, head)) as url, pytest.raises(FetchFailed, match="0.4 seconds"):
        fetcher(seconds=0.4, attempts=5).get(url)


def test_a_server_that_asks_for_more_than_the_deadline_is_left_alone():
    slept = []
    with (
        serving(response(status="503 Busy", Retry_After="3600")) as url,
        pytest.raises(FetchFailed) as failure,
    ):
        Fetcher(
            limits=Limits(seconds=60.0, attempts=3), allowed_private=LOOPBACK, sleep=slept.append
        ).get(url)
    assert slept == []
    assert failure.value.after == 3600


def test_a_server_that_asks_for_a_moment_gets_it():
    slept = []
    busy = response(status="429 Too Many Requests", Retry_After="3")
    with serving(busy, response(b"{}")) as url:
        Fetcher(limits=Limits(), allowed_private=LOOPBACK, sleep=slept.append).get(url)
    assert slept == [3.0]


# -- it stays small -------------------------------------------------------------------------------


def test_a_large_body_is_refused():
    with (
        serving(response(b"x" * 5000)) as url,
        pytest.raises(FetchFailed, match="larger than 4000"),
    ):
        fetcher(max_bytes=4000).get(url)


def test_a_gzip_bomb_is_refused_by_its_unpacked_size():
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    with (
        serving(response(bomb, Content_Encoding="gzip")) as url,
        pytest.raises(FetchFailed, match="larger than 1000000"),
    ):
        fetcher(max_bytes=1_000_000).get(url)


def test_a_packing_nobody_asked_for_is_refused():
    with (
        serving(response(b"?", Content_Encoding="br")) as url,
        pytest.raises(FetchFailed, match="br"),
    ):
        fetcher().get(url)


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"x" * 9000, mtime=0)[:-20]])
def test_damaged_packing_is_refused(body):
    with serving(response(body, Content_Encoding="gzip")) as url, pytest.raises(FetchFailed):
        fetcher().get(url)


# -- it tries again -------------------------------------------------------------------------------


def test_passing_trouble_is_tried_again_with_growing_pauses():
    slept = []
    busy = response(status="503 Busy")
    with serving(busy, busy, response(b"{}")) as url:
        again = Fetcher(
            limits=Limits(first_pause=0.5), allowed_private=LOOPBACK, sleep=slept.append
        )
        assert again.get(url) == b"{}"
    assert slept == [0.5, 1.0]


def test_a_refusal_is_not_tried_again():
    with (
        serving(response(status="404 Not Found"), response(b"{}")) as url,
        pytest.raises(FetchFailed, match="answered 404"),
    ):
        fetcher(attempts=3).get(url)


def test_a_connection_that_breaks_is_tried_again():
    with serving(lambda connection: None, response(b"{}")) as url:
        assert fetcher(attempts=2).get(url) == b"{}"


# -- it stays outside -----------------------------------------------------------------------------


def test_a_redirect_is_followed():
    with serving(response(b"{}")) as there, serving(redirect(there)) as here:
        assert fetcher().get(here) == b"{}"


def test_redirects_in_a_circle_end():
    with serving(redirect("/")) as url, pytest.raises(FetchFailed, match="more than 5 redirects"):
        fetcher().get(url)


@pytest.mark.parametrize(
    "inside",
    [
        "https://127.0.0.2/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "http://127.0.0.2/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_inside_is_refused(inside):
    with serving(redirect(inside)) as url, pytest.raises(FetchFailed) as failure:
        fetcher().get(url)
    assert "not public" in str(failure.value) or "not https" in str(failure.value)


def test_loopback_is_refused_unless_allowed():
    with serving(response(b"{}")) as url, pytest.raises(FetchFailed, match="not https"):
        Fetcher(limits=Limits(attempts=1)).get(url)


def test_a_proxy_does_not_lead_inside_either():
    through = Fetcher(proxy="http://127.0.0.1:9", allowed_private=LOOPBACK)
    for inside in ("https://10.0.0.1/", "https://localhost/"):
        with pytest.raises(FetchFailed, match="not public"):
            through.get(inside)


def test_a_proxy_is_called_even_where_it_is_private():
    with serving(response(status="403 Forbidden")) as proxy:
        through = Fetcher(limits=Limits(attempts=1), proxy=proxy)
        with pytest.raises(FetchFailed, match="ProxyError 403"):
            through.get("https://models.example/api.json")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.1", "::1"]
    + ["fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::"]
    + ["100.64.0.1", "224.0.0.1", "255.255.255.255"],
)
def test_addresses_that_are_not_public(address):
    assert not addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_addresses_that_are_public(address):
    assert addresses.is_public(ipaddress.ip_address(address))
