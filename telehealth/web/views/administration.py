"""Pages of those who keep the platform in order: facility administrators, the province's operators, auditors."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.consultations.domain.people import end_membership, people_of
from telehealth.consultations.domain.queries import FacilityLoad, facility_loads, live_room_count
from telehealth.consultations.domain.watching import audit_entries, check_chains, known_actions, with_names
from telehealth.core import clock
from telehealth.facilities.enums import Level
from telehealth.facilities.models import Facility
from telehealth.web.forms.audit import AuditFilter
from telehealth.web.http import with_role

AUDIT_PAGE = 50


@require_GET
@with_role(Role.FACILITY_ADMIN)
def people(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show who works at the administrator's facility, and as what."""
    return render(
        request, "administration/people.html", {"people": people_of(hat), "today": clock.now().date()}
    )


@require_POST
@with_role(Role.FACILITY_ADMIN)
def deactivate(request: HttpRequest, hat: Hat, membership_id: UUID) -> HttpResponseBase:
    """Take a role away; open pages and rooms under it close at once."""
    gone = end_membership(hat=hat, membership_id=membership_id, now=clock.now())
    messages.success(
        request,
        _("Đã ngừng vai trò của %(name)s tại cơ sở. Các trang và phòng đang mở bằng vai trò này đã đóng.")
        % {"name": gone.user.display_name},
    )
    return redirect("people")


@require_GET
@with_role(Role.PROVINCE_OPERATOR)
def province(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the province at a glance: numbers by facility, nothing about anybody ill."""
    loads = facility_loads()
    facilities = Facility.objects.select_related("commune").order_by("name")
    rows = [(facility, loads.get(facility.id, FacilityLoad())) for facility in facilities]
    # What is busy comes first; among the idle the specialised ones.
    rank = {level: position for position, level in enumerate(reversed(Level.values))}
    rows.sort(
        key=lambda row: (
            -row[1].live_rooms,
            -row[1].waiting_here,
            -row[1].under_way,
            rank.get(row[0].level, len(rank)),
        )
    )
    context = {
        "rows": rows,
        "waiting": sum(load.waiting_here for load in loads.values()),
        "under_way": sum(load.under_way for load in loads.values()),
        "live_rooms": live_room_count(),
        "facility_count": len(rows),
    }
    part = "HX-Request" in request.headers
    return render(
        request, "administration/_province.html" if part else "administration/province.html", context
    )


@require_GET
@with_role(Role.AUDITOR)
def audit(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the audit log, filtered and paged; on demand check that its chains hold."""
    form = AuditFilter(request.GET, actions=known_actions())
    wanted = form.cleaned_data if form.is_valid() else {}
    page = Paginator(audit_entries(hat, **wanted), AUDIT_PAGE).get_page(request.GET.get("page"))
    entries = with_names(page.object_list)  # read before this look itself becomes the newest entry
    record("audit.viewed", now=clock.now(), hat=hat, object_type="audit", object_id=hat.facility.id)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "entries": entries,
        "query": query.urlencode(),
    }
    return render(request, "administration/audit.html", context)


@require_http_methods(["GET", "POST"])
@with_role(Role.AUDITOR)
def check_audit(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Walk every chain the auditor may read and say whether it holds."""
    if request.method == "GET":
        return redirect("audit")
    result = check_chains(hat)
    record(
        "audit.checked",
        now=clock.now(),
        hat=hat,
        object_type="audit",
        object_id=hat.facility.id,
        entries=result.entries,
        breaks=len(result.breaks),
    )
    return render(request, "administration/audit_check.html", {"result": result})
