"""The one SDP offer of a connection, and what is read from the answer (RFC 8829, RFC 8839, RFC 8842). Pure.

The node makes the only offer, with every m-line there will ever be, so nothing is renegotiated: three upward lines the
browser may send on (`m` microphone, `c` camera, `s` screen) and the viewer's slots. Payload types and header extension
ids are the same on every line for everybody. The node offers `actpass` and wants `active` back: as DTLS server it gets
AES-GCM from browsers. The answer's candidates are not read: the browser's checks arrive and prove its address.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from media.control import MAX_SDP_BYTES
from media.core import codecs
from media.core.codecs import Codec
from media.core.rooms import SLOTS, UPWARD

MIDS = (*UPWARD, *SLOTS)
MAX_LINES = 2000
MAX_LINE = 1024
MAX_MEDIA = 24

_ICE_CHARS = re.compile(r"[A-Za-z0-9+/]+")
_FINGERPRINT = re.compile(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}")
_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)


class BadSdp(ValueError):
    """The other end's description cannot be used; the text says why, without quoting it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address of the node as it is announced."""

    foundation: str
    priority: int
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class LocalParameters:
    """Our end of the transport. `fingerprint` is SHA-256, hex with colons."""

    ufrag: str
    password: str
    fingerprint: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The browser's end. `accepted` are the payload types by mid; a refused line is absent."""

    ufrag: str
    password: str
    fingerprint: str
    accepted: Mapping[str, frozenset[int]]


def make_offer(
    *, session_id: int, local: LocalParameters, ssrcs: Mapping[str, int], copies: Mapping[str, int]
) -> str:
    """Return the offer. `ssrcs` names the constant SSRC of each slot, `copies` that of its retransmissions."""
    lines = [
        "v=0",
        f"o=- {session_id} 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(MIDS),
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS *",
        f"a=fingerprint:sha-256 {local.fingerprint}",
    ]
    for mid in MIDS:
        lines += _media(mid, local, ssrcs, copies)
    return "\r\n".join(lines) + "\r\n"


def _media(
    mid: str, local: LocalParameters, ssrcs: Mapping[str, int], copies: Mapping[str, int]
) -> list[str]:
    upward = mid in UPWARD
    audio = mid == "m" or mid.startswith("a")
    offered = codecs.AUDIO if audio else codecs.VIDEO
    numbers = [codec.payload_type for codec in offered]
    if not audio:
        numbers += [codecs.RETRANSMISSION[number] for number in numbers]
    payload_types = " ".join(map(str, numbers))
    lines = [
        f"m={'audio' if audio else 'video'} 9 UDP/TLS/RTP/SAVPF {payload_types}",
        "c=IN IP4 0.0.0.0",
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        "a=setup:actpass",
        f"a=mid:{mid}",
        "a=recvonly" if upward else "a=sendonly",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    if mid == MIDS[0]:  # once, on the bundle's first line
        lines += [
            f"a=candidate:{c.foundation} 1 udp {c.priority} {c.host} {c.port} typ host"
            for c in local.candidates
        ]
        lines.append("a=end-of-candidates")
    extensions = [codecs.FORWARDED_EXTENSION[not audio], codecs.MID, codecs.TRANSPORT_SEQUENCE]
    if upward:
        extensions.append(codecs.ABS_SEND_TIME)
    if upward and not audio:
        extensions += [codecs.RID, codecs.REPAIRED_RID]
    lines += [f"a=extmap:{number} {codecs.EXTENSION_URIS[number]}" for number in extensions]
    for codec in offered:
        lines += _codec(codec)
    if mid == "c":
        lines += [f"a=rid:{rid} recv" for rid in codecs.LAYERS]
        lines.append("a=simulcast:recv " + ";".join(codecs.LAYERS))
    if not upward:
        # Audio slot i and video slot i share a stream id: the browser keeps their lips and voice together.
        stream = f"p{mid[1:]}"
        lines += [
            f"a=msid:{stream} {mid}",
            f"a=ssrc:{ssrcs[mid]} cname:{stream}",
            f"a=ssrc:{ssrcs[mid]} msid:{stream} {mid}",
        ]
        if mid in copies:
            lines += [
                f"a=ssrc-group:FID {ssrcs[mid]} {copies[mid]}",
                f"a=ssrc:{copies[mid]} cname:{stream}",
                f"a=ssrc:{copies[mid]} msid:{stream} {mid}",
            ]
    return lines


def _codec(codec: Codec) -> list[str]:
    number = codec.payload_type
    lines = [
        f"a=rtpmap:{number} {codec.name}",
        f"a=rtcp-fb:{number} nack",
        # Both ways there is feedback; offered without, it throttles a browser to almost nothing.
        f"a=rtcp-fb:{number} transport-cc",
    ]
    if codec.video:
        lines += [
            f"a=rtcp-fb:{number} nack pli",
            f"a=rtcp-fb:{number} ccm fir",
            f"a=rtcp-fb:{number} goog-remb",
        ]
    if codec.parameters:
        lines.append(f"a=fmtp:{number} {codec.parameters}")
    again = codecs.RETRANSMISSION.get(number)
    if again is not None:
        lines += [f"a=rtpmap:{again} rtx/{codecs.VIDEO_RATE}", f"a=fmtp:{again} apt={number}"]
    return lines


def read_answer(sdp: str) -> Answer:
    """Read a browser's answer to `make_offer`.

    Raises:
        BadSdp: it is too large, garbled, or not an answer to our offer.
    """
    session, media = read_sections(sdp)
    accepted: dict[str, frozenset[int]] = {}
    bundle: list[str] | None = None
    for section in media:
        _kind, payload_types, refused = read_media_line(section)
        mid = attribute("mid", section)
        if mid in accepted or mid not in MIDS:
            raise BadSdp("answer has an unknown or doubled mid")
        if refused:
            continue
        accepted[mid] = frozenset(payload_types)
        bundle = bundle or section
    if bundle is None:
        raise BadSdp("answer refuses every line")
    ufrag, password, fingerprint = read_transport(bundle, session)
    if attribute("setup", bundle, session) != "active":
        raise BadSdp("answer must take the active DTLS role")
    return Answer(ufrag, password, fingerprint, accepted)


def read_sections(sdp: str) -> tuple[list[str], list[list[str]]]:
    """Return the lines before the first media line, and those of each media section.

    Raises:
        BadSdp: too large, garbled, or without media.
    """
    if len(sdp) > MAX_SDP_BYTES:
        raise BadSdp("description is too large")
    lines = sdp.splitlines()
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        raise BadSdp("description has too many or too long lines")
    if not lines or lines[0].strip() != "v=0":
        raise BadSdp("description does not begin like one")
    session, media = _sections(lines)
    if not 0 < len(media) <= MAX_MEDIA:
        raise BadSdp("description has no or too many media lines")
    return session, media


def read_transport(*sections: list[str]) -> tuple[str, str, str]:
    """Return username fragment, password and SHA-256 fingerprint of the other end, looked for in this order.

    Raises:
        BadSdp: one is missing or cannot be.
    """
    ufrag = attribute("ice-ufrag", *sections)
    password = attribute("ice-pwd", *sections)
    if not (_ICE_CHARS.fullmatch(ufrag) and 4 <= len(ufrag) <= 256):
        raise BadSdp("description has no valid ice-ufrag")
    if not (_ICE_CHARS.fullmatch(password) and 22 <= len(password) <= 256):
        raise BadSdp("description has no valid ice-pwd")
    algorithm, _, fingerprint = attribute("fingerprint", *sections).partition(" ")
    fingerprint = fingerprint.strip().upper()
    if algorithm.lower() != "sha-256" or not _FINGERPRINT.fullmatch(fingerprint):
        raise BadSdp("description has no SHA-256 fingerprint")
    return ufrag, password, fingerprint


def _sections(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    session: list[str] = []
    media: list[list[str]] = []
    current = session
    for line in lines:
        if line.startswith("m="):
            current = []
            media.append(current)
        current.append(line.strip())
    return session, media


def read_media_line(section: list[str]) -> tuple[str, tuple[int, ...], bool]:
    """Return kind, payload types in their order, and whether the port is 0.

    Raises:
        BadSdp: it is cut off or garbled.
    """
    parts = section[0].split()
    if len(parts) < 4:
        raise BadSdp("description has a media line cut off")
    numbers = parts[3:]
    if len(numbers) > 64 or not all(_NUMBER.fullmatch(number) for number in numbers):
        raise BadSdp("description has payload types that are no numbers")
    return parts[0].removeprefix("m="), tuple(int(number) for number in numbers), parts[1] == "0"


def attribute(name: str, *sections: list[str]) -> str:
    """Return the first value of an attribute.

    Raises:
        BadSdp: there is none.
    """
    prefix = f"a={name}:"
    for section in sections:
        for line in section:
            if line.startswith(prefix):
                return line[len(prefix) :].strip()
    raise BadSdp(f"description has no {name}")
