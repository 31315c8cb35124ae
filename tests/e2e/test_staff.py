"""A facility's administrator makes an account; the doctor chooses a password by the link and finds the worklist."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.support.browser import Person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

CHOSEN = "suoi chay qua ban nho"


def test_a_new_doctor_gets_an_account_and_sees_the_worklist(
    visitor: Callable[..., Person], anybody: Callable[..., Person]
) -> None:
    username = f"bs.do{time.monotonic_ns() % 1_000_000}"
    administrator = visitor("quantri.kyson")  # the answer 422 to the slip stands in the console
    page = administrator.page
    page.get_by_role("link", name="Tạo tài khoản").click()
    steps.fill_in_a_doctor(administrator, username)

    # A slip: the form keeps what was typed and says what is missing.
    page.get_by_label("Số giấy phép hành nghề").fill("")
    page.get_by_role("button", name="Tạo tài khoản").click()
    expect(page.get_by_text("Vai trò này cần số giấy phép hành nghề")).to_be_visible()
    expect(page.get_by_label("Tên đăng nhập")).to_have_value(username)
    page.get_by_label("Số giấy phép hành nghề").fill(f"{username}/NA-CCHN")
    page.get_by_role("button", name="Tạo tài khoản").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã tạo tài khoản")
    link = page.locator("[data-link]").inner_text()
    page.get_by_role("link", name="Xong").click()
    expect(page.get_by_role("row", name=re.compile(username))).to_contain_text("Bác sĩ điều trị")

    doctor = anybody(username)
    doctor.page.goto(link)
    expect(doctor.page.get_by_text("BS. Lầu Y Dở")).to_be_visible()
    for box in doctor.page.locator("input[type=password]").all():
        box.fill(CHOSEN)
    doctor.page.get_by_role("button", name="Đặt mật khẩu").click()
    expect(doctor.page.get_by_text(f"Hãy đăng nhập bằng tên {username}")).to_be_visible()
    doctor.sign_in(CHOSEN)
    expect(doctor.page.get_by_role("heading", level=1)).to_be_visible()
    expect(doctor.page.get_by_text("TTYT Kỳ Sơn").first).to_be_visible()
    doctor.page.goto("/patients/new/")
    expect(doctor.page.get_by_role("heading", level=1)).to_have_text("Tạo hồ sơ người bệnh")
    assert doctor.trouble == []

    # The link worked once.
    doctor.page.goto(link)
    expect(doctor.page.get_by_text("Liên kết này đã dùng rồi")).to_be_visible()
