import json

import pytest
from django.core.management import CommandError, call_command

from catalog import reconcile
from tests.factories import NOW, EndpointFactory, ProviderFactory

TRUTH = {
    "openai/gpt-4o": [["openai", "gpt-4o"], ["elsewhere", "openai/gpt-4o-2024-08-06"]],
    "openai/gpt-5": [["openai", "gpt-5"], ["openai", "gpt-4o"], ["umans", "umans-coder"]],
    "openai/gpt-5-2025-08-07": [["azure", "gpt-5"]],
    "openai/gpt-9": [["openai", "gpt-9"]],
}


@pytest.fixture
def report(db, tmp_path, capsys):
    openai = ProviderFactory(slug="openai")
    for native_id in ("gpt-4o", "gpt-5"):
        EndpointFactory(provider=openai, native_id=native_id)
    reconcile.everything(now=NOW)
    file = tmp_path / "truth.json"
    file.write_text(json.dumps(TRUTH))
    call_command("matching_report", file)
    return capsys.readouterr().out


def test_it_counts_pairs_whose_model_is_known(report):
    assert "7 pairs; the catalog knows the model of 6" in report
    assert "correct       4   66.7 %" in report
    assert "refused       1   16.7 %" in report


def test_it_names_what_it_refused_and_what_the_truth_has_wrong(report):
    assert "openai/gpt-5: umans umans-coder (names no author" in report
    assert "openai/gpt-5: openai gpt-4o → openai/gpt-4o (says version 4o, not 5)" in report


def test_it_counts_apart_what_the_catalog_does_not_know(report):
    assert "model unknown to the catalog      1" in report
    assert "endpoint not on the market, matched by its id      4" in report


def test_a_file_of_another_shape_is_refused(db, tmp_path):
    file = tmp_path / "truth.json"
    file.write_text("[1]")
    with pytest.raises(CommandError, match="Expected JSON like"):
        call_command("matching_report", file)
