from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "telehealth.accounts"
    label = "accounts"

    def ready(self) -> None:
        from telehealth.accounts import receivers  # noqa: F401, PLC0415 -- needs loaded models
