"""A request written in Teams: kept from card to card, checked by field, sent once, changed and taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.asking import Answer
from bot.behaviours import VERBS
from bot.cards.wizard import CLOSE, DISCARD, GO, SEND
from bot.chat import _refusable
from bot.router import card_of
from bot.verbs import Press
from casework import tables
from casework.amend import submission_of
from casework.drafts import draft_of
from casework.request_moves import return_request
from communities.directory import Directory, Role
from communities.lifecycle import State
from forms_ingest.request_for_support import read_response
from local_tenant.card_text import card_as_text
from tests.conftest import Bench
from tests.test_chat import asked, senco
from tests.test_moves import R1, clerk
from tests.test_record import arrive, home, set_up

CHILD = "Zebedee Quill"


@pytest.fixture
def desk(bench: Bench, directory: Directory) -> Bench:
    """A community whose next meeting takes requests."""
    set_up(bench, directory)
    return bench


def press(bench: Bench, mail: str, verb: str, *, personal: bool = True, **values: Any) -> Answer:
    with bench.desk.work() as work:
        pressed = Press(work=work, mail=mail, values=values, read_answers=read_response, is_personal=personal)
        return _refusable(work, lambda: VERBS[verb](pressed))


def shown(bench: Bench, said: Answer) -> str:
    with bench.desk.work() as work:
        return card_as_text(card_of(said, work))


def filled(directory: Directory, **changed: Any) -> list[dict[str, Any]]:
    """What a SENCO writes on the four cards."""
    school = directory.schools_of(home(directory))[0]
    cards: list[dict[str, Any]] = [
        {"school": str(school.name), "contact": "Sam Field, 01234 567890", "trust": ""},
        {"support": "Financial contribution,Advice and guidance", "solution": "A quiet corner at lunch",
         "outcomes": "Calmer afternoons"},
        {"pupils": f"{CHILD} 03/04/2015", "sen_support": 2.0, "ehcp": 1.0, "looked_after": 0.0, "key_stages": "KS2"},
        {"requested_pence": "£2,400", "funding_use": "An assistant for ten weeks", "already_supported": "Small groups",
         "attachments": "https://kent.sharepoint.example/sites/abbey/plan.docx"},
    ]  # fmt: skip
    return [{k: changed.get(k, v) for k, v in card.items()} for card in cards]


def write(bench: Bench, directory: Directory, mail: str, **changed: Any) -> Answer:
    """From the first card to the check."""
    asked(bench, "I want to ask for support", mail)
    for step, card in enumerate(filled(directory, **changed)):
        said = press(bench, mail, GO, step=step, to=step + 1, **card)
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
    assert "(Mend: " in check
    assert count(desk) == 0


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
    assert "1500" in shown(desk, press(desk, senco(directory), GO, step=0, to=3))


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
        assert state == State.ACCEPTED
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
        assert "I know of no request" in asked(desk, sentence, mail).as_text()
    assert "cannot" in press(desk, mail, "withdraw", request_id=R1, reason="x").as_text().casefold()
