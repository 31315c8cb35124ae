"""Programs the tests talk to besides browsers: found, or installed where we may. Who misses one is told by the test that needs it."""

from __future__ import annotations

import shutil
import subprocess

from . import browser

GSTREAMER = (
    "python3-gi",
    "gir1.2-gst-plugins-bad-1.0",
    "gstreamer1.0-nice",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
)
_ASKS = "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import GstWebRTC"


def ensure() -> None:
    """Install coturn and GStreamer with its Python bindings when they are missing and we are root on a Debian."""
    if shutil.which("turnserver") is None:
        browser.from_debian("coturn", program="turnserver")
    if not has_gstreamer():
        browser.from_debian(*GSTREAMER, program="python3")


def has_gstreamer() -> bool:
    """Whether the system's Python has GStreamer's WebRTC."""
    asked = subprocess.run(
        ["/usr/bin/python3", "-c", _ASKS], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return asked.returncode == 0
