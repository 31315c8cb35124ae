"""One-time codes, passes, and the people a phone books for."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle

import pytest

from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.bookings import ForWhom, book
from scheduling.appointments.domain.contacts import (
    NewBeneficiary,
    TooOften,
    add_beneficiary,
    change_beneficiary,
    contact_of_pass,
    give_pass,
    link_beneficiary,
    remove_beneficiary,
    request_code,
    verify_code,
    void_passes,
)
from scheduling.appointments.enums import Relation
from scheduling.appointments.models import Contact, PhoneCode
from scheduling.queues.enums import PriorityReason
from telehealth.accounts.hat import Origin
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from telehealth.notifications.kinds import Kind
from telehealth.notifications.models import Notification
from telehealth.records.enums import DatePrecision
from tests.factories import make_patient
from tests.scheduling.appointments.factories import NOW, TOMORROW, make_contact, make_hospital, slot

pytestmark = pytest.mark.django_db
HOME = Origin(address="10.0.0.7")
PHONE = "0912 345 678"


def digits(text: str) -> Iterator[str]:
    return cycle(text)


def send(code: str = "314159", *, phone: str = PHONE, origin: Origin = HOME, after: float = 0) -> None:
    chosen = digits(code)
    request_code(
        phone=phone, origin=origin, now=NOW + timedelta(seconds=after), choose=lambda _text: next(chosen)
    )


def check(code: str, *, phone: str = PHONE, after: float = 10) -> Contact:
    return verify_code(phone=phone, code=code, origin=HOME, now=NOW + timedelta(seconds=after))


def test_a_phone_is_verified_by_the_code_it_got_and_kept_as_typed_and_in_e164() -> None:
    send(phone="0166 512 3456")
    sent = Notification.objects.get(kind=Kind.ONE_TIME_CODE)
    assert (sent.phone, sent.values) == ("+84365123456", {"code": "314159", "minutes": "5"})
    contact = check("314 159", phone="0365123456")
    assert (contact.phone, contact.verified_at) == ("+84365123456", NOW + timedelta(seconds=10))


def test_of_a_code_only_a_keyed_digest_is_kept() -> None:
    send()
    row = PhoneCode.objects.get()
    assert "314159" not in str(vars(row))
    assert len(row.digest) == 64
    send(phone="0912 345 679")
    assert PhoneCode.objects.exclude(id=row.id).get().digest != row.digest


def test_a_code_is_good_once_for_five_minutes_and_for_five_tries() -> None:
    send()
    with pytest.raises(Invalid) as refused:
        check("000000")
    assert (refused.value.code, refused.value.detail["left"]) == ("code.wrong", 4)
    check("314159")
    with pytest.raises(Invalid) as refused:
        check("314159")
    assert refused.value.code == "code.expired"
    send(after=100)
    with pytest.raises(Invalid) as refused:
        check("314159", after=100 + 5 * 60)
    assert refused.value.code == "code.expired"
    send(after=500)
    for _n in range(5):
        with pytest.raises(Invalid):
            check("000000", after=510)
    with pytest.raises(Invalid) as refused:
        check("314159", after=511)
    assert refused.value.code == "code.expired"


def test_a_phone_gets_one_code_a_minute_and_five_an_hour() -> None:
    send()
    with pytest.raises(TooOften) as refused:
        send(after=20)
    assert (refused.value.code, refused.value.detail["retry_after"]) == ("code.too_often", 40)
    for n in range(1, 5):
        send(after=60 * n)
    with pytest.raises(TooOften) as refused:
        send(after=300)
    assert refused.value.detail["retry_after"] == 3300
    send(phone="0912 345 679", after=300)


def test_one_address_does_not_try_out_the_codes_of_many_phones() -> None:
    for n in range(20):
        send(phone=f"09123456{n:02d}")
    with pytest.raises(TooOften) as refused:
        send(phone="0912345699")
    assert refused.value.code == "code.too_many_here"
    send(phone="0912345699", origin=Origin(address="10.0.0.8"))
    for n in range(12):
        for _n in range(5):
            with pytest.raises(Invalid):
                check("000000", phone=f"09123456{n:02d}")
    with pytest.raises(TooOften):
        check("314159", phone="0912345615")


@pytest.mark.parametrize("phone", ["", "0238 384 4528", "12", "0912 345 67x"])
def test_only_a_mobile_number_gets_a_code(phone: str) -> None:
    with pytest.raises(Invalid) as refused:
        send(phone=phone)
    assert (refused.value.code, refused.value.detail["field"]) == ("phone.malformed", "phone")


def test_a_pass_is_good_for_its_life_and_until_it_is_voided() -> None:
    contact = make_contact()
    token = give_pass(contact, now=NOW)
    assert contact_of_pass(token, now=NOW + timedelta(days=29)) == contact
    assert contact_of_pass(token, now=NOW + timedelta(days=31)) is None
    assert contact_of_pass(token[:-1] + "x", now=NOW) is None
    assert contact_of_pass("", now=NOW) is None
    void_passes(contact=contact, origin=HOME, now=NOW)
    assert contact_of_pass(token, now=NOW + timedelta(days=1)) is None
    later = NOW + timedelta(seconds=5)
    assert contact_of_pass(give_pass(contact, now=later), now=later) == contact


def test_the_same_person_is_not_added_twice_and_age_reasons_are_not_taken_from_anybodys_word() -> None:
    contact = make_contact()
    new = NewBeneficiary(
        full_name="  Vừ Thị  Mẫu ",
        birth_date=date(1990, 5, 6),
        relation=Relation.SELF,
        citizen_number="040 190 000 001",
        priority_reasons=frozenset({PriorityReason.PREGNANT, PriorityReason.AGE_75}),
    )
    first = add_beneficiary(contact=contact, new=new, now=NOW)
    again = add_beneficiary(contact=contact, new=new, now=NOW)
    assert first == again
    assert (first.full_name, first.birth_year, first.birth_precision) == (
        "Vừ Thị Mẫu",
        1990,
        DatePrecision.DAY,
    )
    assert (first.citizen_number, first.priority_reasons) == ("040190000001", [PriorityReason.PREGNANT])


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewBeneficiary(full_name=" ", birth_year=1990), "patient.name_missing"),
        (NewBeneficiary(full_name="Vừ A Tủa"), "patient.birth_impossible"),
        (NewBeneficiary(full_name="Vừ A Tủa", birth_year=1800), "patient.birth_impossible"),
        (NewBeneficiary(full_name="Vừ A Tủa", birth_date=date(2026, 12, 1)), "patient.birth_impossible"),
        (
            NewBeneficiary(full_name="Vừ A Tủa", birth_year=1990, citizen_number="12"),
            "patient.bad_identifier",
        ),
        (
            NewBeneficiary(full_name="Vừ A Tủa", birth_year=1990, insurance_number="ZZ9"),
            "patient.bad_identifier",
        ),
    ],
)
def test_what_cannot_be_a_person_is_refused_by_field(new: NewBeneficiary, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_beneficiary(contact=make_contact(), new=new, now=NOW)
    assert refused.value.code == code
    assert "field" in refused.value.detail


def test_a_phone_books_for_a_family_not_for_a_village() -> None:
    contact = make_contact()
    for n in range(12):
        add_beneficiary(contact=contact, new=NewBeneficiary(full_name=f"Vừ A {n}", birth_year=1990), now=NOW)
    with pytest.raises(Conflict) as refused:
        add_beneficiary(contact=contact, new=NewBeneficiary(full_name="Vừ A 12", birth_year=1990), now=NOW)
    assert refused.value.code == "beneficiary.too_many"


def test_somebody_with_a_booking_is_not_removed_and_a_strangers_person_is_not_there() -> None:
    hospital = make_hospital()
    contact, stranger = make_contact(), make_contact()
    one = add_beneficiary(
        contact=contact, new=NewBeneficiary(full_name="Vừ Thị Mẫu", birth_year=1990), now=NOW
    )
    visitor = Visitor(holder="browser", contact=contact)
    book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), whom=ForWhom(one), now=NOW)
    refusals: list[str] = []
    for who in (contact, stranger):
        with pytest.raises(DomainError) as refused:
            remove_beneficiary(contact=who, beneficiary_id=one.id, now=NOW)
        refusals.append(refused.value.code)
    assert refusals == ["beneficiary.has_bookings", "beneficiary.not_found"]
    remove_beneficiary(contact=contact, beneficiary_id=one.id, now=NOW + timedelta(days=2))
    with pytest.raises(NotFound):
        remove_beneficiary(contact=contact, beneficiary_id=one.id, now=NOW)


def test_staff_tie_a_person_to_a_record_and_then_the_phone_no_longer_changes_the_name() -> None:
    hospital = make_hospital()
    contact, second_phone = make_contact(), make_contact()
    new = NewBeneficiary(full_name="Vừ Thị Mẫu", birth_year=1985)
    one = add_beneficiary(contact=contact, new=new, now=NOW)
    same = add_beneficiary(contact=second_phone, new=new, now=NOW)
    for person, phone, doctor in (
        (one, contact, hospital.doctor),
        (same, second_phone, hospital.second_doctor),
    ):
        visitor = Visitor(holder=phone.phone, contact=phone)
        wanted = hospital.wanted(slot(TOMORROW, 8), doctor=doctor)
        book(by=visitor, wanted=wanted, whom=ForWhom(person), now=NOW)
    patient = make_patient(hospital.nurse)
    assert link_beneficiary(hat=hospital.nurse, beneficiary=one, patient=patient, now=NOW) == []
    # The same person was booked with two phones at one time: the second booking cannot follow, and staff are told.
    assert link_beneficiary(hat=hospital.nurse, beneficiary=same, patient=patient, now=NOW) == list(
        same.appointments.all()
    )
    with pytest.raises(NotAllowed) as refused:
        change_beneficiary(
            contact=contact,
            beneficiary_id=one.id,
            new=NewBeneficiary(full_name="Vừ Thị Khác", birth_year=1985),
            now=NOW,
        )
    assert refused.value.code == "beneficiary.linked"
    changed = change_beneficiary(
        contact=contact,
        beneficiary_id=one.id,
        new=NewBeneficiary(full_name="Vừ Thị Mẫu", birth_year=1985, insurance_number="4040123456"),
        now=NOW,
    )
    assert changed.insurance_number == "4040123456"
