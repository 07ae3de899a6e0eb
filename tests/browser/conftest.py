"""A real browser on a real server that shows the market of the recordings."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.looking import DESK, HIGH

Opened = Callable[..., AbstractContextManager[Page]]
# A machine may be busy with anything else: only what never comes fails.
PATIENCE_MS = 60_000
# The browser itself notes the status of a page that is not there, and of what was refused.
NOTED = re.compile("status of (404|422)")


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One for all of these tests; each has a context, with cookies and a cache, of its own.

    Playwright keeps an event loop in this thread, where Django else refuses its database.
    """
    expect.set_options(timeout=PATIENCE_MS)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )


@pytest.fixture(scope="package")
def visit(browser: Browser) -> Opened:
    """`with visit(address, …) as page`: fails on leaving when the console holds an error.

    `client`: whose session the page bears. Other arguments are those of a playwright context,
    such as `color_scheme`.
    """

    @contextmanager
    def visit(
        address: str, *, client: Client | None = None, width: int = DESK, **options: Any
    ) -> Iterator[Page]:
        said: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": HIGH}, **options)
        context.set_default_timeout(PATIENCE_MS)
        if client is not None:
            session = client.cookies["sessionid"].value
            context.add_cookies(
                [{"name": "sessionid", "value": session, "url": urljoin(address, "/")}]
            )
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        try:
            page.goto(address)
            yield page
        finally:
            context.close()
        assert [text for text in said if not NOTED.search(text)] == []

    return visit


@pytest.fixture(scope="module")
def site(real_market: None) -> Iterator[str]:
    """Address of a server on the market; its threads only read."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def opened(site: str, visit: Opened) -> Opened:
    """`visit` by the path of a page of the market."""
    return lambda path, **options: visit(site + path, **options)
