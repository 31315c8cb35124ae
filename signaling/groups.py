"""Every name on the channel layer, as a function. The layer carries hints only; the truth is in PostgreSQL."""

from uuid import UUID


def room(session_id: UUID | str) -> str:
    """The sockets of one room."""
    return f"room.{session_id}"


def inbox_of_facility(facility_id: UUID | str) -> str:
    """The inbox sockets of the people of one facility."""
    return f"inbox.facility.{facility_id}"


def inbox_of_user(user_id: UUID | str) -> str:
    """The inbox sockets of one person."""
    return f"inbox.user.{user_id}"


def queue_area(area_id: UUID | str) -> str:
    """The sockets that watch one area's queue."""
    return f"queue.{area_id}"


def access_of(user_id: UUID | str) -> str:
    """All sockets of one person: where the loss of access is told."""
    return f"access.{user_id}"
