"""Who sends: a signed token push services check before they pass a message on (VAPID, RFC 8292)."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from telehealth.notifications.push import base64url
from telehealth.notifications.push.encryption import point, public_key

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GOOD_FOR = timedelta(hours=12)
"""A token's life; more than 24 hours is refused (RFC 8292 §2)."""


def private_key(text: str) -> EllipticCurvePrivateKey:
    """Return the key written as base64url of its 32 bytes.

    Raises:
        ValueError: malformed.
    """
    scalar = base64url.decode(text)
    if len(scalar) != 32 or not 0 < int.from_bytes(scalar) < _ORDER:
        raise ValueError("a VAPID key is base64url of 32 bytes")
    return derive_private_key(int.from_bytes(scalar), SECP256R1())


def development_key(secret: str) -> str:
    """Return a private key that follows from a secret: the same at every start, without a file. Not for production."""
    scalar = int.from_bytes(sha256(b"vapid\x00" + secret.encode()).digest()) % (_ORDER - 1) + 1
    return base64url.encode(scalar.to_bytes(32))


def application_server_key(key: EllipticCurvePrivateKey) -> str:
    """Return the public key as a browser wants it when it subscribes."""
    return base64url.encode(point(key.public_key()))


def authorization(endpoint: str, *, key: EllipticCurvePrivateKey, subject: str, now: datetime) -> str:
    """Return the `Authorization` header for a push service.

    Args:
        subject: who answers for us, a `mailto:` or `https:` URI (RFC 8292 §2.1).
    """
    url = urlsplit(endpoint)
    claims = {
        "aud": f"{url.scheme}://{url.netloc}",
        "exp": int((now + GOOD_FOR).timestamp()),
        "sub": subject,
    }
    signed = ".".join(_json(part) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ECDSA(SHA256())))
    token = f"{signed}.{base64url.encode(r.to_bytes(32) + s.to_bytes(32))}"
    return f"vapid t={token}, k={application_server_key(key)}"


def claims_of(header: str) -> dict[str, object]:
    """Return the claims of an `Authorization` header whose signature holds, as a push service does.

    Raises:
        ValueError: malformed, or signed by another key.
    """
    scheme, _, rest = header.partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != "vapid" or not {"t", "k"} <= fields.keys():
        raise ValueError("not a vapid header")
    signed, _, signature = fields["t"].rpartition(".")
    raw = base64url.decode(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        public_key(base64url.decode(fields["k"])).verify(der, signed.encode(), ECDSA(SHA256()))
    except InvalidSignature as error:
        raise ValueError("the signature does not hold") from error
    claims: dict[str, object] = json.loads(base64url.decode(signed.split(".")[1]))
    return claims


def _json(part: dict[str, object] | dict[str, str]) -> str:
    return base64url.encode(json.dumps(part, separators=(",", ":")).encode())
