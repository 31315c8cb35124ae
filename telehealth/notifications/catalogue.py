"""Every kind's approved texts and ways.

Carriers and Zalo approve a text before its first message, so both languages are constants here and not translations.
No text names a person, a facility, a specialty or anything clinical: a telephone lies on a table, and a hospital's name may
already tell an illness. What it is about stands behind the link. The SMS is written without diacritics and fits one message
of 160 characters (3GPP TS 23.038): a single diacritic would cut that to 70.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from telehealth.notifications.enums import Channel
from telehealth.notifications.kinds import Kind, Spec, Text

_IN_APP, _PUSH = Channel.IN_APP, Channel.WEB_PUSH
_ZALO, _SMS, _EMAIL = Channel.ZALO, Channel.SMS, Channel.EMAIL
_DESK = (_IN_APP, _PUSH)
_TOUCH = (_IN_APP, _PUSH, _ZALO)

SPECS: Final[Mapping[Kind, Spec]] = {
    Kind.ONE_TIME_CODE: Spec(
        vi=Text(
            "Mã xác nhận",
            "Mã xác nhận của anh/chị là {code}, dùng trong {minutes} phút. Không đưa mã này cho bất kỳ ai.",
            "SYT Nghe An: Ma xac nhan {code}, dung trong {minutes} phut. Khong dua ma nay cho bat ky ai.",
        ),
        en=Text(
            "Confirmation code",
            "Your confirmation code is {code}, good for {minutes} minutes. Give it to nobody.",
            "SYT Nghe An: Your code is {code}, good for {minutes} minutes. Give it to nobody.",
        ),
        at_once=(_SMS,),
        then=(_ZALO, _EMAIL),
        good_for=timedelta(minutes=10),
        wakes=True,
        may_be_off=False,
        secret=True,
    ),
    Kind.BOOKED: Spec(
        vi=Text(
            "Đã đặt lịch hẹn",
            "Lịch hẹn lúc {time} ngày {date} đã được ghi. Mã: {code}. Xem, đổi hoặc hủy: {link}",
            "SYT Nghe An: Da dat lich hen {time} {date}. Ma: {code}. Xem, doi, huy: {link}",
        ),
        en=Text(
            "Appointment booked",
            "Your appointment at {time} on {date} is booked. Code: {code}. See, move or cancel it: {link}",
            "SYT Nghe An: Booked {time} {date}. Code: {code}. See, move, cancel: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
    ),
    Kind.MOVED: Spec(
        vi=Text(
            "Lịch hẹn đã đổi",
            "Lịch hẹn {code} đã chuyển sang {time} ngày {date}. Xem lại: {link}",
            "SYT Nghe An: Lich hen {code} doi sang {time} {date}. Xem lai: {link}",
        ),
        en=Text(
            "Appointment moved",
            "Your appointment {code} has moved to {time} on {date}. See it: {link}",
            "SYT Nghe An: Appointment {code} moved to {time} {date}. See: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
        escalate_after=timedelta(hours=1),
    ),
    Kind.CANCELLED: Spec(
        vi=Text(
            "Lịch hẹn đã hủy",
            "Lịch hẹn {code} lúc {time} ngày {date} đã hủy. Đặt lại: {link}",
            "SYT Nghe An: Lich hen {code} luc {time} {date} da huy. Dat lai: {link}",
        ),
        en=Text(
            "Appointment cancelled",
            "Your appointment {code} at {time} on {date} is cancelled. Book again: {link}",
            "SYT Nghe An: Appointment {code} {time} {date} is cancelled. Book again: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
        escalate_after=timedelta(hours=1),
    ),
    Kind.DAY_BEFORE: Spec(
        vi=Text(
            "Nhắc lịch hẹn ngày mai",
            "Anh/chị có lịch hẹn lúc {time} ngày {date}. Mã: {code}. Xác nhận hoặc hủy: {link}",
            "SYT Nghe An: Nhac lich hen {time} {date}. Ma: {code}. Xac nhan/huy: {link}",
        ),
        en=Text(
            "Your appointment is tomorrow",
            "You have an appointment at {time} on {date}. Code: {code}. Confirm or cancel: {link}",
            "SYT Nghe An: Appointment {time} {date}. Code: {code}. Confirm/cancel: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
        escalate_after=timedelta(hours=2),
        good_for=timedelta(hours=20),
    ),
    Kind.HOUR_BEFORE: Spec(
        vi=Text(
            "Sắp đến giờ hẹn",
            "Lịch hẹn {code} bắt đầu lúc {time}. Mở: {link}",
            "SYT Nghe An: Lich hen {code} bat dau luc {time}. Mo: {link}",
        ),
        en=Text(
            "Your appointment is soon",
            "Your appointment {code} begins at {time}. Open: {link}",
            "SYT Nghe An: Appointment {code} begins at {time}. Open: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS,),
        escalate_after=timedelta(minutes=10),
        good_for=timedelta(minutes=55),
        wakes=True,
    ),
    Kind.RUNNING_LATE: Spec(
        vi=Text(
            "Lịch hẹn bắt đầu muộn",
            "Lịch hẹn {code} sẽ bắt đầu muộn khoảng {minutes} phút. Mong anh/chị thông cảm. Xem: {link}",
            "SYT Nghe An: Lich hen {code} muon khoang {minutes} phut, mong thong cam. Xem: {link}",
        ),
        en=Text(
            "Your appointment runs late",
            "Your appointment {code} will begin about {minutes} minutes late. We are sorry. See: {link}",
            "SYT Nghe An: Appointment {code} is about {minutes} minutes late, sorry. See: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS,),
        escalate_after=timedelta(minutes=5),
        good_for=timedelta(minutes=30),
        wakes=True,
    ),
    Kind.REMOTE_READY: Spec(
        vi=Text(
            "Mời vào cuộc hẹn từ xa",
            "Cuộc hẹn {code} đã mở. Mời anh/chị vào: {link}",
            "SYT Nghe An: Cuoc hen {code} da mo. Moi vao: {link}",
        ),
        en=Text(
            "Please join your remote appointment",
            "Your appointment {code} is open. Please join: {link}",
            "SYT Nghe An: Appointment {code} is open. Please join: {link}",
        ),
        at_once=(_IN_APP, _PUSH, _ZALO, _SMS),
        good_for=timedelta(minutes=30),
        wakes=True,
    ),
    Kind.WAITING_LIST_OFFER: Spec(
        vi=Text(
            "Có chỗ trống cho anh/chị",
            "Có chỗ lúc {time} ngày {date}, giữ cho anh/chị đến {until}. Nhận hoặc bỏ qua: {link}",
            "SYT Nghe An: Co cho luc {time} {date}, giu den {until}. Nhan/bo qua: {link}",
        ),
        en=Text(
            "A place has become free",
            "There is a place at {time} on {date}, kept for you until {until}. Take it or let it go: {link}",
            "SYT Nghe An: Place free {time} {date}, kept until {until}. Take/leave: {link}",
        ),
        at_once=(_IN_APP, _PUSH, _ZALO, _SMS),
        good_for=timedelta(hours=2),
    ),
    Kind.REGISTERED: Spec(
        vi=Text(
            "Đã đăng ký",
            "Đã ghi đăng ký {code} ngày {date}, mời đến từ {time} đến {until}. Xem mã QR hoặc hủy: {link}",
            "SYT Nghe An: Da dang ky {code} ngay {date}, den tu {time}-{until}. QR, huy: {link}",
        ),
        en=Text(
            "Registered",
            "Registration {code} is made for {date}; please come between {time} and {until}. QR code, cancel: {link}",
            "SYT Nghe An: Registered {code} on {date}, come {time}-{until}. QR, cancel: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
    ),
    Kind.REGISTRATION_CANCELLED: Spec(
        vi=Text(
            "Đã hủy đăng ký",
            "Đăng ký {code} ngày {date} đã hủy. Đăng ký lại: {link}",
            "SYT Nghe An: Dang ky {code} ngay {date} da huy. Dang ky lai: {link}",
        ),
        en=Text(
            "Registration cancelled",
            "Registration {code} for {date} is cancelled. Register again: {link}",
            "SYT Nghe An: Registration {code} on {date} is cancelled. Again: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
    ),
    Kind.TURN_NEAR: Spec(
        vi=Text(
            "Sắp đến lượt",
            "Số {number} sắp đến lượt, còn {ahead} người trước. Theo dõi: {link}",
            "SYT Nghe An: So {number} sap den luot, con {ahead} nguoi truoc. Xem: {link}",
        ),
        en=Text(
            "Your turn is near",
            "Number {number} is called soon, {ahead} people before you. Follow: {link}",
            "SYT Nghe An: Number {number} is called soon, {ahead} before you. See: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS,),
        escalate_after=timedelta(minutes=2),
        good_for=timedelta(minutes=15),
        wakes=True,
    ),
    Kind.TURN_NOW: Spec(
        vi=Text(
            "Đã đến lượt",
            "Mời số {number}. Xem nơi đến: {link}",
            "SYT Nghe An: Moi so {number}. Xem noi den: {link}",
        ),
        en=Text(
            "It is your turn",
            "Number {number}, please. Where to go: {link}",
            "SYT Nghe An: Number {number}, please. Where to go: {link}",
        ),
        at_once=_TOUCH,
        good_for=timedelta(minutes=5),
        wakes=True,
    ),
    Kind.REQUEST_RINGING: Spec(
        vi=Text(
            "Yêu cầu mới",
            "Có yêu cầu mới đang chờ người nhận. Mở: {link}",
            "Hoi chan: Co yeu cau moi. Mo: {link}",
        ),
        en=Text(
            "New request",
            "A new request waits for somebody to take it. Open: {link}",
            "Hoi chan: New request. Open: {link}",
        ),
        at_once=_DESK,
        good_for=timedelta(hours=2),
    ),
    Kind.REQUEST_CLAIMED: Spec(
        vi=Text(
            "Yêu cầu đã có người nhận",
            "Yêu cầu của anh/chị đã có người nhận. Mở: {link}",
            "Hoi chan: Yeu cau da co nguoi nhan. Mo: {link}",
        ),
        en=Text(
            "Your request is taken",
            "Somebody has taken your request. Open: {link}",
            "Hoi chan: Your request is taken. Open: {link}",
        ),
        at_once=_DESK,
    ),
    Kind.REQUEST_ANSWERED: Spec(
        vi=Text(
            "Đã có trả lời",
            "Yêu cầu của anh/chị đã được trả lời và ký. Mở: {link}",
            "Hoi chan: Yeu cau da duoc tra loi. Mo: {link}",
        ),
        en=Text(
            "Answered",
            "Your request is answered and signed. Open: {link}",
            "Hoi chan: Your request is answered. Open: {link}",
        ),
        at_once=_DESK,
        then=(_EMAIL,),
        escalate_after=timedelta(hours=2),
        good_for=timedelta(days=3),
    ),
    Kind.REQUEST_DECIDED: Spec(
        vi=Text(
            "Đã ghi quyết định",
            "Yêu cầu anh/chị trả lời đã có quyết định. Mở: {link}",
            "Hoi chan: Yeu cau da co quyet dinh. Mo: {link}",
        ),
        en=Text(
            "Decided",
            "A request you answered has been decided. Open: {link}",
            "Hoi chan: A request is decided. Open: {link}",
        ),
        at_once=_DESK,
    ),
    Kind.CONSULTATION_PROPOSED: Spec(
        vi=Text(
            "Đề nghị giờ hội chẩn",
            "Có đề nghị hội chẩn lúc {time} ngày {date}. Trả lời: {link}",
            "Hoi chan: De nghi luc {time} {date}. Tra loi: {link}",
        ),
        en=Text(
            "A time is proposed",
            "A consultation is proposed for {time} on {date}. Answer: {link}",
            "Hoi chan: Proposed {time} {date}. Answer: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(minutes=30),
    ),
    Kind.CONSULTATION_SET: Spec(
        vi=Text(
            "Đã hẹn giờ hội chẩn",
            "Hội chẩn lúc {time} ngày {date} đã được hẹn. Mở: {link}",
            "Hoi chan: Da hen luc {time} {date}. Mo: {link}",
        ),
        en=Text(
            "A time is agreed",
            "The consultation is set for {time} on {date}. Open: {link}",
            "Hoi chan: Set for {time} {date}. Open: {link}",
        ),
        at_once=_DESK,
        then=(_EMAIL,),
        escalate_after=timedelta(hours=2),
    ),
    Kind.CONSULTATION_CANCELLED: Spec(
        vi=Text(
            "Đã hủy giờ hội chẩn",
            "Hội chẩn lúc {time} ngày {date} đã hủy. Mở: {link}",
            "Hoi chan: Da huy lich {time} {date}. Mo: {link}",
        ),
        en=Text(
            "A consultation is called off",
            "The consultation at {time} on {date} is called off. Open: {link}",
            "Hoi chan: {time} {date} is called off. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS),
        escalate_after=timedelta(minutes=30),
    ),
    Kind.CONSULTATION_SOON: Spec(
        vi=Text(
            "Sắp đến giờ hội chẩn",
            "Hội chẩn bắt đầu lúc {time}. Mở: {link}",
            "Hoi chan: Bat dau luc {time}. Mo: {link}",
        ),
        en=Text(
            "A consultation is soon",
            "A consultation begins at {time}. Open: {link}",
            "Hoi chan: Begins at {time}. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS),
        escalate_after=timedelta(minutes=5),
        good_for=timedelta(minutes=30),
        wakes=True,
    ),
    Kind.ON_CALL_SOON: Spec(
        vi=Text(
            "Sắp đến ca trực",
            "Ca trực của anh/chị bắt đầu lúc {time} ngày {date}. Mở: {link}",
            "Lich truc: Bat dau luc {time} {date}. Mo: {link}",
        ),
        en=Text(
            "Your on-call shift is soon",
            "Your on-call shift begins at {time} on {date}. Open: {link}",
            "On call: Begins at {time} {date}. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS),
        escalate_after=timedelta(minutes=30),
    ),
    Kind.ROSTER_CHANGED: Spec(
        vi=Text(
            "Lịch trực thay đổi",
            "Lịch trực ngày {date} của anh/chị có thay đổi. Mở: {link}",
            "Lich truc: Ngay {date} co thay doi. Mo: {link}",
        ),
        en=Text(
            "The roster has changed",
            "Your on-call roster of {date} has changed. Open: {link}",
            "On call: {date} has changed. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(hours=2),
        good_for=timedelta(days=2),
    ),
    Kind.ROSTER_SWAP_ASKED: Spec(
        vi=Text(
            "Đề nghị đổi trực",
            "Một đồng nghiệp xin đổi ca trực ngày {date}. Trả lời: {link}",
            "Lich truc: Xin doi ca ngay {date}. Tra loi: {link}",
        ),
        en=Text(
            "A swap is asked for",
            "A colleague asks to swap the shift of {date}. Answer: {link}",
            "On call: Swap asked for {date}. Answer: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(hours=1),
    ),
    Kind.ROSTER_SWAP_AGREED: Spec(
        vi=Text(
            "Đã đồng ý đổi trực",
            "Đề nghị đổi ca trực ngày {date} đã được đồng ý. Mở: {link}",
            "Lich truc: Da dong y doi ca {date}. Mo: {link}",
        ),
        en=Text(
            "Swap agreed",
            "Your swap of {date} is agreed. Open: {link}",
            "On call: Swap of {date} agreed. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(hours=2),
    ),
    Kind.ROSTER_SWAP_REFUSED: Spec(
        vi=Text(
            "Không đổi được trực",
            "Đề nghị đổi ca trực ngày {date} không được đồng ý. Mở: {link}",
            "Lich truc: Khong doi duoc ca {date}. Mo: {link}",
        ),
        en=Text(
            "Swap refused",
            "Your swap of {date} is refused. Open: {link}",
            "On call: Swap of {date} refused. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(hours=2),
    ),
    Kind.LEAVE_ANSWERED: Spec(
        vi=Text(
            "Đã trả lời đơn nghỉ",
            "Đơn nghỉ ngày {date} của anh/chị đã được trả lời. Mở: {link}",
            "Lich nghi: Don ngay {date} da duoc tra loi. Mo: {link}",
        ),
        en=Text(
            "Leave answered",
            "Your leave of {date} has been answered. Open: {link}",
            "Leave: {date} has been answered. Open: {link}",
        ),
        at_once=_DESK,
        then=(_EMAIL,),
        escalate_after=timedelta(hours=4),
    ),
}


def spec_of(kind: str) -> Spec:
    """Return how a kind is told."""
    return SPECS[Kind(kind)]
