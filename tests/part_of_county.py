"""How much of the sample county tests have: enough communities for every mistake, few enough for minutes."""

from __future__ import annotations

import os

COMMUNITIES = int(os.environ.get("COS_COMMUNITIES", "12"))
"""All 53 in `make test-all`."""
