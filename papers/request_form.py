"""The completed Request for Support form for the HNFO. Restricted: it holds pupils' names and dates of birth."""

from __future__ import annotations

from dataclasses import dataclass

from papers.word import render, template


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


def render_request_form(form: RequestForm) -> bytes:
    """The .docx, from `manifests/templates/request-form.docx`."""
    return render(template("request-form.docx"), form, title=f"Request for Support {form.number}")
