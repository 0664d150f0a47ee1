"""No secret and no child is in the `repr` or `str` of anything: one f-string would be enough for the log."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
from pydantic import BaseModel

from tests.test_expressions import modules

SECRET = re.compile(r"secret|password|token|client_state|database_url|^keys?$|_keys$|^pupils(_written)?$|born", re.I)
OF_A_CHILD = re.compile(r"^Pupil")
PUBLIC = {
    "bot.callers.Callers.keys": "Microsoft's own, which everybody may have",
    "bot.tab.sign_in.SignIn.keys": "Microsoft's own, which everybody may have",
    "bot.keys.SigningKey.key": "a public key",
    "casework.ports.EventDraft.key": "an effect's",
    "casework.ports.MailDraft.key": "an effect's",
    "casework.ports.DecisionAsk.pupils": "how many",
    "communities.headings.Headings.keys": "names of columns",
    "communities.notional.Payments.pupils": "how many",
    "forms_ingest.questions.Asked.key": "a response's",
    "papers.agenda.AgendaRequest.pupils": "how many",
    "service.settings.Settings.pupil_keys_file": "where they are",
    "service.settings.Settings.pupil_keys_vault": "where they are",
}
"""Named like one, and none."""


def fields_of(kind: type) -> Mapping[str, str]:
    """A class's fields and their types' names; none for a class that has no such."""
    if dataclasses.is_dataclass(kind):
        return {f.name: str(f.type) for f in dataclasses.fields(kind)}
    if issubclass(kind, BaseModel):
        return {name: str(f.annotation) for name, f in kind.model_fields.items()}
    if issubclass(kind, msgspec.Struct):
        return {f.name: str(f.type) for f in msgspec.structs.fields(kind)}
    return dict.fromkeys(getattr(kind, "_fields", ()), "") if issubclass(kind, tuple) else {}


def holders() -> Iterator[tuple[str, type, list[str]]]:
    """Every class that has a secret field, with those."""
    for module in modules():
        for kind in [v for v in vars(module).values() if isinstance(v, type) and v.__module__ == module.__name__]:
            place, fields = f"{module.__name__}.{kind.__name__}", fields_of(kind)
            named = [f for f, said in fields.items() if SECRET.search(f) or OF_A_CHILD.search(kind.__name__)
                     or re.search(r"\bPupil\b", said)]  # fmt: skip
            if found := [f for f in named if f"{place}.{f}" not in PUBLIC]:
                yield place, kind, found


def filled(kind: type) -> Any:
    """One whose every field says its own name."""
    values = {name: f"hunter22-{name};" for name in fields_of(kind)}
    if issubclass(kind, BaseModel):
        return kind.model_construct(**values)
    if issubclass(kind, msgspec.Struct | tuple):
        return kind(**values)
    one = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(one, name, value)
    return one


HOLDERS = {place: (kind, found) for place, kind, found in holders()}


def test_the_known_holders_are_among_those_found() -> None:
    known = {"service.settings.Settings", "bot.adapter.BotCredentials", "bot.tab.sign_in.SignIn",
             "graph_sync.notifications.Known", "communities.requests.Pupil", "casework.sealing.PupilData"}  # fmt: skip
    assert known <= set(HOLDERS)


@pytest.mark.parametrize("place", HOLDERS)
def test_no_secret_is_said(place: str) -> None:
    kind, secret = HOLDERS[place]
    one = filled(kind)
    for said in (repr(one), str(one), f"{one}", f"{[one]}"):
        assert [name for name in secret if f"hunter22-{name};" in said] == []
