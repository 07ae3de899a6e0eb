"""Ways to lead the site inside, or to where clouds keep a machine's secrets: none connects."""

import ipaddress
import socket
import threading
from collections.abc import Iterator

import pytest

from providers.addresses import is_allowed, is_public, networks
from providers.network import Key
from providers.sources import http
from providers.sources.http import Fetcher, FetchFailed
from providers.stats import probe as probing
from providers.stats.probe import probe
from providers.stats.probed import Door, Limits, Probed, Target

pytestmark = pytest.mark.once

PUBLIC = "93.184.215.14"
# Names as an attacker's own server would answer for them.
NAMES = {
    "public.example": [PUBLIC],
    "inside.example": ["10.0.0.7"],
    "loopback.example": ["127.0.0.1"],
    "six.example": ["::1"],
    "both.example": [PUBLIC, "10.0.0.7"],
    "both-turned.example": ["10.0.0.7", PUBLIC],
    "mapped.example": ["::ffff:127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "metadata.google.internal": ["169.254.169.254"],
    "nat64.example": ["64:ff9b::a9fe:a9fe"],
    "azure.example": ["168.63.129.16"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
}
# Where clouds tell a machine its own secrets.
METADATA = (
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376"),
    *("169.254.170.2", "169.254.169.253", "[fd00:ec2::254]", "[fd00:ec2::23]", "[fd20:ce::254]"),
    *("[::ffff:169.254.169.254]", "[64:ff9b::169.254.169.254]", "[2002:a9fe:a9fe::]"),
    *("[64:ff9b:1::a9fe:a9fe]", "[::169.254.169.254]"),
    *("168.63.129.16", "100.100.100.200", "192.0.0.192", "[fd00:c1::a9fe:a9fe]", "[fd00:42::42]"),
    *("metadata.example", "metadata.google.internal", "nat64.example", "azure.example"),
)
HOSTS = (
    # loopback, in every notation that a resolver understands
    *("127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1"),
    *("017700000001", "0177.0.0.1", "0x7f.0x0.0x0.0x1", "127.255.255.254", "0", "0.0.0.0"),  # noqa: S104  written, not bound to
    *("localhost", "LOCALHOST", "localhost."),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]"),
    *("[::ffff:0:127.0.0.1]", "[2001:0:7f00:1::]"),
    # private and local
    *("10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
    *("[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[fec0::1]", "[::ffff:10.0.0.1]"),
    *("[64:ff9b::a00:1]", "[2002:a00:1::]"),
    *METADATA,
    # reserved, multicast, documentation
    *("192.0.2.1", "198.51.100.7", "203.0.113.7", "198.18.0.1", "192.88.99.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "0.0.0.1", "[ff02::1]", "[100::1]", "[2001:db8::1]"),
    *("[3fff::1]", "[5f00::1]"),
    # one host dressed as another
    *("public.example@127.0.0.1", "public.example:443@127.0.0.1", "public.example%40x@127.0.0.1"),
    *("127.0.0.1:443#@public.example", "127.0.0.1?@public.example", "127%2e0%2e0%2e1"),
    *("①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "127.0.0.1\\@public.example"),
    # names that point inside
    *(name for name in NAMES if name != "public.example"),
)
URLS = (
    *(f"https://{host}/v1" for host in HOSTS),
    # no TLS, no web
    *("http://public.example/v1", "http://127.0.0.1/v1", "ftp://public.example/v1"),
    *("file:///etc/passwd", "gopher://127.0.0.1:70/", "unix:///run/secrets", "//127.0.0.1/v1"),
    *("https:127.0.0.1", "https:///v1", "javascript:alert(1)", "data:text/plain,x", ""),
)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Every connection that anybody tried to open; none is."""
    tried: list[object] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: object, **how: object) -> list[object]:
        name = str(host).lower()
        if name not in NAMES:
            return real(host, port, *rest, flags=socket.AI_NUMERICHOST, **how)
        return [entry for address in NAMES[name] for entry in real(address, port, **how)]

    def connect(address: object, *rest: object, **how: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError(111, "no connections in this test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    yield tried


def ask(url: str, door: Door) -> Probed:
    """A probe whose key belongs to the very address, so that only the network's rules refuse it."""
    try:
        origin = probing.origin(probing.httpx2.URL(probing.dialects.address("openai-chat", url)))
    except (probing.httpx2.InvalidURL, UnicodeError):
        origin = ""
    key = Key(origin, "sk-secret")
    return probe(Target(url, "openai-chat", "m", 8), key, "?", Limits(seconds=60), door)


def test_there_are_enough_of_them() -> None:
    assert len(set(URLS)) >= 60


def test_a_public_host_would_be_called(connections: list[object]) -> None:
    """Else the tests below would be satisfied by a probe that never calls anybody."""
    ask("https://public.example/v1", Door())
    assert connections == [(PUBLIC, 443)]


@pytest.mark.parametrize("url", URLS)
def test_no_attack_gets_a_connection(url: str, connections: list[object]) -> None:
    probed = ask(url, Door())
    assert connections == [] and not probed.is_sent
    assert probed.outcome is None or not probed.is_connected
    with pytest.raises(FetchFailed):
        Fetcher(limits=http.Limits(seconds=60, attempts=1)).get(url)
    assert connections == []


@pytest.mark.parametrize("host", METADATA)
def test_no_setting_opens_metadata(host: str, connections: list[object]) -> None:
    ask(f"https://{host}/v1", Door(networks(["0.0.0.0/0", "::/0"])))
    assert connections == []


@pytest.mark.parametrize("host", [host for host in HOSTS if host not in NAMES])
def test_a_proxy_is_not_asked_for_what_lies_inside(host: str, connections: list[object]) -> None:
    """Names are looked up by the proxy; what is written as an address is refused here."""
    probed = ask(f"https://{host}/v1", Door(proxy="http://93.184.215.14:3128"))
    assert connections == [] and probed.outcome is None


def test_a_name_that_turns_around_is_caught(
    connections: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: public when it is looked at first, inside when it is called."""
    answers = iter([PUBLIC, "10.0.0.7", "10.0.0.7"])

    def turning(host: str, port: int, **how: object) -> list[object]:
        return [(2, 1, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", turning)
    ask("https://rebinding.example/v1", Door())
    ask("https://rebinding.example/v1", Door())
    assert connections == [(PUBLIC, 443)]


def test_the_address_that_was_checked_is_the_one_that_is_called(
    connections: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look-up: nothing resolves the name a second time."""
    asked: list[str] = []

    def once(host: str, port: int, **how: object) -> list[object]:
        asked.append(host)
        return [(2, 1, 6, "", (PUBLIC, port))]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    ask("https://some.example/v1", Door())
    assert asked == ["some.example"] and connections == [(PUBLIC, 443)]


def test_a_name_that_takes_for_ever_to_look_up_ends_at_the_deadline(
    connections: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def slowly(host: str, port: int, **how: object) -> list[object]:
        released.wait(60)
        raise OSError("too late")

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    key = Key("https://slow.example", "sk-secret")
    target = Target("https://slow.example/v1", "openai-chat", "m", 8)
    try:
        probed = probe(target, key, "?", Limits(seconds=0.2), Door())
        assert "not done within 0.2" in probed.reason and not probed.is_connected
        with pytest.raises(FetchFailed, match="not done within 0.2"):
            Fetcher(limits=http.Limits(seconds=0.2, attempts=1)).get("https://slow.example/")
    finally:
        released.set()
    assert connections == []


def test_an_own_gateway_is_called_where_its_network_is_named(connections: list[object]) -> None:
    ask("http://inside.example/v1", Door(networks(["10.0.0.0/24"])))
    ask("https://inside.example/v1", Door(networks(["10.0.0.0/24"])))
    ask("https://inside.example/v1", Door(networks(["10.9.0.0/24"])))
    assert connections == [("10.0.0.7", 80), ("10.0.0.7", 443)]


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "192.0.1.1"])
def test_public_addresses_stay_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["64:ff9b:1::808:808", "::8.8.8.8"])
def test_local_translators_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["::ffff:10.0.0.7", "10.0.0.7", "64:ff9b::a00:7"])
def test_a_named_network_holds_for_every_notation(address: str) -> None:
    assert is_allowed(ipaddress.ip_address(address), networks(["10.0.0.0/24"]))
