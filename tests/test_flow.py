"""The Power Automate flow: run here by a small reader of its expressions, it fills the list as the workbook would."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from casework.errors import InputRefused
from casework.tables import responses
from forms_ingest.list_item import COLUMNS
from forms_ingest.values import read_text
from graph_sync.intake import RESPONSES_LIST
from service.flow_package import filled, load_flow, package, questions, read_question_ids
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from tests.conftest import START, World
from tests.console import begin, cos
from tests.test_sync import deliver

IDS = {field: f"r{number:032x}" for number, field in enumerate(questions(), 1)}
TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\w+|\?\[|[\[\](),])")


class Expression:
    """What the flow's expressions use of the Workflow Definition Language."""

    def __init__(self, text: str, outputs: Mapping[str, Any], trigger: Mapping[str, Any]) -> None:
        self.tokens, self.at = TOKEN.findall(text), 0
        self.outputs, self.trigger = outputs, trigger

    def value(self) -> Any:
        token = self.take()
        if token.startswith("'"):
            found: Any = token[1:-1].replace("''", "'")
        elif token.isdecimal():
            found = int(token)
        else:
            found = self.call(token)
        while self.at < len(self.tokens) and self.tokens[self.at] == "?[":
            self.take()
            key = self.value()
            assert self.take() == "]"
            found = None if found is None else self.path(found, key)
        return found

    def call(self, name: str) -> Any:
        assert self.take() == "("
        arguments = []
        while self.tokens[self.at] != ")":
            arguments.append(self.value())
            if self.tokens[self.at] == ",":
                self.take()
        self.take()
        return getattr(self, f"do_{name}")(*arguments)

    def take(self) -> str:
        self.at += 1
        return str(self.tokens[self.at - 1])

    @staticmethod
    def path(found: Any, key: str) -> Any:
        for part in key.split("/"):
            found = None if found is None else found.get(part)
        return found

    def do_outputs(self, action: str) -> Any:
        return self.outputs[action]

    def do_triggerOutputs(self) -> Any:
        return self.trigger

    def do_coalesce(self, *values: Any) -> Any:
        return next((v for v in values if v is not None), None)

    def do_take(self, text: str, count: int) -> str:
        return text[:count]

    def do_concat(self, *parts: Any) -> str:
        return "".join(map(str, parts))

    def do_startsWith(self, text: str, start: str) -> bool:
        return text.startswith(start)

    def do_if(self, condition: bool, yes: Any, no: Any) -> Any:
        return yes if condition else no

    def do_json(self, text: str) -> Any:
        return json.loads(text) if text.startswith("[") else []

    def do_join(self, parts: list[str], by: str) -> str:
        return by.join(parts)

    def do_formatDateTime(self, written: str, form: str) -> str:
        assert form == "yyyy-MM-ddTHH:mm:ssZ"
        return datetime.strptime(written, "%m/%d/%Y %I:%M:%S %p").strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007


def run(definition: Mapping[str, Any], response_id: int, details: Mapping[str, Any]) -> dict[str, Any]:
    """The item the flow makes of a response: its fields."""
    actions = definition["actions"]
    outputs = {"Question_ids": actions["Question_ids"]["inputs"], "Get_response_details": {"body": details}}
    trigger = {"body": {"resourceData": {"responseId": response_id}}}
    sent = actions["Create_item"]["inputs"]["parameters"]
    return {
        name.removeprefix("item/"): Expression(written.removeprefix("@"), outputs, trigger).value()
        for name, written in sent.items()
        if name.startswith("item/")
    }


def details_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A sample response as 'Get response details' gives it: answers by question, several choices as JSON."""
    at = datetime.fromisoformat(fields["CompletionTime"]) if fields.get("CompletionTime") else START
    details: dict[str, Any] = {"responder": fields.get("SenderMail"), "submitDate": f"{at:%m/%d/%Y %I:%M:%S %p}"}
    for field, key in IDS.items():
        written = read_text(fields.get(COLUMNS[field]))
        several = [p.strip() for p in written.split(";") if p.strip()]
        details[key] = json.dumps(several) if field in ("support", "key_stages") else written or None
    return details


def definition() -> dict[str, Any]:
    return filled(load_flow(), "form", "https://kent.example/sites/communities", "list", IDS)


def test_the_flow_fills_every_column_of_the_list_but_the_senders_name() -> None:
    names = set(run(definition(), 7, dict.fromkeys(IDS.values(), "x") | {"submitDate": "10/5/2026 7:00:00 AM"}))
    assert names == (set(COLUMNS.values()) - {"SenderName"}) | {"Title"}


async def test_responses_by_the_flow_come_to_the_same_as_by_the_workbook(world: World) -> None:
    form = SampleForm(AUTUMN)
    rows = form.due(START.replace(year=2027))
    made = [run(definition(), i["ResponseId"], details_of(i)) for i in form.items(rows)]
    await world.hand.add_items(RESPONSES_LIST, FLOW, made)
    by_flow = await world.office.pull()
    assert sum(by_flow.values()) == 61
    await deliver(world, rows, form, by_list=False)
    assert not sum((await world.office.pull()).values()), "the same by the second way is nothing new"
    with world.desk.work() as work:
        outcomes = [r.outcome for r in work.conn.execute(responses.select())]
    assert {o: outcomes.count(o) for o in set(outcomes)} == {"accepted": 41, "refused": 19, "held": 1}


def test_long_answers_come_whole_but_where_a_column_of_one_line_takes_a_choice() -> None:
    details = dict.fromkeys(IDS.values(), "x" * 300) | {"submitDate": "10/5/2026 7:00:00 AM"}
    fields = run(definition(), 7, details)
    assert len(fields["Community"]) == 255
    assert len(fields["SchoolContact"]) == len(fields["SolutionRequired"]) == 300
    assert fields["CompletionTime"] == "2026-10-05T07:00:00Z"


def answered(**changed: str | None) -> dict[str, Any]:
    """The test response as the steps ask for it."""
    said: dict[str, str | None] = {f: f for f in questions()}
    said |= {"sen_support": "1", "ehcp": "2", "looked_after": "3", "requested_pence": "4", "community": "ABC"}
    said |= {"school": "Abbey School, The", "support": '["Financial contribution"]', "key_stages": '["KS1","KS2"]'}
    return {IDS[f]: v for f, v in (said | changed).items()} | {"responder": "a@x.example", "submitDate": "now"}


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_questions_are_read_out_of_the_test_response(wrapped: bool) -> None:
    body = {"statusCode": 200, "body": answered()} if wrapped else answered()
    assert read_question_ids(body, ["ABC"], ["Abbey School, The"]) == IDS


def test_an_answer_that_is_missing_is_named() -> None:
    with pytest.raises(InputRefused, match="stands for 'trust'"):
        read_question_ids(answered(trust=None, support="[broken"), ["ABC"], ["Abbey School, The"])


def test_the_package_is_whole_and_the_same_for_the_same_form() -> None:
    made = package(load_flow(), definition(), START)
    assert made == package(load_flow(), definition(), START)
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        manifest = json.loads(file.read("manifest.json"))
        flow_id = next(k for k, r in manifest["resources"].items() if r["hierarchy"] == "Root")
        whole = json.loads(file.read(f"Microsoft.Flow/flows/{flow_id}/definition.json"))
        assert all(d in manifest["resources"] for r in manifest["resources"].values() for d in r["dependsOn"])
        for name in ("apisMap", "connectionsMap"):
            mapped = json.loads(file.read(f"Microsoft.Flow/flows/{flow_id}/{name}.json"))
            assert set(mapped) == set(whole["properties"]["connectionReferences"])
            assert set(mapped.values()) <= set(manifest["resources"])
    assert "QUESTION:" not in json.dumps(whole)
    assert '"FORM_ID"' not in json.dumps(whole)


def test_the_command_needs_the_list_and_says_so(tmp_path: Any) -> None:
    begin(tmp_path)
    done = cos("flow", "--form", "f", folder=tmp_path)
    assert done.returncode == 1
    assert "run `cos provision`" in done.stderr
