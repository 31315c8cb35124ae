from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    name = "telehealth.consultations"
    label = "consultations"
