from catalog import authors
from providers.roster import ROSTER


def test_no_name_means_two_authors():
    named = [name for entry in authors.entries().values() for name in (entry.slug, *entry.aliases)]
    assert len(named) == len(set(named))


def test_authors_sell_at_providers_of_the_roster():
    assert set(authors.sellers()) <= set(ROSTER)


def test_the_longest_beginning_decides():
    assert authors.of_name("llama-3.1-nemotron-ultra-253b") == "nvidia"
    assert authors.of_name("llama-3.1-8b") == "meta"
    assert authors.of_name("something-else") is None
