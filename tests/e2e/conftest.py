"""One running platform and one Chromium for the walks; people come and go."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import Person, launch
from tests.support.platform import Platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    with Platform(demonstration=True) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def person(platform: Platform, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Make somebody who is signed in: `person("bs.kyson")`. Afterwards nothing may have gone wrong in their pages."""
    people: list[Person] = []

    def make(username: str, **options: Any) -> Person:
        someone = Person(browser, platform.url, username, **options)
        people.append(someone)
        return someone.sign_in()

    yield make
    trouble = [(someone.username, what) for someone in people for what in someone.trouble]
    for someone in people:
        someone.close()
    assert trouble == []
