"""Files made to do harm: zips that lie, entities that grow, templates that count for ever. Each gets a sentence, within
five seconds and 400 MB.
"""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook

from papers.agenda import render_agenda
from papers.apart import render_apart
from papers.minutes_reading import MinutesUnreadable, read_minutes
from papers.sheets import WorkbookUnreadable, find_table, open_workbook
from papers.word import TemplateBroken, template
from papers.zips import MOST_MEMBERS, ZipRefused, check_zip
from tests.sample_papers import an_agenda

MB = 1_000_000
WITHIN_S, WITHIN_MB = 5.0, 400
WORKSHEET = "xl/worksheets/sheet1.xml"


@contextmanager
def in_time_and_memory() -> Iterator[None]:
    """What happens within computes for five seconds at most, and this process never has 400 MB more than before."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    assert time.process_time() - began < WITHIN_S
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < WITHIN_MB


def zipped(members: Mapping[str, bytes], times: int = 1) -> bytes:
    """A zip of these; the last is written as often as said, so that this process never holds it whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        *rest, last = members
        for name in rest:
            archive.writestr(name, members[name])
        with archive.open(last, "w", force_zip64=times > 2_000) as file:
            for _ in range(times):
                file.write(members[last])
    return out.getvalue()


@cache
def gigabyte(name: str) -> bytes:
    """A gigabyte of zeros under that name; the rest, where it is a worksheet's, is the workbook's."""
    rest = a_workbook(b"") if name == WORKSHEET else {}
    return zipped({**rest, name: b"0" * MB}, 1_000)


def lying(content: bytes, says: int) -> bytes:
    """The zip with every member saying that it is of that size, in both of its places."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members, at = archive.infolist(), archive.start_dir
    changed = bytearray(content)
    for member in members:
        struct.pack_into("<I", changed, member.header_offset + 22, says)
        struct.pack_into("<I", changed, at + 24, says)
        at += 46 + sum(struct.unpack_from("<HHH", content, at + 28))
    return bytes(changed)


def a_workbook(sheet: bytes, **more: bytes) -> dict[str, bytes]:
    """The members of a workbook Excel would open, with another worksheet, which comes last."""
    out = io.BytesIO()
    Workbook().save(out)
    with zipfile.ZipFile(out) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    del members[WORKSHEET]
    return {**members, **more, WORKSHEET: sheet}


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
XXE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    + SHEET % b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"ha" * 500 + b'">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"&a;") * 50) for n in range(9))
    + b"]>" + SHEET % b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a8;</t></is></c></row>'
)  # fmt: skip
FAR = SHEET % b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "a gigabyte of zeros, as it says": lambda: gigabyte(WORKSHEET),
    "a gigabyte of zeros that says a kilobyte": lambda: lying(gigabyte(WORKSHEET), 1_000),
    "a gigabyte claimed of nothing": lambda: lying(zipped(a_workbook(b"")), 999 * MB),
    "four gigabytes claimed": lambda: lying(zipped(a_workbook(b"")), 0xFFFFFFFF),
    "a hundred thousand parts": lambda: zipped(a_workbook(SHEET, **{f"x{n}": b"" for n in range(MOST_MEMBERS + 1)})),
    "a file of this machine as an entity": lambda: zipped(a_workbook(XXE)),
    "entities that grow": lambda: zipped(a_workbook(LAUGHS)),
    "one cell at the far end": lambda: zipped(a_workbook(FAR)),
    "macros": lambda: zipped(a_workbook(SHEET % b"", **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100})),
    "a link to another workbook": lambda: zipped(a_workbook(SHEET % b"", **{
        "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": b'<Relationships><Relationship Target="http://127.0.0.1:1/x" '
                                                         b'TargetMode="External"/></Relationships>'})),
    "cut in the middle": lambda: zipped(a_workbook(SHEET % b""))[:300],
    "names that climb": lambda: zipped({"../../etc/x": b"x", **a_workbook(SHEET % b"")}),
}  # fmt: skip


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_a_hostile_workbook_gets_a_sentence_or_is_read_as_empty(kind: str) -> None:
    content = WORKBOOKS[kind]()
    with in_time_and_memory(), pytest.raises(WorkbookUnreadable) as refused:
        list(find_table(content, "form.xlsx", {"a": "Alpha", "b": "Beta"}, ["a"]))
    assert str(refused.value).startswith("form.xlsx: ")
    assert "root:" not in str(refused.value)


def test_a_zip_that_is_as_it_says_is_taken() -> None:
    content = zipped({"a": b"1" * 70_000, "b": b"", "c": bytes(range(256)) * 300})
    assert check_zip(content, MB) == {"a", "b", "c"}
    with pytest.raises(ZipRefused, match="at most 0 MB are read"):
        check_zip(content, 1_000)
    open_workbook(zipped(a_workbook(SHEET % b"")), "form.xlsx")


def a_template(text: str) -> bytes:
    """A Word document with that in a paragraph."""
    document, out = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


NUMBERS = "range(99999)"
TEMPLATES: dict[str, Callable[[], bytes]] = {
    "loops in loops": lambda: a_template(
        f"{{% for a in {NUMBERS} %}}{{% for b in {NUMBERS} %}}{{% endfor %}}{{% endfor %}}"),
    "a text that doubles": lambda: a_template("{% set x = 'ha' * 10 ** 9 %}{{ x }}"),
    "a very wide text": lambda: a_template("{{ 'x' | center(3000000000) }}"),
    "a power": lambda: a_template("{{ 10 ** (10 ** 9) }}"),
    "the class of a text": lambda: a_template("{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    "the globals of a function": lambda: a_template("{{ cycler.__init__.__globals__.os.popen('id').read() }}"),
    "another file": lambda: a_template("{% include '/etc/passwd' %}"),
    "a format that looks inside": lambda: a_template("{{ '{0.__class__}'.format(community) }}"),
    "a tag that is none": lambda: a_template("{{ community"),
    "a name that is none": lambda: a_template("{{ comunity }}"),
    "a call of what is no function": lambda: a_template("{{ community() }}"),
    "recursion": lambda: a_template("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
    "no document": lambda: b"x",
    "a zip that lies": lambda: lying(template("agenda.docx"), 100),
    "a gigabyte of zeros": lambda: gigabyte("[Content_Types].xml"),
    "a zip of nothing": lambda: b"PK\x05\x06" + b"\0" * 18,
}  # fmt: skip


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_hostile_template_is_said_to_be_broken_in_time_and_touches_nothing(kind: str) -> None:
    with pytest.raises(TemplateBroken) as refused:
        render_apart(render_agenda, an_agenda("text"), TEMPLATES[kind]())
    said = str(refused.value)
    assert said
    assert not any(told in said for told in ("root:", "uid=", "Traceback", "site-packages", "object at 0x"))


@pytest.mark.long
def test_no_hostile_template_takes_400_mb() -> None:
    """In a process of its own: of children only the largest of all is known."""
    script = (
        "import resource\n"
        "from tests.test_hostile_files import TEMPLATES, TemplateBroken, an_agenda, render_agenda, render_apart\n"
        "for kind, own in TEMPLATES.items():\n"
        "    try:\n        render_apart(render_agenda, an_agenda('text'), own())\n"
        "    except TemplateBroken:\n        pass\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-P", "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) / 1024 < WITHIN_MB


def test_a_template_of_ones_own_that_is_good_gives_the_same_document_as_in_this_process() -> None:
    own, paper = template("agenda.docx"), an_agenda("text")
    assert render_apart(render_agenda, paper, own) == render_agenda(paper, own)


@pytest.mark.parametrize("kind", ["no document", "a zip that lies", "a gigabyte of zeros", "a zip of nothing"])
def test_hostile_minutes_get_a_sentence(kind: str) -> None:
    content = TEMPLATES[kind]()
    with in_time_and_memory(), pytest.raises(MinutesUnreadable):
        read_minutes(content, ["Welcome"])
