"""A remote appointment: a patient's telephone and a doctor's desktop, picture and sound both ways, the summary afterwards."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.support.browser import PHONE, Person
from tests.support.media import expect_media
from tests.support.platform import Platform

pytestmark = pytest.mark.e2e
NAME = "Lô Thị Thoa"
ADVICE = "Uống thuốc huyết áp buổi sáng, đo lại mỗi ngày hai lần."


def code_on(platform: Platform, phone_end: str) -> str:
    """Return the one-time code that reached a telephone, as the carrier's stand-in has it."""
    sent = httpx.get(f"{platform.environment['STAND_INS']}/arrived").json()["messages"]
    texts = [str(one) for one in sent if phone_end in str(one)]
    found = re.findall(r"\b(\d{6})\b", texts[-1]) if texts else []
    return str(found[-1]) if found else ""


def test_a_patient_joins_by_link_is_seen_and_heard_and_reads_the_summary(
    person: Callable[..., Person], anybody: Callable[..., Person], platform: Platform
) -> None:
    doctor = person("bs.timmach")
    patient = anybody("", viewport=PHONE)

    # The link, as the doctor's page has it; a browser that has only the link is asked for the code.
    doctor.page.goto("/visits/")
    doctor.page.get_by_role("link", name=re.compile(NAME)).click()
    doctor.page.get_by_text("Xem liên kết").first.click()
    patient.page.goto(doctor.page.locator(".link-shown").first.inner_text())
    patient.page.get_by_role("button", name="Gửi mã đến điện thoại").click()
    patient.page.get_by_label("Mã 6 số trong tin nhắn").wait_for()
    code = ""
    while not code:
        patient.page.wait_for_timeout(300)
        code = code_on(platform, "950")
    patient.page.get_by_label("Mã 6 số trong tin nhắn").fill(code)
    patient.page.get_by_role("button", name="Xác nhận").click()

    # The device check is a light page: the room's script comes only with the room.
    patient.page.get_by_role("button", name="Bật camera và micro").click()
    expect(patient.page.locator("[data-check] video")).to_be_visible()
    assert patient.page.evaluate("typeof window.roomDebug") == "undefined"
    patient.screenshot("visit-check")
    patient.page.get_by_role("button", name="Vào phòng chờ").click()
    expect(patient.page.get_by_role("heading", name="Bác sĩ chưa vào phòng")).to_be_visible()
    expect(patient.page.locator(".board__place")).to_be_visible()
    patient.screenshot("visit-waiting")

    # The doctor's list says who waits; the doctor goes in and lets them in.
    doctor.page.goto("/visits/")
    row = doctor.page.locator(".visit-row", has_text=NAME)
    expect(row.get_by_text("Đang chờ")).to_be_visible()
    doctor.screenshot("visit-list")
    row.get_by_role("link", name=re.compile("Vào phòng")).click()
    steps.enter_waiting_room(doctor)
    steps.admit(doctor, NAME)
    for someone in (doctor, patient):
        expect_media(someone.page, videos=1, audios=1, seconds=30)
    expect(patient.page.get_by_role("tab", name="Buổi khám")).to_have_count(0)
    patient.screenshot("visit-call-phone")

    # Written and signed beside the picture, while the call goes on; the patient reads it by the same link.
    doctor.page.get_by_label("Bác sĩ nhận định").fill("Huyết áp cao nhẹ, tim đều.")
    doctor.page.get_by_label("Việc cần làm").fill(ADVICE)
    expect(doctor.page.locator("[data-autosave-state]").first).to_contain_text("Đã lưu")
    doctor.screenshot("visit-call-desktop")
    doctor.page.get_by_role("button", name="Ký và gửi cho người bệnh").click()
    expect(doctor.page.get_by_text("Người bệnh đọc được bản tóm tắt").first).to_be_visible()
    steps.leave_for_all(doctor)
    patient.page.get_by_role("link", name="Về trang lịch hẹn").click()
    expect(patient.page.get_by_role("heading", level=1)).to_have_text("Bác sĩ dặn")
    expect(patient.page.get_by_text(ADVICE)).to_be_visible()
    patient.screenshot("visit-summary")
    assert patient.trouble == []
