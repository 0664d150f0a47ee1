"""Who wrote something in SharePoint last: this application, or somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import mail_of


def application_of(identity: Mapping[str, Any] | None) -> str:
    """The id of the application in `createdBy` or `lastModifiedBy`, in small letters; '' where it names none."""
    return str(((identity or {}).get("application") or {}).get("id") or "").casefold()


def person_of(identity: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The person in it; empty where it names none. SharePoint's own 'SharePoint App' and 'System Account' stand there
    as users too, with neither id nor mail (SharePoint/sp-dev-docs issue 1213).
    """
    user = (identity or {}).get("user") or {}
    return user if user.get("id") or user.get("email") else {}


def is_applications(identity: Mapping[str, Any] | None) -> bool:
    """Whether an application wrote it and no person. What names nobody is no application's."""
    return bool(application_of(identity)) and not person_of(identity)


def is_own(identity: Mapping[str, Any] | None, application: str) -> bool:
    """Whether the application with that id wrote it and no person."""
    return is_applications(identity) and application_of(identity) == application.casefold()


async def mail_of_editor(desk: Desk, identity: Mapping[str, Any] | None) -> str:
    """The mail of the person in it, by what Graph or the record says; '' where nobody can be named."""
    person = person_of(identity)
    return await desk.run(SYSTEM, _mail, person) if person else ""


def _mail(work: Work, person: Mapping[str, Any]) -> str:
    return str(person.get("email") or mail_of(work, person.get("id", "")) or "")
