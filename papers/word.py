"""Rendering Word templates: in a sandbox, every value as text, nothing XML cannot hold."""

from __future__ import annotations

import io
import re
from dataclasses import fields, is_dataclass
from importlib.resources import files
from typing import Any

from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def template(name: str) -> bytes:
    """A template of `manifests/templates`."""
    return (files("manifests") / "templates" / name).read_bytes()


def render(template_bytes: bytes, paper: Any, *, title: str) -> bytes:
    """The template filled from a dataclass; `title` becomes the document's own title."""
    document = DocxTemplate(io.BytesIO(template_bytes))
    context = {f.name: plain(getattr(paper, f.name)) for f in fields(paper)}
    document.render(context, SandboxedEnvironment(autoescape=True), autoescape=True)
    document.docx.core_properties.title = title
    document.docx.core_properties.language = "en-GB"
    document.docx.core_properties.author = "CoS Desk"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def plain(value: Any) -> Any:
    """Dataclasses as dicts, texts without characters that XML cannot hold."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value
