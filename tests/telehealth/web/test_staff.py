"""A facility's administrator makes accounts, gives roles and hands out first sign-ins; nobody reaches beyond their facility."""

import re
from datetime import date
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from telehealth.accounts.enums import Role
from telehealth.accounts.first_sign_in import issue_token, lifetime, user_of_token
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership, User
from telehealth.audit.models import AuditEntry
from telehealth.facilities.enums import FacilityKind
from telehealth.facilities.models import Department
from tests.factories import NOW, PASSWORD, World, make_facility, make_person
from tests.telehealth.signing_in import SignIn

CHOSEN = "mot cau that de nho 2026"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def admin(world: World) -> Hat:
    return make_person(world.spoke, Role.FACILITY_ADMIN)


def typed(**changed: object) -> dict[str, object]:
    return {
        "full_name": "Lầu Bá Tủa",
        "title": "BS.",
        "username": "bs.tua",
        "licence_number": "012345/NA-CCHN",
        "licence_scope": "Khám bệnh, chữa bệnh đa khoa",
        "role": "doctor",
    } | changed


def link_in(html: str) -> str:
    found = re.search(r"data-link>http://testserver(/account/first-sign-in/[^<]+)<", html)
    assert found
    return found[1]


def acts_of(hat: Hat) -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(user_id=hat.user.pk).exclude(action="user.signed_in").order_by("id")
    return list(entries.values_list("action", "object_type"))


def test_a_new_doctor_chooses_a_password_by_the_link_and_works(
    world: World, admin: Hat, sign_in: SignIn
) -> None:
    department = Department.objects.create(facility=world.spoke, name="Khoa Nội")
    answer = sign_in(admin).post(
        "/people/new/", typed(username="BS.Tua", department=str(department.id), licence_valid_to="2030-01-31")
    )
    assert answer.status_code == 200
    user = User.objects.get(username="bs.tua")
    assert [(m.facility, m.role, m.department) for m in user.memberships.all()] == [
        (world.spoke, "doctor", department)
    ]
    assert list(user.licenses.values_list("number", "scope", "valid_to")) == [
        ("012345/NA-CCHN", "Khám bệnh, chữa bệnh đa khoa", date(2030, 1, 31))
    ]
    assert not user.has_usable_password()
    assert acts_of(admin) == [
        ("user.created", "user"),
        ("membership.given", "membership"),
        ("user.first_sign_in_issued", "user"),
    ]

    browser, link = Client(), link_in(answer.content.decode())
    assert "bs.tua" in browser.get(link).content.decode()
    short = browser.post(link, {"password1": "ngan", "password2": "ngan"})
    assert (short.status_code, user.has_usable_password()) == (422, False)
    done = browser.post(link, {"password1": CHOSEN, "password2": CHOSEN})
    assert done.headers["Location"] == "/account/login/"
    assert acts_of(Hat(user.memberships.get()))[-1] == ("user.password_chosen", "user")
    browser.post("/account/login/", {"login": "bs.tua", "password": CHOSEN})
    assert "Lầu Bá Tủa" in browser.get("/").content.decode()
    # Once.
    again = Client().post(link, {"password1": "x" * 20, "password2": "x" * 20})
    assert (again.status_code, "Liên kết này đã dùng rồi" in again.content.decode()) == (404, True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "bs tủa"}, "Tên đăng nhập gồm 3 đến 40"),
        ({"licence_number": ""}, "Vai trò này cần số giấy phép"),
        ({"licence_scope": ""}, "Vai trò này cần số giấy phép"),
        ({"role": "nurse", "licence_number": "", "licence_scope": ""}, "Vai trò này cần số giấy phép"),
        ({"role": "specialist"}, "Bác sĩ chuyên khoa cần ít nhất một chuyên khoa"),
        ({"role": "province_operator"}, "Hãy chọn một lựa chọn hợp lệ."),
        ({"full_name": " "}, "Trường này là bắt buộc."),
        ({"email": "khong-phai"}, "Nhập địa chỉ email."),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(
    changed: dict[str, object], said: str, admin: Hat, sign_in: SignIn
) -> None:
    answer = sign_in(admin).post("/people/new/", typed(phone="0912 345 678", **changed))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert 'value="0912 345 678"' in html
    assert not User.objects.filter(full_name="Lầu Bá Tủa").exists()
    assert acts_of(admin) == []


def test_names_and_licences_belong_to_one_account(world: World, admin: Hat, sign_in: SignIn) -> None:
    client = sign_in(admin)
    taken = client.post("/people/new/", typed(username=world.specialist.user.username.upper()))
    assert "Tên đăng nhập này đã có người dùng" in taken.content.decode()
    number = world.specialist.user.licenses.get().number
    twice = client.post("/people/new/", typed(licence_number=number.lower()))
    assert "Số giấy phép này đã gắn với một tài khoản khác" in twice.content.decode()
    assert not User.objects.filter(username="bs.tua").exists()


def test_only_the_department_of_health_gives_the_provinces_role(world: World, sign_in: SignIn) -> None:
    department = make_facility("Sở Y tế")
    department.kind = FacilityKind.DEPARTMENT_OF_HEALTH
    department.save()
    form = typed(role="province_operator", licence_number="", licence_scope="")
    assert sign_in(make_person(department, Role.FACILITY_ADMIN)).post("/people/new/", form).status_code == 200
    assert User.objects.get(username="bs.tua").memberships.get().role == "province_operator"


@pytest.mark.parametrize("by", ["username", "licence"])
def test_a_role_is_added_for_a_person_known_exactly(
    by: str, world: World, admin: Hat, sign_in: SignIn
) -> None:
    user = world.specialist.user
    who = user.username if by == "username" else user.licenses.get().number
    answer = sign_in(admin).post(
        "/people/existing/", {"who": who, "full_name": user.full_name.lower(), "role": "doctor"}
    )
    assert answer.headers["Location"] == "/people/"
    given = user.memberships.get(facility=world.spoke)
    assert (given.role, given.is_active) == ("doctor", True)
    assert acts_of(admin) == [("membership.given", "membership")]
    again = sign_in(admin).post(
        "/people/existing/", {"who": who, "full_name": user.full_name, "role": "doctor"}
    )
    assert "Người này đang có vai trò đó tại cơ sở" in again.content.decode()


def test_a_wrong_name_and_an_unknown_number_get_the_same_answer(
    world: World, admin: Hat, sign_in: SignIn
) -> None:
    client = sign_in(admin)
    patient = User.objects.create_user(username="nguoibenh", password="x", full_name="Vừ Thị Mẫu")
    for who, name in (
        (world.specialist.user.username, "Tên Khác"),
        ("khong.co.ai", world.specialist.user.full_name),
        (patient.username, patient.full_name),
    ):
        html = client.post(
            "/people/existing/", {"who": who, "full_name": name, "role": "doctor"}
        ).content.decode()
        assert "Không có tài khoản nào khớp" in html
        assert f'value="{who}"' in html
    assert Membership.objects.filter(facility=world.spoke, role="doctor").count() == 1


def test_nobody_gives_themselves_a_role(admin: Hat, sign_in: SignIn) -> None:
    form = {"who": admin.user.username, "full_name": admin.user.full_name, "role": "doctor"}
    assert "chính mình" in sign_in(admin).post("/people/existing/", form).content.decode()
    assert admin.user.memberships.count() == 1


def test_details_department_and_licence_are_changed(world: World, admin: Hat, sign_in: SignIn) -> None:
    department = Department.objects.create(facility=world.spoke, name="Khoa Ngoại")
    client, address = sign_in(admin), f"/people/{world.doctor.membership.id}/"
    html = client.get(address).content.decode()
    assert f'value="{world.doctor.user.full_name}"' in html
    assert f'value="{world.doctor.user.licenses.get().number}"' in html
    answer = client.post(
        address,
        {
            "full_name": "Lô Văn Mới",
            "licence_number": "000777/NA-CCHN",
            "licence_scope": "Ngoại khoa",
            "department": str(department.id),
            "specialties": [world.specialty.key],
        },
    )
    assert answer.headers["Location"] == "/people/"
    membership = Membership.objects.get(id=world.doctor.membership.id)
    assert (membership.user.full_name, membership.department) == ("Lô Văn Mới", department)
    assert [one.key for one in membership.specialties.all()] == [world.specialty.key]
    assert membership.user.licenses.get().number == "000777/NA-CCHN"
    assert acts_of(admin) == [("user.changed", "user"), ("membership.changed", "membership")]


def test_another_facilitys_account_keeps_its_details_and_its_sign_in(
    world: World, admin: Hat, sign_in: SignIn
) -> None:
    user = world.specialist.user
    client = sign_in(admin)
    client.post("/people/existing/", {"who": user.username, "full_name": user.full_name, "role": "doctor"})
    here = user.memberships.get(facility=world.spoke)
    html = client.get(f"/people/{here.id}/").content.decode()
    assert "do cơ sở khác quản lý" in html
    assert "licence_number" not in html
    changed = client.post(
        f"/people/{here.id}/", {"full_name": "Tên Khác", "specialties": [world.specialty.key]}
    )
    assert changed.status_code == 302
    refused = client.post(f"/people/{here.id}/first-sign-in/")
    assert refused.status_code == 403
    user.refresh_from_db()
    assert (user.full_name != "Tên Khác", user.check_password(PASSWORD)) == (True, True)
    # Where they work longest it can be done; when that role ends, the account passes to where they still work.
    home = make_person(world.hub, Role.FACILITY_ADMIN)
    assert sign_in(home).post(f"/people/{world.specialist.membership.id}/first-sign-in/").status_code == 200
    sign_in(home).post(f"/people/{world.specialist.membership.id}/deactivate/")
    assert client.post(f"/people/{here.id}/first-sign-in/").status_code == 200


def test_a_new_link_ends_the_password_the_sessions_and_the_older_link(
    world: World, admin: Hat, sign_in: SignIn
) -> None:
    client, nurse = sign_in(admin), sign_in(world.nurse)
    assert nurse.get("/").status_code == 200
    address = f"/people/{world.nurse.membership.id}/first-sign-in/"
    first = link_in(client.post(address).content.decode())
    second = link_in(client.post(address).content.decode())
    assert nurse.get("/").status_code == 302
    world.nurse.user.refresh_from_db()
    assert not world.nurse.user.check_password(PASSWORD)
    assert [Client().get(link).status_code for link in (first, second)] == [404, 200]


@pytest.mark.parametrize("lost", [False, True])
def test_a_second_factor_ends_only_when_it_is_said_to_be_lost(
    lost: bool, world: World, admin: Hat, sign_in: SignIn
) -> None:
    TOTP.activate(world.nurse.user, generate_totp_secret())
    form = {"remove_factors": "1"} if lost else {}
    sign_in(admin).post(f"/people/{world.nurse.membership.id}/first-sign-in/", form)
    assert Authenticator.objects.filter(user=world.nurse.user).exists() is not lost
    assert AuditEntry.objects.get(action="user.first_sign_in_issued").detail == {"factors_removed": lost}


def test_people_of_other_facilities_and_oneself_are_out_of_reach(
    world: World, admin: Hat, sign_in: SignIn
) -> None:
    client = sign_in(admin)
    for path in ("", "first-sign-in/"):
        assert client.post(f"/people/{world.specialist.membership.id}/{path}").status_code == 404
    assert client.post(f"/people/{admin.membership.id}/first-sign-in/").status_code == 409
    ended = world.nurse.membership
    Membership.objects.filter(id=ended.id).update(is_active=False)
    assert client.get(f"/people/{ended.id}/").status_code == 404


def test_a_link_ends_by_itself(world: World) -> None:
    user = world.doctor.user
    token = issue_token(user=user, now=NOW)
    assert user_of_token(user_id=user.pk, token=token, now=NOW + lifetime()) == user
    assert user_of_token(user_id=user.pk, token=token, now=NOW + lifetime() * 1.01) is None
    assert user_of_token(user_id=world.nurse.user.pk, token=token, now=NOW) is None


def test_the_operator_appoints_a_facilitys_first_administrator(world: World) -> None:
    out = StringIO()
    call_command("appoint_administrator", world.hub.name, "quantri.moi", "Hà Văn Mới", stdout=out)
    link = re.search(r"http://127\.0\.0\.1:8000(/account/first-sign-in/\S+)", out.getvalue())
    assert link
    browser = Client()
    browser.post(link[1], {"password1": CHOSEN, "password2": CHOSEN})
    browser.post("/account/login/", {"login": "quantri.moi", "password": CHOSEN})
    assert browser.get("/people/").status_code == 200
    for facility, username in (("Không có", "quantri.ba"), (world.hub.name, "quantri.moi")):
        with pytest.raises(CommandError):
            call_command("appoint_administrator", facility, username, "Hà Văn Ba")
