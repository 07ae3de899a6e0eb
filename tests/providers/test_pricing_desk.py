"""The pricing desk: what is previewed is what is saved, and what is saved can be taken back."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from providers import pricing_desk
from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.facts import WHOLE_CARD, BadFact, Price, PriceRule
from providers.models import Change, ChangeSet, Claim, Endpoint, Subject
from providers.models import Price as LedgerPrice
from providers.pricing_desk import ChangedMeanwhile, drafts, preview

from .market import NOW, SECOND, offer, price, published, read, snapshot, tables

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _market(settings):
    settings.AFTER_PUBLISH = []
    read(snapshot(offer("small", price("0.15"), price("0.6", "output")), offer("big", price("5"))))


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


def subject(native_id: str = "small") -> Subject:
    return Subject("endpoint", Endpoint.objects.get(native_id=native_id).pk)


def edit(amount: str, native_id: str = "small", book: Book = Book.PUBLIC, **rest) -> Edit:
    return Edit.of_price(subject(native_id), price(amount, **rest), book.value)


def save(*edits: Edit, by: User, now: datetime = NOW, **rest) -> ChangeSet:
    return pricing_desk.save(edits, kind=EditKind.BULK, by=by, why="asked", now=now, **rest)


def amounts(book: Book, when: datetime = NOW) -> dict[tuple[str, str], Decimal | None]:
    rows = LedgerPrice.objects.filter(book=book.value, valid_from__lte=when)
    return {
        (row.endpoint.native_id, row.component): row.amount
        for row in rows.select_related("endpoint")
        if row.valid_to is None or row.valid_to > when
    }


# -- preview ---------------------------------------------------------------------------------------


def test_a_preview_names_exactly_what_changes_and_writes_nothing(ann):
    before = tables()
    found = preview([edit("0.15"), edit("0.2"), edit("6", "big")][1:], now=NOW)
    assert [(one.component, one.before.amount, one.after.amount) for one in found] == [
        ("input", "0.15", "0.2"),
        ("input", "5", "6"),
    ]
    assert tables() == before
    assert Claim.objects.filter(source__slug="editor").count() == 0


def test_what_was_previewed_is_what_the_ledger_says_after(ann):
    edits = [edit("0.2"), edit("6", "big", effective_from=NOW + HOUR, effective_to=NOW + 2 * HOUR)]
    foreseen = preview(edits, now=NOW)
    save(*edits, by=ann)
    for one in foreseen:
        row = LedgerPrice.objects.filter(
            endpoint=one.endpoint, book=one.book, component=one.component, valid_from__lte=one.at
        ).latest("valid_from")
        assert f"{row.amount.normalize():f}" == one.after.amount
    assert preview(edits, now=NOW + timedelta(seconds=1)) == []


def test_a_scheduled_price_with_an_end_is_told_with_both_its_dates():
    scheduled = edit("0.2", effective_from=NOW + HOUR, effective_to=NOW + 3 * HOUR)
    found = preview([scheduled], now=NOW)
    assert [(one.at, one.after.amount) for one in found] == [(NOW + HOUR, "0.2")]


def test_a_price_of_another_book_changes_no_public_one():
    found = preview([edit("0.1", book=Book.CONTRACT)], now=NOW)
    assert [(one.book, one.before, one.after.amount) for one in found] == [
        ("contract", None, "0.1")
    ]


def test_a_rule_is_previewed_price_by_price():
    rule = PriceRule(times=Decimal("1.15"))
    found = preview([Edit.of_rule(subject(), WHOLE_CARD, rule, "house")], now=NOW)
    assert {one.component: one.after.amount for one in found} == {
        "input": "0.1725",
        "output": "0.69",
    }


def test_a_provider_s_rule_reaches_all_its_endpoints(ann):
    provider = Subject("provider", Endpoint.objects.get(native_id="small").provider_id)
    rule = Edit.of_rule(provider, WHOLE_CARD, PriceRule(times=Decimal(2)), "house")
    assert len(preview([rule], now=NOW)) == 3
    save(rule, by=ann)
    assert amounts(Book.HOUSE) == {
        ("small", "input"): Decimal("0.3"),
        ("small", "output"): Decimal("1.2"),
        ("big", "input"): Decimal(10),
    }


def test_a_house_price_follows_its_upstream_through_a_refresh(ann):
    save(Edit.of_rule(subject(), "input", PriceRule(times=Decimal(2)), "house"), by=ann)
    read(snapshot(offer("small", price("0.25")), as_of=SECOND, covers=()))
    assert amounts(Book.HOUSE)[("small", "input")] == Decimal("0.5")
    assert Claim.objects.live().filter(source__slug="editor").count() == 1


def test_a_jump_is_doubted():
    assert "from 0.15 to 15" in preview([edit("15")], now=NOW)[0].doubt()
    assert preview([edit("0.2")], now=NOW)[0].doubt() == ""


# -- saving ----------------------------------------------------------------------------------------


def test_a_change_set_says_who_what_why_when_from_what_to_what(ann):
    change_set = save(edit("0.2"), by=ann)
    change = Change.objects.get(change_set=change_set)
    assert (change_set.by, change_set.why, change_set.at) == (ann, "asked", NOW)
    assert '"0.15"' in change.before
    assert '"0.2"' in change.begun.value


def test_all_or_nothing(ann):
    before = tables()
    with pytest.raises(BadFact, match="past"):
        save(edit("0.2"), edit("6", "big", effective_to=NOW - HOUR), by=ann)
    assert tables() == before
    assert ChangeSet.objects.count() == 0


def test_saying_the_same_again_is_no_change(ann):
    save(edit("0.2"), by=ann)
    with pytest.raises(BadFact, match="already"):
        save(edit("0.2"), by=ann, now=NOW + HOUR)
    assert ChangeSet.objects.count() == 1


def test_one_price_is_edited_once_at_a_time(ann):
    with pytest.raises(BadFact, match="two edits"):
        save(edit("0.2"), edit("0.3"), by=ann)


@pytest.mark.parametrize(
    ("first", "second"),
    [((0, 4), (2, 6)), ((2, 6), (0, 4)), ((0, 4), (2, None)), ((0, 4), (1, 2))],
)
def test_dates_that_overlap_are_refused(ann, first, second):
    def dated(amount: str, span: tuple[int, int | None]) -> Edit:
        start, end = span
        return edit(
            amount,
            effective_from=NOW + HOUR * (1 + start),
            effective_to=None if end is None else NOW + HOUR * (1 + end),
        )

    save(dated("0.2", first), by=ann)
    with pytest.raises(BadFact, match="overlaps"):
        save(dated("0.3", second), by=ann)


def test_a_price_without_an_end_is_followed_by_the_next(ann):
    save(edit("0.2", effective_from=NOW + HOUR), by=ann)
    save(edit("0.3", effective_from=NOW + 2 * HOUR), by=ann)
    assert amounts(Book.PUBLIC, NOW + HOUR)[("small", "input")] == Decimal("0.2")
    assert amounts(Book.PUBLIC, NOW + 2 * HOUR)[("small", "input")] == Decimal("0.3")


# -- two editors -----------------------------------------------------------------------------------


def test_the_second_editor_is_told_what_changed_and_overwrites_nothing(ann, bob):
    edits = [edit("0.2")]
    draft = drafts.make(edits, kind=EditKind.BULK, by=ann, now=NOW)
    save(edit("0.3"), by=bob, now=NOW + HOUR)
    with pytest.raises(ChangedMeanwhile) as caught:
        pricing_desk.save_draft(draft, by=ann, why="mine", now=NOW + 2 * HOUR)
    (moved,) = caught.value.moved
    assert (moved.editor, '"0.15"' in moved.was, '"0.3"' in moved.now) == ("bob", True, True)
    assert published("small") == Decimal("0.3")
    drafts.look_again(draft, now=NOW + 2 * HOUR)
    pricing_desk.save_draft(draft, by=ann, why="mine", now=NOW + 2 * HOUR)
    assert published("small") == Decimal("0.2")


def test_a_refresh_under_the_editor_s_hands_is_told_too(ann):
    draft = drafts.make([edit("0.2")], kind=EditKind.BULK, by=ann, now=NOW)
    read(snapshot(offer("small", price("0.25"), price("0.6", "output")), as_of=SECOND, covers=()))
    with pytest.raises(ChangedMeanwhile) as caught:
        pricing_desk.save_draft(draft, by=ann, why="mine", now=NOW + HOUR)
    assert [one.editor for one in caught.value.moved] == [""]


def test_a_draft_is_saved_once(ann):
    draft = drafts.make([edit("0.2")], kind=EditKind.BULK, by=ann, now=NOW)
    pricing_desk.save_draft(draft, by=ann, why="mine", now=NOW)
    with pytest.raises(BadFact, match="already"):
        pricing_desk.save_draft(draft, by=ann, why="mine", now=NOW)


def test_a_stored_draft_is_the_same_edits(ann):
    edits = [
        edit("0.2", effective_from=NOW + HOUR, effective_to=NOW + 2 * HOUR),
        Edit.of_rule(subject(), WHOLE_CARD, PriceRule(times=Decimal(2)), "house"),
    ]
    draft = drafts.make(edits, kind=EditKind.BULK, by=ann, now=NOW)
    draft.refresh_from_db()
    assert drafts.edits_of(draft) == edits


# -- undo ------------------------------------------------------------------------------------------


def prices_now() -> dict[str, dict[tuple[str, str], Decimal | None]]:
    later = NOW + timedelta(days=3)
    return {book.value: amounts(book, later) for book in Book}


def test_undoing_gives_back_what_stood_there(ann, bob):
    save(edit("0.2"), by=ann)
    before = prices_now()
    change_set = save(edit("0.3"), edit("6", "big"), edit("1", book=Book.HOUSE), by=ann)
    undone = pricing_desk.undo(change_set, by=bob, why="wrong sheet", now=NOW + HOUR)
    assert prices_now() == before
    assert (undone.by, undone.undoes) == (bob, change_set)


def test_an_undo_can_be_undone(ann):
    change_set = save(edit("0.3"), edit("6", "big"), by=ann)
    after = prices_now()
    undone = pricing_desk.undo(change_set, by=ann, why="oops", now=NOW + HOUR)
    pricing_desk.undo(undone, by=ann, why="no, right", now=NOW + 2 * HOUR)
    assert prices_now() == after


def test_what_changed_since_is_listed_and_left(ann, bob):
    change_set = save(edit("0.3"), edit("6", "big"), by=ann)
    save(edit("0.4"), by=bob, now=NOW + HOUR)
    back = pricing_desk.taking_back(change_set, now=NOW + 2 * HOUR)
    assert [reason for _, reason in back.left] == ["changed since"]
    pricing_desk.undo(change_set, by=ann, why="oops", now=NOW + 2 * HOUR)
    later = amounts(Book.PUBLIC, NOW + 3 * HOUR)
    assert later[("small", "input")] == Decimal("0.4")
    assert later[("big", "input")] == Decimal(5)


def test_a_change_set_is_undone_once(ann):
    change_set = save(edit("0.3"), by=ann)
    pricing_desk.undo(change_set, by=ann, why="oops", now=NOW + HOUR)
    with pytest.raises(BadFact, match="undone already"):
        pricing_desk.undo(change_set, by=ann, why="oops", now=NOW + 2 * HOUR)


def test_a_price_that_is_unknown_can_be_taken_back_to_unknown(ann):
    change_set = save(edit("0.3", component="cache_read"), by=ann)
    pricing_desk.undo(change_set, by=ann, why="oops", now=NOW + HOUR)
    assert ("small", "cache_read") not in amounts(Book.PUBLIC, NOW + 2 * HOUR)


def test_prices_are_edits_of_endpoints():
    assert Edit.of_price(subject(), Price("input", Decimal(1))).key == "price.input"
    with pytest.raises(BadFact, match="holds prices"):
        Edit.of_rule(subject(), "input", PriceRule(), "public")
    with pytest.raises(BadFact, match="follow itself"):
        Edit.of_rule(subject(), "input", PriceRule(over="contract"), "contract")
