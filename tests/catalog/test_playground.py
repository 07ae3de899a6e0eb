"""The playground's page: who may, what is refused and kept in the form, how answers arrive."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client, override_settings

from catalog.page_cache import is_for_everyone
from catalog.playground import STREAM
from providers.models import Observation, PlaygroundAllowance, ProbePlan
from tests.faults.test_jobs import wait_until
from tests.providers.probing.plans import BEHAVIOUR, SECRET, plan_at
from tests.staff import member
from tests.standin_provider import Behaviour, Fault, StandinProvider, beside

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/playground/"
PROMPT = "Is <b>this</b> kept?"


@pytest.fixture(autouse=True)
def switched_on() -> Iterator[None]:
    with override_settings(
        PLAYGROUND=True,
        PLAYGROUND_PER_DAY=Decimal(1),
        ALLOWED_PRIVATE_NETWORKS=["127.0.0.1/32"],
        HTTPS_PROXY="",
    ):
        yield


@pytest.fixture
def ada(client: Client) -> User:
    """Logged in, and permitted by an operator."""
    user = User.objects.create_user("ada")
    user.user_permissions.add(Permission.objects.get(codename="use_playground"))
    client.force_login(user)
    return user


@pytest.fixture
def standin() -> Iterator[StandinProvider]:
    with beside(BEHAVIOUR, key=SECRET) as provider:
        yield provider


@pytest.fixture
def plan(standin: StandinProvider) -> ProbePlan:
    return plan_at(standin.base)


def form(*plans: ProbePlan, **other: object) -> dict[str, object]:
    return {"prompt": PROMPT, "plan": [plan.pk for plan in plans], "tokens": "64", **other}


def events(answer) -> list[dict[str, object]]:
    return [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


# -- who may --------------------------------------------------------------------------------------


def test_it_is_off_unless_somebody_wants_it(client, ada, plan):
    with override_settings(PLAYGROUND=False):
        assert client.get(URL).status_code == 404
        assert client.post(URL, form(plan)).status_code == 404


def test_who_has_not_logged_in_is_asked_to(client, plan, standin):
    answer = client.post(URL, form(plan))
    assert answer.status_code == 302 and "/admin/login/" in answer["Location"]
    assert standin.served == []


def test_who_is_not_permitted_is_refused(client, plan, standin):
    client.force_login(User.objects.create_user("eve"))
    assert client.get(URL).status_code == 403
    assert client.post(URL, form(plan)).status_code == 403
    assert standin.served == []


@pytest.mark.parametrize(
    ("group", "status"),
    [("administrator", 200), ("pricing editor", 403), ("content editor", 403)],
)
def test_administrators_alone_are_permitted_without_asking(client, group, status):
    member(client, group)
    assert client.get(URL).status_code == status


def test_the_editors_desk_leads_there_whoever_may(client):
    member(client, "administrator")
    assert URL in client.get("/admin/").text
    member(client, "content editor")
    assert URL not in client.get("/admin/").text


def test_a_forged_post_sends_nothing(ada, plan, standin):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(URL, form(plan)).status_code == 403
    assert standin.served == []


# -- the page -------------------------------------------------------------------------------------


def test_the_form_offers_what_can_be_asked_and_is_kept_by_nobody(client, ada, plan):
    answer = client.get(f"{URL}?plan={plan.pk}&plan=junk")
    assert plan.endpoint.provider.name in answer.text
    assert f'value="{plan.pk}" checked' in answer.text
    assert answer["Cache-Control"] == "private, no-store"
    assert not is_for_everyone(answer)


def test_without_plans_it_says_what_is_missing(client, ada):
    assert "makes a probe plan" in client.get(URL).text


def test_reading_it_costs_the_same_for_any_number_of_endpoints(
    client, ada, standin, django_assert_max_num_queries
):
    for _ in range(5):
        plan_at(standin.base)
    with django_assert_max_num_queries(8):  # session, user, two of permissions, page
        client.get(URL)


def test_without_scripts_all_answers_stand_on_the_next_page(client, ada, standin):
    plans = [plan_at(standin.base), plan_at(standin.base)]
    answer = client.post(URL, form(*plans))
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    assert answer.text.count("<b>ok</b>") == 2
    assert answer.text.count("$0.0009") == 2  # the sum of each bill
    assert "Time to first token" in answer.text
    assert "$0.9982" in answer.text  # of the day's dollar
    assert "Is &lt;b&gt;this&lt;/b&gt; kept?" in answer.text
    assert SECRET not in answer.text


def test_a_script_hears_places_pieces_ends_and_what_is_left(client, ada, plan):
    answer = client.post(URL, form(plan), headers={"Accept": STREAM})
    assert answer["Content-Type"] == STREAM and answer["Cache-Control"] == "private, no-store"
    heard = events(answer)
    assert "data-text" in str(heard[0]["place"])
    pieces = [event for event in heard if "text" in event]
    assert len(pieces) == BEHAVIOUR.tokens
    (end,) = [event for event in heard if "end" in event]
    assert end["plan"] == plan.pk and "$0.0009" in str(end["end"])
    assert heard[-1] == {"left": "$0.9991"}
    assert SECRET not in json.dumps(heard)
    assert Observation.objects.count() == 1


def test_a_reader_who_goes_away_ends_the_answer(client, ada):
    with beside(Behaviour(ttft_ms=1, fault=Fault.ENDLESS)) as provider:
        answer = client.post(URL, form(plan_at(provider.base)), headers={"Accept": STREAM})
        stream = iter(answer.streaming_content)
        while b'"text"' not in next(stream):
            pass
        answer.close()
        wait_until(lambda: PlaygroundAllowance.objects.get().running_until is None)
    assert not Observation.objects.exists()


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"prompt": " "}, "The prompt is empty"),
        ({"plan": []}, "Choose one to 4"),
        ({"plan": ["x", "9" * 30]}, "Choose one to 4"),
        ({"tokens": "1000000"}, "Choose the longest answer"),
        ({"tokens": "many"}, "Choose the longest answer"),
    ],
)
def test_what_is_wrong_is_named_and_the_form_keeps_the_rest(
    client, ada, plan, standin, wrong, reason
):
    answer = client.post(URL, form(plan) | wrong)
    assert answer.status_code == 422 and reason in answer.text
    assert ("Is &lt;b&gt;this" in answer.text) == ("prompt" not in wrong)
    told = client.post(URL, form(plan) | wrong, headers={"Accept": STREAM})
    assert told.status_code == 422 and reason in told.json()["refusal"]
    assert standin.served == []


def test_a_spent_day_is_told_with_what_is_left(client, ada, plan, standin):
    PlaygroundAllowance.objects.create(user=ada, per_day=Decimal(0))
    answer = client.post(URL, form(plan))
    assert answer.status_code == 422 and "$0 of your $0 a day are left" in answer.text
    assert standin.served == []


def test_a_second_prompt_waits_for_the_first(client, ada, plan, standin):
    until = datetime.now(UTC) + timedelta(minutes=1)
    PlaygroundAllowance.objects.create(user=ada, running_until=until)
    assert "still being answered" in client.post(URL, form(plan)).text
    assert standin.served == []


def test_what_the_provider_sends_is_text_and_no_markup(client, ada, monkeypatch):
    monkeypatch.setattr(
        "providers.stats.dialects.text_of", lambda protocol, event: "<script>alert(1)</script>"
    )
    with beside(BEHAVIOUR) as provider:
        answer = client.post(URL, form(plan_at(provider.base)))
    assert "<script>alert" not in answer.text and "&lt;script&gt;alert" in answer.text


def test_a_failure_has_a_name(client, ada):
    with beside(Behaviour(fault=Fault.STATUS_503)) as provider:
        answer = client.post(URL, form(plan_at(provider.base)))
    assert "provider error" in answer.text and "answered 503" in answer.text
    assert "<b>$0</b> spent" in answer.text
