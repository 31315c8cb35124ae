"""The one offer and the answers to it."""

import contextlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.rooms import SLOTS
from media.core.sdp import MIDS, Answer, BadSdp, Candidate, LocalParameters, make_offer, read_answer

FINGERPRINT = ":".join(["AB"] * 32)
LOCAL = LocalParameters(
    ufrag="abcd",
    password="p" * 22,
    fingerprint=FINGERPRINT,
    candidates=(Candidate("f", 2130706431, "192.0.2.1", 7901),),
)
SSRCS = {name: 1000 + index for index, name in enumerate(SLOTS)}
COPIES = {mid: 5000 + ssrc for mid, ssrc in SSRCS.items() if mid[0] == "v"}


def answer(**changes: str) -> str:
    values = {
        "ufrag": "ef+/",
        "password": "q" * 24,
        "setup": "active",
        "fingerprint": f"sha-256 {FINGERPRINT}",
        "port": "9",
        "numbers": "96 102",
        **changes,
    }
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    for mid in MIDS:
        lines += [
            f"m=video {values['port']} UDP/TLS/RTP/SAVPF {values['numbers']}",
            f"a=mid:{mid}",
            f"a=ice-ufrag:{values['ufrag']}",
            f"a=ice-pwd:{values['password']}",
            f"a=setup:{values['setup']}",
            f"a=fingerprint:{values['fingerprint']}",
        ]
    return "\r\n".join(lines) + "\r\n"


def test_the_offer_has_every_line_once_with_its_constant_ssrc() -> None:
    offer = make_offer(session_id=5, local=LOCAL, ssrcs=SSRCS, copies=COPIES)
    assert re.findall(r"^a=mid:(\S+)", offer, re.MULTILINE) == list(MIDS)
    assert re.findall(r"^a=(recvonly|sendonly)", offer, re.MULTILINE) == ["recvonly"] * 3 + ["sendonly"] * 11
    named = {int(n) for n in re.findall(r"^a=ssrc:(\d+) ", offer, re.MULTILINE)}
    assert named == {*SSRCS.values(), *COPIES.values()}
    assert offer.count("a=candidate:") == 1
    assert "a=candidate:f 1 udp 2130706431 192.0.2.1 7901 typ host" in offer
    assert offer.count("a=simulcast:recv q;h;f") == 1
    pairs = re.findall(r"^a=ssrc-group:FID (\d+) (\d+)", offer, re.MULTILINE)
    assert {(int(a), int(b)) for a, b in pairs} == {(SSRCS[mid], COPIES[mid]) for mid in COPIES}
    assert len(offer) < 16_000


def test_sound_and_picture_of_one_person_share_a_stream() -> None:
    offer = make_offer(session_id=5, local=LOCAL, ssrcs=SSRCS, copies=COPIES)
    assert "a=msid:p2 a2" in offer
    assert "a=msid:p2 v2" in offer


def test_a_good_answer_is_read() -> None:
    assert read_answer(answer()) == Answer(
        ufrag="ef+/",
        password="q" * 24,
        fingerprint=FINGERPRINT,
        accepted=dict.fromkeys(MIDS, frozenset({96, 102})),
    )


def test_values_at_the_session_level_count() -> None:
    sdp = answer().replace(f"a=fingerprint:sha-256 {FINGERPRINT}\r\n", "")
    sdp = sdp.replace("t=0 0\r\n", f"t=0 0\r\na=fingerprint:sha-256 {FINGERPRINT.lower()}\r\n")
    assert read_answer(sdp).fingerprint == FINGERPRINT


def test_a_refused_line_is_not_accepted() -> None:
    sdp = answer().replace(
        "m=video 9 UDP/TLS/RTP/SAVPF 96 102\r\na=mid:v4", "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:v4"
    )
    assert "v4" not in read_answer(sdp).accepted


@pytest.mark.parametrize(
    ("sdp", "why"),
    [
        ("", "begin"),
        ("v=0", "media lines"),
        ("v=0\n" + "a=x\n" * 3000, "too many"),
        ("v=0\na=" + "x" * 2000, "too long"),
        ("v=0\n" * 40_000, "too large"),
        ("v=0\n" + "m=audio 9 RTP 1\na=mid:m\n" * 40, "too many media"),
        (answer(setup="passive"), "DTLS role"),
        (answer(setup="actpass"), "DTLS role"),
        (answer(ufrag="a b"), "ice-ufrag"),
        (answer(ufrag="abc"), "ice-ufrag"),
        (answer(password="short"), "ice-pwd"),
        (answer(fingerprint="sha-1 AB"), "fingerprint"),
        (answer(fingerprint="sha-256 AB:CD"), "fingerprint"),
        (answer(numbers="96 x"), "payload types"),
        (answer(numbers="٣"), "payload types"),
        (answer(port="0"), "refuses"),
        (answer().replace("a=mid:a1", "a=mid:a0"), "doubled mid"),
        (answer().replace("a=mid:a1", "a=mid:zz"), "unknown"),
        (answer().replace("a=mid:a1\r\n", ""), "no mid"),
        (answer().replace("m=video 9 UDP/TLS/RTP/SAVPF 96 102", "m=video", 1), "cut off"),
    ],
)
def test_a_bad_answer_is_refused_with_the_reason(sdp: str, why: str) -> None:
    with pytest.raises(BadSdp, match=why):
        read_answer(sdp)


@given(st.text(max_size=400))
def test_no_text_makes_it_raise_anything_else(text: str) -> None:
    for sdp in (text, "v=0\r\n" + text):
        with contextlib.suppress(BadSdp):
            read_answer(sdp)


@settings(max_examples=200)
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 4000), st.integers(0, 40), st.text(max_size=12)), min_size=1, max_size=6
    )
)
def test_no_mangled_answer_makes_it_raise_anything_else(cuts: list[tuple[int, int, str]]) -> None:
    sdp = answer()
    for position, length, insertion in cuts:
        at = position % len(sdp)
        sdp = sdp[:at] + insertion + sdp[at + length :]
    with contextlib.suppress(BadSdp):
        read_answer(sdp)
