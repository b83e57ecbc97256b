"""QR codes, drawn as SVG that a page inlines: nothing is asked of anybody else."""

from __future__ import annotations

from io import BytesIO

import segno
from markupsafe import Markup


def drawn(text: str) -> Markup:
    """A text as a QR code; always dark on light, which is what cameras read."""
    into = BytesIO()
    segno.make(text, error="m", micro=False).save(
        into,
        kind="svg",
        xmldecl=False,
        svgns=False,
        svgclass="qr",
        lineclass=None,
        light="#fff",
        omitsize=True,
        nl=False,
    )
    return Markup(into.getvalue().decode())
