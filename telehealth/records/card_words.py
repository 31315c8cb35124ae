"""Sentences for what is wrong with a scanned code: what happened, and what to do. Never the code itself."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telehealth.records.cards.results import Fault, Warn

FAULTS: dict[Fault, str | Promise] = {
    Fault.EMPTY: _("Chưa đọc được gì. Hãy đưa mã vào giữa khung và quét lại."),
    Fault.TOO_LONG: _("Mã dài quá 1.000 ký tự nên không phải thẻ. Hãy quét đúng mã trên thẻ."),
    Fault.CUT: _("Đọc thiếu mã, quét lại. Nếu vẫn thiếu, hãy gõ số trên thẻ."),
    Fault.GARBLED: _(
        "Mã đọc bị lỗi dấu: bộ gõ tiếng Việt đang bật hoặc máy quét sai bảng mã. Hãy tắt bộ gõ rồi quét lại, hoặc gõ số trên thẻ."
    ),
    Fault.DAMAGED: _("Mã đọc sai hoặc thiếu ký tự. Hãy lau thẻ, quét lại, hoặc gõ số trên thẻ."),
    Fault.CONTROL_CHARACTERS: _(
        "Mã có ký tự điều khiển không thể có trên thẻ. Hãy quét lại, hoặc gõ số trên thẻ."
    ),
    Fault.HIDDEN_CHARACTERS: _(
        "Mã có ký tự ẩn hoặc đảo chiều chữ, không giống điều nhìn thấy. Đừng dùng mã này; hãy gõ số trên thẻ."
    ),
    Fault.STRANGE_CHARACTERS: _("Mã có ký tự không thể có trên thẻ. Đừng dùng mã này; hãy gõ số trên thẻ."),
    Fault.LINK: _("Đây là địa chỉ trang web, không phải thẻ. Hãy quét mã trên thẻ hoặc gõ số."),
    Fault.PAYMENT: _("Đây là mã chuyển tiền, không phải thẻ. Hãy quét mã trên thẻ."),
    Fault.OPAQUE: _("Không đọc được mã này – nhập số CCCD hoặc số BHXH."),
    Fault.CARD_VERSION_UNKNOWN: _(
        "Thẻ khám này có kiểu mã mới hơn phần mềm đang chạy. Hãy tìm bằng số căn cước hoặc số BHXH."
    ),
    Fault.CHECK_DIGIT_WRONG: _("Số thẻ khám sai một chữ số. Hãy xem lại số in trên thẻ."),
}

WARNINGS: dict[Warn, str | Promise] = {
    Warn.BIRTH_YEAR_DIFFERS: _("Năm sinh trên thẻ khác năm sinh nằm trong số định danh. Hãy hỏi lại."),
    Warn.SEX_DIFFERS: _("Giới trên thẻ khác giới nằm trong số định danh. Hãy hỏi lại."),
    Warn.BIRTH_DATE_IMPOSSIBLE: _("Ngày sinh trên thẻ không có trong lịch; chỉ giữ năm sinh. Hãy hỏi lại."),
    Warn.ISSUE_DATE_IMPOSSIBLE: _("Ngày cấp trên thẻ không có trong lịch."),
    Warn.PROVINCE_UNKNOWN: _("Mã tỉnh trong số thẻ lạ. Hãy xem lại số."),
    Warn.GROUP_UNKNOWN: _("Mã đối tượng trên thẻ bảo hiểm lạ. Hãy xem lại số."),
    Warn.SEX_UNKNOWN: _("Thẻ không ghi rõ giới. Hãy hỏi lại."),
}
