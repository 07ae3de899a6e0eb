import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.stats.events import TooLong, events

pytestmark = pytest.mark.once


def read(*pieces: bytes) -> list[bytes]:
    return list(events(pieces, max_line=1000, max_bytes=10_000))


def test_names_comments_and_ids_are_no_data() -> None:
    assert read(b": hello\n\nevent: x\nid: 7\ndata: 1\n\n") == [b"1"]


def test_an_event_may_have_many_lines() -> None:
    assert read(b"data: 1\ndata:2\r\n\r\n") == [b"1\n2"]


def test_what_has_no_end_is_no_event() -> None:
    assert read(b"data: 1\n\ndata: 2\n") == [b"1"]


@given(st.integers(1, 60))
def test_it_does_not_matter_where_a_stream_is_cut(size: int) -> None:
    whole = b'event: a\r\ndata: {"x": 1}\r\n\r\n: ping\n\ndata: 2\ndata: 3\n\ndata: [DONE]\n\n'
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    assert read(*pieces) == [b'{"x": 1}', b"2\n3", b"[DONE]"]


def test_a_line_has_a_longest() -> None:
    with pytest.raises(TooLong, match="a line of more than 1000"):
        read(b"data: ", b"x" * 1001)


def test_a_stream_has_a_longest() -> None:
    with pytest.raises(TooLong, match="more than 10000"):
        read(*[b"data: 1\n\n"] * 1200)
