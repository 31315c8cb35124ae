"""The views' front door: who may come in, and typed access to what the middleware put on the request."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat, Origin
from telehealth.accounts.models import Membership, User
from telehealth.core.errors import NotAllowed, NotFound
from telehealth.web.errors import is_fragment, wants_json

P = ParamSpec("P")


def origin_of(request: HttpRequest) -> Origin:
    """Return where a request came from, for the audit log."""
    return Origin(
        address=request.META.get("REMOTE_ADDR", "") or "", session=request.session.session_key or ""
    )


def hat_of(request: HttpRequest) -> Hat | None:
    """Return the hat the middleware found; None for a person without a role here."""
    found: Hat | None = getattr(request, "hat", None)
    return found


def hats_on(request: HttpRequest) -> list[Membership]:
    """Return the memberships the person may act in."""
    found: list[Membership] = getattr(request, "hats", [])
    return found


def signed_in(
    view: Callable[Concatenate[HttpRequest, User, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Give the view the signed-in person; send everybody else to the sign-in page and back."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return _sign_in_first(request)
        return view(request, request.user, *args, **kwargs)

    return guarded


def with_hat(
    view: Callable[Concatenate[HttpRequest, Hat, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Give the view the hat the person wears. For somebody without one the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return _sign_in_first(request)
        hat = hat_of(request)
        if hat is None:
            raise NotFound("page.not_found", _("Không có trang này, hoặc anh/chị không có quyền xem."))
        return view(request, hat, *args, **kwargs)

    return guarded


def with_role(
    *roles: Role,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Hat, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """As `with_hat`, for the pages of certain roles only.

    Raises (from the view): NotAllowed: `page.not_allowed`.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Hat, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, hat: Hat, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if hat.role not in roles:
                raise NotAllowed("page.not_allowed", _("Vai trò hiện tại không mở được trang này."))
            return view(request, hat, *args, **kwargs)

        return with_hat(checked)

    return decorate


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        text = _("Phiên làm việc đã hết. Hãy đăng nhập lại; nội dung vừa gõ vẫn ở trên máy này.")
        return JsonResponse({"code": "session.ended", "text": text}, status=401)
    if is_fragment(request):
        # The whole page goes to the sign-in form; a form inside a list would help nobody.
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("account_login")})
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
