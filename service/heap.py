"""What stays in memory for good is looked through by the garbage collector once, not at every full collection."""

from __future__ import annotations

import gc


def settle_heap() -> None:
    """Call once everything is loaded: a full collection then holds the event loop for milliseconds, not for a fifth of
    a second (measured by `benchmarks.turns`; the models of Microsoft's SDKs are a few hundred thousand objects).
    """
    gc.collect()
    gc.freeze()
