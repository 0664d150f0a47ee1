"""What an email carries: files up to what Exchange takes, and links to those of the library where they are more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from casework.ports import Attachment, MailDraft

MAIL_BYTES = 25_000_000
"""A choice: Exchange takes 35 MB an email unless an administrator sets more, and an attachment is sent a third larger
than it is.
"""


def of_a_size(draft: MailDraft) -> MailDraft:
    """The mail; where its files are too large together, the largest that lie in a library are linked instead."""
    left, linked = list(draft.attachments), list[Attachment]()
    for one in sorted((a for a in draft.attachments if a.web_url), key=lambda a: -len(a.content)):
        if sum(len(a.content) for a in left) <= MAIL_BYTES:
            break
        left.remove(one)
        linked.append(one)
    return linking(replace(draft, attachments=left), linked)


def linking(draft: MailDraft, linked: Sequence[Attachment]) -> MailDraft:
    """The mail, which says of each of these where it lies."""
    said = "".join(_said(one) for one in linked)
    return replace(draft, html=said + draft.html) if said else draft


def _said(one: Attachment) -> str:
    where = f'<a href="{escape(one.web_url)}">{escape(one.name)}</a>'
    return f'<p lang="en-GB">This file is too large for an email. Please open it in the library: {where}</p>'
