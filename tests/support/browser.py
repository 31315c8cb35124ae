"""Real browsers for tests: people with a context of their own, fake cameras and microphones."""

import os
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from devtool.browser import chromium

FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    # Throttling of pages in the background would freeze all but one of the people.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
PASSWORD = "hoichan-demo-2026"
"""Everybody's in the demonstration province."""


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=str(chromium()), headless=True, args=list(FLAGS))


class Person:
    """Somebody of the demonstration province at their own computer. What goes wrong in the page is collected."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        username: str,
        *,
        viewport: dict[str, int] | None = None,
        language: str = "vi",
        dark: bool = False,
    ) -> None:
        self.url = url
        self.username = username
        self.context: BrowserContext = browser.new_context(
            viewport=viewport or DESKTOP,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            locale="vi-VN" if language == "vi" else "en-GB",
            base_url=url,
            permissions=["camera", "microphone"],
            reduced_motion="reduce",
        )
        self.context.add_cookies([{"name": "language", "value": language, "url": url}])
        self.page: Page = self.context.new_page()
        self.trouble: list[str] = []
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on(
            "console",
            lambda message: (
                self.trouble.append(f"console: {message.text}") if message.type == "error" else None
            ),
        )

    def sign_in(self, password: str = PASSWORD) -> "Person":
        self.page.goto("/account/login/")
        self.page.locator("input[name=login]").fill(self.username)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("input[name=password]").press("Enter")
        self.page.wait_for_url(lambda url: "/account/login/" not in url)
        return self

    def screenshot(self, name: str) -> None:
        """Keep a picture of the page for people to look at."""
        folder = Path(os.environ.get("SCREENSHOTS", "var/screenshots"))
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(folder / f"{name}.png"))

    def close(self) -> None:
        self.context.close()
