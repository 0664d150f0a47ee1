"""What would hold the event loop without being part of a turn: garbage collection, and waiting for the interpreter.

Measured by `benchmarks.turns`: the longest callback of the loop fell from 75 to about 20 ms, an echo's from 50 to 18.
"""

from __future__ import annotations

import gc
import sys

THRESHOLDS = (300, 3, 3)
"""Often and little at a time: what fifty conversations leave behind is some ten thousand objects a second."""

SWITCH_S = 0.0005
"""The loop gets the interpreter back from a thread that computes after this long, not after Python's 5 ms."""


def shorten_pauses() -> None:
    """Call once everything is loaded: what stays for good (a few hundred thousand objects of Microsoft's SDKs alone) is
    looked through once and never again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    sys.setswitchinterval(SWITCH_S)
