"""The main job, as three people live it: ask, claim, meet, answer, sign, decide, file."""

import io
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e import steps
from tests.support.browser import PHONE, Person
from tests.support.media import expect_media

pytestmark = pytest.mark.e2e
NAME = f"Vừ Bá Thắng {os.getpid() % 10_000}"


def picture(path: Path) -> Path:
    Image.new("RGB", (320, 200), "white").save(path, "JPEG")
    return path


def test_one_consultation_from_sign_in_to_signed_minutes(
    person: Callable[..., Person], tmp_path: Path
) -> None:
    doctor, specialist, colleague = person("bs.kyson"), person("bs.timmach"), person("bs.timmach2")
    nurse = person("dd.kyson", viewport=PHONE)

    # 1. The district doctor writes the case down and attaches a picture.
    steps.create_patient(doctor, NAME)
    case = steps.write_request(doctor)
    doctor.page.locator("input[type=file]").first.set_input_files(picture(tmp_path / "dien-tim.jpg"))
    expect(doctor.page.get_by_role("link", name=re.compile("dien-tim"))).to_be_visible()
    code = steps.submit(doctor)

    # 2. The specialists see it without reloading; one claims it, the other sees it go.
    claim = re.compile(f"Nhận ca {code}")
    expect(specialist.page.get_by_role("button", name=claim)).to_be_visible(timeout=3000)
    expect(colleague.page.get_by_role("button", name=claim)).to_be_visible(timeout=3000)
    specialist.page.get_by_role("button", name=claim).click()
    expect(specialist.page.get_by_text("Anh/chị đã nhận ca này")).to_be_visible()
    expect(colleague.page.get_by_role("button", name=claim)).to_have_count(0)
    expect(colleague.page.get_by_text(f"BSCKII. Nguyễn Đình Khải đã nhận {code}")).to_be_visible()
    colleague.page.goto(case)
    expect(colleague.page.get_by_text("Nguyễn Đình Khải").first).to_be_visible()
    expect(doctor.page.get_by_text("Nguyễn Đình Khải").first).to_be_visible()

    # 3. Device check, waiting room, patient present, admission, live.
    doctor.page.get_by_role("button", name="Mở phòng hội chẩn").click()
    doctor.page.wait_for_url("**/rooms/**")
    room = doctor.page.url
    steps.enter_waiting_room(doctor)
    expect(doctor.page.get_by_role("heading", name="Bác sĩ chuyên khoa chưa vào phòng")).to_be_visible()
    for someone in (specialist, nurse):
        someone.page.goto(room)
        steps.enter_waiting_room(someone)
    nurse.page.get_by_role("button", name="Báo người bệnh đã có mặt").click()
    expect(specialist.page.get_by_text("Người bệnh đã có mặt").first).to_be_visible()
    for waiting in ("BSCKI. Vừ Bá Lềnh", "ĐD. Và Y Mai"):
        steps.admit(specialist, waiting)
    for someone in (doctor, specialist, nurse):
        expect_media(someone.page, videos=2, audios=2)

    # 4. In the room: chat with a file, notes and answers saved as typed, draft invisible to the other side.
    steps.say(doctor, "Điện tim vừa làm lại, xin bác sĩ xem giúp")
    expect(specialist.page.get_by_role("button", name="Trao đổi, 1 tin chưa đọc")).to_be_visible()
    steps.open_chat(specialist)
    expect(specialist.page.get_by_role("tabpanel").get_by_text("Điện tim vừa làm lại")).to_be_visible()
    steps.send_file(doctor, picture(tmp_path / "dien-tim-2.jpg"))
    expect(specialist.page.get_by_role("link", name=re.compile("dien-tim-2"))).to_be_visible()
    steps.open_case(specialist)
    steps.answer(specialist)
    specialist.page.reload()  # who was in is in again without asking
    expect_media(specialist.page, videos=2, audios=2)
    expect(specialist.page.get_by_label("Kết luận").first).to_have_value(steps.CONCLUSIONS[0])
    expect(doctor.page.get_by_text(steps.CONCLUSIONS[0])).to_have_count(0)

    # 5. Signed: now the treating side sees it, decides, and the minutes are there in two versions.
    specialist.page.get_by_role("radio", name=re.compile("ĐD. Và Y Mai")).check(force=True)
    specialist.page.get_by_role("button", name="Ký kết luận").click()
    expect(specialist.page.get_by_text("Biên bản hội chẩn đã lập").first).to_be_visible()
    specialist.page.get_by_role("button", name="Rời phòng").click()
    steps.end_for_all(specialist)
    expect(doctor.page.get_by_role("heading", name=re.compile("kết thúc"))).to_be_visible()
    doctor.page.goto(case)
    expect(doctor.page.get_by_text(steps.CONCLUSIONS[0]).first).to_be_visible()
    steps.decide(doctor, "Thực hiện có thay đổi", "Chuyển bằng xe của trung tâm vì không có trực thăng")
    expect(doctor.page.get_by_text("Đã đóng").first).to_be_visible()
    text = minutes_text(doctor)
    for expected in (
        code,
        NAME.upper(),
        "Nguyễn Đình Khải",
        "Vừ Bá Lềnh",
        "Và Y Mai",
        *steps.QUESTIONS,
        *steps.CONCLUSIONS,
        "Chuyển bằng xe của trung tâm",
        "Thư ký: ĐD. Và Y Mai",
    ):
        assert expected in text

    # 6. It stands in the patient's record.
    doctor.page.get_by_role("link", name=NAME).first.click()
    expect(doctor.page.get_by_text(code).first).to_be_visible()


def minutes_text(someone: Person) -> str:
    """Fetch the newest minutes as the browser would and return their text."""
    address = someone.page.get_by_role("link", name="Phiên bản 2 (PDF)").get_attribute("href")
    assert address
    answer = someone.context.request.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    pages = PdfReader(io.BytesIO(answer.body())).pages
    return " ".join(unicodedata.normalize("NFC", " ".join(page.extract_text() for page in pages)).split())
