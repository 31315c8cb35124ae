"""Telling whose a STUN message is."""

import contextlib

import pytest
from aioice import stun as aioice_stun
from hypothesis import given
from hypothesis import strategies as st

from media.core.rtp import BadPacket
from media.core.stun import BINDING_REQUEST, peek


@given(st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=200), st.booleans())
def test_the_username_of_a_real_message_is_found(username: str, priority_first: bool) -> None:
    message = aioice_stun.Message(aioice_stun.Method.BINDING, aioice_stun.Class.REQUEST)
    if priority_first:
        message.attributes["PRIORITY"] = 1
    message.attributes["USERNAME"] = username
    message.add_message_integrity(b"password")
    assert peek(bytes(message)) == (BINDING_REQUEST, message.transaction_id, username)


def test_a_message_without_username_has_none() -> None:
    message = aioice_stun.Message(aioice_stun.Method.BINDING, aioice_stun.Class.RESPONSE)
    assert peek(bytes(message)) == (0x0101, message.transaction_id, None)


@given(st.binary(max_size=120))
def test_no_bytes_make_it_raise_anything_else(data: bytes) -> None:
    for candidate in (data, b"\0\1" + len(data[16:]).to_bytes(2) + b"\x21\x12\xa4\x42" + data):
        with contextlib.suppress(BadPacket):
            peek(candidate)


@pytest.mark.parametrize(
    "data",
    [
        b"\0\1\0\0" + bytes(16),
        b"\0\1\0\4\x21\x12\xa4\x42" + bytes(12),
        b"\0\1\0\4\x21\x12\xa4\x42" + bytes(12) + b"\0\6\0\x08",
        b"\0\1\0\x08\x21\x12\xa4\x42" + bytes(12) + b"\0\6\0\4\xff\xfe\xfd\xfc",
    ],
)
def test_what_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(BadPacket):
        peek(data)
