"""Pages on which a facility's administrator makes accounts, gives roles and hands out first sign-ins."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.consultations.domain import staff
from telehealth.core import clock
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.web.forms.staff import AddRoleForm, DetailsForm, NewPersonForm, PostForm, values_of
from telehealth.web.http import with_role
from telehealth.web.pictures import qr_data_uri

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@with_role(Role.FACILITY_ADMIN)
def new_person(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Make an account with its first role; the answer shows the link for the first sign-in, once."""
    form = NewPersonForm(request.POST or None, facility=hat.facility)
    if request.method == "POST" and form.is_valid():
        try:
            made = staff.create_person(
                hat=hat,
                username=form.cleaned_data["username"],
                details=form.details(),
                role=form.chosen_role(),
                post=form.post(),
                now=clock.now(),
            )
        except (Invalid, Conflict, NotAllowed) as error:
            _explain(form, error)
        else:
            return _hand_over(request, made, created=True)
    return _form(request, "administration/person_new.html", form)


@require_http_methods(["GET", "POST"])
@with_role(Role.FACILITY_ADMIN)
def add_role(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Give a role to somebody who has an account; nobody is listed, the administrator must know who it is."""
    form = AddRoleForm(request.POST or None, facility=hat.facility)
    if request.method == "POST" and form.is_valid():
        try:
            given = staff.add_role(
                hat=hat,
                who=form.cleaned_data["who"],
                full_name=form.cleaned_data["full_name"],
                role=form.chosen_role(),
                post=form.post(),
                now=clock.now(),
            )
        except (Invalid, Conflict, NotAllowed) as error:
            _explain(form, error)
        else:
            messages.success(
                request,
                _("Đã thêm vai trò %(role)s cho %(name)s.")
                % {"role": given.get_role_display(), "name": given.user.display_name},
            )
            return redirect("people")
    return _form(request, "administration/person_add.html", form)


@require_http_methods(["GET", "POST"])
@with_role(Role.FACILITY_ADMIN)
def person(request: HttpRequest, hat: Hat, membership_id: UUID) -> HttpResponseBase:
    """Change a role and, where the account is looked after here, the person's own details."""
    membership = staff.membership_to_change(hat, membership_id)
    own = staff.looks_after(hat, membership.user)
    kind = DetailsForm if own else PostForm
    form = kind(request.POST or None, facility=hat.facility, initial=values_of(membership))
    if request.method == "POST" and form.is_valid():
        try:
            staff.change_person(
                hat=hat,
                membership_id=membership_id,
                details=form.details() if isinstance(form, DetailsForm) else None,
                post=form.post(),
                now=clock.now(),
            )
        except (Invalid, Conflict, NotAllowed) as error:
            _explain(form, error)
        else:
            messages.success(request, _("Đã lưu thay đổi."))
            return redirect("people")
    more = {"membership": membership, "own": own, "self": membership.user_id == hat.user.pk}
    return _form(request, "administration/person.html", form, **more)


@require_POST
@with_role(Role.FACILITY_ADMIN)
def first_sign_in(request: HttpRequest, hat: Hat, membership_id: UUID) -> HttpResponseBase:
    """Hand out a new link: for somebody who lost theirs or forgot the password."""
    issued = staff.issue_first_sign_in(
        hat=hat,
        membership_id=membership_id,
        remove_factors="remove_factors" in request.POST,
        now=clock.now(),
    )
    return _hand_over(request, issued, created=False)


def _hand_over(request: HttpRequest, issued: staff.FirstSignIn, *, created: bool) -> HttpResponse:
    """Show the link. It stands in this answer only; a later look needs a new one."""
    path = reverse("first_sign_in", args=[issued.membership.user_id, issued.token])
    link = request.build_absolute_uri(path)
    context = {
        "membership": issued.membership,
        "link": link,
        "picture": qr_data_uri(link),
        "expires_at": issued.expires_at,
        "created": created,
    }
    return render(request, "administration/first_sign_in.html", context)


def _form(request: HttpRequest, template: str, form: forms.Form, **more: object) -> HttpResponse:
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, template, {"form": form, **more}, status=status)


def _explain(form: forms.Form, error: Invalid | Conflict | NotAllowed) -> None:
    named = str(error.detail.get("field", ""))
    form.add_error(named if named in form.fields else None, error.text)
