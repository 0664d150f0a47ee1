"""An approved financial decision goes to the Area HNFO with the completed form, within three working days."""

from __future__ import annotations

from datetime import date
from typing import Any

from casework.decide import decision_row
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.documents import restricted
from casework.effects import effect, is_overtaken
from casework.errors import NeedsAttention
from casework.intake_mail import from_desk
from casework.letters import forward_letter, spoken_day
from casework.ports import Attachment, MailDraft, Ports
from casework.pupils import as_written, read_pupils
from casework.request_record import perform, request_of, request_row
from casework.sealing import PupilData
from communities.calendars import london
from communities.clocks import forward_due_on
from communities.directory import Person
from communities.lifecycle import Move, State
from communities.money import pounds
from papers.request_form import TEMPLATE, FormSection, RequestForm, render_request_form
from papers.word import DOCX


@effect("mail.forward")
async def forward_request(desk: Desk, ports: Ports, subject: str) -> None:
    """Mail the completed form to the HNFO of the community area, then record that it went."""
    request_id = request_of(subject)
    found = await desk.run(SYSTEM, _form, request_id)
    if found is None or await desk.run(SYSTEM, is_overtaken, "mail.forward", subject):
        return  # the decision was taken back in the meantime
    form, hnfo, decided_on = found
    content = await restricted(TEMPLATE, render_request_form, form)
    draft = await desk.run(SYSTEM, _draft, subject, hnfo, decided_on, content)
    await ports.mail.send(draft)
    await desk.run(SYSTEM, _forwarded, request_id)


def _form(work: Work, request_id: str) -> tuple[RequestForm, str, date] | None:
    row, known = request_row(work, request_id), decision_row(work, request_id)
    if known.round != row.round:
        return None
    hnfo = directory_of(work).hnfo_for(row.community)
    if hnfo is None:
        raise NeedsAttention(
            f"No High Needs Funding Officer is in the directory for {row.community}: import the people."
        )
    data = read_pupils(work, request_id, "for the completed request form to the HNFO")
    decided_on = london(known.decided_at).date()
    return completed_form(row, known, data, hnfo), hnfo.mail, decided_on


def completed_form(row: Any, known: Any, data: PupilData, hnfo: Person) -> RequestForm:
    """The form's three sections as the slide prints them; KCC's is left to fill in."""
    said = as_written(row, data)
    names = "\n".join(
        f"{p.name}, born {date.fromisoformat(p.born):%d/%m/%Y}" if p.born else p.name for p in data.pupils
    )
    return RequestForm(
        number=row.id,
        school=row.school,
        sections=(
            FormSection(
                title="School section",
                rows=(
                    ("Request ID", row.id),
                    ("Date of request", spoken_day(london(row.submitted_at).date())),
                    ("Name of Community", row.community),
                    ("Name of School / Lead School", row.school),
                    ("School contact (in case of queries)", said["contact"]),
                    ("Multi Academy Trust / Federation", said["trust"] or "–"),
                    ("Solution required", said["solution"]),
                    ("Expected outcomes", said["outcomes"]),
                    ("Support requested", ", ".join(said["support"])),
                    ("Names of pupils supported & Date of Birth", names or data.written or "–"),
                    ("Number of pupils on SEN Support", str(said["sen_support"])),
                    ("Number of pupils with an EHCP", str(said["ehcp"])),
                    ("Number Looked After Child", str(said["looked_after"])),
                    ("Which Key Stage", ", ".join(said["key_stages"])),
                    ("How will the funding be used?", said["funding_use"] or "–"),
                    ("Total funding request", pounds(row.requested_pence) if row.requested_pence else "–"),
                    ("How have you already supported the pupils?", said["already_supported"]),
                    ("e Signature", said["signature"]),
                ),
            ),
            FormSection(
                title="CoS section",
                rows=(
                    ("Request response", ", ".join(known.responses)),
                    ("Details of support agreed", known.details or "–"),
                    ("Conditions", known.conditions or "–"),
                    ("Review date", f"{known.review_on:%d/%m/%Y}" if known.review_on else "–"),
                    ("Final amount approved", pounds(known.amount_pence)),
                    ("Date approved", spoken_day(london(known.decided_at).date())),
                    ("Decision made by", known.made_by),
                    ("Area High Needs Funding Officer", f"{hnfo.of}: {hnfo.mail}"),
                ),
            ),
            FormSection(
                title="KCC section",
                rows=(
                    ("Final amount", ""),
                    ("KCC moderated (yes / no)", ""),
                    ("Moderated / approved by", ""),
                    ("Request processed (date)", ""),
                ),
            ),
        ),
    )


def _draft(work: Work, subject: str, hnfo: str, decided_on: date, content: bytes) -> MailDraft:
    request_id = request_of(subject)
    row, known = request_row(work, request_id), decision_row(work, request_id)
    letter = forward_letter(
        request_id,
        row.school,
        row.community,
        known.amount_pence,
        decided_on,
        forward_due_on(decided_on, work.desk.days),
    )
    attachment = Attachment(name=f"{request_id} Request for Support.docx", content_type=DOCX, content=content)
    return from_desk(work, f"forward:{subject}", [hnfo], letter, [attachment])


def _forwarded(work: Work, request_id: str) -> None:
    if request_row(work, request_id).state == State.DECIDED:  # not on a second run, or where KCC was faster
        perform(work, request_id, Move.FORWARD, SYSTEM)
