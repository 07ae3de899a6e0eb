"""Our bills equal those of the genai-prices calculator, and every difference has a reason."""

import pytest

from tests.providers.genai_comparison import Comparison, compare


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    found = compare()
    print(found.words())  # shown by `pytest -s`
    return found


def test_at_least_99_percent_of_bills_and_of_models_are_equal(comparison):
    assert comparison.cases > 20_000
    assert comparison.rate >= 0.99
    assert len(comparison.models) > 2_000
    assert comparison.model_rate >= 0.99


def test_every_other_bill_differs_for_a_known_reason(comparison):
    assert comparison.unexplained == []


def test_hardly_a_bill_needs_the_digits_that_a_claim_does_not_keep(comparison):
    assert comparison.cleaned < comparison.cases / 100


def test_only_what_is_no_model_of_the_provider_is_left_out(comparison):
    reasons = sorted(reason.partition(": ")[2] or reason for reason in comparison.not_compared)
    assert reasons == [
        "':free' is OpenRouter's suffix; azure has no such id",
        "':free' is OpenRouter's suffix; mistral has no such id",
        "OpenRouter's ids are author/model; a request with this one fails",
        "answers decisions, not prompts: a kind of service this site does not list",
        "answers decisions, not prompts: a kind of service this site does not list",
        "states no price",
    ]
