"""What each kind of effect is called where people read of it. A new kind needs its words here (a test says so)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "agenda.mail": "Circulate the agenda by mail",
        "agenda.post": "Post that the papers are out",
        "agenda.upload": "File the agenda in the library",
        "attendance.read": "Read from Teams who attended",
        "calendar.anew": "Put what is to come into the calendar of another tenant",
        "calendar.look": "Compare meetings with the calendar",
        "card.ask": "Send the chair the decision card",
        "desk.digest": "Send the clerk what is due",
        "desk.nudge": "Remind the clerk of a deadline",
        "list.copy": "Write into a copied list item that it is a copy",
        "list.question": "Bring a question's list item up to date",
        "list.surgery": "Bring a surgery's list item up to date",
        "list.write": "Bring a request's list item up to date",
        "mail.answer": "Mail the answer to a question",
        "mail.beside": "Tell the clerk of a paper edited by hand",
        "mail.calendar": "Tell the clerk what the calendar has otherwise",
        "mail.changed": "Tell the clerk of an answer changed in the form",
        "mail.chase": "Ask the High Needs Funding Officer how it stands",
        "mail.edited": "Tell the clerk of an answer edited in the list of responses",
        "mail.evaluate": "Mail the evaluation form",
        "mail.form": "Tell the desk of trouble with the form",
        "mail.form-back": "Say why a form was not taken",
        "mail.forward": "Forward an approved request to the High Needs Funding Officer",
        "mail.headings": "Tell clerks and administrators of a form's headings",
        "mail.held": "Ask the clerk whether a request was sent twice",
        "mail.letter": "Mail the decision letter",
        "mail.limit": "Tell administrators that a mailbox nears what it may send",
        "mail.minutes": "Tell everybody where the minutes are",
        "mail.minutes-proposed": "Ask the clerk about changes to the minutes",
        "mail.minutes-gone": "Tell the clerk that the minutes are not in the library any more",
        "mail.minutes-unread": "Tell the clerk what of the minutes was not taken",
        "mail.not-done": "Tell the clerk or adviser what could not be done",
        "mail.pack": "Mail the restricted papers pack",
        "mail.practitioner": "Tell the SENCOs of their link practitioner",
        "mail.question": "Ask the clerk which school was meant",
        "mail.receipt": "Mail the receipt of a request",
        "mail.refusal": "Say what to mend in a request",
        "mail.register": "Send the clerk the register",
        "mail.remind": "Remind the SENCOs until when requests count",
        "mail.report": "Ask clerk and chair to complete a report",
        "mail.review": "Remind of a review date",
        "mail.sign-again": "Ask to sign a report again",
        "mail.stuck": "Tell the administrators what is stuck",
        "mail.surgeries-month": "Mail the coming surgeries",
        "mail.surgeries-week": "Mail this week's surgeries",
        "mail.surgery-moved-up": "Tell somebody of their slot",
        "mail.surgery-off": "Tell who had booked that a surgery is off",
        "mail.surgery-reminder": "Remind of a surgery slot",
        "mail.surgery-sum-up": "Ask the adviser to sum up",
        "mail.surgery-summary": "Mail a surgery's summary",
        "mail.team": "Tell chair, clerk and administrators of a team in Teams",
        "mail.template": "Tell the clerk what is wrong with a template",
        "mail.to-check": "Tell the clerk what to check",
        "mail.told": "Tell school and clerk what became of a request",
        "mail.undelivered": "Say which mail came back",
        "mail.workbook": "Tell the desk of a workbook that cannot be read",
        "mail.year-closed": "Tell how the year ended",
        "meeting.book": "Put a meeting into the calendar",
        "meeting.cancel": "Cancel a meeting in the calendar",
        "meeting.chat": "Find the chat of a meeting in Teams",
        "meeting.move": "Move a meeting in the calendar",
        "minutes.upload": "File the minutes in the library",
        "pack.upload": "File the papers pack in the library",
        "post.decision": "Post a decision",
        "post.moderation": "Bring a decision's post up to date",
        "post.standing": "Bring the list of what is to be decided up to date",
        "post.to-decide": "Post what is to be decided",
        "report.file": "Draft a report and file it",
        "report.seal": "Note a report's signature",
        "surgery.book": "Put a surgery into the calendar",
        "surgery.cancel": "Cancel a surgery in the calendar",
        "surgery.slot": "Bring a booking's calendar entry up to date",
    }
)
"""Kind to words."""


def words_of(kind: str) -> str:
    """What it is called; a kind that is no more by its own name."""
    return WORDS.get(kind, kind)
