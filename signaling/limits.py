"""How much one client may ask of us. Pure: the time comes in as seconds of any steady clock."""

from dataclasses import dataclass


class TokenBucket:
    """Allows `burst` at once and `burst` again in every `seconds`."""

    def __init__(self, burst: int, *, seconds: float, now: float) -> None:
        self._burst = float(burst)
        self._rate = burst / seconds
        self._tokens = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Take one token; False when there is none. A clock that goes back gives nothing."""
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = max(self._at, now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def wait(self) -> float:
        """Return the seconds until there is a token again, counted from the last `take`."""
        return max(0.0, (1 - self._tokens) / self._rate)


@dataclass
class Limits:
    """The buckets of one socket."""

    messages: TokenBucket
    """Everything the client sends. Emptying it breaks the protocol: the socket is closed."""
    commands: TokenBucket
    chat: TokenBucket
    offers: TokenBucket
    hellos: TokenBucket
    quality: TokenBucket
    keys: TokenBucket
    tunes: TokenBucket

    @classmethod
    def starting(cls, now: float) -> "Limits":
        return cls(
            messages=TokenBucket(100, seconds=5, now=now),
            commands=TokenBucket(30, seconds=10, now=now),
            chat=TokenBucket(10, seconds=10, now=now),
            offers=TokenBucket(5, seconds=10, now=now),
            hellos=TokenBucket(5, seconds=10, now=now),
            quality=TokenBucket(5, seconds=5, now=now),
            keys=TokenBucket(60, seconds=10, now=now),
            tunes=TokenBucket(20, seconds=10, now=now),
        )
