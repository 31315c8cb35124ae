"""What a call comes down to over a thin line, as two people see it: sound kept by hand, stills, an examination."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.support.browser import PHONE, Person
from tests.support.media import expect_media, stats

pytestmark = pytest.mark.e2e

DOCTOR, SPECIALIST = "BSCKI. Vừ Bá Lềnh", "BSCKII. Nguyễn Đình Khải"
OUTBOUND = """async () => (await window.roomDebug.stats())
    .filter((row) => row.type === 'outbound-rtp' && row.kind === 'video' && row.mid === 'c')
    .map((row) => ({ rid: row.rid, packets: row.packetsSent, height: row.frameHeight ?? 0, active: row.active }))"""


def camera(page: Page) -> dict[str, dict[str, Any]]:
    """Return what the page sends of its camera, by layer."""
    return {row["rid"]: row for row in page.evaluate(OUTBOUND)}


PAUSES = """async () => {
    const rows = await window.roomDebug.stats();
    const sent = rows.find((row) => row.type === 'outbound-rtp' && row.mid === 'm');
    const codec = rows.find((row) => row.id === sent.codecId);
    const asked = codec.sdpFmtpLine.split(';').filter((one) => /^(usedtx|stereo)=/.test(one));
    const before = window.soundBefore;
    window.soundBefore = { packets: sent.packetsSent, at: sent.timestamp };
    if (!before || sent.timestamp - before.at < 900) return [-1, asked.sort().join(';')];
    return [Math.round((sent.timestamp - before.at) / 20) - (sent.packetsSent - before.packets), asked.sort().join(';')];
}"""
"""Packets of 20 ms that the microphone has not sent since it was asked last, and what is asked of its coding."""


def pauses(page: Page) -> tuple[int, str]:
    page.wait_for_timeout(1000)
    left_out, asked = page.evaluate(PAUSES)
    return int(left_out), str(asked)


def until(page: Page, true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        page.wait_for_timeout(200)


def expect_no_pictures(page: Page, seconds: float = 20) -> None:
    """Wait until two seconds pass in which sound comes and no picture is decoded."""
    deadline = time.monotonic() + seconds
    while True:
        before = stats(page)
        page.wait_for_timeout(2000)
        after = stats(page)
        if after["decoded"] == before["decoded"] and after["heard"] > before["heard"]:
            return
        assert time.monotonic() < deadline, f"pictures still move, or no sound: {before} {after}"


def tile_of(someone: Person, name: str) -> Any:
    return someone.page.locator(".tile", has=someone.page.locator(".tile__name", has_text=name))


def test_keeping_the_sound_stops_pictures_both_ways_and_both_sides_say_why(
    person: Callable[..., Person],
) -> None:
    doctor, specialist = person("bs.kyson"), person("bs.timmach")
    steps.meet(doctor, specialist, "Lầu Y Xìa")
    # The camera is asked for in 1280×720, and goes out in layers.
    until(doctor.page, lambda: camera(doctor.page).get("q", {}).get("packets", 0) > 0, "no layer is sent")
    assert sorted(camera(doctor.page)) == ["f", "h", "q"]
    assert state_track(doctor.page) == [1280, 720]

    doctor.page.get_by_role("button", name="Giữ âm thanh, tắt hình hai chiều").click()
    for someone in (doctor, specialist):
        expect_no_pictures(someone.page)
    expect(tile_of(specialist, DOCTOR).locator(".tile__line")).to_have_text(
        f"Theo lựa chọn của {DOCTOR}: đang giữ âm thanh, không có hình"
    )
    expect(tile_of(doctor, SPECIALIST).locator(".tile__line")).to_have_text(
        "Theo lựa chọn của anh/chị: đang giữ âm thanh, không có hình"
    )
    expect(doctor.page.get_by_text("Anh/chị đang giữ âm thanh")).to_be_visible()
    kept = doctor.page.get_by_role("button", name="Đang giữ âm thanh. Bật lại hình")
    assert kept.get_attribute("aria-pressed") == "true"
    doctor.screenshot("sound-only-doctor")
    specialist.screenshot("sound-only-specialist")

    # It survives a reload, and ends when it is taken back.
    doctor.page.reload()
    expect(doctor.page.get_by_text("Anh/chị đang giữ âm thanh")).to_be_visible()
    expect_no_pictures(specialist.page)
    doctor.page.keyboard.press("a")
    for someone in (doctor, specialist):
        expect_media(someone.page, videos=1, audios=1, seconds=30)
    steps.leave_for_all(doctor)


def state_track(page: Page) -> list[int]:
    """Return the size of the picture somebody sees of themselves."""
    size: list[int] = page.evaluate(
        "() => { const s = document.querySelector('.picture--mirror video').srcObject.getVideoTracks()[0].getSettings();"
        " return [s.width, s.height]; }"
    )
    return size


def test_the_line_is_told_in_words_and_its_numbers_to_technicians(person: Callable[..., Person]) -> None:
    doctor, specialist = person("bs.kyson"), person("bs.timmach")
    nurse = person("dd.kyson", viewport=PHONE)
    steps.meet(doctor, specialist, "Lầu Bá Nênh")
    nurse.page.goto(doctor.page.url)
    steps.enter_waiting_room(nurse)
    steps.admit(specialist, "ĐD. Và Y Mai")
    expect_media(nurse.page, videos=2, audios=2, seconds=30)
    assert nurse.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert nurse.page.locator("nav.controls").evaluate("(nav) => nav.scrollWidth <= nav.clientWidth")
    nurse.screenshot("line-phone")
    specialist.page.get_by_role("button", name=re.compile("Xem chi tiết đường truyền")).click()
    panel = specialist.page.get_by_role("dialog", name="Đường truyền")
    panel.get_by_text("Số liệu cho kỹ thuật viên").click()
    expect(panel.get_by_role("row")).to_have_count(7, timeout=30_000)  # three people, two ways, and the head
    expect(panel.get_by_text(re.compile("VP8"))).to_be_visible()
    specialist.screenshot("line-panel")
    panel.get_by_role("button", name="Đóng").click()
    steps.leave_for_all(doctor)


def test_listening_to_the_chest_takes_the_sound_as_it_is_and_tells_the_others(
    person: Callable[..., Person],
) -> None:
    doctor, specialist = person("bs.kyson"), person("bs.timmach")
    steps.meet(doctor, specialist, "Lầu Chò Dính")
    doctor.page.get_by_role("button", name="Chia sẻ màn hình, hình khám").click()
    doctor.screenshot("share-dialog")
    doctor.page.get_by_role("button", name=re.compile("^Nghe tim phổi")).click()
    expect(tile_of(specialist, DOCTOR).get_by_text("Đang nghe tim phổi")).to_be_attached()
    # The sound goes on, without a new connection, and no pause is left out of it: fifty packets for each second of sound.
    expect_media(specialist.page, videos=1, audios=1, seconds=30)
    until(doctor.page, lambda: pauses(doctor.page)[1] == "stereo=1;usedtx=0", "sent as a voice")
    until(doctor.page, lambda: abs(pauses(doctor.page)[0]) <= 2, "pauses are left out")
    specialist.screenshot("auscultation")
    doctor.page.get_by_role("button", name="Chia sẻ màn hình, hình khám").click()
    doctor.page.get_by_role("button", name=re.compile("^Thôi nghe tim phổi")).click()
    expect_media(specialist.page, videos=1, audios=1, seconds=30)
    until(doctor.page, lambda: pauses(doctor.page)[1] == "stereo=0;usedtx=1", "pauses are sent for nothing")
    steps.leave_for_all(doctor)


def test_a_still_goes_from_one_page_over_the_server_into_the_others(person: Callable[..., Person]) -> None:
    """What two pages do when the relay says that a line carries stills only, with the relay's words put in their mouths."""
    doctor, specialist = person("bs.kyson"), person("bs.timmach")
    for someone in (doctor, specialist):
        someone.page.add_init_script(STAND_IN)
    steps.meet(doctor, specialist, "Lầu Y Mị")
    me = steps.state_of(doctor.page)["me"]
    doctor.page.evaluate("relaySays({ type: 'media_wanted', layers: [], stills: true })")
    for someone in (doctor, specialist):
        someone.page.evaluate("(who) => relaySays(thin(who))", me)
    still = tile_of(specialist, DOCTOR).locator(".tile__still")
    expect(still).to_be_visible(timeout=30_000)
    expect(still.get_by_text(re.compile(r"^Ảnh lúc \d\d:\d\d:\d\d$"))).to_be_visible()
    first = still.locator("img").get_attribute("src")
    until(specialist.page, lambda: still.locator("img").get_attribute("src") != first, "no second still")
    size = still.locator("img").evaluate("(img) => [img.naturalWidth, img.naturalHeight]")
    assert size == [640, 360]
    expect(tile_of(specialist, DOCTOR).locator(".tile__line")).to_have_text(
        f"Đường truyền của {DOCTOR} yếu: đang giữ âm thanh, hình tĩnh 4 giây một lần"
    )
    specialist.screenshot("still")
    steps.leave_for_all(doctor)


# The room's socket, wrapped: messages of the relay's can be said to the page, and its own of the same kind are held back.
STAND_IN = """
    const Real = WebSocket;
    let socket, connection;
    window.thin = (participant_id) => ({
        type: 'media_line', participant_id, down: 'full', down_reason: null, up: 'still', up_reason: 'thin_line',
        figures: { down_bitrate: 900000, up_bitrate: 90000, down_loss: 0, up_loss: 0.02, rtt_ms: 180 },
    });
    window.relaySays = (message) => {
        window.relayHeld = true;
        const data = JSON.stringify({ connection_id: connection, ...message });
        socket.onmessage({ data });
    };
    window.WebSocket = class extends Real {
        constructor(url) {
            super(url);
            if (String(url).includes('/ws/rooms/')) socket = this;
            this.addEventListener('message', (event) => {
                const message = JSON.parse(event.data);
                if (message.type === 'media_connected') connection = message.connection_id;
                const held = window.relayHeld && ['media_line', 'media_wanted'].includes(message.type);
                if (held) event.stopImmediatePropagation();
            });
        }
    };
"""
