"""Cells of the provider table that are not prices: one function a column."""

from dataclasses import dataclass

from catalog import words
from catalog.pages.model.lines import Line
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Dispute, Mark


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as drawn. `css` holds its classes; `marks` only where it differs from its row.

    `others`: what further sources say that is no contradiction, as text with their sigla.
    """

    text: str = ""
    css: str = ""
    href: str = ""
    title: str = ""
    marks: tuple[Mark, ...] = ()
    dispute: Dispute | None = None
    others: str = ""
    span: int = 1  # columns; more only where all of them are blank

    @property
    def is_known(self) -> bool:
        return bool(self.text) and self.text != words.NOT_STATED


def unknown(css: str = "") -> Cell:
    return Cell(words.NOT_STATED, f"{css} unk".strip(), title="no source states it")


def limit(reads: Reads, line: Line, key: str) -> Cell:
    """A limit in tokens, rounded where its source rounds it."""
    endpoint = line.sold.endpoint
    value: int | None = getattr(endpoint, key)
    if value is None:
        return unknown("n")
    text = words.tokens(reads.stated(endpoint, key) or value)
    return Cell(text, "n", dispute=reads.dispute(endpoint.pk, key))


def context(reads: Reads, line: Line) -> Cell:
    return limit(reads, line, "context_length")


def longest(reads: Reads, line: Line) -> Cell:
    return limit(reads, line, "max_output")


def uptime(reads: Reads, line: Line) -> Cell:
    """In percent, over 24 hours; blank: not measured, or too little."""
    share = reads.live.figure(line.sold.endpoint.pk, "uptime")
    return Cell("" if share is None else words.percent(share), "n")


def figures(reads: Reads, line: Line) -> str:
    """The three in words: `99.5 % up, 0.42 s to the first token, 61 tokens/s`; what is known."""
    patterns = ((uptime, "{} up"), (ttft, "{} s to the first token"), (throughput, "{} tokens/s"))
    known = ((draw(reads, line).text, pattern) for draw, pattern in patterns)
    return ", ".join(pattern.format(text) for text, pattern in known if text)


def ttft(reads: Reads, line: Line) -> Cell:
    return _median(reads, line, "ttft")


def throughput(reads: Reads, line: Line) -> Cell:
    return _median(reads, line, "throughput")


def _median(reads: Reads, line: Line, metric: str) -> Cell:
    found = reads.live.figure(line.sold.endpoint.pk, metric)
    return Cell("" if found is None else words.figure(found), "n")


def precision(reads: Reads, line: Line) -> Cell:
    stated = line.sold.endpoint.quantization
    return Cell(stated) if stated else unknown()


def trains(reads: Reads, line: Line) -> Cell:
    value = _inherited(line, "trains_on_prompts")
    return unknown() if value is None else Cell(yes_no(bool(value)))


def kept(reads: Reads, line: Line) -> Cell:
    days = _inherited(line, "retention_days")
    return unknown() if days is None else Cell(retention(int(str(days))))


def zero_retention(reads: Reads, line: Line) -> Cell:
    value = _inherited(line, "zero_retention_offered")
    return unknown() if value is None else Cell("on request" if value else "no")


def moderation(reads: Reads, line: Line) -> Cell:
    text = _inherited(line, "moderation")
    return Cell(str(text)) if text else unknown()


def status_page(reads: Reads, line: Line) -> Cell:
    address = _inherited(line, "status_page")
    return Cell("status", href=str(address)) if address else unknown()


def leaves(reads: Reads, line: Line) -> Cell:
    """The day it retires, always with its sources: people plan by it. Empty when none is known."""
    endpoint = line.sold.endpoint
    if endpoint.retires_on is None:
        return Cell()
    return Cell(
        words.short_day(endpoint.retires_on), "gone", marks=reads.marks(endpoint, "retires_on")
    )


def _inherited(line: Line, key: str) -> object:
    """A policy as stated of the endpoint, else of its provider."""
    own = getattr(line.sold.endpoint, key)
    return own if own not in (None, "") else getattr(line.sold.endpoint.provider, key)


def yes_no(value: bool) -> str:
    return "yes" if value else "no"


def retention(days: int) -> str:
    """How long prompts are kept; 0 days is none at all."""
    if not days:
        return "none"
    return "1 day" if days == 1 else f"{days} days"
