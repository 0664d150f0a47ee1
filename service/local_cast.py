"""Who can be played in the sample world: one person of each role, the same as long as it runs."""

from __future__ import annotations

from collections.abc import Iterator

from casework.desk import Work
from casework.directory_record import directory_of, object_id_of
from communities.directory import Directory, Person, Role
from sample_world.texts import texts
from service.playground import Persona


def cast_of(work: Work) -> list[Persona]:
    """The chosen persons of each role, then everybody else of the first one's community."""
    directory = directory_of(work)
    cast: dict[str, Persona] = {}
    for text in texts("cast", "persona"):
        found = directory.people_with(Role(text.about["role"]), text.about.get("of", ""))
        person = next((p for p in reversed(found) if p.mail not in cast), None)
        if person:
            cast[person.mail] = _persona(work, directory, person, text.about["try"])
    of = texts("cast", "persona")[0].about["of"]
    for person in directory.attendees_of(of):
        cast.setdefault(person.mail, _persona(work, directory, person, "help"))
    return list(cast.values())


def _persona(work: Work, directory: Directory, person: Person, try_: str) -> Persona:
    return Persona(
        name=person.name,
        mail=person.mail,
        object_id=object_id_of(work, person.mail) or "",
        what="; ".join(_roles(directory, person.mail)),
        try_=try_,
    )


def _roles(directory: Directory, mail: str) -> Iterator[str]:
    """`Clerk of ABC, Ashford Central 1 and 4 more`."""
    held: dict[Role, list[str]] = {}
    for person in directory.roles_of(mail):
        held.setdefault(person.role, []).append(person.of)
    for role, of in held.items():
        named = [o for o in of if o]
        more = f" and {len(named) - 2} more" if len(named) > 2 else ""
        yield f"{role} of {', '.join(named[:2])}{more}" if named else str(role)
