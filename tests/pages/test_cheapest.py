"""How often a provider is the cheapest."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from catalog.pages.cheapest import Asked, Share, shares

A, B, C = 1, 2, 3


def asked(*rows: tuple[int, int, str]) -> list[Asked]:
    return [Asked(provider, model, Decimal(amount)) for provider, model, amount in rows]


def test_the_lowest_price_counts_and_n_says_of_how_many():
    found = shares(
        asked((A, 1, "1"), (B, 1, "2"), (A, 2, "5"), (B, 2, "4"), (A, 3, "1"), (B, 3, "3"))
    )
    assert found[A] == Share(2, 3)
    assert found[B] == Share(1, 3)
    assert found[A].rounded == 67


def test_a_tie_counts_for_each():
    found = shares(asked((A, 1, "1"), (B, 1, "1.0"), (C, 1, "2")))
    assert (found[A], found[B], found[C]) == (Share(1, 1), Share(1, 1), Share(0, 1))


def test_a_model_with_one_seller_takes_no_part():
    assert shares(asked((A, 1, "1"))) == {}
    assert Share().percent is None


def test_of_several_ids_of_a_model_the_lowest_stands_for_the_provider():
    found = shares(asked((A, 1, "9"), (A, 1, "1"), (B, 1, "2")))
    assert found[A] == Share(1, 1)


@given(
    st.lists(
        st.builds(Asked, st.integers(1, 5), st.integers(1, 5), st.decimals("0.01", "9", places=2))
    )
)
def test_every_compared_model_has_a_cheapest(rows: list[Asked]):
    found = shares(rows)
    sold_by = {model: {r.provider for r in rows if r.model == model} for model in range(1, 6)}
    compared = sum(len(providers) > 1 for providers in sold_by.values())
    assert sum(share.lowest for share in found.values()) >= compared
    assert all(0 <= share.lowest <= share.n for share in found.values())
