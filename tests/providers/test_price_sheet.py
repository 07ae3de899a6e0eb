"""Prices as files: unchanged comes back as no change, faults are told cell by cell."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from hypothesis import example, given
from hypothesis import strategies as st

from providers import pricing_desk
from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.facts import Condition, PriceRule, Schedule
from providers.models import Claim, Endpoint, Subject
from providers.pricing_desk import sheet, upload
from providers.pricing_desk.cells import Reader, condition_cells
from providers.pricing_desk.sheet import BadFile
from providers.spreadsheets import disarmed, rearmed

from .market import BATCH, NOW, offer, price, read, snapshot

ALL = [book.value for book in Book]
HOUR = timedelta(hours=1)
NIGHT = Condition(schedule=Schedule("Asia/Shanghai", ((30, 510), (9900, 10080))))


@pytest.fixture
def market(settings, db) -> None:
    settings.AFTER_PUBLISH = []
    read(
        snapshot(
            offer(
                "small",
                price("0.15"),
                price("0.6", "output"),
                price("0.075", condition=BATCH),
                price("0.1", condition=NIGHT),
                price("0.3", condition=Condition(above_tokens=200_000)),
                price("0.04", "image", unit="image", condition=Condition(named=(("size", "1K"),))),
            ),
            offer("=big, the", price("5"), price("2", "input", currency="CNY", condition=BATCH)),
            offer("other", price("1"), provider="groq"),
        )
    )


@pytest.fixture
def ann(db) -> User:
    return User.objects.create_user("ann")


def subject(native_id: str = "small") -> Subject:
    return Subject("endpoint", Endpoint.objects.get(native_id=native_id).pk)


def save(*edits: Edit, by: User) -> None:
    pricing_desk.save(edits, kind=EditKind.IMPORT, by=by, why="sheet", now=NOW)


def exported(**wanted) -> list[dict[str, str]]:
    return list(sheet.rows(now=NOW, books=ALL, **wanted))


def parsed(text: str) -> list[dict[str, str]]:
    return sheet.parse(text.encode())


def told(found: list[dict[str, str]], books=ALL) -> upload.Read:
    return upload.read(found, now=NOW, books=books)


def row(**cells: str) -> dict[str, str]:
    plain = {"provider": "openai", "native_id": "small", "component": "input", "state": "known"}
    return plain | {"amount": "0.15", "unit": "1M tokens", "currency": "USD"} | cells


def faults(*found: dict[str, str]) -> list[tuple[int, str]]:
    return [(one.row, one.column) for one in told(list(found)).faults]


# -- round trip -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [sheet.as_csv, sheet.as_json])
def test_an_export_imported_unchanged_changes_nothing(market, ann, form):
    scheduled = price("0.2", effective_from=NOW + HOUR, effective_to=NOW + 2 * HOUR)
    save(
        Edit.of_price(subject(), scheduled),
        Edit.of_price(subject(), price("0.12"), "contract"),
        Edit.of_rule(subject(), "*", PriceRule(times=Decimal("1.15")), "house"),
        by=ann,
    )  # fmt: skip
    found = exported()
    got = told(parsed(form(found)))
    assert (got.edits, got.faults, got.unchanged) == ((), (), len(found))


def test_an_export_names_every_price_of_every_book_with_who_states_it(market, ann):
    save(Edit.of_rule(subject(), "*", PriceRule(times=Decimal(2)), "house"), by=ann)
    found = exported()
    house = [one for one in found if one["book"] == "house"]
    assert len(found) == 9 + len(house)
    assert {one["rule"] for one in house} == {"public × 2"}
    assert {one["stated_by"] for one in found if one["book"] == "public"} == {"litellm"}


def test_a_provider_s_prices_alone(market):
    assert {one["provider"] for one in exported(provider="groq")} == {"groq"}
    ids = [int(subject("other").id)]
    assert {one["native_id"] for one in exported(endpoints=ids)} == {"other"}


def test_no_exported_cell_is_a_formula(market):
    text = sheet.as_csv(exported())
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert "'=big, the" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@given(st.text())
@example("'=1+1")
@example("''@x")
def test_what_was_disarmed_comes_back(cell):
    assert rearmed(disarmed(cell)) == cell
    assert not disarmed(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(
    st.builds(
        Condition,
        above_tokens=st.none() | st.integers(0, 10**7),
        tier=st.sampled_from(["", "batch", "flex"]),
        region=st.sampled_from(["", "eu"]),
        schedule=st.none()
        | st.lists(st.integers(0, 10080), min_size=2, max_size=6, unique=True)
        .map(sorted)
        .map(lambda at: Schedule("Asia/Shanghai", tuple(zip(at[::2], at[1::2], strict=False)))),
        named=st.dictionaries(st.sampled_from("xy"), st.text("ab;=\"' ,", max_size=5))
        .map(lambda named: tuple(sorted(named.items()))),
    )
)  # fmt: skip
def test_conditions_survive_as_cells(condition):
    reader = Reader(condition_cells(condition))
    assert (reader.condition(), reader.faults) == (condition, [])


# -- what a changed file says ---------------------------------------------------------------------


def test_a_changed_amount_is_one_edit_with_its_diff(market):
    found = exported()
    found[next(n for n, one in enumerate(found) if one["native_id"] == "other")]["amount"] = "2.50"
    (edit,) = told(found).edits
    assert edit.changed() == (("amount", "1", "2.5"),)
    assert json.loads(edit.edit.value or "")["amount"] == "2.5"
    assert edit.edit.subject == subject("other")


def test_an_import_publishes_what_it_says(market, ann):
    edits = [one.edit for one in told([row(amount="0.2"), row(component="output", amount="")
                                       | {"state": "free"}]).edits]  # fmt: skip
    save(*edits, by=ann)
    now = {
        (one["component"], one["tier"], one["hours"], one["above_tokens"]): one
        for one in exported()
    }
    assert now[("input", "", "", "")]["amount"] == "0.2"
    assert now[("output", "", "", "")]["state"] == "free"


def test_a_new_price_needs_no_row_before_it(market):
    (edit,) = told([row(component="cache_read", amount="0.01")]).edits
    assert edit.before is None


def test_sources_takes_the_editors_word_back(market, ann):
    save(Edit.of_price(subject(), price("0.2")), by=ann)
    (edit,) = told([row(state="sources", amount="")]).edits
    assert edit.edit.value is None
    save(edit.edit, by=ann)
    assert not Claim.objects.live().filter(source__slug="editor").exists()
    assert faults(row(state="sources", amount="")) == [(2, "state")]


def test_a_scheduled_price_can_be_moved_in_a_file(market):
    (edit,) = told([row(amount="0.2", **{"from": "2026-12-01", "to": "2027-01-01T12:00"})]).edits
    assert (edit.edit.effective_from.isoformat(), edit.edit.effective_to.isoformat()) == (
        "2026-12-01T00:00:00+00:00",
        "2027-01-01T12:00:00+00:00",
    )


# -- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"amount": "cheap"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1e99"}, "amount"),
        ({"state": "free"}, "amount"),
        ({"state": "dear", "amount": ""}, "state"),
        ({"unit": "1M tkens", "amount": "1"}, "unit"),
        ({"currency": "dollars", "amount": "1"}, "currency"),
        ({"native_id": "smal"}, "native_id"),
        ({"provider": "opnai"}, "native_id"),
        ({"operation": "chatt"}, "native_id"),
        ({"book": "black"}, "book"),
        ({"component": "in put"}, "component"),
        ({"above_tokens": "many"}, "above_tokens"),
        ({"hours": "Mars/Olympus Mon 00:00-Mon 01:00"}, "hours"),
        ({"hours": "Asia/Shanghai at night"}, "hours"),
        ({"hours": "Asia/Shanghai Mon 08:00-Mon 07:00"}, "hours"),
        ({"other": "hd"}, "other"),
        ({"other": "[" * 100_000}, "other"),
        ({"from": "tomorrow", "amount": "1"}, "from"),
        ({"from": "2027-01-01", "to": "2026-12-01", "amount": "1"}, "to"),
        ({"to": "2020-01-01", "amount": "1"}, "to"),
    ],
)  # fmt: skip
def test_a_fault_names_its_row_and_column(market, cells, column):
    assert faults(row(), row(**cells)) == [(3, column)]


def test_every_fault_of_a_row_is_told_at_once(market):
    assert faults(row(amount="cheap", unit="pound", hours="late")) == [
        (2, "hours"), (2, "amount"), (2, "unit"),
    ]  # fmt: skip


def test_the_same_price_twice_is_a_fault(market):
    assert faults(row(amount="1"), row(amount="2")) == [(3, "")]


def test_a_book_one_may_not_edit_is_a_fault(market):
    got = told([row(book="contract", amount="1")], books=["public"])
    assert [one.column for one in got.faults] == ["book"]


@pytest.mark.parametrize(
    ("content", "mend"),
    [
        (b"", "no column provider"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"a,b\n1,2\n", "no column provider"),
        (b'{"prices": 3}', "as an export does"),
        (b"[" * 100_000, "no JSON"),
        (b'[{"provider": "x"}]', "no column"),
        (b'provider,native_id,component,state,amount,unit,currency\n"x', "save the file"),
        (b"provider,native_id,component,state,amount,unit,currency,unit\n", "twice"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(content, mend):
    with pytest.raises(BadFile, match=mend):
        sheet.parse(content)


def test_too_many_cells_are_a_fault_of_their_row(market):
    header = "provider,native_id,component,state,amount,unit,currency"
    found = parsed(f"{header}\nopenai,small,input,known,1,500,1M tokens,USD\n")
    assert (2, "") in faults(*found)


def test_fifty_faults_in_two_thousand_rows_are_named_and_nothing_is_written(market, ann):
    read(snapshot(*(offer(f"m{n}", price("1")) for n in range(2000)), covers=()))
    found = exported(endpoints=list(Endpoint.objects.filter(native_id__startswith="m")
                                    .values_list("pk", flat=True)))  # fmt: skip
    assert len(found) == 2000
    for one in found:
        one["amount"] = "1.1"
    broken = range(7, 2000, 40)
    for n in broken:
        found[n]["amount"] = "a lot"
    got = told(parsed(sheet.as_csv(found)))
    assert [one.row for one in got.faults] == [n + 2 for n in broken]
    assert len(got.faults) == 50
    assert not Claim.objects.filter(source__slug="editor").exists()
