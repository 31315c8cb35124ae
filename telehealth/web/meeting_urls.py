"""Addresses of a case's meeting: when both sides see each other."""

from django.urls import path

from telehealth.web.views import meetings

urlpatterns = [
    path("", meetings.panel, name="meeting"),
    path("propose/", meetings.propose, name="meeting_propose"),
    path("answer/", meetings.answer, name="meeting_answer"),
    path("withdraw/", meetings.withdraw, name="meeting_withdraw"),
    path("invitation.ics", meetings.invitation, name="meeting_invitation"),
]
