from django.apps import AppConfig


class LinesConfig(AppConfig):
    name = "telehealth.lines"
    label = "lines"
