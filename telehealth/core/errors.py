"""Errors that say whose fault it is and what to do.

DomainError
 ├── Invalid      what was sent cannot be right; nothing was changed (HTTP 422)
 ├── NotAllowed   this person may not do this (403)
 ├── NotFound     no such thing, or not yours to see: the same answer for both (404)
 ├── Conflict     somebody or something was faster; look again (409)
 └── Unavailable  our side cannot do it now; the same request may succeed later (503)
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise


class DomainError(Exception):
    """An error with a stable `code` for programs and a sentence in the user's language for people."""

    status: ClassVar[int] = 400
    retry: ClassVar[bool] = False

    def __init__(self, code: str, text: str | Promise, **detail: Any) -> None:
        super().__init__(code)
        self.code = code
        self._text = text
        self.detail: Mapping[str, Any] = detail

    @property
    def text(self) -> str:
        return str(self._text)


class Invalid(DomainError):
    status = 422


class NotAllowed(DomainError):
    status = 403


class NotFound(DomainError):
    status = 404


class Conflict(DomainError):
    status = 409


class Unavailable(DomainError):
    status = 503
    retry = True
