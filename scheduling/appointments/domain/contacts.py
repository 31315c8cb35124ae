"""Verifying a phone by a one-time code, and the people who are booked for with it."""

import math
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Min, QuerySet, Sum
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling.appointments import rules
from scheduling.appointments.callers import Visitor
from scheduling.appointments.enums import OCCUPYING, Relation
from scheduling.appointments.models import Appointment, Beneficiary, Contact, PhoneCode
from scheduling.appointments.phones import e164
from scheduling.queues.enums import PriorityReason
from telehealth.accounts.hat import Hat, Origin
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from telehealth.core.text import clean, fold
from telehealth.notifications.domain.telling import notify
from telehealth.notifications.kinds import Kind as NoticeKind
from telehealth.notifications.recipients import ToPhone
from telehealth.records.enums import DatePrecision, Sex
from telehealth.records.models import Patient

_SALT = "scheduling.appointments"
DIGITS = "0123456789"
CODE_DIGITS = 6
BENEFICIARIES = 12
"""People one phone may book for: a large family, not a village."""
TOLD_REASONS = (PriorityReason.PREGNANT, PriorityReason.DISABILITY, PriorityReason.MERIT)
"""Reasons to go first that somebody may name; the desk looks at the papers. Age is computed, and an emergency does not book."""
_NUMBERS = (
    (
        "citizen_number",
        r"\d{12}",
        gettext_lazy("Số định danh cá nhân gồm đúng 12 chữ số. Hãy xem lại mặt trước của thẻ."),
    ),
    (
        "insurance_number",
        r"\d{10}|[A-Z]{2}[1-5]\d{12}",
        gettext_lazy(
            "Số bảo hiểm xã hội gồm 10 chữ số, hoặc mã thẻ bảo hiểm y tế đủ 15 ký tự. Hãy xem lại thẻ."
        ),
    ),
)


class TooOften(DomainError):
    """Asked for more than anybody needs; the same request succeeds later (HTTP 429). `retry_after` in seconds."""

    status = 429
    retry = True


@dataclass(frozen=True)
class NewBeneficiary:
    """Somebody to book for. `birth_date`, or only `birth_year` when no more is known."""

    full_name: str
    birth_date: date | None = None
    birth_year: int | None = None
    birth_precision: DatePrecision | None = None
    sex: Sex = Sex.UNKNOWN
    relation: Relation = Relation.SELF
    citizen_number: str = ""
    insurance_number: str = ""
    priority_reasons: frozenset[PriorityReason] = frozenset()


@transaction.atomic
def request_code(
    *,
    phone: str,
    origin: Origin,
    now: datetime,
    language: str = "vi",
    choose: Callable[[str], str] = secrets.choice,
) -> datetime:
    """Send a one-time code to a phone; return until when it is good. The answer is the same for a known and an unknown phone.

    Raises:
        Invalid: `phone.malformed`; TooOften: `code.too_often`, `code.too_many_here`.
    """
    number = _number(phone)
    with connection.cursor() as cursor:
        # Counting and adding must not be done by two at once, or a limit is passed.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [number])
    recent = PhoneCode.objects.filter(phone=number)
    for span, most in rules.CODES_PER_PHONE:
        _limit(recent, span, most, now, "code.too_often")
    for span, most in rules.CODES_PER_ADDRESS:
        _limit(PhoneCode.objects.filter(address=origin.address), span, most, now, "code.too_many_here")
    code = "".join(choose(DIGITS) for _n in range(CODE_DIGITS))
    sent = PhoneCode(phone=number, address=origin.address, created_at=now, expires_at=now + rules.CODE_LIFE)
    sent.digest = _digest(sent, code)
    sent.save(force_insert=True)
    PhoneCode.objects.filter(created_at__lt=now - timedelta(days=1)).delete()
    notify(
        kind=NoticeKind.ONE_TIME_CODE,
        recipient=ToPhone(number),
        key=f"code:{sent.id}",
        context={"code": code, "minutes": str(int(rules.CODE_LIFE.total_seconds() // 60))},
        now=now,
        language=language,
    )
    return sent.expires_at


def verify_code(*, phone: str, code: str, origin: Origin, now: datetime, language: str = "vi") -> Contact:
    """Return the contact of a phone whose code somebody has read. A code is good once, and for few tries.

    Raises:
        Invalid: `phone.malformed`, `code.wrong`, `code.expired`; TooOften: `code.too_many_here`.
    """
    verdict = _try_code(phone, re.sub(r"\D", "", code), origin, now, language)
    if isinstance(verdict, DomainError):  # raised only now: the try that was used up must be kept
        raise verdict
    return verdict


@transaction.atomic
def _try_code(phone: str, code: str, origin: Origin, now: datetime, language: str) -> Contact | DomainError:
    number = _number(phone)
    span, most = rules.WRONG_PER_ADDRESS
    wrong = PhoneCode.objects.filter(address=origin.address, created_at__gt=now - span).aggregate(
        sum=Sum("tries")
    )["sum"]
    if (wrong or 0) >= most:
        return _too_many_here(span)
    sent = (
        PhoneCode.objects.select_for_update()
        .filter(phone=number, used_at=None, expires_at__gt=now, tries__lt=rules.CODE_TRIES)
        .order_by("-created_at")
        .first()
    )
    if sent is None:
        return Invalid(
            "code.expired",
            _("Mã đã hết hạn hoặc đã nhập sai quá nhiều lần. Hãy bấm gửi mã mới."),
            field="code",
        )
    if not constant_time_compare(sent.digest, _digest(sent, code)):
        PhoneCode.objects.filter(id=sent.id).update(tries=sent.tries + 1)
        left = rules.CODE_TRIES - sent.tries - 1
        text = _("Mã chưa đúng, còn %(n)s lần nhập. Hãy xem lại tin nhắn mới nhất.") % {"n": left}
        return Invalid("code.wrong", text, field="code", left=left)
    PhoneCode.objects.filter(phone=number, used_at=None).update(used_at=now)
    contact, _made = Contact.objects.update_or_create(
        phone=number,
        defaults={"verified_at": now, "language": language},
        create_defaults={
            "verified_at": now,
            "language": language,
            "typed": clean(phone)[:24],
            "created_at": now,
            "passes_from": now,
        },
    )
    record("contact.verified", now=now, hat=None, origin=origin, object_type="contact", object_id=contact.id)
    return contact


def give_pass(contact: Contact, *, now: datetime) -> str:
    """Return what a browser keeps to be known as this phone's for `PASS_LIFE`. Signed, not secret."""
    return signing.dumps([contact.id.hex, int(now.timestamp())], salt=_SALT)


def read_pass(token: str, *, now: datetime) -> tuple[UUID, datetime] | None:
    """Return whose pass it is and since when, or None when it is none of ours or too old. Asks no database."""
    try:
        contact, since = signing.loads(token, salt=_SALT)
        given = datetime.fromtimestamp(since, tz=now.tzinfo)
        return (UUID(contact), given) if given <= now < given + rules.PASS_LIFE else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def contact_of_pass(token: str, *, now: datetime) -> Contact | None:
    """Return the contact a browser's pass is of, or None."""
    found = read_pass(token, now=now)
    if found is None:
        return None
    contact = Contact.objects.filter(id=found[0]).first()
    return contact if contact is not None and still_good(contact, since=found[1]) else None


def still_good(contact: Contact, *, since: datetime) -> bool:
    """Say whether a pass given at a time was not voided later. A pass has whole seconds: one of the same second is good."""
    return contact.passes_from < since + timedelta(seconds=1)


@transaction.atomic
def void_passes(*, contact: Contact, origin: Origin, now: datetime) -> None:
    """Sign a phone out of all browsers: it was lost, or has a new owner."""
    Contact.objects.filter(id=contact.id).update(passes_from=now + timedelta(seconds=1))
    record(
        "contact.signed_out", now=now, hat=None, origin=origin, object_type="contact", object_id=contact.id
    )


@transaction.atomic
def add_beneficiary(*, contact: Contact, new: NewBeneficiary, now: datetime) -> Beneficiary:
    """Add a person to book for; the same person again is found, not doubled.

    Raises:
        Invalid: `patient.name_missing`, `patient.birth_impossible`, `patient.bad_identifier`; Conflict: `beneficiary.too_many`.
    """
    values = _values(new, now=now)
    Contact.objects.select_for_update().get(id=contact.id)
    known = contact.beneficiaries.filter(removed_at=None)
    same = known.filter(
        full_name__iexact=values["full_name"],
        birth_year=values["birth_year"],
        birth_date=values["birth_date"],
    ).first()
    if same is not None:
        return same
    if known.count() >= BENEFICIARIES:
        raise Conflict(
            "beneficiary.too_many",
            _("Số điện thoại này đã có %(n)s người khám. Hãy bỏ bớt người không còn đặt lịch cho.")
            % {"n": BENEFICIARIES},
        )
    return Beneficiary.objects.create(contact=contact, created_at=now, **values)


@transaction.atomic
def change_beneficiary(
    *, contact: Contact, beneficiary_id: UUID, new: NewBeneficiary, now: datetime
) -> Beneficiary:
    """Correct what was told about a person. Once staff tied them to a record, name and birth are no longer the phone's to change.

    Raises:
        NotFound: `beneficiary.not_found`; NotAllowed: `beneficiary.linked`; as `add_beneficiary`.
    """
    values = _values(new, now=now)
    one = own_beneficiary(contact, beneficiary_id, lock=True)
    fixed = ("full_name", "birth_date", "birth_year", "sex")
    if one.patient_id and any(getattr(one, name) != values[name] for name in fixed):
        raise NotAllowed(
            "beneficiary.linked",
            _("Thông tin người này đã được cơ sở đối chiếu. Cần sửa, hãy mang giấy tờ đến quầy tiếp đón."),
        )
    for name, value in values.items():
        setattr(one, name, value)
    one.save()
    return one


@transaction.atomic
def remove_beneficiary(*, contact: Contact, beneficiary_id: UUID, now: datetime) -> None:
    """Take a person off the phone's list. What was booked stays in the books of the facility.

    Raises:
        NotFound: `beneficiary.not_found`; Conflict: `beneficiary.has_bookings`.
    """
    one = own_beneficiary(contact, beneficiary_id, lock=True)
    if (
        one.appointments.filter(status__in=OCCUPYING, during__endswith__gt=now).exists()
        or one.registrations.filter(status__in=OCCUPYING, arrive_to__gt=now).exists()
    ):
        raise Conflict(
            "beneficiary.has_bookings", _("Người này còn lịch hẹn sắp tới. Hãy hủy các lịch đó trước.")
        )
    one.removed_at = now
    one.save(update_fields=["removed_at"])


@transaction.atomic
def link_beneficiary(
    *, hat: Hat, beneficiary: Beneficiary, patient: Patient, now: datetime
) -> list[Appointment]:
    """Tie a person who was booked for to a record, after looking at their papers. Staff alone may.

    The caller fetched `patient` through `records.access`. Returns the bookings that could not follow, because the record has another
    at the same time: somebody booked the same person with two phones, and staff ask which one holds.

    Raises:
        NotAllowed: `booking.not_staff`.
    """
    if not rules.may_book(hat):
        raise NotAllowed("booking.not_staff", _("Chỉ nhân viên y tế của cơ sở mới nối được hồ sơ."))
    Beneficiary.objects.filter(id=beneficiary.id).update(
        patient=patient, linked_by=hat.membership, linked_at=now
    )
    beneficiary.patient, beneficiary.linked_by, beneficiary.linked_at = patient, hat.membership, now
    twice = []
    for appointment in beneficiary.appointments.filter(patient=None).order_by("created_at"):
        try:
            with transaction.atomic():
                Appointment.objects.filter(id=appointment.id).update(patient=patient)
        except IntegrityError:
            twice.append(appointment)
    record(
        "beneficiary.linked",
        now=now,
        hat=hat,
        object_type="beneficiary",
        object_id=beneficiary.id,
        patient_id=patient.id,
        booked_twice=len(twice),
    )
    return twice


def own_beneficiary(contact: Contact, beneficiary_id: UUID, *, lock: bool = False) -> Beneficiary:
    """Return a person of this phone's list.

    Raises:
        NotFound: `beneficiary.not_found`.
    """
    people = contact.beneficiaries.filter(id=beneficiary_id, removed_at=None)
    one = (people.select_for_update() if lock else people).first()
    if one is None:
        raise NotFound(
            "beneficiary.not_found", _("Không có người này trong danh sách của số điện thoại đang dùng.")
        )
    return one


def contact_of(by: Visitor) -> Contact:
    """Return the visitor's phone.

    Raises:
        NotAllowed: `contact.not_verified`.
    """
    if by.contact is None:
        raise NotAllowed(
            "contact.not_verified", _("Hãy xác nhận số điện thoại bằng mã trước. Chỗ đang giữ vẫn còn đó.")
        )
    return by.contact


def _number(phone: str) -> str:
    number = e164(phone)
    if number is None:
        raise Invalid(
            "phone.malformed",
            _("Số điện thoại này không đúng dạng. Hãy ghi số di động 10 chữ số, như 0912 345 678."),
            field="phone",
        )
    return number


def _digest(sent: PhoneCode, code: str) -> str:
    """Six digits are soon tried out, so the digest is keyed with the installation's secret and differs for each row."""
    return salted_hmac(f"{_SALT}.code.{sent.id}", code, algorithm="sha256").hexdigest()


def _limit(codes: QuerySet[PhoneCode], span: timedelta, most: int, now: datetime, code: str) -> None:
    within = codes.filter(created_at__gt=now - span).aggregate(n=Count("id"), first=Min("created_at"))
    if within["n"] < most:
        return
    if code == "code.too_many_here":
        raise _too_many_here(span)
    wait = max(1, math.ceil((within["first"] + span - now).total_seconds()))
    raise TooOften(
        code,
        _("Mã vừa được gửi, có thể đang trên đường đến. Có thể gửi lại sau %(n)s giây.") % {"n": wait},
        retry_after=wait,
    )


def _too_many_here(span: timedelta) -> TooOften:
    return TooOften(
        "code.too_many_here",
        _("Có quá nhiều lần xin mã từ nơi này. Hãy thử lại sau ít phút, hoặc nhờ quầy tiếp đón đặt giúp."),
        retry_after=int(span.total_seconds()),
    )


def _values(new: NewBeneficiary, *, now: datetime) -> dict[str, Any]:
    """Return the columns of what was typed.

    Raises:
        Invalid: `patient.name_missing`, `patient.birth_impossible`, `patient.bad_identifier`.
    """
    name = " ".join(clean(new.full_name).split())[:120]
    if len(fold(name)) < 2:
        raise Invalid("patient.name_missing", _("Hãy nhập họ và tên người khám."), field="full_name")
    year = new.birth_date.year if new.birth_date else new.birth_year
    today = rules.local_day(now)
    if year is None or not 1890 <= year <= today.year or (new.birth_date and new.birth_date > today):
        raise Invalid(
            "patient.birth_impossible",
            _("Ngày sinh không hợp lý. Hãy kiểm tra lại; nếu chỉ biết năm sinh, hãy để trống ngày và tháng."),
            field="birth_date",
        )
    numbers: dict[str, str] = {}
    for field, form, text in _NUMBERS:
        value = re.sub(r"[\s.-]", "", getattr(new, field)).upper()
        if value and not re.fullmatch(form, value):
            raise Invalid("patient.bad_identifier", str(text), field=field)
        numbers[field] = value
    told = {reason for reason in new.priority_reasons if reason in TOLD_REASONS}
    return {
        "full_name": name,
        "birth_date": new.birth_date,
        "birth_year": year,
        "birth_precision": new.birth_precision
        or (DatePrecision.DAY if new.birth_date else DatePrecision.YEAR),
        "sex": new.sex,
        "relation": new.relation,
        "priority_reasons": sorted(told),
        **numbers,
    }
