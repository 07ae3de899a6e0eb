"""Probes over real sockets: every ending gets its name, and nothing goes where it should not."""

import datetime
import ipaddress
import logging
import select
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.addresses import networks
from providers.choices import Outcome, Protocol
from providers.network import Key
from providers.stats import probe as probing
from providers.stats.dialects import SPOKEN
from providers.stats.probe import probe
from providers.stats.probed import Door, Limits, Probed, Target
from tests.providers.sources.servers import Answer, serving
from tests.standin_provider import Behaviour, Fault, StandinProvider, beside

pytestmark = pytest.mark.once

SECRET = "sk-a-secret-that-nobody-may-see"
LOOPBACK = Door(networks(["127.0.0.1/32"]))
SOON = Limits(seconds=0.4)
PROMPT = "Say something."


def ask(base: str, protocol: str = Protocol.OPENAI_CHAT, **how: object) -> Probed:
    limits, door = how.pop("limits", Limits(seconds=60)), how.pop("door", LOOPBACK)
    origin = "/".join(base.split("/")[:3])
    target = Target(base, protocol, "m", **{"output_tokens": 64, **how})
    return probe(target, Key(origin, SECRET), PROMPT, limits, door)


def ask_one_that(fault: Fault, protocol: str = Protocol.OPENAI_CHAT, **how: object) -> Probed:
    behaviour = Behaviour(fault=fault, ttft_ms=1, tokens_per_second=1000)
    with beside(behaviour) as provider:
        return ask(provider.base, protocol, **how)


# -- endings --------------------------------------------------------------------------------------

ENDINGS = [
    (Fault.NONE, "ok", ""),
    (Fault.NO_DONE, "ok", ""),
    (Fault.STATUS_400, "caller_error", "400"),
    (Fault.STATUS_401, "caller_error", "401 (authentication_error)"),
    (Fault.STATUS_402, "caller_error", "402"),
    (Fault.STATUS_403, "caller_error", "403"),
    (Fault.STATUS_404, "caller_error", "404"),
    (Fault.STATUS_408, "provider_error", "408"),
    (Fault.STATUS_429, "rate_limited", "429"),
    (Fault.STATUS_500, "provider_error", "500"),
    (Fault.STATUS_503, "provider_error", "503"),
    (Fault.STATUS_529, "provider_error", "529"),
    (Fault.BROKEN_STREAM, "provider_error", "reset"),
    (Fault.CLOSED_STREAM, "provider_error", "ended too early"),
    (Fault.RESET_BEFORE_HEADERS, "provider_error", "reset"),
    (Fault.CLOSED_BEFORE_HEADERS, "provider_error", "ended too early"),
    (Fault.CUT_SHORT, "provider_error", "broke off"),
    (Fault.ERROR_EVENT, "provider_error", "inside the stream"),
    (Fault.RATE_LIMIT_EVENT, "rate_limited", "inside the stream"),
    (Fault.EMPTY_STREAM, "provider_error", "before it had begun"),
    (Fault.NO_TOKENS, "provider_error", "no token"),
    (Fault.GARBAGE, "provider_error", "not HTTP"),
    (Fault.GARBAGE_STREAM, "provider_error", "without an end"),
    (Fault.WEB_PAGE, "provider_error", "without an end"),
    (Fault.HUGE_LINE, "provider_error", "a line of more than"),
]
THAT_TAKE_FOR_EVER = [Fault.SLOW_HEADERS, Fault.SLOW_BODY, Fault.HANGS, Fault.STALLS]


@pytest.mark.parametrize("protocol", SPOKEN)
@pytest.mark.parametrize(("fault", "outcome", "reason"), ENDINGS)
def test_every_ending_has_its_outcome(
    fault: Fault, outcome: str, reason: str, protocol: str
) -> None:
    probed = ask_one_that(fault, protocol)
    assert (probed.outcome, reason in probed.reason) == (outcome, True), probed
    assert probed.is_sent and probed.is_connected


@pytest.mark.parametrize("fault", THAT_TAKE_FOR_EVER)
def test_what_takes_for_ever_ends_at_the_deadline(fault: Fault) -> None:
    probed = ask_one_that(fault, limits=SOON)
    assert probed.outcome == Outcome.PROVIDER_ERROR and "not done within 0.4" in probed.reason


def test_an_answer_without_end_stops_at_its_size() -> None:
    probed = ask_one_that(Fault.ENDLESS, limits=Limits(seconds=60, max_bytes=100_000))
    assert probed.outcome == Outcome.PROVIDER_ERROR and "more than 100000" in probed.reason


def test_a_refused_connection_is_the_providers() -> None:
    with beside() as provider:
        gone = provider.base
    probed = ask(gone)
    assert probed.outcome == Outcome.PROVIDER_ERROR and "refused" in probed.reason
    assert probed.is_connected and not probed.is_sent


def test_a_host_without_an_address_was_never_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(host: str, port: int, **how: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr("providers.network.socket.getaddrinfo", nowhere)
    probed = ask("https://api.gone.example/v1")
    assert probed.outcome == Outcome.PROVIDER_ERROR and not probed.is_connected
    assert probed.reason == "it cannot be reached"


def test_who_answers_no_tls_is_told_so() -> None:
    with beside() as provider:
        probed = ask(provider.base.replace("http:", "https:"))
    assert probed.outcome == Outcome.PROVIDER_ERROR and "TLS" in probed.reason


def test_how_long_to_stay_away_is_heard() -> None:
    with beside(Behaviour(fault=Fault.STATUS_429, retry_after=17)) as provider:
        assert ask(provider.base).retry_after == 17.0


# -- what is measured -----------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", SPOKEN)
def test_tokens_are_those_of_the_usage(protocol: str) -> None:
    behaviour = Behaviour(
        tokens=12, tokens_per_chunk=3, prompt_tokens=500, cached_tokens=128, reasoning_tokens=6
    )
    with beside(behaviour) as provider:
        probed = ask(provider.base, protocol)
    told = probed.told
    assert (told.input_tokens, told.cached_tokens, told.output_tokens) == (500, 128, 18)
    assert not probed.is_counted and probed.output_tokens == 18
    assert told.reasoning_tokens == (None if protocol == Protocol.ANTHROPIC_MESSAGES else 6)


@pytest.mark.parametrize("protocol", SPOKEN)
def test_without_usage_each_event_counts_as_a_token(protocol: str) -> None:
    with beside(Behaviour(tokens=12, usage=False)) as provider:
        probed = ask(provider.base, protocol)
    assert probed.outcome == Outcome.OK
    assert probed.is_counted and probed.output_tokens == 12


@pytest.mark.parametrize("protocol", SPOKEN)
def test_reasoning_is_no_first_token_of_the_answer(protocol: str) -> None:
    behaviour = Behaviour(reasoning_tokens=10, tokens_per_second=100)
    with beside(behaviour) as provider:
        probed = ask(provider.base, protocol)
        served = provider.served[0]
    thought_ms = (served.content_at[0] - served.tokens_at[0]) * 1000
    assert probed.ttft_ms is not None and probed.ttft_ms >= thought_ms


def test_it_asks_for_as_many_tokens_as_it_may() -> None:
    with beside(Behaviour(tokens=500, tokens_per_second=100_000)) as provider:
        for protocol in SPOKEN:
            assert ask(provider.base, protocol, output_tokens=16).output_tokens == 16


@pytest.mark.parametrize(
    ("protocol", "header", "path", "name", "value"),
    [
        ("openai-chat", "", "/v1/chat/completions", "authorization", f"Bearer {SECRET}"),
        ("openai-responses", "", "/v1/responses", "authorization", f"Bearer {SECRET}"),
        ("anthropic-messages", "", "/v1/messages", "x-api-key", SECRET),
        ("openai-chat", "api-key", "/v1/chat/completions", "api-key", SECRET),
        (
            "anthropic-messages",
            "authorization",
            "/v1/messages",
            "authorization",
            f"Bearer {SECRET}",
        ),
    ],
)
def test_the_key_goes_where_the_protocol_has_it(
    protocol: str, header: str, path: str, name: str, value: str
) -> None:
    with beside() as provider:
        ask(provider.base, protocol, header=header)
        served = provider.served[0]
    assert served.path == path
    assert {held: text for held, text in served.headers.items() if SECRET in text} == {name: value}


# -- where it goes --------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", SPOKEN)
def test_a_redirect_is_not_followed(protocol: str) -> None:
    with beside() as elsewhere:
        away = Behaviour(fault=Fault.REDIRECT, redirect_to=elsewhere.base)
        with beside(away) as provider:
            probed = ask(provider.base, protocol)
        assert probed.outcome == Outcome.CALLER_ERROR and "redirect" in probed.reason
        assert elsewhere.server.connections == 0


@pytest.mark.parametrize(
    "other", ["https://127.0.0.1:{port}", "http://localhost:{port}", "http://127.0.0.1"]
)
def test_a_key_for_another_origin_stays_here(other: str) -> None:
    with beside() as provider:
        key = Key(other.format(port=provider.port), SECRET)
        probed = probe(Target(provider.base, "openai-chat", "m", 8), key, PROMPT, SOON, LOOPBACK)
        assert probed.outcome is None and "sent nowhere else" in probed.reason
        assert provider.server.connections == 0


def test_loopback_is_refused_unless_allowed() -> None:
    with beside() as provider:
        probed = ask(provider.base, door=Door())
        assert probed.outcome is None and "not https" in probed.reason
        assert provider.server.connections == 0


def test_a_proxy_that_fails_says_nothing_of_the_provider() -> None:
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")) as proxy:
        probed = ask("https://api.provider.example/v1", door=Door(proxy=proxy))
    assert probed.outcome is None and not probed.is_connected and not probed.is_sent


def tunnel_to(port: int, opened_at: list[float]) -> Answer:
    """A proxy that lets everybody through to one port of this machine, and notes when."""

    def relay(client: socket.socket) -> None:
        opened_at.append(time.monotonic())
        with socket.create_connection(("127.0.0.1", port)) as there:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            other = {client: there, there: client}
            while True:
                for ready in select.select([client, there], [], [])[0]:
                    content = ready.recv(2**16)
                    if not content:
                        return
                    other[ready].sendall(content)

    return relay


# -- over TLS -------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[StandinProvider, Path]]:
    """A stand-in with a certificate of its own making, and where that lies."""
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with beside(tls=context) as provider:
        yield provider, certificate


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "standin.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_certificate_that_nobody_vouches_for_gets_no_key(
    secure: tuple[StandinProvider, Path],
) -> None:
    provider, _ = secure
    probed = ask(provider.base)
    assert probed.outcome == Outcome.PROVIDER_ERROR and "CERTIFICATE_VERIFY_FAILED" in probed.reason
    assert provider.served == [] and not probed.is_sent


def test_over_tls_connecting_is_no_part_of_the_first_token(
    secure: tuple[StandinProvider, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, certificate = secure
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(probing, "ssl_context", lambda: trusting)
    probed = ask(provider.base)
    assert probed.outcome == Outcome.OK
    assert probed.connect_ms is not None and probed.connect_ms > 0


def test_behind_a_proxy_the_clock_begins_with_the_request(
    secure: tuple[StandinProvider, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not with the question to the proxy, nor with the handshake behind it."""
    provider, certificate = secure
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(probing, "ssl_context", lambda: trusting)
    opened_at: list[float] = []
    with serving(tunnel_to(provider.port, opened_at)) as proxy:
        door = Door(networks(["127.0.0.1/32"]), proxy.rstrip("/"))
        probed = ask(provider.base, door=door)
    [served] = provider.served
    assert probed.outcome == Outcome.OK and probed.is_connected
    assert probed.sent_at is not None and probed.ttft_ms is not None
    assert served.headers["authorization"] == f"Bearer {SECRET}"
    assert opened_at[0] < probed.sent_at <= served.received_at


# -- the key is told to nobody --------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.STATUS_401, Fault.REDIRECT, Fault.GARBAGE])
def test_the_key_stands_in_no_log_and_no_result(
    fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    probed = ask_one_that(fault)
    assert SECRET not in repr(probed) and SECRET not in str(asdict(probed))
    assert SECRET not in caplog.text
    assert SECRET not in repr(Key("https://a.example", SECRET))


def test_an_error_that_repeats_the_key_is_not_repeated() -> None:
    body = f'{{"error": {{"message": "Bad key {SECRET}", "type": "{SECRET}", "code": "bad_key"}}}}'
    head = f"HTTP/1.1 401 No\r\nContent-Length: {len(body)}\r\n\r\n"
    with serving(lambda connection: connection.sendall((head + body).encode())) as url:
        probed = ask(url.rstrip("/"))
    assert probed.reason == "answered 401 (bad_key)"
