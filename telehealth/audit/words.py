"""What the codes of the audit log mean, in words for people. The log itself keeps codes: they stay when words change."""

from django.utils.translation import pgettext_lazy

# In the order of a case, for the auditor's filter. The words of an action no longer recorded stay: the log keeps its entries.
ACTIONS = {
    "user.signed_in": pgettext_lazy("audit", "Đăng nhập"),
    "user.signed_out": pgettext_lazy("audit", "Đăng xuất"),
    "user.sign_in_failed": pgettext_lazy("audit", "Đăng nhập không thành công"),
    "hat.chosen": pgettext_lazy("audit", "Chọn vai trò làm việc"),
    "user.created": pgettext_lazy("audit", "Tạo tài khoản"),
    "user.changed": pgettext_lazy("audit", "Sửa thông tin một người"),
    "user.first_sign_in_issued": pgettext_lazy("audit", "Cấp liên kết đặt mật khẩu"),
    "user.password_chosen": pgettext_lazy("audit", "Đặt mật khẩu bằng liên kết"),
    "membership.given": pgettext_lazy("audit", "Trao vai trò cho một người"),
    "membership.changed": pgettext_lazy("audit", "Sửa khoa, chuyên khoa của một vai trò"),
    "membership.ended": pgettext_lazy("audit", "Ngừng vai trò của một người"),
    "patient.searched": pgettext_lazy("audit", "Tìm người bệnh"),
    "patient.created": pgettext_lazy("audit", "Tạo hồ sơ người bệnh"),
    "patient.viewed": pgettext_lazy("audit", "Xem hồ sơ người bệnh"),
    "patient.opened_by_number": pgettext_lazy("audit", "Mở hồ sơ bằng số giấy tờ"),
    "patient.viewed_by_patient": pgettext_lazy("audit", "Người bệnh xem hồ sơ của mình"),
    "patient.received_at_desk": pgettext_lazy("audit", "Tiếp đón người bệnh"),
    "patient.card_added": pgettext_lazy("audit", "Ghi số thẻ vào hồ sơ"),
    "desk.card_read": pgettext_lazy("audit", "Đọc thẻ ở quầy tiếp đón"),
    "insurance.asked": pgettext_lazy("audit", "Hỏi cổng BHXH"),
    "insurance.answered": pgettext_lazy("audit", "Cổng BHXH trả lời"),
    "insurance.account_changed": pgettext_lazy("audit", "Đổi tài khoản cổng BHXH"),
    "identity.opened": pgettext_lazy("audit", "Mở việc đối soát danh tính"),
    "identity.resolved": pgettext_lazy("audit", "Giải quyết việc đối soát danh tính"),
    "smart_card.issued": pgettext_lazy("audit", "Cấp thẻ khám"),
    "smart_card.revoked": pgettext_lazy("audit", "Hủy thẻ khám"),
    "request.created": pgettext_lazy("audit", "Lập yêu cầu"),
    "request.submitted": pgettext_lazy("audit", "Gửi yêu cầu"),
    "request.viewed": pgettext_lazy("audit", "Xem ca"),
    "request.claimed": pgettext_lazy("audit", "Nhận ca"),
    "request.room_opened": pgettext_lazy("audit", "Mở trang phòng hội chẩn"),
    "request.signed": pgettext_lazy("audit", "Ký kết luận"),
    "request.decided": pgettext_lazy("audit", "Ghi quyết định điều trị"),
    "request.cancelled": pgettext_lazy("audit", "Hủy yêu cầu"),
    "request.closed": pgettext_lazy("audit", "Đóng ca"),
    "session.opened": pgettext_lazy("audit", "Mở phòng hội chẩn"),
    "session.arrived": pgettext_lazy("audit", "Đến phòng chờ"),
    "session.admitted": pgettext_lazy("audit", "Mời một người vào phòng"),
    "session.entered": pgettext_lazy("audit", "Vào phòng hội chẩn"),
    "session.patient_marked": pgettext_lazy("audit", "Ghi người bệnh có mặt hay không"),
    "session.still_sent": pgettext_lazy("audit", "Gửi ảnh tĩnh từ camera"),
    "session.still_viewed": pgettext_lazy("audit", "Xem ảnh tĩnh từ camera"),
    "session.left": pgettext_lazy("audit", "Rời phòng hội chẩn"),
    "session.removed": pgettext_lazy("audit", "Mời một người ra khỏi phòng"),
    "session.ended": pgettext_lazy("audit", "Kết thúc cuộc hội chẩn"),
    "device.pass_issued": pgettext_lazy("audit", "Cấp mã kết nối máy thăm khám"),
    "device.published": pgettext_lazy("audit", "Máy thăm khám gửi hình vào phòng"),
    "session.abandoned": pgettext_lazy("audit", "Đóng phòng bỏ trống"),
    "document.stored": pgettext_lazy("audit", "Lưu tài liệu"),
    "document.viewed": pgettext_lazy("audit", "Xem tài liệu"),
    "document.viewed_by_patient": pgettext_lazy("audit", "Người bệnh xem biên bản của mình"),
    "minutes.issued": pgettext_lazy("audit", "Lập biên bản hội chẩn"),
    "hours.set": pgettext_lazy("audit", "Khai giờ làm việc"),
    "holidays.proposed": pgettext_lazy("audit", "Đề xuất ngày lễ của năm"),
    "holiday.set": pgettext_lazy("audit", "Ghi một ngày lễ hoặc ngày làm việc riêng"),
    "holiday.removed": pgettext_lazy("audit", "Bỏ một ngày lễ hoặc ngày làm việc riêng"),
    "availability.added": pgettext_lazy("audit", "Thêm giờ làm việc hằng tuần"),
    "availability.ended": pgettext_lazy("audit", "Bỏ giờ làm việc hằng tuần"),
    "availability.excepted": pgettext_lazy("audit", "Thêm hoặc bớt giờ của một ngày"),
    "availability.exception_removed": pgettext_lazy("audit", "Bỏ thay đổi giờ của một ngày"),
    "leave.asked": pgettext_lazy("audit", "Xin nghỉ"),
    "leave.granted": pgettext_lazy("audit", "Duyệt đơn nghỉ"),
    "leave.refused": pgettext_lazy("audit", "Không duyệt đơn nghỉ"),
    "leave.withdrawn": pgettext_lazy("audit", "Rút đơn nghỉ"),
    "resource.added": pgettext_lazy("audit", "Thêm phòng hoặc thiết bị"),
    "resource.changed": pgettext_lazy("audit", "Sửa phòng hoặc thiết bị"),
    "roster.saved": pgettext_lazy("audit", "Lập hoặc sửa lịch trực"),
    "shift.added": pgettext_lazy("audit", "Xếp người trực"),
    "shift.reassigned": pgettext_lazy("audit", "Đổi người trực"),
    "shift.cancelled": pgettext_lazy("audit", "Bỏ hoặc kết thúc sớm ca trực"),
    "shift.noted": pgettext_lazy("audit", "Ghi bàn giao ca trực"),
    "swap.proposed": pgettext_lazy("audit", "Đề nghị đổi trực"),
    "swap.accepted": pgettext_lazy("audit", "Đồng ý đổi trực"),
    "swap.declined": pgettext_lazy("audit", "Không đồng ý đổi trực"),
    "swap.withdrawn": pgettext_lazy("audit", "Rút đề nghị đổi trực"),
    "schedule.imported": pgettext_lazy("audit", "Nhập lịch từ Excel"),
    "schedule.exported": pgettext_lazy("audit", "Xuất lịch ra Excel"),
    "calendar_feed.issued": pgettext_lazy("audit", "Cấp địa chỉ lịch cá nhân"),
    "calendar_feed.revoked": pgettext_lazy("audit", "Thu hồi địa chỉ lịch cá nhân"),
    "audit.viewed": pgettext_lazy("audit", "Xem nhật ký truy cập"),
    "audit.checked": pgettext_lazy("audit", "Kiểm tra chuỗi nhật ký"),
    "queue.taken": pgettext_lazy("audit", "Cấp số thứ tự"),
    "queue.called": pgettext_lazy("audit", "Gọi số thứ tự"),
    "queue.changed": pgettext_lazy("audit", "Xử lý số thứ tự"),
    "queue.device_added": pgettext_lazy("audit", "Thêm bảng gọi số hoặc máy lấy số"),
    "queue.device_revoked": pgettext_lazy("audit", "Gỡ bảng gọi số hoặc máy lấy số"),
    "selftest.began": pgettext_lazy("audit", "Bắt đầu tự kiểm tra"),
    "selftest.ended": pgettext_lazy("audit", "Kết thúc tự kiểm tra"),
}

OBJECT_TYPES = {
    "audit": pgettext_lazy("audit", "Nhật ký truy cập"),
    "document": pgettext_lazy("audit", "Tài liệu"),
    "calendar_feed": pgettext_lazy("audit", "Địa chỉ lịch cá nhân"),
    "facility": pgettext_lazy("audit", "Cơ sở"),
    "holiday": pgettext_lazy("audit", "Ngày lễ"),
    "leave": pgettext_lazy("audit", "Đơn nghỉ"),
    "identity": pgettext_lazy("audit", "Đối soát danh tính"),
    "insurance_check": pgettext_lazy("audit", "Kiểm tra BHYT"),
    "membership": pgettext_lazy("audit", "Vai trò"),
    "minutes": pgettext_lazy("audit", "Biên bản hội chẩn"),
    "patient": pgettext_lazy("audit", "Người bệnh"),
    "queue": pgettext_lazy("audit", "Khu vực gọi số"),
    "request": pgettext_lazy("audit", "Ca"),
    "resource": pgettext_lazy("audit", "Phòng, thiết bị"),
    "roster": pgettext_lazy("audit", "Lịch trực"),
    "shift": pgettext_lazy("audit", "Ca trực"),
    "swap": pgettext_lazy("audit", "Đề nghị đổi trực"),
    "smart_card": pgettext_lazy("audit", "Thẻ khám"),
    "user": pgettext_lazy("audit", "Tài khoản"),
}

_POSITIONS = {action: position for position, action in enumerate(ACTIONS)}


def words_of(action: str) -> str:
    """Return what was done, in the reader's language; the code itself when it has no words."""
    return str(ACTIONS.get(action, action))


def object_words(object_type: str) -> str:
    """Return what kind of thing it was done to, in the reader's language; the code itself when it has no words."""
    return str(OBJECT_TYPES.get(object_type, object_type))


def position_of(action: str) -> tuple[int, str]:
    """Return a sort key: the order of a case, then actions without words by code."""
    return _POSITIONS.get(action, len(_POSITIONS)), action
