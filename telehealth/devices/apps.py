from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "telehealth.devices"
    label = "devices"
