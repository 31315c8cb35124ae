"""Every screen, in both languages, on a desk and on a phone, light and dark: accessible, and kept as a picture.

The pictures go to `var/screenshots` (or `SCREENSHOTS`) for people to look at. Rules checked: axe (WCAG 2.2 A and AA), nothing wider than
the window, no Vietnamese left in the English pages' own texts, no trouble in the console.
"""

import re
import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from telehealth.demonstration.ids import demonstration_id
from tests.e2e import steps
from tests.support.browser import DESKTOP, PHONE, Person
from tests.support.media import expect_media

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

LOOKS = [
    pytest.param("vi", DESKTOP, False, id="vi-desktop-light"),
    pytest.param("vi", PHONE, True, id="vi-phone-dark"),
    pytest.param("en", DESKTOP, True, id="en-desktop-dark"),
    pytest.param("en", PHONE, False, id="en-phone-light"),
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
KYSON = demonstration_id("facility", "kyson")
CARDIOLOGIST = demonstration_id("membership", "bs.timmach:hndk:specialist")
PAGES: dict[str, tuple[str, ...]] = {
    "bs.kyson": (
        "/",
        "/?tab=drafts",
        "/?tab=done",
        "/patients/",
        "/patients/new/",
        "/account/2fa/",
        "/account/2fa/totp/activate/",
        "/account/password/change/",
        "/no-such-page/",
        "/line-check/",
        "/line-check/stations/",
    ),
    "dieuphoi.hndk": (
        "/lines/",
        f"/lines/{KYSON}/",
        "/lines/find/?code=KS-AAAA",
        "/schedule/",
        f"/schedule/people/{CARDIOLOGIST}/",
        "/schedule/leaves/",
        "/schedule/hours/",
        "/schedule/resources/",
        "/schedule/excel/",
        "/on-call/",
    ),
    "bs.timmach": ("/", "/?tab=done", "/schedule/mine/", "/on-call/swaps/"),
    "bs.noitiet": ("/hat/",),
    "quantri.kyson": ("/people/", "/people/new/", "/people/existing/"),
    "dieuhanh.syt": ("/province/", "/schedule/holidays/"),
    "kiemtoan.syt": ("/audit/",),
    "nguoibenh.lo": ("/me/",),
}


def check(someone: Person, name: str) -> list[str]:
    """Return what is wrong with the page that is shown, and keep its picture."""
    page = someone.page
    page.wait_for_load_state("load")
    someone.screenshot(name)
    wrong = [
        f"{name}: {violation['id']}: {node['html'][:160]}"
        for violation in Axe().run(page, options=RULES).response["violations"]
        for node in violation["nodes"][:3]
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(f"{name}: wider than the window")
    return wrong


def slug(address: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"[?]\w+=", "-", address)).strip("-") or "home"


@pytest.mark.parametrize(("language", "viewport", "dark"), LOOKS)
def test_every_page_is_accessible_and_fits(
    request: pytest.FixtureRequest,
    anybody: Callable[..., Person],
    language: str,
    viewport: dict[str, int],
    dark: bool,
) -> None:
    look = {"language": language, "viewport": viewport, "dark": dark}
    prefix = request.node.callspec.id
    wrong: list[str] = []
    stranger = anybody("", **look)
    for address in ("/account/login/", "/styleguide/"):
        stranger.page.goto(address)
        wrong += check(stranger, f"{prefix}-{slug(address)}")
    for username, addresses in PAGES.items():
        someone = anybody(username, **look).sign_in()
        for address in addresses:
            someone.page.goto(address)
            wrong += check(someone, f"{prefix}-{username}-{slug(address)}")
    doctor = anybody("bs.kyson", **look).sign_in()
    doctor.page.goto("/?tab=done")
    doctor.page.locator("main article a").first.click()
    wrong += check(doctor, f"{prefix}-case-closed")
    wrong += check_first_sign_in(anybody, prefix, look)
    assert wrong == []


def check_first_sign_in(anybody: Callable[..., Person], prefix: str, look: dict[str, object]) -> list[str]:
    """A person's page, the link an administrator hands out, and the page it leads to."""
    administrator = anybody("quantri.kyson", **look).sign_in()
    page = administrator.page
    page.goto("/people/new/")
    steps.fill_in_a_doctor(administrator, f"bs.xem{time.monotonic_ns() % 1_000_000}")
    page.locator("main button[type=submit]").last.click()
    link = page.locator("[data-link]").inner_text()
    wrong = check(administrator, f"{prefix}-people-handed-over")
    page.goto("/people/")
    page.locator("main td a").first.click()
    wrong += check(administrator, f"{prefix}-people-one")
    newcomer = anybody("", **look)
    newcomer.page.goto(link)
    return wrong + check(newcomer, f"{prefix}-first-sign-in")


@pytest.mark.parametrize(("language", "viewport", "dark"), LOOKS)
def test_every_screen_of_a_case_and_its_room(
    request: pytest.FixtureRequest,
    anybody: Callable[..., Person],
    language: str,
    viewport: dict[str, int],
    dark: bool,
) -> None:
    """The case is written in Vietnamese by somebody else; the onlooker walks through it in the look under test."""
    look = {"language": language, "viewport": viewport, "dark": dark}
    prefix = request.node.callspec.id
    wrong: list[str] = []
    doctor = anybody("bs.kyson").sign_in()
    onlooker = anybody("bs.timmach", **look).sign_in()
    patient = f"Xồng Bá {time.monotonic_ns() % 100_000}"
    steps.create_patient(doctor, patient)
    case = steps.write_request(doctor)
    colleague = anybody("bs.kyson2", **look).sign_in()
    colleague.page.goto(f"{case}edit/")
    wrong += check(colleague, f"{prefix}-case-draft")
    colleague.page.goto("/?tab=drafts")
    wrong += check(colleague, f"{prefix}-worklist-drafts")
    steps.submit(doctor)
    onlooker.page.goto("/")
    wrong += check(onlooker, f"{prefix}-worklist-waiting")
    onlooker.page.goto(case)
    wrong += check(onlooker, f"{prefix}-case-waiting")
    onlooker.page.locator("form[action$='/claim/'] button").click()
    expect(onlooker.page.locator("form[action$='/room/'] button").first).to_be_visible()
    wrong += check(onlooker, f"{prefix}-case-claimed")
    onlooker.page.locator("form[action$='/room/'] button").first.click()
    onlooker.page.wait_for_url("**/rooms/**")
    expect(onlooker.page.locator(".check .button--primary")).to_be_enabled()
    wrong += check(onlooker, f"{prefix}-room-check")
    onlooker.page.locator(".check .button--primary").click()
    expect(onlooker.page.locator(".board")).to_be_visible()
    wrong += check(onlooker, f"{prefix}-room-waiting")
    doctor.page.goto(onlooker.page.url)
    steps.enter_waiting_room(doctor)
    onlooker.page.locator(".board li button:visible").first.click()
    expect_media(onlooker.page, videos=1, audios=1)
    wrong += check(onlooker, f"{prefix}-room-live")
    steps.leave_for_all(doctor)
    expect(onlooker.page.locator(".ended")).to_be_visible()
    wrong += check(onlooker, f"{prefix}-room-ended")
    onlooker.page.goto(case)
    wrong += check(onlooker, f"{prefix}-case-after-call")
    assert wrong == []
