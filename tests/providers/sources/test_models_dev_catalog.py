"""models.dev's live catalog: the providers of its API, and the models themselves."""

from typing import Any

import pytest

from providers.facts import Snapshot

from .read import parsed, refusals

CATALOG_MODEL = {
    "id": "acme/one",
    "name": "One",
    "family": "one",
    "license": "Apache-2.0",
    "open_weights": True,
    "knowledge": "2025-04",
    "release_date": "2025-07-23",
    "limit": {"context": 1000, "output": 10},
    "weights": [{"kind": "unknown"}],
}


PROVIDERS = {
    "acme": {
        "id": "acme",
        "name": "Acme",
        "npm": "@ai-sdk/openai-compatible",
        "env": ["ACME_API_KEY"],
        "doc": "https://acme.example/docs",
        "api": "https://acme.example/v1",
        "models": {
            "one": {
                "id": "one",
                "name": "One",
                "modalities": {"input": ["text"], "output": ["text"]},
                "limit": {"context": 1000, "output": 10},
                "cost": {"input": 1, "output": 2},
            }
        },
    }
}


def catalog(**models: Any) -> Snapshot:
    return parsed("models_dev", {"providers": PROVIDERS, "models": models})


def test_a_catalog_says_of_endpoints_what_the_api_says() -> None:
    with_models, alone = catalog(), parsed("models_dev", PROVIDERS)
    assert with_models.offers == alone.offers != ()
    assert with_models.models == ()


def test_a_catalog_speaks_of_models_too() -> None:
    stated = catalog(**{"acme/one": CATALOG_MODEL})
    (statement,) = stated.models
    assert statement.model == "acme/one"
    assert {fact.key: fact.value for fact in statement.facts} == {
        "name": "One",
        "family": "one",
        "licence": "Apache-2.0",
        "open_weights": True,
        "knowledge_cutoff": "2025-04",
        "released_on": "2025-07-23",
    }
    assert stated.without_room["models.weights"] == 1


def test_a_broken_model_of_a_catalog_is_refused_by_name() -> None:
    stated = catalog(
        **{"no path": CATALOG_MODEL, "acme/two": 7, "acme/one": CATALOG_MODEL | {"knowledge": 3}}
    )
    assert set(refusals(stated)) == {
        "model no path",
        "model acme/two",
        "model acme/one, knowledge",
    }
    assert [one.model for one in stated.models] == ["acme/one"]


@pytest.mark.parametrize("junk", [None, [], "x", 7])
def test_models_of_another_shape_leave_the_endpoints(junk: Any) -> None:
    stated = parsed("models_dev", {"providers": PROVIDERS, "models": junk})
    assert len(stated.offers) == 1 and "models" in refusals(stated)
