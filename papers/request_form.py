"""The completed Request for Support form for the HNFO. Restricted: it holds pupils' names and dates of birth."""

from __future__ import annotations

from dataclasses import dataclass

from papers.word import render


@dataclass(frozen=True, kw_only=True)
class FormSection:
    """One of the form's three sections; rows are (question, answer)."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class RequestForm:
    """The whole form."""

    number: str
    school: str
    sections: tuple[FormSection, ...]


TEMPLATE = "request-form.docx"


def render_request_form(form: RequestForm, template_bytes: bytes) -> bytes:
    """The .docx. Raises `TemplateBroken`."""
    return render(template_bytes, form, title=f"Request for Support {form.number}")
