"""What one socket still has to send. Pure and bounded: a client that does not read costs us at most this."""

from collections import OrderedDict
from itertools import count

MAX_BYTES = 256 * 1024
MAX_MESSAGES = 200


class Outbox:
    """Messages in order; of those with the same `coalesce` key only the newest is kept."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_messages: int = MAX_MESSAGES) -> None:
        self._max_bytes = max_bytes
        self._max_messages = max_messages
        self._waiting: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, text: str, *, coalesce: str | None = None) -> bool:
        """Add a message; False when it does not fit (the caller closes the socket, the client resumes later).

        With nothing waiting any message fits: the snapshot of a long call may be larger than what is kept otherwise.
        """
        key = coalesce or f"#{next(self._numbers)}"
        replaced = self._waiting.pop(key, None)
        if replaced is not None:
            self._bytes -= len(replaced)
        full = len(self._waiting) >= self._max_messages or self._bytes + len(text) > self._max_bytes
        if self._waiting and full:
            return False
        self._waiting[key] = text
        self._bytes += len(text)
        return True

    def take(self) -> str | None:
        """Remove and return the oldest message; None when there is none."""
        if not self._waiting:
            return None
        _key, text = self._waiting.popitem(last=False)
        self._bytes -= len(text)
        return text
