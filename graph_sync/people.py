"""Who is who: the directory's mails matched to Entra ID by `mail` and `otherMails` (guests' UPNs are no addresses)."""

from __future__ import annotations

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of, remember_identities
from graph_sync.graph import Graph


async def match_people(desk: Desk, graph: Graph) -> int:
    """Remember the object ids of the directory's people; returns how many were new."""
    url = graph.url("users", query={"$select": "id,mail,userPrincipalName,otherMails", "$top": "999"})
    pairs = [
        (user["id"], mail)
        async for page in graph.pages(url)
        for user in page["value"]
        for mail in {user.get("mail") or user["userPrincipalName"], *user.get("otherMails", [])}
    ]
    return await desk.run(SYSTEM, _match, pairs)


def _match(work: Work, pairs: list[tuple[str, str]]) -> int:
    wanted = {p.mail.casefold() for p in directory_of(work).people}
    return remember_identities(work, [(oid, mail) for oid, mail in pairs if mail.casefold() in wanted])
