"""The portal's result codes (`maKetQua`): what each means for the desk."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from telehealth.records.enums import IdentityCaseKind, InsuranceState

VALID, UNUSABLE = InsuranceState.VALID, InsuranceState.UNUSABLE
MISMATCH, UNVERIFIED = InsuranceState.MISMATCH, InsuranceState.UNVERIFIED


@dataclass(frozen=True)
class Code:
    """What a code makes of a check, and the sentence for the desk."""

    state: InsuranceState
    text: str | Promise
    mismatch: IdentityCaseKind | None = None


CODES: dict[str, Code] = {
    "000": Code(VALID, pgettext_lazy("portal", "Thẻ đúng và còn giá trị.")),
    "001": Code(VALID, pgettext_lazy("portal", "Thẻ do Bộ Quốc phòng quản lý; hãy xem giấy tờ kèm theo.")),
    "002": Code(VALID, pgettext_lazy("portal", "Thẻ do Bộ Công an quản lý; hãy xem giấy tờ kèm theo.")),
    "003": Code(UNUSABLE, pgettext_lazy("portal", "Thẻ cũ hết hạn, đã cấp thẻ mới. Hãy dùng số thẻ mới.")),
    "004": Code(VALID, pgettext_lazy("portal", "Thẻ cũ còn giá trị; đã cấp thẻ mới.")),
    "010": Code(UNUSABLE, pgettext_lazy("portal", "Thẻ đã hết hạn.")),
    "050": Code(
        UNUSABLE, pgettext_lazy("portal", "Không thấy thẻ này. Hãy xem lại số, hoặc tra bằng số căn cước.")
    ),
    "051": Code(UNUSABLE, pgettext_lazy("portal", "Số thẻ sai. Hãy xem lại số.")),
    "052": Code(
        UNUSABLE, pgettext_lazy("portal", "Mã tỉnh trong số thẻ sai (ký tự 4 và 5). Hãy xem lại số.")
    ),
    "053": Code(
        UNUSABLE, pgettext_lazy("portal", "Mã quyền lợi trong số thẻ sai (ký tự 3). Hãy xem lại số.")
    ),
    "054": Code(
        UNVERIFIED,
        pgettext_lazy(
            "portal", "Số căn cước của cán bộ tra cứu chưa đăng ký với cổng. Người bệnh không có lỗi."
        ),
    ),
    "055": Code(
        UNVERIFIED,
        pgettext_lazy("portal", "Họ tên của cán bộ tra cứu không khớp với cổng. Người bệnh không có lỗi."),
    ),
    "060": Code(
        MISMATCH, pgettext_lazy("portal", "Họ tên không khớp với thẻ."), IdentityCaseKind.PORTAL_NAME
    ),
    "061": Code(
        MISMATCH,
        pgettext_lazy("portal", "Họ tên không khớp với thẻ; chỉ đúng chữ cái đầu."),
        IdentityCaseKind.PORTAL_NAME,
    ),
    "070": Code(
        MISMATCH, pgettext_lazy("portal", "Ngày sinh không khớp với thẻ."), IdentityCaseKind.PORTAL_BIRTH
    ),
    "100": Code(UNVERIFIED, pgettext_lazy("portal", "Cổng BHXH đang lỗi khi lấy dữ liệu thẻ.")),
    "101": Code(UNVERIFIED, pgettext_lazy("portal", "Cổng BHXH đang lỗi.")),
    "110": Code(UNUSABLE, pgettext_lazy("portal", "Thẻ đã bị thu hồi.")),
    "120": Code(UNUSABLE, pgettext_lazy("portal", "Thẻ đã báo giảm.")),
    "121": Code(UNUSABLE, pgettext_lazy("portal", "Thẻ đã báo giảm: chuyển ngoại tỉnh.")),
    "122": Code(UNUSABLE, pgettext_lazy("portal", "Thẻ đã báo giảm: chuyển nội tỉnh.")),
    "123": Code(UNUSABLE, pgettext_lazy("portal", "Thẻ đã báo giảm do tăng lại cùng đơn vị.")),
    "124": Code(UNUSABLE, pgettext_lazy("portal", "Thẻ đã báo giảm: ngừng tham gia.")),
    "130": Code(VALID, pgettext_lazy("portal", "Trẻ em dưới 6 tuổi, không xuất trình thẻ.")),
    "205": Code(
        UNVERIFIED, pgettext_lazy("portal", "Cổng BHXH không nhận tham số gửi lên; quản trị cần xem lại.")
    ),
    "401": Code(
        UNVERIFIED, pgettext_lazy("portal", "Tài khoản cổng BHXH của cơ sở không đúng; quản trị cần xem lại.")
    ),
    "500": Code(UNVERIFIED, pgettext_lazy("portal", "Cổng BHXH đang lỗi.")),
    # Ours, for what is no answer of the portal.
    "not_connected": Code(UNVERIFIED, pgettext_lazy("portal", "Cơ sở chưa nối với cổng BHXH.")),
    "timeout": Code(UNVERIFIED, pgettext_lazy("portal", "Cổng BHXH không trả lời kịp.")),
    "unreachable": Code(UNVERIFIED, pgettext_lazy("portal", "Không nối được với cổng BHXH.")),
    "unreadable": Code(UNVERIFIED, pgettext_lazy("portal", "Cổng BHXH trả lời không đúng mẫu.")),
    "unknown": Code(UNVERIFIED, pgettext_lazy("portal", "Cổng BHXH trả lời một mã chưa biết.")),
}

SETTINGS_AT_FAULT = frozenset({"054", "055", "205", "401", "not_connected"})
"""Nothing the patient or the desk can do: the facility's administrator sets the account right."""


def text_of_code(code: str) -> str:
    """Return the sentence for a kept code; "" before there is one."""
    return str(CODES.get(code, CODES["unknown"]).text) if code else ""
