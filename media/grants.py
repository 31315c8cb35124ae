"""Signed permissions for the media plane. Pure: time and key come in as arguments.

A grant says: this participant may be connected to this room until then, and whether they have been let in. The web process
signs it after it has authorised the person, the media node checks it without asking anybody, so media survives a dead web
process but not a stale permission.
"""

import base64
import hmac
import json
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

GRANT_SECONDS = 600  # a call outlives a dead web process by at most this
CONTROL_TOKEN_SECONDS = 30


class BadGrant(ValueError):
    """The token is forged, garbled, expired or made for something else."""


class Grant(BaseModel):
    """Claims. Times are seconds since the Unix epoch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    room: str
    participant: str
    epoch: int
    issued_at: float
    expires_at: float
    admitted: bool
    """Whether the participant has been let into the room. Without it a connection stands by: it is brought up and kept up,
    but nothing is forwarded to or from it. Never assumed: whoever signs must say."""
    publish: bool = True
    """Whether what an admitted participant sends is forwarded."""
    echo: bool = False
    """The room is a line check's: a participant's own microphone and camera come back to them."""
    device: bool = False
    """For a machine that shows an examination on the participant's behalf: it sends one picture beside theirs, and sees nobody."""


class _ControlClaims(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: Literal["control"] = "control"
    expires_at: float


def sign_grant(grant: Grant, *, key: bytes) -> str:
    """Return the compact token of `grant`."""
    return _sign(grant.model_dump(), key=key, purpose=b"grant")


def verify_grant(token: str, *, key: bytes, now: float) -> Grant:
    """Return the claims of a valid, unexpired token.

    Raises:
        BadGrant: anything else.
    """
    try:
        grant = Grant.model_validate(_verify(token, key=key, purpose=b"grant"))
    except ValidationError as error:
        raise BadGrant("claims do not fit") from error
    if grant.expires_at <= now:
        raise BadGrant("expired")
    return grant


def sign_control(*, key: bytes, now: float) -> str:
    """Return the bearer token a web process shows when it opens the control connection."""
    claims = _ControlClaims(expires_at=now + CONTROL_TOKEN_SECONDS)
    return _sign(claims.model_dump(), key=key, purpose=b"control")


def verify_control(token: str, *, key: bytes, now: float) -> None:
    """Check a control bearer token.

    Raises:
        BadGrant: it is not valid now.
    """
    try:
        claims = _ControlClaims.model_validate(_verify(token, key=key, purpose=b"control"))
    except ValidationError as error:
        raise BadGrant("claims do not fit") from error
    if claims.expires_at <= now:
        raise BadGrant("expired")


def _mac(body: bytes, *, key: bytes, purpose: bytes) -> bytes:
    return hmac.new(key, purpose + b"." + body, sha256).digest()


def _sign(claims: dict[str, object], *, key: bytes, purpose: bytes) -> str:
    body = json.dumps(claims, separators=(",", ":"), sort_keys=True).encode()
    return f"{_b64(body)}.{_b64(_mac(body, key=key, purpose=purpose))}"


def _verify(token: str, *, key: bytes, purpose: bytes) -> object:
    try:
        body64, mac64 = token.split(".")
        body, mac = _unb64(body64), _unb64(mac64)
    except ValueError as error:
        raise BadGrant("garbled") from error
    if not hmac.compare_digest(mac, _mac(body, key=key, purpose=purpose)):
        raise BadGrant("signature does not fit")
    return json.loads(body)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
