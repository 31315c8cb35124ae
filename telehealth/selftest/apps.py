from django.apps import AppConfig


class SelftestConfig(AppConfig):
    name = "telehealth.selftest"
