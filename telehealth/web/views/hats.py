"""Choosing as what, and where, one works."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from telehealth.accounts.models import User
from telehealth.audit.log import record
from telehealth.core import clock
from telehealth.core.errors import NotFound
from telehealth.web.http import hat_of, hats_on, signed_in
from telehealth.web.middleware import HAT_KEY, put_on_hat


@require_http_methods(["GET", "POST"])
@signed_in
def hat(request: HttpRequest, user: User) -> HttpResponseBase:
    """Show the memberships to choose from, or put one on. What was open under the old hat may not exist under the new one,
    so the way leads to the home page.

    Raises:
        NotFound: `hat.not_found`.
    """
    if request.method == "GET":
        return render(request, "hat.html", {"memberships": hats_on(request)})
    wanted = request.POST.get("membership", "")
    chosen = next((m for m in hats_on(request) if str(m.id) == wanted), None)
    if chosen is None:
        raise NotFound("hat.not_found", _("Không có vai trò này, hoặc vai trò đã ngừng."))
    request.session[HAT_KEY] = str(chosen.id)
    put_on_hat(request)
    record("hat.chosen", now=clock.now(), hat=hat_of(request), object_type="membership", object_id=chosen.id)
    messages.success(
        request,
        _("Đang làm việc tại %(facility)s: %(role)s.")
        % {"facility": chosen.facility.short_name, "role": chosen.get_role_display()},
    )
    return redirect("home")
