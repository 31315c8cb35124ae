"""Whatever comes over the line, a socket stays open and answers shortly, unless a limit is broken."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling import effects as fx
from signaling.consumers import decode
from signaling.effects import Close, Complain, Send
from signaling.protocol import messages as wire
from signaling.session import Session
from tests.signaling.test_session import in_room

SMALL_ANSWER = 4096

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["hello", "command", "arrive", "media_join", "00000000-0000-0000-0000-000000000001"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = [
    "type",
    "do",
    "key",
    "action",
    "protocol",
    "last_seq",
    "connection_id",
    "sdp",
    "n",
    "quality",
    "text",
]
near_misses = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["hello", "command", "media_join", "media_answer", "report_quality", "ping", "x"]
        )
    },
    optional=dict.fromkeys(names[1:], values),
)
mutated = st.builds(
    lambda text, at, piece: text[: at % (len(text) + 1)] + piece + text[at % (len(text) + 1) :],
    st.sampled_from(
        [
            '{"type":"hello","protocol":1,"last_seq":null}',
            '{"type":"ping","n":1}',
            '{"type":"command","key":"00000000-0000-0000-0000-000000000001","action":{"do":"arrive"}}',
        ]
    ),
    st.integers(0, 200),
    st.text(max_size=5),
)
anything = st.one_of(st.text(max_size=200), mutated, (near_misses | values).map(json.dumps))


def answer(session: Session, text: str | None) -> list[Any]:
    return session.receive(decode(text), 0.0)


@settings(max_examples=200, deadline=None)
@given(st.lists(anything, max_size=10))
def test_no_text_closes_a_socket_or_gets_a_long_answer(texts: list[str]) -> None:
    session = in_room()
    for text in texts:
        for effect in answer(session, text):
            if isinstance(effect, Send):
                assert len(effect.message.model_dump_json()) <= SMALL_ANSWER
            if isinstance(effect, Close):
                # The one allowed reason within the limits: a client that speaks another version.
                assert '"hello"' in text


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "null",
        "[]",
        "[" * 5000,
        '{"a":' * 5000,
        '{"type":"ping","n":1e400}',
        '{"type":"ping","n":NaN}',
        '{"type":"ping","n":-1}',
        '{"type":"ping","n":%s}' % ("9" * 5000),
        '{"type":"ping","n":9007199254740992}',
        '{"type":"ping","n":1,"more":1}',
        '{"type":"hello","protocol":1,"last_seq":-5}',
        '{"type":"hello","protocol":1,"last_seq":99999999999}',
        '{"type":"command","key":"x","action":{"do":"arrive"}}',
        '{"type":"command","key":"00000000-0000-0000-0000-000000000001","action":{"do":"fly"}}',
        '{"type":"report_quality","quality":"\\ud800"}',
        '{"type":"media_answer","connection_id":"00000000-0000-0000-0000-000000000001","sdp":"%s"}'
        % ("a" * 33_000),
        '{"type":"welcome"}',
    ],
)
def test_known_bad_messages_are_answered(text: str | None) -> None:
    assert decode(text) == fx.Garbled()
    assert answer(in_room(), text) == [Complain("bad_message")]


def test_doubled_name_counts_once() -> None:
    assert decode('{"type":"ping","n":1,"n":2}') == wire.Ping(n=2)


@pytest.mark.parametrize("text", ["x" * 65_537, "đ" * 32_769, '"' + "\ud800" * 70_000])
def test_more_than_the_protocol_allows_is_told_apart(text: str) -> None:
    assert decode(text) == fx.Oversized()
