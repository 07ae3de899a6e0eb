"""Which facts can contradict each other at all, and what a source's format cannot say."""

from dataclasses import dataclass

# Facts on which a difference means nothing, with the reason. All others are compared.
NOT_COMPARED = {
    "name": "names are words, not facts",
    "family": "every source draws its own families",
    "tokenizer": "named in the source's own words",
    "licence": "spelled in many ways",
    "moderation": "said in the source's own words",
    "replacement": "named in the source's own words",
    "headquarters": "said as a code by some, in words by others",
    "free_credit": "said in the source's own words",
    "serves": "told apart as the cause of other differences: the name moved",
    "reasoning_efforts": "lists are cut and spelled differently by format",
    "reasoning_field": "depends on the protocol that the source speaks",
    "aliases": "listed as far as a source knows them",
    "regions": "listed as far as a source knows them",
    "datacenters": "listed as far as a source knows them",
    "auth_methods": "listed as far as a source knows them",
    "routing_modes": "listed as far as a source knows them",
    "suffix_variants": "listed as far as a source knows them",
    "requests_per_minute": "depends on the account",
    "tokens_per_minute": "depends on the account",
    "updated_on": "dates the source's entry as often as the model",
    "key_variable": "a habit of each client",
    "sdk": "a habit of each client",
    "api_base": "one place has many addresses",
    "docs_url": "one place has many addresses",
    "pricing_url": "one place has many addresses",
    "evidence_url": "each source cites its own evidence",
    "weights_url": "one place has many addresses",
    "announcement_url": "one place has many addresses",
    "status_page": "one place has many addresses",
    "terms_url": "one place has many addresses",
    "privacy_url": "one place has many addresses",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The members that a list of one source can hold: it does not deny what it cannot say."""

    words: frozenset[str]
    reason: str


_MEDIA = frozenset({"text", "image", "audio", "video"})
VOCABULARIES = {
    ("pi_ai", "input_modalities"): Vocabulary(
        frozenset({"text", "image"}), "its format knows text and image only"
    ),
    ("pi_ai", "output_modalities"): Vocabulary(
        frozenset({"text", "image"}), "its format knows text and image only"
    ),
    ("litellm", "input_modalities"): Vocabulary(
        _MEDIA, "it says of documents in a switch of their own"
    ),
}


def is_comparable(key: str) -> bool:
    return key not in NOT_COMPARED


def can_say(source: str, key: str, word: str) -> bool:
    """Whether a list of the source would hold the word if it were true."""
    vocabulary = VOCABULARIES.get((source, key))
    return vocabulary is None or word in vocabulary.words
