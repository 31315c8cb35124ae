"""Addresses of remote appointments, for the practitioner and those who help."""

from django.urls import path

from telehealth.web.views import visits

urlpatterns = [
    path("", visits.visits, name="visits"),
    path("part/", visits.visits_part, name="visits_part"),
    path("<uuid:visit_id>/", visits.visit, name="visit"),
    path("<uuid:visit_id>/panel/", visits.panel, name="visit_panel"),
    path("<uuid:visit_id>/status/", visits.status, name="visit_status"),
    path("<uuid:visit_id>/room/", visits.open_room, name="open_visit"),
    path("<uuid:visit_id>/sign/", visits.sign, name="sign_summary"),
    path("<uuid:visit_id>/relatives/", visits.invite, name="invite_relative"),
    path("<uuid:visit_id>/link/", visits.renew, name="renew_patient_link"),
    path("<uuid:visit_id>/links/<uuid:link_id>/revoke/", visits.revoke, name="revoke_link"),
]
