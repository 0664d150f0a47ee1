"""Rendering Word templates: in a sandbox, every value as text, nothing XML cannot hold.

A template may be a clerk's own: one that cannot be rendered raises `TemplateBroken`, which names the wrong tag.
"""

from __future__ import annotations

import io
import re
import threading
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Any
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docx.shared import Cm
from docxtpl import DocxTemplate, InlineImage, RichText
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment
from rapidfuzz import process

from papers.encrypted import ENCRYPTED, is_encrypted
from papers.undated import undated
from papers.zips import NoZip, ZipRefused, check_zip

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATE_BYTES = 5_000_000
"""A template is a page or two; more is something else."""

NO_DOCUMENT = "It is no Word document (.docx) that can be opened. Save it again from Word."
UNPACKED_BYTES = 30_000_000
"""What it may unpack to."""

LINK_COLOUR = "0563C1"
"""Word's own for a link."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


class TemplateBroken(ValueError):
    """The template cannot be used; the sentence says which tag is wrong and what to do."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image to stand in a document, with the text that says what it shows."""

    png: bytes
    alt: str
    width_cm: float = 16.0


@dataclass(frozen=True, kw_only=True)
class Link:
    """Words that lead somewhere; its tag is written `{{r name }}` and stands in a run of its own."""

    url: str
    words: str


@lru_cache(maxsize=16)
def template(name: str) -> bytes:
    """A template of `manifests/templates`."""
    return (files("manifests") / "templates" / name).read_bytes()


class _Sandbox(SandboxedEnvironment):
    """Keeps what it compiled: the parts of a template are the same for every document made of it."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self._compiled = lru_cache(maxsize=64)(super().from_string)

    def from_string(self, source: Any, *_: Any, **__: Any) -> Any:
        """The template of a source, compiled once."""
        return self._compiled(source)


_THREAD = threading.local()


def _sandbox() -> SandboxedEnvironment:
    """One a thread: documents are made in several."""
    if not hasattr(_THREAD, "sandbox"):
        _THREAD.sandbox = _Sandbox()
    sandbox: SandboxedEnvironment = _THREAD.sandbox
    return sandbox


def render(template_bytes: bytes, paper: Any, *, title: str) -> bytes:
    """The template filled from a dataclass; `title` becomes the document's own title."""
    if len(template_bytes) > TEMPLATE_BYTES:
        raise TemplateBroken(f"It has {len(template_bytes):,} bytes; at most {TEMPLATE_BYTES:,} are read.")
    if is_encrypted(template_bytes):
        raise TemplateBroken(ENCRYPTED)
    try:
        check_zip(template_bytes, UNPACKED_BYTES)
        document = DocxTemplate(io.BytesIO(template_bytes))
        context = {f.name: _value(getattr(paper, f.name), document) for f in fields(paper)}
        document.render(context, _sandbox(), autoescape=True)
    except NoZip as error:
        raise TemplateBroken(NO_DOCUMENT) from error
    except ZipRefused as error:
        raise TemplateBroken(f"It {error}. Save it again from Word.") from error
    except (BadZipFile, PackageNotFoundError, AttributeError, KeyError, ValueError) as error:
        raise TemplateBroken(NO_DOCUMENT) from error
    except TemplateError as error:
        raise TemplateBroken(_said(error, [f.name for f in fields(paper)])) from error
    except Exception as error:  # whatever a tag, or a part that is broken, does to docxtpl
        raise TemplateBroken(f"A tag in it cannot be carried out ({type(error).__name__}).") from error
    out = io.BytesIO()
    try:
        document.docx.core_properties.title = plain(title)[:255]
        document.docx.core_properties.language = "en-GB"
        document.docx.core_properties.author = "CoS Desk"
        document.save(out)
        return undated(out.getvalue())
    except Exception as error:  # python-docx meets broken parts with many kinds of errors
        raise TemplateBroken(NO_DOCUMENT) from error


def _said(error: TemplateError, known: list[str]) -> str:
    if isinstance(error, TemplateSyntaxError):
        line = (error.source or "").splitlines()[error.lineno - 1 : error.lineno] if error.source else []
        shown = re.sub(r"<[^<>]*>", "", line[0]).strip()[:120] if line else ""
        return f"A tag in it is written wrongly: {error.message}" + (f" near '{shown}'." if shown else ".")
    if isinstance(error, SecurityError):
        return f"A tag in it asks for something that is not allowed: {error.message}"
    if isinstance(error, UndefinedError) and (match := re.search(r"'([^']+)' is undefined", error.message or "")):
        near = process.extractOne(match[1], known, score_cutoff=75)
        hint = f" Did you mean '{near[0]}'?" if near else f" Known tags: {', '.join(known)}."
        return f"The tag '{match[1]}' is unknown.{hint}"
    return f"A tag in it is wrong: {error.message}"


class _DescribedImage(InlineImage):  # type: ignore[misc]  # docxtpl carries no types
    def __init__(self, document: DocxTemplate, picture: Picture) -> None:
        super().__init__(document, io.BytesIO(picture.png), width=Cm(picture.width_cm))
        self._alt = picture.alt

    def _insert_image(self) -> str:
        xml: str = super()._insert_image()
        return xml.replace("<wp:docPr ", f'<wp:docPr descr="{escape(plain(self._alt))}" ', 1)


def _value(value: Any, document: DocxTemplate) -> Any:
    """Dataclasses as dicts, texts without characters that XML cannot hold, pictures as images, what isn't there as
    nothing.
    """
    if isinstance(value, Picture):
        return _DescribedImage(document, value)
    if isinstance(value, Link):
        return RichText(plain(value.words), url_id=document.build_url_id(value.url), color=LINK_COLOUR, underline=True)
    if isinstance(value, str):
        return plain(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _value(getattr(value, f.name), document) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [_value(v, document) for v in value]
    return "" if value is None else value


def plain(text: str) -> str:
    """A text without characters that XML cannot hold."""
    return _UNPRINTABLE.sub("", text)
