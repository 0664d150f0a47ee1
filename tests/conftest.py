"""What tests share, under one name; each subject has a file in `fixtures`."""

from __future__ import annotations

import logging

from service.logs import ENGINE
from tests.fixtures import SUBJECTS
from tests.fixtures.answers import submitted
from tests.fixtures.benches import KEY, SCHOOL_YEARS, START, Bench
from tests.fixtures.records import begun
from tests.fixtures.tenants import listening
from tests.fixtures.traffic import calls_of
from tests.fixtures.worlds import World, Worlds, begins
from tests.ports import free_port
from tests.statements import share_statements

__all__ = (
    "KEY", "SCHOOL_YEARS", "START", "Bench", "World", "Worlds", "begins", "begun", "calls_of", "free_port",
    "listening", "submitted",
)  # fmt: skip

pytest_plugins = SUBJECTS

logging.getLogger(ENGINE).addHandler(
    logging.NullHandler()
)  # else it keeps the first test's captured output for its own
share_statements()
