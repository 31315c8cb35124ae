"""Addresses for programs. Errors are JSON with a stable code and a sentence."""

from django.urls import path

from telehealth.api import (
    autosave,
    chat,
    devices,
    documents,
    guests,
    line_check,
    line_station,
    messages,
    stills,
)

urlpatterns = [
    path("requests/<uuid:request_id>/draft/", autosave.draft, name="api_draft"),
    path("requests/<uuid:request_id>/note/", autosave.note, name="api_note"),
    path("requests/<uuid:request_id>/documents/", documents.request_documents, name="api_request_documents"),
    path("questions/<uuid:question_id>/answer/", autosave.answer, name="api_answer"),
    path("sessions/<uuid:session_id>/documents/", documents.session_documents, name="api_session_documents"),
    path("sessions/<uuid:session_id>/devices/", devices.session_devices, name="api_session_devices"),
    path("sessions/<uuid:session_id>/chat/<int:before>/", chat.earlier, name="api_chat"),
    path("sessions/<uuid:session_id>/still/", stills.still, name="api_still"),
    path("sessions/<uuid:session_id>/stills/<uuid:participant_id>/", stills.still_of, name="api_still_of"),
    path("visits/<uuid:visit_id>/summary/", autosave.visit_summary, name="api_visit_summary"),
    # A guest's own: the browser is known by the link it opened.
    path("guests/<uuid:session_id>/still/", guests.still, name="api_guest_still"),
    path(
        "guests/<uuid:session_id>/stills/<uuid:participant_id>/", guests.still_of, name="api_guest_still_of"
    ),
    path("guests/<uuid:session_id>/chat/<int:before>/", guests.chat, name="api_guest_chat"),
    path("guests/<uuid:session_id>/documents/", guests.documents, name="api_guest_documents"),
    path(
        "guests/<uuid:session_id>/documents/<uuid:document_id>/", guests.document, name="api_guest_document"
    ),
    path("notifications/browser/", messages.push_browser, name="api_push_browser"),
    path("notifications/sms/<str:secret>/", messages.sms_receipt, name="api_sms_receipt"),
    path("notifications/zalo/", messages.zalo_event, name="api_zalo_event"),
    path("line-check/", line_check.setup, name="api_line_check"),
    path("line-check/down/", line_check.down, name="api_line_check_down"),
    path("line-check/up/", line_check.up, name="api_line_check_up"),
    path("line-check/results/", line_check.save, name="api_line_check_save"),
    path("line-station/", line_station.pulse, name="api_line_station"),
    path("line-station/down/", line_station.down, name="api_line_station_down"),
    path("line-station/up/", line_station.up, name="api_line_station_up"),
    path("line-station/samples/", line_station.sample, name="api_line_station_sample"),
]
