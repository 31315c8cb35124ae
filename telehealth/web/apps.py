from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "telehealth.web"
    label = "web"
