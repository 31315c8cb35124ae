from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "telehealth.web"
    label = "web"

    def ready(self) -> None:
        from telehealth.web import receivers  # noqa: F401, PLC0415 -- needs loaded models
