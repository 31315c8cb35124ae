"""When to ask a publisher for a key frame. Pure.

Nine viewers who all miss a picture cost the publisher one key frame: requests are merged, spaced, and repeated until
the key frame is there. A key frame is ten times a picture, for everybody: a viewer who asks for ever more of them is heard
now and then only.
"""

INTERVAL_SECONDS = 0.5
ALLOWED = 4  # key frames a viewer may cause one after the other
ALLOWED_SECONDS = (
    3.0  # then one in so many: on a line that loses so much, pictures come by a lower layer or as stills
)
MAX_ASKS = 20  # then the publisher's camera is off or its line dead; the next request starts over


class KeyframeRequests:
    """Picture loss indications (RFC 4585 §6.3.1) towards one video stream."""

    __slots__ = ("_asks", "_last", "_waiting", "sent")

    def __init__(self) -> None:
        self._last = -INTERVAL_SECONDS
        self._waiting = False
        self._asks = 0
        self.sent = 0

    @property
    def waiting(self) -> bool:
        """Whether somebody still waits."""
        return self._waiting

    def request(self, now: float) -> bool:
        """Somebody needs a key frame. True: send a PLI now; False: one is on its way or will be sent by `due`."""
        if not self._waiting:
            self._waiting = True
            self._asks = 0
        return self.due(now)

    def due(self, now: float) -> bool:
        """Whether to send (again) now; counts it as sent."""
        if not self._waiting or now - self._last < INTERVAL_SECONDS:
            return False
        if self._asks >= MAX_ASKS:
            self._waiting = False
            return False
        self._asks += 1
        self._last = now
        self.sent += 1
        return True

    def arrived(self) -> None:
        """A key frame came: everybody is served."""
        self._waiting = False


class KeyframeAllowance:
    """What one viewer may ask for on one slot: browsers repeat a request until its key frame is there, a fault or malice goes on."""

    __slots__ = ("_paid_until",)

    def __init__(self) -> None:
        self._paid_until = 0.0

    def take(self, now: float) -> bool:
        """Whether one more key frame may be caused; if so, it is counted."""
        until = max(now, self._paid_until) + ALLOWED_SECONDS
        if until - now > ALLOWED * ALLOWED_SECONDS:
            return False
        self._paid_until = until
        return True
