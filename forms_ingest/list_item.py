"""A SharePoint list item's fields into the same answers a workbook row gives.

The columns' internal names are those `cos provision` makes from manifests/sharepoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from communities.headings import Headings, Questions
from communities.requests import Support
from forms_ingest.columns import Answers, FormMapping, read_row

COLUMNS: Mapping[str, str] = {
    "id": "ResponseId",
    "completed": "CompletionTime",
    "sender": "SenderMail",
    "sender_name": "SenderName",
    "community": "Community",
    "school": "School",
    "contact": "SchoolContact",
    "trust": "Trust",
    "solution": "SolutionRequired",
    "outcomes": "ExpectedOutcomes",
    "support": "SupportRequested",
    "pupils": "PupilsAndDatesOfBirth",
    "sen_support": "PupilsOnSenSupport",
    "ehcp": "PupilsWithEhcp",
    "looked_after": "LookedAfterChildren",
    "key_stages": "KeyStage",
    "funding_use": "FundingUse",
    "requested_pence": "TotalFundingRequest",
    "already_supported": "AlreadySupported",
    "signature": "ESignature",
}
"""Field of the form to internal column name."""


ListFields: Any = msgspec.defstruct(
    "ListFields",
    [(field, Any, msgspec.field(default=None, name=column)) for field, column in COLUMNS.items()],
    namespace={"__repr__": lambda _: "ListFields(...)"},
)
"""An item's `fields` as they are decoded: a column of the list into the form's field, whatever stands in it."""


def answers_of(fields: Any) -> Answers:
    """Answers from a list item's decoded `ListFields`; several choices arrive as a list."""
    answers: dict[str, Any] = msgspec.structs.asdict(fields)
    if list in map(type, answers.values()):
        return {field: _joined(value) for field, value in answers.items()}
    return answers


def _joined(value: Any) -> Any:
    return ";".join(map(str, value)) if isinstance(value, list) else value


FUNDING = ("funding_use", "requested_pence")


def lacks_an_answer(answers: Answers, needed: Sequence[str]) -> bool:
    """Whether a needed answer is blank, so that the list's columns are worth a look: the form lets nobody leave it out,
    but for what only a request for money says.
    """
    wants_money = Support.FINANCIAL in str(answers.get("support"))
    return any(answers.get(f) is None for f in needed if wants_money or f not in FUNDING)


class ListColumn(msgspec.Struct):
    """A column of a list, as Graph describes it."""

    name: str
    heading: str = msgspec.field(default="", name="displayName")
    hidden: bool = False
    is_read_only: bool = msgspec.field(default=False, name="readOnly")

    @property
    def is_a_question(self) -> bool:
        """Whether people made it: SharePoint's own are read-only or hidden, or always there."""
        return not (self.hidden or self.is_read_only or self.name in OWN_COLUMNS or self.name.startswith("_"))


OWN_COLUMNS = frozenset({"Title", "Attachments", "ContentType"})


@dataclass(frozen=True, kw_only=True)
class OddList:
    """A list whose columns are not those `cos provision` makes: somebody deleted one and made it again."""

    names: Sequence[str]
    headings: Headings

    def answers_of(self, fields: Mapping[str, Any], mapping: FormMapping) -> Answers | None:
        """As the module's, by the columns that were found; None where the item waits for a person's word, or is older
        than a column that was made again: its answer was deleted with the old column, and is on the record.
        """
        answers = read_row([_joined(fields.get(name)) for name in self.names], self.headings, mapping.required)
        made_again = [f for f in self.headings.columns if f in COLUMNS and COLUMNS[f] not in self.names]
        needed = [f for f in made_again if f in mapping.required]
        return None if answers is None or lacks_an_answer(answers, needed) else answers


def odd_list(columns: Sequence[ListColumn], questions: Questions, confirmed: Mapping[str, str]) -> OddList | None:
    """Which column holds which question, by internal name, else by heading; None where all are as they are made."""
    made = {column: field for field, column in COLUMNS.items()}
    there = [c for c in columns if c.is_a_question]
    if set(made) <= {c.name for c in there}:
        return None
    header = [questions.titles[made[c.name]][0] if c.name in made else c.heading for c in there]
    return OddList(names=[c.name for c in there], headings=questions.locate(header, confirmed))
