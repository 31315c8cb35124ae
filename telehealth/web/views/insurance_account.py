"""The facility's account at the social insurance portal."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import Invalid
from telehealth.integrations.insurance.accounts import account_of, set_account
from telehealth.web.forms.desk import PortalAccountForm
from telehealth.web.http import with_role


@require_http_methods(["GET", "POST"])
@with_role(Role.FACILITY_ADMIN)
def account(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Set the account. Secrets go in and never come out."""
    known = account_of(hat)
    initial = {"username": known.username, "staff_name": known.staff_name} if known else {}
    form = PortalAccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_account(hat=hat, now=clock.now(), **form.cleaned_data)
        except Invalid as error:
            form.add_error("staff_number" if error.code == "insurance.staff_number" else None, error.text)
        else:
            messages.success(
                request, _("Đã lưu tài khoản cổng BHXH. Các lần chưa xác minh đang được hỏi lại.")
            )
            return redirect("insurance_account")
    status = 422 if form.errors else 200
    return render(request, "desk/insurance_account.html", {"form": form, "known": known}, status=status)
