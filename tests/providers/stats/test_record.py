import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from providers.choices import Inlet, Outcome
from providers.models import Delivery, Endpoint, EventDigest, Observation, Quarantined
from providers.stats.observation import Observation as Seen
from providers.stats.record import Receipt, quarantine, record, rows
from tests.factories import NOW, EndpointFactory, ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory(provider__slug="openai", native_id="gpt-4o")


def seen(name: int | str = 1, **told: Any) -> Seen:
    sound = {"id": str(name), "at": NOW, "outcome": Outcome.OK}
    return Seen(**{**sound, "provider": "openai", "model": "gpt-4o", **told})


def taken(*batch: Seen, sender: str = "gateway") -> Receipt:
    return record(batch, sender=sender, inlet=Inlet.PUSH, now=NOW)


def test_an_observation_is_kept_in_whole_numbers(endpoint: Endpoint) -> None:
    one = seen(
        ttft_ms=412.3456,
        latency_ms=2000.0,
        input_tokens=10,
        output_tokens=0,
        cost=Decimal("0.000000125"),
        app="a\\b",
        region="fra",
    )
    assert taken(one) == Receipt(accepted=1, duplicates=0)
    (row,) = Observation.objects.all()
    assert (row.endpoint_id, row.at_ms) == (endpoint.pk, NOW.timestamp() * 1000)
    assert (row.ttft_us, row.latency_us, row.cost_pico) == (412_346, 2_000_000, 125_000)
    assert (row.input_tokens, row.output_tokens, row.cached_tokens) == (10, 0, None)
    assert (row.outcome, row.app, row.region) == ("ok", "a\\b", "fra")
    (delivery,) = Delivery.objects.all()
    assert (delivery.sender, delivery.inlet, delivery.count) == ("gateway", "push", 1)
    assert (delivery.received_at, delivery.folded_at) == (NOW, None)


@pytest.mark.parametrize("text", ["None", r"\N", "\\", r"\\None", r"a\tb", "ü ’ 語", "%s", "'; --"])
def test_any_printable_text_comes_back_as_it_was(endpoint: Endpoint, text: str) -> None:
    taken(seen(1, app=text, region=text))
    row = Observation.objects.get()
    assert (row.app, row.region, row.ttft_us) == (text, text, None)


def test_a_replay_is_not_counted_twice(endpoint: Endpoint) -> None:
    batch = [seen(name) for name in range(5)]
    assert taken(*batch) == Receipt(accepted=5, duplicates=0)
    assert taken(*batch, seen("new")) == Receipt(accepted=1, duplicates=5)
    assert Observation.objects.count() == EventDigest.objects.count() == 6


def test_an_id_that_comes_twice_in_one_batch_counts_once(endpoint: Endpoint) -> None:
    assert taken(seen(1), seen(1)) == Receipt(accepted=1, duplicates=1)


def test_two_senders_may_use_the_same_ids(endpoint: Endpoint) -> None:
    assert taken(seen(1), sender="a").accepted == 1
    assert taken(seen(1), sender="b").accepted == 1


def test_the_good_items_of_a_batch_are_kept(endpoint: Endpoint) -> None:
    receipt = taken(seen(1), seen(2, output_tokens=-1), seen(3, model="gpt-5o"), seen(4))
    assert receipt.accepted == 2
    ((refused, reason),) = receipt.refused
    assert (refused, reason[:19]) == (1, "output_tokens is -1")
    assert receipt.quarantined == ((2, "no endpoint of this provider bears this name"),)


def test_nothing_new_writes_nothing(endpoint: Endpoint) -> None:
    assert taken() == Receipt(accepted=0, duplicates=0)
    taken(seen(1))
    taken(seen(1))
    assert Delivery.objects.count() == 1


def test_an_endpoint_may_be_named_by_its_number(endpoint: Endpoint) -> None:
    assert taken(seen(1, endpoint=endpoint.pk, provider="", model="")).accepted == 1
    receipt = taken(seen(2, endpoint=endpoint.pk + 1), seen(3, endpoint=2**70))
    assert [index for index, _ in receipt.quarantined] == [0, 1]


def test_a_name_sold_as_several_operations_is_the_chat_one(endpoint: Endpoint) -> None:
    other = EndpointFactory(provider=endpoint.provider, native_id="gpt-4o", operation="image")
    taken(seen(1), seen(2, operation="image"))
    assert list(Observation.objects.order_by("pk").values_list("endpoint_id", flat=True)) == [
        endpoint.pk,
        other.pk,
    ]


def test_several_operations_without_chat_must_be_told_apart() -> None:
    provider = ProviderFactory(slug="openai")
    for operation in ("image", "speech"):
        EndpointFactory(provider=provider, native_id="gpt-4o", operation=operation)
    ((_, reason),) = taken(seen(1)).quarantined
    assert "name the operation" in reason


def test_an_upstream_is_found_only_by_its_name(endpoint: Endpoint) -> None:
    upstream = ProviderFactory(slug="azure")
    behind = EndpointFactory(provider=endpoint.provider, native_id="gpt-4o", upstream=upstream)
    assert taken(seen(1, upstream="azure"), seen(2)).accepted == 2
    assert Observation.objects.filter(endpoint_id=behind.pk).count() == 1
    ((_, reason),) = taken(seen(3, upstream="aws")).quarantined
    assert "with this operation and upstream" in reason


def test_unknown_names_are_counted_for_the_operator(endpoint: Endpoint) -> None:
    taken(seen(1, model="gpt-4p"), seen(2, model="gpt-4p"))
    record([seen(3, model="gpt-4p")], sender="gateway", inlet=Inlet.OTLP, now=NOW + timedelta(1))
    (row,) = Quarantined.objects.all()
    assert (row.provider, row.model, row.count) == ("openai", "gpt-4p", 3)
    assert (row.first_seen_at, row.last_seen_at) == (NOW, NOW + timedelta(1))
    assert '"id":"1"' in row.example


def test_an_unknown_name_may_come_again_once_it_is_known(endpoint: Endpoint) -> None:
    taken(seen(1, model="gpt-4p"))
    EndpointFactory(provider=endpoint.provider, native_id="gpt-4p")
    assert taken(seen(1, model="gpt-4p")).accepted == 1


def test_made_up_names_do_not_fill_the_quarantine(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MOST_NAMES", 3)
    taken(*[seen(name, model=f"no-{name}") for name in range(10)])
    taken(seen("late", model="no-late"))
    counts = dict(Quarantined.objects.values_list("model", "count"))
    assert counts == {"no-0": 1, "no-1": 1, "no-2": 1, "(others)": 8}


def test_queries_do_not_grow_with_the_batch(endpoint: Endpoint) -> None:
    def counted(first: int, size: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            taken(*[seen(name) for name in range(first, first + size)])
        return len(asked)

    assert counted(0, 1) == counted(1000, 500)


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_comes_eight_times_at_once_counts_once() -> None:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    batch = [seen(name) for name in range(300)]
    receipts: list[Receipt] = []

    def send(order: int) -> None:
        try:
            receipts.append(taken(*batch[:: 1 if order % 2 else -1]))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(order,)) for order in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(receipt.accepted for receipt in receipts) == 300
    assert sum(receipt.duplicates for receipt in receipts) == 7 * 300
    assert Observation.objects.count() == EventDigest.objects.count() == 300
    assert sum(Delivery.objects.values_list("count", flat=True)) == 300


@pytest.mark.django_db(transaction=True)
def test_what_was_not_committed_may_come_again() -> None:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")

    class Killed(Exception):
        pass

    with pytest.raises(Killed), transaction.atomic():
        taken(seen(1))
        raise Killed
    assert taken(seen(1)) == Receipt(accepted=1, duplicates=0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection to cut")
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_cut_while_rows_are_copied_is_the_databases_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that the sender is told to send it again."""
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    made = rows._lines

    def cut(delivery_id: int, pairs: Any) -> Any:
        own = connection.connection.info.backend_pid
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [own])
        other.close()
        return made(delivery_id, pairs)

    monkeypatch.setattr(rows, "_lines", cut)
    with pytest.raises(OperationalError):
        taken(seen())
    connection.close()
    monkeypatch.undo()
    assert taken(seen()).accepted == 1
