"""Reading requests: what is on whose list, and one case with all that hangs on it, in a fixed number of queries.

`visible_requests` says in SQL what `rules.may_see` says about one request; a test holds the two together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.consultations import rules
from telehealth.consultations.enums import URGENCY_ORDER, MeetingState, Mode, RequestState, SessionState, Side
from telehealth.consultations.models import (
    Answer,
    Attachment,
    Decision,
    Meeting,
    Minutes,
    Note,
    Participant,
    Question,
    Request,
    Session,
    VitalSigns,
)
from telehealth.facilities.models import HubLink, HubSpecialty
from telehealth.records.models import Patient


class Tab(StrEnum):
    """The lists a person works from."""

    DRAFTS = "drafts"
    WAITING = "waiting"
    MINE = "mine"
    LIVE = "live"
    DECISION = "decision"
    DONE = "done"


UNDER_WAY = (RequestState.ACCEPTED, RequestState.IN_SESSION)
TAKEN_SHOWN = timedelta(minutes=15)
OVER = (RequestState.CLOSED, RequestState.CANCELLED)


def visible_requests(hat: Hat) -> QuerySet[Request]:
    """Return the requests a hat may see: its own facility's, and those sent to it in its specialties."""
    if not hat.is_clinical:
        return Request.objects.none()
    visits = Q(owner=hat.membership)
    asked = Q(hub=hat.facility, submitted_at__isnull=False) & ~Q(state=RequestState.DRAFT)
    if hat.role in {Role.COORDINATOR, Role.NURSE}:
        visits |= Q(facility=hat.facility)
    else:
        asked &= Q(specialty__in=hat.specialties)
    cases = Q(facility=hat.facility) | asked
    is_visit = Q(mode=Mode.DIRECT_TO_PATIENT)
    return Request.objects.filter((is_visit & visits) | (~is_visit & cases))


def visible_cases(hat: Hat) -> QuerySet[Request]:
    """Return what `visible_requests` does but visits, which have a list of their own (`domain.visits`)."""
    return visible_requests(hat).exclude(mode=Mode.DIRECT_TO_PATIENT)


def stands_at_hub(hat: Hat) -> bool:
    """Say whether a hat's work comes from other facilities (a specialist, or staff of a hub)."""
    if hat.role == Role.SPECIALIST:
        return True
    return (
        hat.role in {Role.COORDINATOR, Role.NURSE}
        and HubSpecialty.objects.filter(facility=hat.facility).exists()
    )


def tabs_of(hat: Hat) -> tuple[Tab, ...]:
    """Return the lists of a hat in the order they are worked through."""
    if not stands_at_hub(hat):
        return (Tab.DRAFTS, Tab.WAITING, Tab.MINE, Tab.LIVE, Tab.DECISION, Tab.DONE)
    lists = (Tab.WAITING, Tab.MINE, Tab.LIVE, Tab.DECISION, Tab.DONE)
    may_also_ask = rules.may_ask(hat) and HubLink.objects.filter(spoke=hat.facility).exists()
    return (*lists, Tab.DRAFTS) if may_also_ask else lists


def tab_filter(hat: Hat, tab: Tab) -> Q:
    """Return which of the visible requests stand on a list."""
    match tab:
        case Tab.DRAFTS:
            return Q(state=RequestState.DRAFT)
        case Tab.WAITING:
            return Q(state=RequestState.SUBMITTED)
        case Tab.MINE:
            # A specialist's own cases; everybody else looks after the facility's.
            own = Q(state__in=UNDER_WAY)
            return own & Q(owner=hat.membership) if hat.role == Role.SPECIALIST else own
        case Tab.LIVE:
            return Q(state=RequestState.IN_SESSION)
        case Tab.DECISION:
            return Q(state=RequestState.CONCLUDED)
        case Tab.DONE:
            return Q(state__in=OVER)


def counts_of(hat: Hat, tabs: Sequence[Tab]) -> dict[Tab, int]:
    """Return how many requests stand on each list. One query."""
    counts = visible_cases(hat).aggregate(
        **{tab.value: Count("id", filter=tab_filter(hat, tab)) for tab in tabs}
    )
    return {tab: counts[tab.value] for tab in tabs}


def worklist(hat: Hat, tab: Tab) -> QuerySet[Request]:
    """Return one list, most urgent and longest waiting first; what is over, newest first.

    Each row carries `open_session` (id of its room that is not ended, or None) and `meets_at` (the time agreed on, or None).
    """
    rank = Case(
        *(When(urgency=urgency, then=Value(position)) for urgency, position in URGENCY_ORDER.items()),
        output_field=IntegerField(),
    )
    room = Session.objects.filter(request=OuterRef("pk")).exclude(state=SessionState.ENDED)
    agreed = Meeting.objects.filter(request=OuterRef("pk"), state=MeetingState.AGREED)
    rows = (
        visible_cases(hat)
        .filter(tab_filter(hat, tab))
        .select_related("patient", "specialty", "hub", "facility", "owner__user", "requester__user")
        .annotate(
            rank=rank,
            open_session=Subquery(room.values("id")[:1]),
            meets_at=Subquery(agreed.values("starts_at")[:1]),
        )
    )
    if tab == Tab.DONE:
        return rows.order_by("-closed_at", "code")
    if tab == Tab.DRAFTS:
        return rows.order_by(F("saved_at").desc(nulls_last=True), "-created_at")
    return rows.order_by("rank", "submitted_at", "code")


def recently_taken(hat: Hat, *, now: datetime) -> QuerySet[Request]:
    """Return what colleagues at the hat's hub claimed a moment ago, so that a row that went away is explained."""
    return (
        visible_cases(hat)
        .filter(hub=hat.facility, state__in=UNDER_WAY, accepted_at__gt=now - TAKEN_SHOWN)
        .exclude(owner=hat.membership)
        .select_related("owner__user")
        .order_by("-accepted_at")[:5]
    )


@dataclass(frozen=True)
class QuestionAnswered:
    """A question with its answer as far as the reader may see it."""

    question: Question
    answer: Answer | None


@dataclass(frozen=True)
class CasePage:
    """All that one person may see of one case."""

    request: Request
    side: Side
    vital_signs: Sequence[VitalSigns]
    questions: Sequence[QuestionAnswered]
    attachments: Sequence[Attachment]
    sessions: Sequence[Session]
    minutes: Sequence[Minutes]
    decision: Decision | None
    note: Note | None

    @property
    def open_session(self) -> Session | None:
        return next((s for s in self.sessions if s.state != SessionState.ENDED), None)

    @property
    def all_answered(self) -> bool:
        """Whether each question has a conclusion, so that the answers can be signed."""
        return bool(self.questions) and all(q.answer and q.answer.conclusion for q in self.questions)


def case_page(hat: Hat, request: Request) -> CasePage:
    """Gather a case the hat has been let through to (`access_request`). Eight queries, whatever the case holds.

    Answers that are not signed are there for their author only.
    """
    side = rules.side_of(hat, request)
    assert side is not None, "access_request comes first"
    questions = request.questions.select_related("answer__author__user", "answer__author__facility")
    people = Prefetch(
        "participants",
        Participant.objects.select_related("membership__user", "membership__facility", "guest"),
    )
    return CasePage(
        request=request,
        side=side,
        vital_signs=list(request.vital_signs.all()),
        questions=[QuestionAnswered(q, readable_answer(hat, q)) for q in questions],
        attachments=list(
            request.attachments.select_related("document__facility", "document__created_by__user")
        ),
        sessions=list(
            request.sessions.select_related("opened_by__user").prefetch_related(people).order_by("number")
        ),
        minutes=list(request.minutes.select_related("document", "signed_by__user").order_by("-version")),
        decision=Decision.objects.select_related("decided_by__user", "decided_by__facility")
        .filter(request=request)
        .first(),
        note=Note.objects.filter(request=request, author=hat.user).first(),
    )


def readable_answer(hat: Hat, question: Question) -> Answer | None:
    """Return the answer to a question when it is signed, or the hat's own draft."""
    answer: Answer | None = getattr(question, "answer", None)
    if answer is None or answer.signed_at or answer.author_id == hat.membership.id:
        return answer
    return None


def requests_of_patient(hat: Hat, patient: Patient) -> QuerySet[Request]:
    """Return a patient's requests the hat may see, newest first."""
    return (
        visible_requests(hat)
        .filter(patient=patient)
        .select_related("specialty", "hub", "facility", "owner__user", "requester__user")
        .order_by("-created_at")
    )


def signed_minutes_of(patient: Patient) -> QuerySet[Minutes]:
    """Return all signed minutes about a patient, newest first."""
    return (
        Minutes.objects.filter(request__patient=patient)
        .select_related(
            "document", "request__specialty", "request__hub", "request__facility", "signed_by__user"
        )
        .order_by("-signed_at")
    )


@dataclass(frozen=True)
class FacilityLoad:
    """What is going on at one facility, in numbers only."""

    waiting_here: int = 0
    waiting_for_others: int = 0
    under_way: int = 0
    live_rooms: int = 0
    last_request_at: datetime | None = None


def facility_loads() -> dict[UUID, FacilityLoad]:
    """Return the load by facility id. No case, no person, no clinical word: the operator's view. Three queries."""
    waiting = Count("id", filter=Q(state=RequestState.SUBMITTED))
    loads: dict[UUID, FacilityLoad] = {}

    def add(place: UUID, **figures: Any) -> None:
        loads[place] = replace(loads.get(place, FacilityLoad()), **figures)

    sent = Request.objects.filter(submitted_at__isnull=False)
    for row in sent.values("facility_id").annotate(
        waiting=waiting, under_way=Count("id", filter=Q(state__in=UNDER_WAY)), last=Max("submitted_at")
    ):
        add(
            row["facility_id"],
            waiting_for_others=row["waiting"],
            under_way=row["under_way"],
            last_request_at=row["last"],
        )
    for asked in sent.filter(hub__isnull=False).values("hub_id").annotate(waiting=waiting):
        add(asked["hub_id"], waiting_here=asked["waiting"])
    live = Session.objects.filter(state=SessionState.LIVE).values_list(
        "request__facility_id", "request__hub_id"
    )
    for facility, hub in live:
        for place in {facility, hub} - {None}:
            add(place, live_rooms=loads.get(place, FacilityLoad()).live_rooms + 1)
    return loads


def live_room_count() -> int:
    """Return how many rooms are live in the whole province."""
    return Session.objects.filter(state=SessionState.LIVE).count()
