"""How long tests wait: for what must come, not for how fast it comes. Speed is measured in `benchmarks/`."""

from __future__ import annotations

PATIENCE_S = 300.0
"""Only what hangs takes so long, on however busy a machine."""
