from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "telehealth.notifications"
    label = "notifications"
