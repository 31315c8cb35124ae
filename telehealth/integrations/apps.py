from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "telehealth.integrations"
    label = "integrations"

    def ready(self) -> None:
        from telehealth.integrations import receivers  # noqa: PLC0415 -- needs loaded models

        receivers.start()
