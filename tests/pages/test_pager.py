import pytest

from catalog.pages.pager import paginate


def pages(total, page):
    return paginate(total, page=page, size=50, href=lambda n: f"?page={n}")


def numbers(pager):
    return [step.number for step in pager.steps]


@pytest.mark.parametrize(
    ("page", "shown"),
    [(1, [1, 2, 3, 0, 20]), (10, [1, 0, 8, 9, 10, 11, 12, 0, 20]), (20, [1, 0, 18, 19, 20])],
)
def test_a_pager_shows_the_ends_and_the_neighbours(page, shown):
    assert numbers(pages(1000, page)) == shown


def test_one_page_has_neither_previous_nor_next():
    pager = pages(3, 1)
    assert (pager.previous, pager.next, pager.first, pager.last) == ("", "", 1, 3)


def test_nothing_found_is_one_empty_page():
    pager = pages(0, 1)
    assert (pager.count, pager.first, pager.last, pager.message) == (1, 0, 0, "")


def test_a_page_beyond_the_last_becomes_the_last_with_a_message():
    pager = pages(120, 9)
    assert (pager.number, pager.last) == (3, 120)
    assert "3 pages" in pager.message
