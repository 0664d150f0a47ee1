"""Who asks, by address: the connection's other end, or what the outermost of our own proxies saw.

Whoever asks may write any header; what counts is what our proxies add after it, in lines of their own or in the same.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import web

CHARACTERS = 60


def address_of(request: web.Request, proxies: int) -> str:
    """The address limits are counted by.

    A proxy of ours writes `X-Forwarded-For` or `Forwarded`. Where a request has both and they differ, one is of whoever
    asks, and neither is believed.
    """
    own = _counted(request.remote or "")
    if not proxies:
        return own
    seen = (_x_forwarded_for(request), _forwarded(request))
    found = {_counted(hops[-proxies]) for hops in seen if len(hops) >= proxies}
    return found.pop() if len(found) == 1 else own


def _x_forwarded_for(request: web.Request) -> list[str]:
    lines = request.headers.getall("X-Forwarded-For", [])
    return [hop.strip() for hop in ",".join(lines).split(",") if hop.strip()]


def _forwarded(request: web.Request) -> list[str]:
    return [hop.get("for", "") for hop in request.forwarded]


def _counted(written: str) -> str:
    """An address without its port; of IPv6 the network, since one subscriber has all of its addresses."""
    address = _read(written)
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ip_network((address, 64), strict=False).network_address)
    return str(address)[:CHARACTERS]


def _read(written: str) -> IPv4Address | IPv6Address | str:
    bare = written.strip('"')
    host = bare[1:].partition("]")[0] if bare.startswith("[") else bare
    for candidate in (host, host.rpartition(":")[0]):
        try:
            return ip_address(candidate)
        except ValueError:
            continue
    return bare
