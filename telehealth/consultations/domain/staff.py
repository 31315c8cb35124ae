"""Accounts and roles, given and changed by the administrator of a facility, for that facility only.

An account is looked after where the person has worked longest (of the roles they have now): that facility's administrator may
change the person's own details and hand out a new first sign-in. Another facility may give the same person a role, and looks
after that role alone: else it could take over an account that opens other hospitals' cases.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from telehealth.accounts.enums import LICENSED_ROLES, Role
from telehealth.accounts.first_sign_in import issue_token, lifetime
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import License, Membership, User
from telehealth.audit.log import record
from telehealth.consultations.domain.people import not_found, require_administrator
from telehealth.core.constraints import unique
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.core.text import clean, fold
from telehealth.facilities.enums import FacilityKind
from telehealth.facilities.models import Department, Facility, Specialty

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


@dataclass(frozen=True)
class LicenceEntry:
    """A practising licence as typed: its number, its scope, its last day (None: without end)."""

    number: str
    scope: str
    valid_to: date | None = None


@dataclass(frozen=True)
class Details:
    """What belongs to the person, wherever they work. `licence` is None when none was typed."""

    full_name: str
    title: str = ""
    email: str = ""
    phone: str = ""
    licence: LicenceEntry | None = None


@dataclass(frozen=True)
class Post:
    """Where in the facility somebody works, and on what. `specialties` are keys."""

    department_id: UUID | None = None
    specialties: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FirstSignIn:
    """A link's parts, to be shown once: nothing of it is stored."""

    membership: Membership
    token: str
    expires_at: datetime


def roles_to_give(facility: Facility) -> tuple[Role, ...]:
    """Return the roles an administrator of the facility may give; the province's own only in the Department of Health."""
    own = Role.PROVINCE_OPERATOR
    return tuple(r for r in Role if r != own or facility.kind == FacilityKind.DEPARTMENT_OF_HEALTH)


def looks_after(hat: Hat, user: User) -> bool:
    """Say whether the account is looked after by the administrator's facility."""
    oldest = (F("given_at").asc(nulls_first=True), "id")
    first = user.memberships.filter(is_active=True).order_by(*oldest).first()
    return first is not None and first.facility_id == hat.facility.id


def membership_to_change(hat: Hat, membership_id: UUID, *, lock: bool = False) -> Membership:
    """Return an active role at the administrator's facility.

    Raises:
        NotAllowed: `people.not_administrator`; NotFound: `people.not_found`.
    """
    require_administrator(hat)
    rows = Membership.objects.select_related("user", "facility", "department")
    if lock:
        rows = rows.select_for_update(of=("self",))
    membership = rows.filter(id=membership_id, facility=hat.facility, is_active=True).first()
    if membership is None:
        raise not_found()
    return membership


@transaction.atomic
def create_person(
    *, hat: Hat, username: str, details: Details, role: Role, post: Post, now: datetime
) -> FirstSignIn:
    """Make an account with one role at the administrator's facility.

    Raises:
        NotAllowed: `people.not_administrator`, `people.role_not_given_here`.
        Conflict: `people.username_taken`, `people.licence_taken`.
        Invalid: `people.username_malformed`, `people.name_missing`, `people.licence_missing`, `people.specialty_missing`,
            `people.department_elsewhere`; `detail["field"]` names the field.
    """
    require_administrator(hat)
    user = _new_user(hat.facility, username, role, details, now=now)
    record("user.created", now=now, hat=hat, object_type="user", object_id=user.pk)
    membership = _give(hat, user, role, post, now=now)
    return _issue(hat, membership, now=now)


@transaction.atomic
def add_role(*, hat: Hat, who: str, full_name: str, role: Role, post: Post, now: datetime) -> Membership:
    """Give a role to somebody who has an account, found by exact login name or licence number and named in full.

    The name is asked so that a slip of the finger gives nobody a role, and so that guessing numbers tells nobody's name:
    a wrong name and an unknown number get the same answer.

    Raises:
        NotAllowed: `people.not_administrator`, `people.role_not_given_here`; Conflict: `people.yourself`, `people.role_twice`.
        Invalid: `people.nobody`, `people.licence_missing`, `people.specialty_missing`, `people.department_elsewhere`.
    """
    require_administrator(hat)
    who = clean(who)
    staff = User.objects.filter(is_active=True, memberships__isnull=False).distinct()
    found = staff.filter(username__iexact=who).first()
    if found is None:
        licensed = list(staff.filter(licenses__number__iexact=who)[:2]) if who else []
        found = licensed[0] if len(licensed) == 1 else None
    if found is None or fold(found.full_name) != fold(full_name):
        raise Invalid(
            "people.nobody",
            _(
                "Không có tài khoản nào khớp cả số (hoặc tên đăng nhập) và họ tên này. Hãy xem lại từng ký tự, "
                "hoặc tạo tài khoản mới."
            ),
            field="who",
        )
    user = User.objects.select_for_update().get(pk=found.pk)
    if user.pk == hat.user.pk:
        raise Conflict(
            "people.yourself_role", _("Không tự thêm vai trò cho chính mình được. Hãy nhờ một quản trị khác.")
        )
    if role in LICENSED_ROLES and not user.licenses.exists():
        raise Invalid(
            "people.licence_missing",
            _(
                "Tài khoản này chưa có giấy phép hành nghề trong hệ thống. Hãy nhờ cơ sở quản lý tài khoản ghi giấy phép trước."
            ),
            field="who",
        )
    return _give(hat, user, role, post, now=now)


@transaction.atomic
def change_person(
    *, hat: Hat, membership_id: UUID, details: Details | None, post: Post, now: datetime
) -> Membership:
    """Change a role's department and specialties and, with `details`, what belongs to the person.

    Raises:
        NotFound: `people.not_found`; NotAllowed: `people.not_administrator`, `people.looked_after_elsewhere`.
        Conflict: `people.licence_taken`; Invalid as `create_person`.
    """
    membership = membership_to_change(hat, membership_id, lock=True)
    if details is not None:
        _require_care(hat, membership.user)
        if Role(membership.role) in LICENSED_ROLES and details.licence is None:
            raise _licence_missing()
        _write(membership.user, details)
        record("user.changed", now=now, hat=hat, object_type="user", object_id=membership.user.pk)
    specialties = _place(membership, post)
    membership.save(update_fields=["department"])
    membership.specialties.set(specialties)
    record("membership.changed", now=now, hat=hat, object_type="membership", object_id=membership.id)
    return membership


@transaction.atomic
def issue_first_sign_in(
    *, hat: Hat, membership_id: UUID, now: datetime, remove_factors: bool = False
) -> FirstSignIn:
    """Hand out a new first sign-in: the old password and an older link end, open sessions close.

    With `remove_factors` second factor and passkeys end as well, for somebody who lost them.

    Raises:
        NotFound: `people.not_found`; NotAllowed: `people.not_administrator`, `people.looked_after_elsewhere`;
        Conflict: `people.yourself_sign_in`.
    """
    membership = membership_to_change(hat, membership_id, lock=True)
    if membership.user_id == hat.user.pk:
        raise Conflict(
            "people.yourself_sign_in", _("Mật khẩu của chính mình thì đổi ở “Đổi mật khẩu” trong tài khoản.")
        )
    _require_care(hat, membership.user)
    return _issue(hat, membership, now=now, remove_factors=remove_factors)


@transaction.atomic
def appoint_administrator(*, facility: Facility, username: str, full_name: str, now: datetime) -> FirstSignIn:
    """Make a facility's first administrator: the operator's act at the machine itself, who has no hat.

    Raises:
        Conflict: `people.username_taken`; Invalid: `people.username_malformed`, `people.name_missing`.
    """
    role = Role.FACILITY_ADMIN
    user = _new_user(facility, username, role, Details(full_name), now=now)
    record("user.created", now=now, hat=None, object_type="user", object_id=user.pk)
    membership = Membership.objects.create(user=user, facility=facility, role=role, given_at=now)
    record(
        "membership.given",
        now=now,
        hat=None,
        object_type="membership",
        object_id=membership.id,
        role=str(role),
    )
    return _issue(None, membership, now=now)


def _new_user(facility: Facility, username: str, role: Role, details: Details, *, now: datetime) -> User:
    username = clean(username).lower()
    if not _USERNAME.fullmatch(username):
        raise Invalid(
            "people.username_malformed",
            _("Tên đăng nhập gồm 3 đến 40 chữ không dấu, chữ số, dấu chấm hoặc gạch nối, như bs.nguyenvana."),
            field="username",
        )
    # Signing in does not look at capitals, so no two names may differ by them alone.
    if User.objects.filter(username__iexact=username).exists():
        raise _username_taken()
    if role in LICENSED_ROLES and details.licence is None:
        raise _licence_missing()
    user = User(username=username, date_joined=now, is_demonstration=facility.is_demonstration)
    user.set_unusable_password()
    with unique("accounts_user_username_key", _username_taken):  # somebody may have been faster
        _write(user, details)
    return user


def _issue(
    hat: Hat | None, membership: Membership, *, now: datetime, remove_factors: bool = False
) -> FirstSignIn:
    token = issue_token(user=membership.user, now=now, remove_factors=remove_factors)
    record(
        "user.first_sign_in_issued",
        now=now,
        hat=hat,
        object_type="user",
        object_id=membership.user.pk,
        factors_removed=remove_factors,
    )
    return FirstSignIn(membership, token, now + lifetime())


def _give(hat: Hat, user: User, role: Role, post: Post, *, now: datetime) -> Membership:
    if role not in roles_to_give(hat.facility):
        raise NotAllowed("people.role_not_given_here", _("Cơ sở này không cấp được vai trò đó."))
    if user.memberships.filter(facility=hat.facility, role=role, is_active=True).exists():
        raise Conflict(
            "people.role_twice",
            _("Người này đang có vai trò đó tại cơ sở. Hãy sửa vai trò đang có."),
            field="role",
        )
    membership = Membership(user=user, facility=hat.facility, role=role, given_at=now)
    specialties = _place(membership, post)
    membership.save(force_insert=True)
    membership.specialties.set(specialties)
    record(
        "membership.given",
        now=now,
        hat=hat,
        object_type="membership",
        object_id=membership.id,
        role=str(role),
    )
    return membership


def _place(membership: Membership, post: Post) -> list[Specialty]:
    """Set the department; return the specialties, which can be set when the role is a row."""
    department = None
    if post.department_id is not None:
        department = Department.objects.filter(
            id=post.department_id, facility_id=membership.facility_id
        ).first()
        if department is None:
            raise Invalid("people.department_elsewhere", _("Khoa này không thuộc cơ sở."), field="department")
    known = list(Specialty.objects.filter(key__in=post.specialties))
    if len(known) != len(post.specialties) or (membership.role == Role.SPECIALIST and not known):
        raise Invalid(
            "people.specialty_missing",
            _("Bác sĩ chuyên khoa cần ít nhất một chuyên khoa: ca hội chẩn được chuyển theo chuyên khoa."),
            field="specialties",
        )
    membership.department = department
    return known


def _write(user: User, details: Details) -> None:
    user.full_name = " ".join(clean(details.full_name).split())
    if not user.full_name:
        raise Invalid("people.name_missing", _("Hãy ghi họ và tên."), field="full_name")
    user.title, user.phone, user.email = clean(details.title), clean(details.phone), clean(details.email)
    user.save()
    if details.licence is not None:
        _write_licence(user, details.licence)


def _write_licence(user: User, entry: LicenceEntry) -> None:
    number, scope = clean(entry.number), clean(entry.scope)
    if not number or not scope:
        raise _licence_missing()
    if License.objects.filter(number__iexact=number).exclude(user=user).exists():
        raise Conflict(
            "people.licence_taken",
            _(
                "Số giấy phép này đã gắn với một tài khoản khác. Nếu là cùng một người, hãy thêm vai trò cho tài khoản đó."
            ),
            field="licence_number",
        )
    licence = user.licenses.order_by("-id").first() or License(user=user)
    licence.number, licence.scope, licence.valid_to = number, scope, entry.valid_to
    licence.save()


def _require_care(hat: Hat, user: User) -> None:
    if not looks_after(hat, user):
        raise NotAllowed(
            "people.looked_after_elsewhere",
            _(
                "Tài khoản này do cơ sở khác quản lý; tại đây chỉ đổi được khoa, chuyên khoa và vai trò. Chưa có gì thay đổi."
            ),
        )


def _username_taken() -> Conflict:
    return Conflict(
        "people.username_taken",
        _(
            "Tên đăng nhập này đã có người dùng. Hãy chọn tên khác; "
            "nếu chính người này đã có tài khoản thì hãy thêm vai trò cho họ."
        ),
        field="username",
    )


def _licence_missing() -> Invalid:
    return Invalid(
        "people.licence_missing",
        _("Vai trò này cần số giấy phép hành nghề và phạm vi hành nghề."),
        field="licence_number",
    )
