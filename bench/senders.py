"""Real senders report to a running site, and its pages are read.

`python -m bench.senders` starts a site of its own (web, worker, beat), LiteLLM's proxy in front of
the stand-in provider, a program with OpenTelemetry's SDK, and another that goes through a
collector. Each is configured as the site's own help page says. The status is 1 when a page does
not show what was sent.

LiteLLM and the collector (rotel, of PyPI) come from PyPI at the first run, into an environment of
their own under var/, which nothing else uses; they are no part of this project's.
"""

import csv
import http.client
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from bench import instrumented, servers
from catalog import processes
from tests.standin_provider import Behaviour, apart

OWN = servers.ROOT / "var" / "senders"
WANTED = ("litellm[proxy]", "rotel")
WITHIN = 240.0  # seconds; a tick comes each minute, and then the roll-up
PROXY_WITHIN = 120.0  # until LiteLLM's proxy is up
TOKEN = "almanac_…"  # noqa: S105  where pages leave room for one
STREAMED, WHOLE, REPORTED, COLLECTED = 12, 6, 20, 15
STANDING = (
    "from datetime import UTC, datetime; from providers import work; "
    "work.ensure_standing(now=datetime.now(UTC))"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What one page must show: requests, and those of them that tell a time to first token."""

    sender: str
    author_and_model: str
    by: str
    requests: int
    ttft: int

    @property
    def path(self) -> str:
        return f"/models/{self.author_and_model}/performance/"


EXPECTED = (
    Expected("LiteLLM, streamed and whole", "openai/gpt-4o-mini", "litellm",
             STREAMED + WHOLE, STREAMED),
    Expected("LiteLLM, Anthropic's protocol", "anthropic/claude-haiku-4-5", "litellm",
             STREAMED, STREAMED),
    Expected("OpenTelemetry SDK, spans", "openai/gpt-4o-mini", "otlp", REPORTED, REPORTED),
    Expected("OpenTelemetry SDK, histograms", "openai/gpt-4o-mini", "otlp_metrics", REPORTED, 0),
    Expected("through a collector, spans", "openai/gpt-4o", "otlp", COLLECTED, COLLECTED),
    Expected("through a collector, histograms", "openai/gpt-4o", "otlp_metrics", COLLECTED, 0),
)  # fmt: skip


def main() -> int:
    build()
    print(f"senders: {', '.join(versions())}", flush=True)
    with tempfile.TemporaryDirectory(prefix="almanac-senders-") as scratch:
        folder = Path(scratch)
        token = prepared(folder)
        with running_site(folder) as address:
            by_litellm(folder, address, token)
            by_sdk(address, token)
            by_collector(folder, address, token)
            return 0 if all_shown(address) else 1


# -- what is needed -------------------------------------------------------------------------------


def build() -> None:
    """The senders' own environment, unless it is there."""
    if (OWN / "built").exists():
        return
    print(f"installing {', '.join(WANTED)} into {OWN}: once, some minutes")
    run([sys.executable, "-m", "venv", "--clear", str(OWN)])
    run([str(OWN / "bin/python"), "-m", "pip", "install", "--quiet", *WANTED])
    (OWN / "built").touch()


def versions() -> list[str]:
    names = [wanted.partition("[")[0] for wanted in WANTED]
    code = f"from importlib.metadata import version as v; print(*[v(n) for n in {names}])"
    told = run([str(OWN / "bin/python"), "-c", code]).split()
    return [f"{name} {version}" for name, version in zip(names, told, strict=True)]


def own(folder: Path) -> dict[str, str]:
    """The environment of a site in a folder of its own, whatever else is configured here."""
    return {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'almanac.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://",
        "ALLOWED_HOSTS": servers.HOST,
        "LOG_LEVEL": "ERROR",
    }


def prepared(folder: Path) -> str:
    """A site with models in it; the token of a sender."""
    environment = own(folder)
    manage = [sys.executable, "manage.py"]
    run([*manage, "migrate", "-v0"], environment)
    run([*manage, "refresh", "--recorded", "models_dev"], environment)
    run([*manage, "collectstatic", "--no-input", "-v0"], environment)
    run([*manage, "shell", "-v0", "-c", STANDING], environment)
    return run([*manage, "sender", "bench"], environment).strip()


@contextmanager
def running_site(folder: Path) -> Iterator[str]:
    """Web, worker and beat; the worker hears what needs no network."""
    environment = own(folder)
    commands = processes.commands(servers.HOST, "0")
    with ExitStack() as stack:
        address = stack.enter_context(servers.site(folder, **environment))
        for command in ([*commands["worker"], "--queues", "celery,rollup"], commands["beat"]):
            stack.enter_context(child(command, os.environ | environment))
        yield address


@contextmanager
def child(
    command: Sequence[str], environment: Mapping[str, str], said: Path = Path(os.devnull)
) -> Iterator["subprocess.Popen[bytes]"]:
    """`said`: where its output goes."""
    with said.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own commands
            command, cwd=servers.ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(  # noqa: S603  our own commands
        command,
        cwd=servers.ROOT,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


# -- what the help page says ----------------------------------------------------------------------


def sample(address: str, slug: str, token: str) -> str:
    """A text that the page offers for copying, with the token where it belongs."""
    page = text_of(f"{address}/about/sending/")
    found = re.search(rf'<code id="{slug}">(.*?)</code>', page, re.DOTALL)
    if found is None:
        sys.exit(f"the help page has no {slug}")
    return unescape(re.sub(r"<[^>]+>", "", found[1])).replace(TOKEN, token)


def exported(script: str) -> dict[str, str]:
    """The environment after those lines of shell."""
    told = run(["bash", "-c", f"{script}\nenv -0"])
    return dict(line.split("=", 1) for line in told.split("\0") if "=" in line)


def text_of(address: str) -> str:
    with urllib.request.urlopen(address) as answer:  # noqa: S310  loopback
        body: bytes = answer.read()
    return body.decode()


# -- the senders ----------------------------------------------------------------------------------

DEPLOYMENTS = """
model_list:
  - model_name: small
    litellm_params: {{model: openai/gpt-4o-mini, api_base: "{base}", api_key: none}}
  - model_name: haiku
    litellm_params: {{model: anthropic/claude-haiku-4-5, api_base: "{root}", api_key: none}}
"""


def by_litellm(folder: Path, address: str, token: str) -> None:
    """One proxy, one batch: LiteLLM drops what ends while it posts an earlier one."""
    whole = STREAMED * 2 + WHOLE
    key = f"sk-{secrets.token_hex(16)}"
    environment = exported(sample(address, "litellm-environment", token)) | {
        "LITELLM_MASTER_KEY": key,
        "DEFAULT_BATCH_SIZE": str(whole),
        "DEFAULT_FLUSH_INTERVAL_SECONDS": "60",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    config, said = folder / "config.yaml", folder / "litellm.log"
    port = servers.free_port()
    command = [str(OWN / "bin/litellm"), "--config", str(config)]
    command += ["--host", servers.HOST, "--port", str(port)]
    with apart({"": Behaviour(tokens=20, ttft_ms=100, tokens_per_second=100)}) as provider:
        deployments = DEPLOYMENTS.format(base=provider.base, root=provider.base.removesuffix("/v1"))
        config.write_text(sample(address, "litellm-config", token) + deployments)
        with child(command, environment, said) as proxy:
            wait_for(f"http://{servers.HOST}:{port}/health/liveliness", proxy, said)
            asked = [("small", True)] * STREAMED + [("small", False)] * WHOLE
            asked += [("haiku", True)] * STREAMED
            threads = [threading.Thread(target=ask, args=(port, key, *one)) for one in asked]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            time.sleep(5)  # it posts in the background


def wait_for(address: str, proxy: "subprocess.Popen[bytes]", said: Path) -> None:
    deadline = time.monotonic() + PROXY_WITHIN
    while time.monotonic() < deadline and proxy.poll() is None:
        try:
            text_of(address)
            return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"LiteLLM did not come up:\n{said.read_text()[-2000:]}")


def ask(port: int, key: str, model: str, stream: bool) -> None:
    body = {
        "model": model,
        "stream": stream,
        "max_tokens": 20,
        "messages": [{"role": "user", "content": "Count to twenty."}],
    }
    link = http.client.HTTPConnection(servers.HOST, port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    link.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    answer = link.getresponse()
    said = answer.read()
    link.close()
    if answer.status != 200:
        print(f"LiteLLM answered {answer.status}: {said[:300]!r}", file=sys.stderr)


def by_sdk(address: str, token: str) -> None:
    environment = exported(sample(address, "sdk-environment", token))
    report("gpt-4o-mini", REPORTED, environment)


def by_collector(folder: Path, address: str, token: str) -> None:
    port, said = servers.free_port(), folder / "collector.log"
    command = [
        *(str(found_collector()), "start", "--otlp-http-endpoint", f"{servers.HOST}:{port}"),
        *("--otlp-grpc-endpoint", f"{servers.HOST}:{servers.free_port()}"),
        *("--exporter", "otlp", "--otlp-exporter-endpoint", address),
        *("--otlp-exporter-protocol", "http"),
        *("--otlp-exporter-custom-headers", f"Authorization=Bearer {token}"),
    ]
    environment = exported(sample(address, "sdk-environment", token)) | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{servers.HOST}:{port}",
    }
    with child(command, os.environ, said):
        time.sleep(2)
        report("gpt-4o", COLLECTED, environment)
        time.sleep(3)  # it sends on in batches of its own


def found_collector() -> Path:
    return next(OWN.rglob("rotel-agent"))


def report(model: str, calls: int, environment: Mapping[str, str]) -> None:
    run([sys.executable, "-m", instrumented.__name__, "openai", model, str(calls)], environment)


# -- what the pages show --------------------------------------------------------------------------


def all_shown(address: str) -> bool:
    begun = time.monotonic()
    missing = set(EXPECTED)
    while missing and time.monotonic() - begun < WITHIN:
        time.sleep(2)
        missing = {one for one in missing if shown(address, one) != (one.requests, one.ttft)}
    for one in EXPECTED:
        requests, ttft = shown(address, one)
        verdict = "MISSING" if one in missing else "ok"
        print(
            f"{verdict:<8}{one.sender:<34}{one.author_and_model:<28}"
            f"n = {requests} of {one.requests}, with TTFT {ttft} of {one.ttft}"
        )
    return not missing


def shown(address: str, one: Expected) -> tuple[int, int]:
    """Requests and times to first token, by the page's figures; the page itself says so too."""
    rows = csv.DictReader(text_of(f"{address}{one.path}figures.csv?by={one.by}").splitlines())
    measured = [row for row in rows if row["requests"] not in ("", "0")]
    requests = sum(int(row["requests"]) for row in measured)
    ttft = sum(int(row["ttft_n"] or 0) for row in measured)
    page = text_of(f"{address}{one.path}?by={one.by}")
    return (requests, ttft) if not requests or f"n = {requests}" in page else (0, 0)


if __name__ == "__main__":
    sys.exit(main())
