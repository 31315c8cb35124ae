"""An encoder that publishes by WHIP (RFC 9725): GStreamer's webrtcbin with a test picture and, if asked, a test tone.

    /usr/bin/python3 gstreamer_whip.py <endpoint> [--token TOKEN] [--codec vp8|h264] [--sound]

A program of its own, run by the system's Python: GStreamer's bindings (`python3-gi`) belong to that one. Prints `published`
with the session's address, then every state of the connection; ends the session when its standard input is closed.
"""

import argparse
import sys
import threading
import urllib.parse
import urllib.request
from typing import Any

import gi

for library in ("Gst", "GstSdp", "GstWebRTC"):
    gi.require_version(library, "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

ENCODERS = {
    "vp8": "vp8enc deadline=1 keyframe-max-dist=300 ! rtpvp8pay pt=120 picture-id-mode=15-bit"
    " ! application/x-rtp,media=video,encoding-name=VP8,payload=120",
    "h264": "openh264enc ! h264parse ! rtph264pay pt=121 config-interval=-1 aggregate-mode=zero-latency"
    " ! application/x-rtp,media=video,encoding-name=H264,payload=121",
}
SOUND = (
    "audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc ! rtpopuspay pt=109"
    " ! application/x-rtp,media=audio,encoding-name=OPUS,payload=109 ! out. "
)


class Encoder:
    """One publication. Everything but `run` and `stop` happens on GStreamer's threads."""

    def __init__(self, endpoint: str, token: str, pipeline: str) -> None:
        self._endpoint = endpoint
        self._token = token
        self._session = ""
        self._offering = False
        self._kept: list[Any] = []  # promises GStreamer does not hold on to
        self._loop = GLib.MainLoop()
        self._pipeline = Gst.parse_launch(pipeline)
        self._out = self._pipeline.get_by_name("out")
        self._out.connect("on-negotiation-needed", self._offer)
        self._out.connect("notify::ice-gathering-state", self._gathered)
        self._out.connect("notify::connection-state", self._changed)

    def run(self) -> None:
        self._pipeline.set_state(Gst.State.PLAYING)
        threading.Thread(target=self._wait, daemon=True).start()
        self._loop.run()
        if self._session:
            with self._ask(self._session, "DELETE") as response:
                print("deleted", response.status, flush=True)
        self._pipeline.set_state(Gst.State.NULL)

    def _wait(self) -> None:
        sys.stdin.read()
        self._loop.quit()

    def _ask(self, url: str, method: str, body: bytes | None = None) -> Any:
        headers = {"Content-Type": "application/sdp"} if body else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=10)

    def _offer(self, *_: object) -> None:
        if not self._offering:
            self._offering = True
            promise = Gst.Promise.new_with_change_func(self._offered, None)
            self._out.emit("create-offer", None, promise)

    def _offered(self, promise: Any, *_: object) -> None:
        reply = promise.get_reply()
        self._kept += [promise, reply]
        self._out.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def _gathered(self, *_: object) -> None:
        if self._out.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            return
        offer = self._out.get_property("local-description").sdp.as_text()
        try:
            with self._ask(self._endpoint, "POST", offer.encode()) as response:
                self._session = urllib.parse.urljoin(self._endpoint, response.headers["Location"])
                answer = response.read()
        except urllib.error.HTTPError as refusal:
            print("refused", refusal.code, refusal.read().decode(), flush=True)
            self._loop.quit()
            return
        print("published", self._session, flush=True)
        _, message = GstSdp.SDPMessage.new()
        GstSdp.sdp_message_parse_buffer(answer, message)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self._out.emit("set-remote-description", description, Gst.Promise.new())

    def _changed(self, *_: object) -> None:
        print("connection", self._out.get_property("connection-state").value_nick, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("endpoint")
    parser.add_argument("--token", default="")
    parser.add_argument("--codec", choices=sorted(ENCODERS), default="vp8")
    parser.add_argument("--sound", action="store_true")
    told = parser.parse_args()
    Gst.init(None)
    picture = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=25/1"
    # The sound first: its line is refused, and it is the one the bundle's transport hangs on.
    pipeline = f"webrtcbin name=out bundle-policy=max-bundle {SOUND if told.sound else ''}"
    pipeline += f"{picture} ! videoconvert ! {ENCODERS[told.codec]} ! out."
    Encoder(told.endpoint, told.token, pipeline).run()


main()
