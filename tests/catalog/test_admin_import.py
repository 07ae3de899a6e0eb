"""CSV in the admin: a preview first, faults row by row, and cells that no spreadsheet runs."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import Parameter, Score
from providers import queries
from tests.factories import AIModelFactory, BenchmarkFactory, ParameterFactory, ScoreFactory
from tests.staff import member

pytestmark = pytest.mark.django_db

SCORES, PARAMETERS = "/admin/catalog/score/", "/admin/catalog/parameter/"
HEAD = "model,benchmark,value,unit,condition,harness,source_name,source_url,published_on"
GOOD = "openai/gpt-4o-mini,mmlu,82.0,%,5-shot,,OpenAI,https://openai.com/,2024-07"


@pytest.fixture(autouse=True)
def editor(client):
    AIModelFactory(slug="gpt-4o-mini")
    BenchmarkFactory()
    return member(client, "content editor")


def preview(client, *rows: str, head: str = HEAD, page: str = SCORES):
    file = SimpleUploadedFile("rows.csv", "\n".join([head, *rows]).encode(), "text/csv")
    return client.post(f"{page}import/", {"import_file": file, "format": "0"})


def confirm(client, answer, page: str = SCORES):
    return client.post(f"{page}process_import/", answer.context["confirm_form"].initial)


def test_a_preview_writes_nothing(client):
    page = preview(client, GOOD).content.decode()
    assert "<ins>openai/gpt-4o-mini</ins>" in page and "Confirm import" in page
    assert not Score.objects.exists()


def test_a_confirmed_import_is_published(client):
    before = queries.edition()
    assert confirm(client, preview(client, GOOD)).status_code == 302
    score = Score.objects.get()
    assert (score.model.slug, score.value, score.condition, score.published_on) == (
        "gpt-4o-mini", Decimal(82), "5-shot", "2024-07",
    )  # fmt: skip
    assert queries.edition() > before


def test_the_same_file_again_changes_nothing(client):
    confirm(client, preview(client, GOOD))
    page = preview(client, GOOD).content.decode()
    assert "Skipped" in page
    confirm(client, preview(client, GOOD))
    assert Score.objects.count() == 1


def test_a_row_with_a_known_key_updates(client):
    confirm(client, preview(client, GOOD))
    answer = preview(client, GOOD.replace("82.0", "83.5"))
    assert "<del>82" in answer.content.decode() and "<ins>83.5" in answer.content.decode()
    confirm(client, answer)
    assert Score.objects.get().value == Decimal("83.5")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("openai/gpt-4o-mini", "openai/gpt-9", "no model is called"),
        ("openai/gpt-4o-mini", "", "no model is called"),
        ("mmlu", "made-up", "no benchmark has the slug"),
        ("82.0", "many", "is not a number"),
        ("82.0", "", "cannot be null"),
        ("82.0", "NaN", "must be a decimal number"),
        ("82.0", "-1", "score_not_negative"),
        ("82.0", "123456789012345", "no more than"),
        ("2024-07", "2024-13", "not a day of the calendar"),
        ("2024-07", "last year", "write YYYY"),
        ("https://openai.com/", "javascript:alert(1)", "valid URL"),
        ("OpenAI,", ",", "cannot be blank"),
        ("5-shot", "x" * 501, "at most 500"),
    ],
)
def test_faults_are_told_by_row_and_nothing_is_imported(client, old, new, message):
    answer = preview(client, GOOD, GOOD.replace("5-shot", "0-shot").replace(old, new, 1)
                     if old != "5-shot" else GOOD.replace(old, new))  # fmt: skip
    page = answer.content.decode()
    assert message in page
    assert "confirm_form" not in answer.context
    assert [row.number for row in answer.context["result"].invalid_rows] == [2]
    assert not Score.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"no,such,columns\n1,2,3", b'model\n"unclosed', b"\x00" * 99]
)
def test_a_file_that_is_no_table_is_refused(client, content):
    file = SimpleUploadedFile("rows.csv", content, "text/csv")
    answer = client.post(f"{SCORES}import/", {"import_file": file, "format": "0"})
    assert answer.status_code == 200
    assert "Confirm import" not in answer.content.decode()
    assert not Score.objects.exists()


def test_markup_in_a_cell_is_shown_as_text(client):
    page = preview(client, GOOD.replace("OpenAI", "<script>alert(1)</script>")).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_an_exported_cell_is_no_formula_and_comes_back_unchanged(client, start):
    said = f'{start}HYPERLINK("http://evil.example")'
    ScoreFactory(source_name=said, model=AIModelFactory(slug="other"))
    exported = client.get(f"{SCORES}export/").content.decode()
    assert f"'{start}HYPERLINK" in exported
    Score.objects.all().delete()
    head, *rows = exported.splitlines()
    confirm(client, preview(client, *rows, head=head))
    assert Score.objects.get().source_name == said


def test_parameters_are_imported_by_name(client):
    ParameterFactory(name="top_k", description="Old words.")
    head = "name,type,description,deprecated,replaced_by"
    rows = ("top_k,integer,New words.,0,", "seed,integer,Makes answers alike.,0,")
    confirm(client, preview(client, *rows, head=head, page=PARAMETERS), page=PARAMETERS)
    assert dict(Parameter.objects.values_list("name", "description")) == {
        "top_k": "New words.",
        "seed": "Makes answers alike.",
    }


def test_others_neither_import_nor_export(client):
    answer = preview(client, GOOD)
    member(client, "pricing editor")
    assert client.get(f"{SCORES}import/").status_code == 403
    assert client.get(f"{SCORES}export/").status_code == 403
    assert confirm(client, answer).status_code == 403
    assert not Score.objects.exists()
