"""One prompt under way: a thread an endpoint, and what they say as one series of events.

The threads settle the money and keep the measurement whether anybody still listens or not.
"""

import queue
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from ..addresses import networks
from ..choices import Book, Inlet, Outcome
from ..pricing import Bill
from ..probing import cost
from ..probing.running import observation_of, paid
from ..queries import PriceRow
from ..stats import prompts
from ..stats.probe import probe
from ..stats.probed import Door, Limits, Probed
from ..stats.record import record
from . import allowance
from .allowance import CURRENCY, Refused
from .choosing import Ready, ready

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 4  # endpoints
MOST_PROMPT = 20_000  # characters
OUTPUT_TOKENS = (64, 256, 1024, 4096)  # longest answers to choose from
LIMITS = Limits(seconds=120.0)
LASTS = timedelta(seconds=2 * LIMITS.seconds)
SENDER = "playground"
# Who waits is told that all is well, and a line that is gone is noticed.
BEAT = 1.0  # seconds


class Stopped(Exception):
    """Nobody listens any more."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of an answer."""

    plan: int
    text: str
    is_reasoning: bool


@dataclass(frozen=True, slots=True)
class Billed:
    """What an answer cost. `bill` None: the provider told no usage.

    Unless `is_exact`, the most that it can have cost counts as spent.
    """

    spent: Decimal  # US dollars
    is_exact: bool
    bill: Bill[PriceRow] | None


@dataclass(frozen=True, slots=True)
class Done:
    """How the answer of one endpoint ended. `probed` None: it was stopped, or the fault is ours."""

    plan: int
    reason: str
    probed: Probed | None
    billed: Billed
    is_kept: bool


def begin(
    user: User,
    plans: Collection[int],
    prompt: str,
    *,
    output_tokens: int,
    book: str,
    now: datetime,
    clock: Callable[[], datetime],
) -> "Sitting":
    """Takes the money and starts asking; `Refused` before anything is sent."""
    if not prompt.strip():
        raise Refused("The prompt is empty. Write what you want to ask.")
    if len(prompt) > MOST_PROMPT:
        raise Refused(f"The prompt has {len(prompt):,} characters; {MOST_PROMPT:,} are the most.")
    if output_tokens not in OUTPUT_TOKENS:
        raise Refused("Choose the longest answer from the list.")
    asked = ready(plans, output_tokens, now=now)
    if not asked or len(asked) > MOST_AT_ONCE:
        raise Refused(f"Choose one to {MOST_AT_ONCE} of the endpoints in the list.")
    most = {one.choice.plan: _at_most(one, prompt, book, now) for one in asked}
    day = allowance.take(user, sum(most.values(), Decimal(0)), now=now, lasts=LASTS)
    sitting = Sitting(user.pk, asked, most, book=book, day=day, now=now, clock=clock)
    sitting.start(prompt)
    return sitting


def _at_most(one: Ready, prompt: str, book: str, now: datetime) -> Decimal:
    try:
        return cost.at_most(
            one.prices,
            when=now,
            input_tokens=prompts.most_tokens(prompt),
            output_tokens=one.target.output_tokens,
            currency=CURRENCY,
            book=book,
        )
    except cost.Unpriced as error:
        raise Refused(
            f"{one.choice.provider}: {error}; nothing is sent that no allowance can hold."
        ) from None


class Sitting:
    """What is under way for one person. Iterating gives events; None: nothing new for a while."""

    def __init__(
        self,
        user_id: int,
        asked: tuple[Ready, ...],
        most: dict[int, Decimal],
        *,
        book: str,
        day: date,
        now: datetime,
        clock: Callable[[], datetime],
    ) -> None:
        self.asked = asked
        self._user_id, self._most, self._book, self._day = user_id, most, book, day
        self._now, self._clock = now, clock
        self._events: queue.SimpleQueue[Piece | Done] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._lock, self._under_way = threading.Lock(), len(asked)
        self._door = Door(networks(settings.ALLOWED_PRIVATE_NETWORKS), settings.HTTPS_PROXY)

    def start(self, prompt: str) -> None:
        for one in self.asked:
            threading.Thread(target=self._ask, args=(one, prompt), daemon=True).start()

    def stop(self) -> None:
        """Nobody wants the rest; what was begun is paid for."""
        self._stopped.set()

    def __iter__(self) -> Iterator[Piece | Done | None]:
        waiting = len(self.asked)
        try:
            while waiting:
                try:
                    event = self._events.get(timeout=BEAT)
                except queue.Empty:
                    yield None
                    continue
                waiting -= isinstance(event, Done)
                yield event
        finally:
            self.stop()

    # -- in the thread of one endpoint ------------------------------------------------------------

    def _ask(self, one: Ready, prompt: str) -> None:
        try:
            done = self._answered(one, prompt)
        except Exception as error:  # noqa: BLE001  its text may hold the prompt: the type is told
            log.error("playground failed", error=type(error).__name__, model=one.choice.model)
            done = self._unmeasured(one, "a fault of this site; its log has more")
        try:
            self._leave()
        finally:
            connection.close()
            self._events.put(done)

    def _leave(self) -> None:
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                allowance.give_turn_back(self._user_id)

    def _answered(self, one: Ready, prompt: str) -> Done:
        def hear(text: str, is_reasoning: bool) -> None:
            if self._stopped.is_set():
                raise Stopped
            self._events.put(Piece(one.choice.plan, text, is_reasoning))

        try:
            probed = probe(one.target, one.key, prompt, LIMITS, self._door, hear)
        except Stopped:
            return self._unmeasured(one, "stopped")
        billed = self._billed(one, probed)
        return Done(one.choice.plan, probed.reason, probed, billed, self._keep(one, probed, billed))

    def _unmeasured(self, one: Ready, reason: str) -> Done:
        """What was taken stays spent: the provider may bill the whole answer."""
        most = Billed(self._most[one.choice.plan], is_exact=False, bill=None)
        return Done(one.choice.plan, reason, None, most, is_kept=False)

    def _billed(self, one: Ready, probed: Probed) -> Billed:
        most, usage = self._most[one.choice.plan], cost.usage_of(probed.told)
        bill, exact = None, None
        if usage is not None:
            bill = cost.bill(one.prices, self._now, usage, self._book)
            try:
                exact = cost.total(bill, CURRENCY)
            except cost.Unpriced:
                exact = None
        spent = paid(probed, exact, most)
        allowance.settle(self._user_id, taken=most, cost=spent, day=self._day)
        return Billed(spent, exact is not None or not spent, bill)

    def _keep(self, one: Ready, probed: Probed, billed: Billed) -> bool:
        """The measurement alone, unless the failure may be our own line's."""
        if probed.outcome is None or not (
            probed.outcome == Outcome.OK or probed.status is not None or probed.is_connected
        ):
            return False
        # The public list's word: what a contract says is not for statistics that all can read.
        is_public = self._book == Book.PUBLIC.value and billed.is_exact
        observation = observation_of(
            one.choice.endpoint_id, probed, billed.spent if is_public else None, self._now
        )
        receipt = record([observation], sender=SENDER, inlet=Inlet.PLAYGROUND, now=self._clock())
        return receipt.accepted == 1
