"""What no browser, no Microsoft and no proxy sends: answered 400 at the door, before a page trips over it."""

from __future__ import annotations

from aiohttp import web

CHARSETS = (None, "utf-8", "utf8")
READ = ("Authorization", "Content-Type", "Cookie", "Forwarded", "Host", "Origin", "X-Forwarded-For")
"""The headers that are read here; what a browser or proxy says in others is nothing to us."""

FORM = "application/x-www-form-urlencoded"


def is_well_formed(request: web.Request) -> bool:
    """Whether what is read of address and headers is text, and the body says a character set and kind we read."""
    said = [request.path_qs, *(line for name in READ for line in request.headers.getall(name, ()))]
    charset = request.charset
    return (
        all(map(_is_text, said))
        and (charset.casefold() if charset else None) in CHARSETS
        and not request.content_type.startswith("multipart/")
        and request.headers.get("Content-Encoding", "identity").casefold() == "identity"
    )


def is_form_readable(request: web.Request, body: bytes) -> bool:
    """Whether a form's body can be read as one; any other kind of body is its reader's to judge."""
    if request.content_type != FORM:
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return body.count(b"&") < MOST_FIELDS


MOST_FIELDS = 100


def _is_text(said: str) -> bool:
    """Bytes that are no UTF-8 come as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in said)
