"""A coordinator finds the gap in the roster and fills it; a doctor's swap needs the other's consent; on a telephone, too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, Person

pytestmark = pytest.mark.e2e


def test_a_gap_is_found_and_filled_and_a_swap_is_agreed_to(person: Callable[..., Person]) -> None:
    planner = person("dieuphoi.hndk")
    page = planner.page
    page.goto("/on-call/")
    page.get_by_role("link", name="Đột quỵ").click()
    # The open evening is the twelfth of this month or, when that is over, of the next.
    if not page.locator(".gap").count():
        page.get_by_role("link", name="Tháng sau").click()
    expect(page.locator(".gap")).to_have_count(1)
    planner.screenshot("on-call-desktop")
    page.get_by_role("link", name="Xếp người").click()
    page.locator("#put select[name=person]").select_option(index=1)
    page.locator("#put button[type=submit]").press("Enter")
    expect(page.get_by_text("Đã xếp người trực.")).to_be_visible()
    expect(page.locator(".gap")).to_have_count(0)

    doctor = person("bs.timmach", viewport=PHONE, dark=True)
    doctor.page.goto("/on-call/")
    doctor.page.get_by_role("link", name="Xem và trả lời").click()
    doctor.screenshot("swaps-phone-dark")
    doctor.page.get_by_role("button", name="Đồng ý", exact=True).click()
    expect(doctor.page.get_by_text("Lịch trực đã cập nhật cho cả hai người.")).to_be_visible()
    for path, name in (("/schedule/", "week"), ("/schedule/mine/", "mine"), ("/on-call/", "on-call")):
        doctor.page.goto(path)
        doctor.screenshot(f"{name}-phone-dark")
        wide = doctor.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide == 0, f"{path} is wider than the screen"
