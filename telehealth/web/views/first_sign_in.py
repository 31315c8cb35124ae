"""The page on which a person chooses a password by the link their administrator gave them."""

from uuid import UUID

from allauth.account.forms import SetPasswordForm
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from telehealth.accounts.first_sign_in import user_of_token
from telehealth.accounts.hat import Origin
from telehealth.accounts.models import User
from telehealth.audit.log import record
from telehealth.core import clock
from telehealth.core.errors import NotFound


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def first_sign_in(request: HttpRequest, user_id: UUID, token: str) -> HttpResponseBase:
    """Show the form, or set the password and lead to the sign-in page, where a second factor is asked as ever.

    Opening the page uses nothing up: programs that look at links before people do would.

    Raises:
        NotFound: `first_sign_in.ended` for a link that is wrong, used, replaced or too old: the same answer for all.
    """
    now = clock.now()
    with transaction.atomic():
        # Locked, so that of two answers to one link the second finds it used.
        User.objects.select_for_update().filter(pk=user_id).first()
        user = user_of_token(user_id=user_id, token=token, now=now)
        if user is None:
            raise NotFound(
                "first_sign_in.ended",
                _(
                    "Liên kết này đã dùng rồi, đã hết hạn hoặc đã được thay bằng liên kết mới. Mật khẩu không thay đổi. "
                    "Hãy thử đăng nhập, hoặc nhờ quản trị cơ sở cấp lại liên kết."
                ),
            )
        form = SetPasswordForm(user, request.POST or None)
        if request.method == "POST" and form.is_valid():
            form.save()
            origin = Origin(address=request.META.get("REMOTE_ADDR", "") or "")
            record(
                "user.password_chosen",
                now=now,
                hat=None,
                user=user,
                origin=origin,
                object_type="user",
                object_id=user.pk,
            )
            messages.success(
                request,
                _("Đã đặt mật khẩu. Hãy đăng nhập bằng tên %(username)s.") % {"username": user.username},
            )
            return redirect("account_login")
    status = 422 if request.method == "POST" else 200
    return render(request, "account/first_sign_in.html", {"form": form, "who": user}, status=status)
