"""What people do, as they do it: by labels and buttons, waiting for what they would wait for."""

import re
import time
from pathlib import Path

import psycopg
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.support.browser import Person
from tests.support.media import expect_media
from tests.support.platform import Platform

HUB = "Bệnh viện Hữu nghị Đa khoa Nghệ An"
QUESTIONS = (
    "Có chỉ định chuyển can thiệp mạch vành cấp cứu không?",
    "Dùng thuốc chống đông nào trong lúc chờ?",
)
CONCLUSIONS = (
    "Nhồi máu cơ tim cấp thành trước, cần chuyển can thiệp trong 120 phút.",
    "Dùng heparin không phân đoạn theo cân nặng.",
)


def create_patient(doctor: Person, name: str) -> None:
    page = doctor.page
    page.goto("/patients/new/")
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label("Ngày sinh hoặc năm sinh").fill("1958")
    page.get_by_label("Giới").select_option("male")
    page.get_by_role("button", name="Tạo hồ sơ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def write_request(doctor: Person, *, urgency: str = "Khẩn", specialty: str = "Tim mạch") -> str:
    """From the patient's page: begin a request and fill it in. Returns the request's address."""
    page = doctor.page
    page.get_by_role("button", name="Lập yêu cầu hội chẩn").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Yêu cầu hội chẩn")
    page.get_by_label("Lý do vào viện").fill("Đau ngực trái lan lên vai, giờ thứ hai")
    page.get_by_label("Bệnh sử").fill("Đau ngực đột ngột khi làm nương, vã mồ hôi, không giảm khi nghỉ.")
    page.get_by_label("Mạch").first.fill("112")
    page.get_by_label("Huyết áp tâm thu").first.fill("95")
    page.get_by_label("Huyết áp tâm trương").first.fill("60")
    page.get_by_label("Khám lâm sàng").fill("Tỉnh, da lạnh, tim đều, phổi không ran.")
    page.get_by_label("Chẩn đoán sơ bộ").fill("Nhồi máu cơ tim cấp thành trước")
    page.get_by_label("Nguồn lực tại chỗ").fill("Có xe cứu thương, không có phòng can thiệp.")
    page.get_by_label("Câu hỏi", exact=True).first.fill(QUESTIONS[0])
    page.get_by_role("button", name="Thêm câu hỏi").click()
    page.get_by_label("Câu hỏi", exact=True).nth(1).fill(QUESTIONS[1])
    page.get_by_role("radio", name=re.compile(f"^{urgency}")).check(force=True)
    page.get_by_label("Chuyên khoa cần hỏi").select_option(label=specialty)
    # The only hub linked to this spoke for the specialty is chosen by itself.
    expect(page.get_by_label("Bệnh viện nhận").locator("option:checked")).to_have_text(HUB)
    expect(page.locator("[data-autosave-state]").first).to_contain_text("Đã lưu")
    expect(page.get_by_label("Đo lúc").first).not_to_have_value("")
    expect(page.locator("#missing")).to_have_text("Đã đủ thông tin để gửi.")
    return page.url.removesuffix("edit/")


def submit(doctor: Person) -> str:
    """Send the request; returns its code."""
    page = doctor.page
    page.get_by_role("button", name="Gửi yêu cầu").click()
    page.wait_for_url(re.compile(r"/requests/[0-9a-f-]+/$"))
    found = re.search(r"HC\d\d-\d{6}", page.locator("main").inner_text())
    assert found
    return found[0]


def enter_waiting_room(someone: Person) -> None:
    """Pass the device check."""
    someone.page.get_by_role("button", name="Vào phòng chờ").click()


def state_of(page: Page) -> dict[str, object]:
    result: dict[str, object] = page.evaluate("window.roomDebug.state()")
    return result


def picture(someone: Person, name: str, folder: Path) -> None:
    someone.page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


def admit(host: Person, who: str) -> None:
    """Let somebody in from the waiting room, whichever way it is shown now."""
    card = host.page.locator("li:visible, .knock:visible", has_text=who)
    button = card.get_by_role("button", name="Mời vào phòng").first
    deadline = time.monotonic() + 30
    while True:
        try:
            button.click(timeout=1500)
            return
        except PlaywrightTimeoutError:
            # The board gave way to the call in between; who waits now stands elsewhere.
            assert time.monotonic() < deadline, f"{who} cannot be let in"


def open_chat(someone: Person) -> None:
    someone.page.get_by_role("tab", name=re.compile("Trao đổi")).click()


def open_case(someone: Person) -> None:
    someone.page.get_by_role("tab", name="Ca bệnh").click()


def say(someone: Person, text: str) -> None:
    open_chat(someone)
    box = someone.page.get_by_label("Viết cho mọi người trong phòng")
    box.fill(text)
    box.press("Enter")


def send_file(someone: Person, path: Path) -> None:
    open_chat(someone)
    with someone.page.expect_file_chooser() as chooser:
        someone.page.get_by_role("button", name="Gửi ảnh hoặc PDF").click()
    chooser.value.set_files(path)
    expect(someone.page.get_by_role("link", name=re.compile(path.stem))).to_be_visible()


def answer(specialist: Person) -> None:
    """Write a conclusion to each question and wait until they are kept."""
    for index, conclusion in enumerate(CONCLUSIONS):
        question = specialist.page.locator("li.question").nth(index)
        question.get_by_label("Kết luận").fill(conclusion)
        expect(question.locator("[data-autosave-state]")).to_contain_text("Đã lưu")


def end_for_all(someone: Person) -> None:
    someone.page.get_by_role("button", name=re.compile("Kết thúc")).click()


def meet(doctor: Person, specialist: Person, patient: str) -> str:
    """Take two people from their lists into a live call; returns the case's address."""
    create_patient(doctor, patient)
    case = write_request(doctor)
    code = submit(doctor)
    specialist.page.goto("/")
    specialist.page.get_by_role("button", name=f"Nhận ca {code}").click()
    expect(specialist.page.get_by_text("Anh/chị đã nhận ca này")).to_be_visible()
    doctor.page.get_by_role("button", name="Mở phòng hội chẩn").click()
    doctor.page.wait_for_url("**/rooms/**")
    enter_waiting_room(doctor)
    specialist.page.goto(doctor.page.url)
    enter_waiting_room(specialist)
    admit(specialist, "BSCKI. Vừ Bá Lềnh")
    for someone in (doctor, specialist):
        expect_media(someone.page, videos=1, audios=1, seconds=30)
    return case


def home(platform: Platform, page: Page) -> tuple[str, int]:
    """Return the relay on which the room of a page lives, and its epoch."""
    found = re.search(r"/rooms/([0-9a-f-]+)/", page.url)
    assert found
    with psycopg.connect(platform.environment["DATABASE_URL"]) as database:
        asked = "SELECT media_node, media_epoch FROM consultations_session WHERE id = %s"
        row = database.execute(asked, [found[1]]).fetchone()
    assert row
    return str(row[0]), int(row[1])


def leave_for_all(someone: Person) -> None:
    someone.page.get_by_role("button", name="Rời phòng").click()
    end_for_all(someone)


def decide(doctor: Person, outcome: str, reason: str) -> None:
    page = doctor.page
    page.get_by_role("radio", name=re.compile(outcome)).check(force=True)
    page.get_by_label(re.compile("Lý do")).fill(reason)
    page.get_by_role("button", name=re.compile("Ghi quyết định|Lưu quyết định")).click()


def fill_in_a_doctor(administrator: Person, username: str) -> None:
    """Fill the form of a new account; by names of fields, so that it works in either language."""
    page = administrator.page
    page.locator("[name=full_name]").fill("Lầu Y Dở")
    page.locator("[name=title]").fill("BS.")
    page.locator("[name=username]").fill(username)
    page.locator("[name=licence_number]").fill(f"{username}/NA-CCHN")
    page.locator("[name=licence_scope]").fill("Khám bệnh, chữa bệnh đa khoa")
    page.locator("[name=role]").select_option("doctor")
    page.locator("[name=department]").select_option(index=1)
