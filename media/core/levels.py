"""Who of a room is heard: audio levels (RFC 6464) and the loudest few microphones. Pure.

In a room of ten everybody would get nine sounds, most of them silence; three are enough to follow any conversation. Seats
change slowly on purpose: a cough takes none, and who spoke last keeps theirs through a pause.
"""

from typing import NamedTuple

COUNT = 3
TICK_SECONDS = 0.1
LOUDER_SECONDS = 0.3  # how long a newcomer must be louder: longer than a cough or a slammed door
SEATED_SECONDS = 1.0  # how long a seat just taken is safe
MARGIN = 6.0  # dB by which a newcomer must be louder than a speaker

SPEECH = 127 - 60  # loudness from which on it is no room noise
QUIET_SECONDS = 0.5  # without packets (DTX) or speech somebody is silent
RISE, FALL = 0.25, 0.05  # share of the difference taken over per packet: 80 ms up, 400 ms down at 20 ms
UNKNOWN = 30  # level taken for a packet without the extension: it is sound, or there would be no packet


class Level(NamedTuple):
    """One audio level."""

    level: int
    """0 (as loud as can be) to 127 (silence), in -dBov."""
    voice: bool
    """The sender's own opinion; not every sender forms one."""


def read_level(value: bytes) -> Level | None:
    """Read the value of the header extension, or None for an empty one.

    The two-byte form pads behind the byte, so only the first counts (RFC 6464 §3).
    """
    return Level(value[0] & 0x7F, value[0] >= 0x80) if value else None


class Microphone:
    """One microphone of a room, smoothed."""

    __slots__ = ("heard_at", "louder_since", "loudness", "name", "seated_at", "spoke_at")

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.loudness = 0.0  # 0 (silence) to 127
        self.heard_at = now
        self.spoke_at = float("-inf")
        self.louder_since: float | None = None
        self.seated_at: float | None = None

    def hear(self, level: int, now: float) -> None:
        """Take in a packet's level (0-127 in -dBov, or the whole extension byte; `UNKNOWN` without one)."""
        loud = 127 - (level & 0x7F)
        before = self.loudness
        if now - self.heard_at > QUIET_SECONDS:
            before = 0.0
        self.loudness = smoothed = before + (loud - before) * (RISE if loud > before else FALL)
        self.heard_at = now
        if smoothed >= SPEECH and loud >= SPEECH:
            self.spoke_at = now

    def speaks(self, now: float) -> bool:
        """Whether there was speech lately."""
        return now - self.spoke_at <= QUIET_SECONDS and now - self.heard_at <= QUIET_SECONDS


class Loudest:
    """The microphones of one room that are forwarded.

    `Microphone.hear` runs per packet. `tick` decides; call it when `now >= next_at`, from a packet's way or a timer: while
    nothing is heard nothing has to be decided, so a room without sound needs no timer.

    What holds after every tick:

    - with at most `count` microphones everybody is in;
    - with more there are exactly `count` in, so never nobody while somebody speaks;
    - who has a seat loses it only to somebody who has been louder for `LOUDER_SECONDS`, not within `SEATED_SECONDS` of
      getting it, and one at a time.
    """

    __slots__ = ("_microphones", "_seats", "count", "next_at")

    def __init__(self, count: int = COUNT) -> None:
        self.count = count
        self.next_at = 0.0
        self._microphones: dict[str, Microphone] = {}
        self._seats: list[Microphone] = []

    @property
    def heard(self) -> frozenset[str]:
        """The names whose sound is forwarded."""
        return frozenset(microphone.name for microphone in self._seats)

    def join(self, name: str, now: float) -> Microphone:
        """Return the microphone of that name, a new one when there is none; it gets a free seat at once."""
        microphone = self._microphones.get(name)
        if microphone is None:
            microphone = self._microphones[name] = Microphone(name, now)
            if len(self._seats) < self.count:
                self._seat(microphone, now)
        return microphone

    def leave(self, name: str, now: float) -> bool:
        """Forget a microphone. True: `heard` has changed; a free seat is taken at once."""
        microphone = self._microphones.pop(name, None)
        if microphone is None or microphone not in self._seats:
            return False
        self._seats.remove(microphone)
        self._fill(now)
        return True

    def tick(self, now: float) -> bool:
        """Decide anew. True: `heard` has changed."""
        self.next_at = now + TICK_SECONDS
        if len(self._microphones) <= self.count:
            return False
        weakest = min(self._seats, key=lambda m: self._rank(m, now))
        challenger: Microphone | None = None
        for microphone in self._microphones.values():
            if microphone.seated_at is not None:
                continue
            if not microphone.speaks(now) or not self._louder(microphone, weakest, now):
                microphone.louder_since = None
                continue
            if microphone.louder_since is None:
                microphone.louder_since = now
            elif microphone.spoke_at - microphone.louder_since >= LOUDER_SECONDS and (
                challenger is None or microphone.loudness > challenger.loudness
            ):
                challenger = microphone
        if challenger is None or (weakest.seated_at is not None and now - weakest.seated_at < SEATED_SECONDS):
            return False
        self._seats.remove(weakest)
        weakest.seated_at = weakest.louder_since = None
        self._seat(challenger, now)
        return True

    @staticmethod
    def _rank(microphone: Microphone, now: float) -> tuple[bool, float]:
        # Silent ones by how long ago they spoke, then speakers by how loud they are.
        speaks = microphone.speaks(now)
        return speaks, microphone.loudness if speaks else microphone.spoke_at

    @staticmethod
    def _louder(microphone: Microphone, weakest: Microphone, now: float) -> bool:
        return not weakest.speaks(now) or microphone.loudness >= weakest.loudness + MARGIN

    def _fill(self, now: float) -> None:
        waiting = [m for m in self._microphones.values() if m.seated_at is None]
        if waiting and len(self._seats) < self.count:
            self._seat(max(waiting, key=lambda m: self._rank(m, now)), now)

    def _seat(self, microphone: Microphone, now: float) -> None:
        microphone.seated_at = now
        microphone.louder_since = None
        self._seats.append(microphone)
