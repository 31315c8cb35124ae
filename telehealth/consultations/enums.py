"""States and choices of a consultation."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Urgency(models.TextChoices):
    """How soon an answer is needed, most urgent first."""

    RED = "red", _("Báo động đỏ")
    URGENT = "urgent", _("Khẩn")
    PRIORITY = "priority", _("Ưu tiên trong ngày")
    ROUTINE = "routine", _("Thường quy")
    ASYNC = "async", _("Trả lời bằng văn bản")


URGENCY_ORDER = {urgency.value: position for position, urgency in enumerate(Urgency)}


class Mode(models.TextChoices):
    """The legal kind of the act: advice between facilities, or treatment of a patient at home (Law 15/2023/QH15, Art. 80)."""

    TELECONSULT_MDT = "teleconsult_mdt", _("Hội chẩn từ xa")
    DIRECT_TO_PATIENT = "direct_to_patient", _("Khám từ xa")


class RequestState(models.TextChoices):
    DRAFT = "draft", _("Nháp")
    SUBMITTED = "submitted", _("Đã gửi, chờ nhận")
    ACCEPTED = "accepted", _("Đã nhận")
    IN_SESSION = "in_session", _("Đang hội chẩn")
    CONCLUDED = "concluded", _("Đã kết luận")
    CLOSED = "closed", _("Đã đóng")
    CANCELLED = "cancelled", _("Đã hủy")


class SessionState(models.TextChoices):
    WAITING = "waiting", _("Phòng chờ")
    LIVE = "live", _("Đang hội chẩn")
    ENDED = "ended", _("Đã kết thúc")


class Presence(models.TextChoices):
    WAITING = "waiting", _("Đang chờ")
    ADMITTED = "admitted", _("Được mời vào")
    IN_ROOM = "in_room", _("Trong phòng")
    AWAY = "away", _("Mất kết nối")
    LEFT = "left", _("Đã rời phòng")


class Side(models.TextChoices):
    """Who answers, and who asks. In a visit: the practitioner's side and the patient's."""

    HUB = "hub", _("Tuyến trên")
    SPOKE = "spoke", _("Cơ sở yêu cầu")


class MeetingState(models.TextChoices):
    """How far the people of a case are with a time to meet."""

    PROPOSED = "proposed", _("Đang hỏi giờ")
    AGREED = "agreed", _("Đã hẹn giờ")
    WITHDRAWN = "withdrawn", _("Đã rút")
    HELD = "held", _("Đã họp")


class GuestKind(models.TextChoices):
    """Who somebody is that comes into a room without an account."""

    PATIENT = "patient", _("Người bệnh")
    RELATIVE = "relative", _("Người nhà")


class DecisionOutcome(models.TextChoices):
    """What the treating doctor does with the advice. Law 15/2023 Art. 64(4): the treating practitioner decides."""

    ACCEPTED = "accepted", pgettext_lazy("advice", "Thực hiện theo ý kiến")
    CHANGED = "changed", pgettext_lazy("advice", "Thực hiện có thay đổi")
    DECLINED = "declined", pgettext_lazy("advice", "Không thực hiện")
