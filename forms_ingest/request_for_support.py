"""One response to the Request for Support form into a `Reading`, from whichever source it came.

The rules themselves (limits, what funding needs) stand in `communities.requests`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from communities.calendars import london
from communities.directory import Community, CommunityName, Directory, Mail, SchoolName
from communities.duplicates import duplicate_of, duplicate_sentence, fingerprint
from communities.intake import Outcome, Reading
from communities.matching import find_community, find_school, nearest_communities
from communities.requests import (
    ANONYMOUS,
    ATTACHMENTS,
    TITLES,
    KeyStage,
    Problem,
    Submission,
    Support,
    request_doubts,
    request_problems,
)
from forms_ingest.columns import Answers, Cell
from forms_ingest.pupils import read_pupils
from forms_ingest.values import (
    Notes,
    read_amount,
    read_choices,
    read_count,
    read_links,
    read_moment,
    read_text,
    shown,
)

FORM = "request-for-support"
COMPLETED = "completed"
HOW_TO_WRITE_TIMES = "Correct it in the workbook, like 05/10/2026 08:38; until then this response is on hold."
_ORDER = {field: place for place, field in enumerate((*TITLES, ATTACHMENTS, COMPLETED))}


def read_response(answers: Answers, directory: Directory, arrived_at: datetime) -> Reading | None:
    """Read one response; None where there is no whole-number Id, so that it is no response at all.

    Every problem is named, not only the first. `arrived_at` (UTC) stands in for a time that is not there; one that
    cannot be read is held for the clerk, as it decides for which meeting a request is in time.
    """
    if (response_id := _read_id(answers.get("id"))) is None:
        return None
    notes = Notes()
    texts = {field: read_text(answers.get(field)) for field in TITLES}
    sender = _read_sender(answers, notes)
    community = _read_community(texts["community"], directory, notes)
    school = _read_school(texts["school"], directory, community, notes)
    completed = read_text(answers.get("completed"))
    submitted_at = read_moment(answers.get("completed"))
    support = read_choices("support", answers.get("support"), Support, notes)
    submission = Submission(
        community=community.name if community else CommunityName(""),
        school=school or SchoolName(""),
        contact=texts["contact"],
        trust=texts["trust"],
        solution=texts["solution"],
        outcomes=texts["outcomes"],
        support=support,
        pupils=read_pupils(answers.get("pupils"), notes, london(arrived_at).date()),
        pupils_written=texts["pupils"],
        sen_support=read_count("sen_support", answers.get("sen_support"), notes),
        ehcp=read_count("ehcp", answers.get("ehcp"), notes),
        looked_after=read_count("looked_after", answers.get("looked_after"), notes),
        key_stages=read_choices("key_stages", answers.get("key_stages"), KeyStage, notes),
        funding_use=texts["funding_use"],
        requested_pence=read_amount("requested_pence", answers.get("requested_pence"), notes),
        already_supported=texts["already_supported"],
        signature=texts["signature"],
        sender=sender,
        sender_name=read_text(answers.get("sender_name")),
        submitted_at=submitted_at or arrived_at,
        attachments=read_links(ATTACHMENTS, answers.get(ATTACHMENTS), notes),
    )
    unread = {p.field for p in notes.problems}
    notes.problems += (p for p in request_problems(submission) if p.field not in unread)
    held = school is None and all(p.field == "school" for p in notes.problems) and _is_question(notes.problems)
    no_time = bool(completed) and submitted_at is None
    if no_time and not notes.problems:  # the sender cannot correct what Forms wrote
        notes.wrong(
            COMPLETED, f"The completion time '{shown(completed)}' cannot be read for certain. {HOW_TO_WRITE_TIMES}"
        )
        held = True
    outcome = Outcome.HELD if held else Outcome.REFUSED if notes.problems else Outcome.ACCEPTED
    return Reading(
        response_id=response_id,
        outcome=outcome,
        problems=tuple(sorted(notes.problems, key=lambda p: _ORDER[p.field])),
        doubts=tuple(
            request_doubts(len(submission.pupils), submission.sen_support, submission.ehcp, submission.looked_after)
        ),
        mended=tuple(notes.mended),
        submission=submission if outcome is Outcome.ACCEPTED else None,
        pupils_named=len(submission.pupils),
        sender=sender,
        community_written=texts["community"],
        content_hash=_content_hash(texts, completed if no_time else ""),
    )


def hold_duplicates(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Hold each accepted reading that probably repeats an earlier one of the same file."""
    sent: defaultdict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for reading in readings:
        if reading.submission is None:
            yield reading
            continue
        sent_at, earlier = reading.submission.submitted_at, sent[fingerprint(reading.submission)]
        found = duplicate_of(sent_at, earlier)
        earlier.append((reading.response_id, sent_at))
        if found is None:
            yield reading
            continue
        sentence = duplicate_sentence(f"response {found[0]}", found[1])
        yield replace(reading, outcome=Outcome.HELD, problems=(Problem(field="solution", sentence=sentence),))


def _is_question(problems: list[Problem]) -> bool:
    return any("could be" in p.sentence for p in problems)


def _read_id(cell: Cell) -> int | None:
    text = read_text(cell)
    return int(text) if text.isdecimal() else None


def _read_sender(answers: Answers, notes: Notes) -> Mail:
    sender = read_text(answers.get("sender"))
    if "@" in sender:
        return Mail(sender)
    notes.mended.append("The sender is not verified (the form was filled in without signing in); the clerk confirms it")
    return ANONYMOUS


def _read_community(written: str, directory: Directory, notes: Notes) -> Community | None:
    if not written:
        return None
    if found := find_community(written, directory):
        if written != found.name:
            notes.mend("community", f"'{shown(written)}' was read as '{found.name}'")
        return found
    meant = " or ".join(f"'{c.name}'" for c in nearest_communities(written, directory))
    hint = f" Did you mean {meant}?" if meant else ""
    notes.wrong("community", f"'{shown(written)}' is an unknown community.{hint} Choose one from the list.")
    return None


def _read_school(written: str, directory: Directory, community: Community | None, notes: Notes) -> SchoolName | None:
    if not written:
        return None
    match = find_school(written, directory, community.name if community else None)
    if match.school is None:
        names = ", ".join(f"'{s.name}' ({s.community})" for s in match.near)
        what = f"could be {names}; the clerk is asked" if names else "is not in the directory. Choose one from the list"
        notes.wrong("school", f"School '{shown(written)}' {what}.")
        return None
    if community and match.school.community != community.name:
        notes.wrong(
            "school",
            f"School '{match.school.name}' is not in '{community.name}'; it belongs to '{match.school.community}'. "
            "Mend the community or the school.",
        )
        return None
    if written != match.school.name:
        notes.mend("school", f"'{shown(written)}' was read as '{match.school.name}'")
    return match.school.name


_HASHED = tuple(f for f in sorted(TITLES) if f != "pupils")


def _content_hash(texts: Mapping[str, str], unread_time: str) -> str:
    """Over what was answered; the pupils' names go into it as a hash of their own. A time that could not be read
    counts, so that correcting it is news.
    """
    pupils = hashlib.sha256(texts["pupils"].encode()).hexdigest()
    return hashlib.sha256(
        "\x1f".join((*(f"{f}={texts[f]}" for f in _HASHED), pupils, *([unread_time] if unread_time else []))).encode()
    ).hexdigest()
