"""A message only the subscribed browser can read: RFC 8291, content coding `aes128gcm` of RFC 8188, in one record."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD_SIZE = 4096
LONGEST = RECORD_SIZE - 16 - 1 - 86
"""Bytes of text that fit: a record less its tag, the delimiter and the header (RFC 8291 §4)."""
SALT_BYTES, AUTH_BYTES, POINT_BYTES = 16, 16, 65


def point(key: EllipticCurvePublicKey) -> bytes:
    """Return a public key as an uncompressed point of 65 bytes (X9.62)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key(data: bytes) -> EllipticCurvePublicKey:
    """Return the P-256 key of an uncompressed point.

    Raises:
        ValueError: not a point of the curve.
    """
    if len(data) != POINT_BYTES:
        raise ValueError("not an uncompressed point of P-256")
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), data)


def encrypt(
    text: bytes, *, browser: bytes, auth: bytes, ephemeral: EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """Return the body of a push message.

    Args:
        browser, auth: the subscription's `p256dh` (65 bytes) and `auth` (16 bytes).
        ephemeral, salt: a fresh key of ours and 16 fresh bytes; never used twice.

    Raises:
        ValueError: the text is longer than `LONGEST`, or the subscription's keys are malformed.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a push message holds at most {LONGEST} bytes")
    if len(auth) != AUTH_BYTES or len(salt) != SALT_BYTES:
        raise ValueError("auth secret and salt have 16 bytes each")
    ours = point(ephemeral.public_key())
    shared = ephemeral.exchange(ECDH(), public_key(browser))
    key, nonce = _key_and_nonce(shared, auth=auth, browser=browser, ours=ours, salt=salt)
    header = salt + RECORD_SIZE.to_bytes(4) + bytes([len(ours)]) + ours  # RFC 8188 §2.1
    return header + AESGCM(key).encrypt(nonce, text + b"\x02", None)


def decrypt(body: bytes, *, browser: EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """Return the text of a push message, as the browser does. For tests and the stand-in.

    Raises:
        ValueError: not a message for this key.
    """
    salt, length = body[:SALT_BYTES], body[20] if len(body) > 20 else 0
    ours, sealed = body[21 : 21 + length], body[21 + length :]
    shared = browser.exchange(ECDH(), public_key(ours))
    key, nonce = _key_and_nonce(shared, auth=auth, browser=point(browser.public_key()), ours=ours, salt=salt)
    try:
        padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
    except InvalidTag as error:
        raise ValueError("not a message for this key") from error
    if not padded.endswith(b"\x02"):
        raise ValueError("the last record does not end with its delimiter")
    return padded[:-1]


def _key_and_nonce(
    shared: bytes, *, auth: bytes, browser: bytes, ours: bytes, salt: bytes
) -> tuple[bytes, bytes]:
    """RFC 8291 §3.4: mix the authentication secret in, then RFC 8188 §2.2 and §2.3."""
    secret = _hkdf(auth, shared, b"WebPush: info\x00" + browser + ours, 32)
    key = _hkdf(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    return key, _hkdf(salt, secret, b"Content-Encoding: nonce\x00", 12)


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
