"""`cos ingest`: an exported Forms workbook, every response with its fate. No record, no tenant, little memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec

from casework.errors import InputRefused
from communities.headings import own_key, question_named
from communities.intake import Outcome, Reading
from forms_ingest.columns import FormMapping, load_mapping
from forms_ingest.request_for_support import FORM, hold_duplicates, read_response
from forms_ingest.workbook import Gathered, open_settled
from papers.directory_workbook import read_directory
from papers.sheets import read_bytes

Tell = Callable[[int], None]
TELL_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class Responses:
    """The readings, one by one, and what stands out about the workbook's headings."""

    readings: Iterator[Reading]
    headings: tuple[str, ...]


def read_responses(
    file: Path, directory_bytes: bytes, directory_name: str, tell: Tell, headings: Sequence[str] = ()
) -> Responses:
    """What a workbook holds; `tell` hears how many responses were read so far.

    `headings` are what somebody says of headings, each 'HEADING=QUESTION'; without a question it is none of the form's.
    Raises `InputRefused`, `WorkbookUnreadable`.
    """
    directory, _ = read_directory(directory_bytes, directory_name)
    mapping, now = load_mapping(FORM), datetime.now(UTC)
    found = open_settled(read_bytes(file), file.name, mapping, _confirmed(mapping, headings))

    def readings() -> Iterator[Reading]:
        for number, (_, answers) in enumerate(found.rows, 1):
            if number % TELL_EVERY == 0:
                tell(number)
            if reading := read_response(answers, directory, arrived_at=now):
                yield reading

    return Responses(readings=hold_duplicates(readings()), headings=_stands_out(mapping, found))


def _stands_out(mapping: FormMapping, found: Gathered) -> tuple[str, ...]:
    first, *others = [f"'{sheet.name}'" for sheet in found.sheets]
    said = mapping.questions.said_of(found.sheets[0].headings)
    if others:
        also = ", ".join(others)
        said += (f"Responses are also in {also}. Each is taken once; where they differ, the sheet {first} counts.",)
    unread = (f"The sheet '{s.name}' has other responses under the same numbers: it is not read." for s in found.apart)
    return (*said, *unread)


def _confirmed(mapping: FormMapping, said: Sequence[str]) -> dict[str, str]:
    titles = {field: title for field, (title, *_) in mapping.questions.titles.items()}
    confirmed: dict[str, str] = {}
    for one in said:
        heading, is_there, question = one.rpartition("=")
        field = question_named(titles, question.strip()) if question.strip() else ""
        if not is_there or field is None:
            asked = ", ".join(f"'{title}'" for title in titles.values())
            raise InputRefused(f"'{one}' is not HEADING=QUESTION. The questions are: {asked}.")
        confirmed[own_key(heading)] = field
    return confirmed


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
