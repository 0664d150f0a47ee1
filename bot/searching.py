"""The message extension: find a request or a person, and insert a card that may be shown to anybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select

from bot.answers.people import CHAT
from bot.asking import Answer, Asker, asker_of
from bot.cards.answer import answer_card
from bot.turns import Found
from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.letters import spoken_day
from casework.reading import Thing, check_may_read, may_read_request
from casework.schedule import meeting_row
from communities.calendars import london
from communities.directory import Person

MOST = 10
CANDIDATES = 200
"""Requests looked at for one search, the newest first."""


def requests(work: Work, asker: Asker, words: str) -> Sequence[Found]:
    """Requests the person has to do with, the newest first; the card names no person and no pupil."""
    known = tables.requests
    schools, wanted = (known.c.school.in_(asker.schools)), _words(words)
    mine = schools | known.c.community.in_(asker.runs)
    rows = select(known).order_by(known.c.submitted_at.desc(), known.c.id.desc())
    for word in wanted:
        rows = rows.where(known.c.id.icontains(word, autoescape=True) | known.c.school.icontains(word, autoescape=True))
    if not asker.is_county:
        rows = rows.where(mine)
    found = work.conn.execute(rows.limit(CANDIDATES)).all()
    return [_request(work, r) for r in found if may_read_request(work, Thing.REQUEST, r, asker.mail)][:MOST]


def _request(work: Work, row: object) -> Found:
    r: Mapping[str, object] = row._mapping  # type: ignore[attr-defined]  # a row of SQLAlchemy
    meeting = meeting_row(work, str(r["meeting_id"])) if r["meeting_id"] else None
    facts = [("School", str(r["school"])), ("Community", str(r["community"])), ("State", str(r["state"]))]
    if meeting:
        facts.append(("Meeting", spoken_day(london(meeting.starts_at).date())))
    card = answer_card(Answer(title=str(r["id"]), facts=facts), work.now)
    return Found(title=f"{r['id']}: {r['school']}", text=str(r["state"]), card=card)


def people(work: Work, asker: Asker, words: str) -> Sequence[Found]:
    """People of the directory by name, role, school or community; everybody in it may look them up."""
    check_may_read(work, Thing.PEOPLE, asker.mail)
    wanted = _words(words)
    found: dict[tuple[str, str, str], Person] = {}
    for p in directory_of(work).people:
        said = f"{p.name} {p.role} {p.of}".casefold()
        if wanted and all(w in said for w in wanted):
            found.setdefault((p.mail.casefold(), p.role, p.of), p)
    return [_person(work, p) for p in sorted(found.values(), key=lambda p: (p.name, p.of))[:MOST]]


def _person(work: Work, person: Person) -> Found:
    where = f"{person.role}" + (f", {person.of}" if person.of else "")
    answer = Answer(
        title=person.name,
        facts=(("Role", where), ("Mail", person.mail)),
        links=((f"Chat with {person.name}", CHAT + person.mail),),
        is_of_now=False,
    )
    return Found(title=person.name, text=where, card=answer_card(answer, work.now))


def _words(text: str) -> list[str]:
    return [w for w in re.split(r"[\s,]+", text.casefold()[:100]) if w][:6]


Searching = Callable[[Work, Asker, str], Sequence[Found]]
SEARCHES: Mapping[str, Searching] = {"requests": requests, "people": people}
"""Command of the message extension to what it finds."""


def search(work: Work, mail: str, command: str, words: str) -> Sequence[Found]:
    """What a command finds for a person; nothing for one the app has not."""
    searching = SEARCHES.get(command)
    return searching(work, asker_of(work, mail), words) if searching else ()
