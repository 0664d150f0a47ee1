"""Every mail the desk writes, with invented values: held against the golden file, and drawn to be looked at.

`python -m tests.letter_gallery FOLDER` writes each as a page, and the golden file anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from casework import letters
from casework.asking_kcc import answer_letter
from casework.calendar_watch import Change, calendar_letter
from casework.evaluating import evaluate_letter
from casework.hidden_items import hidden_letter, hides
from casework.letters import Letter
from casework.mail_limits import limit_letter
from casework.minutes_mail import gone_letter, unread_letter
from casework.minutes_proposals import proposed_letter
from casework.not_done import NotDone, not_done_letter
from casework.papers_sent import Ours, as_filed_letter
from casework.ports import Kept
from casework.practitioners import practitioner_letter
from casework.report_letters import draft_letter, sent_letter, sign_again_letter
from casework.stuck_mail import StuckLine, stuck_letter
from casework.stuck_words import About
from casework.surgery_letters import (
    SessionLine,
    called_off_letter,
    monthly_letter,
    moved_up_letter,
    reminder_letter,
    sum_up_letter,
    summary_letter,
    weekly_letter,
)
from casework.surgery_mail import FULL
from casework.team_links import team_closed_letter, team_unlinked_letter
from casework.year_end import closed_letter
from communities.calendars import Closing
from communities.duplicates import duplicate_sentence
from communities.lifecycle import Move
from communities.requests import request_doubts
from communities.year_end import YearStanding

AT, DAY = datetime(2026, 11, 5, 13, 30, tzinfo=UTC), date(2026, 11, 5)
SCHOOL, COMMUNITY, URL = "Abbey School, The", "ABC", "https://web.example/agenda"
REPORT = SimpleNamespace(
    kind="KiT report",
    community=COMMUNITY,
    first_day=date(2026, 8, 1),
    due_on=date(2026, 11, 30),
    web_url=URL,
    drafted_at=datetime(2026, 11, 16, 7, tzinfo=UTC),
)
YEAR = YearStanding(
    community=COMMUNITY, academic_year="2026-27", meetings_left=0, undecided=("R-2027-0004",), unpaid=("R-2027-0002",),
    unpaid_pence=200_000, unsent=(), open_actions=1, balance_pence=300_000, agreed_pence=300_000, is_closed=True,
)  # fmt: skip


STUCK = StuckLine(
    id="mail.letter:R-2026-0001#1", what="Mail the decision letter", since="Thu 5 Nov 13:30",
    problem="Microsoft Graph answered 404 ErrorItemNotFound: the mailbox was <deleted>.", goes_on=False,
)  # fmt: skip

NOT_DONE = NotDone(
    effect=SimpleNamespace(problem="The storage of the SharePoint site is <full>."),
    about=About(words="agenda of 5 November, ABC", it="5 November", community=COMMUNITY),
    sentence="The agenda of 5 November is not in the library and was not emailed",
)
ADMINISTRATORS = "Alex Moor (alex.moor@kent.example)"


LATE = (
    "It is late for the meeting on Thursday 5 November 2026: submissions closed at the end of Thursday 22 October "
    "2026. The chair may still let it in."
)
SESSIONS = [
    SessionLine(
        when="Thursday 5 November, 9.30am to 10.30am", adviser="Zoe Abara", is_link=True, free="2 of 3 slots free",
        join_url="https://join.example",
    ),
    SessionLine(
        when="Tuesday 1 December, 3.45pm to 4.45pm", adviser="Ravi <Orr>", is_link=False, free=FULL, join_url=None,
    ),
]  # fmt: skip


def _told(move: Move, **details: object) -> Letter:
    return letters.told_letter("R-2026-0001", SCHOOL, move, details, AT, community=COMMUNITY)


LETTERS: tuple[tuple[Callable[..., Letter], Letter], ...] = (
    (letters.refusal_letter, letters.refusal_letter(
        "8", ["'Solution required' has 262 words; the limit is 250."], to_clerk=False)),
    (letters.refusal_letter, letters.refusal_letter("18", ["one", "two"], to_clerk=True)),
    (letters.receipt_letter, letters.receipt_letter("R-2026-0001", SCHOOL, COMMUNITY, AT)),
    (letters.receipt_letter, letters.receipt_letter(
        "R-2026-0002", SCHOOL, COMMUNITY, AT + timedelta(days=35), late=LATE)),
    (letters.receipt_letter, letters.receipt_letter("R-2026-0003", SCHOOL, COMMUNITY, None,
                                                    doubts=[d.sentence for d in request_doubts(2, 4, 0, 3)])),
    (letters.held_letter, letters.held_letter(
        "R-2026-0004", "A <b>", COMMUNITY, duplicate_sentence("R-2026-0003", timedelta(days=2)))),
    (letters.to_check_letter, letters.to_check_letter("R-2026-0005", "A", COMMUNITY, "'07' was read as 7")),
    (letters.edited_response_letter, letters.edited_response_letter("R-2026-0005")),
    (letters.papers_letter, letters.papers_letter(COMMUNITY, AT, "https://join.example", URL, 2, with_minutes=True)),
    (letters.papers_letter, letters.papers_letter(COMMUNITY, AT, "https://join.example", URL, 0, with_minutes=False)),
    (letters.forward_letter, letters.forward_letter(
        "R-2026-0001", SCHOOL, COMMUNITY, 240_000, DAY, date(2026, 11, 10))),
    (letters.papers_letter, letters.papers_letter(COMMUNITY, AT, None, URL, 1, with_minutes=False)),
    (letters.reminder_letter, letters.reminder_letter(COMMUNITY, AT, Closing(last_day=date(2026, 10, 22)))),
    (letters.desk_letter, letters.desk_letter("Your week, 2 November", ["Agenda of ABC: by Thursday 29 October"])),
    (letters.chase_letter, letters.chase_letter(
        "R-2026-0001", SCHOOL, "KCC processes within 30 calendar days of receipt.", date(2026, 12, 5),
        "amira.yorke@kent.example")),
    (letters.told_letter, _told(Move.RETURN, reason="Please say what was tried before.")),
    (letters.told_letter, _told(Move.LET_IN, reason="It cannot wait.")),
    (letters.told_letter, _told(Move.DEFER, reason="There was no time left.")),
    (letters.told_letter, _told(Move.REOPEN, reason="The amount was read wrongly.")),
    (letters.told_letter, _told(Move.WITHDRAW, reason="The pupils have moved.")),
    (letters.told_letter, _told(Move.AMEND, fields=["Expected outcomes"], reason="A word was missing.")),
    (letters.told_letter, _told(Move.PAY, amount_pence=240_000)),
    (letters.review_letter, letters.review_letter(
        "R-2026-0001", SCHOOL, COMMUNITY, "A teaching assistant for ten weeks", "Report in March", 240_000)),
    (letters.decision_letter, letters.decision_letter("R-2026-0001", SCHOOL, COMMUNITY, DAY)),
    (letters.pack_letter, letters.pack_letter(COMMUNITY, AT, 2, "")),
    (letters.pack_letter, letters.pack_letter(COMMUNITY, AT, 1, URL)),
    (letters.minutes_letter, letters.minutes_letter(COMMUNITY, AT, URL)),
    (letters.register_letter, letters.register_letter(
        COMMUNITY, AT, [(SCHOOL, "Sam Field", "Present"), ("Beech Primary", "", "Absent")],
        [("+44 1622 000000", "", "60 minutes")])),
    (letters.register_letter, letters.register_letter(COMMUNITY, AT, [], [])),
    (letters.template_letter, letters.template_letter("agenda.docx", COMMUNITY, "The tag 'comunity' is unknown.")),
    *(
        (letters.beside_letter, letters.beside_letter(COMMUNITY, "Agenda 2026-11-05 ABC.docx", URL, why))
        for why in Kept
    ),
    (letters.undelivered_letter, letters.undelivered_letter("sam@school.example", "Agenda: ABC")),
    (letters.form_letter, letters.form_letter("The form has a question nobody knows: 'Favourite colour'.")),
    (letters.headings_letter, letters.headings_letter(
        "Case Study", "Case Studies.xlsx", ["We read the heading 'Area of work' as 'Area of focus'."], is_read=True)),
    (letters.headings_letter, letters.headings_letter(
        "Request for Support", "Request for Support.xlsx", ["There is no column for 'Expected outcomes'.",
        "We do not know the heading 'A < B', so we do not read the answers under it."], is_read=False)),
    (letters.headings_letter, letters.headings_letter(
        "Request for Support", "Request for Support responses", ["There is no column for 'Email'."],
        is_read=False, is_list=True)),
    (letters.workbook_letter, letters.workbook_letter("Request for Support.xlsx: is not an Excel workbook (.xlsx).")),
    (answer_letter, answer_letter("Q-2026-0001", "Who pays for transport?", "The school.\nAsk us if it is far.")),
    (evaluate_letter, evaluate_letter(COMMUNITY, date(2026, 11, 30))),
    (proposed_letter, proposed_letter(COMMUNITY, DAY, ["Note to item 2: written by sam.field@school.example",
                                                       "Matters arising: written by somebody we cannot name"])),
    (unread_letter, unread_letter(COMMUNITY, DAY, "The heading '5. Group solutions' is not there any more.")),
    (gone_letter, gone_letter(COMMUNITY, DAY, "Minutes 2026-11-05 ABC.docx")),
    *((as_filed_letter, as_filed_letter(COMMUNITY, "Agenda 2026-11-05 ABC.docx", "https://x.example/agenda", why))
      for why in Ours),
    (practitioner_letter, practitioner_letter(
        {"of": COMMUNITY, "role": "Educational Psychologist", "before": ["Ravi Orr"], "now": ["Uma Tate"],
         "on": "2026-11-09"})),
    (draft_letter, draft_letter(REPORT)),
    (sign_again_letter, sign_again_letter(
        REPORT, [("We ask for a nurse.", "We ask for a nurse & a hall."), ("", "Thank you.")])),
    (sign_again_letter, sign_again_letter(REPORT, None)),
    (sent_letter, sent_letter(REPORT, "Ben Ellis (clerk) and Ella Ward (chair)")),
    (closed_letter, closed_letter(YEAR, ("R-2027-0002", "R-2027-0004"), datetime(2027, 9, 21, 12, 30, tzinfo=UTC))),
    (closed_letter, closed_letter(YEAR, (), None)),
    *(
        (calendar_letter, calendar_letter(COMMUNITY, f"What was done on Thursday 5 November: {change}.", change))
        for change in Change
    ),
    (hidden_letter, hidden_letter("Responses", hides("Responses", 3))),
    (limit_letter, limit_letter("cos.desk@kent.example", 7_512, 10_000, 1_240)),
    (limit_letter, limit_letter("cos.desk@kent.example", 9_500, 10_000, 0)),
    (stuck_letter, stuck_letter([STUCK])),
    (stuck_letter, stuck_letter([STUCK, replace(STUCK, goes_on=True)] + [STUCK] * 60)),
    (stuck_letter, stuck_letter([STUCK, replace(
        STUCK, id="post.decision:R-2026-0001#1", what="Post a decision",
        problem="Something broke while this was being posted, and Teams does not say whether it arrived.")])),
    (not_done_letter, not_done_letter([NOT_DONE], ADMINISTRATORS, with_papers=True)),
    (not_done_letter, not_done_letter([NOT_DONE] * 2, ADMINISTRATORS, with_papers=False)),
    (team_closed_letter, team_closed_letter(COMMUNITY, "The team 'A <B>' of ABC was archived in Teams. Restore it.")),
    (team_unlinked_letter, team_unlinked_letter("A <B>", COMMUNITY, "ABC")),
    (team_unlinked_letter, team_unlinked_letter("ABC", COMMUNITY, "")),
    (team_unlinked_letter, team_unlinked_letter("Heads of the coast", "", "")),
    (monthly_letter, monthly_letter("November and December 2026", SESSIONS)),
    (weekly_letter, weekly_letter("2 to 8 November", SESSIONS[:1])),
    (reminder_letter, reminder_letter("Zoe Abara", AT, SCHOOL, None)),
    (reminder_letter, reminder_letter("Zoe Abara", AT, SCHOOL, "https://join.example")),
    (moved_up_letter, moved_up_letter("Zoe Abara", AT, SCHOOL)),
    (called_off_letter, called_off_letter("Zoe Abara", AT, "The next session is on Thursday 12 November.")),
    (sum_up_letter, sum_up_letter("S-2026-0001", AT, [SCHOOL, "Beech Primary"])),
    (summary_letter, summary_letter("Zoe Abara", AT, "We spoke about calm starts.\nTry one change at a time.")),
)  # fmt: skip
"""Who writes it, and how it reads."""


def as_page(written: Letter) -> str:
    """As Outlook shows it: the subject above, the text below."""
    return (
        '<!doctype html><html lang="en-GB"><meta charset="utf-8"><body style="margin:24px;width:640px;background:#fff">'
        f'<h3 style="font-family:sans-serif;margin:0 0 16px">{written.subject}</h3>{written.html}</body></html>'
    )


GOLDEN = Path(__file__).parent / "golden" / "letters.txt"
"""How they were agreed."""


def as_text() -> str:
    """All of them, as the golden file has them."""
    return "\n\n".join(f"{x.subject}\n{x.html}" for _, x in LETTERS) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(as_text(), "utf-8")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, (_, one) in enumerate(LETTERS, 1):
        (folder / f"{number:02d}.html").write_text(as_page(one), "utf-8")
