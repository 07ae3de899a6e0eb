"""The roster: one slug for every name a source uses."""

import pytest

from providers import roster
from providers.choices import Group
from providers.facts import BadFact, slug
from providers.roster import ROSTER, canonical, company, refusal, upstream


def test_every_slug_is_a_slug_and_every_company_has_a_name():
    for known in ROSTER.values():
        assert slug(known.slug) == known.slug
        assert known.name.strip() == known.name != ""


def test_every_parent_exists_and_is_nobodys_branch():
    for branch in ROSTER.values():
        if branch.company:
            assert ROSTER[branch.company].company is None, branch.slug


def test_every_alias_and_upstream_means_a_company_of_the_roster():
    assert set(roster._ROSTER.slugs.values()) <= ROSTER.keys()
    assert set(roster._ROSTER.upstreams.values()) <= ROSTER.keys()


def test_an_alias_says_what_the_id_alone_does_not():
    """A line that repeats its own slug would be noise."""
    for (_source, their_id), meant in roster._ROSTER.slugs.items():
        assert roster._slugified(their_id) != meant


@pytest.mark.parametrize(
    ("source", "their_id"),
    [
        ("models_dev", "amazon-bedrock"),
        ("litellm", "bedrock"),
        ("litellm", "bedrock_converse"),
        ("litellm", "bedrock_mantle"),
        ("genai_prices", "aws"),
        ("pi_ai", "amazon-bedrock"),
    ],
)
def test_one_company_under_many_names_is_one(source, their_id):
    assert canonical(source, their_id) == "amazon-bedrock"


def test_every_name_of_vertex_is_vertex_of_google():
    names = ["vertex_ai", "vertex_ai-anthropic_models", "vertex_ai-language-models"]
    assert {canonical("litellm", name) for name in names} == {"google-vertex"}
    assert canonical("models_dev", "google-vertex-anthropic") == "google-vertex"
    assert company("google-vertex").company == "google"
    assert canonical("litellm", "gemini") == "google"


def test_the_same_id_may_mean_two_things_in_two_sources():
    assert canonical("models_dev", "zai") == "zai"
    assert canonical("pi_ai", "zai") == "zai-coding-plan"


def test_plans_and_regional_sites_belong_to_a_company():
    assert company("alibaba-cn").company == "alibaba"
    assert company("minimax-coding-plan") == roster.Company(
        "minimax-coding-plan", "MiniMax Token Plan", Group.PLAN, "minimax"
    )


def test_an_id_nobody_entered_is_a_cloud_under_its_own_slug():
    assert canonical("models_dev", "Brand New_Host") == "brand-new-host"
    assert company("brand-new-host").group == Group.CLOUD
    assert company("brand-new-host").name == "Brand New Host"


@pytest.mark.parametrize("their_id", ["", "///", "x" * 300])
def test_an_id_that_makes_no_slug_is_refused(their_id):
    with pytest.raises(BadFact):
        canonical("models_dev", their_id)


def test_search_services_and_local_runtimes_are_refused_with_a_reason():
    assert "web search" in (refusal("litellm", "tavily") or "")
    assert "own machine" in (refusal("litellm", "ollama") or "")
    assert refusal("models_dev", "ollama-cloud") is None
    assert refusal("litellm", "openai") is None


def test_a_routers_host_is_named_where_the_source_names_it():
    assert canonical("genai_prices", "huggingface_novita") == "huggingface"
    assert upstream("genai_prices", "huggingface_novita") == "novita-ai"
    assert upstream("genai_prices", "openai") == ""
