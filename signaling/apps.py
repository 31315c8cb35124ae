from django.apps import AppConfig


class SignalingConfig(AppConfig):
    name = "signaling"
    label = "signaling"

    def ready(self) -> None:
        from signaling import receivers  # noqa: PLC0415 -- needs loaded models

        receivers.subscribe_all()
