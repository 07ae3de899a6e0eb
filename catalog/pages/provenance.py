"""Who says so, since when, who says otherwise, and what it was before: of one value, or of all.

The same data is drawn as a page, shown in place by script, and handed to programs as JSON.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from catalog.pages.as_of import TODAY, AsOf
from catalog.pages.links import Link, to_provenance
from catalog.pages.stated import wording
from catalog.pages.stated.asked import Refusal, nobody
from catalog.pages.stated.asked import read as read_query
from catalog.pages.stated.drawing import Drawing
from catalog.pages.stated.everything import facts
from catalog.pages.stated.matter import read as read_matter
from catalog.pages.stated.parts import Fact, Provenance
from catalog.queries.chrome import EditionLine
from providers.facts import FAMILIES


@dataclass(frozen=True, slots=True)
class ProvenancePage:
    """`value` of what was asked for; None: everything is, in `facts`."""

    kind: str
    name: str
    called: str
    page: Link
    title: str
    value: Provenance | None
    facts: tuple[Fact, ...]
    whole: str  # the address of everything that is stated of the subject
    as_of: AsOf = TODAY
    today: str = ""  # this page of today
    edition: EditionLine | None = None


def build(query: QueryDict, *, now: datetime, as_of: AsOf = TODAY) -> ProvenancePage | Refusal:
    """The page of a value, or of all of a subject's. Six queries at most."""
    asked = read_query(query)
    if isinstance(asked, Refusal):
        return asked
    matter = read_matter(asked, now=as_of.moment(now), past=as_of.past(now))
    if matter is None:
        return nobody(asked.subject)
    is_one = bool(asked.key) and asked.key not in FAMILIES
    drawing = Drawing(asked, matter, as_of)
    value = drawing.value() if is_one else None
    return ProvenancePage(
        kind=asked.subject.kind,
        name=matter.name,
        called=matter.called,
        page=matter.page,
        title=value.label if value else wording.label(asked.key),
        value=value,
        facts=() if is_one else facts(drawing),
        whole=to_provenance(*asked.subject, as_of=as_of.day),
        as_of=as_of,
        today=to_provenance(*asked.subject, asked.key, asked.condition),
        edition=matter.edition,
    )
