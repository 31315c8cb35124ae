"""Addresses for programs. Errors are JSON with a stable code and a sentence."""

from django.urls import path

from telehealth.api import autosave, documents

urlpatterns = [
    path("requests/<uuid:request_id>/draft/", autosave.draft, name="api_draft"),
    path("requests/<uuid:request_id>/note/", autosave.note, name="api_note"),
    path("requests/<uuid:request_id>/documents/", documents.request_documents, name="api_request_documents"),
    path("questions/<uuid:question_id>/answer/", autosave.answer, name="api_answer"),
    path("sessions/<uuid:session_id>/documents/", documents.session_documents, name="api_session_documents"),
]
