"""`cos ingest`: an exported Forms workbook, every response with its fate. No record, no tenant, little memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec

from communities.intake import Outcome, Reading
from forms_ingest.columns import load_mapping
from forms_ingest.request_for_support import FORM, hold_duplicates, read_response
from forms_ingest.workbook import read_file
from papers.directory_workbook import read_directory

Tell = Callable[[int], None]
TELL_EVERY = 500


def read_responses(file: Path, directory_bytes: bytes, directory_name: str, tell: Tell) -> Iterator[Reading]:
    """The readings, one by one; `tell` hears how many there were so far."""
    directory, _ = read_directory(directory_bytes, directory_name)
    rows, now = read_file(file, load_mapping(FORM)), datetime.now(UTC)

    def readings() -> Iterator[Reading]:
        for number, (_, answers) in enumerate(rows, 1):
            if number % TELL_EVERY == 0:
                tell(number)
            if reading := read_response(answers, directory, arrived_at=now):
                yield reading

    return hold_duplicates(readings())


def write_json(readings: Iterator[Reading], stream: TextIO) -> Counter[str]:
    """`{"responses": [...], "totals": {...}}`, written as it is read."""
    totals: Counter[str] = Counter()
    stream.write('{"responses": [')
    for number, reading in enumerate(readings):
        totals[reading.outcome.value] += 1
        stream.write(",\n" if number else "\n")
        json.dump(_shown(reading), stream, ensure_ascii=False)
    shown = {"received": totals.total(), **{o.value: totals[o.value] for o in Outcome}}
    stream.write(f'\n], "totals": {json.dumps(shown)}}}\n')
    return totals


def write_sentences(readings: Iterator[Reading], stream: TextIO) -> Counter[str]:
    """A line a response, what to mend and what was mended under it, and the totals last."""
    totals: Counter[str] = Counter()
    for reading in readings:
        totals[reading.outcome.value] += 1
        request = reading.submission
        where = f": {request.school}, {request.community}" if request else ""
        lines = [f"Response {reading.response_id}: {reading.outcome}{where}"]
        lines += [f"    mend: {reason}" for reason in reading.reasons]
        lines += [f"    mended: {mended}" for mended in reading.mended]
        stream.write("\n".join(lines) + "\n")
    stream.write(
        f"{totals.total()} responses: {totals['accepted']} accepted, {totals['refused']} refused, "
        f"{totals['held']} held for the clerk.\n"
    )
    return totals


def _shown(reading: Reading) -> dict[str, Any]:
    """A reading as scripts see it: pupils by number only."""
    request = None
    if reading.submission is not None:
        request = msgspec.to_builtins(reading.submission)
        request["pupils_named"] = len(request.pop("pupils"))
        del request["pupils_written"]
        request["verified"] = reading.submission.is_verified
        pence = request.pop("requested_pence")
        request["requested"] = None if pence is None else f"{pence // 100}.{pence % 100:02d}"
    return {
        "id": reading.response_id,
        "outcome": reading.outcome.value,
        "reasons": list(reading.reasons),
        "mended": list(reading.mended),
        "request": request,
    }
