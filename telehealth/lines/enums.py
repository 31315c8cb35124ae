"""What is checked of a line, how it can turn out, and what a line is good for."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CheckKind(models.TextChoices):
    """The twelve checks, in the order they are made."""

    BROWSER = "browser", _("Trình duyệt")
    MICROPHONE = "microphone", _("Micro")
    CAMERA = "camera", _("Camera")
    WEBSOCKET = "websocket", _("Kết nối giữ liên tục (WebSocket)")
    UDP = "udp", _("Đường hình và tiếng (UDP)")
    TURN_UDP = "turn_udp", _("Trạm trung chuyển qua UDP")
    TURN_TCP = "turn_tcp", _("Trạm trung chuyển qua TCP")
    TURN_TLS = "turn_tls", _("Trạm trung chuyển qua TLS")
    ROUTE = "route", _("Đường đi được chọn")
    RATES = "rates", _("Tốc độ lên và xuống")
    LOSS = "loss", _("Mất gói và trễ dao động")
    RECONNECT = "reconnect", _("Nối lại sau khi đứt")


class Step(models.TextChoices):
    """Three honest steps, and the one for what could not be looked at."""

    GOOD = "good", pgettext_lazy("line", "Tốt")
    WEAK = "weak", pgettext_lazy("line", "Yếu")
    BAD = "bad", pgettext_lazy("line", "Không được")
    NONE = "none", pgettext_lazy("line", "Không thử")


class Verdict(models.TextChoices):
    """What the whole check says; the first that applies, in this order."""

    BROWSER = "browser", _("Trình duyệt này không gọi được")
    SOCKET = "socket", _("Mạng chặn kết nối giữ liên tục")
    BLOCKED = "blocked", _("Mạng chặn đường hình và tiếng")
    MICROPHONE = "microphone", _("Chưa có tiếng: cần sửa micro")
    WRITING = "writing", _("Chỉ nên viết hoặc gọi điện thoại")
    SOUND = "sound", _("Nên dùng âm thanh, tắt hình")
    CAMERA = "camera", _("Gọi tiếng được; camera chưa dùng được")
    SMALL_PICTURE = "small_picture", _("Gọi được với hình nhỏ")
    READY = "ready", _("Sẵn sàng hội chẩn có hình")


class Source(models.TextChoices):
    """Where a sample of a line comes from."""

    CALL = "call", _("cuộc hội chẩn")
    CHECK = "check", _("lần kiểm tra đường truyền")
    UNATTENDED = "unattended", _("máy tự đo theo giờ")


class Metric(models.TextChoices):
    """A figure of a line that can limit a call."""

    UP = "up_kbps", _("tốc độ lên")
    DOWN = "down_kbps", _("tốc độ xuống")
    LOSS = "loss", _("mất gói")
    RTT = "rtt_ms", _("thời gian khứ hồi")
    GAPS = "gaps", _("số lần đứt")
