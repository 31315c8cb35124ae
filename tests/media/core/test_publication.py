"""Offers of devices that publish by WHIP, and our answers."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.numbering import Numbering
from media.core.publication import Line, make_answer, read_publication
from media.core.sdp import BadSdp, Candidate, LocalParameters

GSTREAMER = Path(__file__).with_name("gstreamer-offer.sdp").read_text()
"""GStreamer 1.22, a picture and a sound."""
H264 = "a=rtpmap:121 H264/90000\r\na=fmtp:121 packetization-mode=1;profile-level-id={}"
LOCAL = LocalParameters(
    "abcd", "p" * 22, ":".join(["AB"] * 32), (Candidate("f", 2130706431, "192.0.2.1", 7901),)
)


def only_picture(*, codec: str = "a=rtpmap:120 VP8/90000", numbers: str = "120") -> str:
    """The offer without its sound, and with another codec."""
    picture = GSTREAMER.partition("m=audio")[0].replace("BUNDLE video0 audio1", "BUNDLE video0")
    return picture.replace("a=rtpmap:120 VP8/90000", codec).replace("SAVPF 120", f"SAVPF {numbers}")


def test_the_picture_is_taken_in_the_clients_numbers_and_the_sound_is_not() -> None:
    offered = read_publication(GSTREAMER)
    assert offered.lines == (Line("video", "video0", (120,), True), Line("audio", "audio1", (109,), False))
    assert offered.numbering == Numbering(mid=b"s", payload_types={120: 96}, extensions={})
    assert offered.parameters == (
        "a=rtpmap:120 VP8/90000",
        "a=rtcp-fb:120 nack pli",
        "a=rtcp-fb:120 ccm fir",
        "a=rtcp-fb:120 transport-cc",
    )


def test_the_answer_is_passive_and_receives_one_picture_on_our_one_candidate() -> None:
    answer = make_answer(read_publication(GSTREAMER), session_id=5, local=LOCAL)
    assert re.findall(r"^a=(?:setup|mid|recvonly|inactive)\S*", answer, re.MULTILINE) == [
        "a=setup:passive",
        "a=mid:video0",
        "a=recvonly",
        "a=setup:passive",
        "a=mid:audio1",
        "a=inactive",
    ]
    assert "a=group:BUNDLE video0\r\n" in answer
    assert re.findall(r"^m=[^\r\n]*", answer, re.MULTILINE) == [
        "m=video 9 UDP/TLS/RTP/SAVPF 120",
        "m=audio 0 UDP/TLS/RTP/SAVPF 109",
    ]
    assert answer.count("a=candidate:f 1 udp 2130706431 192.0.2.1 7901 typ host") == 1


def test_a_sound_that_carries_the_transport_is_kept_without_direction() -> None:
    head, picture, sound = re.split("(?=^m=)", GSTREAMER, flags=re.MULTILINE)
    answer = make_answer(read_publication(head + sound + picture), session_id=5, local=LOCAL)
    assert "a=group:BUNDLE audio1 video0\r\n" in answer
    first = answer.split("\r\nm=")[1]
    assert first.startswith("audio 9 ")
    assert "a=inactive" in first
    assert answer.count("a=candidate:") == first.count("a=candidate:") == 1


def test_the_first_codec_both_know_is_chosen_with_its_copies_and_extensions() -> None:
    codec = "\r\n".join(
        [
            "a=rtpmap:95 H265/90000",
            "a=rtpmap:97 H264/90000",
            "a=fmtp:97 profile-level-id=640028",
            "a=rtpmap:45 vp9/90000",
            "a=rtpmap:120 VP8/90000",
            "a=rtpmap:46 rtx/90000",
            "a=fmtp:46 apt=45",
            "a=extmap:3/sendonly http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
            "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        ]
    )
    offered = read_publication(only_picture(codec=codec, numbers="95 97 45 120 46"))
    assert offered.numbering == Numbering(mid=b"s", payload_types={45: 98, 46: 99}, extensions={3: 3})
    assert offered.lines[0].payload_types == (45, 46)


@pytest.mark.parametrize("profile", ["42e01f", "42C01E", "420028"])
def test_baseline_h264_is_taken(profile: str) -> None:
    codec = H264.format(profile)
    offered = read_publication(only_picture(codec=codec, numbers="121"))
    assert offered.numbering.payload_types == {121: 102}
    assert f"a=fmtp:121 packetization-mode=1;profile-level-id={profile}" in offered.parameters


BROKEN = {
    "nothing": "",
    "no media": GSTREAMER.partition("m=")[0],
    "only sound": GSTREAMER.partition("m=video")[0] + "m=audio" + GSTREAMER.partition("m=audio")[2],
    "two pictures": only_picture() + "m=video" + only_picture().partition("m=video")[2],
    "three lines": GSTREAMER + "m=text 9 UDP/TLS/RTP/SAVPF 1\r\n",
    "a data channel": only_picture() + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
    "we should be active": only_picture().replace("actpass", "passive"),
    "RTCP apart": only_picture().replace("a=rtcp-mux\n", ""),
    "receives only": only_picture().replace("a=sendrecv", "a=recvonly"),
    "no mid": only_picture().replace("a=mid:video0", "a=x"),
    "a mid too long": only_picture().replace("a=mid:video0", "a=mid:" + "v" * 65),
    "a weak fingerprint": only_picture().replace("sha-256 ", "sha-1 "),
    "a short password": re.sub("a=ice-pwd:.*", "a=ice-pwd:short", only_picture()),
    "high profile H264 only": only_picture(codec=H264.format("640028"), numbers="121"),
    "an unknown codec": only_picture(codec="a=rtpmap:120 H265/90000"),
    "numbers that are none": only_picture(numbers="120 x"),
    "very long": only_picture() + "a=x\r\n" * 40_000,
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_an_offer_that_cannot_be_taken_is_refused(broken: str) -> None:
    with pytest.raises(BadSdp):
        read_publication(broken)


@settings(max_examples=400)
@given(data=st.data())
def test_whatever_comes_is_taken_or_refused_and_an_answer_is_never_more_than_was_offered(
    data: st.DataObject,
) -> None:
    lines = GSTREAMER.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["cut", "double", "garble", "swap"])):
            case "cut":
                del lines[at]
            case "double":
                lines.insert(at, lines[data.draw(st.integers(0, len(lines) - 1))])
            case "garble":
                lines[at] = lines[at][: data.draw(st.integers(0, 12))] + data.draw(st.text(max_size=20))
            case _:
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
    try:
        offered = read_publication("\r\n".join(lines))
    except BadSdp:
        return
    answer = make_answer(offered, session_id=1, local=LOCAL)
    assert answer.count("\r\nm=") == len(offered.lines) <= 2
    assert sum(line.chosen for line in offered.lines) == 1
