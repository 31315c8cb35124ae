"""The steps: one consultation from sign-in to the decision, as two people would do it.

Every step waits with a time limit of its own; the whole walk has one too. A failed step ends the walk.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils.translation import gettext as _

from signaling.protocol import messages as wire
from telehealth.consultations import room_events as events
from telehealth.selftest import call
from telehealth.selftest.cast import Cast, Player
from telehealth.selftest.pages import Form, Page
from telehealth.selftest.report import Outcome, Report, Trouble, Verdict
from telehealth.selftest.room import RoomSocket
from telehealth.selftest.visitor import Address, Reply, Visitor, refusal

P = ParamSpec("P")
T = TypeVar("T")

WALK_SECONDS = 50.0
APPEAR_SECONDS = 5.0
QUESTIONS = ["Tự kiểm tra: câu hỏi thứ nhất?", "Tự kiểm tra: câu hỏi thứ hai?"]
SUMMARY = {
    "chief_complaint": "Tự kiểm tra",
    "history_of_present_illness": "Ca này do lệnh tự kiểm tra lập, không có người bệnh thật.",
    "examination": "Không có.",
    "provisional_diagnosis": "Không có.",
}


@dataclass
class Walk:
    """One run. What a step learns and a later one needs is kept here."""

    cast: Cast
    address: Address
    language: str
    report: Report
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    case_path: str = ""
    boot: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.doctor = Visitor(self.address, language=self.language)
        self.specialist = Visitor(self.address, language=self.language)

    def steps(self) -> list[tuple[str, str, Callable[[], Awaitable[None]]]]:
        """Return name, title and act of every step, in order."""
        return [
            ("ready", _("Máy chủ, cơ sở dữ liệu, Valkey và media sẵn sàng"), self._ready),
            ("sign_in", _("Hai người đăng nhập"), self._sign_in),
            ("request", _("Viết, tự lưu và gửi yêu cầu hội chẩn"), self._request),
            ("claim", _("Yêu cầu hiện ở nơi trả lời và được nhận"), self._claim),
            ("room", _("Mở phòng; hai bên vào phòng chờ và được mời vào"), self._room),
            ("media", _("Tiếng và hình đi cả hai chiều qua máy chủ media"), self._media),
            ("chat", _("Tin nhắn trong phòng tới bên kia"), self._chat),
            ("answers", _("Trả lời từng câu hỏi, bản nháp được lưu"), self._answers),
            ("sign", _("Ký kết luận, biên bản PDF có trong hồ sơ"), self._sign),
            ("end_call", _("Kết thúc cuộc gọi cho cả hai bên"), self._end_call),
            ("decision", _("Ghi quyết định điều trị, ca được đóng"), self._decision),
        ]

    async def run(self) -> None:
        """Take the steps; report each. Never raises Trouble."""
        deadline = time.monotonic() + WALK_SECONDS
        failed = False
        async with self.stack:
            for name, title, act in self.steps():
                if failed:
                    self.report.add(Outcome(name, title, Verdict.NOT_RUN))
                    continue
                started = time.monotonic()
                trouble = await _attempt(act, deadline - started)
                seconds = time.monotonic() - started
                if trouble is None:
                    self.report.add(Outcome(name, title, Verdict.PASSED, seconds))
                else:
                    failed = True
                    self.report.add(
                        Outcome(
                            name, title, Verdict.FAILED, seconds, trouble.code, trouble.text, trouble.cure
                        )
                    )

    # --- pages ---

    async def _ready(self) -> None:
        reply = await _in_thread(self.doctor.fetch, "/readyz")
        down = [name for name, fine in reply.json.items() if fine is False and name != "ok"]
        if down:
            raise Trouble(
                "ready.not",
                _("Chưa sẵn sàng: %(parts)s.") % {"parts": ", ".join(down)},
                _("Khởi động phần còn thiếu; địa chỉ của nó là DATABASE_URL, REDIS_URL hoặc MEDIA_NODES."),
            )
        if reply.status != 200:
            raise refusal(reply)

    async def _sign_in(self) -> None:
        await _both(
            _in_thread(_sign_in, self.doctor, self.cast.doctor),
            _in_thread(_sign_in, self.specialist, self.cast.specialist),
        )

    async def _request(self) -> None:
        await _in_thread(self._ask)

    def _ask(self) -> None:
        record = self.doctor.get(f"/patients/{self.cast.patient.id}/")
        draft = self.doctor.submit(_form(record, "/requests/"))
        form = next((one for one in draft.page.forms if "data-autosave" in one.attributes), None)
        if form is None:
            raise _not_as_expected(draft)
        typed: dict[str, str | list[str]] = {
            **SUMMARY,
            "questions": QUESTIONS,
            "urgency": "async",  # rings nobody out of bed, should somebody real ever stand on that side
            "specialty": self.cast.specialty.key,
            "hub": str(self.cast.hub.id),
        }
        version = _autosave(self.doctor, form, typed)
        reply = self.doctor.send(draft.path, form.filled(**typed, version=str(version), do="submit"))
        if reply.path == draft.path:
            raise _not_as_expected(reply)
        self.case_path = reply.path

    async def _claim(self) -> None:
        await _in_thread(self._wait_and_claim)

    def _wait_and_claim(self) -> None:
        deadline = time.monotonic() + APPEAR_SECONDS
        while self.case_path not in self.specialist.get("/").text:
            if time.monotonic() > deadline:
                raise Trouble(
                    "claim.not_shown",
                    _("Yêu cầu đã gửi không hiện trong danh sách của nơi trả lời."),
                    _("Xem log của web; kiểm tra việc nâng cấp cơ sở dữ liệu (migrate) đã chạy xong."),
                )
            time.sleep(0.2)
        self.specialist.submit(_form(self.specialist.get(self.case_path), "/claim/"), "/claim/")

    # --- the room ---

    async def _room(self) -> None:
        path, self.boot = await _in_thread(self._open_room)
        await _in_thread(self.doctor.get, path)
        url = self.boot["ws_url"]
        self.hub_room = await self.stack.enter_async_context(RoomSocket(self.specialist, url))
        self.spoke_room = await self.stack.enter_async_context(RoomSocket(self.doctor, url))
        await _both(self.hub_room.hello(), self.spoke_room.hello())
        await self.hub_room.command(wire.Arrive())
        await self.spoke_room.command(wire.Arrive())
        guest = self.spoke_room.participant_id
        await self.hub_room.event(events.ParticipantArrived, lambda e: e.participant.participant_id == guest)
        await self.hub_room.command(wire.Admit(participant_id=guest))
        await self.spoke_room.command(wire.MarkPatient(present=True))
        await _both(self.hub_room.event(events.WentLive), self.spoke_room.event(events.WentLive))

    def _open_room(self) -> tuple[str, dict[str, Any]]:
        case = self.specialist.get(self.case_path)
        room = self.specialist.submit(_form(case, "/room/"), "/room/")
        boot = room.page.data.get("room-boot")
        if not isinstance(boot, dict):
            raise _not_as_expected(room)
        _load_assets(self.specialist, room.page)
        return room.path, boot

    async def _media(self) -> None:
        hub = await self.stack.enter_async_context(call.line(self.hub_room))
        spoke = await self.stack.enter_async_context(call.line(self.spoke_room))
        await call.converse(hub, spoke)

    async def _chat(self) -> None:
        text = "Tự kiểm tra"
        await self.spoke_room.command(wire.PostChat(text=text))
        await self.hub_room.event(events.ChatPosted, lambda e: e.text == text)

    async def _answers(self) -> None:
        await _in_thread(self._answer_all)

    def _answer_all(self) -> None:
        panel = self.specialist.get(self.boot["panel_url"])
        forms = panel.page.forms_with("conclusion")
        if len(forms) != len(QUESTIONS):
            raise _not_as_expected(panel)
        for form in forms:
            typed: dict[str, str | list[str]] = {
                "conclusion": "Tự kiểm tra: kết luận.",
                "further_treatment": "Không có.",
            }
            _autosave(self.specialist, form, typed)

    async def _sign(self) -> None:
        await _in_thread(self._sign_and_read)

    def _sign_and_read(self) -> None:
        case = self.specialist.get(self.case_path)
        self.specialist.submit(_form(case, "/sign/"), "/sign/")
        self._read_minutes(versions=1)

    def _read_minutes(self, *, versions: int) -> None:
        """Read every version of the minutes as the asking side does."""
        case = self.doctor.get(self.case_path)
        papers = sorted({link.split("?")[0] for link in case.page.links if "/documents/" in link})
        if len(papers) != versions:
            raise _not_as_expected(case)
        for path in papers:
            reply = self.doctor.get(path)
            if not reply.body.startswith(b"%PDF"):
                raise Trouble(
                    "minutes.not_pdf",
                    _("Biên bản tải về không phải là tệp PDF (%(kind)s).") % {"kind": reply.content_type},
                    _("Xem log của web; thư mục STATE_DIR phải ghi được và còn chỗ trống."),
                )

    async def _end_call(self) -> None:
        await self.hub_room.command(wire.EndCall())
        await self.spoke_room.event(events.SessionEnded)

    async def _decision(self) -> None:
        await _in_thread(self._decide)

    def _decide(self) -> None:
        case = self.doctor.get(self.case_path)
        self.doctor.submit(_form(case, "/decide/"), "/decide/", outcome="accepted")
        self._read_minutes(versions=2)


async def _attempt(act: Callable[[], Awaitable[None]], seconds: float) -> Trouble | None:
    """Take one step; return what went wrong."""
    try:
        async with asyncio.timeout(max(seconds, 0)):
            await act()
    except Trouble as trouble:
        return trouble
    except TimeoutError:
        return Trouble(
            "selftest.too_slow",
            _("Cả lượt tự kiểm tra quá %(n)d giây.") % {"n": WALK_SECONDS},
            _("Máy quá tải hoặc mạng quá chậm: xem tải của máy và log của web, media."),
        )
    except Exception as error:
        # A fault of the self-test itself must not look like a healthy platform, nor hide behind a traceback.
        return Trouble(
            "selftest.failed",
            _("Lỗi ngoài dự kiến: %(error)r.") % {"error": error},
            _("Báo lỗi này cho người phát triển kèm log của web."),
        )
    return None


async def _in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Visit pages beside the loop, in the same language (a plain thread would not inherit it)."""
    visit = sync_to_async(function, thread_sensitive=False)
    result: T = await visit(*args, **kwargs)
    return result


async def _both(one: Awaitable[object], other: Awaitable[object]) -> None:
    await asyncio.gather(one, other)


def _sign_in(visitor: Visitor, player: Player) -> None:
    reply = visitor.get("/account/login/")
    page = reply.page
    form = next(iter(page.forms_with("password")), None)
    if form is None:
        raise _not_as_expected(reply)
    _load_assets(visitor, page)
    home = visitor.send(reply.path, form.filled(login=player.username, password=player.password))
    if home.path == reply.path or settings.SESSION_COOKIE_NAME not in visitor.cookies:
        raise Trouble(
            "sign_in.refused",
            _("Trang đăng nhập không nhận tài khoản tự kiểm tra."),
            _("Lệnh này phải dùng cùng DATABASE_URL và SECRET_KEY với tiến trình web."),
        )


def _load_assets(visitor: Visitor, page: Page) -> None:
    """Fetch what the page needs to work: a forgotten collectstatic shows here."""
    if not page.assets:
        raise Trouble(
            "pages.no_assets",
            _("Trang không có tệp giao diện nào."),
            _("Dựng giao diện (frontend) rồi chạy collectstatic."),
        )
    for path in page.assets:
        visitor.get(path)


def _autosave(visitor: Visitor, form: Form, typed: dict[str, str | list[str]]) -> int:
    """Save as the page would while somebody types; return the new version."""
    fields = form.filled(**typed, version=form.attributes.get("data-version", "0"))
    reply = visitor.send(form.attributes["data-autosave"], fields, method="PUT", json=True)
    version = reply.json.get("version")
    if not isinstance(version, int):
        raise _not_as_expected(reply)
    return version


def _form(reply: Reply, ending: str) -> Form:
    form = reply.page.form(ending)
    if form is None:
        raise _not_as_expected(reply)
    return form


def _not_as_expected(reply: Reply) -> Trouble:
    return Trouble(
        "pages.unexpected",
        _("Trang %(path)s không có nội dung cần thiết cho bước này.") % {"path": reply.path},
        _("Web và cơ sở dữ liệu có thể khác phiên bản: chạy lại bước nâng cấp rồi thử lại."),
    )
