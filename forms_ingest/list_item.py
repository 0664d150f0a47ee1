"""A SharePoint list item's fields into the same answers a workbook row gives.

The columns' internal names are those `cos provision` makes from manifests/sharepoint.
"""

from __future__ import annotations

from collections.abc import Mapping

from forms_ingest.columns import Answers, Cell

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


def answers_of(fields: Mapping[str, Cell | list[str]]) -> Answers:
    """Answers from a list item's `fields`; several choices arrive as a list."""
    return {field: _joined(fields.get(column)) for field, column in COLUMNS.items()}


def _joined(value: Cell | list[str]) -> Cell:
    return ";".join(value) if isinstance(value, list) else value
