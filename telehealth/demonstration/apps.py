from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "telehealth.demonstration"
    label = "demonstration"
