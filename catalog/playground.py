"""The playground: one prompt to several endpoints, for accounts that an operator permitted.

Off unless the setting PLAYGROUND says otherwise. Answers belong to one reader: kept nowhere, in no
cache, in no log.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import wraps

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from providers import playground
from providers.access import may_see
from providers.choices import Book
from providers.playground import Done, Piece, Refused, Sitting

from .pages import playground as page
from .pages.playground import Answer, Asked

PERMISSION = "providers.use_playground"
STREAM = "application/x-ndjson"

View = Callable[[HttpRequest, User], HttpResponseBase]


def permitted(view: View) -> Callable[[HttpRequest], HttpResponseBase]:
    """Lets through those who may; others log in, or are refused (and logged)."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if not settings.PLAYGROUND:
            raise Http404("This site has no playground.")
        user = request.user
        if not isinstance(user, User):
            response: HttpResponseBase = redirect_to_login(
                request.get_full_path(), reverse("admin:login")
            )
        elif not user.has_perm(PERMISSION):
            raise PermissionDenied("Your account may not use the playground.")
        else:
            response = view(request, user)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded


@sensitive_post_parameters("prompt")
@require_http_methods(["GET", "HEAD", "POST"])
@permitted
def show(request: HttpRequest, user: User) -> HttpResponseBase:
    """The form; and the answers, streamed to a script or whole on a page."""
    if request.method != "POST":
        return _page(request, user, Asked(plans=page.chosen(request.GET.getlist("plan"))))
    asked = _asked(request)
    streams = request.headers.get("Accept") == STREAM
    try:
        sitting = _begin(user, asked)
    except Refused as error:
        if streams:
            return JsonResponse({"refusal": str(error)}, status=422)
        return _page(request, user, asked, refusal=str(error), status=422)
    if streams:
        return StreamingHttpResponse(
            _lines(sitting, user), content_type=STREAM, headers={"X-Accel-Buffering": "no"}
        )
    return _page(request, user, asked, answers=_whole(sitting))


def _asked(request: HttpRequest) -> Asked:
    tokens = request.POST.get("tokens", "")
    return Asked(
        prompt=request.POST.get("prompt", ""),
        plans=page.chosen(request.POST.getlist("plan")),
        output_tokens=int(tokens) if tokens.isdecimal() and len(tokens) < 9 else 0,
    )


def _begin(user: User, asked: Asked) -> Sitting:
    """Billed by the contract book for those who may see it, else by the public list."""
    sees_contract = may_see(user, Book.CONTRACT)
    return playground.begin(
        user,
        asked.plans,
        asked.prompt,
        output_tokens=asked.output_tokens,
        book=(Book.CONTRACT if sees_contract else Book.PUBLIC).value,
        now=_now(),
        clock=_now,
    )


def _whole(sitting: Sitting) -> tuple[Answer, ...]:
    """All answers, when all are done."""
    texts: dict[tuple[int, bool], list[str]] = {}
    ends: dict[int, page.End] = {}
    for event in sitting:
        if isinstance(event, Piece):
            texts.setdefault((event.plan, event.is_reasoning), []).append(event.text)
        elif isinstance(event, Done):
            ends[event.plan] = page.end(event)
    return tuple(
        Answer(
            one.choice,
            thinking="".join(texts.get((one.choice.plan, True), ())),
            text="".join(texts.get((one.choice.plan, False), ())),
            end=ends[one.choice.plan],
        )
        for one in sitting.asked
    )


def _lines(sitting: Sitting, user: User) -> Iterator[str]:
    """A line an event: an answer's place, its pieces, its end; and what is left of the day."""
    try:
        for one in sitting.asked:
            place = {"answer": Answer(one.choice)}
            yield _line(place=render_to_string("catalog/_playground_answer.html", place))
        for event in sitting:
            yield _told(event)
        yield _line(left=page.dollars(playground.standing(user, now=_now()).left))
    finally:
        sitting.stop()


def _told(event: Piece | Done | None) -> str:
    if isinstance(event, Piece):
        return _line(plan=event.plan, text=event.text, thinking=event.is_reasoning)
    if isinstance(event, Done):
        end = render_to_string("catalog/_playground_end.html", {"end": page.end(event)})
        return _line(plan=event.plan, end=end)
    return _line()


def _line(**event: object) -> str:
    return json.dumps(event) + "\n"


def _page(
    request: HttpRequest,
    user: User,
    asked: Asked,
    *,
    refusal: str = "",
    answers: Iterable[Answer] = (),
    status: int = 200,
) -> HttpResponse:
    standing = playground.standing(user, now=_now())
    built = page.build(asked, standing, refusal=refusal, answers=answers)
    return render(request, "catalog/playground.html", {"page": built}, status=status)


def _now() -> datetime:
    return datetime.now(UTC)
