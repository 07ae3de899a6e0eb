"""Sample code for one endpoint: what to send, to which address, with which key and which id.

`snippets_for` answers from the target alone, so equal targets give equal snippets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from . import words
from .highlight import highlight, pull_marks
from .sample import calls, packages
from .sample.calls import Call, Wanted
from .sample.literals import (
    JAVASCRIPT,
    PYTHON,
    SHELL_JSON,
    Code,
    Text,
    Value,
    arguments,
    broken,
    changing,
    joined,
    literal,
    path,
    shell,
)
from .sample.plan import Plan, SnippetTarget, is_live, plan_for, service_for
from .sample.services import WITHOUT

__all__ = ["Snippet", "SnippetTarget", "snippets_for", "why_none"]

TABS = (
    ("openai-python", "OpenAI, Python", "python"),
    ("boto3", "AWS, Python", "python"),
    ("python-requests", "Python, requests", "python"),
    ("typescript-fetch", "TypeScript, fetch", "typescript"),
    ("openai-typescript", "OpenAI, TypeScript", "typescript"),
    ("ai-sdk", "AI SDK", "typescript"),
    ("anthropic-python", "Anthropic, Python", "python"),
    ("curl", "cURL", "bash"),
)


@dataclass(frozen=True, slots=True)
class Snippet:
    """One tab. `html` is for the inside of `<pre><code>`, with `<mark>` around what changes."""

    slug: str
    label: str
    language: str
    text: str
    html: str


@lru_cache(maxsize=1024)
def snippets_for(target: SnippetTarget) -> tuple[Snippet, ...]:
    """The tabs for an endpoint, in reading order; none where no correct sample is known."""
    plan = plan_for(target)
    if plan is None:
        return ()
    texts = dict(_texts(plan))
    return tuple(
        _snippet(slug, label, language, texts[slug])
        for slug, label, language in TABS
        if slug in texts
    )


def why_none(target: SnippetTarget) -> str:
    """Why `snippets_for` gives nothing, for readers."""
    if target.provider_slug in WITHOUT:
        return f"No sample: {WITHOUT[target.provider_slug]}"
    service = service_for(target)
    if not service.base and not service.anthropic:
        return f"No sample: no source states the address of {target.provider_name}'s API."
    if target.kind in service.without:
        return f"No sample: {service.without[target.kind]}"
    if is_live(target):
        return "No sample: it is spoken to over a live connection, not by single requests."
    kind = words.kind_label(target.kind).lower()
    return f"No sample: we know no documented call for this {kind} model at {target.provider_name}."


# -- texts ----------------------------------------------------------------------------------------


def _texts(plan: Plan) -> Iterator[tuple[str, str]]:
    """(tab, text with marks) for every tab of the plan."""
    if plan.openai:
        for slug in ("openai-python", "openai-typescript"):
            yield slug, _render(f"{plan.openai.shape}/{slug}", _slots(plan.openai, plan.wanted))
    if plan.http:
        for slug in ("python-requests", "typescript-fetch", "curl"):
            yield slug, _render(f"{plan.http.shape}/{slug}", _slots(plan.http, plan.wanted))
    if plan.anthropic:
        slots = _slots(plan.anthropic, plan.wanted)
        template = "json/anthropic-python" if plan.anthropic.root else "anthropic-vertex"
        yield "anthropic-python", _render(template, slots)
    if plan.package:
        yield "ai-sdk", _render("ai-sdk", _package_slots(plan.package, plan.wanted))
    if plan.boto3_region:
        yield "boto3", _render("boto3", _boto3_slots(plan.wanted, plan.boto3_region))


def _snippet(slug: str, label: str, language: str, marked_text: str) -> Snippet:
    text, marks = pull_marks(marked_text)
    return Snippet(slug, label, language, text, highlight(text.rstrip(), language, marks))


def _render(name: str, slots: dict[str, Any]) -> str:
    return render_to_string(f"snippets/{name}.txt", slots).rstrip() + "\n"


def _slots(call: Call, wanted: Wanted) -> dict[str, Any]:
    """What the templates place: every value is already code of its language."""
    key = packages.literal_key(wanted)
    level = 2 if call.shape == "upload" else 1  # the request stands inside a `with`
    url = joined(changing(call.root), call.path)
    name, before = call.key_header
    return {
        "shell": {
            "url": _code(shell(url)),
            "key_header": _code(f'"{name}: {before}${key}"'),
            "headers": [_code(shell(f"{name}: {value}")) for name, value in call.headers],
            "body": _code(broken(call.body, SHELL_JSON)),
            "form": [_code(shell(joined(f"{name}=", text))) for name, text in _form(call)],
        },
        "python": {
            "url": _code(literal(url, PYTHON)),
            "base": _code(literal(changing(call.root), PYTHON)),
            "headers": _code(literal(_python_headers(call, key), PYTHON, level=level, before=9)),
            "body": _code(broken(call.body, PYTHON, level=level)),
            "arguments": _code(arguments(call.body, level=level)),
            "answer": _code(path(call.answer, dotted=False)),
            "library_answer": _code(path(call.in_library(), dotted=True)),
        },
        "js": {
            "url": _code(literal(url, JAVASCRIPT)),
            "base": _code(literal(changing(call.root), JAVASCRIPT)),
            "headers": _code(broken(_js_headers(call, key), JAVASCRIPT, level=1)),
            "key_header": _code(broken(_js_key_header(call, key), JAVASCRIPT, level=1)),
            "body": _code(broken(call.body, JAVASCRIPT, level=1)),
            "arguments": _code(broken(call.body, JAVASCRIPT)),
            "form": [
                (name, _code(literal(name, JAVASCRIPT)), _code(literal(text, JAVASCRIPT)))
                for name, text in _form(call)
            ],
            "answer": _code(path(call.answer, dotted=True, counts_back=".at({})")),
            "library_answer": _code(path(call.in_library(), dotted=True)),
        },
        "key": _code(key),
        "by_token": wanted.service.anthropic_bearer,
        "method": _code(call.method),
        "saves": call.saves,
        "note": _code(call.note),
    }


def _package_slots(package: packages.Package, wanted: Wanted) -> dict[str, Any]:
    return {
        "package": package.name,
        "factory": package.factory,
        "options": _code(broken(package.options, JAVASCRIPT)),
        "request": _code(broken(packages.request(wanted, package), JAVASCRIPT)),
        "key": _code(packages.literal_key(wanted)),
    }


def _boto3_slots(wanted: Wanted, region: str) -> dict[str, Any]:
    content: list[Value] = [{"text": calls.QUESTION}]
    if wanted.sees:
        picture = Code('Path("harbour.jpg").read_bytes()')
        content = [
            {"text": calls.PICTURE_QUESTION},
            {"image": {"format": "jpeg", "source": {"bytes": picture}}},
        ]
    asked: dict[str, Value] = {
        "modelId": wanted.model,
        "messages": [{"role": "user", "content": content}],
    }
    return {
        "region": _code(literal(region, PYTHON)),
        "arguments": _code(arguments(asked)),
        "sees": wanted.sees,
    }


def _python_headers(call: Call, key: str) -> dict[str, Value]:
    name, before = call.key_header
    quoted = f"f\"{before}{{os.environ['{key}']}}\"" if before else f'os.environ["{key}"]'
    headers: dict[str, Value] = {name: Code(quoted), **dict(call.headers)}
    return {**headers, "Content-Type": "audio/mpeg"} if call.shape == "raw" else headers


def _js_headers(call: Call, key: str) -> dict[str, Value]:
    kind = "audio/mpeg" if call.shape == "raw" else "application/json"
    return {**_js_key_header(call, key), **dict(call.headers), "Content-Type": kind}


def _js_key_header(call: Call, key: str) -> dict[str, Value]:
    name, before = call.key_header
    return {name: Code(f"`{before}${{process.env.{key}}}`" if before else f"process.env.{key}")}


def _form(call: Call) -> list[tuple[str, Text]]:
    return [(name, value) for name, value in call.body.items() if isinstance(value, Text)]


def _code(text: str) -> SafeString:
    """Code is escaped for its language, and for HTML only once it is coloured."""
    return mark_safe(text)  # noqa: S308
