"""Credentials for the TURN server, valid for a while and made without asking it. Pure: time and secret come in.

coturn's `use-auth-secret` (draft-uberti-behave-turn-rest-00 §2.2): the user name is "<expiry>:<name>", the password
base64(HMAC-SHA1(secret, user name)). SHA-1 is what the draft fixes; as a MAC key derivation it is not broken.
"""

import base64
import hmac
from collections.abc import Sequence


def ice_servers(
    *, urls: Sequence[str], secret: str, name: str, now: float, ttl: int
) -> list[dict[str, str | list[str]]]:
    """Return the `iceServers` of an RTCConfiguration (W3C WebRTC §4.2.1): one entry with all addresses, or none.

    Args:
        urls: TURN addresses (RFC 7065), as "turn:turn.example.org:3478?transport=udp". Empty: no TURN is set up.
        secret: coturn's `static-auth-secret`.
        name: whom the credentials are for; opaque, no name of a person: it stands in coturn's log.
        now: seconds since the Unix epoch.
        ttl: seconds until coturn refuses new allocations with them.
    """
    if not urls or not secret:
        return []
    username = f"{int(now) + ttl}:{name}"
    mac = hmac.new(secret.encode(), username.encode(), "sha1").digest()
    return [{"urls": list(urls), "username": username, "credential": base64.b64encode(mac).decode()}]
