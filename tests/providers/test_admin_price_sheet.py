"""Files of prices in the admin: previewed row by row, refused whole, and only by who may."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.models import Claim, Draft, Endpoint, Subject
from providers.pricing_desk import save
from tests.staff import member

from .market import NOW, offer, price, published, read, snapshot

pytestmark = pytest.mark.django_db
IMPORT = "/admin/providers/price/import/"
EXPORT = "/admin/providers/price/export/"


@pytest.fixture(autouse=True)
def _market(settings):
    settings.AFTER_PUBLISH = []
    read(snapshot(offer("small", price("0.15"), price("0.6", "output"))))


def upload(client, text: str, name: str = "prices.csv"):
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, text.encode()), "why": "list"})


def exported(client, **wanted: str) -> str:
    return client.get(EXPORT, {"format": "csv", **wanted}).content.decode()


def edited(text: str, **cells: str) -> str:
    """An exported file with cells of its first row changed."""
    found = list(csv.DictReader(io.StringIO(text)))
    found[0] |= cells
    out = io.StringIO()
    writer = csv.DictWriter(out, found[0])
    writer.writeheader()
    writer.writerows(found)
    return out.getvalue()


def test_an_unchanged_file_is_told_to_change_nothing(client):
    member(client, "pricing editor")
    page = upload(client, exported(client)).content.decode()
    assert "2 rows, nothing to change" in page
    assert not Draft.objects.exists()


def test_a_changed_file_is_shown_row_by_row_and_writes_nothing_yet(client):
    user = member(client, "pricing editor")
    answer = upload(client, edited(exported(client), amount="0.2"))
    draft = Draft.objects.get()
    assert (draft.by, draft.kind, draft.why) == (user, EditKind.IMPORT.value, "list")
    page = client.get(answer["Location"]).content.decode()
    assert "<del>0.15</del>" in page
    assert "<ins>0.2</ins>" in page
    assert "openai small, input" in page
    assert not Claim.objects.filter(source__slug="editor").exists()
    assert str(published("small").normalize()) == "0.15"


def test_faults_are_told_by_row_and_column_and_nothing_is_kept(client):
    member(client, "pricing editor")
    page = upload(client, edited(exported(client), amount="cheap")).content.decode()
    assert "1 fault in the file" in page
    assert '<th scope="row">2</th><td><code>amount</code></td>' in page
    assert not Draft.objects.exists()


@pytest.mark.parametrize("content", ["", "no,table\n1,2", "{", "\x00\x00"])
def test_a_file_that_is_none_is_a_fault_of_the_form(client, content):
    member(client, "pricing editor")
    answer = upload(client, content)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()


def test_json_comes_in_as_it_goes_out(client):
    member(client, "pricing editor")
    text = client.get(EXPORT, {"format": "json"}).content.decode()
    stated = json.loads(text)
    stated["prices"][0]["amount"] = 0.25
    assert upload(client, json.dumps(stated), "prices.json").status_code == 302
    assert '"amount":"0.25"' in Draft.objects.get().edits[0]["value"]


def test_who_may_not_edit_prices_may_not_import(client):
    member(client, "content editor")
    assert client.get(IMPORT).status_code == 403
    assert upload(client, "x").status_code == 403


def test_another_book_is_exported_to_those_who_may_see_it(client):
    user = member(client, "content editor")
    subject = Subject("endpoint", Endpoint.objects.get().pk)
    edit = Edit.of_price(subject, price("0.123"), Book.CONTRACT.value)
    save([edit], kind=EditKind.BULK, by=user, why="signed", now=NOW)
    assert client.get(EXPORT, {"book": "contract"}).status_code == 403
    assert "0.123" not in exported(client)
    member(client, "pricing editor")
    assert "0.123" in exported(client, book="contract")
    assert "0.123" not in exported(client)


def test_an_export_is_kept_by_no_cache(client):
    member(client, "pricing editor")
    answer = client.get(EXPORT)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_nobody_sees_another_s_draft(client):
    member(client, "pricing editor")
    answer = upload(client, edited(exported(client), amount="0.2"))
    member(client, "administrator")
    assert client.get(answer["Location"]).status_code == 302
