"""Offers of devices that publish by WHIP (RFC 9725), and our answers. Pure.

The client makes the offer and numbers payload types and header extensions as it likes. From it one picture is taken, in the
first codec both know, and answered `recvonly`; `Numbering` is what its packets are read by. A sound line is refused: a room has no
place for a second sound of one participant. We are the passive end of DTLS, as towards browsers, and name one set of
candidates; the client's own are not read, its checks prove its address.
"""

import re
from dataclasses import dataclass

from media.core import codecs
from media.core.numbering import Numbering
from media.core.sdp import (
    BadSdp,
    LocalParameters,
    attribute,
    read_media_line,
    read_sections,
    read_transport,
)

MAX_LINES = 2
EXAM_LINE = b"s"
"""The upward line of `media.core.rooms.UPWARD` a device's picture counts as."""
WANTED_EXTENSIONS = (codecs.ORIENTATION, codecs.TRANSPORT_SEQUENCE)
_BYTE = re.compile(r"[0-9]{1,3}", re.ASCII)
_BASELINE = "42"  # profile_idc of H.264's baseline profiles, the ones every browser plays
_CODECS = {codec.name.lower(): codec for codec in codecs.VIDEO}


@dataclass(frozen=True, slots=True)
class Line:
    """One media line of the offer. `payload_types` are the client's, those of what was chosen when it is the picture's."""

    kind: str
    mid: str
    payload_types: tuple[int, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Publication:
    """What a client offered, as far as it is taken."""

    ufrag: str
    password: str
    fingerprint: str
    lines: tuple[Line, ...]
    numbering: Numbering
    parameters: tuple[str, ...]
    """The picture's `rtpmap`, `fmtp`, `rtcp-fb` and `extmap` lines of the answer, in the client's numbers."""


def read_publication(sdp: str) -> Publication:
    """Read a WHIP client's offer.

    Raises:
        BadSdp: it is garbled, or has no picture a room can show.
    """
    session, media = read_sections(sdp)
    if len(media) > MAX_LINES:
        raise BadSdp("offer has more than one picture and one sound")
    ufrag, password, fingerprint = read_transport(media[0], session)
    if attribute("setup", media[0], session) not in {"actpass", "active"}:
        raise BadSdp("offer must let us be the passive end of DTLS")
    lines: list[Line] = []
    taken: tuple[Numbering, tuple[str, ...]] | None = None
    for section in media:
        kind, offered, _port_is_zero = read_media_line(section)  # also of a line that is only bundled
        mid = attribute("mid", section)
        if kind not in {"audio", "video"} or kind in {line.kind for line in lines}:
            raise BadSdp("offer has more than one picture and one sound")
        if not mid.isascii() or not mid.isprintable() or len(mid) > 64 or mid in {line.mid for line in lines}:
            raise BadSdp("offer has a mid that cannot be")
        if "a=rtcp-mux" not in section:
            raise BadSdp("offer does not multiplex RTCP")
        chosen = kind == "video" and not {"a=recvonly", "a=inactive"} & set(section)
        if chosen:
            taken = _choose(section, offered)
            offered = tuple(taken[0].payload_types)
        lines.append(Line(kind, mid, offered, chosen))
    if taken is None:
        raise BadSdp("offer sends no picture")
    numbering, parameters = taken
    return Publication(ufrag, password, fingerprint, tuple(lines), numbering, parameters)


def make_answer(publication: Publication, *, session_id: int, local: LocalParameters) -> str:
    """Return the answer to an offer."""
    # Refused is port 0, out of the bundle (RFC 8843 §7.3.3); but the first line, which the transport hangs on, GStreamer cannot
    # do without: it is kept and made inactive.
    kept = [line for index, line in enumerate(publication.lines) if line.chosen or index == 0]
    lines = [
        "v=0",
        f"o=- {session_id} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(line.mid for line in kept),
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS *",
    ]
    for line in publication.lines:
        numbers = " ".join(map(str, line.payload_types))
        # Refused lines keep their payload types, as RFC 3264 §6 wants.
        lines += [
            f"m={line.kind} {9 if line in kept else 0} UDP/TLS/RTP/SAVPF {numbers}",
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{local.ufrag}",
            f"a=ice-pwd:{local.password}",
            f"a=fingerprint:sha-256 {local.fingerprint}",
            "a=setup:passive",
            f"a=mid:{line.mid}",
            "a=recvonly" if line.chosen else "a=inactive",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        ]
        if line is kept[0]:
            lines += [
                f"a=candidate:{c.foundation} 1 udp {c.priority} {c.host} {c.port} typ host"
                for c in local.candidates
            ]
            lines.append("a=end-of-candidates")
        if line.chosen:
            lines += publication.parameters
    return "\r\n".join(lines) + "\r\n"


def _choose(section: list[str], offered: tuple[int, ...]) -> tuple[Numbering, tuple[str, ...]]:
    """Return the numbers and the answer's lines of the first codec both ends know, with its copies if offered."""
    names = {number: value.strip().lower() for number, value in _by_payload_type("rtpmap", section)}
    formats = {number: value.strip() for number, value in _by_payload_type("fmtp", section)}
    feedback = {(number, value.strip()) for number, value in _by_payload_type("rtcp-fb", section)}
    for number in offered:
        codec = _CODECS.get(names.get(number, ""))
        if codec is None or not _plays(codec.name, formats.get(number, "")):
            continue
        payload_types = {number: codec.payload_type}
        lines = [f"a=rtpmap:{number} {codec.name}"]
        told = formats.get(number, "")
        if told and told.isascii() and told.isprintable():
            lines.append(f"a=fmtp:{number} {told}")
        for kind in ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"):
            if (number, kind) in feedback:
                lines.append(f"a=rtcp-fb:{number} {kind}")
        for again in offered:
            if names.get(again) == "rtx/90000" and formats.get(again, "").split(";")[0] == f"apt={number}":
                payload_types[again] = codecs.RETRANSMISSION[codec.payload_type]
                lines += [f"a=rtpmap:{again} rtx/90000", f"a=fmtp:{again} apt={number}"]
                break
        extensions = dict(_extensions(section))
        lines += [f"a=extmap:{theirs} {codecs.EXTENSION_URIS[ours]}" for theirs, ours in extensions.items()]
        return Numbering(EXAM_LINE, payload_types, extensions), tuple(lines)
    raise BadSdp("offer has no codec of a room's: VP8, H.264 baseline, VP9 or AV1")


def _plays(codec: str, parameters: str) -> bool:
    """Whether every browser plays it. H.264 without a profile is baseline (RFC 6184 §8.1)."""
    if codec != codecs.H264.name:
        return True
    told = dict(part.strip().partition("=")[::2] for part in parameters.lower().split(";"))
    return told.get("profile-level-id", _BASELINE).startswith(_BASELINE)


def _by_payload_type(name: str, section: list[str]) -> list[tuple[int, str]]:
    found = []
    prefix = f"a={name}:"
    for line in section:
        if line.startswith(prefix):
            number, _, value = line[len(prefix) :].partition(" ")
            if _BYTE.fullmatch(number):
                found.append((int(number), value))
    return found


def _extensions(section: list[str]) -> list[tuple[int, int]]:
    """Return the wanted header extensions as (their id, our id)."""
    ours = {codecs.EXTENSION_URIS[number]: number for number in WANTED_EXTENSIONS}
    found = []
    for line in section:
        if line.startswith("a=extmap:"):
            number, _, rest = line[len("a=extmap:") :].partition(" ")
            identifier, _, _direction = number.partition("/")
            uri = rest.split(" ")[0]
            if _BYTE.fullmatch(identifier) and 0 < int(identifier) < 256 and uri in ours:
                found.append((int(identifier), ours[uri]))
    return found
