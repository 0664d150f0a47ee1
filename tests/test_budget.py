"""A budget beyond its balance: per-school lines, forecast, money without a request, announced changes, reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from casework.budget_check import differences
from casework.budget_record import import_budget, position, waiting_pence
from casework.decide import decide
from casework.moderate import moderate
from casework.request_moves import pay_request, reopen_request
from casework.budget_moves import record_return
from casework.school_lines import school_lines
from communities.budget import SchoolAllocation
from communities.directory import Directory
from tests.conftest import Bench
from tests.test_moves import KCC, R1
from tests.test_record import a_budget, approve, arrive, chair, home, on_agenda, set_up

def allocation(school: str, **changed: Any) -> SchoolAllocation:
    values: dict[str, Any] = {
        "dfe": 1, "school": school, "phase": "PRI", "notional_budget_pence": 100_000, "notional_top_up_pence": 0,
        "automatic_payments_pence": 0, "automatic_payments": 0, "protected_payments_pence": 0,
        "protected_payments": 0, "agreed_payments_pence": 0, "agreed_pupils": 0, **changed,
    }  # fmt: skip
    return SchoolAllocation(**values)
