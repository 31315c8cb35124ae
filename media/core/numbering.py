"""RTP from a client that chose the numbers itself (WHIP): renumbered on arrival to those of our one offer. Pure.

A browser answers our offer, so its payload types and header extension ids are ours. A WHIP client makes the offer, and with
it the numbers. Only such connections pay for this: the parser of an uplink is exchanged, nothing is asked per packet.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from media.core import codecs, rtp


@dataclass(frozen=True, slots=True)
class Numbering:
    """One client's numbers.

    `payload_types` and `extensions` lead from theirs to ours; what is not in them is nothing we agreed on. `mid` is the upward
    line (`media.core.rooms.UPWARD`) everything belongs to: with one picture there is nothing to tell apart.
    """

    mid: bytes
    payload_types: Mapping[int, int]
    extensions: Mapping[int, int]

    def parse(self, data: bytes) -> rtp.Packet:
        """Parse a packet as `rtp.parse`, and give it our numbers.

        Raises:
            BadPacket: it is malformed, or of a payload type we did not agree on.
        """
        packet = rtp.parse(data)
        number = self.payload_types.get(packet.payload_type)
        if number is None:
            raise rtp.BadPacket("a payload type that was not agreed on")
        packet.payload_type = number
        elements = {codecs.MID: self.mid}
        if packet.profile:
            for theirs, value in packet.extensions().items():
                ours = self.extensions.get(theirs)
                if ours is not None:
                    elements[ours] = value
        packet.replace_extensions(elements)
        return packet
