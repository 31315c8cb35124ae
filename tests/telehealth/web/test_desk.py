"""The reception desk: from a card to a number, and what stands in the way without stopping anybody."""

import re
from datetime import date, datetime, time

import pytest
from django.test import Client

from scheduling.appointments.codes import qr_text
from scheduling.appointments.domain.registrations import Wanted, register
from scheduling.appointments.models import Registration
from scheduling.calendars.enums import SessionKind
from scheduling.calendars.models import WorkingHours
from scheduling.calendars.patterns import LOCAL
from scheduling.queues.models import QueueArea, QueueService, Ticket
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.audit.models import AuditEntry
from telehealth.core import clock
from telehealth.integrations.models import PortalAccount
from telehealth.records.cards.own import card_text
from telehealth.records.domain.patients import NewPatient, create_patient
from telehealth.records.enums import Sex
from telehealth.records.models import IdentityCase, InsuranceCheck, Patient, SmartCard
from tests.factories import NOW, World, make_facility, make_person
from tests.scheduling.appointments.factories import make_family, make_hospital
from tests.telehealth.signing_in import SignIn

CITIZEN = "040085000123|181234567|Nguyễn Văn Mẫu|02031985|Nam|Bản Mẫu, Nghệ An|15082021"
FRAGMENT = {"hx-request": "true"}


def insurance(name: str = "Nguyễn Văn Mẫu") -> str:
    hexed = name.encode().hex()
    return f"4012345678|{hexed}|02/03/1985|1|-|40 - 099|01/01/2026|-|20/12/2025|40991234567890|-|4|01/01/2026|a-1|4|-|$"


@pytest.fixture
def service(world: World) -> QueueService:
    area = QueueArea.objects.create(facility=world.spoke, name="Khu khám bệnh", place="Nhà A")
    return QueueService.objects.create(area=area, name="Khám nội")


@pytest.fixture
def desk(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.nurse)


def man(world: World) -> Patient:
    new = NewPatient(
        full_name="Nguyễn Văn Mẫu", birth_date=date(1985, 3, 2), sex=Sex.MALE, citizen_number="040085000123"
    )
    return create_patient(hat=world.nurse, new=new, now=NOW)


def read(desk: Client, text: str, source: str = "wedge") -> str:
    return post(desk, "/desk/read/", {"text": text, "source": source})


def post(desk: Client, address: str, data: dict[str, str], status: int = 200) -> str:
    response = desk.post(address, data, headers=FRAGMENT)
    assert response.status_code == status, response.content.decode()
    html = response.content.decode()
    assert "<html" not in html
    return html


def test_only_the_desk_may_compile_webassembly(desk: Client) -> None:
    policy = desk.get("/desk/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "wasm" not in desk.get("/patients/").headers["Content-Security-Policy"]


def test_a_known_card_leads_to_a_number_in_three_presses(
    desk: Client, world: World, service: QueueService
) -> None:
    patient = man(world)
    html = read(desk, CITIZEN)
    assert "Có phải người này?" in html
    assert f'hx-post="/desk/patients/{patient.id}/"' in html
    html = post(desk, f"/desk/patients/{patient.id}/", {"text": CITIZEN})
    assert "Lấy số" in html
    key = re.findall(r'name="key" value="([^"]+)"', html)[0]
    for _time in range(2):  # pressed twice, one number
        html = post(
            desk,
            f"/desk/patients/{patient.id}/number/",
            {"text": CITIZEN, "service": str(service.id), "key": key},
        )
    ticket = Ticket.objects.get()
    assert (ticket.code, ticket.label, ticket.reference) == ("A001", "N*** V** M**", f"patient:{patient.id}")
    assert ticket.code in html
    assert "<svg" in html
    html = post(desk, f"/desk/patients/{patient.id}/", {"text": CITIZEN})
    assert "Hôm nay đã lấy số" in html


def test_what_was_scanned_is_in_no_address(desk: Client, world: World, service: QueueService) -> None:
    patient = man(world)
    html = read(desk, CITIZEN) + post(desk, f"/desk/patients/{patient.id}/", {"text": CITIZEN})
    assert [
        address for address in re.findall(r'(?:href|action|hx-\w+)="([^"]*)"', html) if "0400" in address
    ] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (CITIZEN[:60], "Đọc thiếu mã, quét lại."),
        (CITIZEN.replace("Nguyễn", "Nguy?n"), "Mã đọc bị lỗi dấu"),
        ("000201010211", "Đây là mã chuyển tiền"),
        ("https://example.vn/x", "Đây là địa chỉ trang web"),
        ("eyJhbGciOi.x.y", "Không đọc được mã này – nhập số CCCD hoặc số BHXH."),
        ("A" * 2000, "Mã dài quá 1.000 ký tự"),
        ("NADK:NA7K2PX", "Không có đăng ký mang mã này"),
        (card_text("11234567890", b"forged"), "Thẻ khám này không do hệ thống cấp"),
    ],
)
def test_a_code_that_cannot_be_used_is_named(desk: Client, text: str, sentence: str) -> None:
    assert sentence in read(desk, text)


def test_a_number_that_survived_a_bad_scan_can_be_gone_on_with(desk: Client, world: World) -> None:
    man(world)
    html = read(desk, CITIZEN[:60])
    assert 'name="text" value="040085000123"' in html
    assert "Có phải người này?" in read(desk, "040085000123", "typed")


def test_markup_on_a_card_stays_text(desk: Client) -> None:
    html = read(desk, "040085000123|<script>alert(1)</script>|X|02031985|Nam|Y|15082021")
    assert "<script>" not in html


def test_a_newcomer_is_registered_from_the_card(desk: Client, world: World) -> None:
    html = read(desk, CITIZEN)
    assert 'value="Nguyễn Văn Mẫu"' in html
    assert 'value="02/03/1985"' in html
    html = post(
        desk,
        "/desk/register/",
        {
            "text": CITIZEN,
            "full_name": "Nguyễn Văn Mẫu",
            "born": "02/03/1985",
            "sex": "male",
            "citizen_number": "040085000123",
            "old_identity_number": "181234567",
            "address": "Bản Mẫu, Nghệ An",
        },
    )
    patient = Patient.objects.get(name_key="nguyen van mau")
    assert (patient.birth_date, patient.sex, patient.home_facility) == (date(1985, 3, 2), "male", world.spoke)
    assert sorted(patient.identifiers.values_list("kind", "value", "source")) == [
        ("citizen", "040085000123", "scanned"),
        ("old_identity", "181234567", "scanned"),
    ]
    assert "Đang kiểm tra BHYT" in html


def test_a_newcomer_of_the_same_name_is_shown_who_is_here_and_nothing_typed_is_lost(
    desk: Client, world: World
) -> None:
    man(world)
    form = {"text": "", "full_name": "nguyen van MAU", "born": "1985", "phone": "0912345678"}
    html = post(desk, "/desk/register/", form, 422)
    assert "Có thể người này đã có hồ sơ" in html
    assert 'value="0912345678"' in html
    post(desk, "/desk/register/", {**form, "certain": "1"})
    assert Patient.objects.filter(name_key="nguyen van mau").count() == 2


def test_a_slip_in_the_newcomers_form_is_marked(desk: Client) -> None:
    html = post(
        desk, "/desk/register/", {"full_name": "X Y", "born": "31/02/1990", "address": "Bản Piêng"}, 422
    )
    assert "Bản Piêng" in html
    assert "Không đọc được ngày" in html
    html = post(desk, "/desk/register/", {"full_name": "X Y", "citizen_number": "12"}, 422)
    assert "đúng 12 chữ số" in html


def test_a_month_and_year_are_kept_as_such(desk: Client) -> None:
    post(desk, "/desk/register/", {"full_name": "Lầu Bá Mẫu", "born": "03/1950"})
    patient = Patient.objects.get(name_key="lau ba mau")
    assert (patient.birth_date, patient.birth_precision) == (date(1950, 3, 1), "month")


def test_a_typed_name_is_searched_at_the_own_facility_only(desk: Client, world: World) -> None:
    man(world)
    other = make_person(make_facility(), Role.NURSE)
    create_patient(hat=other, new=NewPatient(full_name="Nguyễn Văn Mẫu Khác"), now=NOW)
    html = read(desk, "mau van", "typed")
    assert "Nguyễn Văn Mẫu" in html
    assert "Khác" not in html
    assert "Không tìm thấy ai. Người mới?" in read(desk, "khong co ai", "typed")


def test_a_second_card_of_another_name_opens_a_case_and_the_number_is_still_given(
    desk: Client, world: World, service: QueueService
) -> None:
    patient = man(world)
    html = post(
        desk,
        f"/desk/patients/{patient.id}/card/",
        {"first": CITIZEN, "text": insurance("Lầu Bá Khác"), "source": "wedge"},
    )
    assert "Cần đối soát danh tính" in html
    case = IdentityCase.objects.get()
    assert InsuranceCheck.objects.get().number == "4012345678"
    post(desk, f"/desk/patients/{patient.id}/number/", {"text": CITIZEN, "service": str(service.id)})
    assert Ticket.objects.count() == 1
    html = desk.get(f"/desk/identity/{case.id}/").content.decode()
    assert "Nguyễn Văn Mẫu" in html
    assert "Lầu Bá Khác" in html
    assert "identity__differs" in html
    refused = desk.post(f"/desk/identity/{case.id}/", {"outcome": "not_theirs", "reason": " "})
    assert refused.status_code == 422
    settled = desk.post(f"/desk/identity/{case.id}/", {"outcome": "not_theirs", "reason": "Thẻ của em trai"})
    assert settled.headers["Location"] == "/desk/identity/"
    assert "Lầu Bá Khác" in desk.get("/desk/identity/?tab=settled").content.decode()
    assert "Không có việc nào chờ đối soát" in desk.get("/desk/identity/").content.decode()


def test_a_bad_second_card_leaves_who_is_being_received(desk: Client, world: World) -> None:
    patient = man(world)
    html = post(desk, f"/desk/patients/{patient.id}/card/", {"first": CITIZEN, "text": insurance()[:-1]})
    assert "Đọc thiếu mã, quét lại." in html
    assert "Nguyễn Văn Mẫu" in html


def test_another_facilitys_patient_is_received_by_their_card_and_not_without(
    desk: Client, world: World
) -> None:
    other = make_person(make_facility(), Role.NURSE)
    patient = create_patient(
        hat=other, new=NewPatient(full_name="Kha Văn Xa", citizen_number="040085000123"), now=NOW
    )
    post(desk, f"/desk/patients/{patient.id}/", {"text": ""}, 404)
    post(desk, f"/desk/patients/{patient.id}/", {"text": "040085000999"}, 404)
    assert "hồ sơ gốc ở" in post(desk, f"/desk/patients/{patient.id}/", {"text": "040085000123"})


def test_the_insurance_line_asks_until_there_is_an_answer(
    desk: Client, world: World, sign_in: SignIn
) -> None:
    patient = man(world)
    post(desk, f"/desk/patients/{patient.id}/", {"text": CITIZEN})
    check = InsuranceCheck.objects.get()
    assert 'hx-trigger="every 2s"' in desk.get(f"/desk/insurance/{check.id}/").content.decode()
    InsuranceCheck.objects.update(state="unverified", code="timeout", checked_at=NOW, due_at=NOW)
    html = desk.get(f"/desk/insurance/{check.id}/").content.decode()
    assert "every 2s" not in html
    assert "Cổng BHXH không trả lời kịp." in html
    assert "Hệ thống sẽ tự hỏi lại." in html
    post(desk, f"/desk/patients/{patient.id}/insurance/", {"text": CITIZEN})
    assert InsuranceCheck.objects.count() == 2
    elsewhere = sign_in(make_person(make_facility(), Role.NURSE))
    assert elsewhere.get(f"/desk/insurance/{check.id}/").status_code == 404


def test_a_registration_is_checked_in_by_its_qr(sign_in: SignIn) -> None:
    registration, nurse = registered()
    desk = sign_in(nurse)
    html = read(desk, qr_text(registration.code))
    assert "Nhận và lấy số" in html
    assert registration.code in read(desk, registration.code.lower(), "typed")
    html = post(desk, f"/desk/registrations/{registration.id}/", {})
    registration.refresh_from_db()
    assert registration.ticket is not None
    assert registration.ticket.code in html
    stranger = sign_in(make_person(make_facility(), Role.NURSE))
    assert "Không có đăng ký mang mã này" in read(stranger, qr_text(registration.code))
    post(stranger, f"/desk/registrations/{registration.id}/", {}, 404)


def test_who_registered_by_telephone_is_recognised_by_name_and_year_and_tied_to_the_record(
    sign_in: SignIn,
) -> None:
    registration, nurse = registered()
    name, year = registration.beneficiary.full_name, registration.beneficiary.birth_year
    patient = create_patient(hat=nurse, new=NewPatient(full_name=name, birth_year=year), now=NOW)
    desk = sign_in(nurse)
    html = post(desk, f"/desk/patients/{patient.id}/", {"text": ""})
    assert "Đã đăng ký khám hôm nay" in html
    post(desk, f"/desk/registrations/{registration.id}/", {"patient": str(patient.id), "text": ""})
    registration.beneficiary.refresh_from_db()
    assert registration.beneficiary.patient == patient


def test_a_walk_in_gets_a_number_without_a_name(desk: Client, service: QueueService) -> None:
    assert "Khám nội" in desk.get("/desk/walk-in/").content.decode()
    html = post(desk, "/desk/walk-in/", {"service": str(service.id), "reasons": "pregnant"})
    ticket = Ticket.objects.get()
    assert (ticket.code, ticket.label, ticket.priority_reasons) == ("U001", "", ["pregnant"])
    assert "U001" in html
    post(desk, "/desk/walk-in/", {"service": str(make_hospital().service.queue_service_id)}, 409)
    post(desk, "/desk/walk-in/", {"service": "x"}, 409)


def test_age_gives_priority_by_itself(desk: Client, world: World, service: QueueService) -> None:
    old = create_patient(hat=world.nurse, new=NewPatient(full_name="Vi Thị Già", birth_year=1940), now=NOW)
    html = post(desk, f"/desk/patients/{old.id}/", {"text": ""})
    assert re.search(r'value="age_75" checked', html)


def test_a_smart_card_is_issued_printed_and_revoked(desk: Client, world: World) -> None:
    patient = man(world)
    issued = desk.post(f"/desk/patients/{patient.id}/smart-card/", {"text": CITIZEN})
    address = issued.headers["Location"]
    html = desk.get(address).content.decode()
    assert "<svg" in html
    assert "Không thay" in html
    assert "040085000123" not in html
    card = SmartCard.objects.get()
    assert "Có phải người này?" in read(desk, card.number, "typed")
    desk.post(f"{address}revoke/", {"reason": ""})
    desk.post(f"{address}revoke/", {"reason": "Mất"})
    assert "Thẻ này đã hủy" in desk.get(address).content.decode()
    assert "Thẻ khám này đã bị hủy." in read(desk, card.number, "typed")


def test_the_portals_account_is_set_and_its_password_never_shown(world: World, sign_in: SignIn) -> None:
    administrator = sign_in(make_person(world.spoke, Role.FACILITY_ADMIN))
    form = {"username": "40099_BV", "staff_name": "Lô Thị Tra Cứu", "staff_number": "040185000999"}
    assert administrator.post("/desk/insurance-account/", form).status_code == 422
    assert administrator.post("/desk/insurance-account/", {**form, "password": "bi mat"}).status_code == 302
    html = administrator.get("/desk/insurance-account/").content.decode()
    assert "40099_BV" in html
    assert "bi mat" not in html
    assert PortalAccount.objects.get().password not in html
    assert administrator.post("/desk/insurance-account/", {**form, "staff_number": "1"}).status_code == 422


def test_looking_is_audited(desk: Client, world: World) -> None:
    patient = man(world)
    read(desk, CITIZEN)
    post(desk, f"/desk/patients/{patient.id}/", {"text": CITIZEN})
    actions = set(AuditEntry.objects.filter(chain=str(world.spoke.id)).values_list("action", flat=True))
    assert actions >= {"desk.card_read", "patient.received_at_desk", "patient.card_added", "insurance.asked"}
    assert "040085000123" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def registered() -> tuple[Registration, Hat]:
    """Somebody who registered this morning for an examination today, and the nurse who will receive them."""
    hospital = make_hospital()
    today = clock.now().astimezone(LOCAL).date()
    for weekday in (6, 7):
        WorkingHours.objects.create(
            facility=hospital.facility,
            weekday=weekday,
            session=SessionKind.MORNING,
            opens=time(7),
            closes=time(11, 30),
        )
    dawn = datetime.combine(today, time(5), LOCAL)
    visitor, (beneficiary,) = make_family(now=dawn)
    wanted = Wanted(service=hospital.service, day=today, session=SessionKind.MORNING, insured=True)
    return register(by=visitor, wanted=wanted, beneficiary=beneficiary, now=dawn), hospital.nurse
