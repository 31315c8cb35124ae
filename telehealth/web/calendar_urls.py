"""Addresses of the pages of time and duty."""

from django.urls import path

from telehealth.web.views import calendar_feeds, on_call, schedule, schedule_excel, schedule_house

urlpatterns = [
    path("schedule/", schedule.week, name="schedule"),
    path("schedule/mine/", schedule.mine, name="my_schedule"),
    path("schedule/mine/calendar/", calendar_feeds.issue, name="issue_calendar_feed"),
    path("schedule/mine/calendar/revoke/", calendar_feeds.revoke, name="revoke_calendar_feed"),
    path("schedule/people/<uuid:membership_id>/", schedule.person, name="person_schedule"),
    path(
        "schedule/people/<uuid:membership_id>/availability/",
        schedule.add_availability,
        name="add_availability",
    ),
    path(
        "schedule/people/<uuid:membership_id>/availability/<uuid:row_id>/end/",
        schedule.end_availability,
        name="end_availability",
    ),
    path("schedule/people/<uuid:membership_id>/exceptions/", schedule.add_exception, name="add_exception"),
    path("schedule/people/<uuid:membership_id>/leave/", schedule.ask_leave, name="ask_leave"),
    path("schedule/exceptions/<uuid:row_id>/remove/", schedule.remove_exception, name="remove_exception"),
    path("schedule/leaves/", schedule.leave_list, name="leaves"),
    path("schedule/leaves/<uuid:leave_id>/", schedule.answer_leave, name="answer_leave"),
    path("schedule/hours/", schedule_house.hours, name="hours"),
    path("schedule/holidays/", schedule_house.holidays, name="holidays"),
    path("schedule/holidays/propose/", schedule_house.propose_holidays, name="propose_holidays"),
    path("schedule/holidays/<uuid:holiday_id>/remove/", schedule_house.remove_holiday, name="remove_holiday"),
    path("schedule/resources/", schedule_house.resources, name="resources"),
    path("schedule/resources/<uuid:resource_id>/", schedule_house.resource, name="resource"),
    path(
        "schedule/resources/<uuid:resource_id>/exceptions/",
        schedule_house.except_resource,
        name="except_resource",
    ),
    path("schedule/excel/", schedule_excel.excel, name="schedule_excel"),
    path("schedule/excel/import/", schedule_excel.confirm, name="import_schedule"),
    path("schedule/excel/template.xlsx", schedule_excel.template, name="schedule_template"),
    path("schedule/excel/schedule.xlsx", schedule_excel.export, name="export_schedule"),
    path("on-call/", on_call.on_call, name="on_call"),
    path("on-call/rosters/", on_call.save_roster, name="save_roster"),
    path("on-call/rosters/<uuid:roster_id>/shifts/", on_call.add_shift, name="add_shift"),
    path("on-call/shifts/<uuid:shift_id>/", on_call.shift, name="shift"),
    path("on-call/shifts/<uuid:shift_id>.ics", on_call.shift_file, name="shift_file"),
    path("on-call/shifts/<uuid:shift_id>/notes/", on_call.write_note, name="write_note"),
    path("on-call/shifts/<uuid:shift_id>/reassign/", on_call.reassign, name="reassign_shift"),
    path("on-call/shifts/<uuid:shift_id>/cancel/", on_call.cancel, name="cancel_shift"),
    path("on-call/shifts/<uuid:shift_id>/swap/", on_call.propose, name="propose_swap"),
    path("on-call/swaps/", on_call.swap_list, name="swaps"),
    path("on-call/swaps/<uuid:swap_id>/", on_call.answer_swap, name="answer_swap"),
    path("calendars/<str:secret>.ics", calendar_feeds.feed, name="calendar_feed"),
]
