"""Filling in: the phone, its code, who is examined. One address for all three, so that Back and reload lose nothing."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.contacts import (
    add_beneficiary,
    own_beneficiary,
    request_code,
    verify_code,
    void_passes,
)
from scheduling.appointments.models import Beneficiary, Contact
from scheduling.appointments.phones import national
from telehealth.core import clock
from telehealth.core.errors import DomainError, NotFound
from telehealth.web.forms.booking import CodeForm, PersonForm, PhoneForm
from telehealth.web.views.booking.choices import Choice, HeldSlot, Typed, read_choice
from telehealth.web.views.booking.visitor import for_visitors, forget, remember

PHONE_KEY = "booking_phone"
"""Session key of the phone a code was sent to."""
_FIELDS = {"birth_date": "born", "birth_year": "born"}
"""Where a domain's field stands in the form."""


@require_http_methods(["GET", "POST"])
@for_visitors
def details(request: HttpRequest, by: Visitor) -> HttpResponseBase:
    """Take what is missing for a booking, one thing after the other, and make it."""
    try:
        choice = read_choice(request.GET.dict(), by)
    except NotFound as error:
        # A hold somebody else got after it ran out, or an address that was cut: nothing typed is lost, the browser keeps it.
        return render(request, "booking/gone.html", {"error": error}, status=error.status)
    context: dict[str, Any] = {
        "choice": choice,
        "held": choice if isinstance(choice, HeldSlot) else None,
        "elsewhere": choice.elsewhere(),
    }
    if by.contact is None:
        return _phone_steps(request, by, context, done=request.get_full_path())
    return _person_step(request, by, by.contact, choice, context)


@require_http_methods(["GET", "POST"])
@for_visitors
def phone(request: HttpRequest, by: Visitor) -> HttpResponseBase:
    """Let somebody show which phone is theirs, to see what was booked with it."""
    done = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(done, allowed_hosts=None):
        done = reverse("booking_mine")
    return redirect(done) if by.contact else _phone_steps(request, by, {}, done=done)


@require_POST
@for_visitors
def sign_out(request: HttpRequest, by: Visitor) -> HttpResponseBase:
    """Let the browser forget the phone, or with `everywhere` all browsers."""
    if by.contact is not None and "everywhere" in request.POST:
        void_passes(contact=by.contact, origin=by.origin, now=clock.now())
    request.session.pop(PHONE_KEY, None)
    response = redirect("booking_start")
    forget(response)
    return response


def _phone_steps(
    request: HttpRequest, by: Visitor, context: dict[str, Any], *, done: str
) -> HttpResponseBase:
    step = request.POST.get("step", "") if request.method == "POST" else ""
    number = str(request.session.get(PHONE_KEY, ""))
    if step == "other":
        request.session.pop(PHONE_KEY, None)
        number = ""
    if step in ("phone", "again"):
        form = PhoneForm(request.POST if step == "phone" else {"phone": number})
        if form.is_valid():
            try:
                request_code(
                    phone=form.cleaned_data["phone"],
                    origin=by.origin,
                    now=clock.now(),
                    language=get_language() or "vi",
                )
            except DomainError as error:
                if step == "phone" and error.code != "code.too_often":
                    form.add_error("phone", error.text)
                    return _ask_phone(request, form, context)
                if step == "phone":
                    request.session[PHONE_KEY] = form.cleaned_data["phone"]
                return _ask_code(request, CodeForm(), context, said=error.text)
            request.session[PHONE_KEY] = form.cleaned_data["phone"]
            return redirect(request.get_full_path())
        return _ask_phone(request, form, context)
    if step == "code" and number:
        code = CodeForm(request.POST)
        if code.is_valid():
            try:
                contact = verify_code(
                    phone=number,
                    code=code.cleaned_data["code"],
                    origin=by.origin,
                    now=clock.now(),
                    language=get_language() or "vi",
                )
            except DomainError as error:
                code.add_error("code", error.text)
            else:
                request.session.pop(PHONE_KEY, None)
                response = redirect(done)
                remember(response, contact)
                return response
        return _ask_code(request, code, context)
    if number:
        return _ask_code(request, CodeForm(), context)
    return _ask_phone(request, PhoneForm(), context)


def _ask_phone(request: HttpRequest, form: PhoneForm, context: dict[str, Any]) -> HttpResponseBase:
    status = 422 if form.errors else 200
    return render(request, "booking/phone.html", {**context, "form": form}, status=status)


def _ask_code(
    request: HttpRequest, form: CodeForm, context: dict[str, Any], *, said: str = ""
) -> HttpResponseBase:
    number = str(request.session.get(PHONE_KEY, ""))
    more = {"form": form, "number": number, "said": said}
    return render(request, "booking/code.html", {**context, **more}, status=422 if form.errors else 200)


def _person_step(
    request: HttpRequest, by: Visitor, contact: Contact, choice: Choice, context: dict[str, Any]
) -> HttpResponseBase:
    people = list(contact.beneficiaries.filter(removed_at=None))
    form = PersonForm(
        request.POST if request.method == "POST" else None,
        known=[(str(one.id), one.full_name) for one in people],
        insured=choice.needs_insured,
    )
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        try:
            beneficiary = _beneficiary(form, contact)
            typed = Typed(form.cleaned_data["reason"], bool(form.cleaned_data.get("insured", False)))
            return redirect(choice.finish(by=by, beneficiary=beneficiary, typed=typed, now=now))
        except DomainError as error:
            field = _FIELDS.get(error.detail.get("field", ""), error.detail.get("field"))
            form.add_error(field if field in form.fields else None, error.text)
            context["elsewhere_text"] = _("Chọn giờ khác") if error.status == 409 else ""
    more = {
        "form": form,
        "people": people,
        "phone": national(contact.phone),
        "minutes_left": _minutes_left(choice),
    }
    return render(request, "booking/details.html", {**context, **more}, status=422 if form.errors else 200)


def _beneficiary(form: PersonForm, contact: Contact) -> Beneficiary:
    if form.is_new:
        return add_beneficiary(contact=contact, new=form.new_beneficiary(), now=clock.now())
    return own_beneficiary(contact, UUID(form.cleaned_data["who"]))


def _minutes_left(choice: Choice) -> int | None:
    """Return for how many more minutes a slot is kept for sure; None when nothing is held."""
    if not isinstance(choice, HeldSlot) or choice.hold.hold_until is None:
        return None
    return max(0, round((choice.hold.hold_until - clock.now()).total_seconds() / 60))
