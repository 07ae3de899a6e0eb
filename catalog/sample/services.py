"""How a provider's API is spoken to: `catalog/api_bases.toml` and what sources state, as one."""

import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parent.parent / "api_bases.toml"

OPENAI = "openai"
_COMPATIBLE = {
    "@ai-sdk/openai-compatible",
    "@ai-sdk/openai",
    "@openrouter/ai-sdk-provider",
    "venice-ai-sdk-provider",
}
ANTHROPIC_PACKAGE = "@ai-sdk/anthropic"
# An OpenAI-compatible API of which we know no more has these two calls as good as always.
_USUAL = frozenset({"chat", "embedding"})

# Nothing that a shell, a string literal or a URL could trip over.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:/_~%@+-]+\Z")
_BLANK = re.compile(r"\$?\{(\w+)\}")
_VARIABLE = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_NAMES_A_KEY = re.compile(r"(KEY|TOKEN|PAT)\Z")


@dataclass(frozen=True, slots=True)
class Service:
    """One provider's API. Addresses have no trailing slash; empty where there is none."""

    base: str = ""
    anthropic: str = ""
    anthropic_bearer: bool = False
    key: str = ""
    serves: frozenset[str] = frozenset()
    dialect: str = OPENAI
    voice: str = ""
    roots: dict[str, str] = field(default_factory=dict)  # kind → root where it is not `base`
    only: dict[str, list[str]] = field(default_factory=dict)  # kind → how ids it serves begin
    never: dict[str, list[str]] = field(default_factory=dict)  # kind → how ids it refuses begin
    without: dict[str, str] = field(default_factory=dict)  # kind → why there is no call

    def takes(self, kind: str, native_id: str) -> bool:
        """Whether there is a call for this kind, and this id goes with it."""
        only, never = self.only.get(kind), self.never.get(kind)
        return (
            kind in self.serves
            and (not only or native_id.startswith(tuple(only)))
            and not (never and native_id.startswith(tuple(never)))
        )


def load(text: str) -> tuple[dict[str, Service], dict[str, str]]:
    """The table: services by provider slug, and why some have no sample."""
    table: dict[str, Any] = tomllib.loads(text)
    without: dict[str, str] = table.pop("without")
    services = {
        slug: Service(**{**entry, "serves": frozenset(entry["serves"])})
        for slug, entry in table.items()
    }
    return services, without


KNOWN, WITHOUT = load(TABLE.read_text())


def service_of(provider: str, *, api_base: str, key_variable: str, sdk: str | None) -> Service:
    """The table's entry, with the address and the key as stated where they fit it."""
    known = KNOWN.get(provider)
    stated = address(api_base)
    key = _stated_key(key_variable)
    if known is not None:
        base = known.base
        if known.dialect == OPENAI and stated and not _is_anthropic(stated, known, sdk):
            base = stated
        return replace(known, base=base, key=key or known.key)
    key = key or variable(provider)
    if not stated:
        return Service(key=key)
    if sdk == ANTHROPIC_PACKAGE:
        return Service(anthropic=stated.removesuffix("/v1"), key=key, serves=frozenset({"chat"}))
    if not sdk or sdk in _COMPATIBLE:
        return Service(base=stated, key=key, serves=_USUAL)
    return Service(key=key)


def address(stated: str) -> str:
    """A root to build calls on: blanks named, the call itself cut off; empty if it is not one."""
    root = _BLANK.sub(r"YOUR_\1", stated).rstrip("/").removesuffix("/chat/completions")
    return root if _ADDRESS.match(root) else ""


def variable(provider: str) -> str:
    """A name for the key's environment variable where nobody gives one."""
    name = re.sub(r"\W", "_", provider, flags=re.ASCII).upper() + "_API_KEY"
    return name if _VARIABLE.match(name) else f"_{name}"


def _stated_key(stated: str) -> str:
    """Some sources name an account's or a region's variable first: those are no keys."""
    return stated if _VARIABLE.match(stated) and _NAMES_A_KEY.search(stated) else ""


def _is_anthropic(stated: str, known: Service, sdk: str | None) -> bool:
    if sdk == ANTHROPIC_PACKAGE:
        return True
    return bool(known.anthropic) and stated.removesuffix("/v1") == known.anthropic != known.base
