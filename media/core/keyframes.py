"""When to ask a publisher for a key frame. Pure.

Nine viewers who all miss a picture cost the publisher one key frame: requests are merged, spaced, and repeated until
the key frame is there. A key frame is ten times a picture, for everybody: a viewer who asks for ever more of them is heard
now and then only.
"""

INTERVAL_SECONDS = 0.5  # between two asks
MANY_SECONDS = 2.0  # in which no third key frame is asked for: nine who come in together cost three
SAME_SECONDS = 0.03  # several packets may say that they are of a key frame
BEGIN_SECONDS = 0.25  # a stream that begins, begins with a key frame; only then is it asked for
ALLOWED = 4  # key frames a viewer may cause one after the other
ALLOWED_SECONDS = (
    3.0  # then one in so many: on a line that loses so much, pictures come by a lower layer or as stills
)
MAX_ASKS = 20  # then the publisher's camera is off or its line dead; the next request starts over


class KeyframeRequests:
    """Picture loss indications (RFC 4585 §6.3.1) towards one video stream."""

    __slots__ = ("_asks", "_before", "_came", "_last", "_waiting", "sent")

    def __init__(self) -> None:
        self._last = self._came = self._before = float("-inf")
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
        if self._asks == 0 and (now - self._came < INTERVAL_SECONDS or now - self._before < MANY_SECONDS):
            return False
        if self._asks >= MAX_ASKS:
            self._waiting = False
            return False
        self._asks += 1
        self._last = now
        self.sent += 1
        return True

    def begin(self, now: float) -> None:
        """The stream begins, or begins again."""
        self._last = now - INTERVAL_SECONDS + BEGIN_SECONDS

    def arrived(self, now: float) -> None:
        """A key frame came, asked for or not: everybody is served."""
        self._waiting = False
        if now - self._came > SAME_SECONDS:
            self._before, self._came = self._came, now


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
