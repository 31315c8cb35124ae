"""What lines and their checks are called and what people are told about them: one source for pages, scripts and reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from telehealth.lines.enums import CheckKind, Metric, Verdict
from telehealth.lines.rules import Advice, Rung

Text = str | Promise

ABOUT: dict[CheckKind, Text] = {
    CheckKind.BROWSER: lazy("Trình duyệt có đủ những gì cuộc gọi cần không."),
    CheckKind.MICROPHONE: lazy("Micro có mở được và có tiếng không. Hãy nói thử một câu."),
    CheckKind.CAMERA: lazy("Camera có mở được và có hình không."),
    CheckKind.WEBSOCKET: lazy("Máy chủ trả lời nhanh đến đâu qua kết nối giữ liên tục."),
    CheckKind.UDP: lazy("Tiếng có đi thẳng tới máy chủ hình tiếng và quay về được không."),
    CheckKind.TURN_UDP: lazy("Đường vòng khi mạng chặn đường thẳng."),
    CheckKind.TURN_TCP: lazy("Đường vòng khi mạng chặn mọi UDP."),
    CheckKind.TURN_TLS: lazy("Đường vòng trông như trang web thường (cổng 443)."),
    CheckKind.ROUTE: lazy("Cuộc gọi sẽ đi thẳng hay qua trạm trung chuyển."),
    CheckKind.RATES: lazy("Mỗi giây gửi lên và nhận về được bao nhiêu."),
    CheckKind.LOSS: lazy("Bao nhiêu gói tiếng bị mất, và chúng đến đều hay không."),
    CheckKind.RECONNECT: lazy("Khi đường truyền đứt, bao lâu thì nối lại được."),
}

WHAT_TO_DO: dict[str, Text] = {
    "browser.old": lazy("Trình duyệt quá cũ để gọi có hình. Hãy cập nhật Chrome, Edge hoặc Firefox rồi kiểm tra lại."),
    "browser.insecure": lazy("Trang không mở bằng https nên trình duyệt khóa micro và camera. Hãy mở lại bằng địa chỉ https://."),
    "microphone.denied": lazy("Chưa cho phép dùng micro. Bấm biểu tượng cạnh thanh địa chỉ, cho phép micro, rồi kiểm tra lại."),
    "microphone.missing": lazy("Máy không thấy micro nào. Cắm micro hoặc tai nghe, rồi kiểm tra lại."),
    "microphone.in_use": lazy("Chương trình khác đang giữ micro. Đóng Zoom, Zalo hay phần mềm họp khác, rồi kiểm tra lại."),
    "microphone.insecure": lazy("Trình duyệt khóa micro vì trang không mở bằng https. Hãy mở lại bằng địa chỉ https://."),
    "microphone.failed": lazy("Micro không mở được. Rút ra cắm lại hoặc chọn micro khác, rồi kiểm tra lại."),
    "microphone.silent": lazy("Micro mở được nhưng không có tiếng. Xem nút tắt tiếng trên tai nghe và mức micro trong máy, rồi nói thử."),
    "camera.denied": lazy("Chưa cho phép dùng camera. Bấm biểu tượng cạnh thanh địa chỉ, cho phép camera, rồi kiểm tra lại."),
    "camera.missing": lazy("Máy không thấy camera nào. Vẫn hội chẩn bằng tiếng được; cắm camera nếu cần hình."),
    "camera.in_use": lazy("Chương trình khác đang giữ camera. Đóng Zoom, Zalo hay phần mềm họp khác, rồi kiểm tra lại."),
    "camera.insecure": lazy("Trình duyệt khóa camera vì trang không mở bằng https. Hãy mở lại bằng địa chỉ https://."),
    "camera.failed": lazy("Camera không mở được. Rút ra cắm lại hoặc chọn camera khác, rồi kiểm tra lại."),
    "camera.frozen": lazy("Camera mở được nhưng hình không chạy. Rút ra cắm lại, hoặc khởi động lại máy."),
    "camera.slow": lazy("Hình chạy chậm. Thêm ánh sáng, đóng bớt chương trình khác."),
    "websocket.blocked": lazy("Kết nối giữ liên tục bị chặn. Nhờ người quản trị mạng cho phép WebSocket tới máy chủ này (cổng 443)."),
    "websocket.slow": lazy("Máy chủ trả lời chậm: lời nói sẽ trễ. Dừng tải xuống trên cùng đường mạng; nói xong hãy chờ bên kia."),
    "udp.blocked": lazy("Mạng chặn UDP tới máy chủ hình tiếng. Nhờ quản trị mạng mở cổng UDP của máy chủ đó (thường là 7901)."),
    "udp.server": lazy("Máy chủ hình tiếng chưa trả lời. Lỗi ở phía máy chủ, không phải máy này: báo người vận hành kèm mã kiểm tra."),
    "udp.no_socket": lazy("Không thử được vì kết nối giữ liên tục chưa có."),
    "turn_udp.not_set_up": lazy("Máy chủ này chưa lắp trạm trung chuyển kiểu này. Không phải lỗi của máy hay mạng ở đây."),
    "turn_tcp.not_set_up": lazy("Máy chủ này chưa lắp trạm trung chuyển kiểu này. Không phải lỗi của máy hay mạng ở đây."),
    "turn_tls.not_set_up": lazy("Máy chủ này chưa lắp trạm trung chuyển kiểu này. Không phải lỗi của máy hay mạng ở đây."),
    "turn_udp.blocked": lazy("Không đi qua được đường vòng này. Không sao nếu đường thẳng hoặc đường vòng khác đi được."),
    "turn_tcp.blocked": lazy("Không đi qua được đường vòng này. Không sao nếu đường thẳng hoặc đường vòng khác đi được."),
    "turn_tls.blocked": lazy("Không đi qua được đường vòng này. Nếu cả ba đường vòng đều hỏng, báo người quản trị mạng."),
    "turn_udp.no_socket": lazy("Không thử được vì kết nối giữ liên tục chưa có."),
    "turn_tcp.no_socket": lazy("Không thử được vì kết nối giữ liên tục chưa có."),
    "turn_tls.no_socket": lazy("Không thử được vì kết nối giữ liên tục chưa có."),
    "route.relayed": lazy("Cuộc gọi đi vòng qua trạm trung chuyển: vẫn gọi được, trễ hơn. Mở UDP trực tiếp thì tốt hơn."),
    "route.none": lazy("Chưa có đường nào cho hình và tiếng. Xem cách xử lý ở các mục trên."),
    "rates.thin": lazy("Đường truyền hẹp: hình nhỏ hoặc chỉ tiếng. Dừng tải xuống trên cùng đường mạng, hoặc dùng dây thay Wi-Fi."),
    "rates.very_thin": lazy("Đường truyền quá hẹp cho hình. Hãy dùng âm thanh, gửi ảnh chụp; nếu đứt tiếng thì viết hoặc gọi điện thoại."),
    "rates.failed": lazy("Không đo được tốc độ: đường truyền đứt giữa chừng. Kiểm tra lại sau ít phút."),
    "loss.lossy": lazy("Có gói tiếng bị mất: tiếng sẽ rè, hình sẽ đứng. Lại gần bộ phát Wi-Fi hoặc dùng dây."),
    "loss.very_lossy": lazy("Mất gói nặng: tắt hình để giữ tiếng. Dùng dây thay Wi-Fi, hoặc đổi sang mạng khác."),
    "loss.slow": lazy("Tiếng đi và về rất lâu. Nói từng câu ngắn rồi chờ; dừng tải xuống trên cùng đường mạng."),
    "loss.uneven": lazy("Gói đến không đều: tiếng có thể ngắt quãng. Dừng tải xuống trên cùng đường mạng, dùng dây thay Wi-Fi."),
    "loss.no_path": lazy("Không đo được vì chưa có đường cho hình và tiếng."),
    "reconnect.slow": lazy("Nối lại được nhưng lâu. Khi đang họp mà đứt, hãy chờ, đừng tải lại trang."),
    "reconnect.failed": lazy("Không nối lại được trong nửa phút. Kiểm tra dây, Wi-Fi; khi họp mà đứt thì tải lại trang."),
    "reconnect.no_path": lazy("Không thử được vì chưa nối được lần đầu."),
}  # fmt: skip
"""By `kind.cause`. A cause that is not here needs nothing to be done."""

VERDICT_ABOUT: dict[Verdict, Text] = {
    Verdict.BROWSER: lazy("Hãy cập nhật trình duyệt hoặc dùng máy khác. Trong lúc chờ, vẫn gửi ca và đọc trả lời được."),
    Verdict.SOCKET: lazy("Trang web vẫn dùng được, nhưng chưa vào phòng hội chẩn được. Đọc mã này cho người quản trị mạng."),
    Verdict.BLOCKED: lazy("Gửi ca, viết và nhận trả lời vẫn được; hình và tiếng thì chưa. Đọc mã này cho người quản trị mạng."),
    Verdict.MICROPHONE: lazy("Đường truyền đi được nhưng bên kia sẽ không nghe thấy anh/chị. Sửa micro theo hướng dẫn bên dưới."),
    Verdict.WRITING: lazy("Đường truyền lúc này không giữ nổi tiếng nói. Gửi ca bằng văn bản và ảnh, gọi điện thoại khi cần."),
    Verdict.SOUND: lazy("Tiếng đi được, hình thì không. Vào phòng với camera tắt và gửi ảnh chụp khi cần cho xem."),
    Verdict.CAMERA: lazy("Có thể vào phòng bằng tiếng ngay; sửa camera theo hướng dẫn bên dưới nếu cần hình."),
    Verdict.SMALL_PICTURE: lazy("Đủ cho tiếng và hình nhỏ. Muốn cho xem rõ, hãy gửi ảnh chụp thay vì quay hình."),
    Verdict.READY: lazy("Máy và đường truyền đều đủ tốt. Có thể vào phòng."),
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """How a figure of a check is written: `text` with `%(value)s`, the value divided and with that many decimals."""

    text: Text
    divide: float = 1
    decimals: int = 0


FIGURES: dict[str, Figure] = {
    "browser": Figure(lazy("%(value)s")),
    "missing": Figure(lazy("thiếu %(value)s")),
    "level": Figure(lazy("mức tiếng %(value)s %%"), divide=0.01),
    "size": Figure(lazy("khung hình %(value)s")),
    "fps": Figure(lazy("%(value)s hình/giây")),
    "rtt_ms": Figure(lazy("đi và về %(value)s ms")),
    "rtt_most_ms": Figure(lazy("lâu nhất %(value)s ms")),
    "connect_ms": Figure(lazy("nối trong %(value)s ms")),
    "path": Figure(lazy("%(value)s")),
    "up_kbps": Figure(lazy("lên %(value)s Mbit/s"), divide=1000, decimals=2),
    "down_kbps": Figure(lazy("xuống %(value)s Mbit/s"), divide=1000, decimals=2),
    "loss_up": Figure(lazy("mất lúc gửi %(value)s %%"), divide=0.01, decimals=1),
    "loss_down": Figure(lazy("mất lúc nhận %(value)s %%"), divide=0.01, decimals=1),
    "jitter_ms": Figure(lazy("dao động %(value)s ms")),
    "socket_ms": Figure(lazy("trang nối lại sau %(value)s giây"), divide=1000, decimals=1),
    "media_ms": Figure(lazy("tiếng nối lại sau %(value)s giây"), divide=1000, decimals=1),
}
"""In the order they are written."""


def number(value: float, decimals: int = 0) -> str:
    """Return a number as people write it here: "0,4", and no zeros after the comma that say nothing."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if (get_language() or "vi").startswith("en") else text.replace(".", ",")


def figures_text(figures: Mapping[str, float | str] | None) -> str:
    """Return the figures of one check in a line: "đi và về 38 ms · lâu nhất 61 ms"."""
    parts = []
    for name, figure in FIGURES.items():
        value = (figures or {}).get(name)
        if value is not None:
            shown = value if isinstance(value, str) else number(float(value) / figure.divide, figure.decimals)
            parts.append(str(figure.text) % {"value": shown})
    return " · ".join(parts)


def what_to_do(kind: CheckKind, cause: str) -> str:
    """Return what to do about a cause; "" when nothing needs to be done."""
    return str(WHAT_TO_DO.get(f"{kind.value}.{cause}", ""))


RUNG_WORDS: dict[Rung, Text] = {
    Rung.PICTURE: lazy("đủ cho hình và tiếng"),
    Rung.SMALL_PICTURE: lazy("nên dùng hình nhỏ"),
    Rung.SOUND: lazy("nên dùng âm thanh"),
    Rung.WRITING: lazy("nên viết hoặc gọi điện thoại"),
}
RUNG_SHORT: dict[Rung, Text] = {
    Rung.PICTURE: lazy("Hình và tiếng"),
    Rung.SMALL_PICTURE: lazy("Hình nhỏ"),
    Rung.SOUND: lazy("Âm thanh"),
    Rung.WRITING: lazy("Viết, điện thoại"),
}
RUNG_TONE = {Rung.PICTURE: "good", Rung.SMALL_PICTURE: "info", Rung.SOUND: "warn", Rung.WRITING: "bad"}


def advice_text(name: str, advice: Advice, *, now: datetime) -> str:
    """Return the sentence before a call: "TTYT Kỳ Sơn: lên 0,4 Mbit/s từ 14:10, nên dùng âm thanh"."""
    return f"{name}: {advice_about(advice, now=now)}"


def advice_about(advice: Advice, *, now: datetime) -> str:
    """Return that sentence where the name stands beside it already."""
    if advice.rung is None:
        return _not_measured(advice.measured_at, now)
    if advice.metric is None or advice.value is None:
        if advice.rung == Rung.SMALL_PICTURE:
            return _("chưa đo tốc độ, nên bắt đầu với hình nhỏ")
        return str(RUNG_WORDS[advice.rung])
    figure = metric_text(advice.metric, advice.value)
    if advice.since is not None:
        figure = _("%(figure)s từ %(time)s") % {"figure": figure, "time": _clock(advice.since, now)}
    return f"{figure}, {RUNG_WORDS[advice.rung]}"


def metric_text(metric: Metric, value: float) -> str:
    """Return a limiting figure in words: "lên 0,4 Mbit/s", "mất 12 % gói"."""
    match metric:
        case Metric.UP:
            return _("lên %(rate)s Mbit/s") % {"rate": rate(value)}
        case Metric.DOWN:
            return _("xuống %(rate)s Mbit/s") % {"rate": rate(value)}
        case Metric.LOSS:
            return _("mất %(share)s %% gói") % {"share": number(value * 100)}
        case Metric.RTT:
            return _("tiếng trễ %(seconds)s giây") % {"seconds": number(value / 1000, 1)}
        case Metric.GAPS:
            return _("đứt %(count)s lần trong một giờ") % {"count": number(value)}


def rate(kbps: float) -> str:
    """Return a rate in Mbit/s with as many digits as it is worth."""
    return number(kbps / 1000, 0 if kbps >= 10_000 else 1 if kbps >= 100 else 2)


def _not_measured(measured_at: datetime | None, now: datetime) -> str:
    if measured_at is None:
        return _("chưa có số đo đường truyền trong sáu giờ qua")
    return _("chưa có số đo mới, lần cuối %(time)s") % {"time": _clock(measured_at, now)}


def _clock(at: datetime, now: datetime) -> str:
    local = timezone.localtime(at)
    if local.date() == timezone.localtime(now).date():
        return f"{local:%H:%M}"
    return pgettext("line", "%(time)s ngày %(day)s") % {
        "time": f"{local:%H:%M}",
        "day": f"{local:%d/%m}",
    }
