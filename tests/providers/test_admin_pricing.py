"""The pricing desk in the admin: grid, bulk, preview, log, undo, worklists, and who may do what."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from providers import pricing_desk
from providers.admin.pricing_rows import key_of, slot_of
from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.facts import WHOLE_CARD, BadFact, PriceRule
from providers.models import ChangeSet, Claim, Draft, Endpoint, Provider, Subject
from providers.models import Price as LedgerPrice
from providers.pricing_desk import drafts
from tests.staff import member

from .market import BATCH, SECOND, offer, price, published, read, snapshot, tables

pytestmark = pytest.mark.django_db
GRID = "/admin/providers/pricing/"
WORKLIST = "/admin/providers/pricing/worklist/"
LOG = "/admin/providers/changeset/"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _market(settings):
    settings.AFTER_PUBLISH = []
    read(
        snapshot(
            offer("small", price("0.15"), price("0.6", "output"), price("0.08", condition=BATCH)),
            offer("big", price("5")),
        )
    )


@pytest.fixture
def ann(client) -> User:
    return member(client, "pricing editor")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


def now() -> datetime:
    return datetime.now(UTC)


def subject(native_id: str = "small") -> Subject:
    return Subject("endpoint", Endpoint.objects.get(native_id=native_id).pk)


def edit(amount: str, native_id: str = "small", book: Book = Book.PUBLIC, **rest) -> Edit:
    return Edit.of_price(subject(native_id), price(amount, **rest), book.value)


def save(*edits: Edit, by: User, when: datetime | None = None) -> ChangeSet:
    return pricing_desk.save(edits, kind=EditKind.BULK, by=by, why="asked", now=when or now())


def key(native_id: str = "small", component: str = "input", condition: str = "") -> str:
    return key_of((int(subject(native_id).id), component, condition))


def box(native_id: str = "small", component: str = "input", condition: str = "") -> str:
    return f"p.{key(native_id, component, condition)}"


def enter(client, where: str = "?provider=openai", *, verb: str = "preview", **fields):
    return client.post(GRID + where, {"book": "public", "verb": verb, **fields})


def preview_of(draft: Draft) -> str:
    return f"{GRID}drafts/{draft.pk}/"


def keep(client, draft: Draft | None = None, **fields):
    draft = draft or Draft.objects.get()
    return client.post(preview_of(draft), {"why": "their page", "save": "1", **fields})


def text(answer) -> str:
    return answer.content.decode()


def messages_of(answer) -> str:
    return " ".join(str(one) for one in answer.context["messages"])


# -- the grid -------------------------------------------------------------------------------------


def test_the_grid_shows_a_price_beside_every_source(client, ann):
    read(snapshot(offer("small", price("0.25")), source="genai_prices"))
    page = text(client.get(GRID + "?provider=openai"))
    assert all(word in page for word in (": small</a>", "0.15", "0.25", "tier batch"))
    assert f'name="{box()}"' in page


def test_the_grid_asks_for_something_to_show(client, ann):
    assert "Choose a provider" in text(client.get(GRID))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?provider=openai", {"small", "big"}),
        ("?q=BIG", {"big"}),
        ("?q=openai+small", {"small"}),
        ("?provider=openai&component=output", {"small"}),
        ("?provider=openai&own=1", {"big"}),
        ("?own=1", {"big"}),
        ("?differ=1", {"small"}),
        ("?provider=nobody", set()),
        ("?q=%00", set()),
        ("?endpoint=x&p=x", set()),
    ],
)
def test_the_grid_is_filtered(client, ann, query, shown):
    save(edit("6", "big"), by=ann)
    read(snapshot(offer("small", price("0.25")), source="genai_prices"))
    page = text(client.get(GRID + query))
    assert {name for name in ("small", "big") if f": {name}</a>" in page} == shown


def test_queries_of_the_grid_do_not_grow_with_endpoints_or_sources(
    client, ann, django_assert_num_queries
):
    client.get(GRID + "?provider=openai")
    with django_assert_num_queries(13):
        client.get(GRID + "?provider=openai")
    many = [offer(f"m{n}", price("1"), price("2", "output")) for n in range(60)]
    for source in ("litellm", "genai_prices", "models_dev"):
        read(snapshot(*many, source=source, as_of=SECOND))
    with django_assert_num_queries(13):
        client.get(GRID + "?provider=openai&p=2")


def test_what_is_typed_is_previewed_and_only_then_saved(client, ann):
    before = tables()
    answer = enter(client, **{box(): "0.2", box("big"): "free"})
    assert tables() == before
    page = text(client.get(answer["Location"]))
    assert "0.15 USD per 1M tokens" in page and "0.2 USD per 1M tokens" in page
    assert "+33.3 %" in page
    answer = client.post(answer["Location"], {"why": "their page"}, follow=True)
    assert "Undo" in messages_of(answer)
    assert published("small") == Decimal("0.2")
    assert LedgerPrice.objects.get(endpoint__native_id="big", valid_to=None).state == "free"
    assert ChangeSet.objects.get().by == ann


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0.2", ("0.2", "1M tokens", "USD", "known")),
        ("$1,234.50", ("1234.5", "1M tokens", "USD", "known")),
        ("0.2 eur", ("0.2", "1M tokens", "EUR", "known")),
        ("0.2 USD per image", ("0.2", "image", "USD", "known")),
        ("plan", (None, "1M tokens", "USD", "plan")),
    ],
)
def test_a_box_understands_what_people_write(client, ann, typed, stored):
    enter(client, **{box(): typed})
    keep(client, sure=sure(client))
    row = LedgerPrice.objects.get(
        endpoint__native_id="small", component="input", condition="", valid_to=None
    )
    amount = None if row.amount is None else f"{row.amount.normalize():f}"
    assert (amount, row.unit, row.currency, row.state) == stored


def sure(client) -> str:
    """What the tick “I am sure” would send; empty where nothing is doubted."""
    return client.get(preview_of(Draft.objects.get())).context["preview"].digest


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0", "write free"),
        ("-5", "is not a price"),
        ("0,15", "is not a price"),
        ("cheap", "is not a price"),
        ("1e400", "is not a price"),
        ("99999999999", "absurdly large"),
        ("0.2 USD per bushel", "is no unit"),
        ("x", "no price of the editors to drop"),
    ],
)
def test_what_is_no_price_is_told_at_its_box_and_nothing_is_lost(client, ann, typed, message):
    page = text(enter(client, **{box(): typed, box("big"): "6"}))
    assert message in page
    assert f'value="{typed}"' in page and 'value="6"' in page
    assert not Draft.objects.exists()


def test_x_drops_what_the_editors_say_with_all_its_dates(client, ann):
    save(edit("0.2"), edit("0.3", effective_from=now() + HOUR), by=ann)
    enter(client, **{box(): "x"})
    keep(client)
    assert not Claim.objects.live().filter(source__slug="editor").exists()
    assert published("small") == Decimal("0.15")


def test_a_whole_edit_is_scheduled(client, ann):
    starts, ends = now() + 2 * HOUR, now() + 5 * HOUR
    written = {"starts": f"{starts:%Y-%m-%dT%H:%M}", "ends": f"{ends:%Y-%m-%dT%H:%M}"}
    enter(client, **{box(): "0.2", box("big"): "6"}, **written)
    page = text(client.get(preview_of(Draft.objects.get())))
    assert f"{starts:%Y %H:%M}" in page and f"{ends:%Y %H:%M}" in page
    keep(client)
    claims = Claim.objects.filter(source__slug="editor")
    spans = {(f"{one.effective_from:%H:%M}", f"{one.effective_to:%H:%M}") for one in claims}
    assert (len(claims), spans) == (2, {(f"{starts:%H:%M}", f"{ends:%H:%M}")})


def test_an_end_before_the_start_is_refused(client, ann):
    dates = {"starts": "2099-02-01T00:00", "ends": "2099-01-01T00:00"}
    assert "write a later end" in text(enter(client, **{box(): "0.2"}, **dates))


def test_an_end_in_the_past_is_refused_when_saving(client, ann):
    enter(client, **{box(): "0.2", "ends": "2020-01-01T00:00"})
    assert "which is past" in text(keep(client))
    assert Draft.objects.exists()


def test_nothing_entered_makes_no_draft(client, ann):
    answer = enter(client, **{box(): ""})
    assert answer["Location"].startswith(GRID)
    assert not Draft.objects.exists()


def test_going_back_keeps_what_was_entered(client, ann):
    enter(client, **{box(): "0.2", box("small", "input", BATCH.key()): "0.1"})
    draft = Draft.objects.get()
    back = client.get(preview_of(draft)).context["back"]
    page = text(client.get(back))
    assert 'value="0.2"' in page and 'value="0.1"' in page
    enter(client, **{box(): "0.3", box("small", "input", BATCH.key()): "", "draft": draft.pk})
    assert [one.value and '"0.3"' in one.value for one in drafts.edits_of(Draft.objects.get())] == [
        True
    ]


def test_a_draft_goes_on_over_pages_and_books(client, ann):
    enter(client, verb="page:2", **{box(): "0.2"})
    draft = Draft.objects.get()
    enter(client, verb="preview", **{box("big"): "6", "draft": draft.pk, "book": "house"})
    draft.refresh_from_db()
    assert [(one.book, one.subject) for one in drafts.edits_of(draft)] == [
        ("public", subject()),
        ("house", subject("big")),
    ]


def test_entries_survive_a_draft_that_is_gone(client, ann):
    answer = client.post(
        GRID + "?provider=openai", {"book": "public", "draft": "999", box(): "0.2"}, follow=True
    )
    assert "thrown away" in messages_of(answer)
    assert Draft.objects.count() == 1


def test_a_price_that_nobody_states_is_added(client, ann):
    new = {
        "new-endpoint": subject().id, "new-component": "cache_read", "new-state": "known",
        "new-amount": "0.01", "new-unit": "1M tokens", "new-currency": "USD", "new-tier": "batch",
    }  # fmt: skip
    answer = enter(client, verb="add", **{box(): "0.2"}, **new)
    page = text(client.get(answer["Location"]))
    assert 'value="0.01"' in page and 'value="0.2"' in page
    keep(client)
    row = LedgerPrice.objects.get(component="cache_read")
    assert (row.amount, row.condition) == (Decimal("0.01"), BATCH.key())


def test_an_incomplete_new_price_loses_nothing(client, ann):
    page = text(enter(client, verb="add", **{box(): "0.2", "new-component": "cache_read"}))
    assert "not complete" in page and 'value="0.2"' in page


@pytest.mark.parametrize("name", ["", "1", "1.input", "x.input.", "1.input.!!!", "1.input.e30",
                                  "99999999999999999999.input.", "1..", "1.input.W10"])  # fmt: skip
def test_no_made_up_box_is_an_error(client, ann, name):
    assert enter(client, **{f"p.{name}": "0.2"}).status_code == 200
    assert not Draft.objects.exists()


def test_names_of_boxes_are_read_back():
    slot = (12, "input", BATCH.key())
    assert slot_of(key_of(slot)) == slot
    with pytest.raises(BadFact, match="names no price"):
        slot_of("12.input.e30")  # {}: not how an empty condition is written


# -- many at once ---------------------------------------------------------------------------------


def bulk(client, op: str, where: str = "?provider=openai", **fields):
    said = {"op": op, "on": "all", "into": "public", "width": "prices", **fields}
    return enter(client, where, verb="bulk", **said)


def values() -> dict[tuple[str, str, str], str]:
    """Amounts in the only draft, by endpoint, component and book."""
    found = {}
    for one in drafts.edits_of(Draft.objects.get()):
        name = Endpoint.objects.get(pk=one.subject.id).native_id
        found[name + ("/batch" if one.condition else ""), one.key, one.book] = one.value
    return found


def test_a_percentage_of_all_rows_of_the_filter(client, ann):
    answer = bulk(client, "percent", percent="+10 %")
    assert "/drafts/" in answer["Location"]
    amounts = {slot[:2]: value.split('"')[3] for slot, value in values().items()}
    assert amounts == {
        ("small", "price.input"): "0.165",
        ("small/batch", "price.input"): "0.088",
        ("small", "price.output"): "0.66",
        ("big", "price.input"): "5.5",
    }
    assert Draft.objects.get().what == "+10 %: 4 edits"


def test_only_ticked_rows_are_changed(client, ann):
    bulk(client, "percent", percent="10", on="ticked", row=[key("big")])
    assert {slot[0] for slot in values()} == {"big"}
    assert "Tick at least one row" in text(bulk(client, "percent", percent="10", on="ticked"))


def test_a_price_that_was_typed_is_reckoned_from(client, ann):
    bulk(client, "percent", percent="10", on="ticked", row=[key("big")], **{box("big"): "7"})
    assert '"7.7"' in values()["big", "price.input", "public"]


def test_a_source_is_taken_at_its_word(client, ann):
    read(snapshot(offer("small", price("0.25")), source="genai_prices"))
    answer = bulk(client, "take", source="genai_prices")
    assert "states no such price" in text(client.get(answer["Location"]))
    assert list(values()) == [("small", "price.input", "public")]
    assert "took genai_prices’s word" in Draft.objects.get().what


def test_of_two_dated_words_of_a_source_the_one_that_holds_is_taken(client, ann):
    dated = (
        price("0.3", effective_from=now() - 9 * HOUR, effective_to=now() + HOUR),
        price("0.4", effective_from=now() + HOUR),
    )
    read(snapshot(offer("small", price("0.2"), *dated), source="genai_prices"))
    bulk(client, "take", source="genai_prices")
    assert '"0.3"' in values()["small", "price.input", "public"]


def test_prices_are_put_into_another_book(client, ann):
    bulk(client, "percent", percent="-20", into="contract", component="input")
    assert {slot[2] for slot in values()} == {"contract"}
    keep(client)
    row = LedgerPrice.objects.get(endpoint__native_id="big", book="contract")
    assert (row.amount, published("big")) == (Decimal(4), Decimal(5))


@pytest.mark.parametrize("width", ["prices", "cards", "provider"])
def test_a_rule_for_the_house_book(client, ann, width):
    bulk(client, "rule", into="house", over="public", times="1.15", step="0.01", width=width)
    keep(client)
    amounts = {
        (row.endpoint.native_id, row.component, bool(row.condition)): row.amount.normalize()
        for row in LedgerPrice.objects.filter(book="house")
    }
    assert amounts == {
        ("small", "input", False): Decimal("0.18"),
        ("small", "input", True): Decimal("0.1"),
        ("small", "output", False): Decimal("0.69"),
        ("big", "input", False): Decimal("5.75"),
    }
    page = text(client.get(GRID + "?provider=openai&book=house"))
    assert "public × 1.15, rounded up to 0.01" in page


def test_a_rule_for_whole_cards_is_dropped_by_its_tick(client, ann):
    rule = PriceRule(times=Decimal(2))
    provider = Subject("provider", Provider.objects.get(slug="openai").pk)
    save(Edit.of_rule(subject(), WHOLE_CARD, rule, "house"),
         Edit.of_rule(provider, WHOLE_CARD, rule, "house"), by=ann)  # fmt: skip
    ids = list(Claim.objects.filter(source__slug="editor").values_list("pk", flat=True))
    assert len(ids) == 2
    enter(client, book="house", rule=ids)
    keep(client)
    assert not LedgerPrice.objects.filter(book="house", valid_to=None).exists()


def test_overrides_are_dropped_over_a_selection(client, ann):
    save(edit("0.2"), edit("6", "big"), by=ann)
    bulk(client, "drop")
    keep(client)
    assert (published("small"), published("big")) == (Decimal("0.15"), Decimal(5))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"op": "percent", "percent": "-100"}, "would become 0"),
        ({"op": "percent", "percent": "-150"}, "would become -0.04"),
        ({"op": "percent", "percent": "much"}, "is no percentage"),
        ({"op": "percent", "percent": "0"}, "changes nothing"),
        ({"op": "percent", "percent": "999999999"}, "absurdly"),
        ({"op": "take"}, "choose whose word"),
        ({"op": "round"}, "how many digits"),
        ({"op": "round", "digits": "16"}, "less than or equal to 15"),
        ({"op": "rule", "times": "1.15"}, "holds prices, not rules"),
        ({"op": "rule", "times": "-2", "into": "house"}, "write a factor above 0"),
        ({"op": "rule", "times": "x", "into": "house"}, "is not a number"),
        ({"op": "rule", "plus": "0.02", "into": "house"}, "needs the unit"),
        ({"op": "rule", "over": "contract", "into": "contract"}, "follow itself"),
        ({"op": ""}, "This field is required"),
        ({"op": "percent", "percent": "10", "into": "secret"}, "valid choice"),
    ],
)
def test_an_operation_that_cannot_be_is_refused_and_nothing_kept(client, ann, fields, message):
    page = text(bulk(client, **{"op": "percent", **fields, box(): "0.2"}))
    assert message in page.replace("&#x27;", "'")
    assert 'value="0.2"' in page
    assert not Draft.objects.exists()


# -- preview --------------------------------------------------------------------------------------


def test_a_doubtful_price_needs_a_tick(client, ann):
    enter(client, **{box(): "150"})
    draft = Draft.objects.get()
    assert "I am sure" in text(client.get(preview_of(draft)))
    assert "tick" in text(keep(client))
    assert "tick" in text(keep(client, sure="made up"))
    assert published("small") == Decimal("0.15")
    keep(client, sure=sure(client))
    assert published("small") == Decimal(150)


def test_doubts_of_another_revision_are_not_taken_for_those_that_were_shown(client, ann):
    enter(client, **{box(): "0.2"})
    draft = Draft.objects.get()
    shown = client.get(preview_of(draft)).context["shown"]
    drafts.revise(draft, [edit("150")], now=now())
    assert "tick" in text(keep(client, shown=shown))
    assert "tick" in text(keep(client, shown="forged"))
    shown = client.get(preview_of(draft)).context["shown"]
    assert "tick" in text(keep(client, shown=shown))
    assert keep(client, shown=shown, sure=sure(client)).status_code == 302


def test_a_reason_is_asked_for(client, ann):
    enter(client, **{box(): "0.2"})
    assert "Say why" in text(keep(client, why=" "))
    assert published("small") == Decimal("0.15")


def test_a_draft_is_thrown_away(client, ann):
    enter(client, **{box(): "0.2"})
    draft = Draft.objects.get()
    assert keep(client, verb="throw").status_code == 302
    assert not Draft.objects.exists()
    assert client.get(preview_of(draft)).status_code == 404


def test_public_prices_come_first_and_other_books_below(client, ann):
    edits = [edit("1", book=Book.HOUSE), edit("6", "big"), edit("2", book=Book.CONTRACT)]
    draft = drafts.make(edits, kind=EditKind.BULK, by=ann, now=now())
    groups = client.get(preview_of(draft)).context["preview"].groups
    assert [group.book.partition(":")[0] for group in groups] == [
        "Public list",
        "Contract",
        "House",
    ]


def test_two_thousand_changes_are_paged_and_counted(client, ann, django_assert_max_num_queries):
    read(snapshot(*(offer(f"m{n}", price("1")) for n in range(300)), as_of=SECOND, covers=()))
    bulk(client, "percent", percent="10")
    draft = Draft.objects.get()
    with django_assert_max_num_queries(22):
        answer = client.get(preview_of(draft))
    drawn = answer.context["preview"]
    assert (drawn.public, drawn.page.paginator.num_pages) == (304, 4)
    assert {(one.component, one.up) for one in drawn.tallies} == {("input", 303), ("output", 1)}
    assert text(answer).count("<tr") < 240
    assert client.get(preview_of(draft) + "?p=99").status_code == 200


def test_the_second_editor_is_told_before_anything_is_overwritten(client, ann, bob):
    enter(client, **{box(): "0.2"})
    client.get(preview_of(Draft.objects.get()))
    save(edit("0.3"), by=bob)
    page = text(keep(client))
    assert all(word in page for word in ("bob", "0.15", "0.3", "0.2", "Look again"))
    assert published("small") == Decimal("0.3")
    page = text(client.post(preview_of(Draft.objects.get()), {"verb": "look"}, follow=True))
    assert "0.3 USD per 1M tokens" in page
    keep(client)
    assert published("small") == Decimal("0.2")


def test_a_draft_says_at_once_that_a_source_moved(client, ann):
    enter(client, **{box(): "0.2"})
    read(snapshot(offer("small", price("0.25")), as_of=SECOND, covers=()))
    page = text(client.get(preview_of(Draft.objects.get())))
    assert "Changed under your hands" in page and "0.25" in page


def test_going_on_with_a_draft_keeps_what_was_seen(client, ann, bob):
    enter(client, **{box(): "0.2"})
    save(edit("0.3"), by=bob)
    enter(client, **{box(): "0.2", box("big"): "6", "draft": Draft.objects.get().pk})
    assert "bob" in text(keep(client))
    assert published("small") == Decimal("0.3")


# -- the log and undo -----------------------------------------------------------------------------


def test_the_log_says_who_what_why_when_from_what_to_what(client, ann):
    change_set = save(edit("0.2"), by=ann)
    page = text(client.get(LOG))
    assert "input price of small" in page and "asked" in page and "pricing-editor" in page
    page = text(client.get(f"{LOG}{change_set.pk}/change/"))
    assert all(word in page for word in ("0.15 USD", "0.2 USD", "asked", "Undo"))


@pytest.mark.parametrize(
    ("query", "found"),
    [("?q=small", 1), ("?q=nobody", 0), ("?provider=openai", 1), ("?kind__exact=bulk", 1),
     ("?kind__exact=undo", 0), ("?provider=x", 0)],
)  # fmt: skip
def test_the_log_is_searched_and_filtered(client, ann, query, found):
    save(edit("0.2"), by=ann)
    assert client.get(LOG + query).context["cl"].result_count == found


def test_queries_of_the_log_do_not_grow(client, ann, django_assert_max_num_queries):
    for number in range(8):
        save(edit(f"0.{number + 2}"), by=ann)
    with django_assert_max_num_queries(14):
        client.get(LOG)


def undo(client, change_set: ChangeSet, **fields):
    address = f"{LOG}{change_set.pk}/undo/"
    seen = client.get(address).context["seen"]
    return client.post(address, {"why": "wrong sheet", "seen": seen, **fields}, follow=True)


def test_a_change_set_is_undone_after_a_look(client, ann):
    change_set = save(edit("0.3"), edit("6", "big"), by=ann)
    page = text(client.get(f"{LOG}{change_set.pk}/undo/"))
    assert "0.15 USD" in page and "Undo 2 changes" in page
    answer = undo(client, change_set)
    assert "2 set back" in messages_of(answer)
    assert (published("small"), published("big")) == (Decimal("0.15"), Decimal(5))
    assert "by pricing-editor" in text(client.get(LOG))


def test_undoing_lists_what_changed_since_and_leaves_it(client, ann, bob):
    change_set = save(edit("0.3"), edit("6", "big"), by=ann)
    save(edit("0.4"), by=bob, when=now() + HOUR)
    page = text(client.get(f"{LOG}{change_set.pk}/undo/"))
    assert "left as it is" in page and "changed since" in page
    undo(client, change_set)
    later = LedgerPrice.objects.filter(
        endpoint__native_id="small", component="input", valid_to=None
    )
    assert Decimal("0.4") in {row.amount for row in later}
    assert published("big") == Decimal(5)


def test_an_undo_that_would_do_something_else_by_now_is_shown_again(client, ann, bob):
    change_set = save(edit("0.3"), edit("6", "big"), by=ann)
    assert "changed since you looked" in text(undo(client, change_set, seen="else"))
    assert "say why" in text(undo(client, change_set, why=" "))
    assert published("big") == Decimal(6)


def test_what_is_undone_is_not_undone_again(client, ann):
    change_set = save(edit("0.3"), by=ann)
    undo(client, change_set)
    answer = client.get(f"{LOG}{change_set.pk}/undo/", follow=True)
    assert "undone already" in messages_of(answer)


# -- worklists ------------------------------------------------------------------------------------


def test_overrides_that_the_best_source_states_by_now_are_dropped_together(client, ann):
    save(edit("0.2"), edit("6", "big"), edit("0.7", component="output"), by=ann)
    assert "None: wherever" in text(client.get(WORKLIST))
    read(snapshot(offer("small", price("0.2"), price("0.6", "output")), offer("big", price("6")),
                  as_of=SECOND, covers=()))  # fmt: skip
    matched = client.get(WORKLIST).context["matched"]
    assert {row.value for row in matched} == {"0.2 USD per 1M tokens", "6 USD per 1M tokens"}
    answer = client.post(WORKLIST, {"claim": [row.claim for row in matched]}, follow=True)
    assert "Dropped 2" in messages_of(answer)
    assert (published("small"), published("big")) == (Decimal("0.2"), Decimal(6))
    assert ChangeSet.objects.latest("pk").changes.count() == 2
    assert not client.get(WORKLIST).context["matched"]


def test_a_worse_source_that_agrees_is_no_reason_to_drop(client, ann):
    save(edit("0.25"), by=ann)
    read(snapshot(offer("small", price("0.25")), source="models_dev"))
    assert not client.get(WORKLIST).context["matched"]


def test_what_no_longer_matches_is_left_alone(client, ann):
    save(edit("0.2"), by=ann)
    claim = Claim.objects.get(source__slug="editor")
    answer = client.post(WORKLIST, {"claim": [claim.pk]}, follow=True)
    assert "left alone" in messages_of(answer)
    assert Claim.objects.live().filter(pk=claim.pk).exists()


def test_what_ends_within_a_week_and_what_ended_lately(client, ann):
    save(
        edit("0.2", effective_to=now() + timedelta(days=6)),
        edit("6", "big", effective_to=now() + timedelta(days=8)),
        by=ann,
    )
    save(edit("0.7", component="output", effective_to=now() - timedelta(days=1)), by=ann,
         when=now() - timedelta(days=2))  # fmt: skip
    page = client.get(WORKLIST).context
    assert [row.value[:3] for row in page["soon"]] == ["0.2"]
    assert [row.value[:3] for row in page["lately"]] == ["0.7"]


def test_the_editors_first_page_counts_them(client, ann):
    save(edit("0.15"), edit("6", "big", effective_to=now() + HOUR), by=ann)
    page = text(client.get("/admin/"))
    assert "<b>1</b> override that upstream matches now" in page
    assert "<b>1</b> price of ours expires in 7 days" in page


def test_a_draft_of_rules_for_a_provider_opens_in_its_grid(client, ann):
    provider = Subject("provider", Provider.objects.get(slug="openai").pk)
    rule = Edit.of_rule(provider, WHOLE_CARD, PriceRule(times=Decimal(2)), "house")
    draft = drafts.make([rule], kind=EditKind.BULK, by=ann, now=now())
    assert client.get(f"{GRID}?draft={draft.pk}").context["scope"].provider == "openai"


# -- who may --------------------------------------------------------------------------------------

PAGES = (GRID, GRID + "?provider=openai", WORKLIST)


def permitted(client: Client, *codenames: str) -> User:
    user = User.objects.create_user("eve", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return user


@pytest.mark.parametrize("path", PAGES)
def test_the_desk_is_for_pricing_editors(client, path):
    assert client.get(path)["Location"].startswith("/admin/login/")
    permitted(client, "view_price", "correct_fact")
    assert client.get(path).status_code == 403
    assert client.post(path).status_code == 403


def test_the_desk_of_one_who_edits_the_public_list_alone_shows_no_other_book(client):
    ann = User.objects.create_user("ann")
    save(edit("0.1234", book=Book.CONTRACT), edit("0.5678", book=Book.HOUSE), by=ann)
    permitted(client, "correct_price", "view_changeset")
    page = text(client.get(GRID + "?provider=openai"))
    assert "0.1234" not in page and "0.5678" not in page and "Contract" not in page
    assert client.get(GRID + "?provider=openai&book=house").status_code == 403
    assert enter(client, book="house", **{box(): "0.2"}).status_code == 403
    assert "valid choice" in text(bulk(client, "percent", percent="10", into="contract"))
    assert not Draft.objects.exists()


def test_the_log_hides_change_sets_of_books_that_one_may_not_see(client):
    ann = User.objects.create_user("ann")
    secret = save(edit("0.1234", book=Book.CONTRACT), by=ann)
    public = save(edit("0.2"), by=ann)
    permitted(client, "correct_price", "view_changeset")
    page = text(client.get(LOG))
    assert f"/{public.pk}/change/" in page and f"/{secret.pk}/change/" not in page
    assert client.get(f"{LOG}{secret.pk}/change/").status_code != 200
    assert client.get(f"{LOG}{secret.pk}/undo/").status_code == 403


def test_an_editor_of_books_alone_saves_no_public_price(client):
    permitted(client, "edit_books", "see_contract")
    assert client.get(GRID + "?provider=openai").context["scope"].book == "contract"
    assert enter(client, **{box(): "0.2"}).status_code == 403
    enter(client, book="contract", **{box(): "0.2"})
    assert [one.book for one in drafts.edits_of(Draft.objects.get())] == ["contract"]


def test_nobody_sees_or_saves_another_s_draft(client, ann, bob):
    draft = drafts.make([edit("0.2")], kind=EditKind.BULK, by=bob, now=now())
    assert client.get(preview_of(draft)).status_code == 404
    assert keep(client, draft).status_code == 404
    assert not client.get(GRID).context["drafts"]


def test_a_right_that_was_taken_away_meanwhile_saves_nothing(client):
    user = permitted(client, "correct_price", "edit_books", "see_house")
    draft = drafts.make([edit("1", book=Book.HOUSE)], kind=EditKind.BULK, by=user, now=now())
    user.user_permissions.remove(Permission.objects.get(codename="see_house"))
    assert client.get(preview_of(draft)).status_code == 403
    assert keep(client, draft).status_code == 403


def test_nobody_undoes_what_they_may_not_edit(client):
    ann = User.objects.create_user("ann")
    change_set = save(edit("0.2"), by=ann)
    permitted(client, "view_changeset", "edit_books")
    assert client.post(f"{LOG}{change_set.pk}/undo/", {"why": "x"}).status_code == 403
    assert "Undo…" not in text(client.get(f"{LOG}{change_set.pk}/change/"))


def test_a_form_from_elsewhere_saves_nothing(ann):
    draft = drafts.make([edit("0.2")], kind=EditKind.BULK, by=ann, now=now())
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(ann)
    assert keep(stranger, draft).status_code == 403
    assert published("small") == Decimal("0.15")
