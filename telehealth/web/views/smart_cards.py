"""The smart examination card on paper: issued, printed, revoked."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from telehealth.accounts.enums import RECEPTION_ROLES
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import Invalid
from telehealth.records.domain.smart_cards import access_card, issue_card, revoke_card, text_of
from telehealth.web import desk_page
from telehealth.web.http import with_role
from telehealth.web.qr import qr_svg

at_desk = with_role(*RECEPTION_ROLES)


@require_POST
@at_desk
def issue(request: HttpRequest, hat: Hat, patient_id: UUID) -> HttpResponseBase:
    """Issue a card to somebody who is being received."""
    patient = desk_page.patient_at_desk(hat, patient_id, request.POST.get("text", ""), now=clock.now())
    return redirect("smart_card", card_id=issue_card(hat=hat, patient=patient, now=clock.now()).id)


@require_GET
@at_desk
def card(request: HttpRequest, hat: Hat, card_id: UUID) -> HttpResponseBase:
    """Show a card as it is printed."""
    found = access_card(hat, card_id)
    context = {
        "card": found,
        "qr": qr_svg(text_of(found), label=_("Mã của thẻ khám")) if found.revoked_at is None else "",
        "spaced": " ".join((found.number[:4], found.number[4:8], found.number[8:])),
    }
    return render(request, "desk/smart_card.html", context)


@require_POST
@at_desk
def revoke(request: HttpRequest, hat: Hat, card_id: UUID) -> HttpResponseBase:
    """End a card that was lost."""
    try:
        revoke_card(hat=hat, card_id=card_id, reason=request.POST.get("reason", ""), now=clock.now())
    except Invalid as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Đã hủy thẻ khám. Mã trên thẻ không còn mở được hồ sơ."))
    return redirect("smart_card", card_id=card_id)
