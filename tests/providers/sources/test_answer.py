from datetime import UTC, datetime
from decimal import Decimal

import pytest

from providers.facts import BadFact, BadSnapshot, Fact, Offer
from providers.sources.answer import FactList, Gathering, dated, read_json

DAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "data",
    [b"", b"   ", b'{"a": 1', b"<html>", b"\xff\xfe", b'{"a": 1} x'],
    ids=["empty", "blank", "truncated", "a web page", "no text", "more behind it"],
)
def test_what_is_not_json_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(BadSnapshot, match="somewhere: not JSON"):
        read_json("somewhere", data)


def test_json_nested_a_hundred_thousand_deep_is_refused() -> None:
    with pytest.raises(BadSnapshot, match="nested too deeply"):
        read_json("somewhere", b"[" * 100_000 + b"]" * 100_000)


def test_fractions_are_read_exactly() -> None:
    assert read_json("somewhere", b"[0.1, 1e-7]") == [Decimal("0.1"), Decimal("1E-7")]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999999999", "1e" + "9" * 40])
def test_numbers_no_fact_can_keep_are_left_to_their_item(number: str) -> None:
    (read,) = read_json("somewhere", f"[{number}]".encode())

    with pytest.raises(BadFact, match="context_length"):
        FactList("endpoint").add("context_length", read)


def test_none_is_not_a_fact() -> None:
    facts = FactList("endpoint")
    facts.add("name", None)

    assert facts.freeze() == ()


def test_a_fact_without_a_room_is_named() -> None:
    with pytest.raises(BadFact, match="no room for 'favourite_colour'"):
        FactList("endpoint").add("favourite_colour", "red")


def test_a_number_in_words_of_its_own_keeps_its_wording() -> None:
    facts = FactList("endpoint")
    facts.add_number("max_output", "16.38K")

    assert facts.freeze() == (Fact("max_output", 16380, "16.38K"),)


def test_the_order_of_modalities_makes_no_difference() -> None:
    one, other = FactList("endpoint"), FactList("endpoint")
    one.add("input_modalities", ["image", "smell", "text"])
    other.add("input_modalities", ["smell", "text", "image"])

    assert one.freeze() == other.freeze()
    assert one.freeze()[0].value == ["text", "image", "smell"]


def test_an_answer_without_a_date_needs_one() -> None:
    with pytest.raises(BadSnapshot, match="give as_of"):
        dated("somewhere", None)


def test_an_endpoint_stated_twice_is_refused() -> None:
    gathering = Gathering("somewhere")
    gathering.offer(Offer("openai", "gpt-4o-mini", "chat"))

    with pytest.raises(BadFact, match="twice"):
        gathering.offer(Offer("openai", "gpt-4o-mini", "chat"))


def test_keys_without_a_room_are_counted_item_by_item() -> None:
    gathering = Gathering("somewhere")
    gathering.no_room({"id": 1, "colour": 2}, known=["id"])
    gathering.no_room({"id": 1, "colour": 2, "smell": 3}, known=["id"])

    assert gathering.snapshot(DAY).without_room == {"colour": 2, "smell": 1}
