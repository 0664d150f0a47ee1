"""Personal data: another key while the service runs, deletion on time and its proof, what is held about one person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, insert, select, update

from casework import tables
from casework.booking import Wish, book, note_of
from casework.desk import CONSOLE, Desk, Mailboxes, Work
from casework.drafts import draft_of, save_draft
from casework.errors import InputRefused, NeedsAttention
from casework.forgetting import forgotten_before, proof, retention
from casework.journal import broken_links
from casework.pupils import read_pupils
from casework.request_moves import withdraw_request
from casework.resealing import reseal
from casework.sealing import Sealer
from casework.subject_access import about_adult, about_child, as_json
from casework.surgery_record import publish
from casework.sweep import sweep
from communities.calendars import at_london
from communities.continuum import OTHER
from communities.directory import Directory, Role
from communities.surgeries import Surgery
from service.privacy_cli import as_page
from tests.conftest import KEY, Bench, begun
from tests.test_chat import senco
from tests.test_record import arrive, home, set_up

R1 = "R-2026-0001"
NEW_KEY = Fernet.generate_key()
ZEBEDEE = "Zebedee Quill"


@begun
def lived(bench: Bench, directory: Directory) -> None:
    """A request that names a child in its text as well, amended once; a draft; a booking with a note."""
    set_up(bench, directory)
    arrive(bench, solution="A quiet corner for Zebedee at lunch")
    arrive(bench, solution="A quiet corner for Zebedee and friends")
    adviser = directory.people_with(Role.SEN_IA, home(directory))[0].mail
    with bench.desk.work() as work:
        save_draft(work, senco(directory), {"pupils": "Zebedee Quill 03/04/2015"})
        surgery = Surgery(starts_at=at_london(date(2026, 11, 20), time(14)), slots=3)
        surgery_id = publish(work, adviser, surgery, adviser)
        school = directory.schools_of(home(directory))[0].name
        wish = Wish(surgery_id=surgery_id, slot=1, school=school, theme=OTHER, note="About attendance")
        book(work, wish, senco(directory))


def with_keys(bench: Bench, *keys: bytes) -> Desk:
    """The same record with other keys configured."""
    return Desk(
        engine=bench.desk.engine, clock=bench.clock, sealer=Sealer(keys), mailboxes=Mailboxes(desk="d@x.example"),
        enqueue=lambda *_: None,
    )  # fmt: skip


def test_after_resealing_the_new_key_alone_opens_everything(lived: Bench, directory: Directory) -> None:
    done = reseal(with_keys(lived, NEW_KEY, KEY), "test")
    assert {r.table: r.resealed for r in done} == {"pupils": 1, "amendments": 1, "drafts": 1, "bookings": 1}
    assert [r.resealed for r in reseal(with_keys(lived, NEW_KEY, KEY), "test")] == [0, 0, 0, 0]
    with with_keys(lived, NEW_KEY).work() as work:
        assert read_pupils(work, R1, "test").pupils[0].name == ZEBEDEE
        assert draft_of(work, senco(directory)) == {"pupils": "Zebedee Quill 03/04/2015"}
        assert note_of(work, work.conn.execute(select(tables.bookings)).one()) == "About attendance"
    with pytest.raises(NeedsAttention, match="is not configured"), with_keys(lived, KEY).work() as work:
        read_pupils(work, R1, "test")


def test_without_the_key_it_was_sealed_with_nothing_is_lost(lived: Bench) -> None:
    with pytest.raises(NeedsAttention, match="is not configured"):
        reseal(with_keys(lived, NEW_KEY), "test")
    with lived.desk.work() as work:
        assert read_pupils(work, R1, "test").pupils[0].name == ZEBEDEE


@pytest.mark.parametrize(
    ("today", "months", "before"),
    [
        (date(2028, 8, 31), 12, date(2026, 9, 1)), (date(2028, 9, 1), 12, date(2027, 9, 1)),
        (date(2027, 9, 1), 12, date(2026, 9, 1)), (date(2027, 9, 1), 1, date(2026, 9, 1)),
        (date(2027, 10, 1), 1, date(2027, 9, 1)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_request_is_kept_so_many_months_after_its_academic_year(
    bench: Bench, today: date, months: int, before: date
) -> None:
    bench.desk.keep_months = months
    bench.at(today)
    with bench.desk.work() as work:
        assert forgotten_before(work) == at_london(before, datetime.min.time())


def test_what_is_over_is_forgotten_on_time_and_never_before(lived: Bench, directory: Directory) -> None:
    with lived.desk.work() as work:
        withdraw_request(work, R1, "They moved.", CONSOLE)
    lived.at(date(2028, 8, 30))
    sweep(lived.desk)
    with lived.desk.work() as work:
        assert read_pupils(work, R1, "test").pupils[0].name == ZEBEDEE
        assert [r.forgotten for r in retention(work)] == [0, 1, 1], "the draft and the note after ninety days"
    lived.at(date(2028, 9, 1))
    sweep(lived.desk)
    with lived.desk.work() as work:
        data = read_pupils(work, R1, "test")
        assert (data.pupils, data.written, data.attachments) == ([], "", [])
        assert work.conn.execute(select(func.count()).select_from(tables.amendments)).scalar_one() == 0
        said = work.conn.execute(select(tables.requests.c.submission)).scalar_one()
        assert said["solution"] == "A quiet corner for [pupil] and friends"
        assert list(broken_links(work.conn)) == []
        assert everything_open(work).count("Zebedee") == 0
    lived.at(date(2028, 9, 4))
    with lived.desk.work() as work:
        assert [(r.kept, r.forgotten, r.overdue) for r in retention(work)] == [(0, 1, 0), (0, 1, 0), (0, 1, 0)]
        assert proof(work) == (1, [])


def everything_open(work: Work) -> str:
    """Every row of every table as text, sealed columns opened."""
    said = []
    for table in tables.metadata.sorted_tables:
        for row in work.conn.execute(select(table)):
            said += [work.desk.sealer.open_bytes(v).decode() if _is_sealed(v) else str(v) for v in row]
    return "\n".join(said)


def _is_sealed(value: object) -> bool:
    return isinstance(value, bytes) and value.startswith(b"gAAAA")


def test_a_request_that_is_not_over_is_kept_however_old(lived: Bench) -> None:
    lived.at(date(2030, 9, 4))
    sweep(lived.desk)
    with lived.desk.work() as work:
        assert read_pupils(work, R1, "test").pupils[0].name == ZEBEDEE
        assert proof(work) == (0, [])


def test_what_should_be_gone_and_is_not_is_found(lived: Bench) -> None:
    with lived.desk.work() as work:
        withdraw_request(work, R1, "They moved.", CONSOLE)
    lived.at(date(2028, 9, 10))
    with lived.desk.work() as work:
        assert [r.overdue for r in retention(work)] == [1, 1, 1]
        assert proof(work) == (1, [R1])
        opened = select(tables.journal.c.details).where(tables.journal.c.command == "prove what was forgotten")
        assert work.conn.execute(opened).scalar_one() == {"opened": 1, "left": 1}


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize(
    ("name", "born", "is_found"),
    [
        ("Zebedee Quill", None, True), ("quill, zebedee", None, True), ("Zebedée  QUILL", None, True),
        ("Zebedee Quil", None, True), ("Zebedee Quill", date(2015, 4, 3), True),
        ("Zebedee Quill", date(2014, 4, 3), False),
        ("Zebedee Ward", None, False), ("Ann Other", None, False),
    ],
)  # fmt: skip
def test_a_child_is_found_however_the_name_is_written_and_nobody_else(
    lived: Bench, name: str, born: date | None, is_found: bool
) -> None:
    with lived.desk.work() as work:
        found = about_child(work, name, born)
    assert [r["request"] for r in found["requests"]] == ([R1] if is_found else [])
    if is_found and born is None and "Quil " not in f"{name} ":
        assert (len(found["amendments"]), len(found["drafts"])) == (1, 1)


def test_a_child_named_in_a_note_or_in_another_requests_text_is_found(lived: Bench) -> None:
    """What was written before the desk refused names there, or with a name it did not see."""
    requests, bookings = tables.requests, tables.bookings
    with lived.desk.work() as work:
        said = work.conn.execute(select(requests.c.submission).where(requests.c.id == R1)).scalar_one()
        named = {**said, "outcomes": "Shared with Ann Other at lunch"}
        work.conn.execute(update(requests).where(requests.c.id == R1).values(submission=named))
        sealed = work.desk.sealer.seal_bytes(b"What next for Ann Other?")
        work.conn.execute(update(bookings).values(note=sealed))
        found = about_child(work, "Ann Other", None)
    assert [t["field"] for t in found["texts_of_other_requests"]] == ["outcomes"]
    assert [n["note"] for n in found["notes_to_surgeries"]] == ["What next for Ann Other?"]
    assert found["requests"] == []


def test_a_search_by_one_name_alone_is_refused(lived: Bench) -> None:
    with pytest.raises(InputRefused, match="family name"), lived.desk.work() as work:
        about_child(work, "Zebedee", None)


def test_looking_for_a_child_is_journaled_without_the_name(lived: Bench) -> None:
    with lived.desk.work("the officer") as work:
        about_child(work, ZEBEDEE, None)
        rows = work.conn.execute(select(tables.journal).order_by(tables.journal.c.number.desc()).limit(2)).all()
    assert [(r.actor, r.command) for r in rows] == [
        ("the officer", "read pupils' data"), ("the officer", "search pupils' data"),
    ]  # fmt: skip
    assert "Zebedee" not in str(rows)


def test_an_adult_gets_every_row_that_names_them(lived: Bench, directory: Directory) -> None:
    mail = senco(directory)
    with lived.desk.work() as work:
        work.conn.execute(insert(tables.interests).values(request_id=R1, mail=mail.casefold(), reason="x"))
        work.conn.execute(update(tables.requests).values(sender=mail))
        found = about_adult(work, mail.upper())
        assert about_adult(work, "nobody@elsewhere.example") == {}
    assert {"people", "drafts", "bookings", "interests", "requests"} <= set(found)
    assert found["drafts"][0]["sealed"] == "sealed"
    assert all(mail.casefold() in str(row).casefold() for rows in found.values() for row in rows)
    with pytest.raises(InputRefused, match="no mail address"), lived.desk.work() as work:
        about_adult(work, "Sam")


def test_the_export_reads_as_json_and_as_a_page(lived: Bench) -> None:
    with lived.desk.work() as work:
        found = about_child(work, ZEBEDEE, None)
    told: Mapping[str, Any] = json.loads(as_json(found))
    assert told["requests"][0]["child"] == [{"name": ZEBEDEE, "born": "2015-04-03"}]
    page = as_page("About <b>", found)
    assert "&lt;b&gt;" in page
    assert ZEBEDEE in page
