"""Every kind's and protocol's sample, run as printed but for the host, against a stand-in."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from catalog.snippets import Snippet, snippets_for
from providers.choices import Kind

from ..standin import ANSWER, SOUND, Asked, Standin, standin
from .samples import CASES, Case

SECRET = "sk-stand-in"
RECORDING = b"ID3 somebody speaks"
LIBRARIES = {"openai-python", "anthropic-python"}
RUN_TABS = LIBRARIES | {"python-requests", "typescript-fetch", "curl"}
SENT = [
    pytest.param(case, snippet, id=f"{case.name}-{snippet.slug}")
    for case in CASES
    for snippet in snippets_for(case.target)
    if snippet.slug in RUN_TABS
]


@pytest.fixture(scope="module")
def server() -> Iterator[Standin]:
    with standin() as place:
        yield place


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what samples read, and an environment with nothing but the key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "speech.mp3").write_bytes(RECORDING)
    for name in [*os.environ]:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return tmp_path


def here(text: str, server: Standin) -> str:
    """The sample with its host turned into the stand-in's."""
    hosts = {urlsplit(found).netloc for found in re.findall(r"https?://[^\s\"'`]+", text)}
    for host in hosts - {"example.com"}:
        text = text.replace(f"https://{host}", server.url)
    return text


def run_python(code: str, environment: dict[str, str]) -> str:
    """In this process: the libraries take longest to import."""
    printed = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        for name, value in environment.items():
            patch.setenv(name, value)
        exec(compile(code, "<sample>", "exec"), {"__name__": "__main__"})  # noqa: S102
    return printed.getvalue()


def run_shell(code: str, environment: dict[str, str]) -> str:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    quiet = code.replace("curl ", "curl --silent --show-error ", 1)
    return _output(["bash", "-c", quiet], environment)


def run_module(code: str, environment: dict[str, str]) -> str:
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed")
    return _output([node, "--input-type=module", "--eval", code], environment)


def _output(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


RUN: dict[str, Callable[[str, dict[str, str]], str]] = {
    "python": run_python,
    "bash": run_shell,
    "typescript": run_module,
}


@pytest.mark.parametrize(("case", "snippet"), SENT)
def test_a_sample_reaches_the_right_place_with_key_and_id(
    case: Case, snippet: Snippet, server: Standin, desk: Path
) -> None:
    asked, output = sent(snippet, server)
    assert asked.path == expected_path(case, snippet)
    if snippet.slug in LIBRARIES:  # they send a key in one way, and every server takes it
        assert asked.headers["Authorization"] == f"Bearer {SECRET}"
    else:
        assert asked.headers[case.key_header] == case.key_before + SECRET
    if case.model_at:
        assert model_in(asked, case.model_at) == case.model
    assert_answered(case, asked, output, desk)


def assert_answered(case: Case, asked: Asked, output: str, desk: Path) -> None:
    """The answer was read from where it stands: printed, or saved."""
    match case.target.kind:
        case Kind.SPEECH:
            assert (desk / "speech.mp3").read_bytes() == SOUND
        case Kind.TRANSCRIPTION:
            assert RECORDING in asked.body
            assert ANSWER in output
        case Kind.CHAT | Kind.OCR:
            assert ANSWER in output
        case _:
            assert output.strip()


def sent(snippet: Snippet, server: Standin) -> tuple[Asked, str]:
    """Runs the sample; what arrived, and what it printed."""
    server.asked.clear()
    keys = {name: SECRET for name in re.findall(r"\b[A-Z][A-Z0-9_]+", snippet.text)}
    output = RUN[snippet.language](here(snippet.text, server), keys)
    [asked] = server.asked
    return asked, output


def expected_path(case: Case, snippet: Snippet) -> str:
    if case.target.provider_slug == "anthropic" and snippet.slug == "openai-python":
        return "/v1/chat/completions"  # its layer for OpenAI's libraries
    return case.path


def model_in(asked: Asked, name: str) -> object:
    """The id in a JSON body or in a form."""
    if "json" in asked.headers["Content-Type"]:
        return asked.json()[name]
    found = re.search(rb'name="%s"\r\n(?:[^\r]+\r\n)*\r\n(.*?)\r\n' % name.encode(), asked.body)
    assert found
    return found[1].decode()
