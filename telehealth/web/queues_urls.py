"""Addresses of the queue's pages: for those who call, for boards and kiosks, for whoever holds a ticket."""

from django.urls import path

from telehealth.web.views import queues

urlpatterns = [
    path("queues/", queues.areas, name="queues"),
    path("queues/<uuid:area_id>/devices/", queues.add_device, name="queue_add_device"),
    path("queues/devices/<uuid:device_id>/revoke/", queues.revoke_device, name="queue_revoke_device"),
    path("queues/rooms/<uuid:room_id>/", queues.desk, name="queue_desk"),
    path("display/<uuid:area_id>/", queues.display, name="queue_display"),
    path("kiosk/<uuid:area_id>/", queues.kiosk, name="queue_kiosk"),
    path("t/<slug:token>/", queues.place, name="queue_place"),
]
