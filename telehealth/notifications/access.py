"""Who may read the delivery log: facility administrators of what is about their facility, the province's operators of everything."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.core.errors import NotAllowed
from telehealth.notifications.models import Delivery


def access_deliveries(hat: Hat) -> QuerySet[Delivery]:
    """Return the deliveries an administrator may see, the newest first.

    Raises:
        NotAllowed: `delivery.not_administrator`.
    """
    rows = Delivery.objects.select_related("notification__user", "notification__facility").order_by("-id")
    if hat.role == Role.PROVINCE_OPERATOR:
        return rows
    if hat.role == Role.FACILITY_ADMIN:
        return rows.filter(notification__facility=hat.facility)
    raise NotAllowed("delivery.not_administrator", _("Chỉ quản trị xem được nhật ký gửi tin."))
