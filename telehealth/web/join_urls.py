"""Addresses by which a patient or relative joins a remote appointment: one secret address for one person."""

from django.urls import path

from telehealth.web.views import join

urlpatterns = [
    path("<str:token>/", join.join, name="join"),
    path("<str:token>/code/", join.send_code, name="join_send_code"),
    path("<str:token>/confirm/", join.confirm, name="join_confirm"),
    path("<str:token>/open/", join.open_room, name="join_open"),
    path("<str:token>/room/", join.room, name="join_room"),
    path("<str:token>/place/", join.place, name="join_place"),
]
