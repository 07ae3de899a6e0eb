"""Disagreements in the admin: a queue, three judgements, and the log of who said what."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User

from providers import disputes, judging
from providers.choices import Verdict
from providers.disagreement import causes
from providers.disputes import Subject
from providers.facts import BadFact
from providers.models import Claim, Edition, Endpoint, Judgement, Provider
from tests.staff import member

from .market import BATCH, FIRST, SECOND, offer, price, published, read, snapshot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
QUEUE = "/admin/providers/judgement/queue/"


@pytest.fixture(autouse=True)
def _market(settings):
    settings.AFTER_PUBLISH = []
    read(snapshot(offer("small", price("0.15"), price("0.08", condition=BATCH),
                        context_length=128_000)))  # fmt: skip
    theirs("0.25")


def theirs(amount: str, as_of=FIRST) -> None:
    """What genai-prices states of the same endpoint."""
    small = offer("small", price(amount), price("0.05", condition=BATCH), context_length=200_000)
    read(snapshot(small, source="genai_prices", as_of=as_of))


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint.objects.get(native_id="small")


def case(key: str = "price.input", condition: str = "") -> disputes.Case:
    endpoint = Endpoint.objects.get(native_id="small")
    [found] = [
        one
        for one in disputes.of_subject(Subject("endpoint", endpoint.pk), now=NOW)
        if (one.found.key, one.found.condition.key()) == (key, condition)
    ]
    return found


def address(endpoint: Endpoint, key: str = "price.input", condition: str = "") -> str:
    query = urlencode({"key": key, "condition": condition})
    return f"/admin/providers/judgement/judge/endpoint/{endpoint.pk}/?{query}"


def judge(client, endpoint, verdict: str, key: str = "price.input", condition: str = "", **fields):
    said = {"verdict": verdict, "why": "their page", "digest": case(key, condition).found.digest()}
    return client.post(address(endpoint, key, condition), said | fields)


def waiting() -> set[tuple[str, str]]:
    cases = disputes.waiting(now=NOW)
    return {(one.found.key, one.found.condition.tier) for one in cases}


# -- the queue ------------------------------------------------------------------------------------


def test_what_nobody_explains_waits(client):
    member(client, "pricing editor")
    page = client.get(QUEUE).content.decode()
    assert "input price, tier batch" in page
    assert "0.25 USD per 1M tokens" in page
    assert "context" not in page
    assert "Context" in client.get(QUEUE + "?what=all").content.decode()


def test_the_queue_is_searched_by_provider_and_id(client):
    member(client, "pricing editor")
    assert "0.25" in client.get(QUEUE + "?q=OPENAI").content.decode()
    assert "Nothing that waits" in client.get(QUEUE + "?q=mistral").content.decode()


def test_queries_of_the_queue_do_not_grow(client, django_assert_max_num_queries):
    for source, amount in (("litellm", "1"), ("genai_prices", "3")):
        read(snapshot(*(offer(f"m{n}", price(amount)) for n in range(30)), source=source,
                      as_of=SECOND))  # fmt: skip
    member(client, "pricing editor")
    with django_assert_max_num_queries(20):
        client.get(QUEUE)


def test_only_editors_see_the_queue(client):
    assert client.get(QUEUE)["Location"].startswith("/admin/login/")
    client.force_login(User.objects.create_user("guest", is_staff=True))
    assert client.get(QUEUE).status_code == 403


# -- accepting one side ---------------------------------------------------------------------------


def test_an_accepted_side_is_published_as_the_editors_claim(client, endpoint):
    user = member(client, "pricing editor")
    sides = [one.value["amount"] for one in case().found.sides]
    assert judge(client, endpoint, f"accept:{sides.index('0.25')}").status_code == 302
    claim = Claim.objects.get(source__slug="editor")
    assert (claim.editor, claim.reason, claim.condition) == (user, "their page", "")
    assert str(published("small").normalize()) == "0.25"
    assert Judgement.objects.get().claim == claim


def test_an_accepted_side_settles_the_matter_and_survives_refreshes(client, endpoint):
    member(client, "pricing editor")
    judge(client, endpoint, "accept:1")
    theirs("0.35", as_of=SECOND)
    assert case().found.cause == causes.SETTLED
    assert waiting() == {("price.input", "batch"), ("context_length", "")}


def test_a_side_is_accepted_under_the_condition_it_was_compared_at(client, endpoint):
    member(client, "pricing editor")
    judge(client, endpoint, "accept:0", condition=BATCH.key())
    assert Claim.objects.get(source__slug="editor").condition == BATCH.key()


def test_facts_are_accepted_too(client, endpoint):
    member(client, "pricing editor")
    judge(client, endpoint, "accept:1", key="context_length")
    endpoint.refresh_from_db()
    assert endpoint.context_length == 200_000


# -- both right, and put off ----------------------------------------------------------------------


def test_both_right_explains_and_makes_a_new_edition(client, endpoint):
    member(client, "pricing editor")
    before = Edition.objects.get().number
    judge(client, endpoint, Verdict.BOTH_RIGHT.value)
    assert case().found.cause == causes.BOTH_RIGHT
    assert Edition.objects.get().number == before + 1
    assert not Claim.objects.filter(source__slug="editor").exists()


def test_what_is_put_off_leaves_the_queue_and_stays_unexplained(client, endpoint):
    member(client, "pricing editor")
    before = Edition.objects.get().number
    judge(client, endpoint, Verdict.SNOOZED.value)
    assert (case().snoozed, case().found.explained) == (True, False)
    assert ("price.input", "") not in waiting()
    assert Edition.objects.get().number == before


@pytest.mark.parametrize("verdict", [Verdict.BOTH_RIGHT, Verdict.SNOOZED])
def test_it_is_back_when_a_source_changes_its_word(client, endpoint, verdict):
    member(client, "pricing editor")
    judge(client, endpoint, verdict.value)
    theirs("0.35", as_of=SECOND)
    assert ("price.input", "") in waiting()


@pytest.mark.parametrize("verdict", [Verdict.BOTH_RIGHT, Verdict.SNOOZED])
def test_a_refresh_that_says_the_same_does_not_bring_it_back(client, endpoint, verdict):
    member(client, "pricing editor")
    judge(client, endpoint, verdict.value)
    theirs("0.25", as_of=SECOND)
    assert ("price.input", "") not in waiting()


def test_the_latest_word_on_the_same_sides_holds():
    user = User.objects.create_user("ada")
    judging.both_right(case(), by=user, why="two plans", now=NOW)
    judging.snooze(case(), by=user, why="not so sure", now=NOW)
    assert (case().found.explained, case().snoozed) == (False, True)


def test_a_word_on_one_endpoint_is_none_on_another():
    for source, amount in (("litellm", "0.15"), ("genai_prices", "0.25")):
        read(snapshot(offer("twin", price(amount)), source=source, as_of=SECOND, covers=()))
    judging.both_right(case(), by=User.objects.create_user("ada"), why="plans", now=NOW)
    assert ("price.input", "") in waiting()


# -- what goes wrong ------------------------------------------------------------------------------


def test_sides_that_changed_meanwhile_are_shown_again(client, endpoint):
    member(client, "pricing editor")
    seen = case().found.digest()
    theirs("0.35", as_of=SECOND)
    answer = judge(client, endpoint, "accept:1", digest=seen)
    assert "look again" in answer.content.decode()
    assert "0.35" in answer.content.decode()
    assert not Judgement.objects.exists()


def test_the_second_of_two_editors_is_told(client, endpoint):
    member(client, "pricing editor")
    seen = case().found.digest()
    judge(client, endpoint, "accept:0")
    assert "look again" in judge(client, endpoint, "accept:1", digest=seen).content.decode()
    assert Judgement.objects.count() == 1


def test_what_the_sources_agree_on_by_now_is_no_case(client, endpoint):
    member(client, "pricing editor")
    theirs("0.15", as_of=SECOND)
    answer = client.get(address(endpoint), follow=True)
    assert "no longer differ" in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"why": " "}, "required"),
        ({"verdict": "accept:9"}, "valid choice"),
        ({"verdict": ""}, "required"),
        ({"digest": ""}, "required"),
    ],
)
def test_an_incomplete_judgement_is_refused(client, endpoint, fields, message):
    member(client, "pricing editor")
    answer = client.post(
        address(endpoint),
        {"verdict": "accept:0", "why": "x", "digest": case().found.digest()} | fields,
    )
    assert answer.status_code == 200
    assert not Judgement.objects.exists()


def test_a_judgement_needs_a_reason():
    with pytest.raises(BadFact, match="say why"):
        judging.snooze(case(), by=User.objects.create_user("ada"), why=" ", now=NOW)


@pytest.mark.parametrize("path", ["planet/1/", "endpoint/x/", "endpoint/9999999999999999999/",
                                  "endpoint/0/", "model/a/b/"])  # fmt: skip
def test_no_address_is_an_error(client, path):
    member(client, "pricing editor")
    answer = client.get(f"/admin/providers/judgement/judge/{path}?key=price.input")
    assert answer.status_code in (302, 404)


def test_prices_are_judged_by_pricing_editors_only(client, endpoint):
    member(client, "content editor")
    assert client.get(QUEUE).status_code == 200
    assert judge(client, endpoint, "accept:0").status_code == 403
    assert judge(client, endpoint, "accept:0", key="context_length").status_code == 302


# -- the log --------------------------------------------------------------------------------------


def test_the_log_says_who_judged_what_and_why(client, endpoint):
    member(client, "pricing editor")
    judge(client, endpoint, Verdict.BOTH_RIGHT.value)
    page = client.get("/admin/providers/judgement/").content.decode()
    assert all(word in page for word in ("pricing-editor", "their page", "Both right"))
    [judgement] = Judgement.objects.all()
    assert client.get(f"/admin/providers/judgement/{judgement.pk}/change/").status_code == 200


def test_facts_of_providers_are_compared_and_judged(client):
    provider = Provider.objects.get(slug="openai")
    for source, days in (("litellm", 30), ("genai_prices", 0)):
        Claim.objects.create(
            source_id=Claim.objects.filter(source__slug=source).values_list("source", flat=True)[0],
            provider=provider, key="retention_days", value=str(days), stated_from=FIRST,
        )  # fmt: skip
    subject = Subject("provider", provider.pk)
    [found] = disputes.of_subject(subject, now=NOW)
    judging.both_right(found, by=User.objects.create_user("ada"), why="two plans", now=NOW)
    [found] = disputes.of_subject(subject, now=NOW)
    assert found.found.cause == causes.BOTH_RIGHT
