"""The whole line check in a real browser against the running platform, and what others see of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.test_screens import check
from tests.support.browser import Person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

CODE = re.compile(r"^KS-[ACEFHKMQRTXY2346789]{4}$")
NOT_SET_UP = {"turn_udp", "turn_tcp", "turn_tls"}


def test_a_doctor_checks_the_line_and_the_coordinator_reads_it_by_its_code(
    person: Callable[..., Person],
) -> None:
    doctor = person("bs.kyson")
    page = doctor.page
    page.goto("/line-check/")
    page.get_by_role("button", name="Bắt đầu kiểm tra").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Sẵn sàng hội chẩn có hình", timeout=150_000)
    assert check(doctor, "line-check-done") == []

    states = page.locator("[data-check]").evaluate_all(
        "rows => Object.fromEntries(rows.map((row) => [row.dataset.check, row.dataset.state]))"
    )
    assert states == {
        kind: "none" if kind in NOT_SET_UP else "good"
        for kind in (
            "browser", "microphone", "camera", "websocket", "udp", "turn_udp", "turn_tcp", "turn_tls", "route",
            "rates", "loss", "reconnect",
        )
    }  # fmt: skip
    assert re.search(r"lên [\d,]+ Mbit/s", page.locator("[data-check=rates]").inner_text())
    assert re.search(r"mất lúc nhận 0 %|mất lúc nhận 0,\d %", page.locator("[data-check=loss]").inner_text())
    assert re.search(r"(host|prflx) udp", page.locator("[data-check=route]").inner_text())
    code = page.locator(".line-code").inner_text()
    assert CODE.match(code)

    with page.expect_download() as download:
        page.get_by_role("link", name="Tải báo cáo").click()
    assert download.value.suggested_filename == f"{code}.txt"
    report = download.value.path().read_text(encoding="utf-8-sig")
    assert f"Mã: {code}" in report
    assert "Kết luận: Sẵn sàng hội chẩn có hình" in report
    assert "Vừ Bá Lềnh" not in report

    coordinator = person("dieuphoi.hndk")
    coordinator.page.goto("/lines/")
    coordinator.page.get_by_label("Mã kiểm tra nghe qua điện thoại").fill(code.replace("-", " ").lower())
    coordinator.page.get_by_role("button", name="Xem kết quả").click()
    expect(coordinator.page.get_by_role("heading", level=1)).to_contain_text(code)
    expect(coordinator.page.get_by_text("Sẵn sàng hội chẩn có hình")).to_be_visible()
    assert check(coordinator, "line-check-result") == []
    coordinator.page.goto("/lines/")
    coordinator.page.get_by_role("link", name="TTYT Kỳ Sơn", exact=True).click()
    expect(coordinator.page.get_by_role("link", name=code)).to_be_visible()


def test_a_station_measures_by_itself(person: Callable[..., Person]) -> None:
    nurse = person("dd.quephong")
    nurse.page.goto("/line-check/stations/")
    nurse.page.get_by_label("Tên máy").fill("Máy trực")
    nurse.page.get_by_role("button", name="Để máy này tự đo").click()
    # From here on nobody is signed in, as after the night.
    nurse.context.clear_cookies()
    nurse.page.reload()
    expect(nurse.page).to_have_url(re.compile("/line-check/station/$"))
    state = nurse.page.locator("[data-part=state]")
    expect(state).to_contain_text("Máy này tự đo đường truyền của", timeout=30_000)
    expect(nurse.page.locator("[data-part=last]")).to_contain_text("Mbit/s", timeout=60_000)
    expect(nurse.page.locator("[data-part=next]")).to_contain_text(re.compile(r"lúc \d\d:\d\d"))
    assert check(nurse, "line-unattended") == []


def test_without_a_microphone_the_check_says_what_to_do(person: Callable[..., Person]) -> None:
    doctor = person("bs.tuongduong")
    doctor.page.add_init_script(
        """
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wanted) =>
          wanted.audio ? Promise.reject(new DOMException('held', 'NotReadableError')) : real(wanted);
        """
    )
    doctor.page.goto("/line-check/")
    doctor.page.get_by_role("button", name="Bắt đầu kiểm tra").click()
    expect(doctor.page.get_by_role("heading", level=2)).to_have_text(
        "Chưa có tiếng: cần sửa micro", timeout=150_000
    )
    row = doctor.page.locator("[data-check=microphone]")
    expect(row).to_contain_text("Không được")
    expect(row).to_contain_text("Đóng Zoom, Zalo hay phần mềm họp khác")
    assert check(doctor, "line-check-microphone") == []


def test_where_the_network_blocks_udp_the_check_says_so_and_goes_on(person: Callable[..., Person]) -> None:
    doctor = person("bs.kyson2")
    # An offer without an address is an address that does not answer.
    doctor.page.add_init_script(
        """
        const real = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function (offer) {
          return real.call(this, { type: offer.type, sdp: offer.sdp.replace(/a=candidate:.*\\r\\n/g, '') });
        };
        """
    )
    doctor.page.goto("/line-check/")
    doctor.page.get_by_role("button", name="Bắt đầu kiểm tra").click()
    expect(doctor.page.get_by_role("heading", level=2)).to_have_text(
        "Mạng chặn đường hình và tiếng", timeout=150_000
    )
    expect(doctor.page.locator("[data-check=udp]")).to_contain_text("Nhờ quản trị mạng mở cổng UDP")
    expect(doctor.page.locator("[data-check=rates]")).to_contain_text("Mbit/s")
    expect(doctor.page.locator("[data-check=loss]")).to_contain_text("Không thử")
