from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    name = "telehealth.facilities"
    label = "facilities"
