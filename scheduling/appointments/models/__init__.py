"""Who books, for whom, what is promised to them, and who waits for it."""

from scheduling.appointments.models.appointments import Appointment
from scheduling.appointments.models.messages import SentMessage
from scheduling.appointments.models.people import Beneficiary, Contact, PhoneCode
from scheduling.appointments.models.policy import BookingPolicy
from scheduling.appointments.models.registrations import ExamService, ExamSession, Registration
from scheduling.appointments.models.waiting import Offer, WaitingEntry

__all__ = [
    "Appointment",
    "Beneficiary",
    "BookingPolicy",
    "Contact",
    "ExamService",
    "ExamSession",
    "Offer",
    "PhoneCode",
    "Registration",
    "SentMessage",
    "WaitingEntry",
]
