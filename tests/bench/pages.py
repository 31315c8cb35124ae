"""How heavy the public pages are: `python -m tests.bench.pages --json`, or `bin/dev.py bench pages --json`.

A platform of its own with the demonstration province, a Chromium that has seen nothing yet, and a line of 400 kbit/s with a round trip
of 400 ms (the browser's own emulation). Keys of the JSON object:

    machine     cores, model, kernel, load_average_before
    pages       by name: bytes on the wire (compressed), requests, usable_ms: until the page is parsed and its first text painted
    again       the same pages in a browser that has been there before
    target      patients' pages: at most 60 KB at the first visit
    met         whether it was
"""

import argparse
import json
import sys
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.bench.measure import limit, machine
from tests.support.browser import PHONE, launch
from tests.support.platform import Platform

LIMIT_SECONDS = 600
MOST_BYTES = 60_000
LINE = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
PUBLIC = {
    "booking": "/booking/",
    "facilities": "/booking/facilities/?for=in_person",
    "registration": "/booking/facilities/?for=exam",
    "sign-in by phone": "/booking/phone/",
}
_PAINTED = """() => new Promise((resolve) => {
  new PerformanceObserver((list, observer) => {
    if (list.getEntriesByName('first-contentful-paint').length) { observer.disconnect(); resolve(true); }
  }).observe({ type: 'paint', buffered: true });
})"""
_USABLE = """() => {
  const [navigation] = performance.getEntriesByType('navigation');
  const painted = performance.getEntriesByName('first-contentful-paint')[0];
  return Math.max(navigation.domContentLoadedEventEnd, painted ? painted.startTime : 0);
}"""


@dataclass
class Weight:
    """What crossed the line for one page."""

    octets: int = 0
    requests: int = 0
    _ignored: set[str] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        """Count from now on, on the slow line."""
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", LINE)
        session.on("Network.responseReceived", self._came)
        session.on("Network.loadingFinished", self._finished)

    def _came(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache") or event["response"].get("fromServiceWorker"):
            self._ignored.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._ignored:
            self.octets += int(event["encodedDataLength"])
            self.requests += 1


def weigh(context: BrowserContext, address: str) -> dict[str, Any]:
    """Open a page and return what it weighed."""
    page = context.new_page()
    weight = Weight()
    weight.watch(page)
    page.goto(address, wait_until="load")
    page.evaluate(_PAINTED)
    usable = round(page.evaluate(_USABLE))
    page.close()
    return {"bytes": weight.octets, "requests": weight.requests, "usable_ms": usable}


def addresses(context: BrowserContext, url: str) -> dict[str, str]:
    """Return the pages to weigh; those below a facility are found as a visitor finds them."""
    page = context.new_page()
    found = {name: url + path for name, path in PUBLIC.items()}
    page.goto(found["facilities"])
    page.locator("a.booking-choice").first.click()
    found["times"] = page.url
    page.goto(found["registration"])
    page.locator("a.booking-choice").first.click()
    found["services"] = page.url
    page.close()
    return found


def run() -> dict[str, Any]:
    """Weigh every page with an empty cache, then once more with what is kept."""
    about = machine()
    pages: dict[str, Any] = {}
    again: dict[str, Any] = {}
    with Platform(demonstration=True) as platform, sync_playwright() as playwright:
        browser = launch(playwright)
        looking = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
        every = addresses(looking, platform.url)
        for name, address in every.items():
            context = browser.new_context(viewport=PHONE, service_workers="block")  # type: ignore[arg-type]
            pages[name] = weigh(context, address)
            again[name] = weigh(context, address)
            context.close()
        browser.close()
    met = all(page["bytes"] <= MOST_BYTES for page in pages.values())
    return {"machine": about, "pages": pages, "again": again, "target": {"bytes": MOST_BYTES}, "met": met}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench pages", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    limit(LIMIT_SECONDS)
    result = run()
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for name, page in result["pages"].items():
            later = result["again"][name]
            print(
                f"{name:18} {page['bytes']:7} bytes  {page['requests']:2} requests  usable {page['usable_ms']:5} ms"
                f"   again {later['bytes']:6} bytes  {later['usable_ms']:5} ms"
            )
        print(f"at most {MOST_BYTES} bytes: {'met' if result['met'] else 'missed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
