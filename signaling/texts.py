"""Sentences for the codes this package makes itself. Domain errors bring their own."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXTS: dict[str, str | Promise] = {
    "bad_message": _(
        "Trang vừa gửi một thông điệp không hợp lệ nên không có gì thay đổi. Hãy tải lại trang."
    ),
    "wrong_version": _("Trang này đã cũ so với máy chủ. Hãy tải lại trang để tiếp tục."),
    "not_ready": _("Phòng đang được mở. Chưa có gì thay đổi; hãy thử lại sau giây lát."),
    "limit.hello": _("Kết nối lại quá nhiều lần. Hãy chờ vài giây."),
    "limit.commands": _(
        "Thao tác quá nhanh. Thao tác vừa rồi chưa được thực hiện; hãy thử lại sau vài giây."
    ),
    "limit.chat": _("Tin nhắn gửi quá nhanh. Tin vừa rồi chưa được gửi; hãy thử lại sau vài giây."),
    "unavailable": _(
        "Hệ thống lưu trữ đang gián đoạn. Cuộc gọi vẫn tiếp tục; thao tác này sẽ được thử lại khi có thể."
    ),
    "queue.not_yours": _("Màn hình này không thực hiện được thao tác đó. Không có gì thay đổi."),
    "queue.emergency_at_desk": _(
        "Người bệnh cấp cứu không cần lấy số: hãy vào thẳng nơi cấp cứu hoặc gọi nhân viên gần nhất."
    ),
    "queue.no_such_service": _("Dịch vụ này không còn ở khu vực. Chưa lấy số; hãy chọn lại."),
    "whip.not_found": _("Không có địa chỉ này. Hãy sao lại địa chỉ hiện trong phòng hội chẩn."),
    "whip.method": _("Địa chỉ này chỉ nhận hình từ máy theo chuẩn WHIP."),
    "whip.not_sdp": _("Máy chủ chỉ nhận lời mời kết nối dạng application/sdp."),
    "bad_sdp": _(
        "Máy chủ không dùng được lời mời kết nối của máy. Hãy chọn hình VP8 hoặc H.264 (baseline), một đường hình."
    ),
    "room_full": _("Phòng đã đủ người."),
    "media_unavailable": _("Đường hình và tiếng đang gián đoạn. Mã vẫn còn dùng được; hãy thử lại."),
    "internal": _(
        "Có lỗi ở phía máy chủ nên thao tác chưa thực hiện được. Cuộc gọi vẫn tiếp tục; hãy thử lại."
    ),
}


def text_of(code: str) -> str:
    """Return the sentence for a code in the language that is active now."""
    return str(TEXTS[code])
