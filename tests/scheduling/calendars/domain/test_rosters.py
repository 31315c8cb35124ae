"""On-call duty: nobody in two places, every clash named, swaps only with consent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from scheduling.calendars.domain.leaves import answer_leave, ask_leave, withdraw_leave
from scheduling.calendars.domain.rosters import (
    add_shift,
    cancel_shift,
    reassign_shift,
    save_roster,
    write_hand_over,
)
from scheduling.calendars.domain.swaps import accept_swap, decline_swap, propose_swap, withdraw_swap
from scheduling.calendars.domain.telling import remind_of_duty
from scheduling.calendars.enums import DutyRank, LeaveKind, LeaveState, RosterCover, SwapState
from scheduling.calendars.models import HandOverNote, OnCallShift, Roster, ShiftSwap
from scheduling.calendars.ranges import interval_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership, User
from telehealth.audit.models import AuditEntry
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from telehealth.notifications.models import Notification
from tests.factories import NOW, World, make_person, make_world
from tests.scheduling.factories import MONDAY, at, make_roster, make_shift, stretch

NIGHT = stretch(MONDAY, "17:00", "07:00", 1)
NEXT_NIGHT = stretch(MONDAY + timedelta(days=1), "17:00", "07:00", 1)


def put(
    world: World, roster: Roster, person: Membership, during: Interval = NIGHT, **more: object
) -> OnCallShift:
    rank = more.get("rank", DutyRank.PRIMARY)
    assert isinstance(rank, DutyRank)
    return add_shift(
        hat=world.coordinator,
        roster_id=roster.id,
        membership_id=person.id,
        rank=rank,
        during=during,
        now=NOW,
    )


def same_person_at(hat: Hat, world: World) -> Hat:
    """The same person's second hat, at the spoke."""
    return Hat(Membership.objects.create(user=hat.user, facility=world.spoke, role=Role.DOCTOR))


@pytest.mark.django_db
def test_two_facilities_at_once_are_refused_by_the_database_itself(world: World) -> None:
    elsewhere = same_person_at(world.specialist, world)
    make_shift(make_roster(world.hub), world.specialist.membership, NIGHT)
    with pytest.raises(IntegrityError, match="shift_at_one_facility"), transaction.atomic():
        make_shift(make_roster(world.spoke), elsewhere.membership, stretch(MONDAY, "23:00", "08:00", 1))
    make_shift(
        make_roster(world.spoke, world.specialty), elsewhere.membership, stretch(MONDAY, "08:00", "17:00")
    )


@pytest.mark.django_db
def test_the_clash_is_named_in_a_sentence(world: World) -> None:
    elsewhere = same_person_at(world.specialist, world)
    make_shift(make_roster(world.spoke), elsewhere.membership, stretch(MONDAY, "23:00", "08:00", 1))
    with pytest.raises(Conflict) as refused:
        put(world, make_roster(world.hub), world.specialist.membership)
    assert refused.value.code == "shift.elsewhere"
    assert refused.value.text == (
        f"{world.specialist.user.display_name} đã trực tại {world.spoke.short_name} từ 23:00 30/11/2026 đến"
        " 08:00 01/12/2026. Một người không hành nghề cùng lúc ở hai cơ sở (Luật 15/2023/QH15, Điều 36)."
        " Lịch trực chưa đổi."
    )


@pytest.mark.django_db
def test_a_place_has_one_person_and_a_person_one_place(world: World) -> None:
    roster = make_roster(world.hub, world.specialty)
    first, second = world.specialist.membership, world.second_specialist.membership
    put(world, roster, first)
    with pytest.raises(Conflict) as taken:
        put(world, roster, second)
    with pytest.raises(Conflict) as twice:
        put(world, roster, first, rank=DutyRank.BACKUP)
    assert (taken.value.code, twice.value.code) == ("shift.place_taken", "shift.twice")
    assert world.specialist.user.display_name in taken.value.text
    put(world, roster, second, rank=DutyRank.BACKUP)
    put(world, make_roster(world.hub), first)  # for two rosters of one house at once


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("during", "code"),
    [
        (stretch(MONDAY, "00:00", "01:00", 2), "shift.too_long"),
        (stretch(MONDAY - timedelta(days=30), "07:00", "17:00"), "shift.past"),
    ],
)
def test_duties_that_cannot_be_are_refused(world: World, during: Interval, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        put(world, make_roster(world.hub), world.specialist.membership, during)
    assert refused.value.code == code


@pytest.mark.django_db
def test_nobody_without_a_licence_is_on_duty(world: World) -> None:
    person = make_person(world.hub, Role.DOCTOR, licensed=False)
    with pytest.raises(Invalid) as refused:
        put(world, make_roster(world.hub), person.membership)
    assert refused.value.code == "shift.no_licence"


@pytest.mark.django_db
def test_leave_and_duty_exclude_each_other(world: World) -> None:
    roster = make_roster(world.hub)
    leave = ask_leave(hat=world.specialist, kind=LeaveKind.ANNUAL, during=NIGHT, now=NOW)
    put(world, roster, world.specialist.membership)
    with pytest.raises(Conflict) as on_call:
        answer_leave(hat=world.coordinator, leave_id=leave.id, granted=True, now=NOW)
    cancel_shift(hat=world.coordinator, shift_id=OnCallShift.objects.get().id, now=NOW)
    granted = answer_leave(hat=world.coordinator, leave_id=leave.id, granted=True, now=NOW)
    with pytest.raises(Conflict) as on_leave:
        put(world, roster, world.specialist.membership)
    assert (on_call.value.code, granted.state, on_leave.value.code) == (
        "leave.on_call",
        LeaveState.GRANTED,
        "shift.on_leave",
    )


@pytest.mark.django_db
def test_leave_is_asked_once_and_answered_by_somebody_else(world: World) -> None:
    leave = ask_leave(hat=world.coordinator, kind=LeaveKind.STUDY, during=NIGHT, now=NOW)
    attempts: list[Callable[[], object]] = [
        lambda: ask_leave(hat=world.coordinator, kind=LeaveKind.OTHER, during=NIGHT, now=NOW),
        lambda: answer_leave(hat=world.coordinator, leave_id=leave.id, granted=True, now=NOW),
        lambda: answer_leave(hat=world.specialist, leave_id=leave.id, granted=True, now=NOW),
        lambda: withdraw_leave(hat=world.specialist, leave_id=leave.id, now=NOW),
    ]
    codes = []
    for attempt in attempts:
        with pytest.raises(DomainError) as refused:
            attempt()
        codes.append(refused.value.code)
    assert codes == ["leave.twice", "leave.own", "schedule.not_editor", "leave.not_found"]
    assert withdraw_leave(hat=world.coordinator, leave_id=leave.id, now=NOW).state == LeaveState.WITHDRAWN
    ask_leave(hat=world.coordinator, kind=LeaveKind.OTHER, during=NIGHT, now=NOW)


@pytest.mark.django_db
def test_only_editors_of_the_facility_change_its_roster(world: World) -> None:
    roster = save_roster(hat=world.coordinator, specialty=world.specialty, cover=RosterCover.ALWAYS, now=NOW)
    shift = put(world, roster, world.specialist.membership)
    stranger = make_person(world.spoke, Role.COORDINATOR)
    with pytest.raises(NotAllowed):
        add_shift(
            hat=world.specialist,
            roster_id=roster.id,
            membership_id=world.specialist.membership.id,
            rank=DutyRank.HEAD,
            during=NIGHT,
            now=NOW,
        )
    with pytest.raises(NotFound):
        cancel_shift(hat=stranger, shift_id=shift.id, now=NOW)
    assert list(AuditEntry.objects.filter(object_type="shift").values_list("action", flat=True)) == [
        "shift.added"
    ]


@pytest.mark.django_db
def test_a_duty_that_has_begun_ends_now_and_one_that_is_over_stays(world: World) -> None:
    shift = put(world, make_roster(world.hub), world.specialist.membership)
    midnight = at(MONDAY, "00:00", 1)
    cancel_shift(hat=world.coordinator, shift_id=shift.id, now=midnight)
    shift.refresh_from_db()
    assert (interval_of(shift.during), shift.cancelled_at) == (Interval(NIGHT.start, midnight), None)
    with pytest.raises(Conflict) as over:
        cancel_shift(hat=world.coordinator, shift_id=shift.id, now=midnight)
    assert over.value.code == "shift.over"


@pytest.mark.django_db
def test_hand_over_notes_only_grow(world: World) -> None:
    shift = put(world, make_roster(world.hub), world.specialist.membership)
    note = write_hand_over(hat=world.second_specialist, shift_id=shift.id, text=" Máy 2 hỏng. ", now=NOW)
    assert note.text == "Máy 2 hỏng."
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        HandOverNote.objects.filter(id=note.id).update(text="")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        HandOverNote.objects.all().delete()
    with pytest.raises(NotFound):
        write_hand_over(hat=world.doctor, shift_id=shift.id, text="x", now=NOW)


## Swaps ---


@pytest.fixture
def swapped(world: World) -> tuple[OnCallShift, OnCallShift, ShiftSwap]:
    """Two people with a night each, and the first one's proposal to exchange them."""
    roster = make_roster(world.hub, world.specialty)
    mine = put(world, roster, world.specialist.membership)
    theirs = put(world, roster, world.second_specialist.membership, NEXT_NIGHT)
    swap = propose_swap(
        hat=world.specialist,
        shift_id=mine.id,
        asked_id=world.second_specialist.membership.id,
        in_return_id=theirs.id,
        now=NOW,
    )
    return mine, theirs, swap


Swapped = tuple[OnCallShift, OnCallShift, ShiftSwap]


def holders(*shifts: OnCallShift) -> list[object]:
    return [OnCallShift.objects.get(id=shift.id).membership for shift in shifts]


def test_nothing_changes_hands_without_consent(world: World, swapped: Swapped) -> None:
    mine, theirs, swap = swapped
    assert holders(mine, theirs) == [world.specialist.membership, world.second_specialist.membership]
    for hat in (world.specialist, world.coordinator):
        with pytest.raises(DomainError):
            accept_swap(hat=hat, swap_id=swap.id, now=NOW)
    assert decline_swap(hat=world.second_specialist, swap_id=swap.id, now=NOW).state == SwapState.DECLINED
    assert holders(mine, theirs) == [world.specialist.membership, world.second_specialist.membership]


def test_both_duties_change_hands_at_once(world: World, swapped: Swapped) -> None:
    mine, theirs, swap = swapped
    accepted = accept_swap(hat=world.second_specialist, swap_id=swap.id, now=NOW)
    assert accepted.state == SwapState.ACCEPTED
    assert holders(mine, theirs) == [world.second_specialist.membership, world.specialist.membership]
    with pytest.raises(Conflict) as again:
        accept_swap(hat=world.second_specialist, swap_id=swap.id, now=NOW)
    assert again.value.code == "swap.answered"


def test_two_places_of_one_night_can_be_exchanged(world: World) -> None:
    roster = make_roster(world.hub, world.specialty)
    primary = put(world, roster, world.specialist.membership)
    backup = put(world, roster, world.second_specialist.membership, rank=DutyRank.BACKUP)
    swap = propose_swap(
        hat=world.specialist,
        shift_id=primary.id,
        asked_id=world.second_specialist.membership.id,
        in_return_id=backup.id,
        now=NOW,
    )
    accept_swap(hat=world.second_specialist, swap_id=swap.id, now=NOW)
    assert holders(primary, backup) == [world.second_specialist.membership, world.specialist.membership]


def test_a_swap_that_would_put_somebody_in_two_places_changes_nothing(world: World, swapped: Swapped) -> None:
    mine, theirs, swap = swapped
    elsewhere = same_person_at(world.second_specialist, world)
    make_shift(make_roster(world.spoke), elsewhere.membership, NIGHT)
    with pytest.raises(Conflict) as refused:
        accept_swap(hat=world.second_specialist, swap_id=swap.id, now=NOW)
    swap.refresh_from_db()
    assert (refused.value.code, swap.state) == ("shift.elsewhere", SwapState.PROPOSED)
    assert holders(mine, theirs) == [world.specialist.membership, world.second_specialist.membership]


def test_a_proposal_ends_when_the_roster_changes(world: World, swapped: Swapped) -> None:
    mine, _theirs, swap = swapped
    third = make_person(world.hub, Role.SPECIALIST)
    reassign_shift(hat=world.coordinator, shift_id=mine.id, membership_id=third.membership.id, now=NOW)
    swap.refresh_from_db()
    assert swap.state == SwapState.WITHDRAWN


def test_a_proposal_can_be_withdrawn_and_made_again(world: World, swapped: Swapped) -> None:
    mine, _theirs, swap = swapped
    asked = world.second_specialist.membership.id
    with pytest.raises(Conflict) as open_one:
        propose_swap(hat=world.specialist, shift_id=mine.id, asked_id=asked, now=NOW)
    withdraw_swap(hat=world.specialist, swap_id=swap.id, now=NOW)
    gift = propose_swap(hat=world.specialist, shift_id=mine.id, asked_id=asked, now=NOW)
    assert open_one.value.code == "swap.open"
    with pytest.raises(Conflict) as begun:
        accept_swap(hat=world.second_specialist, swap_id=gift.id, now=NIGHT.start)
    assert begun.value.code == "swap.begun"
    accept_swap(hat=world.second_specialist, swap_id=gift.id, now=NIGHT.start - timedelta(seconds=1))
    assert holders(mine) == [world.second_specialist.membership]


@pytest.mark.django_db(transaction=True)
def test_of_twelve_who_take_one_night_one_gets_it() -> None:
    world = make_world()
    roster = make_roster(world.hub, world.specialty)
    people = [make_person(world.hub, Role.SPECIALIST).membership for _ in range(12)]
    barrier = Barrier(len(people))

    def take(person: Membership) -> str:
        barrier.wait(timeout=20)
        try:
            put(world, roster, person)
        except Conflict as error:
            return error.code
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(len(people)) as pool:
        answers = sorted(pool.map(take, people))
    assert answers == ["shift.place_taken"] * 11 + ["taken"]


@pytest.mark.django_db(transaction=True)
def test_accepting_against_withdrawing_has_one_winner() -> None:
    world = make_world()
    roster = make_roster(world.hub, world.specialty)
    asked = world.second_specialist
    for number in range(8):
        night = stretch(MONDAY + timedelta(days=number), "17:00", "07:00", 1)
        shift = put(world, roster, world.specialist.membership, night)
        swap = propose_swap(hat=world.specialist, shift_id=shift.id, asked_id=asked.membership.id, now=NOW)
        barrier = Barrier(2)

        def act(accepts: bool, swap: ShiftSwap = swap, barrier: Barrier = barrier) -> str:
            barrier.wait(timeout=20)
            try:
                if accepts:
                    accept_swap(hat=asked, swap_id=swap.id, now=NOW)
                else:
                    withdraw_swap(hat=world.specialist, swap_id=swap.id, now=NOW)
            except Conflict as error:
                return error.code
            finally:
                connection.close()
            return "done"

        with ThreadPoolExecutor(2) as pool:
            accepted, withdrawn = pool.map(act, (True, False))
        assert sorted((accepted, withdrawn)) == ["done", "swap.answered"]
        owner = asked if accepted == "done" else world.specialist
        assert holders(shift) == [owner.membership]


## Who is told ---


def told(user: User) -> list[tuple[str, dict[str, str]]]:
    rows = Notification.objects.filter(user=user, settled_at=None).order_by("kind")
    return [(row.kind, row.values) for row in rows]


def test_the_one_who_is_asked_and_the_one_who_asked_are_told(world: World, swapped: Swapped) -> None:
    _mine, _theirs, swap = swapped
    asked, asking = world.second_specialist.user, world.specialist.user
    date = {"date": "30/11/2026"}
    assert (told(asked)[-1], len(told(asking))) == (("roster_swap_asked", date), 1)
    accept_swap(hat=world.second_specialist, swap_id=swap.id, now=NOW)
    assert "roster_swap_asked" not in [kind for kind, _context in told(asked)]
    assert ("roster_swap_agreed", date) in told(asking)


@pytest.mark.django_db
def test_a_duty_is_announced_once_within_the_hour_to_who_has_it(world: World) -> None:
    roster = make_roster(world.hub)
    shift = make_shift(roster, world.specialist.membership, NIGHT)
    assert remind_of_duty(now=NIGHT.start - timedelta(minutes=61)) == 0
    for minutes in (59, 54):
        assert remind_of_duty(now=NIGHT.start - timedelta(minutes=minutes)) == 1
    assert told(world.specialist.user) == [("on_call_soon", {"date": "30/11/2026", "time": "17:00"})]
    reassign_shift(
        hat=world.coordinator,
        shift_id=shift.id,
        membership_id=world.second_specialist.membership.id,
        now=NIGHT.start - timedelta(minutes=50),
    )
    remind_of_duty(now=NIGHT.start - timedelta(minutes=49))
    assert [kind for kind, _context in told(world.second_specialist.user)] == [
        "on_call_soon",
        "roster_changed",
    ]
    assert remind_of_duty(now=NIGHT.start) == 0
