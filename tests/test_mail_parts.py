"""What an email is made of: whom it shows, and a plain text part that says the same as its HTML."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.letters import Letter, bullets, letter, table
from casework.ports import Attachment, MailDraft
from graph_sync.mail import message_body
from local_tenant.export import eml_of
from local_tenant.mail_text import text_of
from local_tenant.state import Message, Tenant, User
from tests.letter_gallery import LETTERS

DESK, SCHOOLS = "cos.desk@kent.example", ["a@one.example", "b@two.example", "c@three.example"]


def draft(found: Letter, *, hide: bool = False, to: list[str] = SCHOOLS) -> MailDraft:
    paper = Attachment(name="Agenda.docx", content_type="application/octet-stream", content=b"paper")
    return MailDraft(
        key="k", sender=DESK, to=to, subject=found.subject, html=found.html, attachments=[paper], hide_recipients=hide
    )


def sent(body: dict[str, object]) -> EmailMessage:
    """The email as its reader's mail program opens it."""
    tenant = Tenant(domain="kent.example")
    user = User("desk", "CoS Desk", DESK, DESK, is_guest=False)
    tenant.add_user(user)
    message = Message("m1", user.id, body, False, tenant.now())
    parsed = message_from_bytes(eml_of(tenant, message), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


@pytest.mark.parametrize("to", [SCHOOLS, SCHOOLS[:1]], ids=["several", "one"])
def test_hidden_recipients_are_all_in_bcc_and_the_desk_in_to(to: list[str]) -> None:
    mail = sent(message_body(draft(LETTERS[0][1], hide=True, to=to)))
    assert (mail["To"], mail["Bcc"]) == (DESK, ", ".join(to))


def test_shown_recipients_are_in_to() -> None:
    mail = sent(message_body(draft(LETTERS[0][1])))
    assert (mail["To"], mail["Bcc"]) == (", ".join(SCHOOLS), None)


class Words(HTMLParser):
    """Every word of some HTML, read by another way than the plain text is made."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found += re.findall(r"\w+", data)


@pytest.mark.parametrize("number", range(len(LETTERS)))
def test_every_email_has_a_plain_text_part_that_says_the_same(number: int) -> None:
    found = LETTERS[number][1]
    mail = sent(message_body(draft(found)))
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert [a.get_filename() for a in mail.iter_attachments()] == ["Agenda.docx"]
    text = plain.get_content()
    written = iter(re.findall(r"\w+", text))
    assert all(word in written for word in Words(found.html).found), text
    for address in re.findall(r'href="([^"]+)"', found.html):
        assert address.replace("&amp;", "&") in text
    assert "\n\n\n" not in text


def test_plain_text_keeps_paragraphs_lists_tables_and_links_apart() -> None:
    found = letter(
        "S", "One <b>two</b>.", bullets(["three", "four & five"]), table(("A", "B"), [("1", "2"), ("3", "")]),
        '<p><a href="https://x.example/?a=1&amp;b=2">Open it</a></p>',
    )  # fmt: skip
    assert text_of(found.html) == (
        "One two.\n\n* three\n* four & five\n\nA | B\n1 | 2\n3 | –\n\nOpen it: https://x.example/?a=1&b=2\n\nCoS Desk\n"
    )


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60), max_size=4))
def test_any_text_in_a_list_reads_back_from_the_plain_text(lines: list[str]) -> None:
    text = text_of(letter("S", bullets(lines)).html)
    assert " ".join(text.split()).startswith(" ".join(" ".join(f"* {line}" for line in lines).split()))
