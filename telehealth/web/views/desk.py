"""The reception desk: scan or type → who is this → received. Every answer is a part of one page."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scheduling.appointments.domain.desk import registration_of
from telehealth.accounts.enums import RECEPTION_ROLES
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import DomainError, Invalid
from telehealth.core.text import clean
from telehealth.records.card_words import FAULTS
from telehealth.records.cards import reader
from telehealth.records.cards.results import (
    SMART_CARD,
    BareNumber,
    CardRead,
    Fault,
    RegistrationCode,
    SmartCardCode,
    Unreadable,
)
from telehealth.records.domain.duplicates import likely_at_desk
from telehealth.records.domain.identity import add_card, visible_cases
from telehealth.records.domain.insurance import ask_check
from telehealth.records.domain.matching import Found, find_by_card, find_by_name
from telehealth.records.domain.patients import create_patient
from telehealth.records.domain.smart_cards import check_card, check_number
from telehealth.records.models import InsuranceCheck, Patient
from telehealth.web import desk_page
from telehealth.web.forms.desk import NewcomerForm, initial_of
from telehealth.web.http import with_role
from telehealth.web.middleware import scanner_policy

at_desk = with_role(*RECEPTION_ROLES)
FIELDS_BY_ERROR = {"birth_date": "born"}


@require_GET
@at_desk
def desk(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the empty desk."""
    context = {"waiting_cases": visible_cases(hat).filter(resolved_at=None).count()}
    response = render(request, "desk/desk.html", context)
    response.headers["Content-Security-Policy"] = scanner_policy()
    return response


@require_POST
@at_desk
def read_text(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Say whom a scanned or typed text names."""
    text = request.POST.get("text", "")
    typed = request.POST.get("source", "typed") == "typed"
    now = clock.now()
    card = reader.read(text)
    registration = registration_of(hat=hat, text=text) if _may_be_code(card, typed) else None
    if registration is not None:
        return render(request, "desk/_registration.html", desk_page.registration(hat, registration, now=now))
    if isinstance(card, RegistrationCode):
        return _fault(
            request, _("Không có đăng ký mang mã này ở cơ sở. Hãy xem lại mã, hoặc tìm bằng tên."), ""
        )
    if isinstance(card, Unreadable):
        if typed and card.fault == Fault.OPAQUE and fold_worthy(text):
            found = find_by_name(hat=hat, text=text, now=now)
            return _candidates(request, found, None, text, name=clean(text)[:120])
        return _fault(request, str(FAULTS[card.fault]), card.number)
    try:
        _check_smart(card)
    except Invalid as error:
        return _fault(request, error.text, "")
    return _candidates(request, find_by_card(hat=hat, card=card, now=now), card, text)


@require_POST
@at_desk
def register(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Make a record for somebody who is here for the first time, and receive them."""
    text = request.POST.get("text", "")
    card = _card(text)
    if "begin" in request.POST:
        typed = clean(request.POST.get("typed", ""))[:120]
        form = NewcomerForm(initial=initial_of(card, typed) | desk_page.numbers_of(card))
        return _newcomer(request, form, text, first=True, warnings=desk_page.warnings(card))
    form = NewcomerForm(request.POST)
    if form.is_valid():
        new = form.newcomer(scanned=card is not None)
        alike = [] if "certain" in request.POST else likely_at_desk(hat=hat, new=new)
        if alike:
            return _newcomer(request, form, text, alike=alike)
        try:
            patient = create_patient(hat=hat, new=new, now=clock.now())
        except Invalid as error:
            named = str(error.detail.get("field", ""))
            named = FIELDS_BY_ERROR.get(named, named)
            form.add_error(named if named in form.fields else None, error.text)
        else:
            return _received(request, hat, patient, text)
    return _newcomer(request, form, text)


@require_POST
@at_desk
def receive(request: HttpRequest, hat: Hat, patient_id: UUID) -> HttpResponseBase:
    """Receive somebody the desk has recognised."""
    text = request.POST.get("text", "")
    patient = desk_page.patient_at_desk(hat, patient_id, text, now=clock.now())
    return _received(request, hat, patient, text)


@require_POST
@at_desk
def second_card(request: HttpRequest, hat: Hat, patient_id: UUID) -> HttpResponseBase:
    """Take one more card of somebody who is being received; the first one says that it is them."""
    first, text = request.POST.get("first", ""), request.POST.get("text", "")
    patient = desk_page.patient_at_desk(hat, patient_id, first, now=clock.now())
    card = reader.read(text)
    if isinstance(card, Unreadable):
        return _received(request, hat, patient, first, wrong=str(FAULTS[card.fault]))
    if isinstance(card, RegistrationCode) and (found := registration_of(hat=hat, text=text)):
        return render(request, "desk/_registration.html", desk_page.registration(hat, found, now=clock.now()))
    add_card(hat=hat, patient=patient, card=card, now=clock.now())
    _ask_portal(hat, patient, card)
    return _received(request, hat, patient, first, add=False)


@require_GET
@at_desk
def insurance(request: HttpRequest, hat: Hat, check_id: UUID) -> HttpResponseBase:
    """Show how a question to the insurance portal stands; the line asks again by itself while there is no answer."""
    check = desk_page.check_at_desk(hat, check_id)
    return render(request, "desk/_insurance.html", desk_page.insurance(check))


@require_POST
@at_desk
def insurance_again(request: HttpRequest, hat: Hat, patient_id: UUID) -> HttpResponseBase:
    """Ask the portal anew, because somebody at the desk wants to know now."""
    patient = desk_page.patient_at_desk(hat, patient_id, request.POST.get("text", ""), now=clock.now())
    last = patient.insurance_checks.filter(facility=hat.facility).order_by("-asked_at").first()
    number = last.number if last else desk_page.number_to_ask(patient)
    if not number:
        return HttpResponse(status=204)
    check = ask_check(hat=hat, patient=patient, number=number, now=clock.now(), again=True)
    return render(request, "desk/_insurance.html", desk_page.insurance(check))


def fold_worthy(text: str) -> bool:
    """Whether a typed text is worth a search by name: some letters, no code of an app."""
    words = clean(text)
    return 2 <= len(words) <= 120 and any(character.isalpha() for character in words) and "|" not in words


def _may_be_code(card: CardRead, typed: bool) -> bool:
    return isinstance(card, RegistrationCode) or (
        typed and isinstance(card, Unreadable | BareNumber) and not getattr(card, "number", "")
    )


def _card(text: str) -> CardRead | None:
    """Return what a carried text says of a person; None when it was a name, or nothing."""
    card = reader.read(text) if text else None
    return None if card is None or isinstance(card, Unreadable | RegistrationCode) else card


def _check_smart(card: CardRead) -> None:
    if isinstance(card, SmartCardCode):
        check_card(card)
    elif isinstance(card, BareNumber) and card.kinds == (SMART_CARD,):
        check_number(card.value)


def _fault(request: HttpRequest, sentence: str, number: str) -> HttpResponse:
    return render(request, "desk/_fault.html", {"sentence": sentence, "number": number})


def _candidates(
    request: HttpRequest, found: Found, card: CardRead | None, text: str, name: str = ""
) -> HttpResponse:
    if not found.candidates:
        form = NewcomerForm(initial=initial_of(card, name) | desk_page.numbers_of(card))
        return _newcomer(
            request, form, text if card else "", first=True, warnings=desk_page.warnings(card), typed=name
        )
    context = {
        "found": found,
        "rows": desk_page.rows(found),
        "text": text if card else "",
        "typed": name,
        "warnings": desk_page.warnings(card),
    }
    return render(request, "desk/_candidates.html", context)


def _newcomer(
    request: HttpRequest, form: NewcomerForm, text: str, *, first: bool = False, **more: Any
) -> HttpResponse:
    return render(
        request, "desk/_newcomer.html", {"form": form, "text": text, **more}, status=200 if first else 422
    )


def _received(
    request: HttpRequest, hat: Hat, patient: Patient, text: str, *, wrong: str = "", add: bool = True
) -> HttpResponse:
    """Draw somebody who is received. Their card's numbers go into the record, and the portal is asked: neither holds anybody up."""
    card = _card(text)
    if card is not None and add and not wrong:
        add_card(hat=hat, patient=patient, card=card, now=clock.now())
    if not wrong:
        _ask_portal(hat, patient, card)
    context = desk_page.reception(hat, patient, now=clock.now()) | {"text": text, "wrong": wrong}
    return render(request, "desk/_received.html", context)


def _ask_portal(hat: Hat, patient: Patient, card: CardRead | None) -> InsuranceCheck | None:
    number = desk_page.number_to_ask(patient, card)
    if not number:
        return None
    try:
        return ask_check(hat=hat, patient=patient, number=number, now=clock.now())
    except DomainError:
        return None
