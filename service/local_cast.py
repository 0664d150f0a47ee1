"""Who can be played in the sample world."""

from __future__ import annotations

from casework.decide import waiting_for
from casework.desk import Work
from casework.directory_record import directory_of, object_id_of
from communities.directory import Role
from service.playground import Persona


def cast_of(work: Work) -> list[Persona]:
    """A community with requests to decide: its chair, its clerk, a SENCO, then everybody else who attends."""
    directory = directory_of(work)
    chairs = [p for p in directory.people if p.role is Role.CHAIR]
    chair = next((c for c in chairs if waiting_for(work, c.mail)), chairs[0])
    attendees = directory.attendees_of(chair.of)
    sencos = [p for p in attendees if p.role is Role.SENCO]
    leading = [chair, *(p for p in attendees if p.role is Role.CLERK), *sencos[:1]]
    everybody = [*leading, *(p for p in attendees if p not in leading)]
    return [
        Persona(name=p.name, mail=p.mail, object_id=object_id_of(work, p.mail) or "", what=f"{p.role} of {p.of}")
        for p in everybody
    ]
