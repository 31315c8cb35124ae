"""A room that is encrypted end to end: real browsers at the ends, a relay in between that cannot read."""

import re
import struct
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import av
import pytest
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.test_screens import LOOKS, check
from tests.support.browser import Person
from tests.support.media import expect_media
from tests.support.platform import Platform
from tests.support.tap import overhear

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

DOCTOR, NURSE = "BSCKI. Vừ Bá Lềnh", "ĐD. Và Y Mai"
NO_TRANSFORM = "delete window.RTCRtpScriptTransform;"
LABEL = struct.Struct("!IBI")  # key id, step, counter: frontend/src/room/e2ee/frame.ts


def claimed_case(doctor: Person, specialist: Person) -> str:
    """Let a case be written and claimed; returns its address."""
    steps.create_patient(doctor, f"Già Bá Chá {time.monotonic_ns() % 100_000}")
    case = steps.write_request(doctor)
    steps.submit(doctor)
    specialist.page.goto(case)
    specialist.page.locator("form[action$='/claim/'] button").click()
    expect(specialist.page.locator("#open-room")).to_be_visible()
    return case


def open_room(doctor: Person, specialist: Person, *, encrypted: bool) -> str:
    """Take a case to the point where its room is open; returns the room's address."""
    doctor.page.goto(claimed_case(doctor, specialist))
    if encrypted:
        doctor.page.get_by_label("Mã hóa đầu cuối cuộc gọi này").check()
    doctor.page.get_by_role("button", name="Mở phòng hội chẩn").click()
    doctor.page.wait_for_url("**/rooms/**")
    return doctor.page.url


def meet(doctor: Person, specialist: Person, *, encrypted: bool = True) -> str:
    room = open_room(doctor, specialist, encrypted=encrypted)
    steps.enter_waiting_room(doctor)
    specialist.page.goto(room)
    steps.enter_waiting_room(specialist)
    steps.admit(specialist, DOCTOR)
    for someone in (doctor, specialist):
        expect_media(someone.page, videos=1, audios=1, seconds=30)
    return room


def encryption(someone: Person) -> dict[str, Any]:
    result: dict[str, Any] = someone.page.evaluate("window.roomDebug.state().encryption")
    return result


def until(condition: Callable[[], bool], someone: Person, what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: {encryption(someone)}"
        someone.page.wait_for_timeout(100)


def expect_same_code(*people: Person) -> str:
    """Wait until everybody is shown the same code, as they would read it aloud."""
    until(lambda: len({" ".join(encryption(one)["code"]) or one for one in people}) == 1, people[0], "codes")
    shown = []
    for one in people:
        one.page.get_by_role("button", name="Mã hóa đầu cuối: xem mã an toàn").click()
        dialog = one.page.get_by_role("dialog", name="Mã an toàn của cuộc gọi")
        shown.append(dialog.locator(".safety__code").inner_text())
        dialog.get_by_role("button", name="Đóng").click()
    codes = {" ".join(text.split()) for text in shown}
    assert len(codes) == 1
    (code,) = codes
    assert re.fullmatch(r"\d{5}( \d{5}){5}", code)
    return code


def sent_codecs(someone: Person) -> set[str]:
    stats: list[dict[str, Any]] = someone.page.evaluate("window.roomDebug.stats()")
    codecs = {one["id"]: one["mimeType"].lower() for one in stats if one["type"] == "codec"}
    return {codecs[one["codecId"]] for one in stats if one["type"] == "outbound-rtp" and one.get("codecId")}


def test_people_in_an_encrypted_room_come_and_go(person: Callable[..., Person]) -> None:
    doctor, specialist, nurse = person("bs.kyson"), person("bs.timmach"), person("dd.kyson")

    # Two meet: sound and picture at both ends, one code, plain Opus and VP8 on the line.
    room = meet(doctor, specialist)
    for someone in (doctor, specialist):
        assert sent_codecs(someone) == {"audio/opus", "video/vp8"}
    two = expect_same_code(doctor, specialist)
    before = encryption(specialist)["sending"]

    # A third comes: sees and is seen, everybody steps forward, the code is another one.
    nurse.page.goto(room)
    expect(nurse.page.get_by_text("Phòng này mã hóa đầu cuối")).to_be_visible()
    steps.enter_waiting_room(nurse)
    steps.admit(specialist, NURSE)
    for someone in (doctor, specialist, nurse):
        expect_media(someone.page, videos=2, audios=2, seconds=30)
    three = expect_same_code(doctor, specialist, nurse)
    assert three != two
    stepped = encryption(specialist)["sending"]
    assert (stepped["number"], stepped["step"] > before["step"]) == (before["number"], True)

    # The third leaves: new keys, and the two go on.
    nurse.page.get_by_role("button", name="Rời phòng").click()
    expect(nurse.page.get_by_role("heading", name="Anh/chị đã rời phòng")).to_be_visible()
    for someone in (doctor, specialist):
        until(lambda one=someone: encryption(one)["sending"]["number"] == 2, someone, "rotation")  # type: ignore[misc]
        expect_media(someone.page, videos=1, audios=1, seconds=30)
    assert expect_same_code(doctor, specialist) == two

    # A reload makes new keys for that person, and the call goes on.
    doctor.page.reload()
    for someone in (doctor, specialist):
        expect_media(someone.page, videos=1, audios=1, seconds=30)
    assert expect_same_code(doctor, specialist) not in {two, three}
    assert encryption(specialist)["unreadable"] == []


def test_layers_are_switched_without_being_read(person: Callable[..., Person]) -> None:
    doctor, specialist = person("bs.kyson"), person("bs.timmach")
    meet(doctor, specialist)
    widths: set[int] = set()
    deadline = time.monotonic() + 60
    while len(widths) < 2:
        assert time.monotonic() < deadline, f"only ever {widths} wide"
        for one in specialist.page.evaluate("window.roomDebug.stats()"):
            if one["type"] == "inbound-rtp" and one["kind"] == "video" and one.get("frameWidth"):
                widths.add(one["frameWidth"])
        specialist.page.wait_for_timeout(200)
    dropped = encryption(specialist)["dropped"]
    expect_media(specialist.page, videos=1, audios=1)
    assert encryption(specialist)["dropped"] == dropped


def flatness(frames: tuple[bytes, ...]) -> float:
    """Return how much of the decoded pictures is one colour (0-1): most of a fake camera's, next to nothing of noise."""
    decoder = av.CodecContext.create("vp8", "r")
    shares: list[float] = [0.0]
    for frame in frames:
        try:
            pictures = decoder.decode(av.Packet(frame))
        except av.error.FFmpegError:
            continue
        for picture in pictures:
            luma = bytes(picture.planes[0])
            (commonest, _n), *_ = Counter(luma).most_common(1)
            shares.append(sum(abs(value - commonest) <= 3 for value in luma) / len(luma))
    return max(shares)


def test_the_relay_sees_nothing_it_could_play(platform: Platform, person: Callable[..., Person]) -> None:
    doctor, specialist = person("bs.kyson"), person("bs.timmach")
    plain = overhear(platform, meet(doctor, specialist, encrypted=False).rstrip("/").split("/")[-1])
    assert flatness(plain.frames) > 0.5  # so the tap works

    steps.leave_for_all(specialist)
    expect(doctor.page.get_by_role("heading", name=re.compile("kết thúc"))).to_be_visible()
    room = meet(doctor, specialist)
    sealed = overhear(platform, room.rstrip("/").split("/")[-1])
    assert flatness(sealed.frames) < 0.2
    sender = {LABEL.unpack(one[-9:])[:2] for one in (*sealed.frames, *sealed.sounds)}
    counters = [LABEL.unpack(one[-9:])[2] for one in (*sealed.frames, *sealed.sounds)]
    assert len(sender) <= 2  # one voice and one picture, each with one key
    assert len(set(counters)) > len(counters) / 2


def test_a_browser_that_cannot_encrypt_is_told_before_and_enters_to_write(
    person: Callable[..., Person],
) -> None:
    doctor, specialist = person("bs.kyson"), person("bs.timmach")
    room = open_room(doctor, specialist, encrypted=True)
    doctor.context.add_init_script(NO_TRANSFORM)
    doctor.page.goto(room)
    expect(doctor.page.get_by_text("Trình duyệt này không mã hóa đầu cuối được")).to_be_visible()
    expect(doctor.page.get_by_role("button", name="Vào phòng chờ")).to_have_count(0)
    doctor.page.get_by_role("button", name="Vào bằng chữ").click()
    specialist.page.goto(room)
    steps.enter_waiting_room(specialist)
    steps.admit(specialist, DOCTOR)
    steps.say(doctor, "Máy tôi không mã hóa được, xin mở lại phòng thường")
    steps.open_chat(specialist)
    expect(specialist.page.get_by_text("xin mở lại phòng thường").first).to_be_visible()
    assert doctor.page.evaluate("window.roomDebug.stats()") == []
    assert not doctor.page.evaluate("Object.values(window.roomDebug.state().sending).some(Boolean)")

    # The chair ends the call; the same case opens again in the clear, and now they hear and see each other.
    steps.leave_for_all(specialist)
    specialist.page.get_by_role("link", name=re.compile("ca hội chẩn|Trả lời câu hỏi")).first.click()
    expect(specialist.page.get_by_label("Mã hóa đầu cuối cuộc gọi này")).not_to_be_checked()
    specialist.page.get_by_role("button", name="Mở phòng hội chẩn").click()
    specialist.page.wait_for_url("**/rooms/**")
    steps.enter_waiting_room(specialist)
    doctor.page.goto(specialist.page.url)
    steps.enter_waiting_room(doctor)
    steps.admit(specialist, DOCTOR)
    for someone in (doctor, specialist):
        expect_media(someone.page, videos=1, audios=1, seconds=30)


@pytest.mark.parametrize(("language", "viewport", "dark"), LOOKS)
def test_its_screens_are_accessible_and_fit(
    request: pytest.FixtureRequest,
    anybody: Callable[..., Person],
    language: str,
    viewport: dict[str, int],
    dark: bool,
) -> None:
    prefix = f"{request.node.callspec.id}-e2ee"
    look = {"language": language, "viewport": viewport, "dark": dark}
    doctor, specialist = anybody("bs.kyson").sign_in(), anybody("bs.timmach", **look).sign_in()
    case = claimed_case(doctor, specialist)
    wrong = []
    specialist.page.goto(case)
    specialist.page.locator("[name=encrypted]").check()
    wrong += check(specialist, f"{prefix}-case")
    specialist.page.locator("#open-room button").click()
    specialist.page.wait_for_url("**/rooms/**")
    room = specialist.page.url
    expect(specialist.page.locator(".check__lock")).to_be_visible()
    wrong += check(specialist, f"{prefix}-check")
    specialist.page.locator(".check__enter button").click()
    doctor.page.goto(room)
    steps.enter_waiting_room(doctor)
    specialist.page.locator(".board li button:visible").first.click()
    expect_media(specialist.page, videos=1, audios=1, seconds=30)
    wrong += check(specialist, f"{prefix}-room")
    specialist.page.locator(".chip--lock").click()
    expect(specialist.page.locator(".safety__code")).to_be_visible()
    wrong += check(specialist, f"{prefix}-code")
    barred = anybody("bs.kyson2", **look).sign_in()
    barred.context.add_init_script(NO_TRANSFORM)
    barred.page.goto(room)
    expect(barred.page.locator(".check__lock--barred")).to_be_visible()
    wrong += check(barred, f"{prefix}-barred")
    assert wrong == []
