"""Signing out on a shared computer: what has not reached the server is sent first, or asked about."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.support.browser import Person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length"


def test_a_draft_written_without_a_line_is_sent_before_signing_out(visitor: Callable[..., Person]) -> None:
    doctor = visitor("bs.kyson2")  # a browser without a line says so in its console
    page = doctor.page
    steps.create_patient(doctor, "Lữ Thị Mây")
    page.get_by_role("button", name="Lập yêu cầu hội chẩn").click()
    complaint = page.get_by_label("Lý do vào viện")
    complaint.fill("Sốt")
    expect(page.locator("[data-autosave-state]").first).to_contain_text("Đã lưu")
    draft = page.url
    doctor.context.set_offline(True)
    complaint.fill("Sốt cao ba ngày")
    expect(page.locator("[data-autosave-state]").first).to_contain_text("Mất mạng")

    page.get_by_label("Tài khoản của tôi").click()
    page.get_by_role("button", name="Đăng xuất").click()
    dialog = page.get_by_role("dialog", name="1 bản nháp chưa tới máy chủ")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Ở lại").click()
    expect(complaint).to_have_value("Sốt cao ba ngày")

    page.get_by_label("Tài khoản của tôi").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(dialog).to_be_visible()
    doctor.context.set_offline(False)
    dialog.get_by_role("button", name="Gửi lại rồi đăng xuất").click()
    page.wait_for_url("**/account/login/")
    assert page.evaluate(KEPT) == 0
    doctor.sign_in()
    page.goto(draft)
    expect(complaint).to_have_value("Sốt cao ba ngày")
