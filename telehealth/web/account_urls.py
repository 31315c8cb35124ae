"""The pages of allauth we offer. No sign-up, no e-mail: accounts are made by a facility's administrator."""

from allauth.account import views
from django.urls import include, path

from telehealth.web.views import first_sign_in

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path(
        "signup/", views.signup, name="account_signup"
    ),  # says that it is closed; allauth links to it by name
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("first-sign-in/<uuid:user_id>/<str:token>/", first_sign_in.first_sign_in, name="first_sign_in"),
    path("2fa/", include("allauth.mfa.urls")),
]
