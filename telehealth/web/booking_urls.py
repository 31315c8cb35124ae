"""Addresses of the patients' site. Those with a link are in messages people keep: they do not change."""

from django.urls import path

from telehealth.web.views.booking import app, bookings, details, start, times

urlpatterns = [
    path("", start.start, name="booking_start"),
    path("facilities/", start.facilities, name="booking_facilities"),
    path("at/<uuid:facility_id>/exam/", times.exam, name="booking_exam"),
    path("at/<uuid:facility_id>/<slug:kind>/", times.times, name="booking_times"),
    path("take/", times.take_time, name="booking_take"),
    path("details/", details.details, name="booking_details"),
    path("phone/", details.phone, name="booking_phone"),
    path("sign-out/", details.sign_out, name="booking_sign_out"),
    path("mine/", bookings.mine, name="booking_mine"),
    path("mine/waiting/<uuid:entry_id>/leave/", bookings.leave, name="booking_leave"),
    path("l/<str:link>/", bookings.booking, name="booking_link"),
    path("l/<str:link>/cancel/", bookings.cancel, name="booking_cancel"),
    path("l/<str:link>/confirm/", bookings.confirm, name="booking_confirm"),
    path("l/<str:link>/join/", bookings.join, name="booking_join"),
    path("l/<str:link>/calendar.ics", bookings.calendar, name="booking_calendar"),
    path("o/<str:link>/", bookings.offer, name="booking_offer"),
    path("o/<str:link>/answer/", bookings.answer_offer, name="booking_answer_offer"),
    path("manifest.webmanifest", app.manifest, name="booking_manifest"),
    path("sw.js", app.service_worker, name="booking_service_worker"),
]
