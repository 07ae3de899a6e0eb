"""The playground over real sockets: what is said, measured, billed and kept, and what is not."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import override_settings

from providers import playground
from providers.choices import Outcome
from providers.models import Delivery, Observation, PlaygroundAllowance, ProbePlan
from providers.playground import Done, Piece, Refused
from tests.factories import NOW, EndpointFactory
from tests.faults.test_jobs import wait_until
from tests.providers.probing.plans import BEHAVIOUR, SECRET, plan_at, priced_endpoint
from tests.standin_provider import Behaviour, Fault, StandinProvider, beside

pytestmark = pytest.mark.django_db(transaction=True)
PROMPT = "Which word did nobody ever keep? Xylograph."


@pytest.fixture(autouse=True)
def loopback() -> Iterator[None]:
    with override_settings(
        ALLOWED_PRIVATE_NETWORKS=["127.0.0.1/32"], HTTPS_PROXY="", PLAYGROUND_PER_DAY=Decimal(1)
    ):
        yield


@pytest.fixture
def standin() -> Iterator[StandinProvider]:
    with beside(BEHAVIOUR, key=SECRET) as provider:
        yield provider


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ada")


def begin(user: User, *plans: ProbePlan, prompt: str = PROMPT, book: str = "public"):
    return playground.begin(
        user,
        [plan.pk for plan in plans],
        prompt,
        output_tokens=64,
        book=book,
        now=NOW,
        clock=lambda: NOW,
    )


def all_of(sitting: playground.Sitting) -> tuple[dict[int, str], dict[int, Done]]:
    """The whole text and the end of each answer, by plan."""
    texts: dict[int, str] = {}
    ends: dict[int, Done] = {}
    for event in sitting:
        if isinstance(event, Piece):
            texts[event.plan] = texts.get(event.plan, "") + event.text
        elif event is not None:
            ends[event.plan] = event
    return texts, ends


def spent(user: User) -> Decimal:
    return PlaygroundAllowance.objects.get(user=user).spent


# -- what is said and measured --------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["openai-chat", "openai-responses", "anthropic-messages"])
def test_an_answer_is_streamed_timed_and_billed(standin, user, protocol):
    plan = plan_at(standin.base, protocol=protocol)
    texts, ends = all_of(begin(user, plan))
    done = ends[plan.pk]
    assert len(texts[plan.pk].split()) >= BEHAVIOUR.tokens
    assert done.probed is not None and done.probed.outcome == Outcome.OK
    assert done.probed.ttft_ms is not None and done.probed.ttft_ms >= BEHAVIOUR.ttft_ms
    # 400 in at $2 and 10 out at $10 a million, as the factory's prices say.
    assert done.billed.is_exact and done.billed.spent == Decimal("0.0009")
    assert [line.amount for line in done.billed.bill.lines] == [
        Decimal("0.0008"),
        Decimal("0.0001"),
    ]
    assert spent(user) == Decimal("0.0009")
    sent = standin.served[0].body
    assert PROMPT in str(sent) and 64 in sent.values()


def test_endpoints_are_asked_side_by_side(standin, user):
    plans = [plan_at(standin.base) for _ in range(3)]
    texts, ends = all_of(begin(user, *plans))
    assert texts.keys() == ends.keys() == {plan.pk for plan in plans}
    assert spent(user) == 3 * Decimal("0.0009")
    assert PlaygroundAllowance.objects.get().running_until is None


def test_reasoning_is_told_apart(user):
    with beside(Behaviour(ttft_ms=1, tokens_per_second=2000, reasoning_tokens=5)) as provider:
        events = [e for e in begin(user, plan_at(provider.base)) if isinstance(e, Piece)]
    assert [event.is_reasoning for event in events][:5] == [True] * 5
    assert not events[-1].is_reasoning


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        (Fault.STATUS_503, Outcome.PROVIDER_ERROR, "answered 503"),
        (Fault.STATUS_429, Outcome.RATE_LIMITED, "answered 429"),
        (Fault.STATUS_401, Outcome.CALLER_ERROR, "answered 401"),
        (Fault.BROKEN_STREAM, Outcome.PROVIDER_ERROR, "the connection was reset"),
        (Fault.ERROR_EVENT, Outcome.PROVIDER_ERROR, "an error came inside the stream"),
        (Fault.EMPTY_STREAM, Outcome.PROVIDER_ERROR, "a stream without an end"),
        (Fault.REDIRECT, Outcome.CALLER_ERROR, "answered 302"),
    ],
)
def test_what_went_wrong_has_a_name(user, fault, outcome, reason):
    with beside(Behaviour(ttft_ms=1, fault=fault)) as provider:
        plan = plan_at(provider.base)
        _, ends = all_of(begin(user, plan))
    assert reason in ends[plan.pk].reason
    assert Observation.objects.get().outcome == outcome
    # A refusal costs nothing; a stream that broke may be billed whole.
    assert (spent(user) == 0) == reason.startswith("answered")


# -- money ----------------------------------------------------------------------------------------


def test_what_a_day_cannot_pay_is_not_sent(standin, user):
    PlaygroundAllowance.objects.create(user=user, per_day=Decimal("0.002"))
    all_of(begin(user, plan_at(standin.base)))
    with pytest.raises(Refused, match=r"\$0\.0011 of your \$0\.002 a day are left"):
        begin(user, plan_at(standin.base))
    assert len(standin.served) == 1 and spent(user) == Decimal("0.0009")


def test_a_new_day_has_its_own_money(user):
    PlaygroundAllowance.objects.create(user=user, spent=1, spent_on=NOW.date() - timedelta(days=1))
    assert playground.standing(user, now=NOW).left == 1


def test_the_highest_cost_is_taken_before_anything_is_known(user):
    with beside(Behaviour(fault=Fault.HANGS)) as provider:
        sitting = begin(user, plan_at(provider.base))
        wait_until(lambda: len(provider.served) == 1)
        assert spent(user) > Decimal("0.0005")
        with pytest.raises(Refused, match="still being answered"):
            begin(user, plan_at(provider.base))
    all_of(sitting)


def test_others_wait_while_the_turns_are_taken(user, standin):
    for name in ("grace", "joan"):
        other = User.objects.create_user(name)
        PlaygroundAllowance.objects.create(user=other, running_until=NOW + timedelta(minutes=1))
    with pytest.raises(Refused, match="Others are using"):
        begin(user, plan_at(standin.base))
    assert standin.served == []


def test_an_endpoint_without_a_price_is_not_asked(standin, user):
    with pytest.raises(Refused, match="no known price"):
        begin(user, plan_at(standin.base, endpoint=EndpointFactory()))
    assert standin.served == []


def test_usage_that_nobody_told_counts_as_the_most(user):
    with beside(Behaviour(ttft_ms=1, tokens_per_second=2000, usage=False)) as provider:
        plan = plan_at(provider.base)
        _, ends = all_of(begin(user, plan))
    assert not ends[plan.pk].billed.is_exact and spent(user) > Decimal("0.0009")
    assert Observation.objects.get().cost_pico is None


@pytest.mark.parametrize("prompt", ["", " \n", "x" * 20_001])
def test_a_prompt_of_no_size_is_refused(standin, user, prompt):
    with pytest.raises(Refused, match="prompt"):
        begin(user, plan_at(standin.base), prompt=prompt)


def test_only_what_was_planned_can_be_asked(standin, user):
    plan_at(standin.base)
    with pytest.raises(Refused, match="Choose one to 4"):
        playground.begin(
            user, [10**6], PROMPT, output_tokens=64, book="public", now=NOW, clock=lambda: NOW
        )


def test_each_endpoint_is_offered_once(standin):
    endpoint = priced_endpoint()
    first = plan_at(standin.base, endpoint=endpoint)
    plan_at(standin.base, endpoint=endpoint)
    assert [choice.plan for choice in playground.choices()] == [first.pk]


# -- stopping and forgetting ----------------------------------------------------------------------


def test_who_stops_ends_the_answer_and_pays_for_it(user):
    with beside(Behaviour(ttft_ms=1, fault=Fault.ENDLESS)) as provider:
        sitting = begin(user, plan_at(provider.base))
        events = iter(sitting)
        while not isinstance(next(events), Piece):
            pass
        taken = spent(user)
        events.close()  # what a browser that is gone comes to
        wait_until(lambda: PlaygroundAllowance.objects.get().running_until is None)
    assert spent(user) == taken > 0
    assert not Observation.objects.exists()


def test_nothing_is_kept_but_the_measurement(standin, user, caplog):
    caplog.set_level(logging.DEBUG)
    plan = plan_at(standin.base)
    texts, _ = all_of(begin(user, plan))
    kept = Observation.objects.get()
    assert kept.endpoint_id == plan.endpoint_id and kept.outcome == Outcome.OK
    assert (kept.input_tokens, kept.output_tokens) == (400, 10)
    assert Delivery.objects.get().inlet == "playground"
    everything = stored()
    for word in ("Xylograph", texts[plan.pk], SECRET):
        assert word not in everything and word not in caplog.text


def stored() -> str:
    """Every value of every table."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  names of our own
            rows += cursor.fetchall()
    return str(rows)


def test_what_a_contract_costs_is_in_no_statistics(standin, user):
    all_of(begin(user, plan_at(standin.base), book="contract"))
    assert Observation.objects.get().cost_pico is None
