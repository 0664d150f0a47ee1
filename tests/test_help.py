"""Help names everything a role can do, and nothing it cannot; whoever is given the app is greeted once."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from bot.answers.help import CATALOGUE, Holds, lines_for
from bot.answers.smalltalk import EXAMPLES
from bot.asking import Answer
from bot.behaviours import ANSWERS
from bot.cards.answer import MOST_ACTIONS
from bot.chat import Place, talk
from bot.turns import Kind, Reply, Scope, Turn
from casework.desk import Work
from casework.directory_record import directory_of, object_id_of
from casework.sweep import sweep
from communities.directory import Directory, Role
from forms_ingest.request_for_support import read_response
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, World, begun
from tests.test_chat import asked, senco
from tests.test_moves import clerk
from tests.test_record import arrive, chair, home, one_waiting, set_up
from tests.test_sync import COMMUNITY

waiting = begun(one_waiting)


REFUSALS = (
    "That cannot be done", "Requests are sent by schools", "That is for schools", "No report waits for you",
    "You have no tasks here", "Services are evaluated by schools", "Which school do you mean?", "is for its own",
    "did not understand", "Did you mean",
)  # fmt: skip


def adviser(directory: Directory) -> str:
    return directory.people_with(Role.SEN_IA, home(directory))[0].mail


def moderator(directory: Directory) -> str:
    return directory.people_with(Role.MODERATOR)[0].mail


PEOPLE = {Holds.SCHOOL: senco, Holds.CLERK: clerk, Holds.CHAIR: chair, Holds.ADVISER: adviser, Holds.COUNTY: moderator}


def test_every_intent_is_in_the_catalogue() -> None:
    assert {line.intent for line in CATALOGUE} == set(ANSWERS) - {"help", "thanks", "elsewhere"}
    assert set(ANSWERS) == set(EXAMPLES)


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("held", Holds)
def test_what_help_names_is_answered_to_that_role(bench: Bench, directory: Directory, held: Holds) -> None:
    set_up(bench, directory)
    arrive(bench)
    mail = PEOPLE[held](directory)
    refused = {}
    for line in lines_for([held]):
        said = fresh(bench, f"{line.sentence}", mail, directory)
        if any(refusal in said.as_text() for refusal in REFUSALS):
            refused[line.title] = said.title
    assert refused == {}


def fresh(bench: Bench, sentence: str, mail: str, directory: Directory) -> Answer:
    """Asked without a conversation; whoever has several communities names one where they are asked which."""
    with bench.desk.work() as work:
        said = talk(work, sentence, mail, Place(), read_response).answer
        if said.title.startswith("Which") and "communit" in said.title:
            said = talk(work, f"{sentence} for {home(directory)}", mail, Place(), read_response).answer
        return said


@pytest.mark.parametrize(
    ("held", "titles"),
    [
        (
            Holds.SCHOOL,
            {"Send a request", "Change a request", "Withdraw a request", "Send apologies", "Book a surgery"},
        ),
        (Holds.CLERK, {"My tasks", "Take the register", "Read or write the minutes", "Actions", "Send a request"}),
        (Holds.CHAIR, {"What I have to decide", "My tasks", "Community budget", "Reports to sign", "Actions"}),
    ],
)
def test_help_shows_the_main_jobs_of_a_role(bench: Bench, directory: Directory, held: Holds, titles: set[str]) -> None:
    set_up(bench, directory)
    said = asked(bench, "help", PEOPLE[held](directory))
    assert titles <= {title for title, _ in said.facts}
    assert len(said.choices) == MOST_ACTIONS
    assert {title for title, _ in said.choices} <= {title for title, _ in said.facts}
    if held is Holds.CLERK:
        assert "My school's requests" not in {title for title, _ in said.facts}


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("sentence", ["order me a pizza", "asdf jkl", "start over", "yes", "what about Canterbury S3"])
def test_who_is_not_understood_is_shown_what_can_be_done(bench: Bench, directory: Directory, sentence: str) -> None:
    set_up(bench, directory)
    said = asked(bench, sentence, senco(directory))
    assert len(said.choices) >= 3
    for title, offered in said.choices:
        answer = fresh(bench, offered, senco(directory), directory)
        assert "did not understand" not in answer.title, title


def install(work: Work, mail: str, kind: Kind = Kind.INSTALLED, scope: Scope = Scope.PERSONAL) -> Turn:
    object_id = object_id_of(work, mail) or ""
    return Turn(kind=kind, object_id=object_id, scope=scope, reference={"conversation": {"id": f"a:{mail}"}})


async def test_whoever_is_given_the_app_is_greeted_once_though_teams_says_it_twice(world: World) -> None:
    with world.desk.work() as work:
        mail = directory_of(work).people_with(Role.SENCO, directory_of(work).schools_of(COMMUNITY)[0].name)[0].mail
        turn, gone = install(work, mail), install(work, mail, Kind.REMOVED)
        in_group = install(work, mail, scope=Scope.GROUP)
    replies: list[Reply] = list(await asyncio.gather(*(world.office.router(turn) for _ in range(2))))
    (card,) = [c for r in replies for c in r.cards]
    said = card_as_text(card)
    assert "I am CoS Desk" in said
    assert "Send a request" in said
    assert (await world.office.router(turn)).cards == ()
    assert (await world.office.router(in_group)).cards == ()
    await world.office.router(gone)
    assert len((await world.office.router(turn)).cards) == 1


async def test_a_stranger_who_is_given_the_app_is_not_greeted_as_somebody(world: World) -> None:
    turn: Any = Turn(kind=Kind.INSTALLED, object_id="nobody", reference={"conversation": {"id": "a:x"}})
    assert (await world.office.router(turn)).cards == ()


def test_the_minutes_of_help_are_the_clerks_card(waiting: Bench, directory: Directory) -> None:
    waiting.at(date(2026, 11, 6))
    sweep(waiting.desk)
    line = next(x for x in lines_for([Holds.CLERK]) if x.intent == "minutes")
    assert "Minutes of" in fresh(waiting, line.sentence, clerk(directory), directory).title
