from catalog.matching import match, survey


def models(*sold, aliases=None, **rest):
    return sorted(survey(sold, aliases or {}, **rest).paths)


def test_what_its_author_sells_is_a_model():
    assert models(("openai", "gpt-4o")) == ["openai/gpt-4o"]


def test_what_a_gateway_writes_behind_an_author_is_a_model():
    assert models(("openrouter", "qwen/qwen3-8b")) == ["alibaba/qwen3-8b"]


def test_one_hosts_word_is_not_enough():
    assert models(("groq", "llama-9-8b")) == []
    assert models(("groq", "llama-9-8b"), ("venice", "llama-9-8b")) == ["meta/llama-9-8b"]


def test_gateways_tell_of_authors_the_table_does_not_know():
    sold = [("openrouter", "newlab/first-model"), ("kilo", "newlab/first-model")]
    known = survey(sold, {})
    assert known.paths == {"newlab/first-model"}
    assert match("newlab/first-model", "kilo", known).model == "newlab/first-model"


def test_a_secret_author_is_none():
    assert models(("openrouter", "stealth/ox-alpha")) == []


def test_snapshots_are_no_models_of_their_own():
    sold = [("openai", "gpt-4o"), ("openai", "gpt-4o-2024-08-06"), ("openai", "gpt-4-0613")]
    assert models(*sold) == ["openai/gpt-4", "openai/gpt-4o"]


def test_rolling_names_are_no_models():
    assert models(("openrouter", "~anthropic/claude-sonnet-latest")) == []
    assert models(("openai", "gpt-5.3-chat-latest")) == ["openai/gpt-5.3-chat"]


def test_a_dated_release_stays_a_model():
    sold = [("mistral", "mistral-large-2411"), ("mistral", "mistral-large-2512")]
    assert models(*sold) == ["mistral/mistral-large-2411", "mistral/mistral-large-2512"]


def test_a_name_without_instruct_joins_the_only_one_of_its_size():
    sold = [
        ("openrouter", "meta-llama/llama-3.1-8b-instruct"),
        ("deepinfra", "meta-llama/Llama-3.1-8B-Instruct"),
        ("vercel", "meta/llama-3.1-8b"),
        ("openrouter", "meta-llama/llama-3.1-70b-instruct"),
    ]
    assert models(*sold) == ["meta/llama-3.1-70b-instruct", "meta/llama-3.1-8b-instruct"]


def test_a_familys_name_takes_no_size_in():
    sold = [
        ("google", "gemma-3"),
        ("openrouter", "google/gemma-3-12b-it"),
        ("openrouter", "google/gemma-3-27b-it"),
    ]
    assert models(*sold) == ["google/gemma-3", "google/gemma-3-12b-it", "google/gemma-3-27b-it"]


def test_one_hosts_fast_variant_is_not_a_model():
    sold = [("openai", "gpt-4o"), ("openrouter", "openai/gpt-4o"), ("vercel", "openai/gpt-4o-fast")]
    assert models(*sold) == ["openai/gpt-4o"]


def test_the_same_name_under_two_authors_is_the_one_whose_models_begin_so():
    sold = [("nvidia", "nvidia/deepseek-r1"), ("openrouter", "deepseek/deepseek-r1")]
    assert models(*sold) == ["deepseek/deepseek-r1"]


def test_people_know_names_that_no_rule_could():
    aliases = {"mistral/mistral-large-3": "mistral/mistral-large-2512"}
    sold = [("mistral", "mistral-large-2512"), ("openrouter", "mistralai/mistral-large-3")]
    known = survey(sold, aliases)
    assert known.paths == {"mistral/mistral-large-2512"}
    assert match("mistral-large-3", "ovhcloud", known).model == "mistral/mistral-large-2512"


def test_a_model_keeps_the_path_it_has():
    sold = [("openrouter", "anthropic/claude-opus-9.1"), ("vercel", "anthropic/claude-opus-9.1")]
    assert models(*sold) == ["anthropic/claude-opus-9.1"]
    existing = ["anthropic/claude-opus-9-1"]
    assert models(*sold, existing=existing) == existing


def test_a_held_model_stays_without_evidence():
    assert models(held=["openai/gpt-0"]) == ["openai/gpt-0"]


def test_order_does_not_matter():
    sold = [("openai", "gpt-4o"), ("vercel", "openai/gpt-4o-fast"), ("azure", "gpt-4o-2024-08-06")]
    assert models(*sold) == models(*reversed(sold))
