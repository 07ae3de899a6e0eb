from catalog.reconcile.folding import Said, Sold, fold


def sold(endpoint, *, own=None, variant="", gone=False, operation="chat", **facts):
    provenance = {key: 10 * endpoint for key in facts}
    return Sold(endpoint, f"id-{endpoint}", operation, own, variant, gone, facts, provenance)


def test_the_authors_own_endpoint_comes_before_what_most_say():
    folded = fold(
        [
            sold(1, context_length=100),
            sold(2, context_length=100),
            sold(3, own=0, context_length=200),
        ]
    )
    assert folded.facts == {"context_length": 200}
    assert folded.provenance == {"context_length": 30}


def test_without_the_author_the_best_supported_value_counts():
    folded = fold([sold(1, licence="MIT"), sold(2, licence="Apache"), sold(3, licence="MIT")])
    assert folded.facts["licence"] == "MIT"


def test_of_limits_stated_as_often_the_largest_counts():
    assert fold([sold(1, max_output=5), sold(2, max_output=9)]).facts["max_output"] == 9


def test_only_the_author_retires_a_model():
    assert "retires_on" not in fold([sold(1, retires_on="2026-12-11")]).facts
    assert fold([sold(1, own=0, retires_on="2026-12-11")]).facts["retires_on"] == "2026-12-11"


def test_a_retired_snapshot_does_not_retire_the_model():
    folded = fold([sold(1, own=0, variant="2024-05-13", retires_on="2026-10-01"), sold(2, own=0)])
    assert "retires_on" not in folded.facts


def test_a_model_sold_as_snapshots_only_retires_with_them():
    folded = fold([sold(1, own=0, variant="20241022", retires_on="2026-10-01")])
    assert folded.facts["retires_on"] == "2026-10-01"


def test_an_editors_word_comes_first_and_a_sources_after_the_author():
    said = [Said(7, 0, "licence", "by hand"), Said(8, 40, "family", "page")]
    folded = fold([sold(1, own=0, licence="MIT")], said)
    assert folded.facts == {"licence": "by hand", "family": "page"}
    assert folded.provenance == {"licence": 7, "family": 8}


def test_kind_is_what_the_authors_endpoints_do():
    offers = [sold(1, operation="chat"), sold(2, operation="chat"), sold(3, own=0)]
    assert fold(offers).kind == "chat"
    assert (
        fold([*offers, sold(4, own=0, operation="image"), sold(5, own=0, operation="image")]).kind
        == "image"
    )


def test_the_order_of_endpoints_does_not_matter():
    offers = [sold(1, licence="MIT"), sold(2, licence="Apache"), sold(3, own=1, family="a")]
    assert fold(offers) == fold(offers[::-1])


def test_the_longest_input_stands_in_for_a_context_that_nobody_states():
    only_input = Sold(1, "m", "chat", own=0, facts={"max_input": 9}, provenance={"max_input": 7})
    folded = fold([only_input])
    assert (folded.facts["context_length"], folded.provenance["context_length"]) == (9, 7)


def test_a_stated_context_is_not_replaced_by_an_authors_longest_input():
    own = Sold(1, "m", "chat", own=0, facts={"max_input": 9})
    assert fold([own, Sold(2, "m", "chat", facts={"context_length": 12})]).facts == {
        "context_length": 12
    }
