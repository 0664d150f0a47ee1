"""Edits of lists between two pulls: each is whoever's made it, and nothing is carried out in another's name.

Saves, pulls and our own writes in any order, over all columns of every list people work in, with versions and without.
The list's side is the local tenant's own item; there is no server in between.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from casework import kcc_section, side_lists, surgery_list, tables, working_list
from casework.asking_kcc import ask
from casework.decide import decide, decision_row
from casework.desk import Work
from casework.etags import is_same_state
from casework.forward import _forwarded as mark_forwarded
from casework.list_values import read_amount
from casework.moderate import moderation_row
from casework.ports import LastSeen, ListEdit, ListItem, Person
from casework.question_list import SIDE as QUESTIONS
from casework.request_moves import pay_request, payment_row
from casework.request_record import request_row
from casework.surgery_list import SIDE as SURGERIES
from communities.directory import Directory
from communities.overrides import Override
from communities.questions import Part
from graph_sync import list_history
from graph_sync.list_history import Editor, SavedItem, Version, history, identity_key
from graph_sync.provision import load_lists
from local_tenant.state import APPLICATION
from local_tenant.state import ListItem as SharePointItem
from tests.conftest import Bench
from tests.test_moves import R1
from tests.test_record import approve, chair
from tests.test_roles import desk, who, work_of

__all__ = ["desk"]
EDITORS = ("moderator", "clerk", "chair")
SEARCH = settings(max_examples=3_000, deadline=None, database=None, phases=[Phase.generate], derandomize=True)
"""For one script that shows a fault, whichever."""

EXAMPLES = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Shared(ABC):
    """One item of a list as SharePoint keeps it, and the record that follows it."""

    def __init__(self, work: Work, fields: Mapping[str, Any], people: Mapping[str, str], *, versions: bool) -> None:
        plain = {n: v for n, v in fields.items() if not isinstance(v, Person) and v is not None}
        self.work, self.people, self.keeps_versions = work, people, versions
        self.item = SharePointItem("7", "guid", plain, "", "", APPLICATION, APPLICATION)
        self.item.keep_version(in_place=False)
        self.saves: list[tuple[str, dict[str, Any]]] = []
        self.screens: list[tuple[str, dict[str, Any]]] = []
        self.on_its_way: ListItem | None = None

    def save(self, editor: str, changed: Mapping[str, Any]) -> None:
        """Somebody saves these columns in the browser."""
        mail = self.people[editor]
        self._saved(changed, {"user": {"id": f"id of {mail}", "email": mail}})
        self.saves.append((mail, dict(changed)))
        self.screens.append((mail, dict(self.item.fields)))

    def on(self) -> None:
        """An owner switches versions on, or off."""
        self.keeps_versions = True

    def off(self) -> None:
        self.keeps_versions = False

    def _saved(self, changed: Mapping[str, Any], by: Mapping[str, Any]) -> None:
        self.item.fields.update({n: v for n, v in changed.items() if not isinstance(v, Person)})
        self.item.version, self.item.modified_by = self.item.version + 1, dict(by)
        self.item.keep_version(in_place=not self.keeps_versions)

    def read(self, seen: Any) -> ListItem:
        """As the sync reads it, with versions or without."""
        by, item = self.item.modified_by, self.item
        saved = SavedItem(id=item.id, etag=item.etag, fields=dict(item.fields), last_modified_by=by)
        kept = [Version(id=f"{v.number}.0", fields=v.fields, last_modified_by=v.modified_by) for v in item.versions]
        who_is = {}
        for version in (*kept, saved):
            key = identity_key(version.last_modified_by, version.fields)
            is_us = key[0] == APPLICATION["application"]["id"]
            who_is[key] = Editor(mail="" if is_us else key[1], is_us=is_us)
        return history(saved, kept, seen, who_is)

    def written(self, fields: Mapping[str, Any]) -> ListItem:
        """We write it."""
        self._saved(fields, APPLICATION)
        return ListItem(id="7", etag=self.item.etag, fields=fields)

    @abstractmethod
    def take(self, item: ListItem) -> None:
        """What was read comes to the record."""

    @abstractmethod
    def seen(self) -> LastSeen | None:
        """How the record saw the item last."""

    def pull(self) -> None:
        """It is read where it changed, and taken at once."""
        self.begin()
        self.end()

    def catch_up(self) -> None:
        """A write of ours reads and takes what was saved meanwhile; a pull under way goes on."""
        seen = self.seen()
        if seen is None or not is_same_state(seen.etag, self.item.etag):
            self.take(self.read(seen))

    def begin(self) -> None:
        """A pull reads it; what it read is taken later, whatever happens in between."""
        seen = self.seen()
        is_news = seen is None or not is_same_state(seen.etag, self.item.etag)
        self.on_its_way = self.read(seen) if is_news else None

    def end(self) -> None:
        """What the pull read is taken."""
        if self.on_its_way is not None:
            self.take(self.on_its_way)
        self.on_its_way = None


class WorkingItem(Shared):
    """Of 'Requests for Support'."""

    def take(self, item: ListItem) -> None:
        working_list.take_edit(self.work, item)

    def seen(self) -> LastSeen | None:
        return working_list.known_items(self.work)["7"]

    def write(self) -> None:
        """Our own write, which reads first what was saved meanwhile, as `write_list` does."""
        self.catch_up()
        fields = working_list.fields_of(self.work, R1)
        working_list._keep_written(self.work, R1, self.written(fields))
        effects = tables.effects
        self.work.conn.execute(effects.update().where(effects.c.kind == "list.write").values(state="done"))


class SideItem(Shared):
    """Of a list beside it."""

    side: side_lists.SideList

    def take(self, item: ListItem) -> None:
        side_lists.take_edit(self.work, self.side, item)

    def seen(self) -> LastSeen | None:
        return side_lists.known_items(self.work, self.side.name).get("7")

    def write(self) -> None:
        self.catch_up()
        subject = side_lists._known(self.work, self.side.name, "7").subject  # type: ignore[union-attr]
        fields, _, _ = side_lists._to_write(self.work, self.side, subject or "item:7")
        side_lists._keep_written(self.work, self.side.name, self.written(fields))


def column_values(key: str) -> dict[str, st.SearchStrategy[Any]]:
    """For each column of a list, what somebody may save there."""
    made: dict[str, st.SearchStrategy[Any]] = {}
    for column in load_lists()[key]["columns"]:
        if "number" in column or "currency" in column:
            made[column["name"]] = st.sampled_from([3, 5, 899.99, 900, 900.01, 250_000, 0, None])
        elif "boolean" in column:
            made[column["name"]] = st.sampled_from([True, True, False])
        elif "dateTime" in column:
            days = ["2026-11-03T00:00:00Z", "2026-12-11T09:00:00Z", "2026-12-17T13:00:00Z"]
            made[column["name"]] = st.sampled_from([None, *days])
        elif "choice" in column:
            made[column["name"]] = st.sampled_from(column["choice"]["choices"])
        elif "text" in column:
            made[column["name"]] = st.integers(0, 99).map("text {}".format)
    return made


def scripts(key: str, editors: tuple[str, ...], often: tuple[str, ...]) -> st.SearchStrategy[list[Any]]:
    """Saves of one or several columns by three editors, pulls and our own writes, in any order."""
    values = column_values(key)
    names = st.one_of(
        st.sampled_from(often), st.sampled_from(often), st.sampled_from(often), st.sampled_from([*values])
    )
    columns = st.lists(names, min_size=1, max_size=4, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({n: values[n] for n in chosen})
    )
    save = st.tuples(st.sampled_from(editors), columns)
    return st.lists(
        st.one_of(save, save, save, st.sampled_from(["pull", "write", "begin", "end"])), min_size=2, max_size=12
    )


def played(shared: Any, script: list[Any]) -> None:
    for step in [*script, "end", "pull", "write", "pull"]:
        if isinstance(step, str):
            getattr(shared, step)()
        else:
            shared.save(*step)


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def forwarded(desk: Bench, directory: Directory) -> Bench:
    """A request of £900 that was approved and went to KCC."""
    with desk.desk.work() as work:
        decide(work, R1, approve(900), chair(directory))
        mark_forwarded(work, R1)
        known = {"request_id": R1, "item_id": "7", "etag": '"guid,1"', "version": "1.0"}
        work.conn.execute(tables.list_items.insert().values(known))
        work.conn.execute(tables.effects.update().values(state="done"))
    desk.at(date(2026, 12, 15))
    return desk


def rolled_back(bench: Bench) -> Iterator[Connection]:
    with bench.desk.engine.connect() as conn:
        yield conn
        conn.rollback()


def last_words(script: list[Any], editor: str, column: str) -> set[Any]:
    """What somebody said last of a column in each run of their saves that nothing interrupted."""
    said: list[Any] = []
    is_going_on = False
    for step in script:
        if isinstance(step, str) or step[0] != editor:
            is_going_on = False
        elif column in step[1]:
            said[-1 if is_going_on else len(said) :] = [step[1][column]]
            is_going_on = True
    return {*said}


MONEY = ("FinalAmount", "KccModerated", "DateProcessed", "AmountPaid", "DatePaid")


@pytest.mark.parametrize("versions", [True, False])
@EXAMPLES
@given(script=scripts("requests", EDITORS, MONEY))
def test_no_amount_is_recorded_in_anothers_name_or_above_what_was_agreed(
    forwarded: Bench, directory: Directory, versions: bool, script: list[Any]
) -> None:
    check_money(forwarded, directory, versions, script)


@pytest.mark.parametrize("versions", [True, False])
def test_what_was_read_before_our_own_write_is_nobodys_edit(
    forwarded: Bench, directory: Directory, versions: bool
) -> None:
    people = {role: who(role, directory) for role in EDITORS}
    for conn in rolled_back(forwarded):
        work = work_of(forwarded, conn)
        shared = WorkingItem(work, working_list.fields_of(work, R1), people, versions=versions)
        working_list._keep_written(work, R1, ListItem(id="7", etag=shared.item.etag, fields=shared.item.fields))
        shared.save("moderator", {"FinalAmount": 900, "KccModerated": True, "DateProcessed": "2026-12-14T00:00:00Z"})
        shared.begin()
        shared.write()
        shared.end()
        shared.pull()
        assert moderation_row(work, R1).final_pence == 90_000
        assert request_row(work, R1).note == ""
        assert working_list.known_items(work)["7"].etag == shared.item.etag


def test_nobody_is_told_of_a_column_they_did_not_change(forwarded: Bench, directory: Directory) -> None:
    """An owner deleted a column and it was made anew: it is empty, and no version says that it ever was not."""
    people = {role: who(role, directory) for role in EDITORS}
    for conn in rolled_back(forwarded):
        work = work_of(forwarded, conn)
        shared = WorkingItem(work, working_list.fields_of(work, R1), people, versions=True)
        working_list._keep_written(work, R1, ListItem(id="7", etag=shared.item.etag, fields=shared.item.fields))
        for fields in (shared.item.fields, *(v.fields for v in shared.item.versions)):
            fields.pop("Meeting")
        shared.save("moderator", {"KccModerated": True})
        shared.pull()
        assert request_row(work, R1).note == ""
        assert working_list._is_behind(work, R1), "the column is filled in again"
        shared.write()
        assert shared.item.fields["Meeting"] == working_list.fields_of(work, R1)["Meeting"]


def by_the_last_editor(
    item: SavedItem, versions: Sequence[Version], seen: LastSeen | None, who_is: Mapping[Any, Editor]
) -> ListItem:
    """The wrong way: everything since it was seen is the edit of whoever saved it last."""
    read = list_history.history(item, versions, seen, who_is)
    last = who_is[identity_key(item.last_modified_by, item.fields)]
    return replace(read, edits=tuple(replace(edit, by=last.mail, is_ours=last.is_us) for edit in read.edits))


def without_a_cap(work: Work, request_id: str, new: Mapping[str, Any], edit: ListEdit, is_moderated: bool) -> None:
    """The wrong way: any amount is paid once a final amount is recorded."""
    if is_moderated and payment_row(work, request_id) is None and new.get("AmountPaid") is not None:
        allowed = Override(allowed_by=edit.by, reason="Nobody asked")
        pay_request(work, request_id, read_amount("Amount paid", new["AmountPaid"]), work.today, edit.by, allowed)


@pytest.mark.parametrize(
    ("module", "name", "wrong"),
    [(sys.modules[__name__], "history", by_the_last_editor), (kcc_section, "_payment", without_a_cap)],
    ids=["all edits are the last editor's", "no cap on paid"],
)
def test_the_rules_about_money_are_seen_to_be_broken(
    forwarded: Bench, directory: Directory, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, wrong: Any
) -> None:
    """Broken on purpose, so that the test above is known to notice."""
    monkeypatch.setattr(module, name, wrong)

    def is_noticed(script: list[Any]) -> bool:
        try:
            check_money(forwarded, directory, True, script)
        except AssertionError:
            return True
        return False

    assert find(scripts("requests", EDITORS, MONEY), is_noticed, settings=SEARCH)


def check_money(forwarded: Bench, directory: Directory, versions: bool, script: list[Any]) -> None:
    """What must hold of the money after a script."""
    people = {role: who(role, directory) for role in EDITORS}
    for conn in rolled_back(forwarded):
        work = work_of(forwarded, conn)
        before = conn.execute(select(func.max(tables.journal.c.number))).scalar() or 0
        shared = WorkingItem(work, working_list.fields_of(work, R1), people, versions=versions)
        fields = working_list.fields_of(work, R1)
        working_list._keep_written(work, R1, ListItem(id="7", etag=shared.item.etag, fields=fields))
        played(shared, script)
        final, paid = moderation_row(work, R1), payment_row(work, R1)
        theirs = [changed for mail, changed in shared.saves if mail == people["moderator"]]
        if final is not None:
            assert final.final_pence <= decision_row(work, R1).amount_pence
            assert final.final_pence in {
                round(c["FinalAmount"] * 100) for c in theirs if c.get("FinalAmount") is not None
            }
            assert True in last_words(script, "moderator", "KccModerated")
            seen = [s for mail, s in shared.screens if mail == people["moderator"]]
            assert any(s.get("KccModerated") and s.get("FinalAmount") == final.final_pence / 100 for s in seen)
            assert final.final_pence / 100 in last_words(script, "moderator", "FinalAmount")
        if paid is not None:
            assert final is not None
            assert paid.paid_pence <= final.final_pence
            assert paid.paid_pence / 100 in last_words(script, "moderator", "AmountPaid")
        journal = tables.journal
        entries = conn.execute(select(journal).where(journal.c.number > before, journal.c.actor != "test")).all()
        assert {e.actor for e in entries} <= {people["moderator"]}
        assert all(working_list.is_same(shared.item.fields.get(n), v)
                   for n, v in working_list.fields_of(work, R1).items()), "the list says the record"  # fmt: skip


@pytest.mark.parametrize("versions", [True, False])
@EXAMPLES
@given(script=scripts("questions", EDITORS, ("Answer", "Published")))
def test_no_answer_is_given_in_anothers_name(
    desk: Bench, directory: Directory, versions: bool, script: list[Any]
) -> None:
    people = {role: who(role, directory) for role in EDITORS}
    for conn in rolled_back(desk):
        work = work_of(desk, conn)
        question = ask(work, next(iter(Part)), "Who pays for transport?", people["chair"])
        shared = SideItem(work, {"Title": question, **QUESTIONS.fields_of(work, question)}, people, versions=versions)
        shared.side = QUESTIONS
        side_lists.keep_item(work, QUESTIONS.name, shared.written(shared.item.fields), question)
        played(shared, script)
        row = conn.execute(select(tables.questions).where(tables.questions.c.id == question)).one()
        assert row.text == "Who pays for transport?"
        if row.answered_by is not None:
            assert row.answered_by == people["moderator"]
            assert row.answer in last_words(script, "moderator", "Answer")
        assert shared.item.fields.get("Answer", "") == row.answer


@pytest.mark.parametrize("versions", [True, False])
@EXAMPLES
@given(script=scripts("surgeries", ("SEN IA", "clerk", "moderator"), ("Starts", "Slots", "MinutesASlot", "Status")))
def test_no_session_is_published_or_called_off_in_anothers_name(
    desk: Bench, directory: Directory, versions: bool, script: list[Any]
) -> None:
    people = {role: who(role, directory) for role in ("SEN IA", "clerk", "moderator")}
    adviser, surgeries = people["SEN IA"], tables.surgeries
    for conn in rolled_back(desk):
        work = work_of(desk, conn)
        before = set(conn.execute(select(surgeries.c.id)).scalars())
        first = next((s for s in script if not isinstance(s, str)), ("SEN IA", {"Slots": 3}))
        shared = SideItem(work, {}, people, versions=versions)
        shared.side = SURGERIES
        shared.item.modified_by = {"user": {"email": people[first[0]]}}
        shared.item.fields, shared.item.versions = dict(first[1]), []
        shared.item.keep_version(in_place=False)
        shared.saves.append((people[first[0]], dict(first[1])))
        shared.pull()
        played(shared, script)
        for row in conn.execute(select(surgeries).where(surgeries.c.id.not_in(before))):
            own = [c for mail, c in shared.saves if mail == adviser]
            assert row.adviser == adviser
            assert {mail for mail, _ in shared.saves[: 1 + shared.saves.index((adviser, own[0]))]} <= {adviser}
            assert surgery_list._moment(row.starts_at.isoformat()) in {
                surgery_list._moment(said) for said in last_words([first, "pull", *script], "SEN IA", "Starts") if said
            }
            if row.state == "Cancelled":
                assert "Cancelled" in last_words(script, "SEN IA", "Status")
