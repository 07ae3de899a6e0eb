import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.matching import Catalogue, match, normalise, resolve, suggest
from catalog.matching.spelling import key

KNOWN = Catalogue.of_paths(
    [
        "anthropic/claude-sonnet-4",
        "anthropic/claude-sonnet-4-5",
        "anthropic/claude-sonnet-4-6",
        "deepseek/deepseek-r1",
        "deepseek/deepseek-r1-distill-qwen-32b",
        "google/gemini-2.0-flash",
        "google/gemini-2.5-flash-lite",
        "meta/llama-3.1-70b-instruct",
        "meta/llama-3.1-8b-instruct",
        "mistral/mistral-large-2411",
        "mistral/mistral-large-2512",
        "mistral/mistral-medium-2505",
        "moonshotai/kimi-k2.7-code",
        "moonshotai/kimi-k2.7-code-highspeed",
        "nvidia/nemotron-3-super-120b-a12b",
        "openai/gpt-4-turbo",
        "openai/gpt-4o",
        "openai/gpt-4o-mini",
        "openai/gpt-5.4-mini",
        "openai/gpt-oss-120b",
        "openai/gpt-oss-20b",
        "openai/o4-mini",
        "xai/grok-4.20-non-reasoning",
        "zhipuai/glm-5.2",
        "zhipuai/glm-5.2-air",
    ],
    {"mistral/mistral-large-3": "mistral/mistral-large-2512"},
)

SONNETS = [
    ("anthropic", "claude-sonnet-4-6"),
    ("openrouter", "anthropic/claude-sonnet-4.6"),
    ("amazon-bedrock", "anthropic.claude-sonnet-4-6"),
    ("amazon-bedrock", "us.anthropic.claude-sonnet-4-6-v1:0"),
    ("amazon-bedrock", "global.anthropic.claude-sonnet-4-6"),
    ("amazon-bedrock", "jp.anthropic.claude-sonnet-4-6"),
    ("google-vertex", "claude-sonnet-4-6@default"),
    ("google-vertex", "publishers/anthropic/models/claude-sonnet-4-6"),
    ("databricks", "databricks-claude-sonnet-4-6"),
    ("github-copilot", "claude-sonnet-4.6"),
    ("sap-ai-core", "anthropic--claude-4.6-sonnet"),
]

GLMS = [
    ("zai", "glm-5.2"),
    ("openrouter", "z-ai/glm-5.2"),
    ("openrouter", "z-ai/glm-5.2:free"),
    ("openrouter", "z-ai/glm-5.2:batch"),
    ("vercel", "zai/glm-5.2"),
    ("huggingface", "zai-org/GLM-5.2"),
    ("gmicloud", "zai-org/GLM-5.2-FP8"),
    ("chutes", "zai-org/GLM-5.2-TEE"),
    ("cloudflare-workers-ai", "@cf/zai-org/glm-5.2"),
    ("cloudflare-ai-gateway", "workers-ai/@cf/zai-org/glm-5.2"),
    ("synthetic", "hf:zai-org/GLM-5.2"),
    ("venice", "zai-org-glm-5-2"),
    ("fireworks-ai", "accounts/fireworks/models/glm-5p2"),
    ("google-vertex", "zai-org/glm-5.2-maas"),
]


@pytest.mark.parametrize(("provider", "native_id"), SONNETS)
def test_every_spelling_of_sonnet_is_one_model(provider, native_id):
    assert match(native_id, provider, KNOWN).model == "anthropic/claude-sonnet-4-6"


@pytest.mark.parametrize(("provider", "native_id"), GLMS)
def test_every_spelling_of_glm_is_one_model(provider, native_id):
    assert match(native_id, provider, KNOWN).model == "zhipuai/glm-5.2"


@pytest.mark.parametrize(
    ("native_id", "model"),
    [
        ("gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
        ("claude-sonnet-4-20250514", "anthropic/claude-sonnet-4"),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic/claude-sonnet-4-5"),
        ("gemini-2.0-flash-001", "google/gemini-2.0-flash"),
        ("gemini-2.5-flash-lite", "google/gemini-2.5-flash-lite"),
        ("grok-4-20-beta-0309-non-reasoning", "xai/grok-4.20-non-reasoning"),
        ("gpt-4-turbo-2024-04-09", "openai/gpt-4-turbo"),
        ("mistral-large-latest", "mistral/mistral-large-2512"),
        ("o4-mini-high", "openai/o4-mini"),
        ("us.deepseek.r1-v1:0", "deepseek/deepseek-r1"),
        ("openai-gpt-54-mini", "openai/gpt-5.4-mini"),
        ("gpt-oss:120b", "openai/gpt-oss-120b"),
        ("openai.gpt-oss-20b-1:0", "openai/gpt-oss-20b"),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "meta/llama-3.1-8b-instruct"),
        ("llama-3.1-70b", "meta/llama-3.1-70b-instruct"),
        ("nvidia.nemotron-super-3-120b", "nvidia/nemotron-3-super-120b-a12b"),
        ("nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4", "nvidia/nemotron-3-super-120b-a12b"),
        ("mistralai/mistral-large-3", "mistral/mistral-large-2512"),
        ("unsloth/Llama-3.1-8B-Instruct", "meta/llama-3.1-8b-instruct"),
        ("kimi-k2.7-code-free", "moonshotai/kimi-k2.7-code"),
    ],
)
def test_dated_and_served_spellings_count_as_the_model(native_id, model):
    assert match(native_id, "", KNOWN).model == model


@pytest.mark.parametrize(
    ("native_id", "model"),
    [
        ("kimi-k2.7-code-highspeed", "moonshotai/kimi-k2.7-code-highspeed"),
        ("@cf/deepseek-ai/deepseek-r1-distill-qwen-32b", "deepseek/deepseek-r1-distill-qwen-32b"),
        ("glm-5.2-air", "zhipuai/glm-5.2-air"),
        ("claude-sonnet-4-6-fast", None),
        ("gpt-4o-nano", None),
        ("llama-3.1-405b-instruct", None),
        ("zai-org/GLM-5.2-AWQ", None),
        ("deepseek-r1-distill-llama-70b", None),
    ],
)
def test_speed_size_distilled_and_quantized_variants_stay_apart(native_id, model):
    assert match(native_id, "", KNOWN).model == model


@pytest.mark.parametrize(
    ("native_id", "reason"),
    [
        ("gpt-oss", "no model of openai is called gpt-oss"),  # two sizes
        ("coder", "names no author, and no model or several are called so"),
        ("ft:gpt-4o", "a fine-tuned model is its owner's own"),
        ("~z-ai/glm-latest", "follows the newest release, and which that is was not stated"),
    ],
)
def test_it_refuses_when_unsure_and_says_why(native_id, reason):
    found = match(native_id, "", KNOWN)
    assert (found.model, found.reason) == (None, reason)


def test_what_was_taken_off_is_kept():
    found = match("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "amazon-bedrock", KNOWN)
    assert found.variant == "us 20250929 v1:0"


def test_another_catalogs_paths_resolve():
    assert resolve("anthropic/claude-sonnet-4-5-20250929", KNOWN) == "anthropic/claude-sonnet-4-5"
    assert resolve("x-ai/grok-4.20-non-reasoning", KNOWN) == "xai/grok-4.20-non-reasoning"
    assert resolve("openai/no-such-model", KNOWN) is None


def test_a_version_is_not_a_size():
    assert key("qwen2.5-7b") != key("qwen2-57b")


@given(st.text("abc-.:@/_0123456789v", min_size=1, max_size=40))
@example("us.anthropic.claude-sonnet-4-6-v1:0")
@example("openai/gpt-4-0613-2024-07-18:free")
@example("a-20250101-20250101")
def test_taking_apart_a_name_again_changes_nothing(native_id):
    name = normalise(native_id).name
    assert normalise(name).name == name


@given(st.text(max_size=60))
def test_any_text_can_be_asked_for(native_id):
    assert match(native_id, "nobody", KNOWN).reason


def test_three_suggestions_say_what_differs():
    first, *rest = suggest("claude-sonnet-4-6-fast", "venice", KNOWN)
    assert (first.model, first.reason) == ("anthropic/claude-sonnet-4-6", "says fast besides")
    assert len(rest) == 2
    assert first.score >= rest[0].score >= rest[1].score
