"""What people write in free text is kept without a pupil's name or date of birth: every text of the record, but what is
sealed, has passed here. So nothing that is made of it later can name a child whom a form named.

Whose pupils are looked for: a request's own, where the text is about a request; else those of every request of the
community that is not forgotten. Adults of the directory keep their names; where many pupils are looked for, so does a
single word that is an adult's name as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

from casework.desk import Work
from casework.directory_record import directory_of
from casework.pupils import pupils_of, read_pupils
from communities.redaction import without_pupils
from communities.requests import Pupil
from papers.minutes_reading import WrittenMinutes

WHY = "to keep names out of what is written"


def masked_of_request(work: Work, request_id: str, text: str) -> str:
    """A text about a request, without its pupils."""
    return masker_of_request(work, request_id)(text)


def masker_of_request(work: Work, request_id: str) -> Callable[[str], str]:
    """The same for several texts: the pupils are opened once, and only where there is something to mask."""
    pupils = cache(lambda: read_pupils(work, request_id, WHY).pupils)

    def mask(text: str) -> str:
        return without_pupils(text, pupils(), (p.name for p in directory_of(work).people)) if text else text

    return mask


def masked_in(work: Work, communities: Iterable[str], text: str) -> str:
    """A text that people of these communities write and read, without the pupils of their requests."""
    return masker_in(work, communities)(text) if text else text


def masker_in(work: Work, communities: Iterable[str]) -> Callable[[str], str]:
    """The same for several texts, for which the pupils are looked up once."""
    pupils, adults = _pupils_in(work, communities), [p.name for p in directory_of(work).people]
    nearby = _adults_of(work, communities)
    return lambda text: without_pupils(text, pupils, adults, nearby)


def masked_minutes(work: Work, community: str, written: WrittenMinutes) -> WrittenMinutes:
    """Minutes as they were read from Word, for what is kept of them; the file itself stays as it is."""
    mask = masker_in(work, [community])
    return replace(
        written,
        notes={n: mask(text) for n, text in written.notes.items()},
        matters=tuple(map(mask, written.matters)),
        actions=tuple(replace(a, what=mask(a.what)) for a in written.actions),
    )


def names_a_pupil(work: Work, communities: Iterable[str], text: str) -> bool:
    """Whether a text names a pupil of these communities beyond doubt: by the whole name, or the date of birth. A single
    word of it may be anything's: a street's, a programme's.
    """
    pupils, adults = _pupils_in(work, communities), [p.name for p in directory_of(work).people]
    return without_pupils(text, pupils, adults, [p.name for p in pupils]) != text


def _pupils_in(work: Work, communities: Iterable[str]) -> list[Pupil]:
    return [pupil for community in dict.fromkeys(communities) for pupil in pupils_of(work, community, WHY)]


def _adults_of(work: Work, communities: Iterable[str]) -> list[str]:
    directory = directory_of(work)
    of = {name for c in communities for name in (c, *(s.name for s in directory.schools_of(c)))}
    return [p.name for p in directory.people if p.of in of]
