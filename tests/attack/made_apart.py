"""What `papers.apart` is asked to make in tests: it finds these by name, in a process of its own."""

from __future__ import annotations

import io
import os
import socket

from docxtpl import DocxTemplate


def rendered(community: str, template_bytes: bytes) -> bytes:
    """The template filled in with nothing checked."""
    document = DocxTemplate(io.BytesIO(template_bytes))
    document.render({"community": community}, autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def surroundings(port: str, _template: bytes) -> bytes:
    """The names of what stands in the environment, and whether that port of this machine can be reached."""
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=2):
            reached = "reached"
    except OSError:
        reached = "alone"
    return repr((sorted(os.environ), reached)).encode()
