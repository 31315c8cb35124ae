"""What people are told who book, register and wait."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from telehealth.notifications.enums import Channel
from telehealth.notifications.kinds import Kind, Spec, Text

_SMS, _EMAIL = Channel.SMS, Channel.EMAIL
_TOUCH = (Channel.IN_APP, Channel.WEB_PUSH, Channel.ZALO)

PUBLIC: Final[Mapping[Kind, Spec]] = {
    Kind.ONE_TIME_CODE: Spec(
        vi=Text(
            "Mã xác nhận",
            "Mã xác nhận của anh/chị là {code}, dùng trong {minutes} phút. Không đưa mã này cho bất kỳ ai.",
            "",
            "SYT Nghe An: Ma xac nhan {code}, dung trong {minutes} phut. Khong dua ma nay cho bat ky ai.",
        ),
        en=Text(
            "Confirmation code",
            "Your confirmation code is {code}, good for {minutes} minutes. Give it to nobody.",
            "",
            "SYT Nghe An: Your code is {code}, good for {minutes} minutes. Give it to nobody.",
        ),
        at_once=(_SMS,),
        then=(Channel.ZALO, _EMAIL),
        good_for=timedelta(minutes=10),
        wakes=True,
        may_be_off=False,
        secret=True,
    ),
    Kind.BOOKED: Spec(
        vi=Text(
            "Đã đặt lịch hẹn",
            "Lịch hẹn lúc {time} ngày {date} đã được ghi. Mã: {code}.",
            "Xem, đổi hoặc hủy",
            "SYT Nghe An: Da dat lich hen {time} {date}. Ma: {code}. Xem, doi, huy: {link}",
        ),
        en=Text(
            "Appointment booked",
            "Your appointment at {time} on {date} is booked. Code: {code}.",
            "See, move or cancel it",
            "SYT Nghe An: Booked {time} {date}. Code: {code}. See, move, cancel: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
    ),
    Kind.MOVED: Spec(
        vi=Text(
            "Lịch hẹn đã đổi",
            "Lịch hẹn {code} đã chuyển sang {time} ngày {date}.",
            "Xem lại",
            "SYT Nghe An: Lich hen {code} doi sang {time} {date}. Xem lai: {link}",
        ),
        en=Text(
            "Appointment moved",
            "Your appointment {code} has moved to {time} on {date}.",
            "See it",
            "SYT Nghe An: Appointment {code} moved to {time} {date}. See: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
        escalate_after=timedelta(hours=1),
    ),
    Kind.CANCELLED: Spec(
        vi=Text(
            "Lịch hẹn đã hủy",
            "Lịch hẹn {code} lúc {time} ngày {date} đã hủy.",
            "Đặt lại",
            "SYT Nghe An: Lich hen {code} luc {time} {date} da huy. Dat lai: {link}",
        ),
        en=Text(
            "Appointment cancelled",
            "Your appointment {code} at {time} on {date} is cancelled.",
            "Book again",
            "SYT Nghe An: Appointment {code} {time} {date} is cancelled. Book again: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
        escalate_after=timedelta(hours=1),
    ),
    Kind.DAY_BEFORE: Spec(
        vi=Text(
            "Nhắc lịch hẹn ngày mai",
            "Anh/chị có lịch hẹn lúc {time} ngày {date}. Mã: {code}.",
            "Xác nhận hoặc hủy",
            "SYT Nghe An: Nhac lich hen {time} {date}. Ma: {code}. Xac nhan/huy: {link}",
        ),
        en=Text(
            "Your appointment is tomorrow",
            "You have an appointment at {time} on {date}. Code: {code}.",
            "Confirm or cancel",
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
            "Lịch hẹn {code} bắt đầu lúc {time}.",
            "Mở",
            "SYT Nghe An: Lich hen {code} bat dau luc {time}. Mo: {link}",
        ),
        en=Text(
            "Your appointment is soon",
            "Your appointment {code} begins at {time}.",
            "Open",
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
            "Lịch hẹn {code} sẽ bắt đầu muộn khoảng {minutes} phút. Mong anh/chị thông cảm.",
            "Xem",
            "SYT Nghe An: Lich hen {code} muon khoang {minutes} phut, mong thong cam. Xem: {link}",
        ),
        en=Text(
            "Your appointment runs late",
            "Your appointment {code} will begin about {minutes} minutes late. We are sorry.",
            "See",
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
            "Cuộc hẹn {code} đã mở.",
            "Mời anh/chị vào",
            "SYT Nghe An: Cuoc hen {code} da mo. Moi vao: {link}",
        ),
        en=Text(
            "Please join your remote appointment",
            "Your appointment {code} is open.",
            "Please join",
            "SYT Nghe An: Appointment {code} is open. Please join: {link}",
        ),
        at_once=(*_TOUCH, _SMS),
        good_for=timedelta(minutes=30),
        wakes=True,
    ),
    Kind.WAITING_LIST_OFFER: Spec(
        vi=Text(
            "Có chỗ trống cho anh/chị",
            "Có chỗ lúc {time} ngày {date}, giữ cho anh/chị đến {until}.",
            "Nhận hoặc bỏ qua",
            "SYT Nghe An: Co cho luc {time} {date}, giu den {until}. Nhan/bo qua: {link}",
        ),
        en=Text(
            "A place has become free",
            "There is a place at {time} on {date}, kept for you until {until}.",
            "Take it or let it go",
            "SYT Nghe An: Place free {time} {date}, kept until {until}. Take/leave: {link}",
        ),
        at_once=(*_TOUCH, _SMS),
        good_for=timedelta(hours=2),
    ),
    Kind.REGISTERED: Spec(
        vi=Text(
            "Đã đăng ký",
            "Đã ghi đăng ký {code} ngày {date}, mời đến từ {time} đến {until}.",
            "Xem mã QR hoặc hủy",
            "SYT Nghe An: Da dang ky {code} ngay {date}, den tu {time}-{until}. QR, huy: {link}",
        ),
        en=Text(
            "Registered",
            "Registration {code} is made for {date}; please come between {time} and {until}.",
            "QR code, cancel",
            "SYT Nghe An: Registered {code} on {date}, come {time}-{until}. QR, cancel: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
    ),
    Kind.REGISTRATION_CANCELLED: Spec(
        vi=Text(
            "Đã hủy đăng ký",
            "Đăng ký {code} ngày {date} đã hủy.",
            "Đăng ký lại",
            "SYT Nghe An: Dang ky {code} ngay {date} da huy. Dang ky lai: {link}",
        ),
        en=Text(
            "Registration cancelled",
            "Registration {code} for {date} is cancelled.",
            "Register again",
            "SYT Nghe An: Registration {code} on {date} is cancelled. Again: {link}",
        ),
        at_once=_TOUCH,
        then=(_SMS, _EMAIL),
    ),
    Kind.TURN_NEAR: Spec(
        vi=Text(
            "Sắp đến lượt",
            "Số {number} sắp đến lượt, còn {ahead} người trước.",
            "Theo dõi",
            "SYT Nghe An: So {number} sap den luot, con {ahead} nguoi truoc. Xem: {link}",
        ),
        en=Text(
            "Your turn is near",
            "Number {number} is called soon, {ahead} people before you.",
            "Follow",
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
            "Mời số {number}.",
            "Xem nơi đến",
            "SYT Nghe An: Moi so {number}. Xem noi den: {link}",
        ),
        en=Text(
            "It is your turn",
            "Number {number}, please.",
            "Where to go",
            "SYT Nghe An: Number {number}, please. Where to go: {link}",
        ),
        at_once=_TOUCH,
        good_for=timedelta(minutes=5),
        wakes=True,
    ),
}
