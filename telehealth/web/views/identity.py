"""Identity cases: the list, and one with both versions side by side."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from telehealth.accounts.enums import RECEPTION_ROLES
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import Invalid
from telehealth.integrations.insurance.codes import text_of_code
from telehealth.records.domain.identity import access_case, resolve_case, visible_cases
from telehealth.records.enums import IdentifierKind, IdentityOutcome, Sex
from telehealth.records.models import IdentityCase
from telehealth.web.desk_page import SOURCES
from telehealth.web.forms.desk import OutcomeForm
from telehealth.web.http import with_role

at_desk = with_role(*RECEPTION_ROLES)
PER_PAGE = 30


@require_GET
@at_desk
def cases(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """List the cases of the facility: those that wait, the oldest first; those that are settled, the newest first."""
    settled = request.GET.get("tab") == "settled"
    rows = visible_cases(hat).filter(resolved_at__isnull=not settled)
    rows = rows.order_by("-resolved_at" if settled else "opened_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    waiting = visible_cases(hat).filter(resolved_at=None).count()
    context = {
        "page": page,
        "settled": settled,
        "waiting": waiting,
        "query": "tab=settled&" if settled else "",
    }
    return render(request, "desk/identity_cases.html", context)


@require_http_methods(["GET", "POST"])
@at_desk
def case(request: HttpRequest, hat: Hat, case_id: UUID) -> HttpResponseBase:
    """Show a case, and settle it."""
    found = access_case(hat, case_id)
    form = OutcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            resolve_case(
                hat=hat,
                case_id=case_id,
                outcome=IdentityOutcome(form.cleaned_data["outcome"]),
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        except Invalid as error:
            form.add_error("reason", error.text)
        else:
            messages.success(request, _("Đã giải quyết việc đối soát."))
            return redirect("identity_cases")
    context = {
        "case": found,
        "form": form,
        "rows": _rows(found),
        "ours": SOURCES[found.ours["source"]],
        "theirs": SOURCES[found.theirs["source"]],
        "portal": text_of_code(found.insurance_check.code) if found.insurance_check else "",
        "number_kind": IdentifierKind(found.identifier_kind).label,
    }
    return render(request, "desk/identity_case.html", context, status=422 if form.errors else 200)


def _rows(found: IdentityCase) -> list[dict[str, object]]:
    """The two versions line by line; `differs` where both say something and it is not the same."""
    lines = []
    for name, label in (
        ("full_name", _("Họ và tên")),
        ("born", _("Ngày sinh")),
        ("sex", _("Giới")),
        ("number", _("Số")),
    ):
        ours, theirs = (_shown(name, side.get(name, "")) for side in (found.ours, found.theirs))
        differs = bool(ours and theirs) and ours.casefold() != theirs.casefold()
        lines.append({"label": label, "ours": ours, "theirs": theirs, "differs": differs})
    return lines


def _shown(name: str, value: str) -> str:
    if name == "sex":
        return str(Sex(value).label) if value and value != Sex.UNKNOWN else ""
    if name == "born":
        return "/".join(reversed(value.split("-")))
    return value
