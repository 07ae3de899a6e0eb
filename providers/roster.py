"""Who is who among providers: one table of every name our sources use.

Reads `roster.toml` once. Sources name one company in many ways (`bedrock`, `bedrock_converse`,
`aws`); here each gets one slug, one group and, for a regional site or a plan, its company.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .choices import Group
from .facts import MAX_SLUG, BadFact

FILE = Path(__file__).with_name("roster.toml")
_OWN_KEYS = frozenset({"name", "company"})
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Company:
    """A provider as the site names it. `company` is the slug it is a branch or a plan of."""

    slug: str
    name: str
    group: Group
    company: str | None = None


@dataclass(frozen=True, slots=True)
class _Roster:
    companies: Mapping[str, Company]
    slugs: Mapping[tuple[str, str], str]  # (source, their id) → slug
    upstreams: Mapping[tuple[str, str], str]  # (source, their id) → slug of who runs it
    refusals: Mapping[str, str]  # their id → reason


def _read(file: Path) -> _Roster:
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    companies: dict[str, Company] = {}
    slugs: dict[tuple[str, str], str] = {}
    upstreams: dict[tuple[str, str], str] = {}
    for slug, group, row in _rows(tables):
        if slug in companies:
            raise ValueError(f"{file.name}: {slug} stands in two groups")
        companies[slug] = Company(slug, row["name"], group, row.get("company"))
        for source in row.keys() - _OWN_KEYS:
            for their_id in row[source]:
                _enter(slugs, (source, their_id), slug)
    for source, pairs in tables["upstream"].items():
        for their_id, (gateway, runner) in pairs.items():
            _enter(slugs, (source, their_id), gateway)
            upstreams[source, their_id] = runner
    refusals = {their_id: reason for reason, ids in tables["refused"].items() for their_id in ids}
    return _Roster(
        MappingProxyType(companies),
        MappingProxyType(slugs),
        MappingProxyType(upstreams),
        MappingProxyType(refusals),
    )


def _rows(tables: Mapping[str, Any]) -> Iterator[tuple[str, Group, Mapping[str, Any]]]:
    for group in Group:
        for slug, row in tables[group.value].items():
            yield slug, group, row


def _enter(slugs: dict[tuple[str, str], str], alias: tuple[str, str], slug: str) -> None:
    if alias in slugs:
        raise ValueError(f"roster: {alias[1]} of {alias[0]} means {slugs[alias]} and {slug}")
    slugs[alias] = slug


_ROSTER = _read(FILE)
ROSTER: Mapping[str, Company] = _ROSTER.companies


@cache
def canonical(source: str, their_id: str) -> str:
    """The slug that a source's provider id means; an id we never saw is made a slug of itself."""
    return _ROSTER.slugs.get((source, their_id)) or _slugified(their_id)


def upstream(source: str, their_id: str) -> str:
    """Who runs it behind the gateway, where a source's provider id says so; else empty."""
    return _ROSTER.upstreams.get((source, their_id), "")


def refusal(source: str, their_id: str) -> str | None:
    """Why a source's provider is not taken, or None when it is."""
    if (source, their_id) in _ROSTER.slugs:
        return None
    return _ROSTER.refusals.get(their_id)


def company(slug: str) -> Company:
    """A provider of the roster; one that nobody entered yet counts as a cloud under its slug."""
    known = ROSTER.get(slug)
    return known or Company(slug, slug.replace("-", " ").title(), Group.CLOUD)


def _slugified(their_id: str) -> str:
    slug = _NOT_IN_A_SLUG.sub("-", their_id.lower()).strip("-.")
    if not slug or len(slug) > MAX_SLUG:
        raise BadFact(f"provider id {their_id[:60]!r} makes no slug")
    return slug
