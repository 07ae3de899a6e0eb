"""From what is known of an endpoint to the calls that are right for it."""

import re
from dataclasses import dataclass, replace
from typing import Any

from providers.choices import Kind, Protocol

from . import calls, packages
from .calls import Call, Wanted
from .literals import changing
from .services import WITHOUT, Service, service_of

# What a chat endpoint may speak at OpenAI's kind of address, most usual first.
_OPENAI_CALLS = (
    (Protocol.OPENAI_CHAT, calls.chat),
    (Protocol.OPENAI_RESPONSES, calls.responses),
    (Protocol.OPENAI_COMPLETIONS, calls.completions),
)
_LIVE = {Protocol.OPENAI_REALTIME, Protocol.GOOGLE_LIVE}
_REGION = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)/(.+)\Z", re.DOTALL)
_HOME_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class SnippetTarget:
    """One endpoint, as much of it as a request needs. Empty text: not stated."""

    kind: str
    native_id: str
    api_base: str
    key_variable: str
    protocols: frozenset[str]
    input_modalities: frozenset[str]
    sdk: str | None
    provider_slug: str
    provider_name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Which calls are right for a target: for OpenAI's libraries, bare HTTP, Anthropic's, AWS's."""

    wanted: Wanted
    openai: Call | None = None
    http: Call | None = None
    anthropic: Call | None = None
    package: packages.Package | None = None
    boto3_region: str = ""


def service_for(target: SnippetTarget) -> Service:
    return service_of(
        target.provider_slug,
        api_base=target.api_base,
        key_variable=target.key_variable,
        sdk=target.sdk,
    )


def is_live(target: SnippetTarget) -> bool:
    """Whether it is spoken to over a connection that stays open, and in no other way."""
    others = target.protocols - _LIVE - {Protocol.OPENAI_BATCH}
    return not others and (bool(target.protocols & _LIVE) or "realtime" in target.native_id)


def plan_for(target: SnippetTarget) -> Plan | None:
    """None where no correct call is known."""
    service = service_for(target)
    if target.provider_slug in WITHOUT or is_live(target):
        return None
    if not service.takes(target.kind, target.native_id):
        return None
    region, model = _located(target, service)
    wanted = Wanted(
        model=changing(model),
        service=replace(service, base=service.base.replace(_HOME_REGION, region)),
        kind=target.kind,
        sees="image" in target.input_modalities,
    )
    if target.kind != Kind.CHAT:
        call = calls.other_than_chat(wanted)
        return Plan(wanted, openai=call if call.method else None, http=call)
    return _chat_plan(target, wanted, region)


def _located(target: SnippetTarget, service: Service) -> tuple[str, str]:
    """The region and the id to send, where a provider's ids carry more than that."""
    region, model = _HOME_REGION, target.native_id
    if service.dialect == "bedrock" and (match := _REGION.match(model)):
        region, model = match.groups()
    if service.dialect == "azure":
        model = model.rpartition("/")[2]
    if service.dialect == "vertex" and model.startswith("gemini"):
        model = f"google/{model}"
    return region, model


def _chat_plan(target: SnippetTarget, wanted: Wanted, region: str) -> Plan | None:
    service = wanted.service
    if service.dialect == "bedrock":
        package = _package(target, wanted, region, None)
        return Plan(wanted, http=calls.converse(wanted), package=package, boto3_region=region)
    anthropic = calls.messages(wanted) if _serves_messages(target, service) else None
    if service.dialect in ("azure", "vertex") and "claude" in target.native_id:
        if not anthropic:
            return None
        return Plan(wanted, http=anthropic if anthropic.root else None, anthropic=anthropic)
    openai = _openai_call(target, wanted) if service.base else None
    package = _package(target, wanted, region, openai)
    own = anthropic if service.dialect == "anthropic" else openai or anthropic
    return Plan(wanted, openai=openai, http=own, anthropic=anthropic, package=package)


def _openai_call(target: SnippetTarget, wanted: Wanted) -> Call:
    """Chat, unless the endpoint is stated to speak something else and not that."""
    spoken = [build for protocol, build in _OPENAI_CALLS if protocol in target.protocols]
    call = (spoken or [calls.chat])[0](wanted)
    return replace(call, **_manners(wanted.service))


def _package(
    target: SnippetTarget, wanted: Wanted, region: str, openai: Call | None
) -> packages.Package | None:
    if openai and openai.method == "completions.create":
        return None
    return packages.package_for(
        wanted,
        provider=target.provider_slug,
        sdk=target.sdk,
        region=region,
        responses_only=bool(openai and openai.method == "responses.create"),
    )


def _serves_messages(target: SnippetTarget, service: Service) -> bool:
    if service.dialect == "anthropic" or not service.base:
        return True
    if "claude" in target.native_id and (service.dialect == "vertex" or _on_foundry(service)):
        return True
    return bool(service.anthropic) and Protocol.ANTHROPIC_MESSAGES in target.protocols


def _on_foundry(service: Service) -> bool:
    return service.dialect == "azure" and bool(service.anthropic)


def _manners(service: Service) -> dict[str, Any]:
    match service.dialect:
        case "azure":
            return {
                "key_header": ("api-key", ""),
                "note": "Azure calls a model by the name of your own deployment of it.",
            }
        case "vertex":
            return {"note": f"{service.key}: what `gcloud auth print-access-token` prints."}
        case _:
            return {}
