from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from providers.choices import State
from providers.facts import Condition, Price, canonical
from providers.ledger import Stated, columns, fold
from tests.replay import Said, in_order, replay

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = Condition(tier="batch").key()


def said(
    id: int,
    source: str,
    key: str,
    value: object,
    *,
    condition: str = "",
    book: str = "public",
    stated: str = "",
    since: int = 0,
    until: int | None = None,
    effective: tuple[int | None, int | None] = (None, None),
) -> Stated:
    if key.startswith("price."):
        text = Price(key.removeprefix("price."), Decimal(str(value))).value()
    else:
        text = canonical(value)
    day = [None if n is None else START + n * DAY for n in (until, *effective)]
    return Stated(
        id, source, key, condition, book, text, stated, START + since * DAY, day[0], day[1], day[2]
    )


def card(rows, at: int):
    moment = START + at * DAY
    return {
        (row.component, row.condition): row.amount
        for row in rows
        if row.valid_from <= moment and (row.valid_to is None or moment < row.valid_to)
    }


# -- facts


def test_the_best_ranked_source_is_published():
    claims = [said(1, "models_dev", "context_length", 1), said(2, "litellm", "context_length", 2)]
    assert columns(claims, "openai")["context_length"].value == 2


def test_rank_depends_on_the_provider():
    claims = [said(1, "pi_ai", "context_length", 1), said(2, "litellm", "context_length", 2)]
    assert columns(claims, "openrouter")["context_length"].value == 1


def test_an_editor_outranks_everybody():
    claims = [said(1, "litellm", "max_output", 1), said(2, "editor", "max_output", 2)]
    assert columns(claims, "openai")["max_output"].value == 2


def test_an_agreeing_source_that_is_more_precise_is_published():
    claims = [
        said(1, "zenmux", "max_output", 16_380, stated="16.38K"),
        said(2, "litellm", "max_output", 16_384),
    ]
    assert columns(claims, "zenmux")["max_output"].claim == 2


def test_a_disagreeing_source_is_not_taken_for_precision():
    claims = [
        said(1, "zenmux", "max_output", 16_380, stated="16.38K"),
        said(2, "litellm", "max_output", 32_768),
    ]
    assert columns(claims, "zenmux")["max_output"].claim == 1


def test_a_day_refines_a_month():
    claims = [
        said(1, "litellm", "released_on", "2024-07"),
        said(2, "models_dev", "released_on", "2024-07-18"),
    ]
    assert columns(claims, "openai")["released_on"].value == "2024-07-18"


def test_a_source_that_is_poor_at_names_does_not_name():
    claims = [said(1, "genai_prices", "name", "gpt 4o"), said(2, "models_dev", "name", "GPT-4o")]
    assert columns(claims, "openai")["name"].value == "GPT-4o"


def test_ended_claims_publish_nothing():
    assert columns([said(1, "litellm", "max_output", 1, until=3)], "openai") == {}


# -- prices


def test_a_card_comes_whole_from_the_best_source():
    rows = fold(
        [
            said(1, "litellm", "price.input", "0.15"),
            said(2, "models_dev", "price.input", "0.20"),
            said(3, "models_dev", "price.cache_read", "0.05"),
        ],
        "openai",
    )
    assert card(rows, 1) == {("input", ""): Decimal("0.15")}


def test_a_missing_component_is_borrowed_from_a_source_that_agrees():
    rows = fold(
        [
            said(1, "litellm", "price.input", "0.15"),
            said(2, "models_dev", "price.input", "0.15"),
            said(3, "models_dev", "price.cache_read", "0.05"),
        ],
        "openai",
    )
    assert card(rows, 1)[("cache_read", "")] == Decimal("0.05")


def test_an_editor_corrects_one_price_and_leaves_the_rest():
    rows = fold(
        [
            said(1, "litellm", "price.input", "0.15"),
            said(2, "litellm", "price.output", "0.60"),
            said(3, "editor", "price.input", "0.14"),
        ],
        "openai",
    )
    assert card(rows, 1) == {("input", ""): Decimal("0.14"), ("output", ""): Decimal("0.60")}


def test_a_book_never_hides_another():
    rows = fold(
        [
            said(1, "litellm", "price.input", "0.15"),
            said(2, "editor", "price.input", "0.10", book="contract"),
        ],
        "openai",
    )
    assert {(row.book, row.amount) for row in rows} == {
        ("public", Decimal("0.15")),
        ("contract", Decimal("0.10")),
    }


def test_a_changed_price_ends_one_row_and_begins_the_next():
    rows = fold(
        [
            said(1, "litellm", "price.input", "0.15", until=5),
            said(2, "litellm", "price.input", "0.10", since=5),
        ],
        "openai",
    )
    assert [(row.amount, row.valid_to) for row in rows] == [
        (Decimal("0.15"), START + 5 * DAY),
        (Decimal("0.10"), None),
    ]


def test_a_scheduled_price_begins_on_its_date():
    rows = fold(
        [
            said(1, "litellm", "price.input", "0.15", effective=(None, 9)),
            said(2, "litellm", "price.input", "0.10", effective=(9, None)),
        ],
        "openai",
    )
    assert card(rows, 8)[("input", "")] == Decimal("0.15")
    assert card(rows, 9)[("input", "")] == Decimal("0.10")


def test_a_date_known_afterwards_holds_from_that_date():
    rows = fold([said(1, "litellm", "price.input", "1", since=9, effective=(2, None))], "openai")
    assert card(rows, 1) == {}
    assert card(rows, 3) == {("input", ""): 1}


def test_a_price_withdrawn_before_it_began_never_held():
    claim = said(1, "litellm", "price.input", "1", until=3, effective=(9, None))
    assert fold([claim], "openai") == []


def test_tiers_are_part_of_the_card():
    rows = fold(
        [
            said(1, "litellm", "price.input", "0.15"),
            said(2, "litellm", "price.input", "0.075", condition=BATCH),
        ],
        "openai",
    )
    assert len(card(rows, 1)) == 2


_prices = st.builds(
    said,
    id=st.integers(1, 10**6),
    source=st.sampled_from(["litellm", "models_dev", "genai_prices", "editor"]),
    key=st.sampled_from(["price.input", "price.output", "price.cache_read"]),
    value=st.sampled_from(["0.1", "0.2", "0.3"]),
    condition=st.sampled_from(["", BATCH]),
    since=st.integers(0, 20),
    until=st.one_of(st.none(), st.integers(1, 30)),
    effective=st.tuples(
        st.one_of(st.none(), st.integers(0, 20)), st.one_of(st.none(), st.integers(21, 40))
    ),
)
_ledgers = st.lists(_prices, max_size=14, unique_by=lambda claim: claim.id)


@given(_ledgers)
def test_no_two_rows_of_one_price_overlap(claims):
    rows = fold(claims, "openai")
    for one in rows:
        for other in rows:
            if one is not other and (one.book, one.component, one.condition) == (
                other.book,
                other.component,
                other.condition,
            ):
                ends = one.valid_to or datetime.max.replace(tzinfo=UTC)
                assert not one.valid_from <= other.valid_from < ends


@given(_ledgers, st.randoms())
def test_the_fold_does_not_depend_on_the_order_of_claims(claims, random):
    shuffled = list(claims)
    random.shuffle(shuffled)
    assert fold(shuffled, "openai") == fold(claims, "openai")


@given(_ledgers)
def test_every_row_points_at_a_claim_that_holds_then(claims):
    by_id = {claim.id: claim for claim in claims}
    for row in fold(claims, "openai"):
        start, end = by_id[row.claim].span()
        assert start <= row.valid_from
        assert row.valid_to is None or row.valid_to <= end
        assert row.state == State.KNOWN


@given(_ledgers)
def test_at_any_moment_the_fold_is_what_a_straight_replay_gives(claims):
    rows = fold(claims, "openai")
    replayed = in_order(
        Said(
            claim.id, claim.source, claim.key, claim.condition, claim.value, claim.stated_from,
            claim.ended_at, claim.effective_from, claim.effective_to,
        )
        for claim in claims
    )  # fmt: skip
    for day in range(-1, 45):
        moment = START + day * DAY
        in_force = {
            row.claim
            for row in rows
            if row.valid_from <= moment and (row.valid_to is None or moment < row.valid_to)
        }
        assert in_force == replay(replayed, "openai", moment)
