"""A real browser on a real server that shows the market of the recordings."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

Opened = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="module")
def site(real_market: None) -> Iterator[str]:
    """Address of a server on the market; its threads only read."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )


@pytest.fixture
def opened(site: str, browser: Browser) -> Opened:
    """`with opened(path, …) as page`: fails on leaving when the console holds an error.

    Keyword arguments are those of a playwright context, such as `color_scheme`.
    """

    @contextmanager
    def opened(path: str, *, width: int = 1280, **options: Any) -> Iterator[Page]:
        said: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(site + path)
        yield page
        context.close()
        # The browser itself notes the status of a page that is not there.
        assert [text for text in said if "404 (Not Found)" not in text] == []

    return opened
