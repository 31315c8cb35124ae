"""A facility's account at the portal: set by its administrator, sealed at once, never shown again."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import Invalid, NotAllowed
from telehealth.core.sealed import NotOurs, seal, unseal
from telehealth.core.text import clean
from telehealth.facilities.models import Facility
from telehealth.integrations.insurance.messages import Credentials
from telehealth.integrations.models import PortalAccount
from telehealth.records.cards.text import is_digits
from telehealth.records.enums import InsuranceState
from telehealth.records.models import InsuranceCheck

PURPOSE = "insurance-portal"


@transaction.atomic
def set_account(
    *, hat: Hat, username: str, password: str, staff_name: str, staff_number: str, now: datetime
) -> PortalAccount:
    """Set the account of the hat's facility. An empty password keeps the one that is there. Waiting questions are asked anew.

    Raises:
        NotAllowed: `insurance.not_administrator`; Invalid: `insurance.account_incomplete`, `insurance.staff_number`.
    """
    if hat.role != Role.FACILITY_ADMIN:
        raise NotAllowed("insurance.not_administrator", _("Chỉ quản trị cơ sở đặt được tài khoản cổng BHXH."))
    username, staff_name = clean(username), clean(staff_name)
    known = PortalAccount.objects.select_for_update().filter(facility=hat.facility).first()
    if not (username and staff_name and (password or known)):
        raise Invalid(
            "insurance.account_incomplete",
            _("Cần đủ tên đăng nhập, mật khẩu và họ tên cán bộ tra cứu."),
        )
    if not is_digits(staff_number.strip(), 12):
        raise Invalid("insurance.staff_number", _("Số căn cước của cán bộ tra cứu gồm đúng 12 chữ số."))
    account = known or PortalAccount(facility=hat.facility)
    account.username, account.staff_name = username, staff_name
    account.staff_number = seal(staff_number.strip(), purpose=PURPOSE)
    if password:
        # The portal compares MD5 sums; that sum opens it as the password would, so it is sealed like one.
        digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
        account.password = seal(digest, purpose=PURPOSE)
    account.changed_at, account.changed_by = now, hat.membership
    account.save()
    waiting = InsuranceCheck.objects.filter(facility=hat.facility, state=InsuranceState.UNVERIFIED)
    waiting.filter(due_at__isnull=False).update(due_at=now)
    record(
        "insurance.account_changed",
        now=now,
        hat=hat,
        object_type="facility",
        object_id=hat.facility.id,
    )
    return account


def account_of(hat: Hat) -> PortalAccount | None:
    """Return the account of the hat's facility, for its administrator; its secrets stay sealed."""
    if hat.role != Role.FACILITY_ADMIN:
        return None
    return PortalAccount.objects.filter(facility=hat.facility).select_related("changed_by__user").first()


def credentials_of(facility: Facility) -> Credentials | None:
    """Return what to log in with; None when nothing is set, or when it was sealed by a key that is gone."""
    account = PortalAccount.objects.filter(facility=facility).first()
    if account is None:
        return None
    try:
        return Credentials(
            username=account.username,
            password=unseal(account.password, purpose=PURPOSE),
            staff_name=account.staff_name,
            staff_number=unseal(account.staff_number, purpose=PURPOSE),
        )
    except NotOurs:
        return None
