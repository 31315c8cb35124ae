from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "scheduling.appointments"

    def ready(self) -> None:
        from scheduling.appointments.domain.slots import (  # noqa: PLC0415 -- needs loaded models
            forget_when_calendars_change,
        )

        forget_when_calendars_change()
