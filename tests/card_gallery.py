"""One of every card the bot sends, with the longest texts people may write: to be measured, and to be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.asking import Answer
from bot.cards.action import action_card
from bot.cards.advising import OwnSession, own_sessions_card, publish_card, sum_up_card
from bot.cards.answer import answer_card
from bot.cards.by_hand import by_hand_card
from bot.cards.case_study import case_study_card, case_study_form_card
from bot.cards.decision import DETAILS_CHARACTERS, decided_card, decision_card, standing_card
from bot.cards.desk import desk_card
from bot.cards.evaluation import evaluation_card
from bot.cards.held import held_card
from bot.cards.minutes import NOTE_CHARACTERS, minutes_card, register_card
from bot.cards.notice import notice
from bot.cards.posts import post_card
from bot.cards.proposed_minutes import proposed_card
from bot.cards.question import question_card
from bot.cards.report import report_card
from bot.cards.surgeries import SessionLine, book_card, booking_card, feedback_card, sessions_card
from bot.cards.team import unlinked_card
from bot.cards.to_decide import to_decide_card
from bot.cards.withdraw import withdraw_card
from bot.cards.wizard import STEPS, Draft, begun_card, step_card
from casework.minutes_proposals import Proposal
from casework.ports import AgendaPost, BudgetLine, DecisionAsk, DecisionPost, ModerationPost, ToDecideLine, ToDecidePost
from communities.budget import split_by_financial_year
from communities.case_studies import PARTS as STUDY_PARTS
from communities.decisions import DecidedBy, Response
from communities.dues import Due, Task
from communities.meetings import ITEMS, Attendee, Mark, Template
from communities.questions import Part
from communities.requests import MOST_ATTACHMENTS, WORD_LIMITS, KeyStage, Problem, Support, request_doubts
from communities.surgeries import NOTE_CHARACTERS as NOTE_LIMIT
from papers.charts import counts_chart, parts_chart, waterfall_chart

Card = dict[str, Any]
NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 5)
SCHOOL = "Saint Bartholomew's and All Saints' Church of England Voluntary Aided Junior School, The"
COMMUNITY = "Folkestone Hythe and Rural 2"


def words(count: int) -> str:
    """So many words of ordinary length."""
    said = "The school would like to know which steps help pupils to stay calm after lunch and during transitions"
    some = said.split(" ")
    return " ".join(some[n % len(some)] for n in range(count))


def budget(pence: int) -> BudgetLine:
    return BudgetLine(
        academic_year="2026-27", financial_years=("2026-27", "2027-28"), balance_pence=pence,
        split=split_by_financial_year(pence),
    )  # fmt: skip


ASK = DecisionAsk(
    request_id="R-2026-0001", version=2, community=COMMUNITY, school=SCHOOL, meeting_on="Thursday 5 November 2026",
    support=[s.value for s in Support], requested_pence=240_000, solution=words(250), outcomes=words(200),
    funding_use=words(200), already_supported=words(200), pupils=(12, 3, 1), key_stages=[k.value for k in KeyStage],
    budget=budget(5_230_800), budget_if_approved=budget(4_990_800), review_on=date(2027, 2, 3),
    has_interest=True, objecting=[SCHOOL],
)  # fmt: skip
DECISION = DecisionPost(
    request_id="R-2026-0001", community=COMMUNITY, school=SCHOOL, responses=[Response.FINANCIAL, Response.ADVICE],
    details=words(300)[:DETAILS_CHARACTERS], conditions=words(160)[:1_000], amount_pence=240_000,
    review_on=date(2027, 2, 3), made_by=DecidedBy.CONSENSUS, before=budget(5_230_800), after=budget(4_990_800),
)  # fmt: skip
TO_DECIDE = ToDecidePost(
    meeting_id=f"{COMMUNITY} 2026-27 T2", community=COMMUNITY, meeting_on="Thursday 5 November 2026",
    lines=[
        ToDecideLine(
            request_id=f"R-2026-{n:04d}", school=SCHOOL, asked="£900", is_open=n % 3 > 0, is_small=n % 3 == 1,
            standing="to be decided" if n % 3 else "Financial contribution: £900, by consensus",
        )
        for n in range(1, 25)
    ],
)  # fmt: skip
DRAFT = Draft(
    answers={
        **{name: words(limit) for name, limit in WORD_LIMITS.items()}, "school": SCHOOL, "contact": "Sam Field",
        "trust": "The Trust", "support": ";".join(Support), "key_stages": "KS2", "sen_support": "12", "ehcp": "3",
        "looked_after": "1", "requested_pence": "2400",
        "attachments": "\n".join(f"https://kent.sharepoint.example/{'x' * 460}{n}" for n in range(MOST_ATTACHMENTS)),
    },
    schools=[SCHOOL, "Abbey School, The"], pupils_named=4,
    problems=[Problem(field=f, sentence=f"'{f}' has 262 words; the limit is 250. Shorten it by 12.")
              for f in ("solution", "outcomes", "pupils", "requested_pence", "signature")],
)  # fmt: skip
DUES = [
    Due(due_on=TODAY + timedelta(days=n - 2), community=COMMUNITY, what=f"Agenda and papers, meeting on {n + 3} Nov",
        task=list(Task)[n % len(Task)], subject=f"{COMMUNITY} 2026-27 T2")
    for n in range(20)
]  # fmt: skip
REGISTER = [Attendee(of=f"{SCHOOL} {n}", person="Alexandra Fotheringay-Smythe", mark=Mark.PRESENT) for n in range(30)]
STEPS_OF_MONEY = (("Opening balance", 0, 5_230_800), ("Approved, not paid yet", 5_230_800, 4_230_800),
                  ("Paid", 4_230_800, 2_230_800), ("Balance", 0, 2_230_800),
                  ("Asked for, to be decided", 2_230_800, 1_000_000), ("Forecast", 0, 1_000_000))  # fmt: skip
PARTS = (("Notional SEN budget", 50_027_000), ("Notional SEN top-up", 494_500), ("Automatic payments (4)", 4_591_700),
         ("Protected payments (3)", 1_837_500), ("Agreed by the community (2 pupils)", 240_000))  # fmt: skip

GALLERY: Mapping[str, Card] = MappingProxyType(
    {
        "decision": decision_card(ASK),
        "decision-refused": decision_card(ASK, typed={"amount": "999999", "details": words(300)}, problems=[words(40)]),
        "decision-waits": standing_card(ASK),
        "decided": decided_card(DECISION, note=words(30)),
        "team-unlinked": unlinked_card(COMMUNITY, "19:team@thread.tacv2"),
        "post-decision": post_card(DECISION),
        "post-moderation": post_card(
            ModerationPost(decision=DECISION, final_pence=228_000, pays_on=date(2026, 12, 1), now=budget(5_002_800))
        ),
        "post-agenda": post_card(
            AgendaPost(
                community=COMMUNITY, meeting_on="5 November", venue="Microsoft Teams", web_url="https://x.example/a",
                requests=[(f"R-2026-{n:04d}", SCHOOL, "£2,400") for n in range(60)],
            )
        ),
        "list": to_decide_card(TO_DECIDE),
        "list-for-the-chair": to_decide_card(TO_DECIDE, may_decide=True, notes=["✓ R-2026-0003: approved, £900.",
                                             "⚠ R-2026-0004: it is above £1,000."]),
        **{f"wizard-{n + 1}": step_card(DRAFT, n) for n in range(len(STEPS))},
        "wizard-first": step_card(Draft(answers={}, schools=[SCHOOL]), 0),
        "wizard-amends": step_card(replace(DRAFT, amends="R-2026-0001", problems=()), len(STEPS) - 1),
        "wizard-checks": step_card(
            replace(DRAFT, problems=(), doubts=list(request_doubts(4, 12, 3, 5))), len(STEPS) - 1
        ),
        "wizard-begun": begun_card("Thursday 5 November 2026 at 08:00", "A new request"),
        "withdraw": withdraw_card("R-2026-0001", SCHOOL, "Say why."),
        "desk": desk_card("Your tasks this week: 20", DUES, TODAY, "12 SENCOs are reminded by mail."),
        "desk-empty": desk_card("You have no tasks this week", [], TODAY),
        "register": register_card("M", f"{COMMUNITY}, Thursday 5 November 2026", REGISTER),
        "minutes": minutes_card(
            "M", f"{COMMUNITY}, Thursday 5 November 2026", [t for t, _ in ITEMS[Template.FIRST]],
            {str(n): words(340)[:NOTE_CHARACTERS] for n in range(1, 9)},
        ),
        "case-study": case_study_card("C-2026-0001: Transition and transfer", SCHOOL,
                                      [(title, words(250)) for title in STUDY_PARTS.values()]),
        "case-study-form": case_study_form_card([SCHOOL, "Abbey School, The"], {p: words(250) for p in STUDY_PARTS},
                                                [words(20)] * 2),
        "report": report_card(
            f"KiT report November 2026 of {COMMUNITY}", "KiT report 2026-11-30 ABC",
            [("Due", "Monday 30 November 2026"), ("Chair", "has not signed"), ("Clerk", "signed on 23 November")],
            "https://web.example/report", may_sign=True,
        ),
        "evaluation": evaluation_card([SCHOOL, "Abbey School, The"], {"worked": words(80), "improve": words(80)},
                                      [words(20)] * 2),
        "papers-by-hand": by_hand_card("A 2026-27 T2", COMMUNITY, "Thursday 5 November 2026", TODAY),
        "held": held_card("R-2026-0004", SCHOOL, words(20), words(250)),
        "proposed-minutes": proposed_card(
            f"Minutes of {COMMUNITY}, Thursday 5 November 2026",
            Proposal(id=f"{COMMUNITY} 2026-27 T2#1", where="Note to item 5", authors="sam.field@school.example",
                     now=words(340)[:NOTE_CHARACTERS], proposed=words(340)[:NOTE_CHARACTERS]), 3,
        ),
        "question": question_card(Part.OPERATIONS, words(150), [("Q-2026-0001, 5 Nov", words(40))] * 4, words(20)),
        "surgeries": sessions_card(
            "Coming SEN IA surgeries", [
                SessionLine(when=f"Thursday {n} November, 14:00 to 16:00", adviser="Alexandra Fotheringay-Smythe",
                            free=f"{n % 4} of 6 slots free", ask="book a surgery slot",
                            button="Book a slot" if n % 4 else "Wait for a slot")
                for n in range(10, 22)
            ], booked=["You have the slot on Thursday 12 November 2026 at 14:20 with Jo Smith"], is_stopped=False),
        "surgery-book": book_card({"surgery_id": "S-2026-0001", "slot": 2}, "Book the slot on 12 November at 14:20?",
                                  "Jo Smith", [SCHOOL, "Abbey School, The"], {"note": words(80)}, words(30)),
        "surgery-booking": booking_card(7, "You have the slot on Thursday 12 November 2026 at 14:20 with Jo Smith",
                                        ("Move it, or give it back?",),
                                        [(f"Thu {n} Nov, 14:00, Jo Smith", f"S-2026-0001/{n}") for n in range(1, 21)],
                                        has_slot=True),
        "surgery-feedback": feedback_card([(1, "12 November 2026, Jo Smith"), (2, "5 November 2026, Jo Smith")],
                                          {"comment": words(150)}, words(20)),
        "surgery-publish": publish_card({"day": "2026-11-14", "at": "10:00"}, "14 November is at a weekend."),
        "surgery-sum-up": sum_up_card("S-2026-0001", "Surgery on Thursday 12 November 2026 at 14:00",
                                      [(n, f"14:{n}0 {SCHOOL}") for n in range(6)], {"summary": words(500)}, words(20)),
        "surgeries-own": own_sessions_card(
            "Your surgeries", [
                OwnSession(surgery_id=f"S-2026-{n:04d}", when=f"Thursday {n} November, 14:00 to 16:00",
                           said="5 of 6 slots booked, 2 waiting", is_over=n < 2,
                           bookings=[f"14:{k}0 {SCHOOL}: Pastoral – {words(60)[:NOTE_LIMIT]}" for k in range(4)])
                for n in range(1, 5)
            ], ["This school year: 12 sessions, 60 of 72 slots used, 3 did not come; 4.6 of 5 for usefulness."],
            counts_chart({"Pastoral": 20, "Transition and transfer": 12, "Assessment": 4}, "slots", on_a_card=True)),
        "action": action_card({"what": words(80)}, [COMMUNITY, "ABC"], ["An action needs an owner."]),
        "notice": notice("That is not yours to do", words(60)),
        "answer-balance": answer_card(
            Answer(title=f"{COMMUNITY} has £22,308 left", facts=[("School year 2026-27", "£22,308")],
                   picture=waterfall_chart(STEPS_OF_MONEY, on_a_card=True)), NOW,
        ),
        "answer-school": answer_card(
            Answer(title=f"{SCHOOL}, school year 2026-27", facts=[(n, f"£{p // 100:,}") for n, p in PARTS],
                   picture=parts_chart(PARTS, SCHOOL, on_a_card=True)), NOW,
        ),
        "answer-practitioners": answer_card(
            Answer(title=f"For {SCHOOL}", facts=[(f"Role {n}", f"Jo {n}, jo{n}@kent.example") for n in range(6)],
                   links=[(f"Chat with Jo {n}", "https://teams.microsoft.com/l/chat") for n in range(6)]), NOW,
        ),
        "answer-guidance": answer_card(
            Answer(title="How decisions are made", sentences=(words(70), "Source: induction slides."),
                   choices=[("Late requests", "x"), ("What the chair does", "y")], is_of_now=False), NOW,
        ),
        "answer-long": answer_card(
            Answer(title=words(20), sentences=[words(60)] * 3, facts=[(SCHOOL, words(40))] * 12), NOW
        ),
    }
)  # fmt: skip
"""A card by the name of its picture."""
