"""A patient with an old phone books from home, sees, moves and cancels; the pages can be used by everybody."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_screens import check
from tests.support.browser import PHONE, Person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

NUMBER = "0912 777 345"


def code_for(staff: Person, number: str) -> str:
    """Return the code that arrived on the demonstration's telephone."""
    page = staff.page
    page.goto("/notifications/demonstration/")
    digits = re.sub(r"\D", "", number)[1:]
    arrived = (
        page.get_by_role("listitem").filter(has_text=re.compile(digits)).filter(has_text=re.compile(r"\d{6}"))
    )
    for _n in range(20):
        if arrived.count():
            break
        page.reload()
    found = re.search(r"\b(\d{6})\b", arrived.first.locator("p").last.inner_text())
    assert found is not None
    return found[1]


def choose_a_time(page: Page) -> None:
    page.locator(".booking-day:not(.booking-day--full):not(.booking-day--turn)").nth(1).click()
    page.locator(".booking-time").first.click()


def test_a_patient_books_from_an_old_phone_moves_and_cancels(
    person: Callable[..., Person], anybody: Callable[..., Person]
) -> None:
    staff = person("dieuphoi.hndk")
    patient = anybody("", viewport=PHONE)
    page = patient.page
    wrong: list[str] = []

    page.goto("/booking/")
    wrong += check(patient, "booking-start")
    page.get_by_role("link", name="Hẹn giờ với bác sĩ").click()
    wrong += check(patient, "booking-facilities")
    page.locator("a.booking-choice").first.click()
    wrong += check(patient, "booking-times")
    choose_a_time(page)

    page.get_by_label("Số điện thoại di động").fill(NUMBER)
    wrong += check(patient, "booking-phone")
    page.get_by_role("button", name="Gửi mã").click()
    expect(page.get_by_label("Mã 6 chữ số trong tin nhắn")).to_be_visible()
    wrong += check(patient, "booking-code")
    page.get_by_label("Mã 6 chữ số trong tin nhắn").fill(code_for(staff, NUMBER))
    page.get_by_role("button", name="Tiếp tục").click()

    page.get_by_label("Họ và tên người khám").fill("Lô Thị Mẫu")
    page.get_by_label("Vì sao cần khám").fill("Đau lưng đã một tuần")
    page.reload()  # a lost line, a closed tab: what was typed is there
    expect(page.get_by_label("Họ và tên người khám")).to_have_value("Lô Thị Mẫu")
    page.get_by_label("Ngày sinh hoặc năm sinh").fill("1966")
    wrong += check(patient, "booking-person")
    page.get_by_role("button", name="Đặt lịch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đặt lịch")
    expect(page.locator("svg.qr")).to_be_visible()
    wrong += check(patient, "booking-done")

    page.get_by_role("link", name="Đổi giờ").click()
    choose_a_time(page)
    expect(page.get_by_text("Đã đổi giờ")).to_be_visible()
    page.get_by_role("link", name="Xem mọi lịch đã đặt").click()
    expect(page.locator(".booking-choice")).to_have_count(1)
    wrong += check(patient, "booking-mine")
    page.locator(".booking-choice").click()
    page.locator("summary", has_text="Hủy lịch").click()
    page.get_by_role("button", name="Hủy lịch này").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã hủy")
    assert wrong == []
    assert patient.trouble == []
