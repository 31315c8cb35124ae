"""Addresses of messages: the bell's page, wishes, the delivery log, and the short link in an SMS."""

from django.urls import path

from telehealth.web.views import delivery, notifications, wishes

urlpatterns = [
    path("notifications/", notifications.inbox, name="notifications"),
    path("notifications/bell/", notifications.bell, name="bell"),
    path("notifications/read/", notifications.read_all, name="read_all_notifications"),
    path("notifications/<int:notification_id>/open/", notifications.open_one, name="open_notification"),
    path("notifications/preferences/", wishes.preferences, name="notification_preferences"),
    path("notifications/preferences/quiet/", wishes.quiet_hours, name="quiet_hours"),
    path("notifications/preferences/forget/", wishes.follow_general, name="forget_preferences"),
    path("notifications/browsers/<uuid:subscription_id>/", wishes.forget, name="forget_browser"),
    path("notifications/log/", delivery.log, name="delivery_log"),
    path("notifications/demonstration/", delivery.telephones, name="telephones"),
    path("n/<str:token>", notifications.by_link, name="message_link"),
    path("n/<str:token>/", notifications.by_link),
]
