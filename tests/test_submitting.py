"""A request written in Teams: kept from card to card, checked by field, sent once, changed and taken back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.asking import Answer
from bot.behaviours import VERBS
from bot.cards.wizard import CHECK, CLOSE, DISCARD, GO, SEND, STEP_OF, STEPS
from bot.chat import _refusable
from bot.router import card_of
from bot.verbs import Press
from casework import tables
from casework.amend import submission_of
from casework.drafts import draft_of
from casework.intake_mail import _receipt
from casework.request_moves import return_request
from casework.schedule import schedule_meetings
from casework.sweep import sweep
from communities.directory import Directory, Role
from communities.lifecycle import State
from forms_ingest.request_for_support import read_response
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, begun, submitted
from tests.test_chat import asked, senco
from tests.test_moves import R1, clerk
from tests.test_record import MEETING, arrive, home, set_up, slot

CHILD = "Zebedee Quill"


@begun
def desk(bench: Bench, directory: Directory) -> None:
    """A community whose next meeting takes requests."""
    set_up(bench, directory)


def press(bench: Bench, mail: str, verb: str, *, personal: bool = True, **values: Any) -> Answer:
    with bench.desk.work() as work:
        pressed = Press(work=work, mail=mail, values=values, read_answers=read_response, is_personal=personal)
        return _refusable(work, lambda: VERBS[verb](pressed))


def shown(bench: Bench, said: Answer) -> str:
    """A card's text as it is read, without the backslashes that keep Markdown away."""
    with bench.desk.work() as work:
        return card_as_text(card_of(said, work)).replace("\\", "")


def filled(directory: Directory, **changed: Any) -> list[dict[str, Any]]:
    """What a SENCO writes on the four cards."""
    school = directory.schools_of(home(directory))[0]
    cards: list[dict[str, Any]] = [
        {"school": str(school.name), "contact": "Sam Field, 01234 567890", "trust": ""},
        {"support": "Financial contribution,Advice and guidance", "solution": "A quiet corner at lunch",
         "outcomes": "Calmer afternoons"},
        {"pupils": f"{CHILD} 03/04/2015", "sen_support": 1.0, "ehcp": 0.0, "looked_after": 0.0, "key_stages": "KS2"},
        {"requested_pence": "£2,400", "funding_use": "An assistant for ten weeks", "already_supported": "Small groups",
         "attachments": "https://kent.sharepoint.example/sites/abbey/plan.docx"},
    ]  # fmt: skip
    return [{k: changed.get(k, v) for k, v in card.items()} for card in cards]


def write(bench: Bench, directory: Directory, mail: str, **changed: Any) -> Answer:
    """From the first card to the check."""
    asked(bench, "I want to ask for support", mail)
    for step, card in enumerate(filled(directory, **changed)):
        said = press(bench, mail, GO, step=step, to=step + 1, later="yes", **card)
    return said


def count(bench: Bench) -> int:
    with bench.desk.work() as work:
        return int(work.conn.execute(select(func.count()).select_from(tables.requests)).scalar_one())


def test_a_request_is_written_card_by_card_checked_and_sent(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    check = shown(desk, write(desk, directory, mail))
    assert "Everything is there." in check
    said = press(desk, mail, SEND, step=4, signature="Sam Field").as_text()
    assert f"{R1} was sent" in said
    assert "Heard at" in said
    assert "You may change it until" in said
    assert "within 3 working days" in said
    with desk.desk.work() as work:
        sent = submission_of(work, R1, "test")
        assert sent.requested_pence == 240_000
        assert [p.name for p in sent.pupils] == [CHILD]
        assert sent.attachments == ("https://kent.sharepoint.example/sites/abbey/plan.docx",)
        assert draft_of(work, mail) is None


def test_pupils_are_never_shown_back(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    said = [write(desk, directory, mail)]
    said += [press(desk, mail, GO, step=4, to=n) for n in range(5)]
    said.append(press(desk, mail, SEND, step=4, signature="Sam Field"))
    assert CHILD not in json.dumps([s.cards for s in said]) + " ".join(s.as_text() for s in said)
    with desk.desk.work() as work:
        kept = json.dumps([[str(v) for v in row] for row in work.conn.execute(select(tables.requests))])
        assert CHILD not in kept
        assert "plan.docx" not in kept, "a document's name may name a child"


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"solution": "word " * 262}, "'Solution required' has 262 words; the limit is 250"),
        ({"solution": ""}, "'Solution required' is missing"),
        ({"requested_pence": "lots"}, "'lots', which cannot be read for certain"),
        ({"funding_use": ""}, "How will the funding be used?"),
        ({"attachments": "C:\\plan.docx"}, "is no link"),
        ({"key_stages": "KS9"}, "KS9"),
        ({"sen_support": -3.0}, "-3"),
        ({"school": "Hogwarts"}, "Hogwarts"),
    ],
)
def test_the_check_names_every_problem_by_its_field(
    desk: Bench, directory: Directory, changed: dict[str, Any], named: str
) -> None:
    mail = senco(directory)
    write(desk, directory, mail, **changed)
    check = shown(desk, press(desk, mail, SEND, step=4, signature=""))
    assert named in check
    assert "'e Signature' is missing" in check
    assert "(Correct: " in check
    assert count(desk) == 0


WRONG = {
    "school": "Hogwarts", "contact": "", "support": "", "solution": "", "outcomes": "word " * 201, "pupils": "",
    "sen_support": "", "ehcp": -1.0, "looked_after": "two", "key_stages": "", "requested_pence": "lots",
    "funding_use": "", "already_supported": "", "attachments": "plan.docx",
}  # fmt: skip
"""For each answer of the form one that cannot be accepted."""
OPTIONAL = {"trust"}


def test_each_answer_of_the_form_has_one_that_cannot_be_accepted() -> None:
    assert set(WRONG) | OPTIONAL == {name for _, names in STEPS[:CHECK] for name in names}


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("name", WRONG)
def test_each_step_says_what_is_wrong_on_it_as_intake_says_it_and_the_last_one_lists_it(
    desk: Bench, directory: Directory, name: str
) -> None:
    mail, step = senco(directory), STEP_OF[name]
    asked(desk, "I want to ask for support", mail)
    cards = filled(directory, **{name: WRONG[name]})
    for earlier in range(step):
        press(desk, mail, GO, step=earlier, to=earlier + 1, **cards[earlier])
    at_the_step = shown(desk, press(desk, mail, GO, step=step, to=step + 1, **cards[step]))
    answers = submitted(directory, **{n: v for card in cards for n, v in card.items()})
    answers["support"] = str(answers["support"]).replace(",", ";")
    reading = read_response(answers, directory, arrived_at=answers["completed"])
    assert reading is not None
    said = [p.sentence for p in reading.problems if p.field == name]
    assert said, "intake refuses it"
    assert f"Step {step + 1} of 5" in at_the_step
    assert all(sentence in at_the_step for sentence in said)
    for later in range(step, CHECK):
        check = press(desk, mail, GO, step=later, to=later + 1, later="yes", **cards[later])
    assert "Step 5 of 5" in shown(desk, check)
    assert all(sentence in shown(desk, check) for sentence in said)
    assert "Everything is there." not in shown(desk, check)


def test_a_gap_may_be_left_for_later_and_going_back_is_never_stopped(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    asked(desk, "I want to ask for support", mail)
    cards = filled(directory, solution="", outcomes="")
    press(desk, mail, GO, step=0, to=1, **cards[0])
    said = press(desk, mail, GO, step=1, to=2, **cards[1])
    assert "Skip for now" in shown(desk, said)
    later = next(a["data"] for a in said.cards[0]["actions"] if a["title"] == "Skip for now")
    assert "Step 3 of 5" in shown(desk, press(desk, mail, GO, **later))
    assert "Step 1 of 5" in shown(desk, press(desk, mail, GO, step=1, to=0, **cards[1]))


def test_who_comes_back_from_the_check_reads_on_the_card_what_is_wrong_with_it(
    desk: Bench, directory: Directory
) -> None:
    mail = senco(directory)
    write(desk, directory, mail, outcomes="")
    assert "'Expected outcomes' is missing" in shown(desk, press(desk, mail, GO, step=CHECK, to=1))


MORE_THAN_NAMED = {
    "on SEN Support": {"sen_support": 4.0, "ehcp": 0.0},
    "in all": {"sen_support": 1.0, "ehcp": 2.0},
    "looked after": {"sen_support": 1.0, "ehcp": 1.0, "looked_after": 3.0},
}


@pytest.mark.parametrize("which", MORE_THAN_NAMED)
def test_more_pupils_counted_than_named_are_asked_about_and_may_be_sent(
    desk: Bench, directory: Directory, which: str
) -> None:
    mail, two = senco(directory), f"{CHILD} 03/04/2015\nAnn Other 05/06/2014"
    write(desk, directory, mail, pupils=two, **MORE_THAN_NAMED[which])
    check = shown(desk, press(desk, mail, GO, step=3, to=CHECK))
    assert "You named 2 pupils" in check
    assert "Everything is there." not in check
    assert f"{R1} was sent" in press(desk, mail, SEND, step=CHECK, signature="Sam Field").title


def test_what_intake_asks_about_is_asked_in_the_receipt_whichever_way_it_came(
    desk: Bench, directory: Directory
) -> None:
    """By the form there is no card to ask on; the mail says it to who sent it, and names no pupil."""
    arrive(desk, sen_support=4, ehcp=0)
    write(desk, directory, senco(directory), sen_support=4.0, ehcp=0.0)
    press(desk, senco(directory), SEND, step=CHECK, signature="Sam Field")
    with desk.desk.work() as work:
        mails = [_receipt(work, e.partition(":")[2]) for e in desk.enqueued if e.startswith("mail.receipt:")]
    assert len(mails) == 2
    for mail in mails:
        assert mail is not None
        assert "You named 1 pupil, and counted 4 on SEN Support or with an EHCP" in mail.html
        assert CHILD not in mail.html


def test_the_school_contact_is_filled_in_with_who_writes(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    name = next(p.name for p in directory.roles_of(mail))
    assert f"{name}, {mail}" in card_as_text(asked(desk, "I want to ask for support", mail).cards[0])
    assert clerk(directory) not in card_as_text(asked(desk, "I want to ask for support", clerk(directory)).cards[0])


def test_the_check_shows_how_each_text_begins(desk: Bench, directory: Directory) -> None:
    check = shown(desk, write(desk, directory, senco(directory), solution="How do we help " + "word " * 100))
    assert "How do we help word" in check
    assert "(104 of 250 words)" in check


def test_a_card_says_at_once_what_is_too_long_on_it(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    asked(desk, "I want to ask for support", mail)
    card = filled(directory, solution="word " * 262)[1]
    said = shown(desk, press(desk, mail, GO, step=1, to=2, **card))
    assert "Step 2 of 5" in said
    assert "shorten it by 12" in said


def test_a_draft_waits_and_is_gone_on_with(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    asked(desk, "new request for support please", mail)
    press(desk, mail, GO, step=0, to=1, **filled(directory)[0])
    assert press(desk, mail, CLOSE, step=1, solution="Half a thought").title == "Kept for later"
    begun = asked(desk, "I want to ask for support", mail)
    assert "You have one begun" in card_as_text(begun.cards[0])
    assert "Half a thought" in shown(desk, press(desk, mail, GO, to=1))
    assert press(desk, mail, DISCARD).title == "Thrown away"
    with desk.desk.work() as work:
        assert draft_of(work, mail) is None


def test_a_second_press_on_send_sends_nothing(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    write(desk, directory, mail)
    press(desk, mail, SEND, step=4, signature="Sam Field")
    assert "Nothing was changed" in press(desk, mail, SEND, step=4, signature="Sam Field").as_text()
    assert count(desk) == 1


def test_nothing_of_it_happens_where_others_read_along(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    for verb in (GO, SEND, CLOSE, DISCARD):
        assert "your own chat" in press(desk, mail, verb, personal=False, step=0, to=1).as_text()


def test_nobody_sends_for_another_school(desk: Bench, directory: Directory) -> None:
    mail, other = senco(directory), directory.schools_of(home(directory))[1]
    write(desk, directory, mail, school=str(other.name))
    said = press(desk, mail, SEND, step=4, signature="Sam Field").as_text()
    assert "are sent by its SENCO" in said
    assert count(desk) == 0


def test_a_moderator_sends_none(desk: Bench, directory: Directory) -> None:
    moderator = directory.people_with(Role.MODERATOR)[0].mail
    assert asked(desk, "I want to submit a request", moderator).title == "Requests are sent by schools"


def test_what_the_sentence_says_is_filled_in(desk: Bench, directory: Directory) -> None:
    said = asked(desk, "I want to ask for £1,500 of support", senco(directory))
    school = str(directory.schools_of(home(directory))[0].name)
    assert f"School: {school}]" in card_as_text(said.cards[0])
    assert "1500" in shown(desk, press(desk, senco(directory), GO, step=0, to=3, **filled(directory)[0]))


def test_a_sent_request_is_changed_with_its_pupils_kept(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    arrive(desk)
    assert R1 in asked(desk, f"I need to change {R1}", mail).title
    press(desk, mail, GO, step=1, to=4, solution="A quieter corner")
    assert f"Say why {R1}" in shown(desk, press(desk, mail, SEND, step=4, reason=""))
    said = press(desk, mail, SEND, step=4, reason="The room changed")
    assert f"{R1} was changed" in said.title
    with desk.desk.work() as work:
        assert submission_of(work, R1, "test").solution == "A quieter corner"
        assert [p.name for p in submission_of(work, R1, "test").pupils] == [CHILD]


def test_a_returned_request_is_corrected_and_sent_again(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    arrive(desk)
    with desk.desk.work() as work:
        return_request(work, R1, "Please say what you tried", clerk(directory))
    asked(desk, f"I need to change {R1}", mail)
    press(desk, mail, GO, step=3, to=4, already_supported="Two years of small groups")
    assert f"{R1} was changed" in press(desk, mail, SEND, step=4, reason="as asked").title
    with desk.desk.work() as work:
        state = work.conn.execute(select(tables.requests.c.state)).scalar_one()
        assert state == State.RECEIVED
        assert submission_of(work, R1, "test").already_supported == "Two years of small groups"


def test_a_school_takes_its_request_back_with_a_reason(desk: Bench, directory: Directory) -> None:
    mail = senco(directory)
    arrive(desk)
    card = asked(desk, f"please withdraw {R1}", mail)
    assert f"Withdraw {R1}" in card_as_text(card.cards[0])
    assert f"Say why {R1}" in shown(desk, press(desk, mail, "withdraw", request_id=R1, reason=" "))
    assert press(desk, mail, "withdraw", request_id=R1, reason="The pupil moved").title == f"{R1} was withdrawn"
    assert "cannot" in press(desk, mail, "withdraw", request_id=R1, reason="Again").as_text()
    assert "cannot be withdrawn any more" in asked(desk, f"withdraw {R1}", mail).as_text()


def test_a_stranger_changes_and_withdraws_nothing(desk: Bench, directory: Directory) -> None:
    arrive(desk)
    other = directory.schools_of(directory.communities[1].name)[0]
    mail = directory.people_with(Role.SENCO, other.name)[0].mail
    for sentence in (f"withdraw {R1}", f"amend {R1}"):
        assert f"You can't read {R1}" in asked(desk, sentence, mail).as_text()
    assert f"You can't read {R1}" in press(desk, mail, "withdraw", request_id=R1, reason="x").as_text()


def test_a_late_request_is_called_late_on_the_card_that_takes_it(desk: Bench, directory: Directory) -> None:
    desk.at(date(2026, 10, 26))
    mail = senco(directory)
    write(desk, directory, mail)
    said = press(desk, mail, SEND, step=4, signature="Sam Field")
    late = (
        "It is late for the meeting on Thursday 5 November 2026: submissions closed at the end of Thursday 22 October "
        "2026. The chair may still let it in."
    )
    assert said.title == f"{R1} was sent, late for the coming meeting"
    assert said.sentences[0] == late
    assert dict(said.facts)["Heard at"].endswith("Thursday 10 December 2026 at 13:30")
    assert late in asked(desk, f"status of {R1}", mail).as_text()
    with desk.desk.work() as work:
        draft = _receipt(work, R1)
    assert draft is not None
    assert late in draft.html


def test_once_the_meeting_it_missed_was_held_nobody_is_told_to_let_it_in(desk: Bench, directory: Directory) -> None:
    desk.at(date(2026, 10, 26))
    mail = senco(directory)
    write(desk, directory, mail)
    press(desk, mail, SEND, step=4, signature="Sam Field")
    desk.at(MEETING, 13)
    assert "may still let it in" in asked(desk, f"status of {R1}", mail).as_text()
    desk.at(MEETING, 14)
    said = asked(desk, f"status of {R1}", mail).as_text()
    assert "late" not in said
    assert "Thursday 10 December 2026" in said


def test_a_request_in_time_is_not_called_late(desk: Bench, directory: Directory) -> None:
    write(desk, directory, senco(directory))
    said = press(desk, senco(directory), SEND, step=4, signature="Sam Field")
    assert said.title == f"{R1} was sent"
    assert "late" not in " ".join(said.sentences)


@pytest.mark.parametrize("papers_are_out", [True, False])
def test_late_is_said_where_no_later_meeting_is_booked_or_the_papers_are_out(
    bench: Bench, directory: Directory, *, papers_are_out: bool
) -> None:
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(home(directory), MEETING, 2)])
    bench.at(date(2026, 10, 30))
    if papers_are_out:
        sweep(bench.desk)
    write(bench, directory, senco(directory))
    said = press(bench, senco(directory), SEND, step=4, signature="Sam Field")
    assert said.sentences[0].startswith("It is late for the meeting on Thursday 5 November 2026")
    assert said.sentences[1] == "It will be heard at the next meeting; the date is not fixed yet. You will be told."
