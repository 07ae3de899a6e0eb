"""The parameters page."""

import pytest
from django.test import Client

from catalog.pages import parameter_list
from tests.factories import CONFIRMED, NOW, EndpointFactory, ParameterFactory

pytestmark = pytest.mark.django_db


def rows() -> dict[str, parameter_list.ParameterRow]:
    return {row.name: row for row in parameter_list.build(now=NOW).rows}


def test_support_and_refusal_are_counted_apart():
    EndpointFactory.create(parameters={"tools": True, "seed": False})
    EndpointFactory.create(parameters={"tools": True})
    EndpointFactory.create()
    found = rows()
    assert (found["tools"].supported, found["tools"].refused) == (2, 0)
    assert (found["seed"].supported, found["seed"].refused) == (0, 1)
    assert parameter_list.build(now=NOW).stating == 2


def test_an_endpoint_that_is_gone_does_not_count():
    EndpointFactory.create(parameters={"tools": True}, gone_since=CONFIRMED)
    assert rows() == {}


def test_a_parameter_that_nobody_explains_is_listed_all_the_same():
    EndpointFactory.create(parameters={"thinking": True})
    assert (rows()["thinking"].type, rows()["thinking"].meaning) == ("", "")


def test_an_explained_parameter_is_listed_though_nobody_states_it():
    ParameterFactory.create(name="max_tokens", deprecated=True, replaced_by="max_completion_tokens")
    row = rows()["max_tokens"]
    assert (row.supported, row.models_href) == (0, "")
    assert row.deprecated


def test_the_page_links_to_the_models_that_take_it(client: Client):
    EndpointFactory.create(parameters={"top_p": True})
    html = client.get("/parameters/").content.decode()
    assert 'href="/models/?parameter=top_p"' in html


def test_an_empty_almanac_has_a_page(client: Client):
    assert "No parameter is known yet" in client.get("/parameters/").content.decode()


def test_two_queries_whatever_the_number(django_assert_num_queries):
    for n in range(5):
        EndpointFactory.create(parameters={f"p{n}": True})
        ParameterFactory.create()
    with django_assert_num_queries(2):
        parameter_list.build(now=NOW)
