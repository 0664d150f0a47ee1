"""Every mail the desk writes about requests and meetings, and how a mail is made. Plain words, no pupil's name or
date of birth. Those about surgeries are `surgery_letters`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from casework.ports import Kept
from communities.calendars import Closing, london
from communities.duplicates import CLERK_DECIDES
from communities.lifecycle import Move
from communities.money import pounds

STYLE = "font-family:'Segoe UI',Arial,sans-serif;font-size:15px;line-height:1.5;color:#242424;max-width:640px"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail's subject and its HTML."""

    subject: str
    html: str


def spoken_day(day: date) -> str:
    """`Tuesday 3 November 2026`."""
    return f"{day:%A %-d %B %Y}"


def spoken_moment(moment: datetime) -> str:
    """`Tuesday 3 November 2026 at 13:30`, London time."""
    return f"{spoken_day(london(moment).date())} at {london(moment):%H:%M}"


def letter(subject: str, *paragraphs: str) -> Letter:
    """Paragraphs of HTML as a mail; what begins with a tag stands as it is."""
    body = "".join(p if p.startswith("<") else f"<p>{p}</p>" for p in paragraphs)
    return Letter(subject=subject, html=f'<div lang="en-GB" style="{STYLE}">{body}<p>CoS Desk</p></div>')


def bullets(lines: Sequence[str]) -> str:
    """Lines of plain text as a list."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def refusal_letter(response_id: str, problems: Sequence[str], *, to_clerk: bool) -> Letter:
    """What to mend before a form can be taken."""
    count = "one thing" if len(problems) == 1 else f"{len(problems)} things"
    if to_clerk:
        return letter(
            f"Request for Support form {response_id}: please look",
            f"Form response {escape(response_id)} could not be taken as it is, and needs your eye:",
            bullets(problems),
            "Once the answer is mended in the form, it is read again by itself.",
        )
    return letter(
        f"Your Request for Support needs {count} mended",
        f"Thank you for your Request for Support (form response {escape(response_id)}). "
        f"It could not be taken yet. Please mend {count}:",
        bullets(problems),
        "Then submit the form again, or edit your response. Nothing you wrote is lost.",
    )


def receipt_letter(
    request_id: str, school: str, community: str, starts_at: datetime | None, *, late: str = "",
    doubts: Sequence[str] = (),
) -> Letter:  # fmt: skip
    """The request's number, the meeting it goes to and what happens next; `late` says which one it missed."""
    if starts_at is None:
        where = f"It will be heard at the next meeting of {escape(community)}; the date is not fixed yet."
    else:
        where = f"It will be heard at the meeting of {escape(community)} on <b>{spoken_moment(starts_at)}</b>."
    return letter(
        f"{request_id}: your Request for Support was received",
        f"Your Request for Support for <b>{escape(school)}</b> was received. Its number is {_number(request_id)}.",
        f"{escape(late)} {where}".strip(),
        *(
            (f"Please check your answers. {escape(' '.join(doubts))} If that is right, you need do nothing.",)
            if doubts
            else ()
        ),
        "The agenda is circulated at least five working days before the meeting. You will see the decision in the "
        "community's Teams channel.",
    )


def _number(request_id: str) -> str:
    return f'<b style="white-space:nowrap">{request_id}</b>'


def held_letter(request_id: str, school: str, community: str, note: str) -> Letter:
    """Was it sent twice? The clerk knows."""
    return letter(
        f"{request_id}: sent twice?",
        f"A Request for Support of {escape(school)} ({escape(community)}) is held until you say what it is.",
        escape(note.replace(CLERK_DECIDES, "You decide.")),
        "To say which, write <i>what is due</i> to CoS Desk in Teams and press <i>Say what it is</i>.",
    )


def to_check_letter(request_id: str, school: str, community: str, note: str) -> Letter:
    """What was mended in a request, or needs the clerk's look."""
    return letter(
        f"{request_id}: please check",
        f"{request_id} of {escape(school)} ({escape(community)}) was taken. Please check with the school:",
        escape(note),
    )


def edited_response_letter(name: str) -> Letter:
    """Answers that somebody changed in the list of responses."""
    return letter(
        f"{name}: a change in the list of responses was not accepted",
        f"Somebody changed the answers of {escape(name)} in the list of responses. We only accept changes there that "
        "come from the form, so nothing was changed in the school's name.",
        "If an answer is wrong, please ask the school to correct it, or correct the request in CoS Desk.",
    )


def meeting_invitation(community: str, closing: Closing, papers_on: date) -> str:
    """The body of the calendar event."""
    return (
        f'<div lang="en-GB"><p>Community meeting of {escape(community)}.</p>'
        f"<p>Requests for Support count for this meeting until {closing}. "
        f"The agenda is circulated on {spoken_day(papers_on)}.</p></div>"
    )


def cancelled_comment(community: str, reason: str) -> str:
    """What Outlook tells everybody who was invited; plain text."""
    return (
        f"The meeting of {community} is cancelled: {reason} "
        "Requests for Support that were to be heard are heard at the next meeting; nothing needs to be sent again."
    )


def papers_letter(
    community: str, starts_at: datetime, join_url: str | None, web_url: str, requests: int, *, with_minutes: bool
) -> Letter:
    """The agenda is out."""
    minutes = ", with the minutes of the last one" if with_minutes else ""
    heard = (
        "No requests are to be heard."
        if not requests
        else ("One request is to be heard." if requests == 1 else f"{requests} requests are to be heard.")
    )
    return letter(
        f"Agenda: {community}, {london(starts_at):%-d %B %Y}",
        f"The agenda for the Communities of Schools meeting of <b>{escape(community)}</b> on "
        f"<b>{spoken_moment(starts_at)}</b> is attached{minutes}. {heard}",
        f'<p><a href="{escape(web_url)}">Open the agenda in the library</a></p>',
        join_part(join_url, "Join the meeting in Teams"),
    )


def open_part(name: str, web_url: str) -> str:
    """That a paper with the email is the copy that was filed."""
    there = f'<a href="{escape(web_url)}">{escape(name)}</a>' if web_url else escape(name)
    return (
        '<p lang="en-GB">Somebody had this file open when this email was made, so the copy that CoS Desk filed is '
        f"attached. The latest version is in the library: {there}</p>"
    )


def join_part(join_url: str | None, text: str) -> str:
    """The link to a Teams meeting; without one, where it will be."""
    if not join_url:
        return "<p>The link to join in Microsoft Teams will be in your calendar invitation.</p>"
    return f'<p><a href="{escape(join_url)}">{escape(text)}</a></p>'


def forward_letter(
    request_id: str, school: str, community: str, amount_pence: int, decided_on: date, due_on: date
) -> Letter:
    """An approved financial decision on its way to the High Needs Funding Officer."""
    return letter(
        f"{request_id}: {pounds(amount_pence)} approved for {school}",
        f"The community <b>{escape(community)}</b> approved <b>{pounds(amount_pence)}</b> for "
        f"<b>{escape(school)}</b> on {spoken_day(decided_on)}. The completed request form is attached.",
        f"It is sent to you within three working days of approval (by {spoken_day(due_on)}). "
        "The form holds pupils' names and dates of birth: please keep it within the High Needs Funding team.",
    )


def reminder_letter(community: str, starts_at: datetime, closing: Closing) -> Letter:
    """Until when requests count for the coming meeting."""
    return letter(
        f"{community}: Requests for Support by {closing.last_day:%A %-d %B}",
        f"The next Communities of Schools meeting of <b>{escape(community)}</b> is on "
        f"<b>{spoken_moment(starts_at)}</b>. Requests for Support count for it until the end of "
        f"<b>{spoken_day(closing.last_day)}</b>; later ones are heard at the meeting after.",
        "You can write one in the form, or in your chat with CoS Desk in Teams. "
        "If you have nothing to ask for, you need not do anything.",
    )


def desk_letter(title: str, lines: Sequence[str]) -> Letter:
    """What is due, to a clerk who is not in Teams."""
    return letter(title, "This is due from you:", bullets(lines))


def chase_letter(request_id: str, school: str, rule: str, due_on: date | None, clerk: str) -> Letter:
    """The clerk asks the HNFO how a forwarded request stands."""
    by = f" That is by {spoken_day(due_on)}." if due_on else ""
    return letter(
        f"{request_id}: how does it stand?",
        f"The clerk asks how <b>{request_id}</b> of <b>{escape(school)}</b> stands. {escape(rule)}{by}",
        f"Please answer to {escape(clerk)}. Once the final amount is entered in the list, the community is told.",
    )


NEXT_STEP = {
    Move.RETURN: "Please mend your answers in the form and submit it again. Nothing you wrote is lost.",
    Move.LET_IN: "It was let onto the agenda of the coming meeting although it came late.",
    Move.DEFER: "It comes onto the agenda of the next meeting by itself; you need not send it again.",
    Move.REOPEN: "The decision was taken back, and the request is heard once more.",
    Move.WITHDRAW: "Nothing more will be done with it. It stays in the record.",
    Move.AMEND: "The request now says what was amended; what stood there before is kept in the record.",
}
"""What follows from a move, for whoever is told of it."""


def told_letter(
    request_id: str, school: str, move: Move, details: Mapping[str, Any], starts_at: datetime | None, *, community: str
) -> Letter:
    """What was done with a request and why, and when it is heard."""
    said = f"The Request for Support <b>{request_id}</b> of <b>{escape(school)}</b> was {move}."
    if move is Move.PAY:
        amount = pounds(int(details["amount_pence"]))
        return letter(f"{request_id} was paid", said, f"{amount} went out with the schools' advance.")
    paragraphs = [said]
    if details.get("fields"):
        paragraphs.append(f"Changed: {escape(', '.join(details['fields']))}.")
    if details.get("reason"):
        paragraphs.append(f"The reason: {escape(str(details['reason']))}")
    paragraphs.append(NEXT_STEP[move])
    if move in (Move.LET_IN, Move.DEFER, Move.REOPEN):
        when = f"on {spoken_moment(starts_at)}" if starts_at else "; the date is not fixed yet"
        paragraphs.append(f"It is heard at the meeting of {escape(community)} {when}.".replace(" ;", ";"))
    return letter(f"{request_id} was {move}", *paragraphs)


def review_letter(
    request_id: str, school: str, community: str, details: str, conditions: str, amount_pence: int
) -> Letter:
    """The review date has come."""
    agreed = [f"Approved: {pounds(amount_pence)}" if amount_pence else "No money was approved"]
    agreed += [f"Agreed: {details}"] if details else []
    agreed += [f"Conditions: {conditions}"] if conditions else []
    return letter(
        f"{request_id}: time to review",
        f"The community {escape(community)} agreed to look today at what came of {request_id} of "
        f"<b>{escape(school)}</b>.",
        bullets(agreed),
        "Please bring to the next meeting what was done, what the pupils gained, and how you know.",
    )


def decision_letter(request_id: str, school: str, community: str, decided_on: date) -> Letter:
    """The community's decision, for the school; the letter itself is attached."""
    return letter(
        f"{request_id}: the decision of {community}",
        f"The community <b>{escape(community)}</b> decided on {request_id} of <b>{escape(school)}</b> on "
        f"{spoken_day(decided_on)}. The letter is attached.",
    )


def pack_letter(community: str, starts_at: datetime, requests: int, public_url: str) -> Letter:
    """The restricted papers pack, for chair and clerk alone; `public_url` is where the copy without names lies, if it
    does.
    """
    public = f'<p><a href="{escape(public_url)}">Open the copy without names in the library</a></p>'
    count = "one request" if requests == 1 else f"{requests} requests"
    return letter(
        f"Restricted: papers pack of {community}, {london(starts_at):%-d %B %Y}",
        f"The papers for the meeting of <b>{escape(community)}</b> on <b>{spoken_moment(starts_at)}</b> with "
        f"{count} are attached. They name pupils and their dates of birth: for the chair and the clerk only. "
        "Please do not pass them on.",
        *([public] if public_url else []),
    )


def minutes_letter(community: str, starts_at: datetime, web_url: str) -> Letter:
    """The minutes are out."""
    return letter(
        f"Minutes: {community}, {london(starts_at):%-d %B %Y}",
        f"The minutes of the meeting of <b>{escape(community)}</b> on {spoken_day(london(starts_at).date())} "
        "are in the library.",
        f'<p><a href="{escape(web_url)}">Open the minutes</a></p>',
    )


def register_letter(
    community: str, starts_at: datetime, lines: Sequence[tuple[str, str, str]], others: Sequence[tuple[str, str, str]]
) -> Letter:
    """The register as Teams saw it, for the clerk to correct; without lines: Teams had no report."""
    day = spoken_day(london(starts_at).date())
    subject = f"Register to check: {community}, {london(starts_at):%-d %B %Y}"
    correct = (
        "To correct a line, write <i>take the register</i> to CoS Desk in Teams, or mark it in the minutes in Word. "
        "A line you have written is not changed again by Teams."
    )
    if not lines:
        said = f"Teams has no attendance report for the meeting of <b>{escape(community)}</b> on {day}."
        return letter(subject, f"{said} Please take the register by hand.", correct)
    return letter(
        subject,
        f"This is the register of the meeting of <b>{escape(community)}</b> on {day}, as far as Teams saw it:",
        table(("School or role", "Person", "Mark"), lines),
        *([_UNMATCHED, table(("Name", "Mail", "There for"), others)] if others else []),
        correct,
    )


_UNMATCHED = "These people were seen too and could not be matched to a school, or left within five minutes:"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Plain text as a table with a header row."""
    cell = 'style="text-align:left;vertical-align:top;padding:2px 16px 2px 0"'
    head = "".join(f"<th {cell}>{escape(h)}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td {cell}>{escape(c) or '–'}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def template_letter(name: str, community: str, said: str) -> Letter:
    """A Word template in the library does not work."""
    return letter(
        f"The template {name} needs mending",
        f"A document for {escape(community)} was made from the standard template, because the one in the library "
        "cannot be used:",
        bullets([said]),
        f"It lies in the library under Templates/{escape(name)}. Once it is mended, the next document takes it again.",
    )


WHY_KEPT: Mapping[Kept, tuple[str, str]] = {
    Kept.EDITED: ("was edited by hand", "somebody had edited the one in the library"),
    Kept.OPEN: ("was open when it was filed", "somebody has the one in the library open, in Word or in a browser"),
    Kept.CHECKED_OUT: ("is checked out", "somebody has checked out the one in the library"),
    Kept.PROTECTED: (
        "is protected",
        "SharePoint does not let CoS Desk replace the one in the library: most often a sensitivity label encrypts it",
    ),
}
"""What the subject says of the paper, and what the first sentence says of the one that is there."""


def beside_letter(community: str, name: str, url: str, why: Kept) -> Letter:
    """A paper was made again, and the one in the library could not be replaced."""
    subject, reason = WHY_KEPT[why]
    return letter(
        f"{name} {subject}",
        f"{escape(name)} of {escape(community)} was made again, but {reason}. We kept that one as it is and put the "
        "new version beside it.",
        f'<p><a href="{escape(url)}">Open the new version</a></p>',
        "Copy across anything you need, then delete the version you don't want.",
    )


def undelivered_letter(address: str, sent: str) -> Letter:
    """A mail of the desk's came back."""
    return letter(
        f"Mail to {address} does not arrive",
        f"Mail could not be delivered to <b>{escape(address)}</b>. What we sent: {escape(sent)}",
        "Please find out the right address and tell whoever keeps the people workbook; until it is imported again, "
        "nothing reaches this person. What was sent is in the desk's mailbox, under Sent Items.",
    )


def form_letter(said: str) -> Letter:
    """Something about the form needs a look."""
    return letter("The Request for Support form needs a look", escape(said), "Nothing that arrived is lost.")


def headings_letter(form: str, where: str, said: Sequence[str], *, is_read: bool, is_list: bool = False) -> Letter:
    """Which headings of a form are not as it prints them, and what to do. A list's columns are made by CoS Desk: one
    that is missing was deleted, or has another name since.
    """
    page = "the page <b>Form headings</b> in CoS Desk"
    if is_read:
        return letter(
            f"Please check the headings of the form {form}",
            f"Some headings in '{escape(where)}' are not as we know them. We are reading the responses.", bullets(said),
            f"If something is wrong, choose the right question on {page}. We will then read every response again; "
            "nobody has to send anything again.",
        )  # fmt: skip
    deleted = (
        f"If a column of the list '{escape(where)}' was deleted, ask an administrator to run <code>cos "
        "provision</code>, which makes it again."
    )
    return letter(
        f"We cannot read the responses to the form {form} yet",
        f"It is not clear which column in '{escape(where)}' answers which question, so we have not read any new "
        "response from it:",
        bullets(said),
        *([deleted] if is_list else []),
        f"{'Otherwise say' if is_list else 'Say'} which heading is which question on {page}, or correct the headings "
        f"in '{escape(where)}'. We will then read every response; nobody has to send anything again.",
    )


def workbook_letter(said: str) -> Letter:
    """The Forms workbook cannot be read."""
    return letter(
        "The Forms workbook cannot be read",
        "New responses are not coming in through the workbook until this is mended:",
        bullets([said]),
        "Nothing is lost: once the file can be read, every response in it is taken.",
    )
