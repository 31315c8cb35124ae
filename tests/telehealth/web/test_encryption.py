"""Choosing end-to-end encryption on the page of a case."""

from telehealth.consultations.models import Session
from tests.factories import World, make_claimed
from tests.telehealth.signing_in import SignIn

TICK = 'name="encrypted"'


def test_physicians_of_both_sides_are_offered_it_and_nobody_else(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    page = f"/requests/{case.id}/"
    everybody = (world.doctor, world.specialist, world.coordinator, world.nurse)
    offered = [TICK in sign_in(hat).get(page).content.decode() for hat in everybody]
    assert offered == [True, True, False, False]


def test_a_ticked_room_is_encrypted_and_its_page_and_the_case_say_so(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    doctor = sign_in(world.doctor)
    opened = doctor.post(f"/requests/{case.id}/room/", {"encrypted": "on"})
    assert opened.status_code == 302
    assert Session.objects.get().encrypted
    assert '"encrypted": true' in doctor.get(opened.headers["Location"]).content.decode()
    html = doctor.get(f"/requests/{case.id}/").content.decode()
    assert "Mở phòng lần 1, mã hóa đầu cuối" in html
    assert TICK not in html


def test_an_unticked_room_is_not(world: World, sign_in: SignIn) -> None:
    case = make_claimed(world)
    doctor = sign_in(world.doctor)
    opened = doctor.post(f"/requests/{case.id}/room/")
    assert not Session.objects.get().encrypted
    assert '"encrypted": false' in doctor.get(opened.headers["Location"]).content.decode()


def test_a_coordinator_who_ticks_it_all_the_same_is_told_and_no_room_is_open(
    world: World, sign_in: SignIn
) -> None:
    case = make_claimed(world)
    refused = sign_in(world.coordinator).post(f"/requests/{case.id}/room/", {"encrypted": "on"})
    assert refused.status_code == 403
    assert "Chỉ bác sĩ hai bên mới chọn được mã hóa đầu cuối" in refused.content.decode()
    assert not Session.objects.exists()
