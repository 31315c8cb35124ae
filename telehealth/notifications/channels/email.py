"""E-mail, by the backend Django is set up with."""

import smtplib
from contextlib import suppress
from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from telehealth.notifications.channels.outcome import Message, Outcome, Result


def send(address: str, message: Message) -> Outcome:
    """Send one letter. Once the server has our sender and text, silence does not mean that nothing went out."""
    if not settings.EMAIL_ON:
        return Outcome(Result.REFUSED, "email_off")
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException):
        return Outcome(Result.LATER, "unreachable")
    letter = EmailMessage(
        subject=message.title,
        body=message.with_link,
        to=[address],
        connection=connection,
        headers={"Message-ID": make_msgid(message.reference), "Auto-Submitted": "auto-generated"},
    )
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused:
        return Outcome(Result.REFUSED, "email_no_mailbox")
    except smtplib.SMTPResponseException as error:
        late = 400 <= error.smtp_code < 500
        return Outcome(Result.LATER if late else Result.REFUSED, f"email_{error.smtp_code}")
    except (OSError, smtplib.SMTPException):
        return Outcome(Result.UNKNOWN, "cut_off")
    finally:
        with suppress(OSError, smtplib.SMTPException):  # it was sent; a rude goodbye changes nothing
            connection.close()
    return Outcome(Result.SENT)
