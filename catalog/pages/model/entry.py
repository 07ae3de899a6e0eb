"""The head of the entry: guide words, grammar line, definition, red-letter days."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse

from catalog import words
from catalog.models import AIModel
from catalog.pages.links import Link
from catalog.pages.model.lines import Seller, route_name
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Dispute, Mark
from catalog.queries.model import RelatedRow
from providers.choices import Kind, Status
from providers.models import Endpoint

_STATUS = {
    Status.ALPHA: "alpha",
    Status.BETA: "beta",
    Status.AVAILABLE: "generally available",
    Status.DEPRECATED: "deprecated",
    Status.RETIRED: "retired",
}
_NOUNS = {
    Kind.CHAT: "A model",
    Kind.EMBEDDING: "An embedding model",
    Kind.IMAGE: "An image model",
    Kind.SPEECH: "A speech model",
    Kind.TRANSCRIPTION: "A transcription model",
    Kind.VIDEO: "A video model",
    Kind.RERANK: "A reranking model",
    Kind.MODERATION: "A moderation model",
    Kind.OCR: "A document-reading model",
}
_PLAIN_WORDS = {"pdf": "PDF"}
DAYS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Guide:
    """Neighbours in the author's list, by name."""

    previous: Link | None
    following: Link | None
    author: Link
    entries: int


@dataclass(frozen=True, slots=True)
class Gram:
    """One term of the grammar line."""

    term: str
    text: str
    href: str = ""
    marks: tuple[Mark, ...] = ()
    dispute: Dispute | None = None


def model_href(author: str, slug: str) -> str:
    return reverse("catalog:model", args=[author, slug])


def siblings(reads: Reads) -> list[RelatedRow]:
    """Every model of the author, itself too, by name."""
    own = {row.id: row for row in reads.related if row.author == reads.model.author.slug}
    return sorted(own.values(), key=lambda row: (row.name.casefold(), row.slug))


def guide(reads: Reads) -> Guide:
    listed = siblings(reads)
    place = next((n for n, row in enumerate(listed) if row.id == reads.model.pk), 0)
    author = reads.model.author

    def link(n: int) -> Link | None:
        if not 0 <= n < len(listed):
            return None
        return Link(listed[n].name, model_href(listed[n].author, listed[n].slug))

    href = reverse("catalog:author", args=[author.slug])
    return Guide(link(place - 1), link(place + 1), Link(author.name, href), len(listed))


# -- grammar --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grammar:
    """The terms; `marks` stand for all of them, a term has its own only where it differs."""

    terms: tuple[Gram, ...]
    marks: tuple[Mark, ...]


def grammar(reads: Reads) -> Grammar:
    """What a dictionary prints after the headword: family, reads, writes, since, status."""
    model = reads.model
    stated = (
        ("family", "family", model.family, _family_href(reads)),
        ("reads", "input_modalities", _modalities(model.input_modalities), ""),
        ("writes", "output_modalities", _modalities(_output(reads)), ""),
        ("since", "released_on", _since(model), ""),
        ("knows to", "knowledge_cutoff", _cutoff(model.knowledge_cutoff), ""),
        ("licence", "licence", model.licence, ""),
        ("status", "status", _status(reads), ""),
    )
    terms = [
        Gram(term, text, href, reads.model_marks(key)[:1], reads.dispute(reads.path, key))
        for term, key, text, href in stated
        if text
    ]
    signs = Counter(term.marks for term in terms if term.marks)
    common = signs.most_common(1)[0][0] if signs else ()
    own = (replace(term, marks=()) if term.marks == common else term for term in terms)
    return Grammar(tuple(own), common)


def _family_href(reads: Reads) -> str:
    """The author's page, when further members of the family stand there."""
    alike = [row for row in siblings(reads) if row.family == reads.model.family]
    return "#family" if len(alike) > 1 else ""


def _modalities(stated: Sequence[str] | None) -> str:
    return ", ".join(_PLAIN_WORDS.get(word, word) for word in stated or ())


def _output(reads: Reads) -> Sequence[str]:
    """What the model writes; numbers and verdicts go by no modality, whatever a source says."""
    speaks = reads.model.kind not in (Kind.EMBEDDING, Kind.RERANK, Kind.MODERATION)
    return (reads.model.output_modalities or ()) if speaks else ()


def _cutoff(stated: str | None) -> str:
    return words.day(stated) if stated else ""


def _status(reads: Reads) -> str:
    """A day of retirement that has come counts only where its author does not sell it still."""
    still_sold = any(sold.by_author for sold in reads.on_sale())
    if reads.model.is_retired(on=reads.today) and not still_sold:
        return _STATUS[Status.RETIRED]
    return _STATUS[Status(reads.model.status)] if reads.model.status else ""


# -- definition -----------------------------------------------------------------------------------


def definition(reads: Reads, sold_by: Sequence[Seller]) -> str:
    """Two or three sentences made of the facts, where no editor wrote any."""
    model = reads.model
    sentences = [
        f"{_noun(reads)}{_of_family(reads)} by {model.author.name}{_modes(reads)}.",
        _dates(reads),
        _sizes(reads),
        _market(sold_by),
    ]
    return " ".join(filter(None, sentences))


def _noun(reads: Reads) -> str:
    noun = _NOUNS[Kind(reads.model.kind)]
    if reads.model.open_weights:
        article, _, rest = noun.partition(" ")
        return f"An open-weight {rest}" if article in ("A", "An") else noun
    return noun


def _of_family(reads: Reads) -> str:
    family = reads.model.family
    if not family or family.casefold() == reads.model.name.casefold():
        return ""
    return f" of the {family} family"


def _modes(reads: Reads) -> str:
    """` that reads text and images and answers in text`."""
    takes = [_spoken(word) for word in reads.model.input_modalities or ()]
    gives = [_spoken(word) for word in _output(reads)]
    verb = "answers in" if gives == ["text"] else "makes"
    if takes and gives:
        return f" that reads {words.listed(takes)} and {verb} {words.listed(gives)}"
    return f" that reads {words.listed(takes)}" if takes else ""


def _spoken(modality: str) -> str:
    return {"image": "images", "video": "video", "audio": "sound", "pdf": "PDF files"}.get(
        modality, modality
    )


def _since(model: AIModel) -> str | None:
    """The release as stated; else the day by which a gateway had it that had not before."""
    if model.released_on:
        return words.day(model.released_on)
    return f"by {words.day(model.first_listed.isoformat())}" if model.first_listed else None


def _dates(reads: Reads) -> str:
    released, cutoff = reads.model.released_on, reads.model.knowledge_cutoff
    if released and cutoff:
        return f"It came out {_when(released)} and knows the world to {words.day(cutoff)}."
    if released:
        return f"It came out {_when(released)}."
    return f"It knows the world to {words.day(cutoff)}." if cutoff else ""


def _when(stated: str) -> str:
    return f"{'on' if len(stated) == len('2024-07-18') else 'in'} {words.day(stated)}"


def _sizes(reads: Reads) -> str:
    context, longest = reads.model.context_length, reads.model.max_output
    if context and longest:
        return f"It holds {context:,} tokens and answers with up to {longest:,}."
    return f"It holds {context:,} tokens." if context else ""


def _market(sold_by: Sequence[Seller]) -> str:
    names = {seller.first.sold.endpoint.provider_id for seller in sold_by}
    own = {
        route_name(seller.first.sold.endpoint) for seller in sold_by if seller.first.sold.by_author
    }
    others = len(names) - len(own)
    if own and others:
        return f"{words.listed(sorted(own))} sells it, and so {_count(others)}."
    if own:
        return f"Only {words.listed(sorted(own))} sells it."
    return f"{len(names)} providers sell it, its author not among them." if len(names) > 1 else ""


def _count(others: int) -> str:
    return "does one other provider" if others == 1 else f"do {others} other providers"


# -- red-letter days ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaving:
    """A day on which the model goes somewhere. `native_id` empty: under every id there."""

    on: date
    who: str
    native_id: str = ""
    replacements: tuple[Link, ...] = ()
    marks: tuple[Mark, ...] = ()


def red_letter_days(reads: Reads) -> tuple[Leaving, ...]:
    """Retirements ahead, the nearest first; those of one provider on one day share a line."""
    days: dict[tuple[date, str], list[Endpoint]] = {}
    for sold in reads.on_sale():
        leaving = sold.endpoint.retires_on
        if leaving and leaving > reads.today:
            days.setdefault((leaving, route_name(sold.endpoint)), []).append(sold.endpoint)
    found = [_leaving(reads, on, who, ends) for (on, who), ends in days.items()]
    model = reads.model
    if model.retires_on and model.retires_on > reads.today and not found:
        instead = _replacement(reads, model.replacement)
        marks = reads.model_marks("retires_on")
        found = [Leaving(model.retires_on, model.author.name, "", instead, marks)]
    own = {route_name(sold.endpoint) for sold in reads.on_sale() if sold.by_author}
    found.sort(key=lambda day: (day.on, day.who not in own, day.who))
    return tuple(found[:DAYS_SHOWN])


def _leaving(reads: Reads, on: date, who: str, ends: Sequence[Endpoint]) -> Leaving:
    stated = dict.fromkeys(end.replacement for end in ends)
    return Leaving(
        on,
        who,
        native_id=ends[0].native_id if len(ends) == 1 else "",
        replacements=tuple(link for text in stated for link in _replacement(reads, text)),
        marks=reads.marks(ends[0], "retires_on"),
    )


def _replacement(reads: Reads, stated: str | None) -> tuple[Link, ...]:
    """The replacement as its source names it, linked where it is a model of the same author."""
    if not stated:
        return ()
    slug = stated.rpartition("/")[2].casefold()
    known = {row.slug: row for row in siblings(reads)}
    row = known.get(slug)
    return (Link(row.name, model_href(row.author, row.slug)) if row else Link(stated),)
