"""Sample code parses in its own language, whatever the id is."""

import ast
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import Token

from catalog.highlight import MARK_CLOSES, MARK_OPENS
from catalog.sample.services import KNOWN, WITHOUT, service_of
from catalog.snippets import Snippet, SnippetTarget, snippets_for, why_none
from providers.choices import Kind, Protocol
from providers.roster import ROSTER

from .samples import CASES, Case, target

ALL = [
    pytest.param(snippet, id=f"{case.name}-{snippet.slug}")
    for case in CASES
    for snippet in snippets_for(case.target)
]
NASTY = "x\"'\\`${a}\u2028é\U0001f600;$(id)&%2F<b>"


def tabs(asked: SnippetTarget) -> dict[str, Snippet]:
    return {snippet.slug: snippet for snippet in snippets_for(asked)}


def assert_python(code: str) -> None:
    compile(code, "<sample>", "exec", dont_inherit=True)


def assert_shell(code: str) -> None:
    subprocess.run(["bash", "-n"], input=code.encode(), check=True, capture_output=True)


def assert_module(code: str) -> None:
    """By Node where there is one; the brackets and the lexer's word for it everywhere."""
    assert_lexes(code)
    node = shutil.which("node")
    if node:
        command = [node, "--input-type=module", "--check"]
        done = subprocess.run(command, input=code.encode(), capture_output=True)
        assert done.returncode == 0, done.stderr.decode()


def assert_lexes(code: str) -> None:
    waiting = []
    for kind, text in lex(code, get_lexer_by_name("javascript")):
        assert kind is not Token.Error, f"{text!r} in {code}"
        if kind in Token.Punctuation:
            for bracket in text:
                if bracket in "([{":
                    waiting.append(")]}"["([{".index(bracket)])
                elif bracket in ")]}":
                    assert waiting.pop() == bracket
    assert not waiting


CHECKS = {"python": assert_python, "bash": assert_shell, "typescript": assert_module}


@pytest.mark.parametrize("snippet", ALL)
def test_every_sample_parses(snippet: Snippet) -> None:
    CHECKS[snippet.language](snippet.text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_sample_parses_with_a_nasty_id(case: Case) -> None:
    begins = "fal-ai/" if case.target.provider_slug == "fal-ai" else ""
    for snippet in snippets_for(replace(case.target, native_id=begins + NASTY)):
        CHECKS[snippet.language](snippet.text)


@given(st.text(min_size=1, max_size=60).filter(lambda text: "\x00" not in text))
@settings(max_examples=150, deadline=None)
def test_any_id_survives_quoting(native_id: str) -> None:
    found = tabs(target(native_id=native_id))
    tree = ast.parse(found["openai-python"].text)
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert native_id in texts
    words = shlex.split(found["curl"].text.replace("\\\n", " "))
    assert json.loads(words[-1])["model"] == native_id
    line = next(row for row in found["openai-typescript"].text.split("\n") if "model:" in row)
    assert json.loads(line.partition(":")[2].strip().rstrip(",")) == native_id


@given(st.text(min_size=1, max_size=40).filter(lambda text: "\x00" not in text))
@settings(max_examples=25, deadline=None)
def test_any_id_survives_a_shells_form(native_id: str) -> None:
    asked = target(Kind.TRANSCRIPTION, native_id=native_id, api_base="", provider="openai")
    code = tabs(asked)["curl"].text.replace("curl ", "printf '%s\\0' ", 1)
    done = subprocess.run(
        ["bash", "-c", code], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert f"model={native_id}".encode() in done.stdout.split(b"\0")


@pytest.mark.parametrize("snippet", ALL)
def test_the_coloured_sample_is_the_sample(snippet: Snippet) -> None:
    bare = unescape(re.sub(r"</?(?:span|mark)[^>]*>", "", snippet.html))
    assert bare == snippet.text.rstrip()
    assert not {MARK_OPENS, MARK_CLOSES} & set(snippet.text + snippet.html)


def test_what_changes_from_provider_to_provider_is_marked() -> None:
    html = tabs(target())["openai-python"].html
    assert re.findall("<mark>(.*?)</mark>", html) == [
        "https://host.example/v1",
        "STANDIN_API_KEY",
        "lab/model-1",
    ]


def test_an_id_cannot_bring_markup() -> None:
    for snippet in snippets_for(target(native_id="<script>alert(1)</script>")):
        assert "<script" not in snippet.html


def test_a_chat_model_has_every_tab_that_its_protocols_allow() -> None:
    plain = ["openai-python", "python-requests", "typescript-fetch", "openai-typescript", "ai-sdk"]
    assert list(tabs(target())) == [*plain, "curl"]
    both = (Protocol.OPENAI_CHAT, Protocol.ANTHROPIC_MESSAGES)
    asked = target(provider="zenmux", api_base="https://zenmux.ai/api/v1", protocols=both)
    assert list(tabs(asked)) == [*plain, "anthropic-python", "curl"]
    assert 'base_url="https://zenmux.ai/api/anthropic"' in tabs(asked)["anthropic-python"].text


def test_a_model_that_sees_is_sent_a_picture() -> None:
    for snippet in snippets_for(target(reads=("text", "image"))):
        assert "harbour.jpg" in snippet.text
    for snippet in snippets_for(target()):
        assert "harbour.jpg" not in snippet.text


def test_chat_is_preferred_where_several_protocols_are_stated() -> None:
    several = (Protocol.OPENAI_RESPONSES, Protocol.OPENAI_CHAT)
    assert "chat.completions.create" in tabs(target(protocols=several))["openai-python"].text


@pytest.mark.parametrize(
    ("sdk", "provider", "factory"),
    [
        ("@ai-sdk/openai-compatible", "some-host", "createOpenAICompatible"),
        ("@ai-sdk/groq", "groq", "createGroq"),
        ("@ai-sdk/anthropic", "anthropic", "createAnthropic"),
        ("@ai-sdk/anthropic", "some-host", "createAnthropic"),
        ("@openrouter/ai-sdk-provider", "openrouter", "createOpenRouter"),
        ("@ai-sdk/azure", "azure", "createAzure"),
        ("@ai-sdk/amazon-bedrock", "amazon-bedrock", "createAmazonBedrock"),
        ("@ai-sdk/google-vertex", "google-vertex", "createVertex"),
    ],
)
def test_the_ai_sdk_tab_imports_the_providers_package(
    sdk: str, provider: str, factory: str
) -> None:
    code = tabs(target(native_id="gemini-1", sdk=sdk, provider=provider))["ai-sdk"].text
    assert f'import {{ {factory} }} from "{sdk}";' in code


def test_the_gateway_needs_no_package() -> None:
    code = tabs(target(sdk="@ai-sdk/gateway", provider="vercel", api_base=""))["ai-sdk"].text
    assert 'model: "lab/model-1"' in code


def test_claude_at_google_is_called_by_its_makers_library() -> None:
    asked = target(native_id="claude-x@1", provider="google-vertex", sdk=None, api_base="")
    assert list(tabs(asked)) == ["anthropic-python"]


def test_claude_on_foundry_speaks_its_makers_protocol() -> None:
    asked = target(native_id="claude-x", provider="azure-cognitive-services", api_base="")
    assert list(tabs(asked)) == [
        "python-requests",
        "typescript-fetch",
        "anthropic-python",
        "curl",
    ]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (target(api_base=""), "no source states the address"),
        (target(api_base="ask your administrator"), "no source states the address"),
        (target(Kind.VIDEO), "no documented call for this video model"),
        (target(Kind.VIDEO, provider="openai"), "end of its video API"),
        (target(provider="github-copilot"), "short-lived tokens"),
        (target(protocols=(Protocol.OPENAI_REALTIME,)), "live connection"),
        (target(native_id="gpt-realtime"), "live connection"),
        (
            target(
                Kind.TRANSCRIPTION,
                provider="openai",
                protocols=(Protocol.OPENAI_REALTIME, Protocol.OPENAI_BATCH),
            ),
            "live connection",
        ),
        (
            target(Kind.EMBEDDING, native_id="voyage-multimodal-3", provider="voyageai"),
            "no documented call",
        ),
        (target(Kind.IMAGE, native_id="gemini-x", provider="google"), "no documented call"),
    ],
)
def test_where_no_sample_is_known_the_reason_is_told(asked: SnippetTarget, reason: str) -> None:
    assert snippets_for(asked) == ()
    assert reason in why_none(asked)


@pytest.mark.parametrize("sdk", [None, ""])
def test_an_address_without_a_package_is_taken_for_openais_kind(sdk: str | None) -> None:
    assert "openai-python" in tabs(target(sdk=sdk))


def test_a_package_of_another_kind_gives_no_guess() -> None:
    assert snippets_for(target(sdk="some-vendor-provider")) == ()


def test_blanks_in_an_address_are_named() -> None:
    asked = target(api_base="https://host.example/accounts/${ACCOUNT_ID}/ai/v1/")
    assert "https://host.example/accounts/YOUR_ACCOUNT_ID/ai/v1" in tabs(asked)["curl"].text


def test_an_address_that_is_the_call_itself_is_cut_back() -> None:
    asked = target(api_base="https://host.example/v1/chat/completions")
    assert "'https://host.example/v1/chat/completions'" in tabs(asked)["curl"].text


def test_an_editors_address_comes_before_the_tables() -> None:
    stated = service_of("groq", api_base="https://eu.groq.example/v1", key_variable="", sdk=None)
    assert stated.base == "https://eu.groq.example/v1"
    assert stated.key == "GROQ_API_KEY"


@pytest.mark.parametrize("stated", ["", "AWS_REGION", "302AI_API_KEY", "KEY; rm -rf /"])
def test_a_key_gets_a_usable_name(stated: str) -> None:
    service = service_of("302ai", api_base="", key_variable=stated, sdk=None)
    assert service.key == "_302AI_API_KEY"


def test_the_table_names_providers_of_the_roster() -> None:
    assert {*KNOWN, *WITHOUT} <= set(ROSTER)
