"""Exchange rates in the database: the file's, an editor's, and who may enter one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client

from catalog import roles
from providers import queries, rate_record
from providers.management.commands import load_rates
from providers.models import ExchangeRate
from providers.rate_queries import rates_on
from providers.rates import ECB, EDITOR, Rate
from providers.sources.recordings import manifest

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
DAY = date(2026, 10, 30)
ADD = "/admin/providers/exchangerate/add/"


def rate(per_euro: str, *, day: date = DAY, source: str = ECB, currency: str = "CNY") -> Rate:
    return Rate(currency, Decimal(per_euro), day, source)


def load(*args: str, **options: object) -> str:
    out = StringIO()
    call_command("load_rates", *args, stdout=out, **options)
    return out.getvalue()


# -- reading --------------------------------------------------------------------------------------


def test_the_newest_rate_at_or_before_the_day_counts(django_assert_num_queries):
    rate_record.record([rate("7.1", day=DAY - timedelta(days=9)), rate("7.4")], now=NOW)
    with django_assert_num_queries(1):
        assert rates_on(DAY, currencies={"CNY"})["CNY"].per_euro == Decimal("7.4")
    assert rates_on(DAY - timedelta(days=1), currencies={"CNY"})["CNY"].per_euro == Decimal("7.1")
    assert rates_on(DAY - timedelta(days=10), currencies={"CNY"}) == {}
    assert rates_on(DAY + timedelta(days=90), currencies={"CNY"})["CNY"].day == DAY


def test_an_editors_rate_goes_before_the_files_of_the_same_day_only():
    rate_record.record([rate("7.2", source=EDITOR), rate("7.4")], now=NOW)
    assert rates_on(DAY, currencies={"CNY"})["CNY"] == rate("7.2", source=EDITOR)
    rate_record.record([rate("7.5", day=DAY + timedelta(days=1))], now=NOW)
    later = rates_on(DAY + timedelta(days=1), currencies={"CNY"})["CNY"]
    assert later == rate("7.5", day=DAY + timedelta(days=1))


# -- the file -------------------------------------------------------------------------------------


def test_the_rates_that_come_along_are_what_the_manifest_says_and_load_once():
    entry = manifest(folder=load_rates.recorded().parent)["eurofxref"]
    data = load_rates.recorded().read_bytes()
    assert len(data) == entry["bytes"]
    assert "changed" in load()
    assert rates_on(DAY, currencies={"CNY"})["CNY"] == rate("7.4326")
    edition = queries.edition()
    assert load().startswith("0 new rates, 0 changed")
    assert queries.edition() == edition, "pages are not printed anew for nothing"


def test_a_corrected_rate_makes_a_new_edition(tmp_path):
    load()
    edition = queries.edition()
    assert load(written(tmp_path, "Date,CNY\n2026-10-30,7.5\n")).startswith(
        "0 new rates, 1 changed"
    )
    assert queries.edition() > edition
    assert rates_on(DAY, currencies={"CNY"})["CNY"].per_euro == Decimal("7.5")


def test_a_file_with_a_fault_changes_nothing(tmp_path):
    with pytest.raises(CommandError, match="line 3: CNY: a rate of 0"):
        load(written(tmp_path, "Date,CNY\n2026-10-30,7.5\n2026-10-29,0\n"))
    assert not ExchangeRate.objects.exists()


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        load(str(tmp_path / "none.csv"))
    (tmp_path / "eurofxref.zip").write_bytes(b"PK\x03\x04\xff\xfe\x80")
    with pytest.raises(CommandError, match="unpack it first"):
        load(str(tmp_path / "eurofxref.zip"))


def test_days_and_currencies_can_be_chosen_but_not_turned_round():
    load("--since", "2026-10-29", "--only", "cny", "usd")
    assert ExchangeRate.objects.count() == 4
    with pytest.raises(CommandError, match="write the earlier day first"):
        load("--since", "2026-10-30", "--until", "2026-10-29")
    with pytest.raises(CommandError, match="not a currency in use: XYZ"):
        load("--only", "xyz")
    with pytest.raises(CommandError, match="is not a day"):
        load("--since", "yesterday")


def written(folder: Path, text: str) -> str:
    path = folder / "rates.csv"
    path.write_text(text)
    return str(path)


# -- by hand --------------------------------------------------------------------------------------


@pytest.fixture
def editor() -> Client:
    roles.ensure()
    user = User.objects.create_user("pat", password="x", is_staff=True)  # noqa: S106
    user.groups.add(Group.objects.get(name="pricing editor"))
    client = Client()
    client.force_login(user)
    return client


def form(**stated: str) -> dict[str, str]:
    return {"currency": "CNY", "per_euro": "7.2", "day": "2026-10-30"} | stated


def test_an_editor_enters_a_rate_and_pages_are_printed_anew(editor):
    edition = queries.edition()
    assert editor.post(ADD, form(currency="cny")).status_code == 302
    assert rates_on(DAY, currencies={"CNY"})["CNY"] == rate("7.2", source=EDITOR)
    assert queries.edition() == edition + 1


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"currency": "XYZ"}, "not a currency in use"),
        ({"currency": "EUR"}, "the euro has none"),
        ({"per_euro": "0"}, "above 0"),
        ({"per_euro": "-7"}, "above 0"),
        ({"per_euro": "much"}, "Enter a number"),
        ({"day": "2099-01-01"}, "has not come"),
        ({"day": "2026-02-31"}, "Enter a valid date"),
    ],
)
def test_what_is_no_rate_is_refused_with_words(editor, stated, said):
    answer = editor.post(ADD, form(**stated))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not ExchangeRate.objects.exists()


def test_a_second_rate_of_the_day_is_refused_not_added(editor):
    editor.post(ADD, form())
    assert "stands already" in editor.post(ADD, form(per_euro="7.3")).content.decode()
    assert ExchangeRate.objects.count() == 1


def test_the_files_rates_are_not_changed_by_hand(editor):
    rate_record.record([rate("7.4")], now=NOW)
    kept = ExchangeRate.objects.get()
    assert (
        editor.post(f"/admin/providers/exchangerate/{kept.pk}/change/", form()).status_code == 403
    )
    assert editor.post(f"/admin/providers/exchangerate/{kept.pk}/delete/").status_code == 403
    kept.refresh_from_db()
    assert kept.per_euro == Decimal("7.4")


def test_nobody_else_enters_rates(editor):
    User.objects.get(username="pat").groups.clear()
    assert editor.get(ADD).status_code == 403
    assert editor.post(ADD, form()).status_code == 403
    assert Client().post(ADD, form()).status_code == 302  # to the login
    assert not ExchangeRate.objects.exists()
