"""A SharePoint list item's fields into the same answers a workbook row gives.

The columns' internal names are those `cos provision` makes from manifests/sharepoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from forms_ingest.columns import Answers

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
    "ListFields", [(field, Any, msgspec.field(default=None, name=column)) for field, column in COLUMNS.items()]
)
"""An item's `fields` as they are decoded: a column of the list into the form's field, whatever stands in it."""


def answers_of(fields: Any) -> Answers:
    """Answers from a list item's decoded `ListFields`; several choices arrive as a list."""
    answers: dict[str, Any] = msgspec.structs.asdict(fields)
    if list in map(type, answers.values()):
        return {field: ";".join(map(str, v)) if isinstance(v, list) else v for field, v in answers.items()}
    return answers
