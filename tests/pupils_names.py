"""Where a child's name stands in what a year leaves behind: mails with what is attached, documents, lists, posts,
traffic, logs. Used by test_demo.
"""

from __future__ import annotations

import base64
import email
import io
import json
import re
import zipfile
from collections.abc import Iterator
from email import policy
from pathlib import Path
from typing import Any

_END, _TAG = re.compile(r"</(?:w:p|si|c|t)>"), re.compile(r"<[^>]*>")
_PARTS = re.compile(r"word/(document|header|footer|comments)[^/]*\.xml|xl/(sharedStrings|worksheets/.*)\.xml|docProps/")
WORD, EXCEL = ".docx", ".xlsx"


_DATE = re.compile(r"\b(?:\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d|\d{1,2} [A-Z][a-z]+ \d{4})\b")


def places_with(report: Path, names: set[str], born: set[str]) -> set[str]:
    """Each place (a file, an attachment, a kind of request) that holds one of the names or dates of birth."""
    lowered = [n.casefold() for n in names]

    def holds(text: str) -> bool:
        folded = text.casefold()
        return any(n in folded for n in lowered) or not born.isdisjoint(_DATE.findall(text))

    return {place for place, text in texts_of(report) if holds(text)}


def texts_of(report: Path) -> Iterator[tuple[str, str]]:
    """Every place with its text."""
    for file in sorted(p for p in report.rglob("*") if p.is_file()):
        place = str(file.relative_to(report))
        if file.suffix == ".eml":
            yield from _of_mail(place, file.read_bytes())
        elif file.name == "traffic.har":
            yield from _of_traffic(json.loads(file.read_text("utf-8")))
        else:
            yield place, _readable(file.name, file.read_bytes())


def _of_mail(place: str, content: bytes) -> Iterator[tuple[str, str]]:
    mail = email.message_from_bytes(content, policy=policy.default)
    bodies = [part.get_content() for kind in ("html", "plain") if (part := mail.get_body((kind,)))]
    yield place, " ".join([str(mail["Subject"]), str(mail["To"]), *bodies])
    for part in mail.iter_attachments():
        name = part.get_filename() or ""
        yield f"{place} > {name}", f"{name} {_readable(name, part.get_content())}"


def _of_traffic(har: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in har["log"]["entries"]:
        request, answer = entry["request"], entry["response"]["content"]["text"]
        where = re.sub(
            r"[0-9a-fA-F-]{30,}|AAMk\w+|b!\S+?(?=/)", "…", request["url"].partition("?")[0].partition("//")[2]
        )
        yield f"traffic: {request['method']} {where}", request["url"] + " " + _unpacked(request)
        yield f"traffic: answer to {request['method']} {where}", answer


def _unpacked(request: dict[str, Any]) -> str:
    """What was sent, with Word files that were attached read."""
    text = str(request.get("postData", {}).get("text", ""))
    attached = re.findall(r'"contentBytes"\s*:\s*"([A-Za-z0-9+/=]+)"', text)
    return text + " ".join(_readable("x.docx", base64.b64decode(a)) for a in attached)


def _readable(name: str, content: bytes | str) -> str:
    if isinstance(content, str):
        return content
    if name.endswith((WORD, EXCEL)) and content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = (
                archive.read(n).decode("utf-8", "replace") for n in archive.namelist() if n.endswith((".xml", ".rels"))
            )
            return " ".join(_TAG.sub("", _END.sub(" ", part)) for part in parts)
    return content.decode("utf-8", "replace")
