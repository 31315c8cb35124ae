"""One running platform and one Chromium for the walks; people come and go."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.browser import Person, launch
from tests.support.platform import Platform

# Three browsers that encode and decode share two cores with the platform: patience, not sleeps.
expect.set_options(timeout=20_000)


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


@pytest.fixture(scope="session")
def url(request: pytest.FixtureRequest) -> str:
    """Address of the platform: `E2E_URL`'s when it is given, to walk on one that already runs."""
    given = os.environ.get("E2E_URL")
    if given:
        return given
    running: Platform = request.getfixturevalue("platform")
    return running.url


@pytest.fixture
def anybody(url: str, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Make somebody at a computer of their own, not signed in: `anybody("bs.kyson", language="en")`."""
    people: list[Person] = []

    def make(username: str, **look: Any) -> Person:
        people.append(Person(browser, url, username, **look))
        return people[-1]

    yield make
    for someone in people:
        someone.close()


@pytest.fixture
def visitor(anybody: Callable[..., Person]) -> Callable[..., Person]:
    """Like `person`, for walks in which the platform is broken on purpose and consoles may say so."""

    def make(username: str, **look: Any) -> Person:
        return anybody(username, **look).sign_in()

    return make


@pytest.fixture
def person(visitor: Callable[..., Person]) -> Iterator[Callable[..., Person]]:
    """Make somebody who is signed in: `person("bs.kyson")`. Afterwards nothing may have gone wrong in their pages."""
    people: list[Person] = []

    def make(username: str, **options: Any) -> Person:
        people.append(visitor(username, **options))
        return people[-1]

    yield make
    assert [(someone.username, what) for someone in people for what in someone.trouble] == []
