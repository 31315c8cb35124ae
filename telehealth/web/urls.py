"""Addresses of the pages."""

from django.urls import path

from telehealth.web.views import administration, cases, documents, drafts, hats, me, patients, rooms, worklist

urlpatterns = [
    path("", worklist.home, name="home"),
    path("worklist/", worklist.worklist_part, name="worklist_part"),
    path("hat/", hats.hat, name="hat"),
    path("me/", me.me, name="me"),
    path("search/", patients.search, name="search"),
    path("patients/", patients.patients, name="patients"),
    path("patients/new/", patients.new_patient, name="new_patient"),
    path("patients/<uuid:patient_id>/", patients.patient, name="patient"),
    path("patients/<uuid:patient_id>/by-number/", patients.patient_by_number, name="patient_by_number"),
    path("patients/<uuid:patient_id>/requests/", patients.new_request, name="new_request"),
    path("requests/hubs/", drafts.hub_field, name="hub_field"),
    path("requests/vitals/", drafts.check_vitals, name="check_vitals"),
    path("requests/<uuid:request_id>/", cases.case, name="case"),
    path("requests/<uuid:request_id>/edit/", drafts.draft, name="draft"),
    path("requests/<uuid:request_id>/missing/", drafts.missing, name="draft_missing"),
    path("requests/<uuid:request_id>/documents/", documents.upload, name="upload"),
    path("requests/<uuid:request_id>/panel/", cases.panel, name="panel"),
    path("requests/<uuid:request_id>/parts/<slug:part>/", cases.case_part, name="case_part"),
    path("requests/<uuid:request_id>/claim/", cases.claim, name="claim"),
    path("requests/<uuid:request_id>/room/", cases.open_room, name="open_room"),
    path("requests/<uuid:request_id>/sign/", cases.sign, name="sign"),
    path("requests/<uuid:request_id>/decide/", cases.decide, name="decide"),
    path("requests/<uuid:request_id>/cancel/", cases.cancel, name="cancel"),
    path("requests/<uuid:request_id>/close/", cases.close, name="close"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("rooms/<uuid:session_id>/", rooms.room, name="room"),
    path("people/", administration.people, name="people"),
    path("people/<uuid:membership_id>/deactivate/", administration.deactivate, name="deactivate"),
    path("province/", administration.province, name="province"),
    path("audit/", administration.audit, name="audit"),
    path("audit/check/", administration.check_audit, name="check_audit"),
]
