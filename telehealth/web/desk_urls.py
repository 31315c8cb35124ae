"""Addresses of the reception desk. What was scanned travels in the body, never in an address: addresses end up in logs."""

from django.urls import path

from telehealth.web.views import desk, desk_numbers, identity, insurance_account, smart_cards

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("read/", desk.read_text, name="desk_read"),
    path("register/", desk.register, name="desk_register"),
    path("patients/<uuid:patient_id>/", desk.receive, name="desk_receive"),
    path("patients/<uuid:patient_id>/card/", desk.second_card, name="desk_second_card"),
    path("patients/<uuid:patient_id>/insurance/", desk.insurance_again, name="desk_insurance_again"),
    path("patients/<uuid:patient_id>/number/", desk_numbers.take, name="desk_number"),
    path("patients/<uuid:patient_id>/smart-card/", smart_cards.issue, name="desk_smart_card"),
    path("insurance/<uuid:check_id>/", desk.insurance, name="desk_insurance"),
    path("walk-in/", desk_numbers.walk_in, name="desk_walk_in"),
    path("registrations/<uuid:registration_id>/", desk_numbers.check_in, name="desk_check_in"),
    path("appointments/<uuid:appointment_id>/", desk_numbers.arrive, name="desk_arrive"),
    path("smart-cards/<uuid:card_id>/", smart_cards.card, name="smart_card"),
    path("smart-cards/<uuid:card_id>/revoke/", smart_cards.revoke, name="revoke_smart_card"),
    path("identity/", identity.cases, name="identity_cases"),
    path("identity/<uuid:case_id>/", identity.case, name="identity_case"),
    path("insurance-account/", insurance_account.account, name="insurance_account"),
]
