"""What staff are told: about requests, appointments among colleagues, and duty."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from telehealth.notifications.enums import Channel
from telehealth.notifications.kinds import Kind, Spec, Text

_ZALO, _SMS, _EMAIL = Channel.ZALO, Channel.SMS, Channel.EMAIL
_DESK = (Channel.IN_APP, Channel.WEB_PUSH)

STAFF: Final[Mapping[Kind, Spec]] = {
    Kind.REQUEST_RINGING: Spec(
        vi=Text(
            "Yêu cầu mới",
            "Có yêu cầu mới đang chờ người nhận.",
            "Mở",
            "Hoi chan: Co yeu cau moi. Mo: {link}",
        ),
        en=Text(
            "New request",
            "A new request waits for somebody to take it.",
            "Open",
            "Hoi chan: New request. Open: {link}",
        ),
        at_once=_DESK,
        good_for=timedelta(hours=2),
    ),
    Kind.REQUEST_CLAIMED: Spec(
        vi=Text(
            "Yêu cầu đã có người nhận",
            "Yêu cầu của anh/chị đã có người nhận.",
            "Mở",
            "Hoi chan: Yeu cau da co nguoi nhan. Mo: {link}",
        ),
        en=Text(
            "Your request is taken",
            "Somebody has taken your request.",
            "Open",
            "Hoi chan: Your request is taken. Open: {link}",
        ),
        at_once=_DESK,
    ),
    Kind.REQUEST_ANSWERED: Spec(
        vi=Text(
            "Đã có trả lời",
            "Yêu cầu của anh/chị đã được trả lời và ký.",
            "Mở",
            "Hoi chan: Yeu cau da duoc tra loi. Mo: {link}",
        ),
        en=Text(
            "Answered",
            "Your request is answered and signed.",
            "Open",
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
            "Yêu cầu anh/chị trả lời đã có quyết định.",
            "Mở",
            "Hoi chan: Yeu cau da co quyet dinh. Mo: {link}",
        ),
        en=Text(
            "Decided",
            "A request you answered has been decided.",
            "Open",
            "Hoi chan: A request is decided. Open: {link}",
        ),
        at_once=_DESK,
    ),
    Kind.CONSULTATION_PROPOSED: Spec(
        vi=Text(
            "Đề nghị giờ hội chẩn",
            "Có đề nghị hội chẩn lúc {time} ngày {date}.",
            "Trả lời",
            "Hoi chan: De nghi luc {time} {date}. Tra loi: {link}",
        ),
        en=Text(
            "A time is proposed",
            "A consultation is proposed for {time} on {date}.",
            "Answer",
            "Hoi chan: Proposed {time} {date}. Answer: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(minutes=30),
    ),
    Kind.CONSULTATION_SET: Spec(
        vi=Text(
            "Đã hẹn giờ hội chẩn",
            "Hội chẩn lúc {time} ngày {date} đã được hẹn.",
            "Mở",
            "Hoi chan: Da hen luc {time} {date}. Mo: {link}",
        ),
        en=Text(
            "A time is agreed",
            "The consultation is set for {time} on {date}.",
            "Open",
            "Hoi chan: Set for {time} {date}. Open: {link}",
        ),
        at_once=_DESK,
        then=(_EMAIL,),
        escalate_after=timedelta(hours=2),
    ),
    Kind.CONSULTATION_CANCELLED: Spec(
        vi=Text(
            "Đã hủy giờ hội chẩn",
            "Hội chẩn lúc {time} ngày {date} đã hủy.",
            "Mở",
            "Hoi chan: Da huy lich {time} {date}. Mo: {link}",
        ),
        en=Text(
            "A consultation is called off",
            "The consultation at {time} on {date} is called off.",
            "Open",
            "Hoi chan: {time} {date} is called off. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS),
        escalate_after=timedelta(minutes=30),
    ),
    Kind.CONSULTATION_SOON: Spec(
        vi=Text(
            "Sắp đến giờ hội chẩn",
            "Hội chẩn bắt đầu lúc {time}.",
            "Mở",
            "Hoi chan: Bat dau luc {time}. Mo: {link}",
        ),
        en=Text(
            "A consultation is soon",
            "A consultation begins at {time}.",
            "Open",
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
            "Ca trực của anh/chị bắt đầu lúc {time} ngày {date}.",
            "Mở",
            "Lich truc: Bat dau luc {time} {date}. Mo: {link}",
        ),
        en=Text(
            "Your on-call shift is soon",
            "Your on-call shift begins at {time} on {date}.",
            "Open",
            "On call: Begins at {time} {date}. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS),
        escalate_after=timedelta(minutes=30),
    ),
    Kind.ROSTER_CHANGED: Spec(
        vi=Text(
            "Lịch trực thay đổi",
            "Lịch trực ngày {date} của anh/chị có thay đổi.",
            "Mở",
            "Lich truc: Ngay {date} co thay doi. Mo: {link}",
        ),
        en=Text(
            "The roster has changed",
            "Your on-call roster of {date} has changed.",
            "Open",
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
            "Một đồng nghiệp xin đổi ca trực ngày {date}.",
            "Trả lời",
            "Lich truc: Xin doi ca ngay {date}. Tra loi: {link}",
        ),
        en=Text(
            "A swap is asked for",
            "A colleague asks to swap the shift of {date}.",
            "Answer",
            "On call: Swap asked for {date}. Answer: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(hours=1),
    ),
    Kind.ROSTER_SWAP_AGREED: Spec(
        vi=Text(
            "Đã đồng ý đổi trực",
            "Đề nghị đổi ca trực ngày {date} đã được đồng ý.",
            "Mở",
            "Lich truc: Da dong y doi ca {date}. Mo: {link}",
        ),
        en=Text(
            "Swap agreed",
            "Your swap of {date} is agreed.",
            "Open",
            "On call: Swap of {date} agreed. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(hours=2),
    ),
    Kind.ROSTER_SWAP_REFUSED: Spec(
        vi=Text(
            "Không đổi được trực",
            "Đề nghị đổi ca trực ngày {date} không được đồng ý.",
            "Mở",
            "Lich truc: Khong doi duoc ca {date}. Mo: {link}",
        ),
        en=Text(
            "Swap refused",
            "Your swap of {date} is refused.",
            "Open",
            "On call: Swap of {date} refused. Open: {link}",
        ),
        at_once=_DESK,
        then=(_ZALO, _SMS, _EMAIL),
        escalate_after=timedelta(hours=2),
    ),
    Kind.LEAVE_ANSWERED: Spec(
        vi=Text(
            "Đã trả lời đơn nghỉ",
            "Đơn nghỉ ngày {date} của anh/chị đã được trả lời.",
            "Mở",
            "Lich nghi: Don ngay {date} da duoc tra loi. Mo: {link}",
        ),
        en=Text(
            "Leave answered",
            "Your leave of {date} has been answered.",
            "Open",
            "Leave: {date} has been answered. Open: {link}",
        ),
        at_once=_DESK,
        then=(_EMAIL,),
        escalate_after=timedelta(hours=4),
    ),
}
