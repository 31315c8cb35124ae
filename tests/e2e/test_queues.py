"""From the kiosk to the board and the telephone, without a mouse; and a board that outlives its server."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from telehealth.demonstration.ids import demonstration_id
from tests.e2e.test_screens import check
from tests.support.browser import PHONE, Person
from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

AREA = demonstration_id("queue_area", "kyson:kham")
ROOM = demonstration_id("queue_room", "kyson:kham:1")
BOARD = {"width": 1920, "height": 1080}
KIOSK = {"width": 1080, "height": 1440}


def add_device(admin: Person, name: str, kind: str) -> str:
    """Add a board or kiosk; return its link."""
    page = admin.page
    page.goto("/queues/")
    area = page.get_by_role("region", name="Khu khám bệnh")
    area.get_by_label("Tên máy").fill(name)
    area.get_by_label("Loại").select_option(label=kind)
    area.get_by_role("button", name="Thêm máy").click()
    return page.locator(".queue-link code").inner_text()


def received(page: Page) -> list[dict[str, Any]]:
    """Return a list that grows with what the page's sockets hear."""
    heard: list[dict[str, Any]] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: heard.append(json.loads(frame))),
    )
    return heard


def tile(board: Page) -> Any:
    return board.locator(".board-tile", has_text="Phòng khám số 1").first


def test_from_the_kiosk_to_the_board_and_the_telephone(
    person: Callable[..., Person], anybody: Callable[..., Person]
) -> None:
    admin = person("quantri.kyson")
    kiosk_link = add_device(admin, "Cửa chính", "Máy lấy số")
    assert check(admin, "queues-areas") == []
    board_link = add_device(admin, "Sảnh", "Bảng gọi số")

    board = anybody("board", viewport=BOARD)
    board.page.goto(board_link)
    expect(tile(board.page)).to_be_visible()
    assert "key=" not in board.page.url

    kiosk = anybody("kiosk", viewport=KIOSK)
    kiosk.page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    heard = received(kiosk.page)
    kiosk.page.goto(kiosk_link)
    expect(kiosk.page.get_by_role("heading", name="Anh/chị cần gì?")).to_be_visible()
    assert check(kiosk, "queues-kiosk") == []
    # A scanner types: its digits choose nothing.
    kiosk.page.keyboard.type("040085001234", delay=5)
    kiosk.page.keyboard.press("Enter")
    expect(kiosk.page.get_by_role("alert")).to_contain_text("Đã đọc mã")
    # By keys alone: the first service, then pregnant, then the number by Tab and Enter.
    kiosk.page.keyboard.press("1")
    expect(kiosk.page.get_by_role("heading", name="diện ưu tiên")).to_be_visible()
    assert check(kiosk, "queues-kiosk-priority") == []
    kiosk.page.get_by_role("button", name="Phụ nữ có thai").focus()
    kiosk.page.keyboard.press("Enter")
    kiosk.page.get_by_role("button", name="Lấy số ưu tiên").focus()
    kiosk.page.keyboard.press("Enter")
    code = kiosk.page.locator(".kiosk__code").inner_text()
    assert re.fullmatch(r"U\d{3}", code)
    assert kiosk.page.evaluate("window.printed") == 1
    assert check(kiosk, "queues-kiosk-ticket") == []
    issued = next(message["issued"] for message in heard if message["type"] == "done")
    kiosk.page.keyboard.press("1")
    expect(kiosk.page.get_by_role("heading", name="Anh/chị cần gì?")).to_be_visible()

    phone = anybody("phone", viewport=PHONE)
    phone.page.goto(issued["url"])
    expect(phone.page.get_by_role("heading", level=1)).to_have_text(code)
    expect(phone.page.get_by_role("status")).to_contain_text(re.compile("người trước|tiếp theo"))
    assert check(phone, "queues-place") == []

    doctor = person("bs.kyson")
    doctor.page.goto(f"/queues/rooms/{ROOM}/")
    row = doctor.page.locator(".queue-row", has_text=code)
    expect(row).to_contain_text("Phụ nữ có thai")
    assert check(doctor, "queues-desk") == []
    row.get_by_role("button", name="Gọi số này").click()

    expect(tile(board.page)).to_contain_text(code)
    expect(board.page.locator("body")).to_have_attribute("data-heard", re.compile(f"{code} pack"))
    assert check(board, "queues-board") == []
    expect(phone.page.get_by_role("status")).to_contain_text("Mời anh/chị vào Phòng khám số 1")
    assert check(phone, "queues-place-called") == []

    # The rest from the keyboard: absent, taken back, done.
    doctor.page.keyboard.press("v")
    expect(phone.page.get_by_role("status")).to_contain_text("chưa thấy anh/chị")
    doctor.page.keyboard.press("u")
    expect(phone.page.get_by_role("status")).to_contain_text("Mời anh/chị vào")
    doctor.page.keyboard.press("f")
    expect(phone.page.get_by_role("status")).to_contain_text("Đã xong")
    assert [who.trouble for who in (board, kiosk, phone)] == [[], [], []]


def test_a_board_outlives_a_restart_of_the_server(platform: Platform, visitor: Callable[..., Person]) -> None:
    nurse, doctor = visitor("dd.kyson", viewport=BOARD), visitor("bs.kyson2")
    doctor.page.goto(f"/queues/rooms/{ROOM}/")
    doctor.page.get_by_role("button", name="Gọi số tiếp theo").click()
    code = doctor.page.locator(".queue-now__code").inner_text()
    nurse.page.goto(f"/display/{AREA}/")
    expect(tile(nurse.page)).to_contain_text(code)
    pid = platform.kill("web")
    expect(nurse.page.get_by_role("status")).to_contain_text(
        re.compile(r"Mất kết nối. Dữ liệu lúc \d\d:\d\d")
    )
    nurse.screenshot("queues-board-lost")
    expect(tile(nurse.page)).to_contain_text(code)
    platform.await_restart("web", after=pid)
    expect(nurse.page.locator("[data-part=line]")).to_be_hidden()
    doctor.page.get_by_role("button", name="Gọi số tiếp theo").click()
    expect(tile(nurse.page)).not_to_contain_text(code)
