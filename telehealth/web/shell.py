"""What every page shows around its content: the way to other pages, who one is, and where."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scheduling.calendars.rules import SCHEDULE_ROLES
from scheduling.queues.rules import may_watch as may_watch_queues
from telehealth.accounts.enums import RECEPTION_ROLES, Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership, User
from telehealth.consultations.domain.queries import Tab, counts_of
from telehealth.consultations.domain.visit_lists import waiting_count
from telehealth.notifications.domain.reading import unread_count
from telehealth.web.http import hat_of, hats_on

NavItem = dict[str, Any]

# Who meets other sites or looks after lines. Everybody's own line is one click away in the account menu.
LINE_ROLES = {Role.SPECIALIST, Role.COORDINATOR, Role.FACILITY_ADMIN, Role.PROVINCE_OPERATOR}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. What costs a query is a function: a fragment that does not draw the shell does not pay."""
    context: dict[str, Any] = {
        "demonstration": settings.DEMONSTRATION,
        "hat_url": "/hat/",
        "search_url": "/search/",
    }
    if not isinstance(getattr(request, "user", None), User):
        return context
    user: User = request.user  # type: ignore[assignment]
    hat = hat_of(request)
    return context | {
        "hat": _as_shown(hat.membership) if hat else None,
        "hats": [_as_shown(membership) for membership in hats_on(request)],
        "may_search": hat is not None and hat.is_clinical,
        "nav": _navigation(request, user, hat),
        "account_nav": _account(user),
        "unread": lambda: unread_count(user),
        "person": {
            "name": user.display_name,
            "title": hat.membership.get_role_display() if hat else "",
            "initial": user.get_short_name()[:1].upper(),
        },
    }


def _as_shown(membership: Membership) -> dict[str, Any]:
    return {
        "id": membership.id,
        "facility": membership.facility.short_name,
        "role": membership.get_role_display(),
    }


def _navigation(request: HttpRequest, user: User, hat: Hat | None) -> Callable[[], list[NavItem]]:
    def navigation() -> list[NavItem]:
        items: list[NavItem] = []
        if hat and hat.is_clinical:
            counts = counts_of(hat, (Tab.WAITING, Tab.MINE, Tab.DECISION))
            waiting = counts[Tab.DECISION] if hat.role == Role.DOCTOR else counts[Tab.WAITING]
            items.append(
                _item(request, "home", "stethoscope", _("Hội chẩn"), count=waiting, also="/requests/")
            )
            items.append(_item(request, "visits", "video", _("Khám từ xa"), count=waiting_count(hat)))
            items.append(_item(request, "patients", "users", pgettext_lazy("menu", "Người bệnh")))
        if hat and hat.role in SCHEDULE_ROLES:
            items.append(
                _item(request, "schedule", "calendar", pgettext_lazy("menu", "Lịch"), also="/on-call/")
            )
        if hat and hat.role == Role.PROVINCE_OPERATOR:
            items.append(_item(request, "holidays", "calendar", _("Ngày lễ")))
        if hat and hat.role in RECEPTION_ROLES:
            items.append(_item(request, "desk", "scan-line", _("Tiếp đón")))
        if hat and may_watch_queues(hat):
            items.append(_item(request, "queues", "ticket", _("Gọi số")))
        if hat and hat.role == Role.FACILITY_ADMIN:
            items.append(_item(request, "people", "users", _("Nhân sự")))
        if hat and hat.role in {Role.FACILITY_ADMIN, Role.PROVINCE_OPERATOR}:
            items.append(_item(request, "delivery_log", "mail", _("Nhật ký gửi tin")))
        if hat and hat.role == Role.PROVINCE_OPERATOR:
            items.append(_item(request, "province", "activity", _("Toàn tỉnh")))
        if hat and hat.role in LINE_ROLES:
            items.append(_item(request, "lines", "signal", _("Đường truyền")))
        if hat and hat.role == Role.AUDITOR:
            items.append(_item(request, "audit", "list-checks", _("Nhật ký")))
        if hat is None and hasattr(user, "patient"):
            items.append(_item(request, "me", "clipboard-list", _("Hồ sơ của tôi")))
        return items

    return navigation


def _item(
    request: HttpRequest, name: str, icon: str, label: str | Promise, *, count: int = 0, also: str = ""
) -> NavItem:
    url = reverse(name)
    here = request.path == url or (url != "/" and request.path.startswith(url))
    return {
        "url": url,
        "icon": icon,
        "label": label,
        "count": count,
        "active": here or bool(also and request.path.startswith(also)),
    }


def _account(user: User) -> list[NavItem]:
    items: list[NavItem] = [
        {
            "url": reverse("notification_preferences"),
            "icon": "sliders-horizontal",
            "label": _("Cách nhận thông báo"),
        },
        {"url": reverse("line_check"), "icon": "signal", "label": _("Kiểm tra đường truyền")},
        {"url": reverse("mfa_index"), "icon": "shield-check", "label": _("Bảo mật đăng nhập")},
        {"url": reverse("account_change_password"), "icon": "key-round", "label": _("Đổi mật khẩu")},
    ]
    if settings.DEMONSTRATION and settings.STAND_INS:
        items.append({"url": reverse("telephones"), "icon": "smartphone", "label": _("Điện thoại minh họa")})
    return items
