"""Small pictures made on the fly."""

import base64

from allauth.mfa.adapter import get_adapter


def qr_data_uri(text: str) -> str:
    """Return a QR code of the text as a `data:` address, by the library that draws the authenticator's code."""
    svg: str = get_adapter().build_totp_svg(text)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
